"""Grammar of script lines: notify*, script, misc_path, quorum_*, startup_script and their like.

Source: the lexical rules ("Words", and rule 13 of 2.1 to 2.4) and the catalogue (notify-unquoted-arguments): the first
word is the command; what follows it is ignored up to 1.2.24, from 1.3.0 it is the user and the group; from 2.0.6 `'`
quotes too and the command is split again into its words with quotes and escapes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from keepalived_upgrade.conf.grammar import BLANKS, WORD, Part, pattern, read_tokens
from keepalived_upgrade.conf.script_words import BOTH_QUOTES, arguments_of, command_of
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from pyparsing import ParserElement

_SHELL_WORD = rf"""(?:[^{BLANKS}"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')+"""
USERS = Release(1, 3, 0)
_DOUBLE_QUOTED = re.compile(r'"[^"]*"')
_QUOTED = re.compile(r"""\"(?:[^\"\\]|\\[\s\S])*\"|'(?:[^'\\]|\\[\s\S])*'""")
_LAST = Release(999, 0)
# Whose further words keepalived ignores.
WITHOUT_USER = frozenset((b"script", b"misc_path"))


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """keyword: `notify_master`, `script`, …. command: as written, with its quotes.

    words: the program and its arguments as written, inner quotes included; each with its bytes. string: what keepalived
    keeps of the command; argv: what the program gets. user, group: what it runs as, or None. unknown: words that
    keepalived ignores.
    """

    keyword: Part
    command: Part
    words: tuple[Part, ...]
    string: bytes
    argv: tuple[bytes, ...]
    user: Part | None
    group: Part | None
    unknown: tuple[Part, ...]


def parse_script(text: bytes, release: Release | None = None) -> ScriptLine:
    """Read a script line: KEYWORD "PATH ARGUMENTS" [USER [GROUP]].

    text: the line without comment. release: how it splits (the newest if None). Spans count bytes of the text. Raises
    InputError, with the column, for a line without a command or with an open quote. Nothing is run or looked up.
    """
    of = release or _LAST
    cure = 'Write KEYWORD "PATH ARGUMENTS" USER GROUP, and close every quote.'
    keyword, *rest = read_tokens(_line_grammar(of >= BOTH_QUOTES), text, "this is no script line", cure)
    if not rest:
        raise InputError("this line names no command", column=keyword.end + 1, cure=cure)
    command, *others = rest
    users, unknown = _find_users(keyword.text, others, of)
    string = command_of(command.text.encode("latin-1"), of)
    argv = arguments_of(string, of)
    return ScriptLine(keyword, command, _split(command, of), string, argv, users[0], users[1], unknown)


def _find_users(
    keyword: str, others: list[Part], release: Release
) -> tuple[tuple[Part | None, Part | None], tuple[Part, ...]]:
    if keyword.encode("latin-1") in WITHOUT_USER or release < USERS:
        return (None, None), tuple(others)
    user, group = ([*others, None, None])[:2]
    return (user, group), tuple(others[2:])


def _split(command: Part, release: Release) -> tuple[Part, ...]:
    """The words of the command; the quotes around the whole of it do not count."""
    inside, start = command.text, command.start
    if (_QUOTED if release >= BOTH_QUOTES else _DOUBLE_QUOTED).fullmatch(inside):
        inside, start = inside[1:-1], start + 1
    if not inside.strip(BLANKS):
        return ()
    cure = "Close every quote of the command, and let no backslash end it."
    try:
        parts = read_tokens(_words_grammar(), inside.encode("latin-1"), "this command does not split into words", cure)
    except InputError as error:
        raise InputError(error.reason, column=start + error.column, cure=cure) from error
    return tuple(Part(part.text, start + part.start, start + part.end) for part in parts)


@cache
def _line_grammar(both_quotes: bool) -> ParserElement:
    from pyparsing import OneOrMore

    return OneOrMore(pattern(_SHELL_WORD if both_quotes else WORD)).parse_with_tabs()


@cache
def _words_grammar() -> ParserElement:
    from pyparsing import OneOrMore

    return OneOrMore(pattern(_SHELL_WORD)).parse_with_tabs()
