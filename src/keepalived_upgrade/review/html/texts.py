"""The user's texts on the page: passwords masked, control characters spelled out, long ones cut in the middle."""

from __future__ import annotations

import re
import unicodedata

from keepalived_upgrade.review.html.markup import Child, h
from keepalived_upgrade.review.masking import clean, mask, show

_NOT_IN_ANCHORS = re.compile(r"[^A-Za-z0-9_.-]+")


def name_of(data: bytes) -> str:
    """Give a name of the configuration on one line."""
    return clean(show(data))


def line_of(data: bytes) -> str:
    """Give a command or a line of configuration on one line, passwords masked."""
    return mask(name_of(data))


def prose(text: str) -> str:
    """Give a message on one line, passwords masked."""
    return mask(clean(text))


def quoting(text: str) -> list[Child]:
    """Give a message whose parts between backquotes are code."""
    parts = prose(text).split("`")
    if len(parts) % 2 == 0:
        return [prose(text)]
    return [h("code", part) if number % 2 else part for number, part in enumerate(parts)]


def path_code(path: str) -> Child:
    """Give a path or a migration's id as code that may break after a slash."""
    parts = clean(path).split("/")
    return h("code", [[part, "/", h("wbr")] for part in parts[:-1]], parts[-1])


def slug(*parts: str) -> str:
    """Give an anchor; parts that differ in odd characters only give the same."""
    return "-".join(_NOT_IN_ANCHORS.sub("-", part).strip("-") for part in parts)


def count(number: int, noun: str) -> str:
    """Give `1 file`, `2 files`, `no files`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def fit(text: str, columns: int) -> str:
    """Cut the middle out of a text that is wider than so many columns; wide characters take two."""
    if _width(text) <= columns:
        return text
    head, tail = text[: columns // 2], text[len(text) - (columns - 1) // 2 :]
    while _width(head) > columns // 2:
        head = head[:-1]
    while _width(tail) > (columns - 1) // 2:
        tail = tail[1:]
    return f"{head}…{tail}"


def fit_end(text: str, columns: int) -> str:
    """Cut the end off a text that is too wide, but leave its first word whole where that fits: an address."""
    first = text.partition(" ")[0]
    if _width(text) <= columns or _width(first) > columns - 2:
        return fit(text, columns)
    while _width(text) > columns - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
