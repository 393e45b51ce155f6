"""How keepalived calls each script: at which event, with which words, as whom; for one release."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.dependents.behaviour_trace import Value
from keepalived_upgrade.dependents.leads import SYSTEM
from keepalived_upgrade.model.commands import Command, commands
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release

CHECKS = (b"script", b"misc_path")
FIFO_SCRIPTS = (b"notify_fifo_script", b"vrrp_notify_fifo_script")
_STATE_OF = {
    b"notify_master": b"MASTER",
    b"notify_backup": b"BACKUP",
    b"notify_fault": b"FAULT",
    b"notify_stop": b"STOP",
    b"notify_deleted": b"DELETED",
    b"notify_master_rx_lower_pri": b"MASTER_RX_LOWER_PRI",
}
_KINDS = {b"vrrp_sync_group": b"GROUP", b"vrrp_instance": b"INSTANCE"}
_SHELL = re.compile(rb"[|&;<>$`(){}]")


@dataclass(frozen=True, slots=True)
class Call:
    """One way in which a script is called.

    event: the keyword. kind: INSTANCE, GROUP or b"". owner: the name that the script is told, as the old configuration
    spells it; half: as the configuration itself does. state: b"" where it is no notification. arguments: $1 and on;
    line: the words of a line of the FIFO. direct: the file itself is executed, with no interpreter before it.
    own: how many words of its own the configuration gives it. grouped: a sync group holds the instance.
    """

    path: str
    event: bytes
    kind: bytes
    owner: bytes
    half: bytes
    state: bytes
    arguments: tuple[Value | None, ...]
    direct: bool
    statement: Statement
    user: tuple[bytes, ...] = ()
    line: tuple[Value, ...] = ()
    own: int = 0
    grouped: bool = False

    def is_told_at_start(self, release: Release) -> bool:
        """Tell whether this is the BACKUP that a release tells when keepalived starts.

        1.x tells instances but those with `state MASTER`; 2.x all that do not own their addresses (priority 255),
        members of sync groups from 2.0.14, groups from 2.0.15.
        """
        if self.state != b"BACKUP" or self.event not in (b"notify", b"notify_backup"):
            return False
        if self.kind == b"GROUP":
            return facts.GROUP_STARTS_AS_BACKUP.holds(release)
        if not facts.MASTER_STARTS_AS_BACKUP.holds(release):
            return not self.is_master
        if self.is_master and self._setting(b"priority") == b"255":
            return False
        return not self.grouped or facts.MEMBER_STARTS_AS_BACKUP.holds(release)

    @property
    def is_master(self) -> bool:
        """Whether the instance says `state MASTER`."""
        return self._setting(b"state") == b"MASTER"

    def _setting(self, keyword: bytes) -> bytes:
        block = self.statement.parent
        found = block.find(keyword) if block is not None else None
        return found.args[0] if found is not None and found.args else b""

    @property
    def told(self) -> tuple[bytes, bytes, bytes, int]:
        """What a script can tell this call from others by, names left out."""
        return (self.event, self.kind, self.state, len(self.arguments))


def calls_of(
    configs: Iterable[Config], old_names: Mapping[bytes, bytes], read: Callable[[str], bytes | None]
) -> tuple[Call, ...]:
    """Give every call of a script that can be read, as the configs' release makes it.

    old_names: new name → the name that the scripts know.
    """
    found: dict[Call, None] = {}
    for config in configs:
        members = _members(config)
        for command in commands(config):
            grouped = command.owner in members
            calls = _calls(command, config.release, old_names, read)
            found |= dict.fromkeys(replace(call, grouped=grouped) for call in calls)
    return tuple(found)


def _members(config: Config) -> set[bytes]:
    """The names that stand in sync groups. (The typed view of model/instances would load the grammars.)"""
    groups = (block for group in config.tree.find_all(b"vrrp_sync_group") for block in group.find_all(b"group"))
    return {word.value for block in groups for line in block.children for word in line.words}


def _calls(
    command: Command, release: Release, old_names: Mapping[bytes, bytes], read: Callable[[str], bytes | None]
) -> Iterator[Call]:
    at, path = _script(command.argv, read)
    if not path or command.statement.parent is None:
        return
    own = tuple(Value(word) for word in command.argv[at + 1 :])
    if any(_SHELL.search(word) for word in command.argv):
        own = ()
    if command.event == b"notify" and len(command.argv) > 1 and not facts.OWN_ARGUMENTS.holds(release):
        return  # the whole string is taken for the name of a file
    half = command.owner
    owner = old_names.get(half, half)
    kind = _KINDS.get(command.block, b"")
    base = Call(path, command.event, kind, owner, half, b"", own, at == 0, command.statement, command.user)
    base = replace(base, own=len(own))
    has_stop = facts.STOP.holds(release)
    for state in _states(command, release):
        call = replace(base, state=state)
        if command.event == b"notify":
            yield replace(call, arguments=own + _appended(kind, owner, state, release))
        elif command.event in FIFO_SCRIPTS:
            for told in (b"INSTANCE", b"GROUP"):
                of_groups = state != b"MASTER_RX_LOWER_PRI" and (state != b"STOP" or has_stop)
                if told == b"INSTANCE" or of_groups:
                    yield replace(call, kind=told, arguments=(*own, None), line=_line(told, state))
        else:
            yield call


def _states(command: Command, release: Release) -> tuple[bytes, ...]:
    if command.event in _STATE_OF:
        return (_STATE_OF[command.event],)
    if command.event == b"notify":
        states = [b"MASTER", b"BACKUP", b"FAULT"]
        if facts.STOP.holds(release):
            states.append(b"STOP")
        parent = command.statement.parent
        if facts.DELETED.holds(release) and parent is not None and parent.find(b"notify_deleted") is not None:
            states.append(b"DELETED")
        return tuple(states)
    if command.event in FIFO_SCRIPTS:
        # Instances were told STOP on the FIFO from 1.3.6 on, groups from 2.0.0.
        states = [b"MASTER", b"BACKUP", b"FAULT", b"STOP"]
        return (*states, b"MASTER_RX_LOWER_PRI") if facts.RX_LOWER_PRI.holds(release) else tuple(states)
    return (b"",)


def _appended(kind: bytes, owner: bytes, state: bytes, release: Release) -> tuple[Value | None, ...]:
    words = (Value(kind, "type"), Value(owner, "name"), Value(state, "state"))
    return (*words, None) if facts.PRIORITY.holds(release) else words


def _line(kind: bytes, state: bytes) -> tuple[Value, ...]:
    return (Value(kind, "type"), Value(b'""', "name"), Value(state, "state"), Value(b"0", "priority"))


def _script(argv: Sequence[bytes], read: Callable[[str], bytes | None]) -> tuple[int, str]:
    """Give where in a command line the script stands, and its path; ("", 0) where there is none to read."""
    for at, word in enumerate(argv):
        path = word.decode("utf-8", "surrogateescape")
        if path.startswith("/") and not path.startswith(SYSTEM):
            path = posixpath.normpath(path)
            if read(path) is not None:
                return at, path
    return 0, ""
