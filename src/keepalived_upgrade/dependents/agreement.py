"""Several files followed as one program: what the programs that read a file agree on is kept, the rest is reported.

A program and all that it sources or imports are followed together. A file that several programs read is changed only
where all of them agree; what changes together in several files (a constant and its tests) changes in all or in none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Place, Severity

# The path by which a file is known that another one names; "" where nothing is there, None where it is not known here.
Find = Callable[[str], str | None]
_IGNORED = b"keepalived-upgrade: ignore"
_ASSIGNS = re.compile(rb"\s*(?:(?:export|readonly|declare|typeset)\s+(?:-\w+\s+)*)?\w+\s*=")


@dataclass(slots=True)
class Followed:
    """What following one program (paths[0]) with all it reads gives. groups: edits that are made together or not.

    unread: (path, start, end) of what nothing in this program reads, so that it has no say in them.
    """

    paths: tuple[str, ...]
    edits: set[Edit] = field(default_factory=set)
    groups: list[frozenset[Edit]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unread: list[tuple[str, int, int]] = field(default_factory=list)

    def accepts(self, edit: Edit) -> bool:
        """Tell whether the program would change its file so, or has no say."""
        if edit.path not in self.paths or edit in self.edits:
            return True
        return any(path == edit.path and start <= edit.start and edit.end <= end for path, start, end in self.unread)

    def is_unread(self, path: str, at: int) -> bool:
        """Tell whether a byte of a file belongs to something that this program does not read."""
        return any(one == path and start <= at < end for one, start, end in self.unread)


def follow_apart(paths: tuple[str, ...], texts: Mapping[str, bytes], names: Names) -> Followed:
    """Follow the files of a program one by one, where they cannot be followed together."""
    from keepalived_upgrade.dependents.follow import follow_file

    followed = Followed(paths)
    for path in paths:
        result = follow_file(path, texts[path], dict(names))
        followed.edits.update(result.edits)
        followed.findings += result.findings
        for group in result.together:
            followed.groups.append(frozenset(e for e in result.edits if (e.start, e.end) in group))
    return followed


def programs_of(reads: Mapping[str, Sequence[str]], mentioning: Callable[[str], bool]) -> list[tuple[str, ...]]:
    """Give each program with all it reads, the program first, where it shares a file with one that mentions a name.

    reads: what each file sources or imports. A program is a file that no other one reads; of files that read each
    other in a circle it is the first.
    """
    inner = {one for found in reads.values() for one in found}
    reached: set[str] = set()
    closures: list[tuple[str, ...]] = []
    for path in (*(p for p in sorted(reads) if p not in inner), *sorted(reads)):
        if path not in reached:
            closures.append(_closure(path, reads))
            reached.update(closures[-1])
    concerned = {one for closure in closures if any(mentioning(path) for path in closure) for one in closure}
    return [closure for closure in closures if not concerned.isdisjoint(closure)]


def _closure(path: str, reads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found = {path: None}
    pending = [path]
    while pending:
        for one in reads.get(pending.pop(), ()):
            if one not in found:
                found[one] = None
                pending.append(one)
    return tuple(found)


def agree(done: Sequence[Followed], texts: Mapping[str, bytes], names: Names, area: str) -> dict[str, FollowResult]:
    """Give for each file what all programs that read it say of it. area: what the ids of findings begin with."""
    dropped = _dropped(done, texts)
    groups = [group for followed in done for group in followed.groups]
    kept = [edit for edit in dict.fromkeys(e for f in done for e in sorted(f.edits)) if edit not in dropped]
    found: dict[str, FollowResult] = {}
    for path in dict.fromkeys(path for followed in done for path in followed.paths):
        mine = tuple(sorted(edit for edit in kept if edit.path == path))
        spans = (frozenset((e.start, e.end) for e in group if e in mine) for group in groups)
        findings = [
            *_of_file(path, texts[path], done, mine),
            *_shared(path, texts[path], done, mine, area),
        ]
        places = {finding.place for finding in findings}
        findings += (
            finding
            for edit, why in dropped.items()
            if edit.path == path
            for finding in _left(edit, texts[path], names, why, area)
            if finding.place not in places
        )
        found[path] = FollowResult(mine, tuple(dict.fromkeys(findings)), tuple(dict.fromkeys(s for s in spans if s)))
    return found


def _dropped(done: Sequence[Followed], texts: Mapping[str, bytes]) -> dict[Edit, str]:
    """Give the edits that cannot be made, and why."""
    dropped: dict[Edit, str] = {}
    groups = [group for followed in done for group in followed.groups]
    for edit in (edit for followed in done for edit in sorted(followed.edits)):
        other = next((followed for followed in done if not followed.accepts(edit)), None)
        if other is not None:
            dropped[edit] = f"{other.paths[0]} reads this file too, and something else must become of it there"
    for group in groups:
        files = sorted({edit.path for edit in group})
        ignored = next((path for path in files if _IGNORED in texts[path]), None)
        if len(files) > 1 and ignored is not None:
            why = f"it belongs to tests in other files, and a comment in {ignored} leaves something out"
            dropped |= dict.fromkeys(sorted(group), why)
    before = -1
    while before != len(dropped):
        before = len(dropped)
        for group in groups:
            bad = next((edit for edit in sorted(group) if edit in dropped), None)
            if bad is not None:
                dropped = dict.fromkeys(sorted(group), dropped[bad]) | dropped
    return dropped


def _of_file(path: str, text: bytes, done: Sequence[Followed], kept: tuple[Edit, ...]) -> Iterator[Finding]:
    """Give what the programs say of a file; what one does not read it says only where no other one says anything."""
    places = set()
    weak: list[Finding] = []
    for followed in done:
        for finding in followed.findings:
            if finding.place.path != path:
                continue
            at = _offset(text, finding.place)
            if any(edit.start <= at < edit.end for edit in kept):
                continue
            if followed.is_unread(path, at):
                weak.append(finding)
            else:
                places.add(finding.place)
                yield finding
    yield from (finding for finding in weak if finding.place not in places)


def _left(edit: Edit, text: bytes, names: Names, why: str, area: str) -> Iterator[Finding]:
    """Give a finding for each name in an edit that is not made."""
    for match in mention_pattern(names).finditer(text, edit.start, edit.end):
        old, new = match.group(), names[match.group()]
        message = f"{_show(old)} is not rewritten here: {why}"
        cure = f"Make it accept {' and '.join(map(_show, new))} by hand where it must, then accept this finding."
        yield Finding(f"{area}/not-followed", Severity.DECISION, _place(edit.path, text, match.start()), message, cure)


def _shared(path: str, text: bytes, done: Sequence[Followed], kept: tuple[Edit, ...], area: str) -> Iterator[Finding]:
    """Say of a variable in a file that others read, and that changes, that scripts that are not known may read it."""
    readers = sorted({followed.paths[0] for followed in done if path in followed.paths[1:]})
    for edit in kept if readers else ():
        if _ASSIGNS.match(text, text.rfind(b"\n", 0, edit.start) + 1):
            message = (
                f"what is set here changes, and with it what reads it in {', '.join(readers)}; others may read it too"
            )
            cure = "Give scripts that read this file, and stand elsewhere, with --scripts."
            yield Finding(f"{area}/shared", Severity.REVIEW, _place(path, text, edit.start), message, cure)


def _place(path: str, text: bytes, at: int) -> Place:
    return Place(path, text.count(b"\n", 0, at) + 1, at - text.rfind(b"\n", 0, at))


def _offset(text: bytes, place: Place) -> int:
    start = 0
    for _ in range(place.line - 1):
        start = text.find(b"\n", start) + 1
    return start + max(place.column - 1, 0)


def _show(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
