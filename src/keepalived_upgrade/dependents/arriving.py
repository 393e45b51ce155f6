"""What arrives in a script: the words that keepalived hands to it, and what one script hands on to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from keepalived_upgrade.dependents.follow import is_read, language_of
from keepalived_upgrade.dependents.mentions import mention_pattern
from keepalived_upgrade.dependents.operands import Given, HandedOn, Holds, Reading
from keepalived_upgrade.findings import Place
from keepalived_upgrade.model.calls import ADDED, KINDS, SPOKEN, STATES, Call

_MOST_ROUNDS = 10


@dataclass(slots=True)
class Arriving:
    """What can stand in one word that a script is given. values: each with a place that hands it over.

    is_name: keepalived puts a name there. open: something else can stand there that is not known here.
    """

    values: dict[bytes, Place] = field(default_factory=dict)
    is_name: bool = False
    open: bool = False

    def take(self, other: Arriving) -> None:
        """Let what arrives elsewhere arrive here, too."""
        self.values = other.values | self.values
        self.is_name = self.is_name or other.is_name
        self.open = self.open or other.open


@dataclass(slots=True)
class Script:
    """A dependent, what it is given, and what it does with it.

    called: keepalived, or a script that it calls, runs it. sourced: what another script does before and after is not
    seen here. variables: of what sources it.
    """

    path: str
    source: bytes
    called: bool = False
    sourced: bool = False
    given: dict[Given, Arriving] = field(default_factory=dict)
    variables: dict[bytes, Holds] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    def at(self, word: Given) -> Arriving:
        """Give what arrives in a word, to add to it."""
        return self.given.setdefault(word, Arriving())

    def place(self, start: int) -> Place:
        """Give the place of an offset."""
        line = self.source.count(b"\n", 0, start) + 1
        return Place(self.path, line, start - self.source.rfind(b"\n", 0, start))

    def state(self) -> object:
        """Give what changes when more arrives."""
        return self.called, set(self.variables), [(w, set(a.values), a.is_name, a.open) for w, a in self.given.items()]


def read_scripts(texts: Mapping[str, bytes], calls: Iterable[Call], names: Iterable[bytes]) -> tuple[Script, ...]:
    """Read the dependents of a configuration, with what arrives in each. texts: path → bytes. names: of the instances
    and groups. What is never called and mentions no name is not looked into."""
    names = frozenset(names)
    found = {path: Script(path, text) for path, text in texts.items()}
    for call in calls:
        if call.path in found:
            _hand(found[call.path], call, names)
    mentions = mention_pattern(dict.fromkeys(names, ())) if names else None
    pending = [s.path for s in found.values() if s.called or (mentions and mentions.search(s.source))]
    for _ in range(_MOST_ROUNDS):
        again: dict[str, None] = {}
        for script in (found[path] for path in pending):
            script.reading = _read(script)
            for handed in script.reading.handed:
                if handed.path in found and handed.path != script.path and _hand_on(script, handed, found[handed.path]):
                    again[handed.path] = None
        pending = list(again)
        if not pending:
            break
    return tuple(found.values())


def _hand(script: Script, call: Call, names: frozenset[bytes]) -> None:
    script.called = True
    for number, word in enumerate(call.words, 1):
        arriving = script.at(Given("argument", number))
        added = ADDED.get(word, frozenset((word,))) if number > call.name > 0 else frozenset((word,))
        if added is None or b"$" in word or b"`" in word:
            arriving.open = True
            continue
        is_name = number == call.name or (call.tells and word in names and word not in SPOKEN)
        arriving.take(Arriving(dict.fromkeys(sorted(added), call.place), is_name))
    if call.fifo:
        for number, values in ((1, KINDS), (2, names), (3, STATES)):
            script.at(Given("line", number)).take(Arriving(dict.fromkeys(sorted(values), call.place), number == 2))


def _read(script: Script) -> Reading:
    named = [word for word, arriving in script.given.items() if arriving.is_name]
    language = language_of(script.path, script.source)
    if not is_read(script.source, script.path):
        return Reading(opaque=True, unread=0)
    try:
        if language == "shell":
            from keepalived_upgrade.dependents.shell_reading import read_shell

            return read_shell(script.source, named, script.variables)
        if language == "python":
            from keepalived_upgrade.dependents.python_reading import read_python

            return read_python(script.source, named)
    except RecursionError:  # an expression nested deeper than any that a person writes
        return Reading(opaque=True, unread=0)
    return Reading()


def _hand_on(giver: Script, handed: HandedOn, taker: Script) -> bool:
    """Let what one script was given arrive in another. Tells whether that is news."""
    before = taker.state()
    taker.called = taker.called or giver.called
    if handed.arguments is None:
        taker.sourced = True
        for variable, holds in handed.variables.items():
            taker.variables[variable] = taker.variables.get(variable, holds) | holds
        for word, arriving in giver.given.items():
            taker.at(word).take(arriving)
    for number, holds in enumerate(handed.arguments or (), 1):
        if holds == Holds():
            continue
        unknown = not holds.certain or any(word not in giver.given for word in holds.words)
        arriving = taker.at(Given("argument", number))
        arriving.take(Arriving(dict.fromkeys(sorted(holds.also), Place(giver.path)), False, unknown))
        for word in sorted(holds.words & giver.given.keys()):
            arriving.take(giver.given[word])
    return before != taker.state()
