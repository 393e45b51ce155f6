"""One line: its comment taken off, its braces found, its words. All positions are offsets into the given bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keepalived_upgrade.conf.dialect import Dialect

BLANKS = b" \t\r\n\v\f"
# A line without quotes, escapes, definitions and inner braces: nearly all lines are such.
# Group 1: the text, 2: a closing brace instead, 3: an opening brace behind the text.
SIMPLE = re.compile(rb'[ \t\r\v\f]*+(?:(\})|([^#!"{}\\$@~\0]*+)(\{)?)[ \t\r\v\f]*+(?:[#!][^\0]*+)?$')
# What stands before a comment, and before a brace: neither begins inside quotes.
_BEFORE_COMMENT = re.compile(rb'(?:[^#!"]+|"[^"]*(?:"|$))*')
_BEFORE_BRACE = re.compile(rb'(?:[^{}"]+|"[^"]*(?:"|$))*')
_OLD_COMMENT = re.compile(rb"(?:^|(?<=[ \t\r\v\f]))[#!]")
_NEW_WORD = re.compile(rb'"([^"]*)"|"[^"]*$|[^ \t\r\n\v\f"]+')
_OLD_WORD = re.compile(rb'"|[^ \t\r\n\v\f"]+')
_BRACE_WORD = re.compile(rb"(?<![^ \t])[{}](?![^ \t])|\{$")


@dataclass(frozen=True, slots=True)
class Stripped:
    """start, end: the text without blanks around and without comment. text: what is read, which differs from
    the bytes at start to end where an escape was taken off. continued: a `\\` ends the line (definitions only).
    unterminated: the number of `"` is odd."""

    start: int
    end: int
    text: bytes
    continued: bool = False
    unterminated: bool = False


def strip_line(line: bytes, dialect: Dialect) -> Stripped:
    """Take blanks and comment off a line (decomment in lib/parser.c)."""
    if dialect.word_comments:
        return _strip_old(line)
    first = _strip_new(line, dialect.escapes)
    if not (dialect.strips_twice and first.text != line[first.start : first.end]):
        return first
    # From 2.2.0 the children read a copy that is stripped already: an unescaped "#" in it is a comment for them.
    again = _strip_new(first.text, escapes=True)
    return Stripped(first.start, first.end, again.text, first.continued, again.unterminated)


def _strip_old(line: bytes) -> Stripped:
    comment = _OLD_COMMENT.search(line)
    end = comment.start() if comment else len(line)
    text = line[:end]
    start = len(text) - len(text.lstrip(BLANKS))
    text = text.strip(BLANKS)
    return Stripped(start, start + len(text), text, False, text.count(b'"') % 2 == 1)


def _strip_new(line: bytes, escapes: bool) -> Stripped:
    start = len(line) - len(line.lstrip(BLANKS))
    if b"\\" not in line:
        match = _BEFORE_COMMENT.match(line, start)
        text = line[start : match.end() if match else start].rstrip(BLANKS)
        return Stripped(start, start + len(text), text, False, text.count(b'"') % 2 == 1)
    quoted = False
    kept = bytearray()
    at, size = start, len(line)
    continued = False
    while at < size:
        char = line[at]
        if char == 0x22:
            quoted = not quoted
        elif char == 0x5C and escapes:
            if at + 1 == size or not line[at + 1 :].strip(b"\r\n"):
                continued = True
                break
            if not quoted and line[at + 1] in b"#!":
                at += 1
            else:
                kept.append(char)
                at += 1
            kept.append(line[at])
            at += 1
            continue
        elif char in b"#!" and not quoted:
            break
        kept.append(char)
        at += 1
    text = bytes(kept).rstrip(BLANKS)
    end = start + len(line[start:at].rstrip(BLANKS))
    if not escapes and text.endswith(b"\\") and at == size:
        text = text[:-1].rstrip(BLANKS)
        return Stripped(start, start + len(text), text, True, quoted)
    return Stripped(start, end, text, continued, quoted)


def find_brace(text: bytes, at: int, dialect: Dialect) -> int:
    """Give the offset of the next brace at or after `at` that splits the line, or -1.

    Up to 1.4.1 a brace counts only as a word; a `{` glued to the last word is taken as one here, since the block
    is entered all the same (the word then holds it: the reader reports that).
    """
    if not dialect.split_braces:
        match = _BRACE_WORD.search(text, at)
        return match.start() if match else -1
    before = _BEFORE_BRACE.match(text, at)
    return before.end() if before and before.end() < len(text) else -1


def split_words(text: bytes, dialect: Dialect) -> list[tuple[bytes, int, int, bool]]:
    """Give (value, start, end, quoted) of each word; start and end include the quotes. An unmatched quote drops
    the rest, as keepalived does."""
    if b'"' not in text:
        return [(m.group(), m.start(), m.end(), False) for m in _NEW_WORD.finditer(text)]
    if dialect.quote_words:
        return _split_old(text)
    words = []
    for match in _NEW_WORD.finditer(text):
        if match.group().startswith(b'"'):
            if match.group(1) is None:
                break
            words.append((match.group(1), match.start(), match.end(), True))
        else:
            words.append((match.group(), match.start(), match.end(), False))
    return words


def _split_old(text: bytes) -> list[tuple[bytes, int, int, bool]]:
    """Up to 1.2.19 `set_value` joins the words between two quotes with single blanks."""
    words: list[tuple[bytes, int, int, bool]] = []
    inside: list[bytes] | None = None
    opened = 0
    for match in _OLD_WORD.finditer(text):
        if match.group() == b'"':
            if inside is None:
                inside, opened = [], match.start()
            else:
                words.append((b" ".join(inside), opened, match.end(), True))
                inside = None
        elif inside is None:
            words.append((match.group(), match.start(), match.end(), False))
        else:
            inside.append(match.group())
    if inside is not None:
        words.append((b" ".join(inside), opened, len(text), True))
    return words
