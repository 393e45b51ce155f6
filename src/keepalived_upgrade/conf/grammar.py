"""Grammars of arguments, in pyparsing: what every grammar shares, and the lines of addresses and of tracked objects.

Read only where somebody must know which word means what; pyparsing is imported when a grammar is first used. No packrat
and no named groups in a flat repeat (both are slow), and no rule that holds itself: nothing here recurses.
Which release knows which word: keywords.json in the facts (`value_words` of each block).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_interface
from typing import TYPE_CHECKING, Any

from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from pyparsing import ParserElement

# The blanks between words (isspace in C). Text is read as Latin-1, so that a position is a byte offset.
BLANKS = " \t\n\r\v\f"
WORD = rf'"[^"]*"|[^{BLANKS}"]+'
_FIRST, _LAST = Release(0, 0), Release(999, 0)
# From here on the first plain word of an address line is the address.
_FIRST_ADDRESS = Release(1, 2, 20)
# Words of an address line that take a value, and those that stand alone, with the first release known to read them.
_ADDRESS_VALUES = {
    **dict.fromkeys(("brd", "broadcast", "dev", "scope", "label"), _FIRST),
    "peer": Release(2, 0, 0),
    "track_group": Release(2, 0, 3),
    "preferred_lft": Release(2, 0, 20),
}
_ADDRESS_ALONE = {
    **dict.fromkeys(("home", "mngtmpaddr", "noprefixroute", "autojoin", "-nodad"), Release(1, 3, 9)),
    "no_track": Release(2, 0, 3),
    "use_vmac": Release(2, 2, 0),
}
_TRACK_ALONE = dict.fromkeys(("reverse", "noreverse"), Release(2, 0, 18))


@dataclass(frozen=True, slots=True)
class Part:
    """A word as written, quotes included. start, end: its bytes in the text that was read."""

    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The word without its quotes."""
        return self.text[1:-1] if self.text[:1] == '"' and len(self.text) > 1 else self.text


@dataclass(frozen=True, slots=True)
class Option:
    """A named option. value: as written, "" for one that stands alone. start, end: its bytes in the text.

    qualifier: words between name and value (`lock`, `inet6`, the kind of an encap), or "".
    """

    name: str
    value: str
    start: int
    end: int
    qualifier: str = ""


Token = Part | Option


@dataclass(frozen=True, slots=True)
class AddressLine:
    """address: as written, with or without prefix length. options: in order. unknown: words the release ignores."""

    address: Part
    options: tuple[Option, ...]
    unknown: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TrackLine:
    """name: the interface, script, file, process or BFD instance. options: weight, reverse, noreverse, in order.

    unknown: other words; up to 2.0.17 they are ignored, from 2.0.18 they make keepalived drop the whole line.
    """

    name: Part
    options: tuple[Option, ...]
    unknown: tuple[Part, ...]

    @property
    def weight(self) -> int | None:
        """The weight, or None where none is written or it is no whole number. The last one counts."""
        written = [option.value.strip('"') for option in self.options if option.name == "weight"]
        return to_int(written[-1]) if written else None

    @property
    def reverse(self) -> bool:
        """Whether the last word on it is `reverse`."""
        words = [option.name for option in self.options if option.name != "weight"]
        return words[-1:] == ["reverse"]


def parse_address(text: bytes, release: Release | None = None) -> AddressLine:
    """Read a line of virtual_ipaddress or its like: ADDRESS[/LENGTH] [brd A] [dev IF] [scope S] [label L] ….

    text: the line without comment. release: whose words (every release's if None). Spans count bytes of the text.
    Up to 1.2.19 the last address of the line counts, and a word that is none makes keepalived drop the line; from
    1.2.20 the first word is the address (probes g28j, g28e, g28k). Raises InputError, with the column, for a line
    without an address.
    """
    grammar = _address_grammar(release or _LAST)
    tokens = read_tokens(grammar, text, "this is no line of addresses", "Write ADDRESS/LENGTH, then options.")
    address, options, unknown = split_tokens(tokens, "an address stands first")
    if unknown and release is not None and release < _FIRST_ADDRESS:
        words = (address, *unknown)
        address = next((part for part in reversed(words) if is_network(part.value)), address)
        unknown = tuple(part for part in words if part is not address)
    return AddressLine(address, options, unknown)


