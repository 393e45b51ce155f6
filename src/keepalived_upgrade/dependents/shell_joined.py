"""Shell scripts that source others, followed as one text: a name set in one file is compared in another.

A program and all that it sources are joined to one text, which is what the shell makes of them, and followed as one
script. A file that several programs source is changed only where all of them agree; what changes together in several
files (a constant and its tests) changes in all of them or in none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from keepalived_upgrade.dependents.leads import SYSTEM, path_speller, sourced_paths
from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Place, Severity

# Between two files, so that the last command of one is followed by nothing that the other does.
_BETWEEN = b"\nexit\n"
_IGNORED = b"keepalived-upgrade: ignore"
_ASSIGNS = re.compile(rb"\s*(?:(?:export|readonly|declare|typeset)\s+(?:-\w+\s+)*)?\w+=")
_MOST_BYTES = 4 * 1024 * 1024

Find = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A file in a joined text: the byte and the line (from 0) at which it begins there, and its length."""

    path: str
    start: int
    line: int
    source: bytes


@dataclass(slots=True)
class _Followed:
    """What following one program with all it sources gives, in terms of the files.

    unread: spans that nothing in this program reads, so that it has no say in them.
    """

    paths: tuple[str, ...]
    edits: set[Edit] = field(default_factory=set)
    groups: list[frozenset[Edit]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unread: list[tuple[str, int, int]] = field(default_factory=list)


def follow_sourced(texts: Mapping[str, bytes], shells: set[str], names: Names, find: Find) -> dict[str, FollowResult]:
    """Follow names through shell scripts that source others. Raises nothing.

    texts: all files that depend on the configuration; shells: those of them that are programs of a shell. find: gives
    the key in texts of a path that a script names, "" where nothing is there, None for a file that is not among them.
    Gives the results of the files that stand in such a group, and that are not to be followed alone then.
    """
    sources = {path: _sourced(path, texts, find) for path in shells}
    for path in {one for found in sources.values() for one in found} - shells:
        sources[path] = _sourced(path, texts, find)
    wanted = mention_pattern(names)
    done: list[_Followed] = []
    for program in _programs(sources):
        paths = _closure(program, sources)
        speaks = re.search(rb"(?<![\w./])(?:\.|source)[ \t]", texts[program]) is not None
        mentioned = any(wanted.search(texts[path]) for path in paths)
        if not (mentioned and (speaks or len(paths) > 1)) or sum(len(texts[path]) for path in paths) > _MOST_BYTES:
            continue
        followed = _follow(paths, texts, names, find)
        if followed is not None:
            done.append(followed)
    return _agree(done, texts, names)


def _sourced(path: str, texts: Mapping[str, bytes], find: Find) -> tuple[str, ...]:
    found = (find(named) for named in sourced_paths(path, texts[path]))
    return tuple(dict.fromkeys(one for one in found if one and one != path))


def _programs(sources: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Give the files that no other one sources, and of files that source each other in a circle the first."""
    inner = {one for found in sources.values() for one in found}
    programs = [path for path in sorted(sources) if path not in inner]
    reached = {one for path in programs for one in _closure(path, sources)}
    for path in sorted(sources):
        if path not in reached:
            programs.append(path)
            reached.update(_closure(path, sources))
    return programs


def _closure(path: str, sources: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found = {path: None}
    pending = [path]
    while pending:
        for one in sources.get(pending.pop(), ()):
            if one not in found:
                found[one] = None
                pending.append(one)
    return tuple(found)


def _follow(paths: tuple[str, ...], texts: Mapping[str, bytes], names: Names, find: Find) -> _Followed | None:
    """Follow a program with all it sources; None where one of the files cannot be read by itself."""
    from keepalived_upgrade.dependents.shell import follow_shell
    from keepalived_upgrade.dependents.shell_constants import unread_values
    from keepalived_upgrade.dependents.shell_tree import parse_shell

    parts: list[_Part] = []
    joined = b""
    for path in paths:
        root = parse_shell(texts[path])
        if root.has_error and len(paths) > 1:
            return None
        if parts:
            joined += _BETWEEN
        parts.append(_Part(path, len(joined), joined.count(b"\n"), texts[path]))
        joined += _without_sourcing(path, texts[path], names, find)

    def place(line: int) -> str:
        part = _part_at(parts, line=line - 1)
        return f"line {line - part.line}" + (f" of {part.path}" if len(parts) > 1 else "")

    result = follow_shell(paths[0], joined, names, place)
    followed = _Followed(paths)
    edits = {(edit.start, edit.end): _move(edit, parts) for edit in result.edits}
    followed.edits.update(edits.values())
    for group in result.together:
        followed.groups.append(frozenset(edits[span] for span in group if span in edits))
    for finding in result.findings:
        part = _part_at(parts, line=finding.place.line - 1)
        moved = Place(part.path, finding.place.line - part.line, finding.place.column)
        followed.findings.append(replace(finding, place=moved))
    for start, end in unread_values(parse_shell(joined), joined, names):
        part = _part_at(parts, at=start)
        followed.unread.append((part.path, start - part.start, end - part.start))
    return followed


def _part_at(parts: list[_Part], *, at: int = -1, line: int = -1) -> _Part:
    return next((part for part in reversed(parts) if part.start <= at or 0 <= part.line <= line), parts[0])


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


# -- agreement -----------------------------------------------------------------------------------------------------


def _agree(done: list[_Followed], texts: Mapping[str, bytes], names: Names) -> dict[str, FollowResult]:
    """Keep what all programs that read a file say of it, and report what they do not agree on."""
    dropped: dict[Edit, str] = {}
    every = [edit for followed in done for edit in followed.edits]
    for edit in every:
        other = next((followed for followed in done if not _accepts(followed, edit)), None)
        if other is not None:
            dropped[edit] = f"{other.paths[0]} reads this file too, and something else must become of it there"
    groups = [group for followed in done for group in followed.groups]
    for group in groups:
        files = {edit.path for edit in group}
        ignored = next((path for path in sorted(files) if _IGNORED in texts[path]), None)
        if len(files) > 1 and ignored is not None:
            why = f"it belongs to tests in other files, and a comment in {ignored} leaves something out"
            dropped |= dict.fromkeys(group, why)
    more = True
    while more:
        more = False
        for group in groups:
            bad = next((edit for edit in group if edit in dropped), None)
            left = [edit for edit in group if edit not in dropped]
            if bad is not None and left:
                dropped |= dict.fromkeys(left, dropped[bad])
                more = True
    kept = [edit for edit in dict.fromkeys(every) if edit not in dropped]
    found: dict[str, FollowResult] = {}
    for path in dict.fromkeys(path for followed in done for path in followed.paths):
        mine = tuple(sorted(edit for edit in kept if edit.path == path))
        spans = [frozenset((e.start, e.end) for e in g if e.path == path and e in mine) for g in groups]
        findings = tuple(dict.fromkeys(_findings(path, texts[path], done, mine, dropped, names)))
        found[path] = FollowResult(mine, findings, tuple(dict.fromkeys(span for span in spans if span)))
    return found


def _accepts(followed: _Followed, edit: Edit) -> bool:
    """Tell whether a program that reads the file would change it so, or has no say."""
    if edit.path not in followed.paths or edit in followed.edits:
        return True
    return any(path == edit.path and start <= edit.start and edit.end <= end for path, start, end in followed.unread)


def _findings(
    path: str, text: bytes, done: list[_Followed], kept: tuple[Edit, ...], dropped: Mapping[Edit, str], names: Names
) -> Iterator[Finding]:
    places = set()
    weak: list[Finding] = []
    for followed in done:
        for finding in followed.findings:
            if finding.place.path != path:
                continue
            at = _offset(text, finding.place)
            if any(edit.start <= at < edit.end for edit in kept):
                continue
            if any(p == path and start <= at < end for p, start, end in followed.unread):
                weak.append(finding)
                continue
            places.add(finding.place)
            yield finding
    for finding in weak:  # nothing reads it in this program; another one may have said more
        if finding.place not in places:
            places.add(finding.place)
            yield finding
    for edit, why in dropped.items():
        for match in mention_pattern(names).finditer(text, edit.start, edit.end) if edit.path == path else ():
            place = _place(path, text, match.start())
            if place not in places:
                places.add(place)
                yield _dropped(place, match.group(), names, why)
    yield from _shared(path, text, done, kept)


def _dropped(place: Place, old: bytes, names: Names, why: str) -> Finding:
    from keepalived_upgrade.dependents.shell_steps import both
    from keepalived_upgrade.dependents.shell_tree import show

    cure = f"Make it accept {both(names[old])} by hand where it must, then accept this finding."
    message = f"{show(old)} is not rewritten here: {why}"
    return Finding("names/shell/not-followed", Severity.DECISION, place, message, cure)


def _shared(path: str, text: bytes, done: list[_Followed], kept: tuple[Edit, ...]) -> Iterator[Finding]:
    """What another script than those that are followed may read: a variable of a file that is sourced."""
    readers = sorted({followed.paths[0] for followed in done if path in followed.paths[1:]})
    if not readers:
        return
    for edit in kept:
        start = text.rfind(b"\n", 0, edit.start) + 1
        if _ASSIGNS.match(text, start):
            message = f"what is set here changes for {', '.join(readers)}, which was followed; others may source this file"
            cure = "Give scripts that source it, and stand elsewhere, with --scripts."
            yield Finding("names/shell/shared", Severity.REVIEW, _place(path, text, edit.start), message, cure)


def _place(path: str, text: bytes, at: int) -> Place:
    return Place(path, text.count(b"\n", 0, at) + 1, at - text.rfind(b"\n", 0, at))


def _offset(text: bytes, place: Place) -> int:
    start = 0
    for _ in range(place.line - 1):
        start = text.find(b"\n", start) + 1
    return start + max(place.column - 1, 0)
