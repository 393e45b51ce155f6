"""The configuration before and after, drawn: instances, sync groups, addresses, and arrows to the scripts they call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from keepalived_upgrade.plan import Plan
from keepalived_upgrade.review.html import layout
from keepalived_upgrade.review.html.layout import Arrow, Box, Frame, Picture, Row, Script, lay_out
from keepalived_upgrade.review.html.markup import Html, h
from keepalived_upgrade.review.html.scenes import Scene, Side, scenes_of
from keepalived_upgrade.review.html.texts import count, fit, fit_end, line_of, name_of
from keepalived_upgrade.review.masking import clean

if TYPE_CHECKING:
    from keepalived_upgrade.model.overview import Address, Hook, InstanceOverview

MOST_SCENES = 30
_COLUMN = 7.0  # width of a character of the small monospace


def picture_section(plan: Plan) -> Html | None:
    """Give the section with the pictures; None where no instance changes."""
    scenes, same = scenes_of(plan)
    if not scenes:
        return None
    changed = {change.path: "new" if change.before is None else "changed" for change in plan.files}
    left = len(scenes) - MOST_SCENES
    return h(
        "section",
        h("h2", "Before and after", id="picture-title"),
        (_scene(scene, number, plan, changed) for number, scene in enumerate(scenes[:MOST_SCENES], 1)),
        h("p", f"{count(left, 'more change')} of this kind: too many to draw.", class_="note") if left > 0 else None,
        _unchanged(same),
        id="picture",
        aria_labelledby="picture-title",
    )


def _unchanged(names: tuple[bytes, ...]) -> Html | None:
    if not names:
        return None
    what = "1 instance stays" if len(names) == 1 else f"{len(names)} instances stay"
    items = (h("li", h("code", name_of(name))) for name in names)
    return h("details", h("summary", f"{what} as before"), h("ul", items, class_="names"), class_="words")


def _scene(scene: Scene, number: int, plan: Plan, changed: Mapping[str, str]) -> Html:
    title = _title(scene)
    return h(
        "figure",
        h("figcaption", h("h3", title, id=f"scene-{number}")),
        h(
            "div",
            _side(scene.before, f"Before: {plan.source}", changed, after=False),
            h("div", "→", class_="then", aria_hidden="true"),
            _side(scene.after, f"After: {plan.target}", changed, after=True),
            class_="sides",
        ),
        h(
            "details",
            h("summary", "The same in words"),
            (
                (h("h4", when), h("ul", _words(side)))
                for when, side in ((f"Before, {plan.source}", scene.before), (f"After, {plan.target}", scene.after))
            ),
            class_="words",
        ),
        class_="scene",
    )


def _title(scene: Scene) -> str:
    old = [name_of(instance.name) for instance in scene.before.instances]
    new = [name_of(instance.name) for instance in scene.after.instances]
    before, after = set(old), set(new)
    gone, come = [name for name in old if name not in after], [name for name in new if name not in before]
    if gone and come:
        return f"{_some(gone)} becomes {_some(come)}" if len(gone) == 1 else f"{_some(gone)} become {_some(come)}"
    names = _some(new or old) or "A sync group"
    one = len(new or old) < 2
    if scene.before == scene.after:
        return f"{names} {'stays, its' if one else 'stay, their'} scripts change"
    return f"{names} {'changes' if one else 'change'}"


def _some(names: list[str]) -> str:
    shown = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)


def _side(side: Side, title: str, changed: Mapping[str, str], *, after: bool) -> Html:
    picture = lay_out(side, changed, after=after)
    drawing = h(
        "svg",
        (_frame(frame) for frame in picture.frames),
        (_arrow(arrow) for arrow in picture.arrows),
        (_box(box) for box in picture.boxes),
        (_script(script) for script in picture.scripts),
        viewBox=f"0 0 {layout.WIDTH} {picture.height}",
        width=layout.WIDTH,
        height=picture.height,
        role="img",
        aria_label=f"{title}. {_names(picture)}; told in words below",
    )
    left = f"{count(picture.left_out, 'more instance')} not drawn" if picture.left_out else None
    return h("div", h("p", title, class_="when"), drawing, h("p", left, class_="note") if left else None, class_="side")


def _names(picture: Picture) -> str:
    return ", ".join(f"instance {name_of(box.instance.name)}" for box in picture.boxes) or "no instance"


def _frame(frame: Frame) -> Html:
    return h(
        "g",
        h("rect", x=1, y=frame.y, width=layout.LEFT - 2, height=frame.height, rx=12, class_="frame"),
        _label(12, frame.y + 22, name_of(frame.group.name), 20, "frame-name"),
        h("text", "sync group", x=layout.LEFT - 12, y=frame.y + 22, text_anchor="end", class_="small"),
        (_row(row, 12, layout.LEFT - 1) for row in frame.rows),
    )


def _box(box: Box) -> Html:
    x, right = box.x + 11, box.x + box.width
    facts = [
        name_of(value) if label == "" else f"{label} {name_of(value)}"
        for label, value in (
            ("", box.instance.interface),
            ("VRID", box.instance.vrid),
            ("priority", box.instance.priority),
        )
        if value
    ]
    families = families_of(box.instance)
    badges = [_badge(right - 11 - 38 * (len(families) - at), box.y + 9, family) for at, family in enumerate(families)]
    return h(
        "g",
        h("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=8, class_="box"),
        _label(x, box.y + 20, name_of(box.instance.name), 26 - 6 * len(families), "name"),
        badges,
        _label(x, box.y + 37, " · ".join(facts), 32, "small"),
        (_row(row, x, right) for row in box.rows),
    )


def families_of(instance: InstanceOverview) -> list[int]:
    """Give the families of an instance's addresses, in order; those of the excluded ones say nothing of it."""
    return sorted({a.family for a in instance.addresses if a.family is not None and not a.excluded})


