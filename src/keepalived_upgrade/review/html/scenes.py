"""Which instances and groups belong together before and after, and which of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    before, after = plan.overview_before, plan.overview_after
    changed_files = {change.path for change in plan.files}
    scenes, same = [], list[bytes]()
    for keys in _clusters(plan, before, after):
        scene = Scene(_side(before, keys), _side(after, keys))
        follows = any(file in changed_files for hook in scene.after.hooks() for file in hook.files)
        if scene.before != scene.after or follows:
            scenes.append(scene)
        else:
            same += [instance.name for instance in scene.after.instances]
    return tuple(scenes), tuple(same)


def _side(overview: Overview, keys: set[_Key]) -> Side:
    return Side(
        tuple(group for group in overview.groups if ("group", group.name) in keys),
        tuple(instance for instance in overview.instances if ("instance", instance.name) in keys),
    )


def _clusters(plan: Plan, before: Overview, after: Overview) -> Iterable[set[_Key]]:
    """The names that renames and groups tie together, in order of first appearance."""
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
            for member in group.members:
                leader[find(("instance", member))] = find(("group", group.name))
    for rename in plan.renames:
        for new in rename.new:
            leader[find((rename.kind, new.name))] = find((rename.kind, rename.old))
    clusters: dict[_Key, set[_Key]] = {}
    for key in list(leader):
        clusters.setdefault(find(key), set()).add(key)
    return clusters.values()
