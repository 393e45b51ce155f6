"""A file's changes as hunks: the lines before and after, with some context, and why. Built from the composed edits,
so that it is exact and its time grows with the change and not with the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.plan import FileChange

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Line:
    """mark: b" " (unchanged), b"-" or b"+". text: the line with its line break, if it has one.

    because: the (migration, reason)s of the change that this line belongs to; nothing for an unchanged line.
    """

    mark: bytes
    text: bytes
    because: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hunk:
    """old_start, new_start: number of the first line, from 1. lines: old and new ones. because: why, in order."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[Line, ...]
    because: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Block:
    """A run of old lines (first to last, exclusive) and the new lines in their place."""

    first: int
    last: int
    new: list[bytes]
    because: tuple[tuple[str, str], ...]


def split_lines(text: bytes) -> list[bytes]:
    """Give the lines with their line breaks; only `\\n` ends a line."""
    lines = text.split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]]
    return whole + ([lines[-1]] if lines[-1] else [])


def hunks_of(change: FileChange, context: int = CONTEXT) -> tuple[Hunk, ...]:
    """Give the hunks of one file, in order."""
    before = change.before or b""
    old = split_lines(before)
    blocks = _merge(list(_blocks(change, before, old)), old, context)
    hunks, shift = [], 0
    for group in blocks:
        first = max(0, group[0].first - context)
        last = min(len(old), group[-1].last + context)
        lines: list[Line] = []
        at = first
        for block in group:
            lines += [Line(b" ", line) for line in old[at : block.first]]
            lines += [Line(b"-", line, block.because) for line in old[block.first : block.last]]
            lines += [Line(b"+", line, block.because) for line in block.new]
            at = block.last
        lines += [Line(b" ", line) for line in old[at:last]]
        removed = sum(block.last - block.first for block in group)
        added = sum(len(block.new) for block in group)
        old_count = last - first
        new_count = old_count - removed + added
        because = tuple(dict.fromkeys(why for block in group for why in block.because))
        hunks.append(
            Hunk(
                first + 1 if old_count else first,
                old_count,
                first + shift + 1 if new_count else first + shift,
                new_count,
                tuple(lines),
                because,
            )
        )
        shift += added - removed
    return tuple(hunks)


def _blocks(change: FileChange, before: bytes, old: list[bytes]) -> Iterator[_Block]:
    """Widen each change to whole lines; changes that meet on a line become one block."""
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    pending: list[tuple[int, int, bytes]] = []
    reasons: list[tuple[str, str]] = []
    first = last = -1
    row = 0
    for one in change.changes:
        while row + 1 < len(starts) and starts[row + 1] <= one.start:
            row += 1
        begin = min(row, len(old))
        end = begin
        while end < len(old) and starts[end] < one.end:
            end += 1
        if begin < len(old) and one.start > starts[begin]:
            end = max(end, begin + 1)
        if one.new and not one.new.endswith(b"\n") and begin < len(old):
            end = max(end, begin + 1)
        if begin == len(old) and old and not old[-1].endswith(b"\n"):
            begin -= 1
        if first >= 0 and begin < last:
            last = max(last, end)
        else:
            if first >= 0:
                yield _close(first, last, pending, reasons, before, starts)
            first, last, pending, reasons = begin, end, [], []
        last = max(last, begin)
        pending.append((one.start, one.end, one.new))
        reasons += one.because
    if first >= 0:
        yield _close(first, last, pending, reasons, before, starts)


def _close(
    first: int,
    last: int,
    changes: list[tuple[int, int, bytes]],
    because: list[tuple[str, str]],
    before: bytes,
    starts: list[int],
) -> _Block:
    at, end = starts[first], starts[last]
    parts: list[bytes] = []
    for start, stop, new in changes:
        parts += (before[at:start], new)
        at = stop
    parts.append(before[at:end])
    return _Block(first, last, split_lines(b"".join(parts)), tuple(dict.fromkeys(because)))


def _merge(blocks: list[_Block], old: list[bytes], context: int) -> list[list[_Block]]:
    """Trim lines that are the same on both sides, then put blocks whose context would touch into one hunk."""
    groups: list[list[_Block]] = []
    for block in blocks:
        while block.new and block.first < block.last and old[block.first] == block.new[0]:
            block.first += 1
            block.new.pop(0)
        while block.new and block.first < block.last and old[block.last - 1] == block.new[-1]:
            block.last -= 1
            block.new.pop()
        if not block.new and block.first == block.last:
            continue
        if groups and block.first - groups[-1][-1].last <= 2 * context:
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups
