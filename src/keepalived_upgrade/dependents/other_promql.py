"""Label matchers of Prometheus: `iname="GW"` made to match each new name, where nothing else changes by it.

Prometheus and Alertmanager anchor the expressions of `=~` and `!~` at both ends, so `GW_v4|GW_v6` matches two names.
`iname` is the label under which the exporter of keepalived gives the name of an instance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.dependents.mentions import Names, mention_pattern

LABEL = b"iname"
_TOKEN = re.compile(
    rb"(?P<comment>#[^\n]*)|(?P<string>\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|`[^`]*+`)|(?P<word>[A-Za-z_:][\w:]*+)"
    rb"|(?P<operator>=~|!~|!=|==|=)|(?P<brace>[{}])|(?P<other>[^\s])",
    re.DOTALL,
)
# What makes of several series one, or pairs one with one: with two names in the place of one, its result changes.
_AGGREGATES = re.compile(
    rb"\b(?:sum|count|avg|min|max|group|stddev|stdvar|topk|bottomk|quantile|count_values|limitk|limit_ratio)\b"
    rb"(?=\s*(?:\(|by\b|without\b))"
)
_GROUPING = re.compile(rb"\b(by|without|on|ignoring)\s*\(([^()]*)\)")
_ONE_FOR_ALL = re.compile(rb"\b(?:absent|absent_over_time|scalar|label_replace|label_join)\s*\(")
_ONE_OF_SEVERAL = "the expression makes one value of several series, or pairs or records them"
_PLAIN = re.compile(rb"[\w.-]+")
_ALTERNATIVES = re.compile(rb"(\^?)(\((?:\?:)?)?([^()\[\]{}\\^$]+)(?(2)\))(\$?)")


@dataclass(frozen=True, slots=True)
class Matcher:
    """label operator "value": the operator at bytes at to at_end, the value inside its quotes at start to end."""

    label: bytes
    operator: bytes
    at: int
    at_end: int
    value: bytes
    start: int
    end: int
    quote: bytes


@dataclass(frozen=True, slots=True)
class Rewritten:
    """replaced: (start, end, new) in the text. settled: spans that accept every name, before or after.

    refused: why nothing is replaced, or "". wanted: the matchers to write by hand then.
    """

    replaced: tuple[tuple[int, int, bytes], ...] = ()
    settled: tuple[tuple[int, int], ...] = ()
    refused: str = ""
    wanted: tuple[bytes, ...] = ()


def rewrite_matchers(text: bytes, names: Names, *, inside: bool = False, recorded: bool = False) -> Rewritten:
    """Make the matchers of a PromQL expression accept the new names. All of them, or none with the reason.

    inside: the text is what stands between braces, as in Alertmanager's `matchers`. recorded: the result is kept as
    a series of its own, and what is made of that is not known. Raises nothing.
    """
    replaced: list[tuple[int, int, bytes]] = []
    settled: list[tuple[int, int]] = []
    wanted: list[bytes] = []
    refused = ""
    for matcher in _matchers(text, inside):
        if matcher.label != LABEL or not mention_pattern(names).search(matcher.value):
            continue
        operator, value = _accepting(matcher, names)
        if value is None:
            refused = refused or "it cannot be told what this expression matches"
            continue
        settled.append((matcher.start, matcher.end))
        if (operator, value) == (matcher.operator, matcher.value):
            continue
        written = _escaped(value, matcher.quote)
        wanted.append(LABEL + operator + matcher.quote + written + matcher.quote)
        more = b"|" in value and operator == b"=~"
        if more and not inside and (recorded or not _keeps_apart(text)):
            refused = refused or _ONE_OF_SEVERAL
        if operator != matcher.operator:
            replaced.append((matcher.at, matcher.at_end, operator))
        replaced.append((matcher.start, matcher.end, written))
    if refused:
        return Rewritten(refused=refused, wanted=tuple(dict.fromkeys(wanted)))
    return Rewritten(tuple(replaced), tuple(settled))


def _matchers(text: bytes, inside: bool) -> Iterator[Matcher]:
    depth = int(inside)
    last: list[re.Match[bytes]] = []
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "brace":
            depth += 1 if token.group() == b"{" else -1
        if kind == "string" and depth > 0 and [t.lastgroup for t in last] == ["word", "operator"]:
            word, operator = last
            yield Matcher(
                word.group(),
                operator.group(),
                operator.start(),
                operator.end(),
                token.group()[1:-1],
                token.start() + 1,
                token.end() - 1,
                token.group()[:1],
            )
        last = [*last, token][-2:]


def _accepting(matcher: Matcher, names: Names) -> tuple[bytes, bytes | None]:
    """Give the operator and the value (as an expression means it) that accept the new names; None: cannot be told."""
    if b"\\" in matcher.value or matcher.operator == b"==":
        return matcher.operator, None
    if matcher.operator in (b"=", b"!="):
        new = names.get(matcher.value)
        if new is None or not all(_PLAIN.fullmatch(name) for name in new):
            return matcher.operator, None
        if len(new) == 1:
            return matcher.operator, new[0]
        return (b"=~" if matcher.operator == b"=" else b"!~"), b"|".join(map(re.escape, new))
    return matcher.operator, _accepting_expression(matcher.value, names)


def _accepting_expression(value: bytes, names: Names) -> bytes | None:
    parsed = _ALTERNATIVES.fullmatch(value)
    try:
        expression = re.compile(value)
    except (re.error, OverflowError, RecursionError):
        return None
    if parsed is None:
        return None
    # `^A|B$` is two expressions with one anchor each; both are anchored anyway, but their reading is not ours to mend.
    if b"|" in parsed.group(3) and not parsed.group(2) and (parsed.group(1) or parsed.group(4)):
        return None
    accepted: list[bytes] = []
    for alternative in parsed.group(3).split(b"|"):
        new = names.get(alternative)
        if new is not None and not all(_PLAIN.fullmatch(name) for name in new):
            return None
        accepted += [alternative] if new is None else map(re.escape, new)
    accepted = list(dict.fromkeys(accepted))
    joined = b"|".join(accepted)
    if joined != parsed.group(3):
        opening = parsed.group(2) or b""
        written = parsed.group(1) + opening + joined + (b")" if opening else b"") + parsed.group(4)
        if len(accepted) > 1 and not opening and (parsed.group(1) or parsed.group(4)):
            written = parsed.group(1) + b"(" + joined + b")" + parsed.group(4)
    else:
        written = value
    after = re.compile(written)
    for old, new in names.items():
        # Every name that was matched is, under each new name; none that was not has come in.
        if any((after.fullmatch(name) is not None) != (expression.fullmatch(old) is not None) for name in new):
            return None
    return written


def _escaped(value: bytes, quote: bytes) -> bytes:
    """Spell an expression inside PromQL quotes: backslashes count twice but between back quotes."""
    return value if quote == b"`" else value.replace(b"\\", b"\\\\")


def _keeps_apart(text: bytes) -> bool:
    """Tell whether every series keeps a result of its own: each grouping keeps the name of the instance."""
    code = _TOKEN.sub(lambda token: b'""' if token.lastgroup in ("string", "comment") else token.group(), text)
    groupings = _GROUPING.findall(code)
    for word, labels in groupings:
        if (LABEL in re.findall(rb"\w+", labels)) != (word in (b"by", b"on")):
            return False
    grouped = sum(word in (b"by", b"without") for word, _ in groupings)
    return len(_AGGREGATES.findall(code)) <= grouped and not _ONE_FOR_ALL.search(code)