def parse_track(text: bytes, release: Release | None = None) -> TrackLine:
    """Read a line of track_interface, track_script, track_file, track_process or track_bfd:
    NAME [weight N [reverse|noreverse]].

    text: the line without comment. release: whose words (every release's if None). Raises InputError, with the column,
    for a line without a name. Source: keywords.json; `reverse` is first there in 2.0.18.
    """
    grammar = _track_grammar(release or _LAST)
    tokens = read_tokens(grammar, text, "this is no line of tracked objects", "Write NAME, then `weight N`.")
    name, options, unknown = split_tokens(tokens, "a name stands first")
    return TrackLine(name, options, unknown)


def is_network(text: str) -> bool:
    """Tell whether a text is an address, with or without prefix length, or a name for all of them."""
    try:
        ip_interface(text)
    except ValueError:
        return text in ("default", "default6")
    return True


def to_int(text: str | bytes) -> int | None:
    """Give the whole number that a text is (decimal, of at most 20 digits), else None."""
    plain = text.decode("latin-1") if isinstance(text, bytes) else text
    return int(plain) if re.fullmatch(r"[+-]?[0-9]{1,20}", plain) else None


# -- what the grammars share ----------------------------------------------------------------------------------


def known(words: Mapping[str, Release], release: Release) -> tuple[str, ...]:
    """Give the words that a release knows."""
    return tuple(word for word, first in words.items() if release >= first)


def read_tokens(grammar: ParserElement, text: bytes, reason: str, cure: str) -> list[Any]:
    """Read a whole text; raises InputError with the column where the grammar does not hold."""
    from pyparsing import ParseException

    try:
        return list(grammar.parse_string(text.decode("latin-1").rstrip(BLANKS), parse_all=True))
    except ParseException as error:
        raise InputError(reason, column=error.loc + 1, cure=cure) from error


def split_tokens(tokens: list[Token], first_is: str) -> tuple[Part, tuple[Option, ...], tuple[Part, ...]]:
    """Give the first word, the options and the other words; raises InputError where an option stands first."""
    first = tokens[0]
    if isinstance(first, Option):
        raise InputError(f"{first.name!r} is an option; {first_is}", column=first.start + 1, cure="Write it in front.")
    options = tuple(token for token in tokens if isinstance(token, Option))
    return first, options, tuple(token for token in tokens[1:] if isinstance(token, Part))


def word() -> ParserElement:
    """One word, quoted or not, as a Part."""
    return pattern(WORD)


def pattern(expression: str) -> ParserElement:
    """What a regular expression matches, as a Part."""
    from pyparsing import Regex

    return Regex(expression).set_whitespace_chars(BLANKS).add_parse_action(_make_part)


def names(words: Iterable[str]) -> ParserElement:
    """One of these words, and nothing longer, as a Part."""
    choice = "|".join(re.escape(word) for word in sorted(words, reverse=True))
    return pattern(rf'(?:{choice})(?![^{BLANKS}"])' if choice else r"(?!)")


def option(*parts: ParserElement) -> ParserElement:
    """Parts that follow each other (the name first, the value last) as one Option."""
    from pyparsing import And

    return And(parts).add_parse_action(_make_option)


def flat(*choices: ParserElement) -> ParserElement:
    """Any number of options and words, at least one; positions are those of the text, tabs included."""
    from pyparsing import MatchFirst, OneOrMore

    return OneOrMore(MatchFirst([*choices, word()])).parse_with_tabs()


def _make_part(text: str, at: int, tokens: Any) -> Part:
    found = str(tokens[0])
    return Part(found, at, at + len(found))


def _make_option(text: str, at: int, tokens: Any) -> Option:
    name, *between = tokens
    if not between:
        return Option(name.text, "", name.start, name.end)
    *qualifiers, value = between
    qualifier = text[qualifiers[0].start : qualifiers[-1].end] if qualifiers else ""
    return Option(name.text, value.text, name.start, value.end, qualifier)


@cache
def _address_grammar(release: Release) -> ParserElement:
    valued = option(names(known(_ADDRESS_VALUES, release)), word())
    return flat(valued, option(names(known(_ADDRESS_ALONE, release))))


@cache
def _track_grammar(release: Release) -> ParserElement:
    return flat(option(names(["weight"]), word()), option(names(known(_TRACK_ALONE, release))))
