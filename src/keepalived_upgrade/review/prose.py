"""The small markdown of explanations on a terminal: paragraphs and lists folded at its width, headings in bold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.review.cells import Row, fold, paint

_HEADING = re.compile(r"\*\*(.+?)\*\*|^# (.*)")


def render_prose(text: str, *, color: bool, width: int) -> str:
    """Give the text; what is indented stays as it is. Marks of emphasis are left out, with color or without."""
    return paint(_rows(text, width), color)


def _rows(text: str, width: int) -> Iterator[Row]:
    for number, block in enumerate(text.strip("\n").split("\n\n")):
        if number:
            yield []
        if block.startswith("    "):
            yield from ([(line, "")] for line in block.split("\n"))
            continue
        for item in re.split(r"\n(?=- )", block):
            yield from _item(" ".join(item.split()), width)


def _item(text: str, width: int) -> Iterator[Row]:
    """A paragraph, or a point of a list with its further lines below its text."""
    indent = "  " if text.startswith("- ") else ""
    for number, line in enumerate(fold(text, max(20, width - len(indent)))):
        yield [(indent if number else "", ""), *_emphasise(line)]


def _emphasise(line: str) -> Row:
    """A heading that was folded in its middle is left plain."""
    row: Row = []
    at = 0
    for match in _HEADING.finditer(line):
        row += [(line[at : match.start()], ""), (match.group(1) or match.group(2), "bold")]
        at = match.end()
    return [(text.replace("**", ""), style) for text, style in [*row, (line[at:], "")]]
