"""Report unicast VRRPv3 over IPv4, whose checksum changed (1.3.7, commit bcf29363)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import families_of, speaks_v3
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import show

ID = "v1_3_7/v3_unicast_checksum"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Name each instance whose adverts an old peer would refuse."""
    for instance in config.instances():
        if not instance.lines_in(b"unicast_peer") or families_of(instance) != {4} or not speaks_v3(config, instance):
            continue
        yield Finding(
            f"{ID}/checksum",
            Severity.REVIEW,
            instance.place,
            f"{show(b' '.join(instance.args))} speaks VRRPv3 to unicast peers: from 1.3.7 the checksum covers the real "
            "addresses, and a router with an older release drops such adverts",
            "Upgrade the backup first: a new router that hears an old one adapts to it.",
        )


MIGRATION = Migration(
    id=ID,
    release=Release(1, 3, 7),
    covers=(("v3-unicast-checksum", "1.3.7"),),
    area="wire",
    kind="reports",
    summary="Report unicast VRRPv3 instances, whose checksum changed.",
    run=migrate,
)
