"""Which removed line became which added one, and which words of the two differ."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

# How alike two lines must be to be shown as one line changed; and how many comparisons a run of lines is worth.
_ALIKE = 0.5
_MOST_COMPARED = 400
_MOST_TOKENS = 40_000
_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")

Piece = tuple[str, bool]


def pair_lines(removed: Sequence[str], added: Sequence[str]) -> list[tuple[int, int]]:
    """Give pairs (index of a removed line, index of the added line that took its place), both in order.

    The pairs are those that leave the most text in common. Long runs are paired line by line if they are as long.
    """
    rows, columns = len(removed), len(added)
    if rows * columns > _MOST_COMPARED:
        return [(n, n) for n in range(rows) if _likeness(removed[n], added[n])] if rows == columns else []
    likeness = [[_likeness(old, new) for new in added] for old in removed]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            both = likeness[i][j] and likeness[i][j] + best[i + 1][j + 1]
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def differing(line: str, other: str) -> list[Piece]:
    """Give the pieces of a line, each with whether the other line lacks it. Whole words and runs of blanks differ."""
    ours, theirs = _TOKENS.findall(line), _TOKENS.findall(other)
    if len(ours) * len(theirs) > _MOST_TOKENS:
        return [(line, False)]
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    return [
        ("".join(ours[begin:end]), tag != "equal") for tag, _, _, begin, end in matcher.get_opcodes() if end > begin
    ]


def _likeness(old: str, new: str) -> float:
    """0 for lines that are not alike enough."""
    a, b = old.strip(), new.strip()
    if a == b:
        return 1.0 if a else 0.0
    matcher = difflib.SequenceMatcher(None, a[:200], b[:200], autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _ALIKE else 0.0
