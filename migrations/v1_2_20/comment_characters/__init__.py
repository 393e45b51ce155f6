"""Quote words that hold `#` or `!` (1.2.20).

Up to 1.2.19 these begin a comment at the start of a word only; from 1.2.20 anywhere outside quotes."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import show

ID = "v1_2_20/comment_characters"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Quote each such word. Runs last of its release: from then on the text reads by the new rules."""
    for statement in config.tree.walk():
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
