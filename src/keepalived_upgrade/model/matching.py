"""Which names became which, inferred from two texts of one host's configuration: by family, router id, interface and
addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import ip_interface

from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.instances import instances_of, sync_groups_of


class Grade(IntEnum):
    """How sure a match is. UNSURE: some trace of the old name. LIKELY: one thing differs. SURE: everything fits."""

    UNSURE = 1
    LIKELY = 2
    SURE = 3


@dataclass(frozen=True, slots=True)
class Match:
    """old became new, or nothing that can be found where new is empty. reasons: half sentences.

    families: those of each new name's addresses, for its role.
    """

    kind: str
    old: bytes
    new: tuple[bytes, ...]
    grade: Grade
    reasons: tuple[str, ...]
    families: tuple[frozenset[int], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What tells an instance from others, over all views of the configuration."""

    name: bytes
    interfaces: frozenset[bytes]
    vrids: frozenset[int]
    addresses: frozenset[str]
    families: frozenset[int]

    def same_router(self, other: Profile) -> bool:
        """Tell whether both are the same virtual router to the network: router id and interface."""
        return bool(self.vrids & other.vrids) and bool(self.interfaces & other.interfaces)


def match_names(before: Sequence[Config], after: Sequence[Config]) -> tuple[Match, ...]:
    """Give a match for every instance and group whose name is gone or stands for less than it did, in order of the old
    text."""
    old, new = _profiles(before), _profiles(after)
    found = [match for match in (_instance(profile, old, new) for profile in old.values()) if match is not None]
    return (*found, *_groups(before, after, found))


def exchanged_names(before: Sequence[Config], after: Sequence[Config]) -> Iterator[tuple[bytes, bytes]]:
    """Give (name, other) where a name that stays now stands for all that another old name stood for."""
    old, new = _profiles(before), _profiles(after)
    for name in old.keys() & new.keys():
        held = new[name].addresses
        if held and not held & old[name].addresses:
            yield from ((name, other.name) for other in old.values() if other.addresses == held)


def _instance(profile: Profile, old: Mapping[bytes, Profile], new: Mapping[bytes, Profile]) -> Match | None:
    kept = new.get(profile.name)
    appeared = [other for other in new.values() if other.name not in old]
    lost = profile.addresses - (kept.addresses if kept is not None else frozenset())
    heirs = sorted((n for n in appeared if n.addresses & lost), key=lambda n: min(n.families, default=0))
    if kept is not None:
        return _narrowed(profile, kept, lost, heirs)
    if heirs:
        return _by_addresses(profile, heirs, old, new)
    same = [n for n in appeared if n.same_router(profile)]
    if same:
        plain = len(same) == 1 and (not profile.families or same[0].families == profile.families)
        reasons = (f"{_router(profile)} is the same", "no address is the same")
        if not profile.addresses and not same[0].addresses and plain:
            reasons = (f"{_router(profile)} is the same", "neither has an address")
        return _match(profile, same, Grade.LIKELY if plain else Grade.UNSURE, reasons)
    near = [n for n in appeared if n.interfaces & profile.interfaces]
    gone = [o for o in old.values() if o.name not in new]
    if len(near) == 1 and len(gone) == 1:
        reason = "it is the only name that went away, and the only new one on the interface"
        return _match(profile, near, Grade.UNSURE, (reason, "neither router id nor address is the same"))
    holders = [o.name for o in new.values() if o.addresses & lost]
    reason = "no new instance has its addresses or its router id"
    if holders:
        reason = f"its addresses went to {_names(holders)}, which was there before"
    return _match(profile, [], Grade.UNSURE, (reason,))


def _narrowed(profile: Profile, kept: Profile, lost: frozenset[str], heirs: Sequence[Profile]) -> Match | None:
    """The name stays with a part of its addresses; the rest is the other half of it only as the same router."""
    taken = frozenset[str]().union(*(n.addresses for n in heirs))
    if not heirs or not lost <= taken or not all(n.same_router(profile) for n in heirs):
        return None
    reasons = (f"{_router(profile)} is the same", "it keeps a part of its addresses, and the new names hold the rest")
    return _match(profile, [kept, *heirs], Grade.SURE, reasons)


