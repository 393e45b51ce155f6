"""Secrets stay home: passwords are masked wherever they are shown and need not be."""

from __future__ import annotations

import re

_SECRET = re.compile(r"(\b(?:auth_pass|auth_pass_hex|password|key)\s+)(?:(\")[^\"]*\"|\S+)")
_SECRET_BYTES = re.compile(_SECRET.pattern.encode())
MASK = "********"


def mask(text: str) -> str:
    """Give the text with the value of `auth_pass` and its like replaced. Its quotes stay: they may be the change."""
    return _SECRET.sub(lambda match: f"{match.group(1)}{match.group(2) or ''}{MASK}{match.group(2) or ''}", text)


def secret_spans(data: bytes) -> list[tuple[int, int]]:
    """Give where passwords stand, as spans of bytes."""
    return [(match.end(1), match.end()) for match in _SECRET_BYTES.finditer(data)]


def show(data: bytes) -> str:
    """Give bytes as text that does nothing to a terminal: control characters but tabs are spelled out."""
    text = data.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else _spell(c) for c in text)


def clean(text: str) -> str:
    """Give a message that does nothing to a terminal, on one line."""
    return "".join(c if c.isprintable() else _spell(c) for c in text)


def _spell(char: str) -> str:
    return "^" + chr(ord(char) + 64) if ord(char) < 32 else char.encode("unicode_escape").decode()
