"""Variables of a shell script that hold a name: assigned once, and where they are compared."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.shell_tree import Comparison, case_patterns, literal_value, operands, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node


def constants(root: Node) -> dict[bytes, tuple[Node, bytes]]:
    """Variables that are assigned once, at the top, to a literal."""
    seen: dict[bytes, list[tuple[Node, bytes | None]]] = {}
    for node in walk(root):
        if node.type != "variable_assignment":
            continue
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            continue
        top = node.parent is not None and node.parent.type in ("program", "declaration_command", "variable_assignments")
        plain = literal_value(value) if top and name.type == "variable_name" else None
        seen.setdefault(text_of(name), []).append((value, plain))
    return {name: (v[0][0], v[0][1]) for name, v in seen.items() if len(v) == 1 and v[0][1] is not None}


def is_shared(value: Node) -> bool:
    """Tell whether the variable that gets the value is exported where it gets it: other programs may test it."""
    above = value.parent.parent if value.parent is not None else None
    return above is not None and above.type == "declaration_command" and text_of(above).split()[:1] == [b"export"]


def variable_of(node: Node) -> bytes | None:
    """Give the name of the variable that a node is and nothing else."""
    match = re.fullmatch(rb'"?\$(?:(\w+)|\{(\w+)\})"?', text_of(node))
    return (match.group(1) or match.group(2)) if match else None


@dataclass(slots=True)
class Variables:
    """What is done with the variables of a script, by their names: one walk over the tree, however many they are.

    expansions: each that names one. uses: the same, with the quotes where it is all that they hold. comparisons: those
    that are all there is in their `[ ]` or `[[ ]]`. patterns: the case patterns that are one and nothing else.
    """

    expansions: dict[bytes, list[Node]] = field(default_factory=dict)
    uses: dict[bytes, list[Node]] = field(default_factory=dict)
    comparisons: dict[bytes, list[Comparison]] = field(default_factory=dict)
    patterns: dict[bytes, list[Node]] = field(default_factory=dict)
    only_compared: dict[bytes, bool] = field(default_factory=dict)


def variables_in(node: Node) -> Variables:
    """Give what is done with the variables of the script that a node belongs to."""
    while node.parent is not None:
        node = node.parent
    return _variables(node)


@lru_cache(maxsize=2)
def _variables(root: Node) -> Variables:
    found = Variables()
    for node in walk(root):
        if node.type in ("simple_expansion", "expansion"):
            quoted = node.parent is not None and node.parent.type == "string" and variable_of(node.parent) is not None
            for name in set(re.findall(rb"\w+", text_of(node))):
                found.expansions.setdefault(name, []).append(node)
                found.uses.setdefault(name, []).append(node.parent if quoted and node.parent is not None else node)
        elif node.type == "case_item":
            for pattern in case_patterns(node):
                name = variable_of(pattern)
                if name is not None:
                    found.patterns.setdefault(name, []).append(pattern)
        elif node.type == "test_command":
            for compared in _compared_in(node):
                found.comparisons.setdefault(variable_of(compared.literal) or b"", []).append(compared)
    return found


def _compared_in(test: Node) -> Iterator[Comparison]:
    """Give the comparisons of two expansions: "$2" = "$INST"."""
    double = text_of(test).startswith(b"[[")
    for variable in walk(test):
        if variable.type not in ("string", "simple_expansion", "expansion") or variable_of(variable) is None:
            continue
        parent = variable.parent
        if parent is None or parent.type == "string" or parent.parent != test:
            continue
        left, operator, right = (parent.child_by_field_name(part) for part in ("left", "operator", "right"))
        if left is None or right is None or operator is None:
            continue
        negated = left.type == "unary_expression" and text_of(left).startswith(b"!")
        if negated:  # the grammar gives the `!` of `[ ! "$2" = "$I" ]` to the operand
            left = left.children[-1]
        other = right if variable == left else left
        yield Comparison(variable, other, text_of(operator), test, left, right, negated, double)


def variable_comparisons(within: Node, name: bytes) -> Iterator[Comparison]:
    """Give every comparison of the variable that is all there is in its `[ ]` or `[[ ]]`, in a part of a script."""
    found = variables_in(within).comparisons.get(name, [])
    first = bisect_left(found, within.start_byte, key=lambda compared: compared.container.start_byte)
    for compared in islice(found, first, None):
        if compared.container.end_byte > within.end_byte:
            return
        yield compared


def only_compared(root: Node, name: bytes) -> bool:
    """Tell whether every use of a variable is an operand of a simple test or a case pattern."""
    found = variables_in(root)
    if name not in found.only_compared:
        known = compared_uses(root, name)
        uses = [use.start_byte for use in uses_of(root, name)]
        found.only_compared[name] = bool(uses) and all(use in known for use in uses)
    return found.only_compared[name]


def compared_uses(root: Node, name: bytes) -> set[int]:
    """Give where the variable, with its quotes, is an operand of a simple test or a case pattern."""
    compared = {c.literal.start_byte for c in variable_comparisons(root, name) if c.operator in (b"=", b"==", b"!=")}
    return compared | {pattern.start_byte for pattern in patterns_of(root, name)}


def patterns_of(root: Node, name: bytes) -> list[Node]:
    """Give each case pattern that is the variable and nothing else."""
    return variables_in(root).patterns.get(name, [])


def uses_of(root: Node, name: bytes) -> list[Node]:
    """Give each expansion that names the variable, with the quotes where it is all that they hold."""
    return variables_in(root).uses.get(name, [])


def word_places(said: bytes) -> dict[bytes, list[int]]:
    """Give where each word of a text begins."""
    places: dict[bytes, list[int]] = {}
    for match in re.finditer(rb"\w+", said):
        places.setdefault(match.group(), []).append(match.start())
    return places


def without_comments(root: Node, source: bytes) -> bytes:
    """Give the source with its comments blanked out; every byte keeps its place."""
    text = bytearray(source)
    for node in walk(root):
        if node.type == "comment":
            text[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return bytes(text)


def quote_like(node: Node, name: bytes) -> bytes:
    """Give the name, in quotes if the node is, or if the shell would read something in it."""
    if not text_of(node).startswith(b'"') and re.fullmatch(rb"[\w.:@%+,/-]+", name):
        return name
    return b'"' + re.sub(rb'(["$`\\])', rb"\\\1", name) + b'"'


def regexes(test: Node) -> Iterator[Node]:
    """Give the right side of each `$x =~ …` in a `[[ ]]` that matches one variable and nothing else."""
    tokens = list(operands(test))
    for index in range(1, len(tokens) - 1):
        if text_of(tokens[index]) == b"=~" and variable_of(tokens[index - 1]) is not None:
            yield tokens[index + 1]
