"""Grammar of script lines: notify*, script, misc_path, quorum_*, startup_script and their like.

Source: the lexical rules ("Words", and rule 13 of 2.1 to 2.4) and the catalogue: up to 1.2.24 every word belongs to the
command unless it is quoted, from 1.3.0 the first one is the command and user and group follow, and from 2.0.6 `'`
quotes too and the command is split again into its words with quotes and escapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from keepalived_upgrade.conf.grammar import BLANKS, WORD, Part, pattern, read_tokens
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from pyparsing import ParserElement

_SHELL_WORD = rf"""(?:[^{BLANKS}"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')+"""
_USERS = Release(1, 3, 0)
_BOTH_QUOTES = Release(2, 0, 6)
_LAST = Release(999, 0)
# Whose further words keepalived ignores.
_WITHOUT_USER = ("script", "misc_path")


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """keyword: `notify_master`, `script`, …. command: as written, with its quotes.

    words: the program and its arguments as written, inner quotes included; each with its bytes. user, group: what it
    runs as, or None. unknown: words that keepalived ignores.
    """

    keyword: Part
    command: Part
    words: tuple[Part, ...]
    user: Part | None
    group: Part | None
    unknown: tuple[Part, ...]

    @property
    def program(self) -> str:
        """The file that is run, without quotes; "" for an empty command."""
        return self.words[0].text.replace('"', "").replace("'", "") if self.words else ""


def parse_script(text: bytes, release: Release | None = None) -> ScriptLine:
    """Read a script line: KEYWORD "PATH ARGUMENTS" [USER [GROUP]], or up to 1.2.24 KEYWORD PATH ARGUMENTS.

    text: the line without comment. release: how it splits (the newest if None). Spans count bytes of the text. Raises
    InputError, with the column, for a line without a command or with an open quote. Nothing is run or looked up.
    """
    of = release or _LAST
    cure = 'Write KEYWORD "PATH ARGUMENTS" USER GROUP, and close every quote.'
    keyword, *rest = read_tokens(_line_grammar(of >= _BOTH_QUOTES), text, "this is no script line", cure)
    if not rest:
        raise InputError("this line names no command", column=keyword.end + 1, cure=cure)
    command, others = _find_command(rest, text, of)
    users, unknown = _find_users(keyword.text, others, of)
    return ScriptLine(keyword, command, _split(command, of), users[0], users[1], unknown)


def _find_command(rest: list[Part], text: bytes, release: Release) -> tuple[Part, list[Part]]:
    """The command and the words behind it. Up to 1.2.24 an unquoted command goes on to the end of the line."""
    first, last = rest[0], rest[-1]
    if release >= _USERS or first.text.startswith('"'):
        return first, rest[1:]
    return Part(text[first.start : last.end].decode("latin-1"), first.start, last.end), []


def _find_users(
    keyword: str, others: list[Part], release: Release
) -> tuple[tuple[Part | None, Part | None], tuple[Part, ...]]:
    if keyword in _WITHOUT_USER or release < _USERS:
        return (None, None), tuple(others)
    user, group = ([*others, None, None])[:2]
    return (user, group), tuple(others[2:])


def _split(command: Part, release: Release) -> tuple[Part, ...]:
    """The words of the command; the quotes around the whole of it do not count."""
    quotes = "\"'" if release >= _BOTH_QUOTES else '"'
    inside, start = command.text, command.start
    if len(inside) > 1 and inside[0] in quotes and inside.find(inside[0], 1) == len(inside) - 1:
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
