"""Texts that our own regular expressions match, with a part repeated: they find an expression that goes back for ever."""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from functools import cache
from random import Random
from typing import Any

import keepalived_upgrade

_CHARACTERS = frozenset(map(chr, (9, 10, *range(32, 127))))
_CATEGORIES = {"DIGIT": frozenset("0189"), "SPACE": frozenset(" \t\n"), "WORD": frozenset("abzAZ019_")}


@cache
def patterns() -> tuple[Any, ...]:
    """Give every expression that a module of ours has at its top, as the parser of `re` reads it."""
    found: dict[tuple[bytes, int], None] = {}
    for module in pkgutil.walk_packages(keepalived_upgrade.__path__, "keepalived_upgrade."):
        if not module.name.endswith("__main__"):
            for value in vars(importlib.import_module(module.name)).values():
                for pattern in _patterns_in(value):
                    text = pattern.pattern
                    found[text.encode() if isinstance(text, str) else text, pattern.flags & ~re.UNICODE] = None
    return tuple(parser.parse(text, flags) for text, flags in sorted(found))


def _patterns_in(value: object) -> Iterable[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from _patterns_in(one)
    elif isinstance(value, dict):
        yield from _patterns_in(list(value.values()))


def pumped(random: Random, largest: int) -> bytes:
    """Give a text that one of the expressions matches, of which a part stands there again and again."""
    text = _sample(random.choice(patterns()), random, {}) or "a"
    start = random.randrange(len(text))
    unit = text[start : start + random.choice((1, 1, 2, 3, 4, 6))]
    times = random.choice((26, 40, largest // len(unit)))
    end = random.choice(("", text[start:], "\0", "\n", "!", text[start:] + "~\n"))
    return (text[:start] + unit * times + end).encode("latin-1", "replace")[:largest]


def _sample(parsed: Iterable[tuple[Any, Any]], random: Random, groups: dict[int, str]) -> str:
    return "".join(_sample_one(code, value, random, groups) for code, value in parsed)


def _sample_one(code: Any, value: Any, random: Random, groups: dict[int, str]) -> str:
    if code is op.LITERAL:
        return chr(value)
    if code in (op.NOT_LITERAL, op.IN, op.ANY):
        return random.choice(sorted(_class(code, value)) or ["a"])
    if code is op.BRANCH:
        return _sample(random.choice(value[1]), random, groups)
    if code is op.SUBPATTERN:
        text = _sample(value[3], random, groups)
        groups[value[0]] = text
        return text
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, inner = value
        return "".join(_sample(inner, random, groups) for _ in range(random.randint(least, min(int(most), least + 2))))
    if code is op.ATOMIC_GROUP:
        return _sample(value, random, groups)
    if code is op.GROUPREF:
        return groups.get(value, "")
    if code is op.GROUPREF_EXISTS:
        return _sample(value[1] if value[0] in groups else value[2] or (), random, groups)
    return ""  # what looks around or says where


def _class(code: Any, value: Any) -> frozenset[str]:
    if code is op.ANY:
        return _CHARACTERS
    if code is op.NOT_LITERAL:
        return _CHARACTERS - {chr(value)}
    found: set[str] = set()
    for kind, what in value:
        if kind is op.LITERAL:
            found.add(chr(what))
        elif kind is op.RANGE:
            found |= {chr(one) for one in range(what[0], what[1] + 1)}
        elif kind is op.CATEGORY:
            name = str(what).removeprefix("CATEGORY_")
            known = _CATEGORIES[name.removeprefix("NOT_")]
            found |= _CHARACTERS - known if name.startswith("NOT_") else known
    return _CHARACTERS - found if value[0][0] is op.NEGATE else frozenset(found)
