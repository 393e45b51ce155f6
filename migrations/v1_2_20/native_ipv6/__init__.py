"""Drop native_ipv6 where the addresses say the same (1.2.20).

From 1.2.20 the family follows the first of native_ipv6, source address, peer and virtual_ipaddress line."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome, Together
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import families_of
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import remove_lines, show

ID = "v1_2_20/native_ipv6"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Remove it from instances with IPv6 addresses alone; mixed ones belong to mixed_families."""
    for instance in config.instances():
        native = instance.find_all(b"native_ipv6")
        if not native or families_of(instance) != {6}:
            continue
        reason = "The IPv6 addresses say so themselves from 1.2.20."
        removed = [remove_lines(config.tree, line, ID, reason) for line in native]
        adverts = Finding(
            f"{ID}/adverts",
            Severity.REVIEW,
            instance.place,
            f"{show(b' '.join(instance.args))} sends VRRPv3 adverts from 1.2.20 on; routers with older releases do not "
            "understand them, and both sides become master",
            "Upgrade all routers of this instance in one go.",
        )
        yield Together(instance.place, (*removed, adverts))


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(("native-ipv6-forces-vrrp3", "1.2.20"),),
    area="vrrp",
    kind="rewrites",
    summary="Drop native_ipv6 where the addresses say the same.",
    run=migrate,
)
