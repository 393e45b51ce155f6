"""Python scripts, 2 and 3, that depend on a name without saying it: `name.split("_")[1] == "1"`, `name[3:]`,
`"VI_%d" % n`, `globals()["on_" + name]`, `name.lower() == "gw"`, `re.match(r"VI_\\d+$", name)`, `name.endswith("_1")`.

The search is made on the bytes. A place that is only used, and decides nothing, is said where it cuts a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

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
    where_letters_change,
)
from keepalived_upgrade.dependents.regexes import takes_too_long
from keepalived_upgrade.dependents.spans import Cover
from keepalived_upgrade.findings import Finding, Place, Severity

_TEXT = rb"[rRuUbB]{0,2}([\"'])((?:(?!\1)[^\\\n]|\\.)*)\1"
# What may be a name: an argument of the command line, something that an option or the environment gave, a variable.
_OPERAND = rb"(?:(?:sys\.)?argv\[\d\]|(?<![\w.])(?:\w+\.)?[A-Za-z_]\w*)"
_LITERAL = re.compile(rb"([\"'])((?:(?!\1)[^\\\n]|\\.)*)\1")
_SLICE = re.compile(rb"(" + _OPERAND + rb")\[(-?\d+|):(-?\d+|)\]")
_SPLIT = re.compile(rb"(" + _OPERAND + rb")\.(r?)(split|partition)\([\"'](.)[\"'](?:, *(\d))?\)\[(-?\d)\]")
_TAKEN_OFF = re.compile(
    rb"(" + _OPERAND + rb")\.(removeprefix|removesuffix|replace|lstrip|rstrip|strip)\([\"']([^\"'\\]+)[\"']"
    rb"(?:, *[\"']{2})?\)"
)
_LIST = re.compile(rb"^(?:.*\.)?(?:argv|args|arguments|parts|fields|words|lines?|line|data|text|self)$")
_MATCHED = re.compile(rb"\bre\.(match|search|fullmatch|compile)\(\s*[rRuUbB]{0,2}([\"'])((?:(?!\2)[^\n])*)\2")
_AFFIX = re.compile(rb"\.(startswith|endswith)\(\s*[uUbB]?[\"']([^\"'\\\n]+)[\"']\s*\)")
_FILLED = re.compile(_TEXT + rb"(?=\s*%|\.format\()|\bf([\"'])((?:(?!\3)[^\\\n])*)\3")
_FIELD = re.compile(rb"%\(?\w*\)?\d*[sdi]|\{[^{}]*\}")
_SUM = re.compile(
    rb"[\"']([\w./-]+)[\"']\s*\+\s*(?:str\()?(" + _OPERAND + rb")|(?<!\w)(\w++)\s*+\+\s*+[\"']([\w.-]+)[\"']"
)
# `kind + "_" + name`, `"_".join((kind, name))`, `argv[2] + argv[3]`.
_BETWEEN = re.compile(
    rb"\+\s*[\"']([\w.-]+)[\"']\s*\+|[\"']([\w.-]*)[\"']\.join\(|argv\[\d\]\s*\+\s*(?=(?:sys\.)?argv)"
)
_SET = re.compile(rb"(?m)^[ \t]*([A-Za-z_]\w*)\s*=\s*[\"']([\w.-]+)[\"'][ \t]*(?:#.*)?\r?$")
_LETTERS = re.compile(rb"\.(?:lower|upper|casefold|title|capitalize)\(\)|\bre\.I\b|IGNORECASE|\(\?i\)")
_ASKS = re.compile(
    rb"==|!=|<>|\bin\b|\bif\b|\bwhile\b|\bmatch\b|\bint\(|\bgetattr\(|globals\(|locals\(|\.get\(|\bopen\("
)
_CURE = "See what it does with each new name, and change it by hand, then accept this finding."


def find_python_pieces(source: bytes, names: Names) -> tuple[Piece, ...]:
    """Give each place that depends on a name without saying it, in order. Nothing is parsed; comments count, too."""
    if b"argv" not in source and b"environ" not in source and b"input" not in source and b"open(" not in source:
        return ()  # nothing that could be given a name
    found = [*_cut(source, names), *_told_apart(source, names), *_built(source, names)]
    if _LETTERS.search(source):
        found += where_letters_change(source, names, quoted=rb"[\"']")
    return tuple(sorted(set(found), key=lambda piece: (piece.start, piece.why)))


def python_piece_findings(
    path: str, source: bytes, pieces: Sequence[Piece], handled: Sequence[tuple[int, int]], id: str
) -> Iterator[Finding]:
    """Give the findings of the places that are no comment and not followed. id: what the finding is called."""
    followed, asking = Cover(handled), _Asking(tuple(line for line in source.split(b"\n") if _ASKS.search(line)))
    for piece in pieces:
        start = source.rfind(b"\n", 0, piece.start) + 1
        end = source.find(b"\n", start)
        line = source[start : end if end >= 0 else len(source)]
        if line.lstrip().startswith(b"#") or followed.covers(piece.start, piece.end):
            continue
        asked = asking.decides(line)
        if asked or piece.always:
            place = Place(path, source.count(b"\n", 0, piece.start) + 1, piece.start - start + 1)
            severity = Severity.DECISION if asked else Severity.REVIEW
            old = piece.old.decode("utf-8", "backslashreplace")
            yield Finding(id, severity, place, f"{old} {piece.why}", _CURE)


@dataclass(slots=True)
class _Asking:
    """lines: those that ask something. Each variable is looked up once."""

    lines: tuple[bytes, ...]
    _known: dict[bytes, bool] = field(default_factory=dict)

    def decides(self, line: bytes) -> bool:
        """Tell whether a line asks something, or keeps a value in a variable that another line asks about."""
        assigned = re.match(rb"\s*([A-Za-z_]\w*)\s*=(?!=)", line)
        if assigned is None:
            return _ASKS.search(line) is not None
        if _ASKS.search(line[assigned.end() :]):
            return True
        variable = assigned.group(1)
        if variable not in self._known:
            uses = re.compile(rb"(?<![\w.])" + re.escape(variable) + rb"(?!\w)")
            self._known[variable] = any(uses.search(other) for other in self.lines if other != line)
        return self._known[variable]


def _cut(source: bytes, names: Names) -> Iterator[Piece]:
    for match in _SLICE.finditer(source):
        start, end = (int(number) if number else None for number in match.group(2, 3))
        if (start, end) != (None, None) and not _LIST.match(match.group(1)):
            yield from _held(source, match, names, partial(_slice, start, end))
    for match in _SPLIT.finditer(source):
        if not _LIST.match(match.group(1)):
            yield from _held(source, match, names, partial(_field, match))
    for match in _TAKEN_OFF.finditer(source):
        if not _LIST.match(match.group(1)):
            yield from _held(source, match, names, partial(_taken_off, match.group(2), match.group(3)))


def _held(source: bytes, match: re.Match[bytes], names: Names, cut: Callable[[bytes], bytes]) -> Iterator[Piece]:
    """Only of what may hold a name: an argument, an option, a variable that is given one of these, or is called so."""
    operand = match.group(1)
    last = re.escape(operand.split(b".")[-1])
    given = rb"(?<![\w.])" + last + rb"\b[^=\n]*=[^=\n]*(?:argv|environ|\bargs\b|input\(|readline|split)"
    if b"argv" in operand or re.search(rb"name|inst|vrrp|iface", operand, re.I) or re.search(given, source):
        yield from where_it_differs(match, operand, names, cut)


def _slice(start: int | None, end: int | None, name: bytes) -> bytes:
    return name[start:end]


def _field(match: re.Match[bytes], name: bytes) -> bytes:
    _, right, how, separator, most, number = match.groups()
    if how == b"partition":
        fields = list(name.rpartition(separator) if right else name.partition(separator))
    else:
        fields = (name.rsplit if right else name.split)(separator, int(most) if most else -1)
    at = int(number)
    return fields[at] if -len(fields) <= at < len(fields) else b""


def _taken_off(method: bytes, text: bytes, name: bytes) -> bytes:
    if method == b"replace":
        return name.replace(text, b"")
    taken: bytes = getattr(name, method.decode())(text)
    return taken


def _told_apart(source: bytes, names: Names) -> Iterator[Piece]:
    for match in _MATCHED.finditer(source):
        expression = compiled(match.group(3), names)
        method = match.group(1).decode()
        if expression is not None:
            ask = getattr(expression, "match" if method == "compile" else method)
            yield from where_it_is_told_apart(match, names, partial(_accepts, ask))
        elif takes_too_long(match.group(3), all_of(names)):
            yield from where_it_cannot_be_tried(match, names)
    for match in _AFFIX.finditer(source):
        method, text = match.group(1).decode(), match.group(2)
        yield from where_it_is_told_apart(match, names, partial(_has, method, text))


def _accepts(ask: Callable[[bytes], re.Match[bytes] | None], name: bytes) -> bool:
    return ask(name) is not None


def _has(method: str, text: bytes, name: bytes) -> bool:
    return bool(getattr(name, method)(text))


def _built(source: bytes, names: Names) -> Iterator[Piece]:
    """`"VI_%d" % n`, f"VI_{n}", `"VI_" + n`, `PREFIX + "1"`; and the same with the name in it: `"on_" + name`."""
    constants = dict(_SET.findall(source))
    by_name = any(way in source for way in (b"getattr", b"globals(", b"locals(", b"vars(", b"__dict__"))
    joined = Joined(source if by_name else b"\n".join(text for _, text in _LITERAL.findall(source)), names)
    for match in _FILLED.finditer(source):
        text = match.group(2) if match.group(2) is not None else match.group(4)
        parts = _FIELD.split(text)
        if len(parts) > 1:
            yield from where_it_is_built(match, parts, names)
        if len(parts) == 2:
            yield from where_it_is_put_in(match, source, parts[0], parts[1], b"", names)
        said = [re.escape(part) for part in parts]
        for number in range(1, len(said)) if 2 < len(said) < 12 else ():
            before, after = SOMETHING.join(said[:number]), SOMETHING.join(said[number:])
            yield from joined.where_it_is_made(match, before, after)
    for match in _BETWEEN.finditer(source):
        between = re.escape(match.group(1) or match.group(2) or b"")
        yield from joined.where_it_is_made(match, b"", between + SOMETHING)
        yield from joined.where_it_is_made(match, SOMETHING + between, b"")
    for match in _SUM.finditer(source):
        before, _, variable, after = match.groups()
        if before is not None:
            yield from where_it_is_built(match, (before, b""), names)
            yield from where_it_is_put_in(match, source, before, b"", b"", names)
        elif variable in constants:
            yield from where_it_is_built(match, (constants[variable] + after,), names)
        else:
            yield from where_it_is_built(match, (b"", after), names)
            yield from where_it_is_put_in(match, source, b"", after, b"", names)
