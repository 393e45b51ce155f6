"""The split: the block becomes the IPv4 half where it stands, and the IPv6 half is a copy of it behind."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.migration import Outcome
from keepalived_upgrade.model.references import group_of
from keepalived_upgrade.names import NewName, Rename
from keepalived_upgrade.rewriting import line_end_of, show, whole_lines

from .group import extend_group, new_group
from .halves import ipv4_half, ipv6_half
from .hooks import hooks, hooks_collide
from .mixed import ID, Mixed, Names, say
from .obstacles import cannot_cut, find_group_obstacle, find_obstacle
from .references import duplicate_vrid, mentions, rename_references


def split(mixed: Mixed, names: Names) -> Iterator[Outcome]:
    """Give the edits, the rename and the findings; one finding alone where the block cannot be cut."""
    block = mixed.statement
    obstacle = find_obstacle(mixed)
    lines = whole_lines(mixed.tree, block)
    if obstacle is not None or lines is None:
        yield cannot_cut(obstacle or block, block, b"two instances")
        return
    group = group_of(mixed.tree, mixed.name)
    if mixed.choice.notify == "group" and group is not None and hooks_collide(mixed, group):
        yield say(
            "group-has-hooks",
            Severity.DECISION,
            block,
            f"the sync group {show(group.args[0])}, or another member of it, has a hook of the same kind as "
            f"{show(mixed.name)}; the group could run one of them only",
            "Choose --notify first or --notify both for this instance.",
        )
        return
    stuck = find_group_obstacle(mixed, group) if group is not None else None
    if stuck is not None:
        yield stuck
        return
    yield from ipv4_half(mixed, names)
    why = "The IPv6 addresses get an instance of their own, in one sync group with the first."
    yield mixed.edit(lines[1], lines[1], _behind(mixed, names, group, lines[1]), why)
    if group is not None:
        yield from extend_group(mixed, names, group)
    yield from duplicate_vrid(mixed)
    yield from mentions(mixed, names)
    yield from rename_references(mixed, names)
    yield _rename(mixed, names)


def _behind(mixed: Mixed, names: Names, group: Statement | None, end: int) -> bytes:
    """What comes behind the block, which ends at `end`: the IPv6 half, and a sync group where there is none."""
    source = mixed.tree.sources[mixed.statement.path][:end]
    line_end = line_end_of(mixed.tree, mixed.statement.path)
    half = apply_edits(source, list(ipv6_half(mixed, names)))[mixed.statement.line_start :]
    between = line_end if source.endswith(b"\n") else line_end * 2
    return between + half.rstrip(b"\r\n") + line_end + (b"" if group is not None else new_group(mixed, names))


def _rename(mixed: Mixed, names: Names) -> Rename:
    new = [NewName(names.four, "IPv4 half"), NewName(names.six, "IPv6 half")]
    groups = {group.args[0] for group in mixed.tree.find_all(b"vrrp_sync_group") if group.args}
    if mixed.choice.notify == "group" and hooks(mixed):
        new.append(NewName(names.group, "sync group"))
    if mixed.name in groups and mixed.name not in {name.name for name in new}:
        # A sync group of the same name stays: scripts are still called with it.
        new.append(NewName(mixed.name, "sync group"))
    interface = mixed.statement.find(b"interface")
    return Rename("instance", mixed.name, tuple(new), ID, interface.args[0] if interface and interface.args else b"")
