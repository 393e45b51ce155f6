"""Remove authentication from instances that speak VRRPv3 (1.2.20).

VRRPv3 has none (RFC 5798); from 1.2.20 it is ignored with a message, and refused in strict mode."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import speaks_v3
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import remove_lines

ID = "v1_2_20/authentication"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Remove the block with its lines from IPv6 and version 3 instances; an IPv4 one with version 2 keeps it."""
    for instance in config.instances():
        if not speaks_v3(config, instance):
            continue
        for block in instance.find_all(b"authentication"):
            yield remove_lines(config.tree, block, ID, "VRRPv3 has no authentication; the block is ignored.")


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(("auth-with-v3-or-ipv6", "1.2.20"),),
    area="vrrp",
    kind="rewrites",
    summary="Remove authentication from instances that speak VRRPv3.",
    run=migrate,
)
