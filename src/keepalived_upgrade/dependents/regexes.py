"""Regular expressions in scripts: which accept every new name already, and which can be made to."""

from __future__ import annotations

import re
from collections.abc import Mapping

# An expression that lists whole names: `^GW$`, `^(GW|LAN)$`. Everything else may match more than the names in it.
_LIST = re.compile(rb"\^(\()?([\w-]+(?:\|[\w-]+)*)(?(1)\))\$")
# What means the same in POSIX extended expressions and in Python's, for a match that is only asked for.
_SIMPLE = re.compile(rb"[\w^$.*|()-]+")
_PLAIN_NAME = re.compile(rb"[\w-]+")


def accept_pattern(text: bytes, names: Mapping[bytes, tuple[bytes, ...]]) -> bytes | None:
    """Give the expression that accepts the new names in place of the old ones; the text as it is where it does.

    text: a POSIX extended or a Python expression, searched for anywhere. None: it cannot be told, or not without
    matching something else too.
    """
    listed = _LIST.fullmatch(text)
    # `^A|B$` without parentheses is two expressions, each with one anchor.
    if listed and (listed.group(1) or b"|" not in listed.group(2)):
        return _relist(text, listed.group(2).split(b"|"), names)
    return text if _SIMPLE.fullmatch(text) and _accepts_all(text, names) else None


def _relist(text: bytes, alternatives: list[bytes], names: Mapping[bytes, tuple[bytes, ...]]) -> bytes | None:
    accepted: list[bytes] = []
    for alternative in alternatives:
        accepted += names.get(alternative, (alternative,))
    accepted = list(dict.fromkeys(accepted))
    if accepted == alternatives:
        return text
    if not all(_PLAIN_NAME.fullmatch(name) for name in accepted):
        return None
    joined = b"|".join(accepted)
    return b"^(%s)$" % joined if len(accepted) > 1 or text.startswith(b"^(") else b"^%s$" % joined


def _accepts_all(text: bytes, names: Mapping[bytes, tuple[bytes, ...]]) -> bool:
    """Tell whether each name that the expression matches is matched under its new names too, and some name is."""
    try:
        expression = re.compile(text)
    except re.error:
        return False
    matched = [new for old, new in names.items() if expression.search(old)]
    return bool(matched) and all(expression.search(name) for new in matched for name in new)
