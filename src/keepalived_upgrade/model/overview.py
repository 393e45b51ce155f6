"""What a configuration sets up, as a picture of it needs to know: instances, sync groups, addresses, commands.

Plain values, without the tree behind them, so that a plan can hold them and a review can draw them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.model.commands import NOTIFY, read_command
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.releases import Release

Resolve = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Hook:
    """A command of an instance or a group. event: `notify`, `notify_master`, …, or `track_script NAME`.

    command: as keepalived takes it. files: those of its words that are absolute paths, links followed.
    """

    event: bytes
    command: bytes
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A line of virtual_ipaddress, or (excluded) of virtual_ipaddress_excluded. family: 4, 6, or None."""

    text: bytes
    family: int | None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class InstanceOverview:
    """A vrrp_instance. interface, vrid, priority: as written, b"" where they are not."""

    name: bytes
    interface: bytes
    vrid: bytes
    priority: bytes
    addresses: tuple[Address, ...]
    hooks: tuple[Hook, ...]


@dataclass(frozen=True, slots=True)
class GroupOverview:
    """A vrrp_sync_group. members: the names of its instances, in order."""

    name: bytes
    members: tuple[bytes, ...]
    hooks: tuple[Hook, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The instances and the sync groups, in order of reading."""

    instances: tuple[InstanceOverview, ...]
    groups: tuple[GroupOverview, ...]


def make_overview(config: Config, resolve: Resolve) -> Overview:
    """Give what a configuration sets up. resolve: gives a path with its links followed, None where it leads nowhere."""
    checks = {_first(block): block for block in config.tree.find_all(b"vrrp_script")}

    def hooks(owner: Statement) -> tuple[Hook, ...]:
        return tuple(_hooks(owner, checks, config.release, resolve))

    return Overview(
        tuple(
            InstanceOverview(
                _first(block),
                _first(block.find(b"interface")),
                _first(block.find(b"virtual_router_id")),
                _first(block.find(b"priority")),
                tuple(_addresses(block)),
                hooks(block),
            )
            for block in config.instances()
        ),
        tuple(
            GroupOverview(_first(block), tuple(_words(block.find_all(b"group"))), hooks(block))
            for block in config.tree.find_all(b"vrrp_sync_group")
        ),
    )


def _addresses(instance: Statement) -> Iterator[Address]:
    for block in instance.find_all(b"virtual_ipaddress", b"virtual_ipaddress_excluded"):
        for line in block.children:
            families = (family_of(word.value) for word in line.words)
            family = next((family for family in families if family is not None), None)
            yield Address(line.text, family, block.keyword == b"virtual_ipaddress_excluded")


def _hooks(owner: Statement, checks: dict[bytes, Statement], release: Release, resolve: Resolve) -> Iterator[Hook]:
    for line in owner.find_all(*NOTIFY):
        if len(line.words) > 1:
            yield _hook(line.keyword, line, release, resolve)
    for block in owner.find_all(b"track_script"):
        for line in block.children:
            check = checks.get(line.keyword)
            script = check.find(b"script") if check is not None else None
            if script is not None and len(script.words) > 1:
                yield _hook(b"track_script " + line.keyword, script, release, resolve)


def _hook(event: bytes, line: Statement, release: Release, resolve: Resolve) -> Hook:
    command, words, _ = read_command(line.text, release)
    paths = [os.fsdecode(word) for word in words if word.startswith(b"/")]
    return Hook(event, command, tuple(resolve(path) or path for path in paths))


def _words(blocks: Iterable[Statement]) -> Iterator[bytes]:
    for block in blocks:
        for line in block.children:
            yield from (word.value for word in line.words)


def _first(statement: Statement | None) -> bytes:
    return statement.args[0] if statement is not None and statement.args else b""
