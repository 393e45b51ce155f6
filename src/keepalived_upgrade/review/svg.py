"""What the terminal shows, as a picture: one SVG with no font, script or address from elsewhere.

Each piece of text stands at its own cell and is as wide as its cells, whatever font the reader has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from keepalived_upgrade.review.cells import Row, chop, fold, width_of

CELL, LINE, FONT = 8.4, 20, 14
_EDGE, _BASE = 18, 14.5
# Contrast of all but the frame with its ground: at least 4.5 (WCAG 2.1, AA).
LIGHT = {
    "ground": "#ffffff", "head": "#f3f5f8", "frame": "#d5dae1", "text": "#1c232d", "dim": "#5c6673",
    "red": "#b3261e", "green": "#17703a", "yellow": "#835a00", "cyan": "#0a6477",
}  # fmt: skip
DARK = {
    "ground": "#11161d", "head": "#1a212b", "frame": "#323c49", "text": "#dde3ea", "dim": "#8b96a5",
    "red": "#ff8a80", "green": "#69d58c", "yellow": "#e8bd55", "cyan": "#67cbdc",
}  # fmt: skip
_COLORS = ("dim", "red", "green", "yellow", "cyan")


def render_svg(rows: Iterable[Row], *, command: str, title: str, description: str, width: int, most: int) -> str:
    """Give the rows of a report as a picture.

    rows: tabs expanded; what is wider than `width` cells goes on in the next line, as on a terminal. command: what made
    them, shown above them. title, description: what is said instead of the picture. most: how many lines there may be;
    further ones are counted, not shown.
    """
    head = [[(text, "" if number else "bold")] for number, text in enumerate(fold(f"$ {command}", width))]
    body = [part for row in rows for part in chop(row, width)]
    if len(body) > most:
        body = [*body[: most - 1], [(f"… and {len(body) - most + 1} lines more", "dim")]]
    across = round(width * CELL + 2 * _EDGE)
    top = len(head) * LINE + 20
    down = top + len(body) * LINE + 2 * _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" width="{across}" height="{down}"'
        ' xml:space="preserve" role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{_style()}</style>",
        f'<rect class="ground frame" x=".5" y=".5" width="{across - 1}" height="{down - 1}" rx="8"/>',
        f'<path class="head frame" d="M.5 {top}V8.5a8 8 0 0 1 8-8H{across - 8.5}a8 8 0 0 1 8 8V{top}z"/>',
    ]
    for number, row in enumerate(head):
        parts += _row(row, 10 + number * LINE)
    for number, row in enumerate(body):
        parts += _row(row, top + _EDGE + number * LINE)
    return "\n".join([*parts, "</svg>\n"])


def _style() -> str:
    """The colours by what the reader's system prefers. `r` stands before a colour that is a ground."""
    fonts = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace'
    rules = [f"text{{font:{FONT}px {fonts};fill:var(--text);white-space:pre}}", ".bold{font-weight:700}"]
    rules += [f".{name}{{fill:var(--{name})}}" for name in ("ground", "head", *_COLORS)]
    rules += [".frame{stroke:var(--frame)}", ".rtext{fill:var(--text)}", "text.over{fill:var(--ground)}"]
    rules += [f".r{name}{{fill:var(--{name})}}" for name in _COLORS]
    light, dark = (";".join(f"--{name}:{color}" for name, color in theme.items()) for theme in (LIGHT, DARK))
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{''.join(rules)}"


def _row(row: Row, top: float) -> Iterator[str]:
    at = 0
    for text, style in row:
        words = style.split()
        color = next((word for word in words if word in _COLORS), "")
        if "reverse" in words:
            size = width_of(text) * CELL
            yield (
                f'<rect class="r{color or "text"}" x="{_x(at)}" y="{_number(top)}" width="{_number(size)}" '
                f'height="{LINE}"/>'
            )
            color = "over"
        names = " ".join(name for name in ("bold" if "bold" in words else "", color) if name)
        for piece, cells in _pieces(text):
            if not piece.isspace():
                yield _text(piece, names, at, cells, top)
            at += cells


def _text(piece: str, names: str, at: int, cells: int, top: float) -> str:
    blanks = len(piece) - len(piece.lstrip(" "))
    piece, at, cells = piece.lstrip(" "), at + blanks, cells - blanks
    cells -= len(piece) - len(piece.rstrip(" "))
    piece = piece.rstrip(" ")
    named = f' class="{names}"' if names else ""
    # A single character has no gaps to stretch.
    length = f' textLength="{_number(cells * CELL)}"' if len(piece) > 1 else ""
    return f'<text{named} x="{_x(at)}" y="{_number(top + _BASE)}"{length}>{escape(piece, quote=False)}</text>'


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Give the text in pieces, each with its cells: what every font has together, each other character alone with the
    accents that stand on it, since it may come out of a font with other widths."""
    piece, cells = "", 0
    for char in text:
        size = width_of(char)
        joins = not size or (char.isascii() and piece.isascii())
        if piece and not joins:
            yield piece, cells
            piece, cells = "", 0
        piece += char
        cells += size
    if piece:
        yield piece, cells


def _x(at: int) -> str:
    return _number(_EDGE + at * CELL)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
