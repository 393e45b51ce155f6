"""What tomllib does not do: write strings and keys, set a value in a text, and tell on which line a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_KEY = r"""(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEYS = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
# Group 1: the keys of a table's heading, 2: those of a value.
_STATEMENT = re.compile(rf"[ \t]*(?:\[\[?[ \t]*({_KEYS})[ \t]*\]|({_KEYS})[ \t]*=)")
# Comments at the top are about the file, unless they stand directly above a table.
_LEADING = re.compile(r"(?:(?:#[^\n]*(?:\n|\Z))+(?=[ \t\r]*(?:\n|\Z)))?")
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
    for path, start, _ in _statements(text):
        common = min(len(path), len(where))
        if common > best and path[:common] == where[:common]:
            best, found = common, text.count("\n", 0, start) + 1
    return found


def comments_of(text: str) -> list[str]:
    """Give the comments of a text, in order."""
    return [token.group().rstrip() for token in _TOKEN.finditer(text) if token.group().startswith("#")]


def set_value(text: str, where: tuple[str, ...], value: str) -> str:
    """Give the text with one value set, and all else, comments too, as it stands.

    text: TOML that tomllib reads. where: the keys from the top. value: as TOML writes it. A key that is not there is
    added to its table, and a table that has no heading gets one at the end. What is written in other ways (`a.b = …`,
    `a = {…}`) is not found, and then the result may be no TOML or say something else: read it again.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    *table, key = where
    line = f"{quote_key(key)} = {value}{newline}"
    current: tuple[str, ...] = ()
    end = -1
    for path, start, at in _statements(text):
        if at < 0:
            current = path
        elif path == where:
            first, last = _value_at(text, at)
            return text[:first] + value + text[last:]
        if current == tuple(table):
            end = _end_of_line(text, start if at < 0 else at)
    if end < 0 and not table:
        end = _LEADING.match(text).end()  # type: ignore[union-attr]
        line += newline if text[end:].strip() and not text.startswith(("\n", "\r\n"), end) else ""
    if end < 0:
        heading = f"[{'.'.join(map(quote_key, table))}]"
        return f"{_ended(text, newline)}{newline if text.strip() else ''}{heading}{newline}{line}"
    return _ended(text[:end], newline) + line + text[end:]


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline


def _value_at(text: str, at: int) -> tuple[int, int]:
    """Give where the value after a `=` begins and ends, the comment behind it not included."""
    start = at + len(text[at:]) - len(text[at:].lstrip(" \t"))
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if depth <= 0:
            return start, start + len(text[start : token.end()].rstrip())
    return start, len(text)


def _statements(text: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Give the keys from the top, where it begins, and where the value follows (-1: none), of each table's heading and
    each value at a line's start."""
    table: tuple[str, ...] = ()
    at = 0
    while at < len(text):
        match = _STATEMENT.match(text, at)
        if match is not None:
            if match.group(1) is not None:
                table = _path(match.group(1))
                yield table, match.start(), -1
            else:
                yield table + _path(match.group(2)), match.start(), match.end()
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
