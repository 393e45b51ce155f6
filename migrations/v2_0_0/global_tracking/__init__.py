"""Rename global_tracking to sync_group_tracking_weight in vrrp_sync_group (2.0.0, commit 4d10dd9b).

Both set the same flag; the old word is an error for `keepalived -t`."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import remove_lines, replace_word

ID = "v2_0_0/global_tracking"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Rename each global_tracking, or remove it where the new word stands beside it."""
    for group in config.tree.find_all(b"vrrp_sync_group"):
        has_new = group.find(b"sync_group_tracking_weight") is not None
        for line in group.find_all(b"global_tracking"):
            if has_new:
                yield remove_lines(config.tree, line, ID, "sync_group_tracking_weight says the same.")
                continue
            has_new = True
            reason = "global_tracking is called sync_group_tracking_weight from 2.0.0."
            yield replace_word(line, line.words[0], b"sync_group_tracking_weight", ID, reason)


MIGRATION = Migration(
    id=ID,
    release=Release(2, 0, 0),
    covers=(("global-tracking-deprecated", "2.0.0"),),
    area="vrrp",
    kind="rewrites",
    summary="Rename global_tracking to sync_group_tracking_weight.",
    run=migrate,
)
