"""Many spans of a text, asked often: what covers a place, and what overlaps one."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable


class Covered:
    """Spans that are done with."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        # The farthest end of all spans that begin at or before each of them.
        self._ends = list(itertools.accumulate((end for _, end in self._spans), max))

    def holds(self, start: int, end: int) -> bool:
        """Tell whether one of the spans holds all of start to end."""
        before = bisect_left(self._spans, (start + 1,))
        return before > 0 and end <= self._ends[before - 1]


class Disjoint:
    """Spans that do not overlap."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> bool:
        """Add a span; False, and nothing is added, where it overlaps another one."""
        at = bisect_right(self._spans, (start, end))
        near = self._spans[max(0, at - 1) : at + 1]
        if any(start < b and a < end for a, b in near):
            return False
        insort(self._spans, (start, end))
        return True
