"""The names to follow, and where a file mentions one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

Names = Mapping[bytes, tuple[bytes, ...]]


def all_of(names: Names) -> tuple[bytes, ...]:
    """Give the old names and the new ones."""
    return (*names, *(name for new in names.values() for name in new))


# How often a letter stands in scripts, the rarest first; capitals and digits are rarer than all of these.
_BY_RARITY = b"zqjxkvbywgmfpuhdclnrisatoe"


def says_any(source: bytes, words: Iterable[bytes]) -> bool:
    """Tell whether any of the words stands in a text, be it inside another word."""
    for first, second, word in _with_rarest_letters(tuple(words)):
        # A single byte is looked for many times faster than a word, and most texts have not both.
        if first in source and second in source and word in source:
            return True
    return False


@lru_cache(maxsize=16)
def _with_rarest_letters(words: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes, bytes], ...]:
    found = []
    for word in filter(None, words):
        letters = [bytes((letter,)) for letter in sorted(set(word), key=_BY_RARITY.find)]
        found.append((letters[0], letters[min(1, len(letters) - 1)], word))
    return tuple(found)


@lru_cache(maxsize=16)
def parts_of(names: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Give what a script says that speaks of a part of a name: the words in it, and the name in other letters."""
    parts = {part for name in names for part in re.findall(rb"[A-Za-z]{2,}", name)}
    return tuple(sorted(parts.union(*((name.lower(), name.upper()) for name in names)) - set(names)))


def mention_pattern(names: Names) -> re.Pattern[bytes]:
    """Give the expression that finds any old name as a word of its own (letters, digits and `_` go on a name).

    A letter behind a backslash is none: `\\bGW\\b`, `\\AGW`, `up\\nGW`.
    """
    either = b"|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rb"(?:(?<![A-Za-z0-9_])|(?<=\\[AbBnrt]))(?:" + either + rb")(?![A-Za-z0-9_])")


_GOES_ON = re.compile(rb"(?:\[[\w-]+\]|\\d)(?![*?{])")


def goes_on(source: bytes, end: int) -> bool:
    """Tell whether a pattern goes on right after what looks like a name: `VI_1[0-9]` is VI_10 and its like."""
    return _GOES_ON.match(source, end) is not None


def prefixed_pattern(names: Names) -> re.Pattern[bytes]:
    """Give what finds a name behind a letter that guards a comparison in a shell script: `x$2 = xGW`."""
    return re.compile(rb"=\s*[\"']?[A-Za-z_.](?:" + b"|".join(re.escape(n) for n in names) + rb")(?![A-Za-z0-9_])")
