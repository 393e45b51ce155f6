"""Grammar of definition lines (`$NAME=value`) and of sequences (`~SEQ(…) text`, `~LST(…) text`): what stands where.

What they expand to is the reader's work (definitions.py). Source: the lexical rules 5 and 9 of 2.1 to 2.4, that is
check_definition and the sequences in lib/parser.c (2168 at v2.4.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from keepalived_upgrade.conf.grammar import BLANKS, Part, pattern, read_tokens
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from pyparsing import ParserElement

_REST = r"[\s\S]+"
_ITEM = rf"\$\{{[^{{}}]*\}}|[^{BLANKS},(){{}}]+"


@dataclass(frozen=True, slots=True)
class DefinitionLine:
    """name: without `$`. value: as written, quotes included, without the final `\\` of a definition of many lines.

    continued: the next line belongs to it.
    """

    name: Part
    value: Part
    continued: bool


@dataclass(frozen=True, slots=True)
class SequenceLine:
    """kind: `~SEQ`, `~SEQx` or `~LST`. variables: their names.

    rows: for ~SEQ one row, its one to three numbers as written; for ~LST one row of values for each repetition (fewer
    than variables: the others are empty). text: what is repeated; its bytes are empty where nothing follows.
    """

    kind: str
    variables: tuple[Part, ...]
    rows: tuple[tuple[Part, ...], ...]
    text: Part


def parse_definition(text: bytes) -> DefinitionLine:
    """Read `$NAME=value`, without comment. Spans count bytes of the text.

    Raises InputError, with the column, for anything else: a blank before `=` makes it no definition.
    """
    cure = "Write $NAME=value, without a blank before the =."
    tokens = read_tokens(_definition_grammar(), text, "this is no definition", cure)
    name = tokens[0]
    written = tokens[1] if len(tokens) > 1 else Part("", name.end + 1, name.end + 1)
    value = written.text
    continued = value.endswith("\\")
    if continued:
        value = value[:-1].rstrip(BLANKS)
    return DefinitionLine(name, Part(value, written.start, written.start + len(value)), continued)


def parse_sequence(text: bytes) -> SequenceLine:
    """Read `~SEQ(var, [start, [step,]] end) text`, `~LST(var, v1, …) text` or `~LST({a, b}, {1, 2}, …) text`.

    Numbers and values may be definitions that are not expanded yet. Spans count bytes of the text. Raises InputError,
    with the column, for what is no sequence or has too many values.
    """
    cure = "Write ~SEQ(var, start, end) text or ~LST(var, value, value) text."
    tokens = read_tokens(_sequence_grammar(), text, "this is no sequence", cure)
    kind, groups = tokens[0], tokens[1]
    rest = tokens[2] if len(tokens) > 2 else Part("", len(text), len(text))
    variables, rows = groups[0], tuple(groups[1:])
    if kind.text != "~LST":
        rows = (tuple(row[0] for row in rows),)
    wrong = next((row for row in rows if len(row) > len(variables)), ()) if kind.text == "~LST" else ()
    if wrong:
        raise InputError("~LST has more values than variables", column=wrong[-1].start + 1, cure=cure)
    return SequenceLine(kind.text, variables, rows, rest)


@cache
def _definition_grammar() -> ParserElement:
    from pyparsing import Literal, Optional

    name = pattern(r"[A-Za-z_][A-Za-z0-9_]*").leave_whitespace()
    equals = Literal("=").suppress().leave_whitespace()
    return (Literal("$").suppress() + name + equals + Optional(pattern(_REST))).parse_with_tabs()


@cache
def _sequence_grammar() -> ParserElement:
    from pyparsing import Literal, Optional, ZeroOrMore

    def mark(character: str) -> ParserElement:
        return Literal(character).suppress()

    item = pattern(_ITEM)
    row = mark("{") + Optional(item) + ZeroOrMore(mark(",") + Optional(item)) + mark("}")
    single = item.copy().add_parse_action(_make_row)
    rows = row.add_parse_action(_make_row)
    counted = single + mark(",") + single + (mark(",") + single) * (0, 2)
    listed = single + ZeroOrMore(mark(",") + single) | rows + ZeroOrMore(mark(",") + rows)
    count = pattern(r"~SEQx?") + mark("(") + counted.add_parse_action(_make_groups) + mark(")")
    enumeration = pattern(r"~LST") + mark("(") + listed.add_parse_action(_make_groups) + mark(")")
    return ((count | enumeration) + Optional(pattern(_REST))).parse_with_tabs()


def _make_row(tokens: Any) -> list[tuple[Part, ...]]:
    return [tuple(tokens)]


def _make_groups(tokens: Any) -> list[list[tuple[Part, ...]]]:
    return [list(tokens)]
