"""String literals of Python, both versions."""

from __future__ import annotations

import re

_LITERAL = re.compile(rb"""([rRuUbB]{0,2})("{3}|'{3}|"|')(.*)\2""", re.DOTALL)


def literal_value(text: bytes) -> bytes | None:
    """Give what a string literal says, quotes and prefix taken off; None for one with escapes, or for no literal."""
    match = _LITERAL.fullmatch(text)
    return match.group(3) if match and b"\\" not in match.group(3) else None
