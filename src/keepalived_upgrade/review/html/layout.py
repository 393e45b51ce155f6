"""Where everything of a picture stands: boxes of instances, frames of groups, scripts to the right, arrows to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.review.html.scenes import Side

if TYPE_CHECKING:
    from keepalived_upgrade.model.overview import Address, GroupOverview, Hook, InstanceOverview

WIDTH = 440
LEFT = 272  # where the column of the instances ends
RIGHT = 316  # where that of the scripts begins
HEAD, ROW, PAD, GAP = 46, 21, 10, 14
SCRIPT = 44
STATE = 15  # what a script's box has more where it says that the plan changes it
MOST_ROWS = 8
MOST_BOXES = 24


@dataclass(frozen=True, slots=True)
class Row:
    """A line in a box: an address, a command with its arrow, or what is left out. y: its middle."""

    y: int
    address: Address | None = None
    hook: Hook | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """An instance. x, y, width, height: its rectangle."""

    instance: InstanceOverview
    x: int
    y: int
    width: int
    height: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A sync group around its members."""

    group: GroupOverview
    y: int
    height: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A script, or a command that names no file. path: "" for such a command. state: "", "changed" or "new"."""

    path: str
    command: bytes
    state: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a row of a box or frame to a script. tracked: the instance watches it and tells it nothing."""

    x: int
    y: int
    to: int
    tracked: bool


@dataclass(slots=True)
class Picture:
    """Everything placed. left_out: how many instances did not fit."""

    frames: list[Frame] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    height: int = 0
    left_out: int = 0


def lay_out(side: Side, changed: Mapping[str, str], *, after: bool) -> Picture:
    """Place one side of a scene. changed: path → "changed" or "new", which is told of what comes after."""
    picture = Picture(left_out=max(0, len(side.instances) - MOST_BOXES))
    shown = {instance.name: instance for instance in side.instances[:MOST_BOXES]}
    y = 1
    for group in side.groups:
        members = [shown.pop(name) for name in group.members if name in shown]
        y = _frame(picture, group, members, y) + GAP
    for instance in shown.values():
        y = _box(picture, instance, 1, LEFT - 1, y) + GAP
    _scripts(picture, changed, after)
    below = max((script.y + script.height for script in picture.scripts), default=0)
    picture.height = max(y - GAP, below) + 1
    return picture


def _frame(picture: Picture, group: GroupOverview, members: list[InstanceOverview], top: int) -> int:
    y = top + 34
    rows = tuple(Row(y + ROW * number + ROW // 2, hook=hook) for number, hook in enumerate(group.hooks))
    y += ROW * len(rows) + (PAD if rows else 0)
    for member in members:
        y = _box(picture, member, 11, LEFT - 11, y) + PAD
    picture.frames.append(Frame(group, top, y - top, rows))
    return y


def _box(picture: Picture, instance: InstanceOverview, x: int, right: int, top: int) -> int:
    contents: list[tuple[Address | None, Hook | None, str]] = []
    fits = len(instance.addresses) <= MOST_ROWS
    addresses = instance.addresses if fits else instance.addresses[: MOST_ROWS - 1]
    contents += [(address, None, "") for address in addresses]
    if not fits:
        contents.append((None, None, f"… and {len(instance.addresses) - len(addresses)} more addresses"))
    contents += [(None, hook, "") for hook in instance.hooks]
    y = top + HEAD
    rows = []
    for address, hook, note in contents:
        rows.append(Row(y + ROW // 2, address, hook, note))
        y += ROW
    y += PAD if rows else 0
    picture.boxes.append(Box(instance, x, top, right - x, y - top, tuple(rows)))
    return y


def _scripts(picture: Picture, changed: Mapping[str, str], after: bool) -> None:
    """Place each script once, as near to the middle of its callers as the scripts above it let it be."""
    calls: dict[tuple[str, bytes], list[tuple[int, int, Hook]]] = {}
    places = [(LEFT - 1, row) for frame in picture.frames for row in frame.rows]
    places += [(box.x + box.width, row) for box in picture.boxes for row in box.rows]
    for x, row in places:
        if row.hook is not None:
            path = _called(row.hook, changed)
            calls.setdefault((path, b"" if path else row.hook.command), []).append((x, row.y, row.hook))
    middles = {key: sum(y for _, y, _ in callers) // len(callers) for key, callers in calls.items()}
    free = 1
    for key in sorted(calls, key=lambda key: middles[key]):
        path, command = key
        state = changed.get(path, "") if after else ""
        height = SCRIPT + (STATE if state else 0)
        y = max(free, middles[key] - height // 2)
        picture.scripts.append(Script(path, command, state, y, height))
        for x, from_y, hook in calls[key]:
            picture.arrows.append(Arrow(x, from_y, y + height // 2, hook.event.startswith(b"track_script")))
        free = y + height + GAP


def _called(hook: Hook, changed: Mapping[str, str]) -> str:
    """Give the file that a hook calls: one that the plan changes, else its first path, else ""."""
    return next((file for file in hook.files if file in changed), hook.files[0] if hook.files else "")
