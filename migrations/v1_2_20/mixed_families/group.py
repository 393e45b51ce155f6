"""The sync group of the halves: the one the instance was in takes both, else one is made."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.model.references import member_words
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, members_between

from .hooks import hooks, hooks_for_group
from .mixed import ID, Mixed, Names


def extend_group(mixed: Mixed, names: Names, group: Statement) -> Iterator[Edit]:
    """Give the edits that put both halves in the old instance's place, where nothing keeps the group from it."""
    for line, word in member_words(group):
        if word.value == mixed.name:
            both = members_between(mixed.tree, line).join((names.four, names.six))
            yield Edit(word.path, word.start, word.end, both, ID, "Both halves take the place of the old instance.")
    if mixed.choice.notify == "group" and hooks(mixed):
        start = mixed.tree.sources[group.path].rfind(b"\n", 0, group.close) + 1
        why = "The group runs the hooks, once for both halves."
        yield Edit(group.path, start, start, hooks_for_group(mixed, names), ID, why)


def new_group(mixed: Mixed, names: Names) -> bytes:
    """Give the text of a sync group of both halves, with an empty line before it."""
    end = line_end_of(mixed.tree, mixed.statement.path)
    outer = indent_of(mixed.tree, mixed.statement)
    step = _step(mixed)
    lines = [b"", outer + b"vrrp_sync_group " + names.group + b" {", outer + step + b"group {"]
    lines += [outer + step + step + name for name in (names.four, names.six)]
    lines.append(outer + step + b"}")
    if _weighs(mixed):
        # Inside a sync group the weights of trackers are ignored without this (renamed in 2.0.0, 4d10dd9b).
        new = mixed.context.target >= Release(2, 0, 0)
        lines.append(outer + step + (b"sync_group_tracking_weight" if new else b"global_tracking"))
    moved = hooks_for_group(mixed, names) if mixed.choice.notify == "group" else b""
    return end.join(lines) + end + moved + outer + b"}" + end


def _step(mixed: Mixed) -> bytes:
    """What a block of this file is indented by."""
    outer = indent_of(mixed.tree, mixed.statement)
    for child in mixed.statement.children:
        indent = indent_of(mixed.tree, child)
        if indent.startswith(outer) and len(indent) > len(outer):
            return indent[len(outer) :]
    return b"    "


def _weighs(mixed: Mixed) -> bool:
    """Whether a tracker of the instance has a weight."""
    weighted = {
        script.args[0]
        for script in mixed.tree.find_all(b"vrrp_script")
        if script.args and (weight := script.find(b"weight")) is not None and weight.args[:1] not in ((b"0",), ())
    }
    lines = mixed.statement.lines_in(b"track_script", b"track_interface")
    return any(b"weight" in line.args or line.keyword in weighted for line in lines)
