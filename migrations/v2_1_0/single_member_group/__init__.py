"""Report sync groups with one member, which 2.1.0 removes (up to 2.2.2, commit 21cb73d0)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import report_lone_groups

ID = "v2_1_0/single_member_group"
# From here on such a group stays, with a warning.
KEPT = Release(2, 2, 3)


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Name each group that the target takes away."""
    if context.target < KEPT:
        yield from report_lone_groups(config, context.target, ID)


MIGRATION = Migration(
    id=ID,
    release=Release(2, 1, 0),
    covers=(("sync-group-one-member", "2.1.0"),),
    area="vrrp",
    kind="reports",
    summary="Report sync groups with one member, which are removed.",
    run=migrate,
)
