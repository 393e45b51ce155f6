"""Edits and what they compose to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepalived_upgrade.edits import Edit, Text, apply_edits
from keepalived_upgrade.errors import OverlapError


def edit(start: int, end: int, new: bytes, migration: str = "m") -> Edit:
    return Edit("/f", start, end, new, migration, f"why {migration}")


def test_edits_replace_insert_and_remove() -> None:
    assert apply_edits(b"abcdef", [edit(4, 6, b""), edit(0, 1, b"A"), edit(2, 2, b"-")]) == b"Ab-cd"


def test_insertions_at_one_place_stay_in_order_and_before_a_replacement() -> None:
    assert apply_edits(b"abc", [edit(1, 1, b"1"), edit(1, 1, b"2"), edit(1, 2, b"B")]) == b"a12Bc"


def test_the_same_edit_twice_is_made_once() -> None:
    assert apply_edits(b"abc", [edit(1, 1, b"x"), edit(1, 1, b"x")]) == b"axbc"


@pytest.mark.parametrize(("first", "second"), [((0, 3), (2, 4)), ((0, 3), (0, 3)), ((0, 4), (1, 2)), ((0, 4), (2, 2))])
def test_edits_that_claim_the_same_bytes_are_refused(first: tuple[int, int], second: tuple[int, int]) -> None:
    with pytest.raises(OverlapError, match="both change"):
        apply_edits(b"abcdef", [edit(*first, b"x"), edit(*second, b"y")])


def test_a_later_edit_inside_an_earlier_one_keeps_both_reasons() -> None:
    text = Text(b"one two three")
    text.apply([edit(4, 7, b"TWO AND", "first")])
    text.apply([edit(8, 11, b"or", "second")])
    assert text.current == b"one TWO or three"
    (change,) = text.changes()
    assert (change.start, change.end, change.new) == (4, 7, b"TWO or")
    assert [migration for migration, _ in change.because] == ["first", "second"]


def test_an_edit_taken_back_by_a_later_one_is_no_change() -> None:
    text = Text(b"abc")
    text.apply([edit(1, 2, b"X")])
    text.apply([edit(1, 2, b"b")])
    assert text.changes() == ()


def test_a_copy_changes_alone() -> None:
    text = Text(b"abc")
    copy = text.copy()
    copy.apply([edit(0, 0, b"x")])
    assert (text.current, copy.current) == (b"abc", b"xabc")


@st.composite
def rounds_of_edits(draw: st.DrawFn) -> tuple[bytes, list[list[tuple[int, int, bytes]]]]:
    source = draw(st.binary(max_size=30))
    text, rounds = source, []
    for _ in range(draw(st.integers(0, 5))):
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
        spans = [(a, b, draw(st.binary(max_size=4))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        rounds.append(spans)
        text = apply_edits(text, [edit(*span) for span in spans])
    return source, rounds


@given(rounds_of_edits())
def test_composed_changes_give_what_the_rounds_gave(case: tuple[bytes, list[list[tuple[int, int, bytes]]]]) -> None:
    source, rounds = case
    text = Text(source)
    for number, spans in enumerate(rounds):
        text.apply([edit(*span, migration=str(number)) for span in spans])
    rebuilt, at = b"", 0
    for change in text.changes():
        assert change.start >= at
        rebuilt += source[at : change.start] + change.new
        at = change.end
    assert rebuilt + source[at:] == text.current
