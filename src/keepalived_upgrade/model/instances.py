"""What stands in the tree, typed: instances, sync groups, virtual servers. A view computes when it is asked.

Every view and every entry points back at its statement. A line that no grammar reads is an entry with its error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from keepalived_upgrade.conf.grammar import AddressLine, TrackLine, parse_address, parse_track, to_int
from keepalived_upgrade.conf.grammar_routes import RouteLine, RuleLine, parse_route, parse_rule
from keepalived_upgrade.conf.grammar_scripts import ScriptLine, parse_script
from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.model.references import members
from keepalived_upgrade.releases import Release

T = TypeVar("T")
TRACKS = (b"track_interface", b"track_script", b"track_file", b"track_process", b"track_bfd")
# From here on the words of an instance decide its family (facts: mixed-families.md); before, native_ipv6 alone.
_DEDUCED = Release(1, 2, 20)


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A line of a block. value: what its words mean, None where they mean nothing; then error says why.

    Spans in value count from statement.start, where the statement is literal. An error has the line's place.
    """

    statement: Statement
    value: T | None
    error: InputError | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """What an instance and a sync group have in common."""

    statement: Statement
    config: Config

    @property
    def name(self) -> bytes:
        """Its name; b"" where none is written."""
        return _first(self.statement)

    @property
    def track(self) -> tuple[Entry[TrackLine], ...]:
        """The lines of track_interface, track_script, track_file, track_process, track_bfd: see statement.parent."""
        return _entries(self.statement, TRACKS, parse_track, self.config.release)


@dataclass(frozen=True, slots=True)
class Instance(_Named):
    """A vrrp_instance as the release reads it."""

    @property
    def vrid(self) -> int | None:
        """The virtual_router_id, None where it is missing or no number."""
        return to_int(_first(self.statement.find(b"virtual_router_id")))

    @property
    def priority(self) -> int | None:
        """The priority that is written; None where it is missing, since the default depends on release and state."""
        return to_int(_first(self.statement.find(b"priority")))

    @property
    def interface(self) -> bytes:
        """The interface, or b""."""
        return _first(self.statement.find(b"interface"))

    @property
    def family(self) -> int | None:
        """Give 4 or 6, the family of the adverts under the release; None where nothing decides it.

        Up to 1.2.19 IPv4 unless native_ipv6 is there; from 1.2.20 the first of native_ipv6, a source address, a peer
        and a virtual address (facts: mixed-families.md).
        """
        if self.config.release < _DEDUCED:
            return 6 if self.statement.find(b"native_ipv6") is not None else 4
        return next((family for child in self.statement.children if (family := _decides(child)) is not None), None)

    @property
    def addresses(self) -> tuple[Entry[AddressLine], ...]:
        """The lines of virtual_ipaddress."""
        return _entries(self.statement, (b"virtual_ipaddress",), parse_address, self.config.release)

    @property
    def excluded(self) -> tuple[Entry[AddressLine], ...]:
        """The lines of virtual_ipaddress_excluded."""
        return _entries(self.statement, (b"virtual_ipaddress_excluded",), parse_address, self.config.release)

    @property
    def routes(self) -> tuple[Entry[RouteLine], ...]:
        """The lines of virtual_routes."""
        return _entries(self.statement, (b"virtual_routes",), parse_route, self.config.release)

    @property
    def rules(self) -> tuple[Entry[RuleLine], ...]:
        """The lines of virtual_rules."""
        return _entries(self.statement, (b"virtual_rules",), parse_rule, self.config.release)

    @property
    def notifies(self) -> tuple[Entry[ScriptLine], ...]:
        """The notify lines. What keepalived runs for the whole configuration: model/commands.py."""
        lines = self.statement.find_all(*NOTIFY)
        return tuple(_entry(line, parse_script, self.config.release) for line in lines)


@dataclass(frozen=True, slots=True)
class SyncGroup(_Named):
    """A vrrp_sync_group."""

    @property
    def members(self) -> tuple[bytes, ...]:
        """The names of its instances, in order."""
        return tuple(word.value for word in members(self.statement))


@dataclass(frozen=True, slots=True)
class RealServer:
    """A real_server (or sorry_server). key: its words: address and port."""

    statement: Statement

    @property
    def key(self) -> tuple[bytes, ...]:
        """Address and port as written."""
        return self.statement.args


@dataclass(frozen=True, slots=True)
class VirtualServer:
    """A virtual_server. key: `ADDRESS PORT`, `fwmark N` or `group NAME`."""

    statement: Statement

    @property
    def key(self) -> tuple[bytes, ...]:
        """The words after the keyword as written."""
        return self.statement.args

    @property
    def real_servers(self) -> tuple[RealServer, ...]:
        """Its real servers, in order."""
        return tuple(RealServer(child) for child in self.statement.find_all(b"real_server"))

    @property
    def sorry_server(self) -> RealServer | None:
        """The server that answers when no real one does."""
        sorry = self.statement.find(b"sorry_server")
        return RealServer(sorry) if sorry is not None else None


def instances_of(config: Config) -> tuple[Instance, ...]:
    """Give the instances of a configuration, in order of reading."""
    return tuple(Instance(statement, config) for statement in config.instances())


def sync_groups_of(config: Config) -> tuple[SyncGroup, ...]:
    """Give the sync groups, in order of reading."""
    return tuple(SyncGroup(statement, config) for statement in config.tree.find_all(b"vrrp_sync_group"))


def virtual_servers_of(config: Config) -> tuple[VirtualServer, ...]:
    """Give the virtual servers, in order of reading."""
    return tuple(VirtualServer(statement) for statement in config.tree.find_all(b"virtual_server"))


def _first(statement: Statement | None) -> bytes:
    return statement.args[0] if statement is not None and statement.args else b""


def _decides(child: Statement) -> int | None:
    """The family that a word of an instance gives to it from 1.2.20 on."""
    if child.keyword == b"native_ipv6":
        return 6
    if child.keyword in (b"mcast_src_ip", b"unicast_src_ip"):
        return family_of(_first(child))
    if child.keyword in (b"unicast_peer", b"virtual_ipaddress"):
        return next((family for line in child.children if (family := family_of(line.keyword)) is not None), None)
    return None


def _entries(
    owner: Statement, blocks: tuple[bytes, ...], parse: Callable[[bytes, Release], T], release: Release
) -> tuple[Entry[T], ...]:
    return tuple(_entry(line, parse, release) for line in owner.lines_in(*blocks))


def _entry(line: Statement, parse: Callable[[bytes, Release], T], release: Release) -> Entry[T]:
    try:
        return Entry(line, parse(line.text, release))
    except InputError as error:
        place = line.place
        column = place.column + max(0, error.column - 1)
        placed = InputError(error.reason, cure=error.cure, path=place.path, line=place.line, column=column)
        return Entry(line, None, placed)
