"""Parts of a Python script as its syntax tree gives them, and the values that a run knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from keepalived_upgrade.dependents.behaviour_trace import Asked, Value
from keepalived_upgrade.dependents.python_tree import text_of, value_of

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Table:
    """A dict whose keys are all known."""

    keys: frozenset[bytes]


Known: TypeAlias = "Value | Table | tuple[Value | None, ...] | None"
Answer = tuple[bool | None, list[Asked]]


def compare(left: Known, operator: bytes, right: Known) -> Answer:
    """Give the answer of a comparison of two values, and what it asked."""
    if isinstance(left, Value) and operator in (b"in", b"not in") and isinstance(right, (tuple, Table)):
        return asks_member(left, right, operator == b"not in")
    if not (isinstance(left, Value) and isinstance(right, Value)):
        return None, []
    given = left if left.origin else right
    if operator in (b"==", b"!=", b"is", b"is not"):
        same = left.text == right.text
        negated = operator in (b"!=", b"is not")
        return same != negated, [Asked(given.origin, given.text, same and not negated)]
    if is_number(left.text) and is_number(right.text):
        one, other = int(left.text), int(right.text)
        results = {b"<": one < other, b">": one > other, b"<=": one <= other, b">=": one >= other}
        return results.get(operator), [Asked(given.origin, given.text, False)]
    return None, []


def is_number(text: bytes) -> bool:
    """Tell whether a text is a number of a size that is worth a look."""
    return text.isdigit() and len(text) < 9


def asks_member(value: Value, members: tuple[Value | None, ...] | Table, negated: bool) -> Answer:
    """Give the answer to `value in members` (negated: `not in`), and what it asked."""
    texts = members.keys if isinstance(members, Table) else {member.text for member in members if member is not None}
    found = value.text in texts
    if not found and isinstance(members, tuple) and None in members:
        return None, []
    return found != negated, [Asked(value.origin, value.text, found and not negated)]


def command_of(first: Known) -> list[Value]:
    """Give the words of what is run, by the first argument of the call that runs it; none where they are not known."""
    if isinstance(first, Value):
        return [Value(word) for word in first.text.split()]
    if isinstance(first, tuple) and all(word is not None for word in first):
        return [word for word in first if word is not None]
    return []


def sliced(values: tuple[Value | None, ...], text: bytes) -> tuple[Value | None, ...] | None:
    """Give the part of the values that `text`, such as `1:4`, cuts out; None where that is not plain to see."""
    begin, colon, end = text.partition(b":")
    begin, end = begin.strip(), end.strip()
    if not colon or not all(not part or is_number(part) for part in (begin, end)):
        return None
    return values[int(begin or b"0") : int(end) if end else None]


def block_of(node: Node) -> list[Node]:
    """The statements of the first block below a node."""
    block = next((child for child in node.children if child.type == "block"), None)
    return block.named_children if block is not None else []


def alternatives_of(pattern: Node) -> list[bytes | None]:
    """What a `case` names: strings, alone or in a row of alternatives."""
    inner = pattern.named_children
    if len(inner) == 1 and inner[0].type == "union_pattern":
        inner = inner[0].named_children
    return [value_of(child) for child in inner]


def arguments_of(node: Node) -> list[Node]:
    """Give the arguments of a call, those with a keyword left out."""
    given = node.child_by_field_name("arguments")
    named = given.named_children if given is not None else []
    return [n for n in named if n.type not in ("keyword_argument", "comment")]


def parameters_of(function: Node) -> list[Node]:
    """Give the plain parameters of a function."""
    parameters = function.child_by_field_name("parameters")
    return [n for n in parameters.named_children if n.type == "identifier"] if parameters is not None else []


def keyword_of(call: Node, name: bytes) -> Node | None:
    """Give the value of a keyword argument."""
    given = call.child_by_field_name("arguments")
    for node in given.named_children if given is not None else ():
        if node.type == "keyword_argument" and text_of(node.child_by_field_name("name")) == name:
            return node.child_by_field_name("value")
    return None


def table_of(node: Node) -> Table | None:
    """Give the keys of a dict display, where all of them are plain strings."""
    keys = [value_of(key) for pair in node.named_children if (key := pair.child_by_field_name("key"))]
    known = [key for key in keys if key is not None]
    return Table(frozenset(known)) if len(known) == len(node.named_children) else None
