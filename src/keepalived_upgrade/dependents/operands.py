"""What a script compares, and with which word that it was given: the second argument, the third word of a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# How many variables may be looked up for one operand: functions that call one another would be followed without end.
MOST_STEPS = 500
_REGEX = re.compile(rb"(\^)?(?:\(([\w|-]+)\)|([\w-]+))(\$)?")


@dataclass(frozen=True, slots=True, order=True)
class Given:
    """The nth word (from 1) of what a script is given. source: "argument" for its command line, "line" for a line that
    it reads from keepalived's fifo; word 0 of a line is the whole line."""

    source: str
    number: int


@dataclass(frozen=True, slots=True)
class Holds:
    """What an operand may hold: one of the words given, or one of the texts `also`. certain: and nothing else."""

    words: frozenset[Given] = frozenset()
    also: frozenset[bytes] = frozenset()
    certain: bool = True

    def __or__(self, other: Holds) -> Holds:
        return Holds(self.words | other.words, self.also | other.also, self.certain and other.certain)


UNKNOWN = Holds(certain=False)
NOTHING = Holds()


@dataclass(frozen=True, slots=True)
class Tested:
    """A literal that an operand is compared with. pattern: it is a shell pattern. start: its offset in the file."""

    literal: bytes
    pattern: bool
    operand: Holds
    start: int


@dataclass(frozen=True, slots=True)
class HandedOn:
    """Another script that a script runs or sources. arguments: what it is handed; None: it is sourced, and sees the
    same arguments and these variables."""

    path: str
    arguments: tuple[Holds, ...] | None
    variables: Mapping[bytes, Holds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a script does with the words it is given.

    tests: in order of the text. handed: other scripts. general: it does something useful whatever the words named in
    the reading are. opaque: it tells them apart in a way that cannot be read. unread: the offset from which it could
    not be read, or None.
    """

    tests: tuple[Tested, ...] = ()
    handed: tuple[HandedOn, ...] = ()
    general: bool = False
    opaque: bool = False
    unread: int | None = None


def regex_globs(text: bytes) -> Iterator[bytes]:
    """Give shell patterns that match what a simple regular expression matches; nothing for one that is not simple."""
    match = _REGEX.fullmatch(text)
    if match is None:
        return
    begin, group, single, end = match.groups()
    for alternative in (group or single).split(b"|"):
        yield (b"" if begin else b"*") + alternative + (b"" if end else b"*")
