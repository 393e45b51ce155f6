"""What migrations share: edits of words and lines, with the reason given where an edit cannot be made."""

from __future__ import annotations

from keepalived_upgrade.conf.tree import Statement, Tree, Word
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity

_NEEDS_QUOTES = frozenset(b" \t#!{}")


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
    start, end = statement.line_start, statement.line_end
    if statement.has_block:
        if statement.close < 0 or statement.close_path != statement.path:
            return None
        stop = source.find(b"\n", statement.close)
        end = len(source) if stop < 0 else stop + 1
        rest = source[statement.close + 1 : end].strip()
        if rest and rest[:1] not in b"#!":
            return None
    else:
        rest = source[statement.end : end].strip()
        if rest and rest[:1] not in b"#!":
            return None
    return (start, end) if not source[start : statement.start].strip() else None


def remove_lines(tree: Tree, statement: Statement, migration: str, reason: str) -> Edit | Finding:
    """Give the edit that removes a statement with its block and its lines, or why it cannot be made."""
    if statement.repeated or (not statement.literal and statement.why.startswith("it comes")):
        return not_editable(statement, migration, b"")
    span = whole_lines(tree, statement)
    if span is None:
        end = statement.close + 1 if statement.has_block else statement.end
        if statement.has_block and (statement.close < 0 or statement.close_path != statement.path):
            return not_editable(statement, migration, b"")
        return Edit(statement.path, statement.start, end, b"", migration, reason)
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
