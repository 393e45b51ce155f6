"""What an instance with both families holds, and what its cure asks for."""

from __future__ import annotations

from dataclasses import dataclass

from keepalived_upgrade.conf.tree import Statement, Tree
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, MixedChoice
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.rewriting import show

ID = "v1_2_20/mixed_families"
SOURCES = (b"mcast_src_ip", b"unicast_src_ip")


@dataclass(frozen=True, slots=True)
class Mixed:
    """An instance with both families in virtual_ipaddress, and the configuration around it.

    four, six: the address lines. native: it says native_ipv6.
    """

    config: Config
    context: Context
    statement: Statement
    name: bytes
    four: tuple[Statement, ...]
    six: tuple[Statement, ...]
    native: bool

    @property
    def tree(self) -> Tree:
        """The configuration the instance stands in."""
        return self.config.tree

    @property
    def choice(self) -> MixedChoice:
        """How the operator wants it cured."""
        return self.context.choices.mixed_for(self.name)

    @property
    def elected(self) -> int:
        """The family that the old release elected over."""
        return 6 if self.native else 4

    @property
    def ignored(self) -> int:
        """The other family, whose sources and peers the old release ignored."""
        return 10 - self.elected

    def edit(self, start: int, end: int, new: bytes, reason: str) -> Edit:
        """Give an edit of the file that the instance stands in."""
        return Edit(self.statement.path, start, end, new, ID, reason)


@dataclass(frozen=True, slots=True)
class Names:
    """old: the instance's. four, six: those of its halves. group: that of the sync group they are in."""

    old: bytes
    four: bytes
    six: bytes
    group: bytes

    @property
    def both(self) -> str:
        """The halves, for a message."""
        return f"{show(self.four)} and {show(self.six)}"

    @property
    def reason(self) -> str:
        """Why a word of the old name changes."""
        return f"{show(self.old)} is split into {self.both}: from 1.2.20 an instance has one family."


def find_mixed(config: Config, context: Context, instance: Statement) -> Mixed | None:
    """Give what is mixed in an instance; None where virtual_ipaddress holds one family at most."""
    lines = addresses(instance)
    four = tuple(line for line in lines if family_of(line.keyword) != 6)
    six = tuple(line for line in lines if family_of(line.keyword) == 6)
    if not six or not any(family_of(line.keyword) == 4 for line in four) or not instance.args:
        return None
    native = instance.find(b"native_ipv6") is not None
    return Mixed(config, context, instance, instance.args[0], four, six, native)


def addresses(instance: Statement) -> list[Statement]:
    """Give the lines of every virtual_ipaddress block."""
    return [line for line in instance.lines_in(b"virtual_ipaddress") if line.words]


def peers_of(instance: Statement, family: int) -> list[Statement]:
    """Give the lines that name a unicast peer of this family."""
    return [line for line in instance.lines_in(b"unicast_peer") if family_of(line.keyword) == family]


def sources_of(instance: Statement, family: int) -> list[Statement]:
    """Give the lines that name a source address or a unicast peer of this family."""
    sources = [line for line in instance.find_all(*SOURCES) if line.args and family_of(line.args[0]) == family]
    return sources + peers_of(instance, family)


def say(what: str, severity: Severity, statement: Statement, message: str, cure: str) -> Finding:
    """Give a finding of this migration at a statement."""
    return Finding(f"{ID}/{what}", severity, statement.place, message, cure)