def _by_addresses(
    profile: Profile, heirs: Sequence[Profile], old: Mapping[bytes, Profile], new: Mapping[bytes, Profile]
) -> Match:
    taken = frozenset[str]().union(*(n.addresses for n in heirs))
    missing = len(profile.addresses - taken)
    same = all(n.same_router(profile) for n in heirs)
    related = all(n.interfaces & profile.interfaces or n.vrids & profile.vrids for n in heirs)
    rivals = [
        o.name
        for o in old.values()
        if o.name not in new and o is not profile and o.addresses & taken - profile.addresses
    ]
    total = len(profile.addresses)
    reasons = [
        f"{missing} of its {total} addresses are nowhere" if missing else "all its addresses are there",
        f"{_router(profile)} is the same" if same else f"{_router(profile)} is not the same",
    ]
    if rivals:
        reasons.append(f"{_names(rivals)} went into the same")
    if not missing and same and not rivals:
        return _match(profile, heirs, Grade.SURE, reasons)
    likely = (related and not missing) or (same and missing * 2 <= total)
    return _match(profile, heirs, Grade.LIKELY if likely else Grade.UNSURE, reasons)


def _match(profile: Profile, new: Sequence[Profile], grade: Grade, reasons: Iterable[str]) -> Match:
    families = tuple(n.families for n in new)
    return Match("instance", profile.name, tuple(n.name for n in new), grade, tuple(reasons), families)


def _groups(before: Sequence[Config], after: Sequence[Config], matches: Sequence[Match]) -> Iterator[Match]:
    old, new = _members(before), _members(after)
    became = {match.old: match for match in matches}
    for name, members in old.items():
        if name in new:
            continue
        moved = frozenset(n for m in members for n in (became[m].new if m in became else (m,)))
        least = min((became[m].grade for m in members if m in became), default=Grade.SURE)
        heirs = [n for n, others in new.items() if n not in old and others & moved]
        if not heirs:
            yield Match("group", name, (), Grade.UNSURE, ("no new group has its members",))
        elif len(heirs) == 1 and new[heirs[0]] == moved:
            yield Match("group", name, tuple(heirs), least, ("its members are all there, and no others",))
        else:
            grade = min(least, Grade.LIKELY if len(heirs) == 1 else Grade.UNSURE)
            yield Match("group", name, tuple(heirs), grade, ("some of its members are there",))


def _members(views: Sequence[Config]) -> dict[bytes, frozenset[bytes]]:
    found: dict[bytes, frozenset[bytes]] = {}
    for group in (group for config in views for group in sync_groups_of(config)):
        if group.name:
            found[group.name] = found.get(group.name, frozenset()) | frozenset(group.members)
    return found


def _profiles(views: Sequence[Config]) -> dict[bytes, Profile]:
    found: dict[bytes, Profile] = {}
    for instance in (instance for config in views for instance in instances_of(config)):
        if not instance.name:
            continue
        lines = [
            line.keyword
            for block in instance.statement.find_all(b"virtual_ipaddress", b"virtual_ipaddress_excluded")
            for line in block.children
        ]
        addresses = dict(_address(word, instance.interface) for word in lines)
        one = Profile(
            instance.name,
            frozenset((instance.interface,)) - {b""},
            frozenset(() if instance.vrid is None else (instance.vrid,)),
            frozenset(addresses),
            frozenset(addresses.values()) - {0},
        )
        found[one.name] = _joined(found[one.name], one) if one.name in found else one
    return found


def _joined(one: Profile, other: Profile) -> Profile:
    return Profile(
        one.name,
        one.interfaces | other.interfaces,
        one.vrids | other.vrids,
        one.addresses | other.addresses,
        one.families | other.families,
    )


def _address(word: bytes, interface: bytes) -> tuple[str, int]:
    """An address without its prefix length, with its family; a link-local one is told apart by its interface."""
    text = word.decode("utf-8", "backslashreplace")
    try:
        ip = ip_interface(text).ip
    except ValueError:
        return text, 0
    return (f"{ip}%{interface.decode('utf-8', 'backslashreplace')}" if ip.is_link_local else str(ip)), ip.version


def _router(profile: Profile) -> str:
    vrids = "/".join(str(vrid) for vrid in sorted(profile.vrids)) or "none"
    return f"router id {vrids} on {_names(sorted(profile.interfaces)) or 'no interface'}"


def _names(names: Sequence[bytes]) -> str:
    return ", ".join(name.decode("utf-8", "backslashreplace") for name in names)
