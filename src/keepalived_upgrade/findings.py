"""A finding: what a person must know or decide, where, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """info: good to know. review: look at it before the upgrade. decision: nothing is written until it is decided."""

    INFO = "info"
    REVIEW = "review"
    DECISION = "decision"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file of the site. line and column count from 1 (column in bytes); 0 means the whole file."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """id: `migration-or-area/what`, stable. message: what is the case and why it matters. cure: what to do."""

    id: str
    severity: Severity
    place: Place
    message: str
    cure: str


def sort_findings(findings: list[Finding]) -> tuple[Finding, ...]:
    """Give the findings without repetitions, in order of file, line, column and id."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: (f.place, f.id, f.message)))
