"""Secrets stay home: passwords are masked wherever they are shown and need not be."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "********"
# A value: in quotes, or up to the next blank. One that is a variable of a script tells nothing.
_VALUE = r"""(?:"(?!\$)([^"\n]+)"|'(?!\$)([^'\n]+)'|(?!["']?\$)([^\s"']\S*))"""
_NAMES = (
    r"(?:passw(?:or)?d|passphrase|secret|token|(?:api|private)_?key|psk|communit(?:y|ies)|auth_pass"
    r"|[_-]pass\b|\bpass\b)"
)
_PATTERNS = (
    # As keepalived, snmpd and their kin are configured.
    r"\b(?:auth_pass|auth_pass_hex|password|passwd|secret|key|(?:ro|rw|trap)?community6?)[ \t]+" + _VALUE,
    r"\bcreateUser[ \t]+\S+[ \t]+\w+[ \t]+" + _VALUE,
    r"\bcom2sec6?[ \t]+\S+[ \t]+\S+[ \t]+" + _VALUE,
    # Assignments: of a shell, JSON, YAML, a query of a URL.
    _NAMES + r"""[\w-]{0,20}["']?[ \t]*[=:][ \t]*""" + _VALUE,
    r"""[a-z0-9+.-]://[^\s/:@"']{0,200}:([^\s/@"']+)@""",
    # Options of programs: --password x, curl -u name:x, snmptrap -c x, -A x, -X x.
    r"--?" + _NAMES + r"[\w-]{0,20}[ \t]+" + _VALUE,
    r"\bcurl\b[^\n|;]{0,200}?[ \t](?:-u|--user)[ \t]*[^\s:]{1,100}:(?!\$)(\S+)",
    r"\bsnmp\w{1,20}\b[^\n|;]{0,200}?[ \t]-[cAXaxZz][ \t]*" + _VALUE,
    r"\bauthorization[\"']?[ \t]*[:=][ \t]*[\"']?\w+[ \t]+" + _VALUE,
)
_OF_TEXT = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS)
_OF_BYTES = tuple(re.compile(pattern.encode(), re.IGNORECASE) for pattern in _PATTERNS)
# Nearly all lines hold none of this, and one search tells.
_HINT = r"pass|secret|token|key|psk|communit|createuser|com2sec|://|curl|snmp|authorization"
_HINT_OF_TEXT = re.compile(_HINT, re.IGNORECASE)
_HINT_OF_BYTES = re.compile(_HINT.encode(), re.IGNORECASE)


def mask(text: str) -> str:
    """Give the text with passwords, keys and the like replaced. Their quotes stay: they may be the change."""
    if not _HINT_OF_TEXT.search(text):
        return text
    parts: list[str] = []
    at = 0
    for start, end in _joined(match.span(match.lastindex or 0) for p in _OF_TEXT for match in p.finditer(text)):
        parts += (text[at:start], MASK)
        at = end
    return "".join((*parts, text[at:]))


def secret_spans(data: bytes) -> list[tuple[int, int]]:
    """Give where passwords stand, as spans of bytes, in order."""
    if not _HINT_OF_BYTES.search(data):
        return []
    return _joined(match.span(match.lastindex or 0) for p in _OF_BYTES for match in p.finditer(data))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


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
