"""Scripts, groups and what is tracked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keepalived_upgrade.conf.grammar import parse_track
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.effect_commands import action, actions
from keepalived_upgrade.model.effect_context import Making, leading, settings
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Check, Group, Instance, Problem, Track
from keepalived_upgrade.releases import Release

KINDS = (b"track_interface", b"track_script", b"track_file", b"track_process", b"track_bfd")
_READ = frozenset((*KINDS, *NOTIFY, b"group"))
_MAX_SECONDS = "4294"


def checks(making: Making, top: Node) -> list[Check]:
    """Give the vrrp_scripts that are run."""
    found: dict[bytes, Check] = {}
    for block in top.find_all(b"vrrp_script"):
        name = block.args[0] if block.args else b""
        check = _check(making, block, name)
        if check is not None:
            found.setdefault(name, check)
    return list(found.values())


def _check(making: Making, block: Node, name: bytes) -> Check | None:
    script = block.find(b"script")
    interval = block.find(b"interval")
    every = making.seconds(interval, "1", _MAX_SECONDS, Release(2, 3, 2), 1000) if interval is not None else 1000
    weight = block.find(b"weight")
    value = making.whole(weight, -253, 253, 0) if weight is not None else 0
    for keyword in (b"rise", b"fall"):
        line = block.find(keyword)
        if line is not None:
            making.whole(line, 1, 2**31, 1)
    timeout = block.find(b"timeout")
    if timeout is not None:
        making.seconds(timeout, "1" if not making.since(2, 3, 2) else "0.000001", _MAX_SECONDS, Release(2, 3, 2), 1000)
    if script is None or not script.args:
        # 1.3.0 to 1.3.5 crash on a vrrp_script without script (probe g41m).
        if making.since(1, 3, 6):
            making.note(block, Problem.DROPPED, block.text, block.close)
        elif making.since(1, 3, 0):
            making.stop(block, block.text, said=False)
        return None
    words = _user(making, block)
    if words is None:
        return None
    command = action(making, script, (), *words[:2])
    if command is None:
        return None
    rise, fall = (leading(block.first(word) or b"1") for word in (b"rise", b"fall"))
    return Check(name, command, max(every, 1000) if not making.since(2, 3, 2) else every, value or 0, rise, fall)


def _user(making: Making, block: Node) -> tuple[bytes, ...] | None:
    """User and group of a script, () for the default. One whose user is not there is removed from 1.3.6, and ran as
    root before."""
    line = block.find(b"user")
    words = line.args if line is not None else making.script_user
    known = making.around.users
    lost = bool(words) and known is not None and words[0] not in known
    if making.since(1, 3, 6) and (lost or (making.secure and not words and making.around.script_user is False)):
        making.note(block, Problem.DROPPED, block.text, block.close)
        return None
    return () if lost else words


def tracks(making: Making, block: Node) -> list[Track]:
    """Give what an instance or group tracks."""
    found = []
    for kind in KINDS:
        for line in block.entries(kind):
            track = _track(making, line, kind)
            if track is not None:
                found.append(track)
    return found


def _track(making: Making, line: Node, kind: bytes) -> Track | None:
    try:
        parsed = parse_track(line.text, making.release)
    except InputError:
        making.note(line, Problem.IGNORED, line.text)
        return None
    name = parsed.name.value.encode("latin-1")
    weight = parsed.weight
    # catalogue: from 2.0.0 the limits are one less.
    limit = 253 if making.since(2, 0, 0) else 254
    if weight is not None and abs(weight) > limit:
        making.note(line, Problem.IGNORED, line.text)
        weight = None
    if kind == b"track_interface":
        known = making.around.interfaces
        if known is not None and name not in known and not making.dynamic:
            if making.since(2, 0, 0):
                making.stop(line, b"track_interface " + name, line.line)
            else:
                making.note(line, Problem.IGNORED, line.text)
            return None
    return Track(kind, name, () if weight is None else (weight,), parsed.reverse)


def check_tracked(making: Making, top: Node, known: dict[bytes, set[bytes]]) -> None:
    """Note what is tracked and is not there. known: for each kind, the names that are."""
    for block in (*top.find_all(b"vrrp_instance"), *top.find_all(b"vrrp_sync_group")):
        for kind, names in known.items():
            for line in block.entries(kind):
                if line.keyword not in names:
                    making.note(line, Problem.IGNORED, line.text)


def groups(making: Making, top: Node, found: Sequence[Instance]) -> list[Group]:
    """Give the sync groups in force. found: the instances that run."""
    names = {instance.name for instance in found}
    taken: dict[bytes, bytes] = {}
    result: list[Group] = []
    for block in top.find_all(b"vrrp_sync_group"):
        name = block.args[0] if block.args else b""
        if making.since(1, 2, 20) and (not name or any(group.name == name for group in result)):
            making.note(block, Problem.DROPPED, block.text)
            continue
        members = [word for line in block.entries(b"group") for word in line.words]
        kept = _members(making, block, members, names, taken)
        if not _in_force(making, block, kept):
            continue
        for member in kept:
            taken.setdefault(member, name)
        result.append(
            Group(
                name=name,
                members=tuple(kept),
                tracks=tuple(sorted(tracks(making, block))),
                actions=actions(making, block, NOTIFY, (b"GROUP", name, b"<STATE>", b"0")),
                settings=settings(block.children, _READ),
            )
        )
    return result


def _members(
    making: Making, block: Node, members: list[bytes], names: set[bytes], taken: dict[bytes, bytes]
) -> list[bytes]:
    kept = []
    for member in members:
        if making.since(1, 2, 20) and member in taken:
            making.note(block, Problem.IGNORED, member, 0)
        elif member in names:
            kept.append(member)
        else:
            making.note(block, Problem.IGNORED, member, 0, said=making.since(1, 2, 20))
    return kept


def without_weights(
    making: Making, top: Node, found: Sequence[Instance], in_force: Sequence[Group], scripts: Sequence[Check]
) -> list[Instance]:
    """Give the instances without what a sync group makes of no effect: scripts with weights, unless the group says
    otherwise (catalogue: sync-group-global-tracking, sync-group-member-trackers-dropped)."""
    weights = {check.name: check.weight for check in scripts}
    blocks = {block.args[0]: block for block in top.find_all(b"vrrp_sync_group") if block.args}
    members = {member: group.name for group in in_force for member in group.members}
    result = []
    for instance in found:
        group = members.get(instance.name)
        if group is None or any(blocks[group].find_all(b"global_tracking", b"sync_group_tracking_weight")):
            result.append(instance)
            continue
        every = Release(2, 1, 0) <= making.release < Release(2, 2, 0)
        lost = [track for track in instance.tracks if _is_lost(track, weights, every)]
        for _ in lost:
            making.note(blocks[group], Problem.IGNORED, b"track_script in " + instance.name, 0)
        result.append(replace(instance, tracks=tuple(t for t in instance.tracks if t not in lost)))
    return result


def _is_lost(track: Track, weights: dict[bytes, int], every: bool) -> bool:
    if track.kind != b"track_script" or track.name not in weights:
        return False
    return every or any(track.weight or (weights[track.name],))


def _in_force(making: Making, block: Node, members: list[bytes]) -> bool:
    """Whether a group stays. One member: removed in 1.2.20 to 1.3.9 and 2.1.0 to 2.2.2 (catalogue)."""
    if not making.since(1, 2, 20):
        return bool(members)
    if not members:
        making.note(block, Problem.DROPPED, block.text, 0)
        return False
    if len(members) == 1:
        removed = not making.since(1, 4, 0) or Release(2, 1, 0) <= making.release < Release(2, 2, 3)
        making.note(block, Problem.DROPPED if removed else Problem.ADVICE, block.text, 0)
        return not removed
    return True
