"""Grammars of arguments, in pyparsing: read only where a migration must know which word means what.

pyparsing is imported when a grammar is first used. No packrat and no named groups in a flat repeat: both are slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from pyparsing import ParserElement

# Words of an address line that take a value, and those that stand alone (read_ipaddress of 1.2 … 2.4).
_WITH_VALUE = ("brd", "broadcast", "dev", "scope", "label", "peer", "track_group", "preferred_lft", "valid_lft")
_ALONE = ("no_track", "home", "mngtmpaddr", "noprefixroute", "autojoin", "-nodad", "use_vmac")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of an address line. value is "" for one that stands alone. start, end: its span in the text."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AddressLine:
    """address: as written, with or without prefix length. options: in order. unknown: words no release knows here."""

    address: str
    options: tuple[Option, ...]
    unknown: tuple[str, ...]


def parse_address(text: bytes) -> AddressLine:
    """Read a line of virtual_ipaddress or its like: ADDRESS[/LENGTH] [brd A] [dev IF] [scope S] [label L] ….

    Spans count bytes of the text. Raises InputError, with the column, for a line without an address.
    """
    from pyparsing import ParseException

    # One character for each byte, so that positions are byte offsets.
    line = text.decode("latin-1")
    try:
        tokens = _address_grammar().parse_string(line, parse_all=True)
    except ParseException as error:
        raise InputError(
            "this is no line of addresses", column=error.column, cure="Write ADDRESS/LENGTH, then options."
        ) from error
    options = tuple(token for token in tokens[1:] if isinstance(token, Option))
    return AddressLine(str(tokens[0]), options, tuple(t for t in tokens[1:] if isinstance(t, str)))


@cache
def _address_grammar() -> ParserElement:
    from pyparsing import Keyword, MatchFirst, Regex, ZeroOrMore

    visible = "".join(chr(code) for code in range(33, 256))
    word = Regex(r'"[^"]*"|[^\s"]+')
    valued = MatchFirst([Keyword(name, ident_chars=visible) for name in _WITH_VALUE]) + word
    alone = MatchFirst([Keyword(name, ident_chars=visible) for name in _ALONE])
    return word + ZeroOrMore(valued.set_parse_action(_make_option) | alone.add_parse_action(_make_option) | word)


def _make_option(text: str, at: int, tokens: Any) -> Option:
    name = str(tokens[0])
    start = text.index(name, at)
    value = str(tokens[1]) if len(tokens) > 1 else ""
    end = text.index(value, start + len(name)) + len(value) if value else start + len(name)
    return Option(name, value, start, end)
