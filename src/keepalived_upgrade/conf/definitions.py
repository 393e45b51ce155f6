"""Definitions (`$NAME=value`) and sequences (`~SEQ`, `~LST`): what they say and what they expand to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from keepalived_upgrade.conf.dialect import Dialect
from keepalived_upgrade.findings import Place

DEFINITION = re.compile(rb"\$([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_SEQUENCE = re.compile(rb"~SEQ(x?)\(([^)]*)\)(.*)", re.DOTALL)
_LIST = re.compile(rb"~LST\((.*?)\)(.*)", re.DOTALL)
_USE = {
    False: re.compile(rb"\$(?:([A-Za-z_]\w*)(?=[ \t]|$)|\{([A-Za-z_]\w*)((?:[ \t]+\w+)*)[ \t]*\})"),
    True: re.compile(rb"\$(?:([A-Za-z_]\w*)(?=[ \t,)]|$)|\{([A-Za-z_]\w*)((?:[ \t]+\w+)*)[ \t]*\})"),
}
LINE_LIMIT = 1024
_MOST_STEPS = 400


@dataclass(slots=True)
class Line:
    """A line of a multi-line definition: its text and where it is written."""

    text: bytes
    path: str
    start: int
    end: int
    line_start: int
    line_end: int
    line: int

    @property
    def place(self) -> Place:
        """Where the text begins, for a finding."""
        return Place(self.path, self.line, max(1, self.start - self.line_start + 1))

    def reading(self, text: bytes) -> Line:
        """Give the same line of which keepalived reads another text."""
        return Line(text, self.path, self.start, self.end, self.line_start, self.line_end, self.line)

    def ending(self, text: bytes, literal: bool) -> Line:
        """Give the line without what stands before the text, the end of it (the condition in front)."""
        start = self.end - len(text) if literal else self.start
        return Line(text, self.path, start, self.end, self.line_start, self.line_end, self.line)


@dataclass(slots=True)
class Definition:
    """name without `$`. value: for a single line. body: the lines of a multi-line definition, else empty.

    path, start, end: the bytes of the value where it is written; uses: how often it was expanded.
    """

    name: bytes
    value: bytes
    path: str
    start: int
    end: int
    line: int
    body: list[Line] = field(default_factory=list)
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Substituted:
    """text: with its definitions expanded, or as it was where something went wrong (then wrong says what).

    body: the multi-line definition that ends it. steps: how many replacements were made.
    """

    text: bytes
    body: Definition | None = None
    wrong: str = ""
    steps: int = 0


class SequenceError(ValueError):
    """A `~SEQ` or `~LST` that keepalived would refuse; the text says why."""


def substitute(text: bytes, definitions: Mapping[bytes, Definition], dialect: Dialect) -> Substituted:
    """Give the text with its definitions expanded.

    The result of a replacement is scanned again from its start. A line that would grow to 1024 bytes stays
    unreplaced (replace_param, lib/parser.c 2020 at v2.4.3).
    """
    pattern = _USE[dialect.loose_names]
    result, at = text, 0
    for steps in range(_MOST_STEPS):
        match = pattern.search(result, at)
        if match is None:
            return Substituted(result, steps=steps)
        definition = definitions.get(match.group(1) or match.group(2))
        if definition is None or (match.group(3) or b"").strip():
            # Only _RANDOM and _ENV take parameters.
            at = match.start() + 1
            continue
        definition.uses += 1
        if definition.body:
            if match.end() != len(result):
                wrong = f"multi-line definition ${definition.name.decode()} is not the last on its line"
                return Substituted(result, None, wrong, steps)
            return Substituted(result[: match.start()], definition, "", steps)
        result = result[: match.start()] + definition.value + result[match.end() :]
        at = match.start()
        if len(result) >= LINE_LIMIT:
            wrong = "the line would exceed 1023 bytes when its definitions are expanded"
            return Substituted(text, None, wrong, steps)
    return Substituted(text, None, "a definition that uses itself never ends", _MOST_STEPS)


def expand_sequence(text: bytes) -> tuple[Iterable[dict[bytes, bytes]], bytes] | None:
    """Give the values of the variables for each repetition and the rest of the line; None when it is no sequence.

    Raises SequenceError for one that keepalived refuses.
    """
    match = _SEQUENCE.match(text)
    if match:
        return _count(match.group(2), hexadecimal=bool(match.group(1))), match.group(3).strip()
    match = _LIST.match(text)
    if match:
        return _enumerate(match.group(1)), match.group(2).strip()
    return None


def _count(inside: bytes, hexadecimal: bool) -> Iterable[dict[bytes, bytes]]:
    parts = [part.strip() for part in inside.split(b",")]
    if not 2 <= len(parts) <= 4:
        raise SequenceError("~SEQ takes a variable and one to three numbers")
    try:
        numbers = [int(part, 0) for part in parts[1:]]
    except ValueError:
        raise SequenceError("~SEQ takes whole numbers") from None
    end = numbers[-1]
    start = numbers[0] if len(numbers) > 1 else (1 if end >= 0 else -1)
    step = numbers[1] if len(numbers) == 3 else (1 if end >= start else -1)
    if step == 0 or (end - start) * step < 0:
        raise SequenceError("the step of ~SEQ never reaches its end")
    values = range(start, end + (1 if step > 0 else -1), step)
    if (end - start) // step >= 100_000:  # len() takes no numbers of 20 digits
        raise SequenceError("~SEQ would make more than 100,000 lines")
    # One at a time: hardly any of them is used where many such lines reach the limit of the expansion.
    return ({parts[0]: b"%x" % value if hexadecimal else b"%d" % value} for value in values)


def _enumerate(inside: bytes) -> list[dict[bytes, bytes]]:
    groups = [[w.strip() for w in g.split(b",")] for g in re.findall(rb"\{([^{}]*)\}", inside)]
    if not groups:
        name, *values = (part.strip() for part in inside.split(b","))
        return [{name: value} for value in values]
    names, *rows = groups
    if any(len(row) > len(names) for row in rows):
        raise SequenceError("~LST has more values than variables")
    return [dict(zip(names, row + [b""] * (len(names) - len(row)), strict=True)) for row in rows]
