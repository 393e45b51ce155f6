"""Markup that is safe by construction: whatever is not `Html` already is text, and text is escaped.

There is no other way to make `Html` than `h`, `join` and `verbatim`, and `verbatim` is for the page's own files.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Union

from keepalived_upgrade.review.masking import clean

Child = Union[str, "Html", None, Iterable["Child"]]
_VOID = frozenset(("br", "input", "link", "meta", "wbr"))


class Html:
    """Markup. Not a str, so that no text is taken for markup by adding the two."""

    __slots__ = ("markup",)

    def __init__(self, markup: str) -> None:
        self.markup = markup


def h(tag: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Give an element. Strings are text; a None child or attribute is left out; a True attribute has no value.

    `class_` and `for_` stand for the words that Python keeps for itself, `_` inside a name for `-`.
    Raises ValueError for a link out of the page, an event handler or a style attribute.
    """
    head = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    return Html(head if tag in _VOID else f"{head}{''.join(map(_child, children))}</{tag}>")


def join(*children: Child) -> Html:
    """Give the children one after another."""
    return Html("".join(map(_child, children)))


def verbatim(tag: str, source: str) -> Html:
    """Give a `style` or `script` element with a text of ours. Raises ValueError where the text would end it early."""
    if "</" in source or "<!--" in source:
        raise ValueError(f"this text cannot stand in <{tag}>")
    return Html(f"<{tag}>{source}</{tag}>")


def text_of(text: str) -> str:
    """Give text as it may stand in a page: escaped, and what is not printable spelled out (but tab and line break)."""
    if not text.isprintable():
        text = "".join(char if char in "\t\n" else clean(char) for char in text)
    return escape(text)


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child.markup
    if isinstance(child, str):
        return text_of(child)
    return "".join(map(_child, child))


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    if name.startswith("on") or name in ("style", "src", "srcdoc") or (name == "href" and not _inside(str(value))):
        raise ValueError(f"{name} is not for this page")
    return f" {name}" if value is True else f' {name}="{text_of(str(value))}"'


def _inside(target: str) -> bool:
    return target.startswith(("#", "data:,"))
