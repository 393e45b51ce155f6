"""What one call of a script does, as far as its text tells: the values it was given, the steps, the arms taken.

Nothing is executed. A run follows the text with the words that keepalived gives; what depends on anything else is
followed both ways, and its steps are not certain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

_HARMLESS = frozenset(
    b"echo printf logger log print date true false : test [ exit return break continue shift read set trap cd umask "
    b"sleep raise cat sys.exit os._exit quit info warning warn error debug critical exception syslog write flush close "
    b"open format join str print_help print_usage tee tr sed awk grep egrep cut head tail sort uniq wc basename "
    b"dirname hostname uname id pwd which getopts local unset sync".split()
)
_SHOWN = frozenset(b"ip iptables ip6tables ipvsadm systemctl service exit return sys.exit sleep".split())
_MOST_WORDS = 4
_MOST_CHARACTERS = 80
_ENDS = frozenset((b"exit", b"return", b"raise", b"sys.exit", b"os._exit", b"quit"))


class TooMuchError(Exception):
    """The script is longer or more deeply nested than a run follows."""


@dataclass(frozen=True, slots=True)
class Value:
    """A known word. origin: which of keepalived's words it is ("type", "name", "state", "priority", "count"), or ""."""

    text: bytes
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A command that a run gives. words: its arguments, None where unknown. certain: no unknown condition guards it.

    quiet: its failure is expected (`|| true`, `2>/dev/null`, a test). background: nobody waits for it.
    writes: its output replaces a file.
    """

    name: bytes
    words: tuple[Value | None, ...]
    line: int
    column: int
    certain: bool = True
    quiet: bool = False
    background: bool = False
    writes: bool = False

    @property
    def prints(self) -> bool:
        """Whether the command at most prints, waits, ends, or asks the shell."""
        return self.name.rpartition(b"/")[2] in _HARMLESS

    @property
    def acts(self) -> bool:
        """Whether the command does more than print, or prints over a file."""
        return self.writes or not self.prints

    @property
    def text(self) -> str:
        """The command for a message. The words of programs that may be given a password stay out of it."""
        name = self.name.rpartition(b"/")[2]
        words = [b"\xe2\x80\xa6" if word is None else word.text for word in self.words]
        shown = words[:_MOST_WORDS] if name in _SHOWN else []
        more = [b"\xe2\x80\xa6"] if len(words) > len(shown) else []
        if self.writes:
            more.append(b"> \xe2\x80\xa6")
        text = b" ".join((self.name, *shown, *more)).decode("utf-8", "backslashreplace")
        return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


@dataclass(frozen=True, slots=True)
class Taken:
    """An arm that a run takes although nothing there names the value: `*)`, `else`, a test that something is not so."""

    origin: str
    value: bytes
    form: str
    line: int
    column: int
    steps: tuple[Step, ...]

    def fails(self) -> Step | None:
        """Give the step that ends the script with an error, if one surely does."""
        for step in self.steps:
            if step.name in _ENDS and step.certain and (step.name == b"raise" or _is_error(step)):
                return step
        return None

    def acts(self) -> Step | None:
        """Give the first step that does more than print and end."""
        return next((step for step in self.steps if step.acts), None)


@dataclass(slots=True)
class Trace:
    """steps: in order. taken: the arms that name nothing of what keepalived gave."""

    steps: list[Step] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """A test of what keepalived gave. named: the test was for this very value, and it was so."""

    origin: str
    value: bytes
    named: bool


def unnamed(asked: Sequence[Asked]) -> list[Asked]:
    """Give, for each origin that was asked and never named, the first question."""
    named = {one.origin for one in asked if one.named}
    first: dict[str, Asked] = {}
    for one in asked:
        if one.origin and one.origin not in named:
            first.setdefault(one.origin, one)
    return list(first.values())


def agreed(one: Mapping[bytes, T], other: Mapping[bytes, T], unknown: T) -> dict[bytes, T]:
    """Give what two branches leave in the variables: what they agree on, and unknown for the rest."""
    names = one.keys() | other.keys()
    return {n: one[n] if n in one and n in other and one[n] == other[n] else unknown for n in names}


def _is_error(step: Step) -> bool:
    word = step.words[0] if step.words else None
    return word is not None and word.text.strip() not in (b"", b"0", b"None")
