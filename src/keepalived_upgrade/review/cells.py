"""Rows for a terminal: styled pieces of text that are measured, wrapped and padded in cells, then painted.

Wide characters take two cells and combining ones none, so nothing here counts characters. A style is made of the words
in `_SGR`. Texts come in cleaned (see masking): the only control character left is the tab.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[str, str]
Row = list[Span]

TAB = 8
# shlex quotes with ', and that one as "'"; an option and its value stay on one line.
_WORD = r"""(?:"'"|'[^']*'|[^' ])+"""
_WORDS = re.compile(rf"--?[\w-]+ (?!-){_WORD}|{_WORD}")
_SGR = {
    "bold": "1", "dim": "2", "reverse": "7", "red": "31", "green": "32", "yellow": "33", "cyan": "36",
}  # fmt: skip


def width_of(text: str) -> int:
    """Give the cells that a text takes; tabs count as nothing."""
    if text.isascii():
        return len(text) - text.count("\t")
    from rich.cells import cell_len

    return sum(cell_len(char) for char in text)


def expand(row: Iterable[Span], *, blanks: str = "reverse") -> Row:
    """Give the row with each tab as blanks up to its stop. A piece of blanks alone, in a style that holds `blanks`, is
    what changed: there a tab is shown as an arrow and a blank as a dot."""
    out: Row = []
    at = 0
    for text, style in row:
        visible = blanks in style and text.isspace()
        parts = []
        for number, part in enumerate(text.split("\t")):
            if number:
                size = TAB - at % TAB
                parts.append("→" + " " * (size - 1) if visible else " " * size)
                at += size
            parts.append(part.replace(" ", "·") if visible else part)
            at += width_of(part)
        out.append(("".join(parts), style))
    return out


def chop(row: Iterable[Span], width: int) -> list[Row]:
    """Give the row as rows of at most `width` cells, cut between characters, never between one and its accents.

    width: 0 for no limit. There is always a row, an empty one if need be.
    """
    rows: list[Row] = [[]]
    if width <= 0:
        return [[*row]]
    left = width
    for text, style in row:
        if text.isascii() and len(text) <= left:
            rows[-1].append((text, style))
            left -= len(text)
            continue
        begin = 0
        for index, char in enumerate(text):
            size = width_of(char)
            if size > left and (rows[-1] or index > begin):
                rows[-1].append((text[begin:index], style))
                rows.append([])
                begin, left = index, width
            left -= size
        rows[-1].append((text[begin:], style))
    return rows


def fold(text: str, width: int) -> list[str]:
    """Give prose as lines of at most `width` cells, broken at blanks where there are any. width: 0 for no limit."""
    if width <= 0 or width_of(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, last = ("".join(part for part, _ in row) for row in chop([(word, "")], width))
        lines += full
        line = last
    return [*lines, line]


def command_words(command: str) -> list[str]:
    """Give the words of a command line, as they are quoted; an option and its value as one."""
    return _WORDS.findall(command)


def fold_command(command: str, width: int) -> list[str]:
    """Give a command line as lines of at most `width` cells, where its words allow it, that a shell takes as one.

    command: as shlex.join gives it. width: 0 for no limit.
    """
    if width <= 0 or width_of(command) <= width:
        return [command]
    lines: list[str] = []
    line = ""
    for word in command_words(command):
        if line and width_of(f"{line} {word} \\") > width:
            lines.append(f"{line} \\")
            line = f"  {word}"
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def pad(row: Row, width: int) -> Row:
    """Give the row with blanks up to `width` cells."""
    missing = width - sum(width_of(text) for text, _ in row)
    return [*row, (" " * missing, "")] if missing > 0 else row


def paint(rows: Iterable[Row], color: bool) -> str:
    """Give the rows as text, with the terminal's colours or as plain text without blanks at the ends of lines."""
    return "".join(f"{''.join(_paint(row))}\n" if color else _plain(row) for row in rows)


def _plain(row: Row) -> str:
    return "".join(text for text, _ in row).rstrip(" ") + "\n"


def _paint(row: Row) -> Iterator[str]:
    for text, style in row:
        codes = ";".join(_SGR[word] for word in style.split())
        yield f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text
