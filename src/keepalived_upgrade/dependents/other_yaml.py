"""YAML: the label matchers of Prometheus rules are rewritten in place; everything else is a finding with its key."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.other_mentions import Mention, find_mentions, joined, one_a_line, say, show
from keepalived_upgrade.dependents.other_promql import Rewritten, rewrite_matchers
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import Edit, apply_edits
from keepalived_upgrade.findings import Finding, Severity

if TYPE_CHECKING:
    from yaml import Node, ScalarNode

MIGRATION = "names/prometheus"
_EXPRESSIONS = frozenset(("expr", "match[]"))
_MATCHERS = frozenset(("matchers", "source_matchers", "target_matchers"))
# The reader takes some seconds for a megabyte; what is larger is searched line by line.
_MOST_BYTES = 512 * 1024
_MARKS = re.compile(r"(?:[&!]\S*\s+)+")
_ESCAPE = re.compile(rb"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n[ \t]*|.)", re.DOTALL)
_ESCAPED = {b'\\"': b'"', b"\\\\": b"\\", b"\\/": b"/", b"\\n": b"\n", b"\\t": b"\t"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar at bytes start to end. keys: the way to it. is_key: it is a key. style: its quote, `|`, `>` or ""."""

    start: int
    end: int
    value: str
    keys: tuple[str | int, ...]
    is_key: bool
    style: str

    def where(self) -> str:
        """Give the way to it as `groups[0].rules[1].expr`."""
        shown = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return shown.removeprefix(".") or "the document"


def follow_yaml(path: str, source: bytes, names: Names) -> FollowResult:
    """Rewrite label matchers in `expr`, `match[]` and `matchers`, report every other mention. Raises nothing.

    `expr` is a rule's, `match[]` a federation's, `matchers` and its like are Alertmanager's.
    """
    if not mention_pattern(names).search(source):
        return FollowResult()
    scalars = read_scalars(source)
    if scalars is None:
        return FollowResult((), tuple(_unread(path, source, names)))
    edits: list[Edit] = []
    outcomes: dict[Scalar, Rewritten] = {}
    settled: list[tuple[int, int]] = []
    recorded = {scalar.keys[:-1] for scalar in scalars if scalar.is_key and scalar.keys[-1] == "record"}
    for scalar in scalars:
        key = next((key for key in reversed(scalar.keys) if isinstance(key, str)), "")
        if scalar.is_key or key not in _EXPRESSIONS | _MATCHERS:
            continue
        text, places = _content(source, scalar)
        outcome = outcomes[scalar] = rewrite_matchers(
            text, names, inside=key in _MATCHERS, recorded=scalar.keys[:-1] in recorded
        )
        settled += [(places[start], places[end]) for start, end in outcome.settled]
        edits += [
            Edit(path, places[start], places[end], _spelled(new, scalar.style), MIGRATION, "The rule names each half.")
            for start, end, new in outcome.replaced
        ]
    if edits and not _changes_nothing_else(source, scalars, edits):
        edits, settled = [], []
    findings = _rest(path, source, names, scalars, outcomes, settled)
    return FollowResult(tuple(edits), one_a_line(findings))


def read_scalars(source: bytes) -> tuple[Scalar, ...] | None:
    """Give every scalar of a YAML file in order, None where the bytes are no YAML or too many."""
    import yaml

    if len(source) > _MOST_BYTES:
        return None
    try:
        text = source.decode("utf-8")
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError, OverflowError):
        return None
    found: list[Scalar] = []
    seen: set[int] = set()
    pending: list[tuple[Node, tuple[str | int, ...], bool]] = [(node, (), False) for node in reversed(nodes) if node]
    while pending:
        node, keys, is_key = pending.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            found.append(_scalar(node, keys, is_key, text))
        elif isinstance(node, yaml.SequenceNode):
            pending += [(item, (*keys, n), False) for n, item in reversed(list(enumerate(node.value)))]
        elif isinstance(node, yaml.MappingNode):
            for key, value in reversed(node.value):
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
                pending += [(value, (*keys, name), False), (key, (*keys, name), True)]
    return tuple(found)


def _scalar(node: ScalarNode, keys: tuple[str | int, ...], is_key: bool, text: str) -> Scalar:
    start, end = node.start_mark.index, node.end_mark.index
    marks = _MARKS.match(text, start)
    start = marks.end() if marks else start
    if not text.isascii():
        start, end = len(text[:start].encode()), len(text[:end].encode())
    return Scalar(start, end, str(node.value), keys, is_key, node.style or "")


