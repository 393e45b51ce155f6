"""What migrations share: edits of words and lines, with the reason given where an edit cannot be made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement, Tree, Word
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.references import lone_groups
from keepalived_upgrade.releases import Release

_NEEDS_QUOTES = frozenset(b" \t#!{}")
_COMMENT = re.compile(rb"[ \t]*[#!]")


def quote_word(value: bytes) -> bytes:
    """Give the word as every release from 1.2.20 reads it alike: quoted where a character asks for it."""
    return b'"' + value + b'"' if not value or _NEEDS_QUOTES & frozenset(value) else value


def replace_word(statement: Statement, word: Word, new: bytes, migration: str, reason: str) -> Edit | Finding:
    """Give the edit that makes a word say `new` (bytes as they shall stand there), or why it cannot be made."""
    if not word.literal or statement.repeated:
        return not_editable(statement, migration, new)
    return Edit(word.path, word.start, word.end, new, migration, reason)


def not_editable(statement: Statement, migration: str, new: bytes) -> Finding:
    """Give the decision for a statement that is not written here as it is read."""
    why = statement.why or "the line is read more than once"
    return Finding(
        f"{migration}/not-editable",
        Severity.DECISION,
        statement.place,
        f"{show(statement.text)} must change, but {why}; a change here could change more",
        f"Write it out where it is used, with {show(new)}."
        if new
        else "Write it out where it is used, then run again.",
    )


def whole_lines(tree: Tree, statement: Statement) -> tuple[int, int] | None:
    """Give the span of the lines that hold this statement, its block and nothing else; None where they share a line."""
    source = tree.sources[statement.path]
    start, last, end = statement.line_start, statement.end, statement.line_end
    if statement.has_block:
        if not statement.closes_here:
            return None
        last = statement.close + 1
        end = source.find(b"\n", last) + 1 or len(source)
    rest = source[last:end].strip()
    if (rest and not _COMMENT.match(rest)) or source[start : statement.start].strip():
        return None
    return start, end


def with_comments(tree: Tree, statement: Statement) -> tuple[int, int] | None:
    """Give the span of whole_lines with the comment lines directly above; None where others share a line."""
    span = whole_lines(tree, statement)
    if span is None:
        return None
    source = tree.sources[statement.path]
    start, end = span
    while start > 0:
        above = source.rfind(b"\n", 0, start - 1) + 1
        if not _COMMENT.match(source[above:start]):
            break
        start = above
    return start, end


def remove_lines(tree: Tree, statement: Statement, migration: str, reason: str) -> Edit | Finding:
    """Give the edit that removes a statement with its block and its lines, or why it cannot be made."""
    if statement.repeated or (not statement.literal and statement.why.startswith("it comes")):
        return not_editable(statement, migration, b"")
    if statement.has_block and not statement.closes_here:
        return not_editable(statement, migration, b"")
    span = whole_lines(tree, statement)
    if span is None:
        span = statement.start, (statement.close + 1 if statement.has_block else statement.end)
    return Edit(statement.path, *span, b"", migration, reason)


def indent_of(tree: Tree, statement: Statement) -> bytes:
    """Give the blanks before a statement on its line."""
    before = tree.sources[statement.path][statement.line_start : statement.start]
    return before if not before.strip() else b""


def members_between(tree: Tree, line: Statement) -> bytes:
    """Give what stands between members of a sync group: a line break where each has a line of its own, else a blank."""
    if len(line.words) == 1 and not tree.sources[line.path][line.line_start : line.start].strip():
        return line_end_of(tree, line.path) + indent_of(tree, line)
    return b" "


def line_end_of(tree: Tree, path: str) -> bytes:
    """Give the line break a file uses."""
    return b"\r\n" if b"\r\n" in tree.sources[path] else b"\n"


def show(value: bytes) -> str:
    """Give bytes for a message: control characters and what is no UTF-8 escaped."""
    text = value.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def report_lone_groups(config: Config, target: Release, migration: str) -> Iterator[Finding]:
    """Name each sync group that the target removes since it has one member, with what goes with it."""
    for group, member in lone_groups(config):
        gone = [line.keyword for line in group.children if line.keyword != b"group"]
        name, instance = show(group.args[0]), show(member)
        what = f"its {show(b', '.join(dict.fromkeys(gone)))} with it" if gone else "nothing else of it is lost"
        yield Finding(
            f"{migration}/removed",
            Severity.DECISION if gone else Severity.INFO,
            group.place,
            f"the sync group {name} has one member, {instance}, and {target} removes such a group: {what}",
            f"Move the lines into {instance} and delete {name}. Their scripts are then called with INSTANCE {instance} "
            f"and its priority instead of GROUP {name} 0; and scripts with weights, which a group without "
            "global_tracking ignores, count again."
            if gone
            else f"Delete {name}.",
        )
