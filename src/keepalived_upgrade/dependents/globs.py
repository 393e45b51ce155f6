"""Patterns that tell an old name from its new ones without naming it: `G?)` matches `GW` and not `GW_v4`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping

_WORD = re.compile(rb"(?<![\w$.*?\[\]!^-])[\w.*?\[\]!^-]++(?=\s*+(?:[|)]|&&|\]\]))")
_WILD = re.compile(rb"[*?\[]")


def tells_apart(source: bytes, names: Mapping[bytes, tuple[bytes, ...]]) -> bool:
    """Tell whether a shell pattern in the source matches an old name and not all its new ones, or the other way."""
    if not may_hold_patterns(source):
        return False
    for glob in filter(_WILD.search, set(_WORD.findall(source))):
        for old, new in names.items():
            matched = glob_matches(glob, old)
            if any(glob_matches(glob, name) != matched for name in new):
                return True
    return False


def may_hold_patterns(source: bytes) -> bool:
    """Tell whether there are shell patterns in a source: wildcards, in case arms or `[[ ]]`."""
    if b"*" not in source and b"?" not in source and b"[" not in source:
        return False  # single bytes are looked up many times faster than words
    return b"esac" in source or b"[[" in source


def glob_matches(pattern: bytes, name: bytes) -> bool:
    """Tell whether a shell pattern matches a name."""
    translated = pattern.decode("latin-1").replace("[^", "[!")
    return fnmatch.fnmatchcase(name.decode("latin-1"), translated)


def caught_by(pattern: bytes, old: bytes, new: Iterable[bytes]) -> bytes | None:
    """Give a new name that a shell pattern matches while it does not match the old one; None where there is none."""
    if glob_matches(pattern, old):
        return None
    return next((name for name in new if name != old and glob_matches(pattern, name)), None)
