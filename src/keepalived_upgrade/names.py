"""Renames: one old name, one or more new names, and how successive renames compose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewName:
    """A name that takes the old one's place. role: what it is, e.g. "IPv4 half", "IPv6 half", "sync group"."""

    name: bytes
    role: str


@dataclass(frozen=True, slots=True)
class Rename:
    """kind: what the name belongs to ("instance", "group", "script", "virtual server", …).

    new holds at least one name; the first is the one that keeps the old one's main part (the IPv4 half).
    migration: the id of the pass that renames. interface: the interface of the renamed instance, or b"".
    """

    kind: str
    old: bytes
    new: tuple[NewName, ...]
    migration: str
    interface: bytes = b""

    def names(self) -> tuple[bytes, ...]:
        """Give the new names alone."""
        return tuple(new.name for new in self.new)


def compose_renames(renames: Iterable[Rename]) -> tuple[Rename, ...]:
    """Give what successive renames come to: A → B,C and then B → D is A → D,C. Order is that of first appearance."""
    composed: list[Rename] = []
    for rename in renames:
        merged = [_follow(earlier, rename) for earlier in composed]
        if merged == composed:
            composed.append(rename)
        else:
            composed = merged
    return tuple(r for r in composed if r.names() != (r.old,))


# Of these kinds keepalived tells a script the name; no script is told what a track script or a server is called.
TOLD = ("instance", "group")


def names_by_old(renames: Iterable[Rename]) -> Mapping[bytes, tuple[bytes, ...]]:
    """Give old name → new names for what scripts test, where a name says no kind.

    The same old name of several kinds (an instance and a group) gives all their new names.
    """
    table: dict[bytes, tuple[bytes, ...]] = {}
    for rename in renames:
        table[rename.old] = tuple(dict.fromkeys(table.get(rename.old, ()) + rename.names()))
    return table


def _follow(earlier: Rename, later: Rename) -> Rename:
    if earlier.kind != later.kind or later.old not in earlier.names():
        return earlier
    new: list[NewName] = []
    for name in earlier.new:
        new.extend(later.new if name.name == later.old else (name,))
    return Rename(earlier.kind, earlier.old, tuple(new), earlier.migration, earlier.interface)
