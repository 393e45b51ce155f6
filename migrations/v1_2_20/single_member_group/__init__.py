"""Report sync groups with one member, which 1.2.20 removes (up to 1.3.9, commit 978620fa)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import report_lone_groups

ID = "v1_2_20/single_member_group"
# From here on such a group stays, with a warning.
KEPT = Release(1, 4, 0)


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Name each group that the target takes away."""
    if context.target < KEPT:
        yield from report_lone_groups(config, context.target, ID)


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(("sync-group-single-member", "1.2.20"),),
    area="vrrp",
    kind="reports",
    summary="Report sync groups with one member, which are removed.",
    run=migrate,
)
