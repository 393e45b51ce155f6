"""Which scripts keepalived runs, with which words: the arguments that are written, and those it adds."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.findings import Place
from keepalived_upgrade.model.commands import NOTIFY, Command, commands, split_command
from keepalived_upgrade.model.config import Config

STATES = frozenset(
    b"MASTER BACKUP FAULT STOP DELETED MASTER_RX_LOWER_PRI MASTER_PRIORITY BACKUP_PRIORITY".split()  # facts: 2.0.16
)
KINDS = frozenset((b"INSTANCE", b"GROUP"))
# What keepalived says itself.
SPOKEN = STATES | KINDS
# What a word that keepalived adds to `notify` stands for; None: anything.
ADDED: dict[bytes, frozenset[bytes] | None] = {b"<STATE>": STATES, b"<PRIORITY>": None}
_FIFOS = (b"notify_fifo_script", b"vrrp_notify_fifo_script")
_RUNNERS = frozenset(b"sh bash dash ash ksh env sudo nohup exec nice ionice setsid python python2 python3".split())
_REDIRECTION = re.compile(rb"\d*[<>]")
_BETWEEN = frozenset((b"&&", b"||", b";", b"|", b"&"))


@dataclass(frozen=True, slots=True)
class Call:
    """A script that keepalived runs. words: its arguments, keepalived's own included (see ADDED).

    name: which of the words, from 1, is the name that keepalived adds; 0 where it adds none. tells: it is run for a
    change of state, so that a word which says a name means it. fifo: it reads the names from lines of the fifo.
    place: where the command is written.
    """

    path: str
    words: tuple[bytes, ...]
    name: int
    tells: bool
    fifo: bool
    place: Place


def calls_of(config: Config) -> Iterator[Call]:
    """Give every script with an absolute path that keepalived runs, an interpreter before it or not."""
    for command in commands(config):
        simple = _simple_commands(command)
        for index, words in enumerate(simple):
            added = command.appended if index == len(simple) - 1 else ()
            yield from _call(command, words, added)


def _call(command: Command, words: tuple[bytes, ...], added: tuple[bytes, ...]) -> Iterator[Call]:
    if words and posixpath.basename(words[0]) in _RUNNERS:
        if b"-c" in words:  # sh -c "x.sh VI_1"
            words = split_command(b" ".join(words[words.index(b"-c") + 1 :]))
            added = ()
        else:
            at = next((i for i, word in enumerate(words) if i and word.startswith(b"/")), len(words))
            words = words[at:]
    if not words or not words[0].startswith(b"/"):
        return
    yield Call(
        path=posixpath.normpath(words[0].decode("utf-8", "surrogateescape")),
        words=words[1:] + added,
        name=len(words) + 1 if added else 0,
        tells=command.event in NOTIFY,
        fifo=command.event in _FIFOS,
        place=command.statement.place,
    )


def _simple_commands(command: Command) -> list[tuple[bytes, ...]]:
    """The commands of a command line that a shell runs (`a.sh VI_1 && b.sh VI_1`), redirections left out."""
    if not command.shell:
        return [command.argv]
    found: list[list[bytes]] = [[]]
    for word in command.argv:
        plain = word.rstrip(b";")
        if word not in _BETWEEN and not _REDIRECTION.match(plain):
            found[-1].append(plain)
        if word in _BETWEEN or word.endswith(b";"):
            found.append([])
    return [tuple(words) for words in found if words]
