"""What is said of the suppressions: what each left out, which left nothing out, and which cannot be understood."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from keepalived_upgrade.conf.dialect import Dialect
from keepalived_upgrade.edits import Edit, NewFile
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.migration import Migration, Outcome
from keepalived_upgrade.suppression.comments import AREAS, MARK, RELEASE, Suppression, is_known, read_suppressions

_MOST_REASONS = 3
_FORM = "Write # keepalived-upgrade: ignore[ID], with ids of migrations or findings and commas between them."


@dataclass(slots=True)
class _Use:
    """What one id left out in one file. place: of the first comment. lines: of all, on disk; 0 for a copied one."""

    place: Place
    lines: set[int] = field(default_factory=set)
    changes: set[Edit | NewFile] = field(default_factory=set)
    findings: set[Finding] = field(default_factory=set)


@dataclass(slots=True)
class Uses:
    """What was left out so far. key, original_line: as in Suppressions."""

    key: Callable[[str], str]
    original_line: Callable[[str, int], int]
    _uses: dict[tuple[str, str], _Use] = field(default_factory=dict)
    _elsewhere: dict[str, bytes] = field(default_factory=dict)

    def note(self, path: str, by: Suppression, said: str, left_out: Iterable[Outcome]) -> None:
        """Remember what a suppression of the text of a path left out, by the id it says."""
        line = self.original_line(path, by.start)
        use = self._uses.setdefault((self.key(path), said), _Use(Place(path, line or by.line)))
        use.lines.add(line)
        use.changes.update(part for part in left_out if isinstance(part, (Edit, NewFile)))
        use.findings.update(part for part in left_out if isinstance(part, Finding))

    def search(self, path: str, source: bytes) -> None:
        """Take note of a file that is searched for names, so that what its comments say is reported."""
        if MARK in source:
            self._elsewhere[path] = source

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
    ids = [*AREAS, *(m.id for m in migrations), *(RELEASE.sub("", m.id) for m in migrations)]
    near = difflib.get_close_matches(said, ids, n=1, cutoff=0.5)
    return f"Did you mean ignore[{near[0]}]?" if near else "`keepalived-upgrade list` shows the ids of all migrations."
