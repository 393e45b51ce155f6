"""Comments, strings and expressions of Perl, Ruby, PHP, Lua and JavaScript, told apart from their code.

A small lexer, no parser: enough to say how a name stands in a script. Nothing is rewritten by what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Token:
    """kind: comment, string, regex, words (a quoted list), text (here-documents, markup, data).

    Bytes start to end, delimiters and all; body_start to body_end without them.
    """

    kind: str
    start: int
    end: int
    body_start: int
    body_end: int


_CLOSING = {b"(": b")", b"[": b"]", b"{": b"}", b"<": b">"}
# A quote that nothing closes before the end of the file: nothing closes a later one of its kind either.
_DOUBLE = rb'(?P<string>"(?:[^"\\]|\\.)*+(?:"|(?P<string_open>\Z)))'
_SINGLE = rb"(?P<single>'(?:[^'\\]|\\.)*+(?:'|(?P<single_open>\Z)))"
_BACKTICK = rb"(?P<backtick>`(?:[^`\\]|\\.)*+(?:`|(?P<backtick_open>\Z)))"
_QUOTES = {"string_open": _DOUBLE, "single_open": _SINGLE, "backtick_open": _BACKTICK}
_LINE_DOUBLE = rb'(?P<string>"(?:[^"\\\n]|\\.){0,2000}+")'
_LINE_SINGLE = rb"(?P<single>'(?:[^'\\\n]|\\.){0,2000}+')"
_SLASHES = rb"(?P<slashes>/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,500}+\]){1,500}+/\w*)"
_LONG_SLASHES = _SLASHES.replace(rb"[^/\\\n\[]", rb"[^/\\\[]")
_BLOCK = rb"(?P<block>/\*.*?(?:\*/|\Z))"
_QUOTED_LIKE = rb"(?<![\w$@%&{>:.\\-])(?<!sub )(?P<quoted>(?:qq|qw|qr|q|m|s|tr|y)(?:(?=[^\w\s,;=)#])|\s+(?=[\[{(<])))"
_MASTERS = {
    "perl": re.compile(
        rb"(?P<pod>^=[a-z].*?(?:^=cut\b[^\n]*|\Z))|(?P<data>^__(?:END|DATA)__.*)|(?P<skip>\$[#'\"`/])|(?P<line>#[^\n]*)"
        rb"|(?P<heredoc><<(?P<tilde>~?)(?P<mark>[\"']?)(?P<name>[A-Za-z_]\w*)(?P=mark))|"
        + _QUOTED_LIKE
        + rb"|"
        + _DOUBLE
        + rb"|"
        + _SINGLE
        + rb"|"
        + _LONG_SLASHES,
        re.DOTALL | re.MULTILINE,
    ),
    "ruby": re.compile(
        rb"(?P<pod>^=begin\b.*?(?:^=end\b[^\n]*|\Z))|(?P<data>^__END__.*)|(?P<skip>\?['\"#`](?!\w)|\$['\"`/])|(?P<line>#[^\n]*)"
        rb"|(?P<heredoc><<(?P<tilde>[~-]?)(?P<mark>[\"']?)(?P<name>[A-Z_]\w*)(?P=mark))"
        rb"|(?P<quoted>%[wWiIqQrx](?=[^\w\s]))|" + _DOUBLE + rb"|" + _SINGLE + rb"|" + _SLASHES,
        re.DOTALL | re.MULTILINE,
    ),
    "php": re.compile(
        rb"(?P<markup>\?>.*?(?:<\?(?:php|=)|\Z))|" + _BLOCK + rb"|(?P<line>(?://|#(?!\[))(?:(?!\?>)[^\n])*)"
        rb"|(?P<heredoc><<<[ \t]*(?P<mark>[\"']?)(?P<name>[A-Za-z_]\w*)(?P=mark))|" + _DOUBLE + rb"|" + _SINGLE,
        re.DOTALL,
    ),
    "lua": re.compile(
        rb"(?P<longs>--\[(?P<level>=*)\[.*?(?:\](?P=level)\]|\Z))|(?P<line>--[^\n]*)"
        rb"|(?P<longstring>\[(?P<level2>=*)\[.*?(?:\](?P=level2)\]|\Z))|" + _LINE_DOUBLE + rb"|" + _LINE_SINGLE,
        re.DOTALL,
    ),
    "javascript": re.compile(
        _BLOCK + rb"|(?P<line>//[^\n]*)|" + _LINE_DOUBLE + rb"|" + _LINE_SINGLE + rb"|" + _BACKTICK + rb"|" + _SLASHES,
        re.DOTALL,
    ),
}
_PHP_BEGINS = re.compile(rb"<\?(?:php|=)")
_WORD_LISTS = frozenset((b"qw", b"w", b"W", b"i", b"I"))
_TWO_PARTS = frozenset((b"s", b"tr", b"y"))
_EXPRESSIONS = frozenset((b"m", b"qr", b"s", b"r"))
_COMMENTS = frozenset(("pod", "line", "block", "longs"))
# What stands before a `/` that begins an expression, and not a division.
_BEFORE_SLASH = re.compile(
    rb"(?:^|[=(,\[{;!&|?:~<>+*%^-]|\b(?:return|if|elsif|unless|while|until|and|or|not|x|split|grep|map|when|case|typeof|then))\s*\Z"
)
_BEFORE_LONG = re.compile(rb"(?:[=!]~|\bsplit\s*\(?)\s*\Z")
_BEFORE = 40


def tokens(source: bytes, language: str) -> Iterator[Token]:
    """Give the comments, strings, expressions and texts of a script in order; what is between them is code.

    language: a key of the table above. Any bytes are taken; what is never closed ends with the line or the file.
    """
    master = _MASTERS[language]
    at = 0
    if language == "php":
        at = _markup_end(source)
        yield Token("text", 0, at, 0, at)
    documents: list[Token] = []  # announced on this line; their bodies begin on the next one
    while match := master.search(source, at):
        if documents and match.start() >= documents[0].start:
            yield from documents
            at = max(at, documents[-1].end)
            documents = []
        elif match.end() == len(source) and (kind := _open_quote(match)):
            master = _without(master, kind)
        elif match.lastgroup == "heredoc":
            begins = documents[-1].end if documents else source.find(b"\n", match.end()) + 1 or len(source)
            documents.append(_here_document(source, begins, match.group("name")))
            at = match.end()
        else:
            token = _token(source, match)
            at = token.end if token else match.start() + (2 if match.lastgroup == "skip" else 1)
            if token:
                yield token
    yield from documents


def _open_quote(match: re.Match[bytes]) -> str:
    return next((kind for kind in _QUOTES if match.groupdict().get(kind) is not None), "")


@cache
def _without(master: re.Pattern[bytes], kind: str) -> re.Pattern[bytes]:
    """Give the expression that finds no quotes of a kind."""
    return re.compile(master.pattern.replace(_QUOTES[kind], b"(?!)"), master.flags)


def _markup_end(source: bytes) -> int:
    """What stands before the first `<?php` is sent as it is."""
    begins = _PHP_BEGINS.search(source)
    return begins.end() if begins else len(source)


def _token(source: bytes, match: re.Match[bytes]) -> Token | None:
    kind, (start, end) = match.lastgroup, match.span()
    if kind == "skip":
        return None
    if kind in _COMMENTS:
        return Token("comment", start, end, start, end)
    if kind in ("data", "markup"):
        return Token("text", start, end, start, end)
    if kind == "quoted":
        return _delimited(source, start, end)
    if kind == "slashes":
        before = source[max(0, start - _BEFORE) : start]
        # Over several lines it is one only where it cannot be a division.
        expected = _BEFORE_LONG if b"\n" in match.group() else _BEFORE_SLASH
        if not expected.search(before):
            return None
        return Token("regex", start, end, start + 1, source.rindex(b"/", start, end))
    if kind == "longstring":
        edge = len(match.group("level2")) + 2
        return Token("string", start, end, start + edge, max(start + edge, end - edge))
    return Token("string", start, end, start + 1, end - 1)


def _delimited(source: bytes, start: int, at: int) -> Token:
    """A quoting operator: `qw(a b)`, `m{…}`, `s/a/b/`, `%w[a b]`. One that is never closed goes on to the end."""
    operator = source[start:at].strip().lstrip(b"%")
    stop, end = _closing(source, at)
    if operator in _TWO_PARTS and end < len(source):
        # `s/a/b/` shares the delimiter in the middle, `s{a}{b}` has two pairs.
        second = end - 1 if source[at : at + 1] not in _CLOSING else _skip_blanks(source, end)
        end = _closing(source, second)[1]
    kind = "words" if operator in _WORD_LISTS else "regex" if operator in _EXPRESSIONS else "string"
    return Token(kind, start, end, min(at + 1, stop), stop)


def _closing(source: bytes, at: int) -> tuple[int, int]:
    """Give the span of the delimiter that closes the one at a place; both ends of the source where none does."""
    opening = source[at : at + 1]
    closing = _CLOSING.get(opening, opening)
    either = re.escape(closing) + (b"|" + re.escape(opening) if closing != opening else b"")
    depth = 1
    for edge in re.compile(rb"\\.|" + either, re.DOTALL).finditer(source, at + 1):
        depth += 1 if edge.group() == opening != closing else -1 if edge.group() == closing else 0
        if not depth:
            return edge.span()
    return len(source), len(source)


def _skip_blanks(source: bytes, at: int) -> int:
    while source[at : at + 1].isspace():
        at += 1
    return at


def _here_document(source: bytes, begins: int, name: bytes) -> Token:
    closing = re.compile(rb"^[ \t]*" + re.escape(name) + rb"\b", re.MULTILINE).search(source, begins)
    stop, end = closing.span() if closing else (len(source), len(source))
    return Token("text", begins, end, begins, stop)
