"""The plan for a person: what it comes to, what to decide, the diff with the reason of each change, what to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import FileChange, Plan, Result
from keepalived_upgrade.review.cells import Row, chop, fold, fold_command, paint, width_of
from keepalived_upgrade.review.diff_rows import Layout, file_rows
from keepalived_upgrade.review.masking import clean, hiding, mask, show
from keepalived_upgrade.review.summary import (
    FileSummary,
    Step,
    command_for,
    count,
    files_in_short,
    group_findings,
    next_step,
    places_in_short,
    proofs_in_short,
    releases_in_short,
    severities,
    summarise_files,
    summarise_passes,
)

_TITLES = {
    Severity.DECISION: ("To decide before anything is written", "bold red"),
    Severity.REVIEW: ("To look at first", "bold yellow"),
    Severity.INFO: ("Good to know", "bold"),
}
_WORDS = {Severity.DECISION: "to decide", Severity.REVIEW: "to look at", Severity.INFO: "good to know"}
_PROOF_STYLE = {Result.PASSED: "green", Result.FAILED: "bold red", Result.NOT_MADE: "yellow"}
# The table on the first screen names so many files; the diff shows all of them.
_MOST_FILES = 15
_LABEL = 10
_NARROW = 60
_INDENT = " " * (_LABEL + 2)


@hiding
def render_diff(plan: Plan, *, color: bool, width: int = 0) -> str:
    """Give the diff of all files. width: where lines are wrapped, 0 for nowhere."""
    return render_files(plan.files, color=color, width=width)


def render_files(files: Iterable[FileChange], *, color: bool, width: int = 0, side_by_side: bool = False) -> str:
    """Give the diff of files as render_diff does; what has no migration has no heading."""
    layout = Layout(width, side_by_side)
    return paint((row for file in summarise_files(files) for row in file_rows(file, layout)), color)


@hiding
def render_report(
    plan: Plan,
    *,
    color: bool,
    width: int = 0,
    side_by_side: bool = False,
    writing: bool = False,
    command: str = "",
    diff: bool = True,
    root: str = "",
) -> str:
    """Give the summary, the decisions, the diff, the other findings, the renames, the proofs and what comes next.

    width: where lines are wrapped, 0 for nowhere; side by side is for SIDE_BY_SIDE columns and more. writing: the
    caller writes next and says itself what came of it. command: how the plan was asked for, to say how to go on.
    diff: False leaves it out. root: what the root is called, its whole path when empty.
    """
    return paint(_report(plan, Layout(width, side_by_side), writing, command, root, diff), color)


@hiding
def render_picture(plan: Plan, *, width: int, most: int, command: str = "", root: str = "") -> str:
    """Give the report as an SVG picture. most: how many lines it may have; the rest is as in render_report."""
    from keepalived_upgrade.review.svg import render_svg

    asked = command or command_for(plan)
    files = files_in_short(summarise_files(plan.files))
    found = ", ".join(f"{number} {_WORDS[severity]}" for severity, number in severities(plan).items())
    return render_svg(
        _report(plan, Layout(width), False, asked, root, True),
        command=asked,
        title=f"What keepalived-upgrade shows: keepalived {releases_in_short(plan)}",
        description=f"{files}. Findings: {found}. Proofs: {proofs_in_short(plan)}.",
        width=width,
        most=most,
    )


@hiding
def render_summary(plan: Plan, *, color: bool, width: int = 0, root: str = "") -> str:
    """Give the table at the top of a report, without proofs and what comes next. root: as in render_report."""
    return paint(_summary(plan, summarise_files(plan.files), None, width, root, proofs=False), color)


def _report(plan: Plan, layout: Layout, writing: bool, command: str, root: str, diff: bool) -> Iterator[Row]:
    files = summarise_files(plan.files)
    step = None if writing else next_step(plan, command)
    yield from _summary(plan, files, step, layout.width, root)
    yield from _findings(plan, Severity.DECISION, layout.width)
    for file in files if diff else ():
        yield from file_rows(file, layout)
    yield from _findings(plan, Severity.REVIEW, layout.width)
    yield from _findings(plan, Severity.INFO, layout.width)
    if plan.renames:
        yield from _title("Names", "bold")
        for rename in plan.renames:
            new = ", ".join(f"{clean(show(n.name))} ({clean(n.role)})" for n in rename.new)
            yield from _prose(f"{clean(rename.kind)} {clean(show(rename.old))} → {new}", layout.width)
    yield from _title("Proofs", "bold")
    for proof in plan.proofs:
        first, *more = fold(mask(clean(f"{proof.name}: {proof.detail}")), _room(layout.width, 12))
        yield [(f"  {proof.result.value:>8}", _PROOF_STYLE[proof.result]), (f"  {first}", "")]
        yield from ([(" " * 12 + line, "")] for line in more)
    yield from _closing(plan, files, step, layout.width)


def _summary(
    plan: Plan, files: tuple[FileSummary, ...], step: Step | None, width: int, root: str, proofs: bool = True
) -> Iterator[Row]:
    """The first screen."""
    yield [(f"keepalived {releases_in_short(plan)}", "bold")]
    yield []
    yield from _entry("Config", [clean(plan.config)], width)
    if plan.root != "/":
        yield from _entry("Root", [clean(root or plan.root)], width)
    yield from _entry("Files", [files_in_short(files)], width)
    longest = max((len(str(file.added)) for file in files), default=1) + 1
    for file in files[:_MOST_FILES]:
        yield from _file_entry(file, longest, width)
    if len(files) > _MOST_FILES:
        yield [(f"{_INDENT}and {len(files) - _MOST_FILES} more, all of them below", "")]
    passes = summarise_passes(plan)
    if passes or plan.skipped:
        size = max((width_of(one.migration) for one in passes), default=0)
        lines = [
            f"{clean(one.migration):<{size}}  {count(one.changes, 'change')} in {count(one.files, 'file')}"
            for one in passes
        ]
        yield from _entry(
            "Changes", [*lines, *([f"left out by choice: {_skipped(plan)}"] if plan.skipped else [])], width
        )
    found = severities(plan)
    yield from _entry(
        "Findings", [", ".join(f"{number} {_WORDS[severity]}" for severity, number in found.items())], width
    )
    if proofs:
        yield from _entry("Proofs", [proofs_in_short(plan)], width)
    if step is not None:
        room = _room(width, _LABEL + 2)
        lines = fold_command(step.command, room) if step.command else fold(step.text, room)
        yield from _entry("Next", lines, 0, "bold")


def _file_entry(file: FileSummary, longest: int, width: int) -> Iterator[Row]:
    numbers: Row = [(f"{f'+{file.added}':>{longest}} ", "green"), (f"{f'−{file.removed}':<{longest}} ", "red")]
    # On a narrow screen a path needs the room of a word that goes without saying.
    status = f"{file.status:<7}  " if not width or width >= _NARROW or file.status == "new" else ""
    head: Row = [(_INDENT, ""), *numbers, (status, "")]
    taken = sum(width_of(text) for text, _ in head)
    for index, row in enumerate(chop([(clean(file.change.path), "")], _room(width, taken))):
        yield [*(head if not index else [(" " * taken, "")]), *row]


def _entry(label: str, lines: list[str], width: int, style: str = "") -> Iterator[Row]:
    folded = [part for line in lines for part in fold(line, _room(width, _LABEL + 2))]
    for index, line in enumerate(folded):
        yield [(f"  {label if not index else '':<{_LABEL}}", "bold"), (line, style)]


def _skipped(plan: Plan) -> str:
    return ", ".join(clean(id) for id in plan.skipped)


def _title(text: str, style: str) -> Iterator[Row]:
    yield []
    yield [(text, style)]


def _findings(plan: Plan, severity: Severity, width: int) -> Iterator[Row]:
    found = [finding for finding in plan.findings if finding.severity is severity]
    if not found:
        return
    title, style = _TITLES[severity]
    yield from _title(f"{title} ({len(found)})", style)
    for finding, places in group_findings(found):
        yield from _finding(finding, places, width)


def _finding(finding: Finding, places: tuple[Place, ...], width: int) -> Iterator[Row]:
    """Each place and the message stand on one line where nothing is wrapped, so that tools can search the lines."""
    message, cure = mask(clean(finding.message)), mask(clean(finding.cure))
    if width:
        yield from ([(f"  {line}", "bold")] for line in fold(clean(places_in_short(places)), _room(width, 2)))
        yield from ([(f"    {line}", "")] for line in fold(message, _room(width, 4)))
    else:
        yield from ([("  ", ""), (clean(str(place)), "bold"), (f"  {message}", "")] for place in places)
    first, *more = fold(cure, _room(width, 6))
    yield [("    → ", "bold"), (first, "")]
    yield from ([(f"      {line}", "")] for line in more)
    yield [(f"      [{clean(finding.id)}]", "dim")]


def _prose(text: str, width: int) -> Iterator[Row]:
    for index, line in enumerate(fold(text, _room(width, 4))):
        yield [("    " if index else "  ", ""), (line, "")]


def _room(width: int, taken: int) -> int:
    return max(20, width - taken) if width else 0


def _closing(plan: Plan, files: tuple[FileSummary, ...], step: Step | None, width: int) -> Iterator[Row]:
    left = f"; left out by choice: {_skipped(plan)}" if plan.skipped else ""
    yield []
    for line in fold(f"{releases_in_short(plan)}: {files_in_short(files)}{left}.", width):
        yield [(line, "bold")]
    if step is None:
        return
    for line in fold(step.further, width) if step.further else ():
        yield [(line, "")]
    for line in fold(step.text, width):
        yield [(line, "bold red" if step.refused else "")]
    if step.command:
        yield from ([(f"  {line}", "bold")] for line in fold_command(step.command, _room(width, 2)))
