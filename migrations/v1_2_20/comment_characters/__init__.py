"""Quote words that hold `#` or `!` (1.2.20).

Up to 1.2.19 these begin a comment at the start of a word only; from 1.2.20 anywhere outside quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import show

ID = "v1_2_20/comment_characters"
_CLOSED_BEHIND = re.compile(rb'\s*[#!][^"\n]*"')


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Quote each such word. Runs last of its release: from then on the text reads by the new rules."""
    for statement in config.tree.walk():
        if statement.literal and _is_cut(config, statement):
            yield Finding(
                f"{ID}/comment-in-quotes",
                Severity.DECISION,
                statement.place,
                f"{show(statement.keyword)} has a word that begins with # or ! inside quotes: 1.2.19 and before take "
                "it, the rest of the line and the word in front of it for a comment; from 1.2.20 all of it is read",
                "Write what is meant, then accept this finding.",
            )
        for word in statement.words:
            if not (b"#" in word.value or b"!" in word.value) or word.quoted:
                continue
            if b'"' in word.value or statement.repeated:
                yield Finding(
                    f"{ID}/cannot-quote",
                    Severity.DECISION,
                    statement.place,
                    f"{show(statement.keyword)} has a word with # or ! that cannot be quoted here",
                    "Write the word without these characters, on all routers.",
                )
                continue
            reason = "From 1.2.20 an unquoted # or ! begins a comment anywhere."
            yield Edit(word.path, word.start, word.end, b'"' + word.value + b'"', ID, reason)


def _is_cut(config: Config, statement: Statement) -> bool:
    """Tell whether a comment of the old release begins inside a quoted text, which ends behind it."""
    source = config.tree.sources[statement.path]
    read, rest = source[statement.start : statement.end], source[statement.end : statement.line_end]
    return read.count(b'"') % 2 == 1 and _CLOSED_BEHIND.match(rest) is not None


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(("comment-char-inside-word", "1.2.20"),),
    area="parser",
    kind="rewrites",
    summary="Quote words that hold # or !.",
    run=migrate,
    last=True,
)
