"""The plan: the immutable outcome of an upgrade, which every review reads and writing carries out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from keepalived_upgrade.edits import Change
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.names import Rename
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from keepalived_upgrade.model.effect_compare import Difference
    from keepalived_upgrade.model.overview import Overview


class Result(Enum):
    """passed, failed, or not made (with the reason in the proof's detail)."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MADE = "not made"


@dataclass(frozen=True, slots=True)
class Proof:
    """A check that the plan loses nothing. detail: what was compared, or why it failed or was not made."""

    name: str
    result: Result
    detail: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after. path: as the host sees it (absolute, inside the root).

    before is None for a new file; then mode, owner and group say how it is created, else they are kept as they are.
    changes: the composed edits against before, with the (migration, reason) of each.
    """

    path: str
    before: bytes | None
    after: bytes
    changes: tuple[Change, ...]
    mode: int = 0
    owner: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """source, target: the releases. root: the folder that stands for `/`. files: those that change, in path order.

    read: path → SHA-256 of every file that was read; modes: path → its mode; globs: include pattern → the files it
    matched; so that writing notices a change in between.
    skipped: ids of migrations left out by choice. ran: ids of those that ran.
    overview_before, overview_after: the instances and groups as this node reads them, for a picture.
    comparison: every fact of what the old text does under the source and the new one under the target.
    """

    root: str
    config: str
    source: Release
    target: Release
    files: tuple[FileChange, ...]
    findings: tuple[Finding, ...]
    renames: tuple[Rename, ...]
    proofs: tuple[Proof, ...]
    read: tuple[tuple[str, str], ...] = ()
    ran: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    overview_before: Overview | None = None
    overview_after: Overview | None = None
    modes: tuple[tuple[str, int], ...] = ()
    globs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    comparison: tuple[Difference, ...] = ()

    def decisions(self) -> tuple[Finding, ...]:
        """Give the findings that must be decided before anything is written."""
        return tuple(f for f in self.findings if f.severity is Severity.DECISION)

    def failed_proofs(self) -> tuple[Proof, ...]:
        """Give the proofs that failed."""
        return tuple(p for p in self.proofs if p.result is Result.FAILED)

    def patch(self) -> bytes:
        """Give a unified patch over all files, paths relative to the root, as `git apply` and `patch -p1` take it."""
        from keepalived_upgrade.review.patch import write_patch

        return write_patch(self)

    def diff(self, *, color: bool = False, width: int = 0) -> str:
        """Give the diff for a person, with the reason above each change. width: where to wrap lines, 0 for nowhere."""
        from keepalived_upgrade.review.terminal import render_diff

        return render_diff(self, color=color, width=width)

    def to_json(self, *, effect: bool = False) -> str:
        """Give files, findings, renames and proofs as JSON; see README for the fields. effect: the comparison too."""
        from keepalived_upgrade.review.json_report import render_json

        return render_json(self, effect=effect)

    def to_html(self, command: str = "") -> str:
        """Give the plan as one self-contained page. command: the command line that writes it, as the next step."""
        from keepalived_upgrade.review.html.page import render_html

        return render_html(self, command)

    def write(self) -> str:
        """Write all files or none, and give the id of the undo bundle ("" when nothing changes).

        Raises UndecidedError, ProofError or WriteError.
        """
        from keepalived_upgrade.writing import write_plan

        return write_plan(self)