def _row(row: Row, x: int, right: int) -> Html:
    if row.address is not None:
        return _address(row.address, row.y, x, right)
    if row.hook is not None:
        return h(
            "g",
            h("text", fit(name_of(row.hook.event), 28), x=right - 12, y=row.y + 4, text_anchor="end", class_="event"),
            h("circle", cx=right, cy=row.y, r="3.5", class_="port"),
        )
    return h("text", row.note, x=x, y=row.y + 4, class_="small")


def _written(address: Address) -> str:
    """Give an address as its line says it; how its words are set apart is of no interest."""
    return line_of(b" ".join(address.text.split()))


def _address(address: Address, y: int, x: int, right: int) -> Html:
    word = "excluded" if address.excluded else ""
    room = int((right - 11 - x - 14 - (56 if word else 0)) / _COLUMN)
    return h(
        "g",
        h("rect", x=x, y=y - 4, width=8, height=8, rx=2, class_=f"family v{address.family or 'x'}"),
        _label(x + 14, y + 4, _written(address), room, "address", fit_end),
        h("text", word, x=right - 11, y=y + 4, text_anchor="end", class_="small") if word else None,
    )


def _badge(x: int, y: int, family: int) -> Html:
    return h(
        "g",
        h("rect", x=x + 2, y=y, width=36, height=16, rx=8, class_=f"badge v{family}"),
        h("text", f"IPv{family}", x=x + 20, y=y + 12, text_anchor="middle", class_=f"badge-text v{family}"),
    )


def _script(script: Script) -> Html:
    folder, _, name = script.path.rpartition("/") if script.path else ("a command", "", line_of(script.command))
    width = layout.WIDTH - layout.RIGHT - 1
    x, y = layout.RIGHT, script.y
    return h(
        "g",
        h("title", clean(script.path) if script.path else line_of(script.command)),
        h(
            "rect",
            x=x,
            y=y,
            width=width,
            height=script.height,
            rx=8,
            class_="script follows" if script.state else "script",
        ),
        _label(x + 9, y + 19, clean(name), 14, "script-name"),
        _label(x + 9, y + 35, clean(folder) or "/", 17, "small"),
        _label(x + 9, y + 50, script.state, 17, "state") if script.state else None,
    )


def _arrow(arrow: Arrow) -> Html:
    end = layout.RIGHT - 7
    middle = (arrow.x + end) // 2
    return h(
        "g",
        h("path", d=f"M{arrow.x} {arrow.y}C{middle} {arrow.y} {middle} {arrow.to} {end} {arrow.to}"),
        h("path", d=f"M{end + 6} {arrow.to}l-8 -4v8z", class_="head"),
        class_="arrow tracked" if arrow.tracked else "arrow",
    )


def _label(x: int, y: int, text: str, columns: int, kind: str, cut: Callable[[str, int], str] = fit) -> Html:
    shown = cut(text, columns)
    return h("text", shown, h("title", text) if shown != text else None, x=x, y=y, class_=kind)


def _words(side: Side) -> Iterator[Html]:
    for group in side.groups:
        members = ", ".join(map(name_of, group.members)) or "nothing"
        yield h("li", "Sync group ", h("code", name_of(group.name)), f" of {members}.", _calls(group.hooks))
    for instance in side.instances:
        facts = [
            f"{label} {name_of(value)}"
            for label, value in (
                ("on", instance.interface),
                ("VRID", instance.vrid),
                ("priority", instance.priority),
            )
            if value
        ]
        addresses = "; ".join(_written(a) + (" (excluded)" if a.excluded else "") for a in instance.addresses)
        yield h(
            "li",
            "Instance ",
            h("code", name_of(instance.name)),
            f" {', '.join(facts)}. Addresses: {addresses or 'none'}.",
            _calls(instance.hooks),
        )


def _calls(hooks: tuple[Hook, ...]) -> Iterator[Html | str]:
    for hook in hooks:
        yield f" {name_of(hook.event)} runs "
        yield h("code", line_of(hook.command))
        yield "."
