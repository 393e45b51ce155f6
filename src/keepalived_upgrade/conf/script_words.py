"""What a script line becomes: the string keepalived keeps, and the arguments the program gets.

Source: the lexical rules (rule 13 of 2.1 to 2.4) and alloc_strvec_quoted_escaped in lib/parser.c (1028 at v2.2.8); the
probes d06 and d20 to d22 show it for each release.
"""

from __future__ import annotations

import re

from keepalived_upgrade.releases import Release

# From here on keepalived starts a script itself; before, a shell splits the string.
NO_SHELL = Release(2, 0, 0)
# From here on script lines are split by rules of their own: `'` quotes too, and a backslash escapes.
BOTH_QUOTES = Release(2, 0, 6)
# From here on the first of the two readings of a string leaves its backslashes to the second.
KEEPS_BACKSLASHES = Release(2, 3, 2)
_WORD = re.compile(rb"""(?:[^ \t\f\n\r\v"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')+""")
_PIECE = re.compile(rb"""\\(x[0-9A-Fa-f]+|c[\s\S]|[0-7]{1,3}|[\s\S])|(["'])|[^"'\\]+""")
_CONTROL = {ord(c): v for c, v in zip("abEfnrtv", b"\a\b\x1b\f\n\r\t\v", strict=True)}


def command_of(written: bytes, release: Release) -> bytes:
    """Give the string that keepalived keeps of the command. written: the word as it stands, with its quotes."""
    if release < BOTH_QUOTES:
        return written.strip(b'"')
    return _value(written, keep=release >= KEEPS_BACKSLASHES)


def arguments_of(string: bytes, release: Release) -> tuple[bytes, ...]:
    """Give the program and its arguments; for a release that runs a shell, as far as quotes make them."""
    if NO_SHELL <= release < BOTH_QUOTES:
        return tuple(string.split())
    return tuple(_value(match.group()) for match in _WORD.finditer(string))


def _value(word: bytes, keep: bool = False) -> bytes:
    """The word without quotes and, unless they are kept, escapes."""
    value, quote = b"", b""
    for piece in _PIECE.finditer(word):
        escape, mark = piece.groups()
        if mark is not None and quote in (b"", mark):
            quote = b"" if quote else mark
        elif escape is not None and not keep:
            value += _character(escape)
        else:
            value += piece.group()
    return value


def _character(escape: bytes) -> bytes:
    if escape[:1] == b"x" and len(escape) > 1:
        return bytes((int(escape[1:], 16) & 0xFF,))
    if escape[:1] == b"c" and len(escape) > 1:
        return bytes((escape[1] & 0x1F,))
    if escape.isdigit():
        return bytes((int(escape, 8) & 0xFF,)) if escape[0] < ord("8") else escape
    return bytes((_CONTROL.get(escape[0], escape[0]),))
