"""The plan for a person: the diff with a heading for each hunk, what to know and decide, proofs, what comes next."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.plan import FileChange, Plan, Result
from keepalived_upgrade.review.hunks import Hunk, Line, hunks_of
from keepalived_upgrade.review.masking import clean, mask, show

if TYPE_CHECKING:
    from rich.text import Text

_TITLES = {
    Severity.DECISION: ("To decide before anything is written", "bold red"),
    Severity.REVIEW: ("To look at first", "bold yellow"),
    Severity.INFO: ("Good to know", "bold"),
}
_PROOF_STYLE = {Result.PASSED: "green", Result.FAILED: "bold red", Result.NOT_MADE: "yellow"}
_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


def render_diff(plan: Plan, *, color: bool, width: int) -> str:
    """Give the diff of all files. Without color it is plain text that no terminal width breaks."""
    return _print((part for change in plan.files for part in _file(change)), color, width)


def render_report(plan: Plan, *, color: bool, width: int, writing: bool = False) -> str:
    """Give the diff, the findings, the renames, the proofs and the summary.

    writing: the caller writes next and says itself what came of it.
    """
    return _print(_report(plan, writing), color, width)


def _print(parts: Iterator[Text], color: bool, width: int) -> str:
    from rich.console import Console

    out = io.StringIO()
    console = Console(
        file=out,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part, soft_wrap=True)
    return out.getvalue()


def _report(plan: Plan, writing: bool) -> Iterator[Text]:
    from rich.text import Text

    for change in plan.files:
        yield from _file(change)
    for severity, (title, style) in _TITLES.items():
        found = [finding for finding in plan.findings if finding.severity is severity]
        if found:
            yield Text(f"\n{title} ({len(found)})", style)
            for finding in found:
                yield from _finding(finding)
    if plan.renames:
        yield Text("\nNames", "bold")
        for rename in plan.renames:
            new = ", ".join(f"{clean(show(n.name))} ({n.role})" for n in rename.new)
            yield Text(f"  {rename.kind} {clean(show(rename.old))} → {new}")
    yield Text("\nProofs", "bold")
    for proof in plan.proofs:
        yield Text.assemble(
            "  ",
            (f"{proof.result.value:>8}", _PROOF_STYLE[proof.result]),
            f"  {proof.name}: {mask(clean(proof.detail))}",
        )
    yield from _summary(plan, writing)


def _finding(finding: Finding) -> Iterator[Text]:
    from rich.text import Text

    yield Text.assemble("  ", (clean(str(finding.place)), "bold"), f"  {mask(clean(finding.message))}")
    yield Text(f"    → {mask(clean(finding.cure))}")
    yield Text(f"      [{finding.id}]", "dim")


def _summary(plan: Plan, writing: bool) -> Iterator[Text]:
    from rich.text import Text

    new = sum(1 for change in plan.files if change.before is None)
    changed = len(plan.files) - new
    left = f"; left out by choice: {', '.join(plan.skipped)}" if plan.skipped else ""
    releases = f"{plan.source} → {plan.target}" if plan.source != plan.target else str(plan.source)
    yield Text(f"\n{releases}: {_count(changed, 'file')} to change, {new} to create{left}.", "bold")
    if writing:
        return
    if plan.failed_proofs():
        yield Text("Nothing was written, and --write refuses: a proof failed.", "bold red")
    elif plan.decisions():
        yield Text(f"Nothing was written. {_count(len(plan.decisions()), 'decision')} to take before --write.", "bold")
    elif plan.files:
        yield Text("Nothing was written. --write writes all files or none; --patch FILE gives a patch for review.")
    else:
        yield Text("There is nothing to write.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _file(change: FileChange) -> Iterator[Text]:
    from rich.text import Text

    path = clean(change.path)
    if change.before is None:
        yield Text(f"\nnew file {path}  (mode {change.mode:04o}, {change.owner}:{change.group})", "bold")
    else:
        yield Text(f"\n{path}", "bold")
    for hunk in hunks_of(change):
        for migration, reason in hunk.because:
            yield Text.assemble(("── ", "cyan"), (migration, "bold cyan"), (f"  {clean(reason)}", "cyan"))
        yield from _lines(hunk)


def _lines(hunk: Hunk) -> Iterator[Text]:
    """The lines with their numbers; a run of removed lines beside as many added ones gets its words emphasised."""
    from rich.text import Text

    old, new = hunk.old_start, hunk.new_start
    lines = list(hunk.lines)
    at = 0
    while at < len(lines):
        mark = lines[at].mark
        if mark == b" ":
            text = _line(lines[at])
            yield Text.assemble((f"{old:>5} {new:>5}   ", "dim"), text)
            old, new, at = old + 1, new + 1, at + 1
            continue
        removed, at = _run(lines, at, b"-")
        added, at = _run(lines, at, b"+")
        pairs = len(removed) == len(added)
        for index, line in enumerate(removed):
            other = added[index] if pairs else ""
            yield Text.assemble((f"{old:>5}       ", "dim"), *_emphasise("- ", line, other, "red"))
            old += 1
        for index, line in enumerate(added):
            other = removed[index] if pairs else ""
            yield Text.assemble((f"      {new:>5} ", "dim"), *_emphasise("+ ", line, other, "green"))
            new += 1


def _run(lines: list[Line], at: int, mark: bytes) -> tuple[list[str], int]:
    begin = at
    while at < len(lines) and lines[at].mark == mark:
        at += 1
    return [_line(line) for line in lines[begin:at]], at


def _line(line: Line) -> str:
    text = line.text
    ending = ""
    if text.endswith(b"\r\n"):
        text, ending = text[:-2], "^M"
    elif text.endswith(b"\n"):
        text = text[:-1]
    else:
        ending = "  (no line break at the end)"
    return mask(show(text)) + ending


def _emphasise(mark: str, line: str, other: str, color: str) -> Iterator[tuple[str, str]]:
    """The words that the other line does not have are reversed, as long as the two lines are alike at all."""
    yield mark, color
    if not other:
        yield line, color
        return
    ours, theirs = _TOKENS.findall(line), _TOKENS.findall(other)
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    if len(ours) * len(theirs) > 40_000 or matcher.ratio() < 0.4:
        yield line, color
        return
    for tag, _, _, begin, end in matcher.get_opcodes():
        yield "".join(ours[begin:end]), color if tag == "equal" else f"bold reverse {color}"
