"""What a plan comes to: files, changes by migration, decisions, proofs, and the one thing to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import FileChange, Plan, Result
from keepalived_upgrade.review.hunks import Hunk, hunks_of
from keepalived_upgrade.review.masking import clean

COMMAND = "keepalived-upgrade"
_FURTHER = "--interactive asks about each change instead; `keepalived-upgrade undo` takes back what was written."
_DECIDING = "--interactive asks about each of them, and --accept ID takes one as decided."
DEFAULT_CONFIG = "/etc/keepalived/keepalived.conf"


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file with its hunks. added, removed: how many lines."""

    change: FileChange
    hunks: tuple[Hunk, ...]
    added: int
    removed: int

    @property
    def status(self) -> str:
        """ "new" or "changed"."""
        return "new" if self.change.before is None else "changed"


@dataclass(frozen=True, slots=True)
class PassSummary:
    """What one migration, or the pass that follows names, changes: how often, in how many files."""

    migration: str
    changes: int
    files: int


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: a sentence, and the command for it ("" where no command does it). further: what else can be
    done."""

    text: str
    command: str
    refused: bool = False
    further: str = ""


def summarise_files(files: Iterable[FileChange]) -> tuple[FileSummary, ...]:
    """Give the files in the order given, with their hunks."""
    found = []
    for change in files:
        hunks = hunks_of(change)
        marks = [line.mark for hunk in hunks for line in hunk.lines]
        found.append(FileSummary(change, hunks, marks.count(b"+"), marks.count(b"-")))
    return tuple(found)


def summarise_passes(plan: Plan) -> tuple[PassSummary, ...]:
    """Give the changes by migration: those that ran in their order, then the others (names) by id."""
    changes: dict[str, int] = {}
    files: dict[str, set[str]] = {}
    for file in plan.files:
        for change in file.changes:
            for migration in dict.fromkeys(migration for migration, _ in change.because):
                changes[migration] = changes.get(migration, 0) + 1
                files.setdefault(migration, set()).add(file.path)
    order = {migration: index for index, migration in enumerate(plan.ran)}
    ids = sorted(changes, key=lambda id: (order.get(id, len(order)), id))
    return tuple(PassSummary(id, changes[id], len(files[id])) for id in ids)


def next_step(plan: Plan, command: str = "") -> Step:
    """Give what to do next. command: how the plan was asked for; found out from the plan when it is empty."""
    again = command or command_for(plan)
    failed = plan.failed_proofs()
    decisions = plan.decisions()
    if failed:
        names = ", ".join(proof.name for proof in failed)
        return Step(f"Nothing was written, and --write refuses: a proof failed ({names}).", "", refused=True)
    if decisions:
        return Step(
            f"Nothing was written. {count(len(decisions), 'decision')} to take before --write; about the first:",
            shlex.join((COMMAND, "explain", clean(decisions[0].id))),
            refused=True,
            further=_DECIDING,
        )
    if plan.files:
        return Step("Nothing was written. --write writes all files or none:", f"{again} --write", further=_FURTHER)
    return Step("There is nothing to write.", "")


def command_for(plan: Plan) -> str:
    """Give a command that makes this plan, as far as the plan knows: choices are not part of it."""
    words = [COMMAND, "upgrade"]
    if plan.config != DEFAULT_CONFIG:
        words.append(plan.config)
    if plan.root != "/":
        words += ("--root", plan.root)
    return clean(shlex.join([*words, "--from", str(plan.source), "--to", str(plan.target)]))


def severities(plan: Plan) -> dict[Severity, int]:
    """Give how many findings of each severity there are, the gravest first."""
    order = (Severity.DECISION, Severity.REVIEW, Severity.INFO)
    return {severity: sum(finding.severity is severity for finding in plan.findings) for severity in order}


def group_findings(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[Place, ...]]]:
    """Give the findings that say the same once, in the order of their first places, each with all its places."""
    places: dict[tuple[str, str, str], list[Place]] = {}
    first: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        said = (finding.id, finding.message, finding.cure)
        first.setdefault(said, finding)
        places.setdefault(said, []).append(finding.place)
    return [(finding, tuple(places[said])) for said, finding in first.items()]


def places_in_short(places: Sequence[Place]) -> str:
    """Give places in one text, a file's name only where it changes: `/etc/k:3:1, 8:1, /etc/l`."""
    parts = []
    for number, place in enumerate(places):
        same = number and place.path == places[number - 1].path and place.line
        parts.append(str(place).removeprefix(f"{place.path}:") if same else str(place))
    return ", ".join(parts)


def proofs_in_short(plan: Plan) -> str:
    """Give the proofs in a line: how many passed, which failed, which were not made."""
    parts = [f"{sum(proof.result is Result.PASSED for proof in plan.proofs)} passed"]
    for result, word in ((Result.FAILED, "failed"), (Result.NOT_MADE, "not made")):
        names = [proof.name for proof in plan.proofs if proof.result is result]
        if names:
            parts.append(f"{word}: {', '.join(names)}")
    return "; ".join(parts)


def releases_in_short(plan: Plan) -> str:
    """Give the two releases, or the one where nothing is upgraded."""
    return str(plan.source) if plan.source == plan.target else f"{plan.source} → {plan.target}"


def files_in_short(files: Sequence[FileSummary]) -> str:
    """Give how many files change and how many are new."""
    new = sum(file.status == "new" for file in files)
    return f"{count(len(files) - new, 'file')} to change, {new} to create"


def count(number: int, noun: str) -> str:
    """Give a number with its noun, in the plural where it needs one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
