"""What tomllib does not do: write strings and keys, and tell on which line a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_KEY = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEYS = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
# Group 1: the keys of a table's heading, 2: those of a value.
_STATEMENT = re.compile(rf"[ \t]*(?:\[\[?[ \t]*({_KEYS})[ \t]*\]|({_KEYS})[ \t]*=)")
_TOKEN = re.compile(
    r'''"""(?:\\[\s\S]|[^\\])*?"{3,5}|\'\'\'[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|\n|[^"'#\n\[\]{}]+|.'''
)


def quote_text(text: str) -> str:
    """Give a text as a TOML string. Raises UnicodeEncodeError where it is no Unicode text (a file name may be none)."""
    text.encode()
    return '"' + "".join(map(_escape, text)) + '"'


def quote_key(key: str) -> str:
    """Give a key as TOML writes it, in quotes only where it needs them. Raises UnicodeEncodeError as quote_text."""
    return key if _BARE.fullmatch(key) else quote_text(key)


def find_line(text: str, where: tuple[str, ...]) -> int:
    """Give the line of a key, or of the table or the value that it is in; 0 where there is none.

    text: TOML that tomllib reads. where: the keys from the top.
    """
    best, found = 0, 0
    for path, start in _statements(text):
        common = min(len(path), len(where))
        if common > best and path[:common] == where[:common]:
            best, found = common, text.count("\n", 0, start) + 1
    return found


def _statements(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give the keys from the top, and where it begins, of each table's heading and each value at a line's start."""
    table: tuple[str, ...] = ()
    at = 0
    while at < len(text):
        match = _STATEMENT.match(text, at)
        if match is not None:
            if match.group(1) is not None:
                table = _path(match.group(1))
            yield (table if match.group(1) is not None else table + _path(match.group(2))), match.start()
            at = match.end()
        at = _end_of_line(text, at)


def _end_of_line(text: str, at: int) -> int:
    """Give where the line ends, or the last line of a value that goes over several."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if token.group() == "\n" and depth <= 0:
            return token.end()
    return len(text)


def _path(keys: str) -> tuple[str, ...]:
    value = tomllib.loads(f"{keys} = 0")
    path: list[str] = []
    while isinstance(value, dict):
        ((key, value),) = value.items()
        path.append(key)
    return tuple(path)


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
