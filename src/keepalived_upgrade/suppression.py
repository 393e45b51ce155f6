"""Suppressions: `# keepalived-upgrade: ignore[ID, …]` on a line, or on lines of comment directly above it.

An ID is a migration's or a finding's id, or a prefix of one up to a `/`; `v1_2_20/` may be left out in front. What a
suppression leaves out is counted and reported, so that nothing is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.comments import MARK, Sheet, Suppression, covers, read_suppressions
from keepalived_upgrade.conf.dialect import Dialect, dialect_of
from keepalived_upgrade.edits import Edit, NewFile
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.migration import Migration, Outcome, Together
from keepalived_upgrade.names import Rename

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.result import FollowResult
    from keepalived_upgrade.model.config import Config

# What findings that are no migration's begin with; a test compares it with the code.
AREAS = frozenset(("audit", "conf", "effect", "follow", "keywords", "names", "rename", "scripts"))
_RELEASE = re.compile(r"v\d+_\d+_\d+/")
_MOST_REASONS = 3
_FORM = "Write # keepalived-upgrade: ignore[ID], with ids of migrations or findings and commas between them."


def is_known(said: str, migrations: Iterable[Migration]) -> bool:
    """Tell whether a migration or a finding can have this id."""
    if said.partition("/")[0] in AREAS:
        return True
    return any(covers(said, m.id) or any(covers(above, m.id) for above in _above(said)) for m in migrations)


def _above(id: str) -> Iterator[str]:
    """Give every prefix of an id that ends before a `/`."""
    return (id[:at] for at, char in enumerate(id) if char == "/")


def touched_lines(source: bytes, edit: Edit) -> tuple[int, int] | None:
    """Give the first and the last line that an edit changes; None for whole lines put between two others."""
    between = edit.start == edit.end and source[edit.start - 1 : edit.start] in (b"\n", b"")
    if between and edit.new.endswith(b"\n"):
        return None
    first = source.count(b"\n", 0, edit.start) + 1
    return first, first + source.count(b"\n", edit.start, max(edit.start, edit.end - 1))


@dataclass(slots=True)
class _Use:
    """What one id left out in one file. place: of the first comment. lines: of all, on disk; 0 for a copied one."""

    place: Place
    lines: set[int] = field(default_factory=set)
    changes: set[Edit | NewFile] = field(default_factory=set)
    findings: set[Finding] = field(default_factory=set)


@dataclass(slots=True)
class Suppressions:
    """What the comments of all files leave out, on the way through an upgrade.

    key: gives the path with links followed. original_line: gives the line on disk of a byte of a path's text (the
    current one, or that on disk), 0 where an edit put it there.
    """

    key: Callable[[str], str]
    original_line: Callable[[str, bytes, int], int]
    _sheets: dict[str, tuple[bytes, Dialect | None, Sheet]] = field(default_factory=dict)
    _uses: dict[tuple[str, str], _Use] = field(default_factory=dict)
    _renaming: set[str] = field(default_factory=set)
    _unfollowed: dict[str, set[int]] = field(default_factory=dict)
    _elsewhere: dict[str, bytes] = field(default_factory=dict)

    def sheet(self, path: str, source: bytes, dialect: Dialect | None) -> Sheet:
        """Give what a text suppresses; it is read once."""
        known = self._sheets.get(path)
        if known is None or known[0] is not source or known[1] is not dialect:
            known = self._sheets[path] = source, dialect, read_suppressions(source, dialect, path)
        return known[2]

    # -- configuration ----------------------------------------------------------------------------------------

    def keep(self, outcomes: Iterable[Outcome], config: Config, migration: str) -> Iterator[Outcome]:
        """Give what a migration may do to this text, each Together taken apart."""
        dialect = dialect_of(config.release)
        if not any(self.sheet(path, text, dialect).suppressions for path, text in config.tree.sources.items()):
            for outcome in outcomes:
                yield from _flatten(outcome)
            return
        for outcome in outcomes:
            parts = list(_flatten(outcome))
            places = []
            if isinstance(outcome, Together):
                places.append((outcome.about.path, outcome.about.line, outcome.about.line))
            for part in parts:
                if isinstance(part, Edit) and (lines := touched_lines(config.tree.sources.get(part.path, b""), part)):
                    places.append((part.path, *lines))
            if not self._leave_out(places, parts, config.tree.sources, dialect, migration):
                yield from (part for part in parts if not isinstance(part, Finding))
                yield from self.keep_findings((part for part in parts if isinstance(part, Finding)), [config])

    def _leave_out(
        self,
        places: Iterable[tuple[str, int, int]],
        parts: Sequence[Outcome],
        sources: Mapping[str, bytes],
        dialect: Dialect,
        migration: str,
    ) -> bool:
        for path, first, last in places:
            found = self.sheet(path, sources.get(path, b""), dialect).find(first, last, (migration,))
            if found is not None:
                self._note(path, *found, parts)
                return True
        return False

    def keep_findings(self, findings: Iterable[Finding], configs: Sequence[Config]) -> Iterator[Finding]:
        """Give the findings of configurations that no comment leaves out."""
        sources = {path: (text, dialect_of(c.release)) for c in configs for path, text in c.tree.sources.items()}
        return self._keep(findings, sources.get)

    def keep_of_scripts(self, findings: Iterable[Finding], read: Callable[[str], bytes | None]) -> Iterator[Finding]:
        """Give the findings of scripts that no comment leaves out. read: gives the text that they are about."""

        def source_of(path: str) -> tuple[bytes, None] | None:
            text = read(path)
            return None if text is None else (text, None)

        return self._keep(findings, source_of)

    def _keep(
        self, findings: Iterable[Finding], source_of: Callable[[str], tuple[bytes, Dialect | None] | None]
    ) -> Iterator[Finding]:
        for finding in findings:
            place = finding.place
            source = source_of(place.path) if place.line else None
            found = None
            if source is not None:
                found = self.sheet(place.path, *source).find(place.line, place.line, (finding.id,))
            if found is None:
                yield finding
            else:
                self._note(place.path, *found, [finding])

    # -- dependents -------------------------------------------------------------------------------------------

    def keep_followed(
        self, path: str, source: bytes, result: FollowResult, renames: Sequence[Rename]
    ) -> tuple[tuple[Edit, ...], tuple[Finding, ...]]:
        """Give the edits and the findings of a dependent that no comment leaves out.

        An id means the edits and findings of the dependent itself (`names`), or the migration that renames.
        """
        self.rename(renames)
        sheet = self.sheet(path, source, None)
        if not sheet.suppressions:
            return result.edits, result.findings
        findings = []
        for finding in result.findings:
            found = sheet.find(finding.place.line, finding.place.line, {finding.id, *self._renaming})
            if found is None:
                findings.append(finding)
            else:
                self._note(path, *found, [finding])
        return self._keep_edits(path, source, result, sheet), tuple(findings)

    def _keep_edits(self, path: str, source: bytes, result: FollowResult, sheet: Sheet) -> tuple[Edit, ...]:
        groups = [[edit for edit in result.edits if (edit.start, edit.end) in group] for group in result.together]
        alone = [[edit] for edit in result.edits if not any(edit in group for group in groups)]
        out: list[Edit] = []
        for group in (*groups, *alone):
            for edit in group:
                lines = touched_lines(source, edit)
                found = sheet.find(*lines, {edit.migration, *self._renaming}) if lines else None
                if found is not None:
                    self._note(path, *found, group)
                    out += group
                    break
        kept = tuple(edit for edit in result.edits if edit not in out)
        for edit in out:
            first, last = touched_lines(source, edit) or (0, -1)
            shift = sum(e.new.count(b"\n") - source.count(b"\n", e.start, e.end) for e in kept if e.end <= edit.start)
            self._unfollowed.setdefault(self.key(path), set()).update(range(first + shift, last + shift + 1))
        return kept

    def rename(self, renames: Sequence[Rename]) -> None:
        """Take note of the renames that are followed: a comment may name their migrations."""
        self._renaming = {rename.migration for rename in renames}

    def leaves_out(self, source: bytes, finding: Finding) -> bool:
        """Tell whether a comment leaves out a finding of a file that is searched for names, and note it.

        What is about the file itself, and so has no line, is left out by a comment that the file begins with.
        """
        place, ids = finding.place, {finding.id, *self._renaming}
        sheet = self.sheet(place.path, source, None)
        found = sheet.find(place.line, place.line, ids) if place.line else sheet.find_on_top(ids)
        if found is not None:
            self._note(place.path, *found, [finding])
        return found is not None

    def search(self, path: str, source: bytes) -> None:
        """Take note of a file that is searched for names, so that what its comments say is reported."""
        if MARK in source:
            self._elsewhere[path] = source

    def excuses(self, path: str, text: bytes, line: int) -> bool:
        """Tell whether what a line of a dependent, as it will be, does with a name was left out by a comment."""
        if line in self._unfollowed.get(self.key(path), ()):
            return True
        said = [one.ids for one in self.sheet(path, text, None).suppressions if one.line <= line <= one.last]
        return any(
            id.partition("/")[0] == "names" or any(covers(id, migration) for migration in self._renaming)
            for ids in said
            for id in ids
        )

    # -- what is said of it -----------------------------------------------------------------------------------

    def _note(self, path: str, by: Suppression, said: str, left_out: Iterable[Outcome]) -> None:
        line = self.original_line(path, self._sheets[path][0], by.start)
        use = self._uses.setdefault((self.key(path), said), _Use(Place(path, line or by.line)))
        use.lines.add(line)
        use.changes.update(part for part in left_out if isinstance(part, (Edit, NewFile)))
        use.findings.update(part for part in left_out if isinstance(part, Finding))

    def report(
        self, texts: Iterable[tuple[str, bytes, Dialect | None]], migrations: Sequence[Migration]
    ) -> Iterator[Finding]:
        """Say what was left out, which comments leave nothing out, and which cannot be understood.

        texts: path, text as it stands on disk and dialect (None for dependents) of every file that was read.
        """
        for (_, said), use in self._uses.items():
            yield Finding(
                "suppression/in-effect",
                Severity.INFO,
                use.place,
                f"ignore[{said}] leaves out {_counted(use)}",
                "Remove the comment to have it back.",
            )
        seen: set[str] = set()
        elsewhere = ((path, text, None) for path, text in self._elsewhere.items())
        for path, text, dialect in (*texts, *elsewhere):
            if MARK not in text or self.key(path) in seen:
                continue
            seen.add(self.key(path))
            sheet = read_suppressions(text, dialect, path)
            for line, why in sheet.malformed:
                yield _malformed(Place(path, line), why, _FORM)
            for one in sheet.suppressions:
                yield from self._report_one(path, one, migrations)

    def _report_one(self, path: str, one: Suppression, migrations: Sequence[Migration]) -> Iterator[Finding]:
        place = Place(path, one.line)
        for said in one.ids:
            use = self._uses.get((self.key(path), said))
            if use is not None and use.lines & {one.line, 0}:
                continue
            if is_known(said, migrations):
                yield Finding(
                    "suppression/no-effect",
                    Severity.INFO,
                    place,
                    f"ignore[{said}] leaves nothing out in this upgrade",
                    "Remove the comment, unless another upgrade or another host needs it.",
                )
            else:
                yield _malformed(place, f"no migration and no finding is called {said}", _near(said, migrations))


def _flatten(outcome: Outcome) -> Iterator[Outcome]:
    if isinstance(outcome, Together):
        for part in outcome.outcomes:
            yield from _flatten(part)
    else:
        yield outcome


def _counted(use: _Use) -> str:
    parts = []
    if use.changes:
        whose = sorted({change.migration for change in use.changes})
        reasons = sorted({change.reason for change in use.changes})
        shown = " ".join(reasons[:_MOST_REASONS]) + (" …" if len(reasons) > _MOST_REASONS else "")
        parts.append(f"{_count(len(use.changes), 'change')} of {', '.join(whose)} ({shown})")
    if use.findings:
        decisions = sum(finding.severity is Severity.DECISION for finding in use.findings)
        which = ", ".join(sorted({finding.id for finding in use.findings}))
        parts.append(f"{_count(len(use.findings), 'finding')}, {decisions or 'none'} of them to decide ({which})")
    others = sorted(use.lines - {0, use.place.line})
    more = f"; also by the comment on line {', '.join(map(str, others))}" if others else ""
    return " and ".join(parts) + more


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _malformed(place: Place, why: str, cure: str) -> Finding:
    message = f"this comment leaves out less than it says: {why}"
    return Finding("suppression/malformed", Severity.REVIEW, place, message, cure)


def _near(said: str, migrations: Sequence[Migration]) -> str:
    import difflib

    ids = [*AREAS, *(m.id for m in migrations), *(_RELEASE.sub("", m.id) for m in migrations)]
    near = difflib.get_close_matches(said, ids, n=1, cutoff=0.5)
    return f"Did you mean ignore[{near[0]}]?" if near else "`keepalived-upgrade list` shows the ids of all migrations."
