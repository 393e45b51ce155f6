"""The diff as rows for a terminal, one below the other or side by side.

Each change has its migration and reason above it. A line that took another one's place has the words marked that
differ. Lines are numbered, wrapped at the terminal's width, and a wrapped line goes on below its own text.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.plan import FileChange
from keepalived_upgrade.review.cells import Row, Span, chop, expand, fold, pad
from keepalived_upgrade.review.hunks import Hunk, Line
from keepalived_upgrade.review.masking import clean, mask, show
from keepalived_upgrade.review.pairs import differing, pair_lines
from keepalived_upgrade.review.summary import FileSummary

# The narrowest terminal in which two texts stand side by side.
SIDE_BY_SIDE = 100
_BLOCK = re.compile(rb"^(?:\}|[A-Za-z_][^\n{]*\{)", re.MULTILINE)
_COLOR = {b"-": "red", b"+": "green"}


@dataclass(frozen=True, slots=True)
class Layout:
    """width: cells of the terminal, 0 for no limit. side_by_side: where the width allows it."""

    width: int = 0
    side_by_side: bool = False

    @property
    def two(self) -> bool:
        """Whether old and new stand side by side."""
        return self.side_by_side and self.width >= SIDE_BY_SIDE


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    mark: bytes
    spans: tuple[Span, ...]


_Pair = tuple[_Numbered | None, _Numbered | None]


def file_rows(file: FileSummary, layout: Layout) -> Iterator[Row]:
    """Give the rows of one file: its path, then its hunks."""
    change = file.change
    crlf = _is_crlf(change)
    yield []
    yield from chop([(clean(change.path), "bold"), (_about(file, crlf), "dim")], layout.width)
    digits = max(2, len(str(max((max(_ends(hunk)) for hunk in file.hunks), default=0))))
    openings = _openings(change.before or b"")
    two = layout.two and change.before is not None
    shown: tuple[tuple[str, str], ...] = ()
    for index, hunk in enumerate(file.hunks):
        within = _block_around(openings, hunk)
        if index or within:
            yield from chop(expand([("···" + (f" in {within}" if within else ""), "dim")]), layout.width)
        for pairs, because in _parts(hunk, crlf):
            if because and because != shown:
                yield from _heading(because, layout)
                shown = because
            yield from (_beside(pairs, digits, layout.width) if two else _below(pairs, digits, layout.width))


def _about(file: FileSummary, crlf: bool) -> str:
    change = file.change
    lines = f"+{file.added} −{file.removed}" if change.before is not None else f"+{file.added}"
    new = f"new, mode {change.mode:04o}, {clean(change.owner)}:{clean(change.group)}, " if change.before is None else ""
    return f"  {new}{lines}{', CRLF' if crlf else ''}"


def _ends(hunk: Hunk) -> tuple[int, int]:
    return hunk.old_start + hunk.old_count, hunk.new_start + hunk.new_count


def _is_crlf(change: FileChange) -> bool:
    """Whether every line ends in CRLF, before and after: then this is said once, and not at each line."""
    return all(
        text.count(b"\n") == text.count(b"\r\n") > 0 for text in (change.before, change.after) if text is not None
    )


def _openings(before: bytes) -> list[tuple[int, str]]:
    """The lines that open or close a block in the first column: their numbers, and the block, "" where one closes."""
    found: list[tuple[int, str]] = []
    line, at = 1, 0
    for match in _BLOCK.finditer(before):
        line, at = line + before.count(b"\n", at, match.start()), match.start()
        found.append((line, mask(clean(show(match.group().rstrip(b"{}").strip())))))
    return found


def _block_around(openings: list[tuple[int, str]], hunk: Hunk) -> str:
    """The block in which a hunk begins, or "" for none that can be seen."""
    if not hunk.lines[0].text[:1].isspace():
        return ""
    index = bisect_left(openings, (hunk.old_start, ""))
    return openings[index - 1][1] if index else ""


def _heading(because: tuple[tuple[str, str], ...], layout: Layout) -> Iterator[Row]:
    for migration, reason in because:
        first, *more = fold(mask(clean(f"{migration}  {reason}")), layout.width - 3 if layout.width else 0)
        id, _, rest = first.partition("  ")
        yield [("── ", "cyan"), (id, "bold cyan"), (f"  {rest}" if rest else "", "cyan")]
        for line in more:
            yield [(f"   {line}", "cyan")]


def _parts(hunk: Hunk, crlf: bool) -> Iterator[tuple[list[_Pair], tuple[tuple[str, str], ...]]]:
    """Cut a hunk into runs of unchanged lines and changes, as pairs of an old and a new line."""
    old, new = hunk.old_start, hunk.new_start
    lines = list(hunk.lines)
    at = 0
    while at < len(lines):
        if lines[at].mark == b" ":
            spans = ((_text(lines[at], crlf), ""),)
            yield [(_Numbered(old, b" ", spans), _Numbered(new, b" ", spans))], ()
            old, new, at = old + 1, new + 1, at + 1
            continue
        because = lines[at].because
        removed, at = _run(lines, at, b"-", crlf)
        added, at = _run(lines, at, b"+", crlf)
        yield _match(removed, added, old, new), because
        old, new = old + len(removed), new + len(added)


def _run(lines: list[Line], at: int, mark: bytes, crlf: bool) -> tuple[list[str], int]:
    begin = at
    while at < len(lines) and lines[at].mark == mark:
        at += 1
    return [_text(line, crlf) for line in lines[begin:at]], at


def _text(line: Line, crlf: bool) -> str:
    text, ending = line.text, ""
    if text.endswith(b"\r\n"):
        text, ending = text[:-2], "" if crlf else "^M"
    elif text.endswith(b"\n"):
        text = text[:-1]
    else:
        ending = "  (no line break at the end)"
    return mask(show(text)) + ending


def _match(removed: list[str], added: list[str], old: int, new: int) -> list[_Pair]:
    """Put old and new lines beside each other, in the order of both."""
    pairs: list[_Pair] = []
    i = j = 0
    for left, right in [*pair_lines(removed, added), (len(removed), len(added))]:
        gone = [_whole(old + n, b"-", removed[n]) for n in range(i, left)]
        come = [_whole(new + n, b"+", added[n]) for n in range(j, right)]
        pairs += itertools.zip_longest(gone, come)
        if left < len(removed):
            before, after = removed[left], added[right]
            pairs.append((_marked(old + left, b"-", before, after), _marked(new + right, b"+", after, before)))
        i, j = left + 1, right + 1
    return pairs


def _whole(number: int, mark: bytes, text: str) -> _Numbered:
    return _Numbered(number, mark, ((text, _COLOR[mark]),))


def _marked(number: int, mark: bytes, text: str, other: str) -> _Numbered:
    color = _COLOR[mark]
    spans = ((piece, f"bold reverse {color}" if differs else color) for piece, differs in differing(text, other))
    return _Numbered(number, mark, tuple(spans))


def _below(pairs: list[_Pair], digits: int, width: int) -> Iterator[Row]:
    """Removed lines, then added ones, as in every unified diff."""
    blank = " " * digits
    room = max(20, width - 2 * digits - 4) if width else 0
    for left, right in pairs:
        if left and left.mark == b" ":
            number = f"{left.number:>{digits}} {right.number if right else 0:>{digits}}"
            yield from _hang((f"{number}   ", "dim"), left.spans, room)
    for left, _ in pairs:
        if left and left.mark == b"-":
            yield from _hang((f"{left.number:>{digits}} {blank} ", "dim"), (("- ", "red"), *left.spans), room, 2)
    for _, right in pairs:
        if right and right.mark == b"+":
            yield from _hang((f"{blank} {right.number:>{digits}} ", "dim"), (("+ ", "green"), *right.spans), room, 2)


def _hang(gutter: Span, spans: tuple[Span, ...], room: int, marks: int = 0) -> Iterator[Row]:
    mark, text = list(spans[:1]) if marks else [], spans[1:] if marks else spans
    size = len(gutter[0]) + marks
    first, *more = chop(expand(text), room)
    yield [gutter, *mark, *first]
    for row in more:
        yield [(" " * size, ""), *row]


def _beside(pairs: list[_Pair], digits: int, width: int) -> Iterator[Row]:
    panel = (width - 3) // 2
    for left, right in pairs:
        ours, theirs = _panel(left, digits, panel), _panel(right, digits, panel)
        for index in range(max(len(ours), len(theirs))):
            old = ours[index] if index < len(ours) else []
            new = theirs[index] if index < len(theirs) else []
            yield [*pad(old, panel), (" │ ", "dim"), *new]


def _panel(line: _Numbered | None, digits: int, width: int) -> list[Row]:
    if line is None:
        return []
    mark = line.mark.decode()
    head: Row = [(f"{line.number:>{digits}} ", "dim"), (f"{mark} ", _COLOR.get(line.mark, ""))]
    first, *more = chop(expand(line.spans), max(20, width - digits - 3))
    return [[*head, *first], *([(" " * (digits + 3), ""), *row] for row in more)]
