"""The parts of calls, functions and assignments, as tree-sitter reads either Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.python_tree import COLLECTIONS, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TARGETS = ("pattern_list", "tuple_pattern", "list_pattern")


def called(call: Node) -> bytes:
    """Give the name of the function that is called, without what stands before its dot."""
    return text_of(call.child_by_field_name("function")).rpartition(b".")[2]


def arguments_of(call: Node) -> list[Node]:
    arguments = call.child_by_field_name("arguments")
    return [a for a in arguments.named_children if a.type != "comment"] if arguments is not None else []


def parameters_of(function: Node) -> list[tuple[bytes, Node | None]]:
    """Each (name, default) of a function's parameters, without the `self` of a method."""
    found: list[tuple[bytes, Node | None]] = []
    parameters = function.child_by_field_name("parameters")
    for node in parameters.named_children if parameters is not None else ():
        if node.type == "identifier":
            found.append((text_of(node), None))
        elif node.type in ("default_parameter", "typed_default_parameter"):
            found.append((text_of(node.child_by_field_name("name")), node.child_by_field_name("value")))
        elif node.type == "typed_parameter" and node.named_children:
            found.append((text_of(node.named_children[0]), None))
    return found[1:] if found and found[0][0] in (b"self", b"cls") else found


def assignments_of(node: Node) -> Iterator[tuple[Node, Node | None, int | None]]:
    """Each (target, value, index): the variable gets the value, or its element of that index; None: it is not known."""
    if node.type in ("assignment", "named_expression"):
        left = node.child_by_field_name("left") or node.child_by_field_name("name")
        right = node.child_by_field_name("right") or node.child_by_field_name("value")
        if left is None or right is None:
            return
        if left.type not in _TARGETS:
            yield left, right, None
            return
        starred = False
        for index, target in enumerate(left.named_children):
            starred = starred or target.type == "list_splat_pattern"
            yield target, None if starred else right, index
    elif node.type == "augmented_assignment":
        left = node.child_by_field_name("left")
        if left is not None:
            yield left, None, None
    elif node.type in ("for_statement", "for_in_clause"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        targets = left.named_children if left is not None and left.type in _TARGETS else [left]
        if left is not None and left.type == "identifier" and right is not None and right.type in COLLECTIONS:
            yield from ((left, item, None) for item in right.named_children)
            return
        yield from ((target, None, None) for target in targets if target is not None)
    elif node.type == "as_pattern_target":
        yield from ((target, None, None) for target in node.named_children)
