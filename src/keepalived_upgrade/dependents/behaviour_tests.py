"""Work out `[ ]`, `[[ ]]` and `test` where the words are known; what is not known leaves the answer open (None)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_trace import Asked, Value
from keepalived_upgrade.dependents.globs import glob_matches
from keepalived_upgrade.dependents.regexes import read_regex
from keepalived_upgrade.dependents.shell_tree import is_pattern, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

Answer = tuple[bool | None, list[Asked]]
_EQUAL = (b"=", b"==", b"!=")
_NUMBERS: dict[bytes, Callable[[int, int], bool]] = {
    b"-eq": lambda a, b: a == b,
    b"-ne": lambda a, b: a != b,
    b"-lt": lambda a, b: a < b,
    b"-le": lambda a, b: a <= b,
    b"-gt": lambda a, b: a > b,
    b"-ge": lambda a, b: a >= b,
}
_AND, _OR = (b"-a", b"&&"), (b"-o", b"||")
# `@(MASTER|BACKUP)`, `[[:upper:]]` and their kin are not worked out.
EXTENDED = re.compile(rb"[@!+?*]\(|\[[\[:]")
_NUMBER = re.compile(rb"[0-9]{1,9}")
_LONGEST_REGEX = 200
# Quotes, expansions, classes: what the shell reads otherwise than Python does.
_NOT_PYTHON = re.compile(rb"[\"'`\\]|\$[^)|]|\[[\[:]")


def evaluate(tokens: Sequence[Node], value_of: Callable[[Node], Value | None], double: bool) -> Answer:
    """Give the answer of a test and what of keepalived's it asked. tokens: what stands between the brackets."""
    reading = _Reading(list(tokens), value_of, double)
    answer = reading.either()
    return answer if reading.at == len(reading.tokens) else (None, answer[1])


class _Reading:
    def __init__(self, tokens: list[Node], value_of: Callable[[Node], Value | None], double: bool) -> None:
        self.tokens, self.value_of, self.double, self.at = tokens, value_of, double, 0
        self.nested = 0

    def either(self) -> Answer:
        truth, asked = self.both()
        while self._next_is(_OR):
            self.at += 1
            other, more = self.both()
            truth = True if True in (truth, other) else None if None in (truth, other) else False
            asked += more
        return truth, asked

    def both(self) -> Answer:
        truth, asked = self.one()
        while self._next_is(_AND):
            self.at += 1
            other, more = self.one()
            truth = False if False in (truth, other) else None if None in (truth, other) else True
            asked += more
        return truth, asked

    def one(self) -> Answer:
        self.nested += 1
        negated = False
        while self._next_is((b"!",)) and not self._is_operator(self.at + 1):
            self.at += 1
            negated = not negated
        truth, asked = self._primary() if self.nested < 40 else (None, [])
        self.nested -= 1
        if negated:
            asked = [Asked(a.origin, a.value, False) for a in asked]
            return (None if truth is None else not truth), asked
        return truth, asked

    def _primary(self) -> Answer:
        if self._next_is((b"(",)):
            self.at += 1
            answer = self.either()
            self.at += self._next_is((b")",))
            return answer
        if self._is_operator(self.at + 1) and self.at + 2 < len(self.tokens):
            left, operator, right = self.tokens[self.at : self.at + 3]
            self.at += 3
            return self._compare(left, text_of(operator), right)
        if self._next_is((b"-n", b"-z")) and self.at + 1 < len(self.tokens):
            empty = text_of(self.tokens[self.at]) == b"-z"
            value = self.value_of(self.tokens[self.at + 1])
            self.at += 2
            return (None if value is None else (not value.text) == empty), _counts(value)
        one = self._next_is((b"-",)) or (self.at < len(self.tokens) and text_of(self.tokens[self.at])[:1] == b"-")
        self.at += 2 if one else 1
        return None, []

    def _compare(self, left: Node, operator: bytes, right: Node) -> Answer:
        one, other = self.value_of(left), self.value_of(right)
        if operator == b"=~":
            return self._search(one, right)
        if one is None or other is None:
            return None, []
        if operator in _NUMBERS:
            if not (_NUMBER.fullmatch(one.text) and _NUMBER.fullmatch(other.text)):
                return None, []
            given = one if one.origin else other
            return _NUMBERS[operator](int(one.text), int(other.text)), [Asked(given.origin, given.text, False)]
        pattern = self.double and is_pattern(right)
        if self.double and EXTENDED.search(text_of(right)):
            return None, []
        same = glob_matches(other.text, one.text) if pattern else one.text == other.text
        given = one if one.origin else other
        named = operator != b"!=" and one.text.strip(b"xX") == other.text.strip(b"xX")
        return same != (operator == b"!="), [Asked(given.origin, given.text, named)]

    def _search(self, one: Value | None, right: Node) -> Answer:
        pattern = text_of(right)
        if one is None or len(pattern) > _LONGEST_REGEX or _NOT_PYTHON.search(pattern):
            return None, []
        expression = read_regex(pattern, (one.text,))
        if expression is None:
            return None, []
        found = expression.search(one.text) is not None
        return found, [Asked(one.origin, one.text, found and one.text in pattern)]

    def _next_is(self, wanted: tuple[bytes, ...]) -> bool:
        return self.at < len(self.tokens) and text_of(self.tokens[self.at]) in wanted

    def _is_operator(self, at: int) -> bool:
        return at < len(self.tokens) and text_of(self.tokens[at]) in (*_EQUAL, *_NUMBERS, b"=~")


def _counts(value: Value | None) -> list[Asked]:
    """`[ -z "$4" ]` asks how many arguments there are."""
    return [Asked("count", value.text, False)] if value is not None and value.origin in ("priority", "count") else []
