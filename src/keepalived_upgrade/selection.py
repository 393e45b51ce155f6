"""A part of a plan: which of its changes to keep, and what then breaks. What goes together is in `grouping`.

A plan is never changed. `select` gives a new one, whose proofs are made again on what is left of the changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.edits import Change, Edit, NewFile, Text
from keepalived_upgrade.findings import Finding, Place, Severity, sort_findings
from keepalived_upgrade.plan import FileChange, Plan

if TYPE_CHECKING:
    from keepalived_upgrade.names import Rename
    from keepalived_upgrade.site import Site

# What stands for the edits of the operator's own in the effect proof, which allows them all but a loss.
_BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Unit:
    """One change of one file, or one new file. number: its place in the plan. change is None for a new file."""

    number: int
    file: FileChange
    change: Change | None

    @property
    def because(self) -> tuple[tuple[str, str], ...]:
        """The migrations that ask for it, each with its reason."""
        return self.change.because if self.change is not None else self.file.changes[0].because

    @property
    def migrations(self) -> frozenset[str]:
        """The ids of the migrations that ask for it."""
        return frozenset(migration for migration, _ in self.because)

    @property
    def names(self) -> tuple[tuple[str, bytes], ...]:
        """(migration, old name) of what it is made for; see `Change`."""
        return self.change.names if self.change is not None else self.file.changes[0].names

    @property
    def line(self) -> int:
        """The line where it begins in the old file, from 1."""
        at = self.change.start if self.change is not None else 0
        return (self.file.before or b"").count(b"\n", 0, at) + 1


def units_of(plan: Plan) -> tuple[Unit, ...]:
    """Give the changes of a plan: those of the main file first, then in order of file and place."""
    units: list[Unit] = []
    for file in sorted(plan.files, key=lambda file: file.path != plan.config):
        changes: tuple[Change | None, ...] = file.changes if file.before is not None else (None,)
        for change in changes:
            units.append(Unit(len(units), file, change))
    return tuple(units)


def files_with(units: Iterable[Unit]) -> tuple[FileChange, ...]:
    """Give the files as if these units were their only changes, to show them."""
    files: dict[str, list[Unit]] = {}
    for unit in units:
        files.setdefault(unit.file.path, []).append(unit)
    return tuple(_with_only(members) for members in files.values())


def _with_only(units: list[Unit]) -> FileChange:
    file = units[0].file
    changes = tuple(sorted((unit.change for unit in units if unit.change is not None), key=lambda c: (c.start, c.end)))
    if file.before is None:
        return file
    after, at = b"", 0
    for change in changes:
        after += file.before[at : change.start] + change.new
        at = change.end
    return replace(file, after=after + file.before[at:], changes=changes)


def select(
    plan: Plan, site: Site, kept: Collection[Unit], daemon: str = "", untouched: frozenset[bytes] = frozenset()
) -> Plan:
    """Give the plan with these changes only, each as the unit says (an edited unit has another text).

    The proofs are made again on what is left. What is left out is a finding at its place. daemon: as for `upgrade`.
    untouched: instances that the plan was made without; see Choices. Raises OverlapError where two units claim the
    same bytes.
    """
    from keepalived_upgrade.dependents.carry import Carried
    from keepalived_upgrade.engine import choose_migrations, compare_effects, run_again
    from keepalived_upgrade.migration import Choices, Context
    from keepalived_upgrade.proofs.run import prove
    from keepalived_upgrade.work import Work, read_views

    work = Work(site)
    for unit in kept:
        _put(work.texts, work.created, unit)
    original = read_views(Work(site), plan.source)
    after = read_views(work, plan.target)
    proposed = units_of(plan)
    left_out = [unit for unit in proposed if unit.number not in {one.number for one in kept}]
    refused = {migration for unit in left_out for migration in unit.migrations}
    choices = Choices(skip=frozenset(plan.skipped), untouched=untouched)
    chosen = [m for m in choose_migrations(plan.source, plan.target, choices)[0] if m.id not in refused]
    findings = [*plan.findings, *(_left_out(unit) for unit in left_out)]
    configuration = {path for config in original for path in config.tree.sources}
    dependents = tuple(path for path, _ in plan.read if path not in configuration)
    proofs = prove(
        work,
        original,
        after,
        chosen,
        Context(plan.source, plan.target, choices, work),
        Carried(dependents, ()),
        plan.renames,
        findings,
        daemon,
        run_again,
    )
    changed = {migration for unit in kept for migration in unit.migrations if not migration.startswith("names/")}
    if any(unit.change != proposed[unit.number].change for unit in kept):
        changed.add(_BY_HAND)
    effect = compare_effects(work, original, after, chosen, changed, plan.renames, findings)
    findings += _news(effect.findings, plan.findings)
    return replace(
        plan,
        files=work.changes(),
        findings=sort_findings(findings),
        renames=tuple(rename for rename in plan.renames if not any(_makes(unit, rename) for unit in left_out)),
        proofs=(*proofs, effect.proof),
        comparison=effect.comparison,
    )


def _news(found: Iterable[Finding], known: Iterable[Finding]) -> list[Finding]:
    """What the plan did not say yet. It came from leaving something out, so that it is decided, and to be looked at."""
    said = {(finding.id, finding.place) for finding in known}
    fresh = [finding for finding in found if (finding.id, finding.place) not in said]
    return [
        replace(finding, severity=Severity.REVIEW) if finding.severity is Severity.DECISION else finding
        for finding in fresh
    ]


def _put(texts: dict[str, Text], created: dict[str, NewFile], unit: Unit) -> None:
    file, change = unit.file, unit.change
    if change is None or file.before is None:
        migration, reason = unit.because[0]
        created[file.path] = NewFile(file.path, file.after, file.mode, file.owner, file.group, migration, reason)
        return
    text = texts.setdefault(file.path, Text(file.before))
    texts[file.path] = text
    shift = sum(len(done.new) - (done.end - done.start) for done in text.changes() if done.end <= change.start)
    (migration, reason), *others = change.because
    why = "; ".join(dict.fromkeys((reason, *(other for _, other in others))))
    text.apply([Edit(file.path, change.start + shift, change.end + shift, change.new, migration, why)])


def _makes(unit: Unit, rename: Rename) -> bool:
    """Whether a change is a part of what gives an old name its new ones; one that is for no name may be."""
    names = [name for migration, name in unit.names if migration == rename.migration]
    return rename.migration in unit.migrations and (not names or rename.old in names)


def _left_out(unit: Unit) -> Finding:
    migration, reason = unit.because[0]
    return Finding(
        "choices/left-out",
        Severity.REVIEW,
        Place(unit.file.path, unit.line),
        f"a change of {migration} was left out in the review: {reason}",
        "Make it by hand, or run again and take it.",
    )
