"""Which instances and groups belong together before and after, and which of them changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.plan import Plan

if TYPE_CHECKING:
    from keepalived_upgrade.model.overview import GroupOverview, Hook, InstanceOverview, Overview

_Key = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Side:
    """The part of a configuration that one picture shows: groups and instances, in order of reading."""

    groups: tuple[GroupOverview, ...]
    instances: tuple[InstanceOverview, ...]

    def hooks(self) -> Iterator[Hook]:
        """Give all commands."""
        for group in self.groups:
            yield from group.hooks
        for instance in self.instances:
            yield from instance.hooks


@dataclass(frozen=True, slots=True)
class Scene:
    """What belongs together, before and after: an instance, what became of it, the groups of both."""

    before: Side
    after: Side


def scenes_of(plan: Plan) -> tuple[tuple[Scene, ...], tuple[bytes, ...]]:
    """Give the scenes that change, and the names of the instances that stay as they are."""
    if plan.overview_before is None or plan.overview_after is None:
        return (), ()
    changed_files = {change.path for change in plan.files}
    leaders = _leaders(plan, plan.overview_before, plan.overview_after)
    before, after = _sides(plan.overview_before, leaders), _sides(plan.overview_after, leaders)
    nothing = Side((), ())
    scenes, same = [], list[bytes]()
    for leader in dict.fromkeys(leaders.values()):
        scene = Scene(before.get(leader, nothing), after.get(leader, nothing))
        follows = any(file in changed_files for hook in scene.after.hooks() for file in hook.files)
        if scene.before != scene.after or follows:
            scenes.append(scene)
        else:
            same += [instance.name for instance in scene.after.instances]
    return tuple(scenes), tuple(same)


def _sides(overview: Overview, leaders: dict[_Key, _Key]) -> dict[_Key, Side]:
    """The groups and instances of each leader, in order of reading."""
    groups: dict[_Key, list[GroupOverview]] = {}
    instances: dict[_Key, list[InstanceOverview]] = {}
    for group in overview.groups:
        groups.setdefault(leaders["group", group.name], []).append(group)
    for instance in overview.instances:
        instances.setdefault(leaders["instance", instance.name], []).append(instance)
    return {key: Side(tuple(groups.get(key, ())), tuple(instances.get(key, ()))) for key in {**groups, **instances}}


def _leaders(plan: Plan, before: Overview, after: Overview) -> dict[_Key, _Key]:
    """Give each name one name that stands for all that renames and groups tie to it."""
    leader: dict[_Key, _Key] = {}

    def find(key: _Key) -> _Key:
        leader.setdefault(key, key)
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for overview in (before, after):
        for instance in overview.instances:
            find(("instance", instance.name))
        for group in overview.groups:
            find(("group", group.name))
            for member in group.members:
                leader[find(("instance", member))] = find(("group", group.name))
    for rename in plan.renames:
        for new in rename.new:
            leader[find((rename.kind, new.name))] = find((rename.kind, rename.old))
    return {key: find(key) for key in leader}
