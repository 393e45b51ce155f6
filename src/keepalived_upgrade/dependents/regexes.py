"""Regular expressions in scripts: which accept every new name already, and which can be made to."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Mapping

from keepalived_upgrade.dependents.mentions import all_of

# An expression that lists whole names: `^GW$`, `^(GW|LAN)$`. Everything else may match more than the names in it.
_LIST = re.compile(rb"\^(\()?([\w-]+(?:\|[\w-]+)*)(?(1)\))\$")
# What means the same in POSIX extended expressions and in Python's, for a match that is only asked for.
_SIMPLE = re.compile(rb"[\w^$.*|()-]+")
_PLAIN_NAME = re.compile(rb"[\w-]+")

# What stands for one character, where how often something is tried is reckoned.
_ONE = re.compile(rb"\\.|\[\^?\]?[^\]]*+\]|[\x80-\xff]", re.DOTALL)
_OPENS = re.compile(rb"\(\?(?::|P<\w+>|[=!])")
_INNERMOST = re.compile(rb"\(([^()]*+)\)")
_PART = re.compile(rb"([^*+?{|])(?:([*+?])|\{(\d*)(,?)(\d*)\})?")
_ENDLESS = 0x7F
_FEW = 9
_MOST_TRIALS = 2_000_000


def read_regex(text: bytes, names: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """Give an expression that a script holds, to try it on names; None for one that cannot be read or tried."""
    if takes_too_long(text, names):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return None


def takes_too_long(text: bytes, names: Iterable[bytes]) -> bool:
    """Tell whether trying an expression on names may take seconds, or never end.

    Python's matcher goes back and tries again. What repeats something that itself repeats, or has alternatives, may
    take time that doubles with each letter; several repeats take a power of the length.
    """
    text = _OPENS.sub(b"(", _ONE.sub(b"c", text))
    while group := _INNERMOST.search(text):
        text = text[: group.start()] + bytes((0x80 + _repeats(group.group(1)),)) + text[group.end() :]
    repeats = _repeats(text)
    length = max(map(len, names), default=0)
    return repeats == _ENDLESS or math.comb(length + repeats, repeats) > _MOST_TRIALS


def _repeats(text: bytes) -> int:
    """How many repeats without end a sequence comes to. A byte from 0x80 on is a group, and says those in it."""
    found = optional = 0
    for part, sign, least, comma, most in _PART.findall(text):
        inner = max(0, part[0] - 0x80)
        times = int(most or (least if not comma else 0) or 0)
        if sign == b"?":
            optional, found = optional + 1, found + inner
        elif sign or (times > _FEW or (comma and not most)):
            if inner:
                return _ENDLESS
            found += 1
        else:
            found += inner * max(1, times)
    return min(_ENDLESS, found + (optional + 3) // 4 + (b"|" in text))


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
    expression = read_regex(text, all_of(names))
    if expression is None:
        return False
    matched = [new for old, new in names.items() if expression.search(old)]
    return bool(matched) and all(expression.search(name) for new in matched for name in new)
