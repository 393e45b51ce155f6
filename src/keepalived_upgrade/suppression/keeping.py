"""On the way through an upgrade: what the comments of all files leave out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.conf.dialect import Dialect, dialect_of
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.migration import Outcome, Together
from keepalived_upgrade.names import Rename
from keepalived_upgrade.suppression.comments import Sheet, covers, read_suppressions
from keepalived_upgrade.suppression.uses import Uses

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.result import FollowResult
    from keepalived_upgrade.model.config import Config


@dataclass(slots=True)
class Suppressions:
    """What the comments of all files leave out, on the way through an upgrade.

    key: gives the path with links followed. original_line: gives the line on disk of a byte of a path's current text,
    0 where an edit put it there.
    """

    key: Callable[[str], str]
    original_line: Callable[[str, int], int]
    _sheets: dict[str, tuple[bytes, Dialect | None, Sheet]] = field(default_factory=dict)
    uses: Uses = field(init=False)
    _renaming: set[str] = field(default_factory=set)
    _unfollowed: dict[str, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.uses = Uses(self.key, self.original_line)

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
                self.uses.note(path, *found, parts)
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
                self.uses.note(place.path, *found, [finding])

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
                self.uses.note(path, *found, [finding])
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
                    self.uses.note(path, *found, group)
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

    def search(self, path: str, source: bytes) -> None:
        """Take note of a file that is searched for names, so that what its comments say is reported."""
        self.uses.search(path, source)

    def leaves_out(self, source: bytes, finding: Finding) -> bool:
        """Tell whether a comment leaves out a finding of a file that is searched for names, and note it."""
        place = finding.place
        found = self.sheet(place.path, source, None).find(place.line, place.line, {finding.id, *self._renaming})
        if found is not None:
            self.uses.note(place.path, *found, [finding])
        return found is not None

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


def touched_lines(source: bytes, edit: Edit) -> tuple[int, int] | None:
    """Give the first and the last line that an edit changes; None for whole lines put between two others."""
    between = edit.start == edit.end and source[edit.start - 1 : edit.start] in (b"\n", b"")
    if between and edit.new.endswith(b"\n"):
        return None
    first = source.count(b"\n", 0, edit.start) + 1
    return first, first + source.count(b"\n", edit.start, max(edit.start, edit.end - 1))


def _flatten(outcome: Outcome) -> Iterator[Outcome]:
    if isinstance(outcome, Together):
        for part in outcome.outcomes:
            yield from _flatten(part)
    else:
        yield outcome
