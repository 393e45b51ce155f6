"""Rename nb_get_retry to retry in HTTP_GET and SSL_GET (2.0.15, commit 6754ffcd).

`retry` is known there since 1.3.9, so every target of this pass has it."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import remove_lines, replace_word

ID = "v2_0_15/nb_get_retry"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Rename each nb_get_retry; where `retry` stands there too, the later line is the one that counts."""
    for checker in config.tree.walk():
        if checker.keyword not in (b"HTTP_GET", b"SSL_GET"):
            continue
        counts = checker.find(b"retry", b"nb_get_retry")
        for line in checker.find_all(b"nb_get_retry"):
            if line is counts:
                yield replace_word(line, line.words[0], b"retry", ID, "nb_get_retry is called retry.")
            else:
                yield remove_lines(config.tree, line, ID, "A later line of the checker overrides this one.")


MIGRATION = Migration(
    id=ID,
    release=Release(2, 0, 15),
    covers=(("nb-get-retry", "2.0.15"),),
    area="checkers",
    kind="rewrites",
    summary="Rename nb_get_retry to retry.",
    run=migrate,
)
