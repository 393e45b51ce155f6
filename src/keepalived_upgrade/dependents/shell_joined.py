"""Shell scripts that source others, followed as one text: a name set in one file is compared in another.

A program and all that it sources are joined to one text, which is what the shell makes of them, and followed as one
script; see `agreement` for files that several programs source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from keepalived_upgrade.dependents.agreement import Find, Followed, agree, follow_apart, programs_of
from keepalived_upgrade.dependents.leads import SYSTEM, may_source, path_speller, sourced_paths
from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Place

# Between two files, so that the last command of one is followed by nothing that the other does.
_BETWEEN = b"\nexit\n"
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Part:
    """A file in a joined text: the byte and the line (from 0) at which it begins there."""

    path: str
    start: int
    line: int


def follow_sourced(texts: Mapping[str, bytes], shells: set[str], names: Names, find: Find) -> dict[str, FollowResult]:
    """Follow names through shell scripts that source others. Raises nothing.

    texts: all files that depend on the configuration; shells: those of them that are programs of a shell.
    Gives the results of the files that stand in such a group, and that are not to be followed alone then.
    """
    reads = {path: _sourced(path, texts, find) for path in shells}
    pending = [one for found in reads.values() for one in found]
    while pending:
        path = pending.pop()
        if path not in reads:
            reads[path] = _sourced(path, texts, find)
            pending += reads[path]
    wanted = mention_pattern(names)
    done = []
    for paths in programs_of(reads, lambda path: wanted.search(texts[path]) is not None):
        size = sum(len(texts[path]) for path in paths)
        if len(paths) > 1 or may_source(texts[paths[0]]):
            followed = _follow(paths, texts, names, find) if size <= _MOST_BYTES else None
            done.append(followed or follow_apart(paths, texts, names))
    return agree(done, texts, names, "names/shell")


def _sourced(path: str, texts: Mapping[str, bytes], find: Find) -> tuple[str, ...]:
    found = (find(named) for named in sourced_paths(path, texts[path]))
    return tuple(dict.fromkeys(one for one in found if one and one != path))


def _follow(paths: tuple[str, ...], texts: Mapping[str, bytes], names: Names, find: Find) -> Followed | None:
    """Follow a program with all it sources; None where one of the files cannot be read by itself."""
    from keepalived_upgrade.dependents.shell import follow_shell
    from keepalived_upgrade.dependents.shell_constants import unread_values
    from keepalived_upgrade.dependents.shell_tree import parse_shell

    parts: list[_Part] = []
    joined = b""
    for path in paths:
        if len(paths) > 1 and parse_shell(texts[path]).has_error:
            return None
        joined += _BETWEEN if parts else b""
        parts.append(_Part(path, len(joined), joined.count(b"\n")))
        joined += _without_sourcing(path, texts[path], names, find)

    def place(line: int) -> str:
        part = _part_at(parts, line=line - 1)
        return f"line {line - part.line}" + (f" of {part.path}" if len(parts) > 1 else "")

    result = follow_shell(paths[0], joined, names, place)
    edits = {(edit.start, edit.end): _move(edit, parts) for edit in result.edits}
    followed = Followed(paths, set(edits.values()))
    followed.groups += (frozenset(edits[span] for span in group if span in edits) for group in result.together)
    for finding in result.findings:
        part = _part_at(parts, line=finding.place.line - 1)
        moved = Place(part.path, finding.place.line - part.line, finding.place.column)
        followed.findings.append(replace(finding, place=moved))
    for start, end in unread_values(parse_shell(joined), joined, names):
        part = _part_at(parts, at=start)
        followed.unread.append((part.path, start - part.start, end - part.start))
    return followed


def _part_at(parts: list[_Part], *, at: int = -1, line: int = -1) -> _Part:
    return next((part for part in reversed(parts) if part.start <= at or part.line <= line), parts[0])


def _move(edit: Edit, parts: list[_Part]) -> Edit:
    part = _part_at(parts, at=edit.start)
    return replace(edit, path=part.path, start=edit.start - part.start, end=edit.end - part.start)


def _without_sourcing(path: str, text: bytes, names: Names, find: Find) -> bytes:
    """Give the text with a `:` in place of each command that sources what is known; every byte keeps its place.

    What is not there sources nothing, and what the system brings knows none of our names.
    """
    from keepalived_upgrade.dependents.shell_tree import parse_shell, text_of, walk

    spell = path_speller(path, text)
    changed = bytearray(text)
    mentions = mention_pattern(names)
    for node in walk(parse_shell(text)):
        if node.type != "command" or text_of(node.children[0]) not in (b".", b"source"):
            continue
        word = node.child_by_field_name("argument")
        spelled = spell(text_of(word)) if word is not None else ()
        known = bool(spelled) and all(one.startswith(SYSTEM) or find(one) is not None for one in spelled)
        if known and not mentions.search(text_of(node)) and b"\n" not in text_of(node):
            changed[node.start_byte : node.end_byte] = b":".ljust(node.end_byte - node.start_byte)
    return bytes(changed)
