"""What differs inside a changed line."""

from __future__ import annotations

import difflib
import re

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Beyond this many comparisons, or less alike than this, whole lines are easier to read than their words.
_MOST = 40_000
_ALIKE = 0.4


def mark_words(line: str, other: str) -> list[tuple[str, bool]]:
    """Give the line in parts, each with whether the other line lacks it; nothing is marked where they are not alike."""
    ours, theirs = _WORDS.findall(line), _WORDS.findall(other)
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    if not ours or len(ours) * len(theirs) > _MOST or matcher.ratio() < _ALIKE:
        return [(line, False)]
    parts = [
        ("".join(ours[begin:end]), tag != "equal") for tag, _, _, begin, end in matcher.get_opcodes() if begin < end
    ]
    return _joined(parts)


def _joined(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """A sign or a blank between two marked parts is marked with them: one change is easier to see than two."""
    joined: list[tuple[str, bool]] = []
    for number, (text, marked) in enumerate(parts):
        between = 0 < number < len(parts) - 1 and len(text) == 1 and not text.isalnum()
        if joined and joined[-1][1] and (marked or between):
            joined[-1] = (joined[-1][0] + text, True)
        else:
            joined.append((text, marked))
    return joined