def _content(source: bytes, scalar: Scalar) -> tuple[bytes, list[int]]:
    """Give what a scalar says, with the place in the source of each of its bytes, and of its end."""
    start, end = scalar.start, scalar.end
    if scalar.style in ("'", '"'):
        start, end = start + 1, end - 1
    elif scalar.style:
        start = source.find(b"\n", start, end) + 1 or end
    text, places, at = bytearray(), list[int](), start
    while at < end:
        step, said = 1, source[at : at + 1]
        if scalar.style == "'" and said == b"'":
            step = 2
        elif scalar.style == '"' and said == b"\\":
            escape = _ESCAPE.match(source, at, end)
            step = len(escape.group()) if escape else 1
            # A line that is broken behind a backslash goes on as if it were not.
            broken = b"\n" in source[at : at + step]
            said = b"" if broken else _ESCAPED.get(source[at : at + step], b" ")
        text += said
        places += [at] * len(said)
        at += step
    return bytes(text), [*places, end]


def _spelled(new: bytes, style: str) -> bytes:
    """Spell new text as a scalar of a style does."""
    if style == "'":
        return new.replace(b"'", b"''")
    return new.replace(b"\\", b"\\\\").replace(b'"', b'\\"') if style == '"' else new


def _changes_nothing_else(source: bytes, before: tuple[Scalar, ...], edits: list[Edit]) -> bool:
    """Read the new text again: the same keys with the same values, but where an edit is."""
    after = read_scalars(apply_edits(source, edits))
    if after is None or len(after) != len(before):
        return False
    for old, new in zip(before, after, strict=True):
        touched = any(old.start <= edit.start and edit.end <= old.end for edit in edits)
        if (old.keys, old.is_key, old.style) != (new.keys, new.is_key, new.style):
            return False
        if not touched and old.value != new.value:
            return False
    return True


def _rest(
    path: str,
    source: bytes,
    names: Names,
    scalars: tuple[Scalar, ...],
    outcomes: dict[Scalar, Rewritten],
    settled: list[tuple[int, int]],
) -> Iterator[Finding]:
    """What mentions a name and is not settled."""
    waiting = iter(sorted(scalars, key=lambda scalar: scalar.start))
    settled = sorted(settled)
    scalar = next(waiting, None)
    for mention in find_mentions(source, names):
        while scalar is not None and scalar.end <= mention.start:
            scalar = next(waiting, None)
        before = bisect.bisect_right(settled, (mention.start, len(source)))
        if before and mention.end <= settled[before - 1][1]:
            continue
        if scalar is None or scalar.start > mention.start:
            yield _outside(path, source, mention)
        else:
            yield _inside(path, mention, scalar, outcomes.get(scalar))


def _outside(path: str, source: bytes, mention: Mention) -> Finding:
    begins = source.rfind(b"\n", 0, mention.start) + 1
    if b"#" in source[begins : mention.start]:
        return say(path, mention, "yaml/comment", Severity.INFO, "said in a comment", "Reword it if it helps.")
    cure = "Change it by hand if it names the instance."
    return say(path, mention, "yaml/mention", Severity.REVIEW, "part of the document's own marks", cure)


def _inside(path: str, mention: Mention, scalar: Scalar, outcome: Rewritten | None) -> Finding:
    both, where = joined(mention.new, "and"), scalar.where()
    whole = scalar.value.encode("utf-8", "surrogatepass") == mention.old
    if scalar.is_key:
        what, cure = f"a key ({where})", f"Give each of {both} an entry of its own."
        return say(path, mention, "yaml/key", Severity.REVIEW, what, cure)
    if outcome is not None and outcome.refused:
        wanted = " and ".join(f"`{show(text)}`" for text in outcome.wanted) or f"a matcher of {both}"
        what = f"matched by a rule that was left alone ({where}): {outcome.refused}"
        cure = f"Write {wanted}, and mend what the expression makes of two series."
        return say(path, mention, "prometheus/expression", Severity.REVIEW, what, cure)
    if whole and scalar.keys and isinstance(scalar.keys[-1], int):
        what, cure = f"an item of a list ({where})", f"List {both} in its place."
        return say(path, mention, "yaml/item", Severity.REVIEW, what, cure)
    if whole:
        what, cure = f"a value ({where})", f"One value would become several: make an entry for each of {both}."
        return say(path, mention, "yaml/value", Severity.REVIEW, what, cure)
    cure = "Change it by hand if it names the instance."
    return say(path, mention, "yaml/text", Severity.REVIEW, f"part of a value ({where})", cure)


def _unread(path: str, source: bytes, names: Names) -> Iterator[Finding]:
    """One finding a line, for what cannot be read as YAML: templates of it, most often."""
    from keepalived_upgrade.dependents.text import follow_text

    yield from follow_text(path, source, names).findings
