"""What releases do with a configuration, as a table for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from keepalived_upgrade.review.masking import clean, mask

if TYPE_CHECKING:
    from keepalived_upgrade.model.effect_compare import Difference

_LEAST = 24
# Kinds whose item says it all; the value adds nothing.
_BARE = ("set", "peer", "runs", "ends")


def render_effect(title: str, facts: Iterable[Difference]) -> str:
    """Give one effect: a heading for each owner, a line for each fact."""
    lines = [title]
    for owner, of in _by_owner(facts):
        lines += ["", owner]
        rows = [(_what(fact), _values(fact.new)) for fact in of]
        first = max(len(what) for what, _ in rows)
        lines += [f"  {what:<{first}}  {value}".rstrip() for what, value in rows]
    return "\n".join(lines) + "\n"


def render_comparison(title: str, facts: Sequence[Difference], heads: tuple[str, str], width: int) -> str:
    """Give two effects side by side; what differs has a mark in front."""
    lines = [title]
    for owner, of in _by_owner(facts):
        rows = [(fact.old != fact.new, _what(fact), _values(fact.old), _values(fact.new)) for fact in of]
        first = max(len(what) for _, what, _, _ in rows)
        column = max(_LEAST, (width - first - 10) // 2)
        lines += ["", owner, f"    {'':<{first}}  {heads[0]:<{column}}  {heads[1]}"]
        for differs, what, old, new in rows:
            lines += _row("≠" if differs else " ", f"{what:<{first}}", old, new, column)
    return "\n".join(lines) + "\n"


def _by_owner(facts: Iterable[Difference]) -> Iterator[tuple[str, list[Difference]]]:
    """The facts of each owner together; a whole first, then its parts by kind."""
    ordered = sorted(facts, key=lambda fact: (fact.owner, fact.item != "", fact.kind, fact.item))
    for owner, of in groupby(ordered, key=lambda fact: fact.owner):
        yield clean(mask(owner)), list(of)


def _what(fact: Difference) -> str:
    return clean(mask(f"{fact.kind} {fact.item}".strip()))


def _values(values: tuple[str, ...]) -> str:
    """The values in one line; – for none, yes for one that says no more than that the fact holds."""
    if not values:
        return "–"
    return "yes" if set(values) <= set(_BARE) else clean(mask(", ".join(values)))


def _row(mark: str, what: str, old: str, new: str, column: int) -> Iterator[str]:
    """One row; a value that is too long for its column goes on below."""
    left, right = _wrap(old, column), _wrap(new, column)
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else ""
        other = right[index] if index < len(right) else ""
        head = f"  {mark} {what}" if index == 0 else " " * (len(what) + 4)
        yield f"{head}  {one:<{column}}  {other}".rstrip()


def _wrap(text: str, column: int) -> list[str]:
    return wrap(text, column, break_on_hyphens=False) or [""]
