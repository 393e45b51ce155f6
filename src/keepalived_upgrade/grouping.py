"""Which changes of a plan make sense only together, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from keepalived_upgrade.plan import Plan
from keepalived_upgrade.review.masking import show
from keepalived_upgrade.selection import Unit

# The edits of these stand each for itself; all changes of any other pass go together, but for those made for a name.
_EACH_ALONE = frozenset(
    (
        "v1_2_20/comment_characters",
        "v1_2_20/authentication",
        "v1_2_20/native_ipv6",
        "v2_0_0/global_tracking",
        "v2_0_7/number_ranges",
        "v2_0_15/nb_get_retry",
        "v2_0_17/status_code",
        "v2_3_0/script_path_through_link",
        "v2_3_2/address_protocol_tag",
    )
)
# What units share: an old name (bytes), or in words a pass or a sync group.
_Bond = bytes | str


def groups_of(plan: Plan, units: Sequence[Unit]) -> tuple[tuple[Unit, ...], ...]:
    """Give the units as groups that are taken or left out together, in order of their first ones."""
    groups = together(plan, units)
    first = [unit for unit in units if unit.number == min(groups[unit.number])]
    return tuple(tuple(u for u in units if u.number in groups[unit.number]) for unit in first)


def together(plan: Plan, units: Collection[Unit]) -> Mapping[int, frozenset[int]]:
    """Give for each unit's number the numbers of all that it goes with, itself among them.

    What is made for a name goes together: the cure of an instance, and all that follows its new names. So do instances
    of one sync group, a pass whose edits depend on one another, and what two passes or names changed in one place.
    """
    group = {unit.number: {unit.number} for unit in units}
    by_bond: dict[_Bond, int] = {}
    for number, bonds in _bonds(plan, units).items():
        for bond in bonds:
            joined = group[by_bond.setdefault(bond, number)] | group[number]
            for member in joined:
                group[member] = joined
    return {number: frozenset(members) for number, members in group.items()}


def names_of(units: Iterable[Unit]) -> tuple[bytes, ...]:
    """Give the old names that units are made for, in order."""
    return tuple(dict.fromkeys(name for unit in units for _, name in unit.names))


def why_together(plan: Plan, group: Sequence[Unit]) -> Iterator[str]:
    """Say what makes one group of the changes for several names; nothing where they are for one name at most."""
    bonds = _bonds(plan, group)
    holders: dict[str, dict[bytes, None]] = {}
    for unit in group:
        for bond in bonds[unit.number]:
            if isinstance(bond, str):
                holders.setdefault(bond, {}).update(dict.fromkeys(names_of([unit])))
    for bond, held in holders.items():
        if len(held) > 1:
            yield f"{_listed(held)} share {bond}."
    for unit in group:
        names = [bond for bond in bonds[unit.number] if isinstance(bond, bytes)]
        if len(names) > 1:
            yield f"{_listed(names)} share the change at {unit.file.path}:{unit.line}."


def _bonds(plan: Plan, units: Collection[Unit]) -> dict[int, tuple[_Bond, ...]]:
    """Give for each unit's number what it shares with others. What follows names, and is made for none of them that is
    known, shares all."""
    renaming = {rename.migration for rename in plan.renames}
    every: dict[_Bond, None] = dict.fromkeys((*names_of(units), *(rename.old for rename in plan.renames)))
    found: dict[int, tuple[_Bond, ...]] = {}
    for unit in units:
        bonds: dict[_Bond, None] = dict.fromkeys(names_of([unit]))
        for migration in sorted(unit.migrations - {migration for migration, _ in unit.names}):
            if migration in renaming or migration.startswith("names/"):
                bonds |= every
            elif migration not in _EACH_ALONE:
                bonds[f"what {migration} changes"] = None
        for group in plan.overview_before.groups if plan.overview_before is not None else ():
            if not bonds.keys().isdisjoint(group.members):
                bonds[f"the sync group {show(group.name)}"] = None
        found[unit.number] = tuple(bonds)
    return found


def _listed(names: Iterable[bytes]) -> str:
    *others, last = sorted(map(show, names))
    return f"{', '.join(others)} and {last}"
