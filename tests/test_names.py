"""Renames and how they compose."""

from keepalived_upgrade.names import NewName, Rename, compose_renames, names_by_old


def rename(old: bytes, *new: bytes, kind: str = "instance") -> Rename:
    return Rename(kind, old, tuple(NewName(name, "half") for name in new), "m")


def test_a_rename_of_a_new_name_is_followed() -> None:
    (only,) = compose_renames([rename(b"A", b"B", b"C"), rename(b"B", b"D")])
    assert only.old == b"A"
    assert only.names() == (b"D", b"C")


def test_names_of_another_kind_are_not_followed() -> None:
    composed = compose_renames([rename(b"A", b"B"), rename(b"B", b"C", kind="group")])
    assert [(r.kind, r.names()) for r in composed] == [("instance", (b"B",)), ("group", (b"C",))]


def test_a_rename_back_to_the_old_name_is_none() -> None:
    assert compose_renames([rename(b"A", b"B"), rename(b"B", b"A")]) == ()


def test_one_old_name_of_two_kinds_gives_all_new_names() -> None:
    assert names_by_old([rename(b"A", b"A4", b"A6"), rename(b"A", b"G", kind="group")]) == {b"A": (b"A4", b"A6", b"G")}
