"""The names to follow, and where a file mentions one."""

from __future__ import annotations

import re
from collections.abc import Mapping

Names = Mapping[bytes, tuple[bytes, ...]]


def mention_pattern(names: Names) -> re.Pattern[bytes]:
    """Give the expression that finds any old name as a word of its own (letters, digits and `_` go on a name).

    A letter behind a backslash is none: `\\bGW\\b`, `\\AGW`, `up\\nGW`.
    """
    either = b"|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rb"(?:(?<![A-Za-z0-9_])|(?<=\\[AbBnrt]))(?:" + either + rb")(?![A-Za-z0-9_])")
