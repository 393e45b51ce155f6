"""Shell scripts that depend on a name without saying it: they take it to pieces (`${2#VI_}`), put it together
(`"${P}1"`, `printf VI_%d`), put it into another word (`"handle_$2"`) or change its letters (`${2,,}`).

What becomes of a name is worked out on the name itself, old and new; where that differs, it is a finding. The search is
made on the bytes, so that a script without such a place costs one pass and no parse.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names, all_of
from keepalived_upgrade.dependents.pieces import (
    SOMETHING,
    Joined,
    Piece,
    compiled,
    where_it_cannot_be_tried,
    where_it_differs,
    where_it_is_built,
    where_it_is_put_in,
    where_it_is_told_apart,
    where_it_names_a_variable,
    where_letters_change,
)
from keepalived_upgrade.dependents.regexes import takes_too_long
from keepalived_upgrade.dependents.shell_grep import GREPS
from keepalived_upgrade.dependents.shell_tree import and_above, kinds_above, show, text_of, walk
from keepalived_upgrade.dependents.shell_variables import variables_in
from keepalived_upgrade.dependents.spans import Cover
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from tree_sitter import Node

_STRIP = re.compile(rb"\$\{(\w+)(##?|%%?)((?:\\.|\[(?:\[:\w+:\]|[^\[\]}\n])*+\]|[^}$`\\])++)\}")
_PIECE = re.compile(rb"\$\{(\w+):[ ]?(-?\d+)(?::(\d+))?\}")
_CUT = re.compile(rb"\$\{?(\w+)[^|\n]{0,200}\|\s*cut\s+-d\s*[\"']?([^\s\"'])[\"']?\s+-f\s*(\d)\b")
_FIELD = re.compile(rb"\$\{?(\w+)[^|\n]{0,200}\|\s*[gm]?awk\s+-F\s*[\"']?([\w.:-])[\"']?\s+[\"']\{\s*print \$(\d)\s*\}")
_PRINTF = re.compile(rb"\bprintf\s+(?:-v\s*\w+\s+)?[\"']?((?:[\w.-]*%\d*[dsiu])++[\w.-]*)(?:\\n)?[\"']?(?=\s)")
_MATCHED = re.compile(
    rb"=~[ \t]++([^\s\"'$&|]++\$?+(?:[^\s\"'$&|]*+\$)?+)(?=\s)"
    rb"|\b[ef]?grep[ \t]+(?:-\w+[ \t]+)*([\"'])([^\"'\n]*+)\2"
)
_NOT_PLAIN = re.compile(rb"[\[\]^$*+?.]")
_EXPANSION = rb"\$(?:\{(?:[A-Za-z_]\w*|\d)\}|[A-Za-z_]\w*|\d)"
# A word with an expansion in it, and letters around it; `\$${2}_DEV` is one for eval.
_WORD = re.compile(rb"(?:(?<![\w$.%/#-])|(?<=\\\$))[\w./-]*(?:\"?" + _EXPANSION + rb"\"?[\w./-]*)+")
# `${!2}`, `declare -n via=$2`, `eval "via=\$$2"`.
_INDIRECT = re.compile(
    rb"\$\{!(\w+)\}|\b(?:declare|local|typeset)\s+-n\s+\w+=[\"']?\$\{?(\w+)|\\\$\$(\w+)|\\\$\{?\$\{(\w+)\}(?!\w)"
)
_VARIABLE = re.compile(rb"\$\{?\w+|(?m:^[ \t]*)(?:export |local |readonly )?\w+=")
_PART = re.compile(rb"\"?(" + _EXPANSION + rb")\"?")
_SET = re.compile(rb"(?m)(?:^|[\s;])([A-Za-z_]\w*)=[\"']?([\w.-]+)[\"']?(?=[\s;]|$)")
_LETTERS = re.compile(
    rb"(?:,,|\^\^)[^}\s]?\}|nocasematch|\btr\s+[\"']?(?:\[:(?:upp|low)er|\[?[Aa]-[Zz])"
    rb"|\b[ef]?grep\s+-\w*i|\btypeset -[lu]"
)
_MOST_PARTS = 11  # five expansions: what is longer makes no name of anything
_CLOSING, _OPENING = (b")", b"}", b"`"), (b"$", b"`")
_SYSTEM = (b"LANG", b"PATH", b"HOME", b"PWD", b"HOSTNAME", b"0", b"BASH_VERSION", b"OSTYPE", b"LC_ALL", b"TERM")
_ASKING = frozenset((*GREPS, b"eval", b"type", b"command"))
_CURE = "See what it does with each new name, and change it by hand, then accept this finding."


def find_pieces(source: bytes, names: Names) -> tuple[Piece, ...]:
    """Give each place that depends on a name without saying it, in order. Nothing is parsed; comments count, too."""
    if b"$" not in source:
        return ()
    found = [*_cut(source, names), *_built(source, names), *_put_in(source, names), *_told_apart(source, names)]
    if any(form in source for name in names for form in (name.lower(), name.upper())) and _LETTERS.search(source):
        found += where_letters_change(source, names)
    return tuple(sorted(found, key=lambda piece: piece.start))


def piece_findings(
    path: str, source: bytes, root: Node, pieces: Sequence[Piece], handled: Sequence[tuple[int, int]], id: str
) -> Iterator[Finding]:
    """Give the findings of the places that are no comment and not followed. id: what the finding is called."""
    given, followed, asking = _given_names(root), Cover(handled), _Asking(root)
    for piece in pieces:
        node = root.descendant_for_byte_range(piece.start, piece.end) or root
        kinds = list(kinds_above(node, root))
        if "comment" in kinds or followed.covers(piece.start, piece.end):
            continue
        if piece.variable and not (piece.variable.isdigit() or piece.variable in given):
            continue
        asked = asking.decides(node)
        if not asked and not piece.always:
            continue
        line = source.count(b"\n", 0, piece.start) + 1
        column = piece.start - (source.rfind(b"\n", 0, piece.start) + 1) + 1
        severity = Severity.DECISION if asked else Severity.REVIEW
        yield Finding(id, severity, Place(path, line, column), f"{show(piece.old)} {piece.why}", _CURE)


# -- what is cut from a name ------------------------------------------------------------------------------------------


def _cut(source: bytes, names: Names) -> Iterator[Piece]:
    if b"${" in source:
        yield from _cut_by_expansion(source, names)
    for program, pattern in ((b"cut", _CUT), (b"awk", _FIELD)):
        for match in pattern.finditer(source) if program in source else ():
            cut = partial(_field, match.group(2), int(match.group(3)), pattern is _CUT)
            yield from where_it_differs(match, match.group(1), names, cut)


def _cut_by_expansion(source: bytes, names: Names) -> Iterator[Piece]:
    for match in _STRIP.finditer(source):
        variable, operator, pattern = match.groups()
        if variable in _SYSTEM:
            continue
        plain = re.sub(rb"[\"']|\\(?=.)", b"", pattern).decode("latin-1")
        yield from where_it_differs(match, variable, names, partial(_strip, operator, plain))
    for match in _PIECE.finditer(source):
        variable, start, length = match.group(1), int(match.group(2)), match.group(3)
        end = None if length is None else start + int(length)
        yield from where_it_differs(match, variable, names, partial(_slice, start, end))


def _strip(operator: bytes, pattern: str, name: bytes) -> bytes:
    """What the shell leaves of a name after `#`, `##`, `%` and `%%`."""
    front, text = operator.startswith(b"#"), name.decode("latin-1")
    lengths = range(len(text) + 1) if len(operator) == 1 else range(len(text), -1, -1)
    for length in lengths:
        part = text[:length] if front else text[len(text) - length :]
        if fnmatch.fnmatchcase(part, pattern.replace("[^", "[!")):
            return name[length:] if front else name[: len(name) - length]
    return name


def _slice(start: int, end: int | None, name: bytes) -> bytes:
    return name[start:end]


def _field(separator: bytes, number: int, whole: bool, name: bytes) -> bytes:
    """What cut and awk take; cut gives a line without a separator as it is."""
    fields = name.split(separator)
    if whole and len(fields) == 1:
        return name
    return fields[number - 1] if 0 < number <= len(fields) else b"" if number else name


# -- names that are put together ---------------------------------------------------------------------------------------


def _built(source: bytes, names: Names) -> Iterator[Piece]:
    """Words that may become an old name: `VI_$i`, `"${P}1"` where P is VI_, `printf VI_%d`."""
    if b"printf" in source:
        yield from _printed(source, names)
    if not _beside_an_expansion(frozenset(b"".join(names))).search(source):
        return
    given: dict[bytes, set[bytes]] = {}
    for name, value in _SET.findall(source):
        given.setdefault(name, set()).add(value)
    constants = {name: next(iter(values)) for name, values in given.items() if len(values) == 1}
    for match in _WORD.finditer(source):
        parts = _PART.split(match.group())
        if not b"".join(parts[::2]).strip(b'"') and len(parts) < 4:
            continue  # a variable alone
        said = [constants.get(part.strip(b"${}"), b"") if number % 2 else part for number, part in enumerate(parts)]
        literals = [b""]
        for number, part in enumerate(said):
            if number % 2 and not part:
                literals.append(b"")
            else:
                literals[-1] += part
        yield from where_it_is_built(match, literals, names)


@cache
def _beside_an_expansion(letters: frozenset[int]) -> re.Pattern[bytes]:
    """Give what finds an expansion beside a letter of a name, or beside another one: most scripts have none.

    It begins with a `$`, which is found fast.
    """
    letter = b"[" + b"".join(re.escape(bytes((one,))) for one in sorted(letters)) + b"]"
    behind = rb"(?:\{\w+\}|[A-Za-z_]\w*+|\d)\"?\"?(?:" + letter + rb"|\$)"
    return re.compile(rb"\$(?:(?<=" + letter + rb"\$)|(?<=" + letter + rb"\"\$)|" + behind + rb")")


def _printed(source: bytes, names: Names) -> Iterator[Piece]:
    for match in _PRINTF.finditer(source):
        yield from where_it_is_built(match, re.split(rb"%\d*[dsiu]", match.group(1)), names)


def _put_in(source: bytes, names: Names) -> Iterator[Piece]:
    """Words that are made with a name, where the script says the word itself elsewhere: `"handle_$2"`, `${2}_$3`."""
    if not any(name in source for name in names):
        return
    for match in _INDIRECT.finditer(source):
        yield from where_it_names_a_variable(match, source, match.group(match.lastindex or 0), names)
    # A variable is only read by a name that is put together where the script does such things.
    by_name = any(way in source for way in (b"eval", b"${!", b"declare -n", b"local -n", b"printenv"))
    joined = Joined(source if by_name else _VARIABLE.sub(b"", source), names)
    for match in _WORD.finditer(source):
        parts = _PART.split(match.group())
        if len(parts) > _MOST_PARTS:
            continue
        around = [re.escape(part) if number % 2 == 0 else SOMETHING for number, part in enumerate(parts)]
        # `$(date +%s)_$2` and `${3,,}_$2` are more than a variable and letters.
        around[0] = SOMETHING + around[0] if source[match.start() - 1 : match.start()] in _CLOSING else around[0]
        around[-1] += SOMETHING if source[match.end() : match.end() + 1] in _OPENING else b""
        alone = len(parts) == 3 and not (around[0].startswith(SOMETHING) or around[-1].endswith(SOMETHING))
        if alone and len(parts[0] + parts[2]) > 1:
            yield from where_it_is_put_in(match, source, parts[0], parts[2], parts[1].strip(b"${}"), names)
            continue
        for number in range(1, len(parts), 2):
            before, after = b"".join(around[:number]), b"".join(around[number + 1 :])
            yield from joined.where_it_is_made(match, before, after, parts[number].strip(b"${}"))
    for match in _PRINTF.finditer(source) if b"printf" in source else ():
        said = [re.escape(part) for part in re.split(rb"%\d*[dsiu]", match.group(1))]
        for number in range(1, len(said)) if len(said) < _MOST_PARTS else ():
            before, after = SOMETHING.join(said[:number]), SOMETHING.join(said[number:])
            yield from joined.where_it_is_made(match, before, after)


def _told_apart(source: bytes, names: Names) -> Iterator[Piece]:
    """Regular expressions that accept an old name without saying it: `[[ $2 =~ ^VI_[0-9]+$ ]]`, `grep -E '^VI_.$'`."""
    for match in _MATCHED.finditer(source) if b"=~" in source or b"grep" in source else ():
        text = match.group(1) or match.group(3)
        if match.group(1) is None and not _NOT_PLAIN.search(text):
            continue
        expression = compiled(text, names)
        if expression is not None:
            yield from where_it_is_told_apart(match, names, partial(_accepts, expression))
        elif takes_too_long(text, all_of(names)):
            yield from where_it_cannot_be_tried(match, names)


def _accepts(expression: re.Pattern[bytes], name: bytes) -> bool:
    return expression.search(name) is not None


# -- what the tree says ------------------------------------------------------------------------------------------------


def _given_names(root: Node) -> frozenset[bytes]:
    """Give the variables that may hold a name: they get an argument, or something read, or nothing in the script."""
    assigned: dict[bytes, list[bytes]] = {}
    used: set[bytes] = set()
    for node in walk(root):
        if node.type == "variable_assignment" and node.children[0].type == "variable_name":
            assigned.setdefault(text_of(node.children[0]), []).append(text_of(node.children[-1]))
        elif node.type == "for_statement":
            values = [text_of(value) for value in node.children_by_field_name("value")] or [b"$@"]
            assigned.setdefault(text_of(node.children[1]), []).extend(values)
        elif node.type == "variable_name":
            used.add(text_of(node))
    names = {name for name in used if name not in assigned}
    while True:
        found = {
            name
            for name, values in assigned.items()
            if any((a or b).isdigit() or (a or b) in names for v in values for a, b in _names_in(v))
            or any(b"$@" in value or b"$*" in value for value in values)
        }
        if found <= names:
            return frozenset(names)
        names |= found


def _names_in(text: bytes) -> list[tuple[bytes, bytes]]:
    return re.findall(rb"\$(?:(\w+)|\{(\w+))", text)


@dataclass(slots=True)
class _Asking:
    """What decides something in a script. Each variable is looked up once."""

    root: Node
    _known: dict[bytes, bool] = field(default_factory=dict)

    def decides(self, node: Node) -> bool:
        """Tell whether a place decides something: it is tested, looked up, called, or kept in a variable that is."""
        end = _decided_at(node, self.root)
        variable = _given_to(end) if end is not None else b""
        if not variable:
            return end is not None
        if variable not in self._known:
            decided = (_decided_at(use, self.root) for use in variables_in(self.root).expansions.get(variable, ()))
            self._known[variable] = any(place and not _given_to(place) for place in decided)
        return self._known[variable]


def _given_to(node: Node) -> bytes:
    """Give the variable that an assignment, or `printf -v`, gives something to; b"" for anything else."""
    if node.type == "variable_assignment":
        return text_of(node.children[0])
    # One by one: the list of the children of a command may be long, and is made anew for each node.
    words = [node.child(at) for at in range(min(3, node.child_count))] if node.type == "command" else []
    said = [text_of(word) for word in words if word is not None]
    return said[2] if said[:2] == [b"printf", b"-v"] else b""


def _first_of(node: Node) -> bytes:
    first = node.child(0)
    return text_of(first) if first is not None else b""


def _decided_at(node: Node, root: Node) -> Node | None:
    """Give what asks about a node, or the assignment it stands in; None where it is only used."""
    for below, above in pairwise(and_above(node, root)):
        if below.type in ("variable_assignment", "test_command", "subscript", "command_name"):
            return below
        if below.type in ("expansion", "declaration_command") and _INDIRECT.match(text_of(below)):
            return below  # a variable that is read by the name the script is given
        if below.type == "command" and (_first_of(below) in _ASKING or _given_to(below)):
            return below
        if above.type in ("if_statement", "elif_clause", "while_statement"):
            body = next((child for child in above.children if child.type in ("then", "do_group")), below)
            return above if below.start_byte < body.start_byte else None
        if above.type in ("for_statement", "case_statement", "case_item"):
            return above if below in above.children_by_field_name("value") else None
    return None
