"""Spans of a text: which of many overlap one, or cover it, without a look at each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from itertools import accumulate


class Spans:
    """Spans that do not overlap one another; an empty one, an insertion, overlaps what it is inside of."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether a span overlaps one of these."""
        at = bisect_left(self._spans, (end, -1))
        return any(start < last and first < end for first, last in self._spans[max(0, at - 2) : at + 1])

    def add(self, start: int, end: int) -> None:
        """Add a span that overlaps none."""
        insort(self._spans, (start, end))


class Cover:
    """Spans that may overlap one another."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def covers(self, start: int, end: int) -> bool:
        """Tell whether one of the spans holds all from start to end."""
        at = bisect_right(self._starts, start)
        return at > 0 and self._ends[at - 1] >= end
