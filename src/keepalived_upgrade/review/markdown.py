"""The plan as a comment for a merge request: a summary table, decisions, folded findings, the diff in fenced blocks.

Whatever comes from the host stays text: code is written with entities, which no renderer takes for structure, and names
that would call a person or a ticket are broken by a blank of no width. Passwords are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.review.hunks import Hunk
from keepalived_upgrade.review.masking import clean, hiding, mask, show
from keepalived_upgrade.review.summary import (
    FileSummary,
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

LIMIT = 60_000
_TITLES = {
    Severity.DECISION: "To decide before anything is written",
    Severity.REVIEW: "To look at first",
    Severity.INFO: "Good to know",
}
_WORDS = {Severity.DECISION: "to decide", Severity.REVIEW: "to look at", Severity.INFO: "good to know"}
_STRUCTURE = re.compile(r"""[&<>"*_`\[\]|~\\#@!$:{}^]|(?i:\bwww)(?=\.)""")
# @name, #1, !1, ~label, and :smile: are looked for after the text was rendered, so an entity does not stop them.
_CALLS = re.compile(r"[@#!~](?=\w)|:(?=[\w+-]+:)")
_MOST_ROWS = 12
_MOST_NAMES = 20
# Room for what says that something was left out, besides the command.
_RESERVE = 1_600
_LONGEST_COMMAND = 800
_LONGEST_NAME = 120


@hiding
def render_markdown(plan: Plan, *, command: str = "", limit: int = LIMIT) -> str:
    """Give the comment, of at most `limit` characters (4,000 and more); it says what was left out and how to see it.

    command: how the plan was asked for; found out from the plan when it is empty.
    """
    files = summarise_files(plan.files)
    page = _Page(limit - _RESERVE - _LONGEST_COMMAND)
    page.add_whole("".join(_head(plan, files, command)))
    for severity, title in _TITLES.items():
        found = [finding for finding in plan.findings if finding.severity is severity]
        if not found:
            continue
        opening, closing = _folds(f"{title} ({len(found)})", severity is Severity.DECISION)
        page.add(opening, [_finding(*one) for one in group_findings(found)], closing, f"{_WORDS[severity]}")
    for file in files:
        lines = [_diff_lines(hunk) for hunk in file.hunks]
        fence = "`" * max(3, *(1 + _longest_run(text) for text in lines)) if lines else "```"
        opening = f"<details open><summary>{code(file.change.path)} {_numbers(file)}</summary>\n\n{fence}diff\n"
        page.add(opening, lines, f"{fence}\n\n</details>\n\n", "", file.change.path)
    return "".join((*page.parts, *_left_out(page, command or command_for(plan), limit)))


def code(text: str) -> str:
    """Give a text as code that can stand in a table: nothing in it is structure, a link or a name that calls."""
    return f"<code>{_STRUCTURE.sub(_entity, clean(text))}</code>"


def prose(text: str) -> str:
    """Give a message of ours, which may hold names of the user's. What stands in backticks becomes code."""
    parts = mask(clean(text)).split("`")
    if len(parts) % 2 == 0:  # one backtick without its partner is the user's
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(code(part) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    broken = _CALLS.sub(lambda match: match.group() + "\u200b", text)
    return _STRUCTURE.sub(_entity, broken)


def _entity(match: re.Match[str]) -> str:
    text = match.group()
    return f"&#{ord(text)};" if len(text) == 1 else text[:2] + f"&#{ord(text[2])};"


@dataclass(slots=True)
class _Page:
    """What fits. left: how many entries were left out, by kind; files: the paths of those not shown whole."""

    room: int
    parts: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def add_whole(self, text: str) -> None:
        self.parts.append(text)
        self.room -= len(text)

    def add(self, opening: str, entries: Sequence[str], closing: str, kind: str, path: str = "") -> None:
        """Add the entries that fit, in order; an opening without an entry is not added."""
        fitting: list[str] = []
        room = self.room - len(opening) - len(closing)
        for entry in entries:
            if len(entry) <= room:
                fitting.append(entry)
                room -= len(entry)
        if fitting:
            self.add_whole("".join((opening, *fitting, closing)))
        missing = len(entries) - len(fitting)
        if missing and path:
            self.files.append(path)
        elif missing:
            self.left[kind] = missing


def _head(plan: Plan, files: Sequence[FileSummary], command: str) -> Iterator[str]:
    yield f"## keepalived {releases_in_short(plan)}\n\n| | |\n|---|---|\n"
    yield _row("Configuration", code(_short(plan.config)))
    yield _row("Files", files_in_short(files))
    passes = summarise_passes(plan)
    rows = [f"{code(one.migration)} {count(one.changes, 'change')} in {count(one.files, 'file')}" for one in passes]
    more = [f"and {len(rows) - _MOST_ROWS} more"] if len(rows) > _MOST_ROWS else []
    if rows:
        yield _row("Changes", "<br>".join([*rows[:_MOST_ROWS], *more]))
    if plan.skipped:
        yield _row("Left out by choice", ", ".join(_some(plan.skipped)))
    found = severities(plan).items()
    yield _row("Findings", ", ".join(f"{number} {_WORDS[severity]}" for severity, number in found))
    yield _row("Proofs", proofs_in_short(plan))
    step = next_step(plan, command)
    said = prose(step.text.removeprefix("Nothing was written. "))
    yield _row("Next", f"{said} {_command(step.command)}" if step.command else said)
    yield "\n"


def _row(label: str, cell: str) -> str:
    return f"| **{label}** | {cell} |\n"


def _folds(title: str, open: bool) -> tuple[str, str]:
    """A decision stands open; what is only to be read is folded."""
    if open:
        return f"### {title}\n\n", "\n"
    return f"<details><summary>{title}</summary>\n\n", "\n</details>\n\n"


def _finding(finding: Finding, places: Sequence[Place]) -> str:
    where, id = code(places_in_short(places[:_MOST_NAMES])), code(finding.id)
    if len(places) > _MOST_NAMES:
        where += f" and {len(places) - _MOST_NAMES} more"
    return f"- {where}<br>{prose(finding.message)}<br>→ {prose(finding.cure)}<br>{id}\n"


def _numbers(file: FileSummary) -> str:
    return f"new, +{file.added}" if file.status == "new" else f"+{file.added} −{file.removed}"


def _diff_lines(hunk: Hunk) -> str:
    lines = [f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"]
    shown: tuple[tuple[str, str], ...] = ()
    for line in hunk.lines:
        if line.because and line.because != shown:
            lines += [f"# {clean(migration)}: {mask(clean(reason))}" for migration, reason in line.because]
            shown = line.because
        text = line.text.removesuffix(b"\n")
        lines.append(line.mark.decode() + mask(show(text)))
        if text == line.text:
            lines.append("\\ No newline at end of file")
    return "\n".join(lines) + "\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _left_out(page: _Page, command: str, limit: int) -> Iterator[str]:
    parts = [f"{count(number, 'finding')} {kind}" for kind, number in page.left.items()]
    if page.files:
        parts.append(f"changes in {count(len(page.files), 'file')}: {', '.join(_some(page.files))}")
    if not parts:
        return
    yield f"**Left out**, since this comment may have {limit:,} characters: {'; '.join(parts)}.\n"
    yield f"\nTo see everything, without `--format markdown`: {_command(command)}\n"


def _command(command: str) -> str:
    shown = code(command)
    return shown if len(shown) <= _LONGEST_COMMAND else "the command that made this comment"


def _some(names: Iterable[str]) -> list[str]:
    """Give a list of names, cut where it grows too long."""
    shown: list[str] = []
    size = 0
    every = [code(_short(name)) for name in names]
    for name in every[:_MOST_NAMES]:
        size += len(name) + 2
        if size > _RESERVE - 500:
            break
        shown.append(name)
    rest = len(every) - len(shown)
    return [*shown, *([f"and {rest} more"] if rest else [])]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"…{name[-_LONGEST_NAME:]}"
