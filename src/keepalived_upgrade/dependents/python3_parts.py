"""The parts of a libcst node, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst


def parts_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Give a node and everything in it."""
    yield node
    for child in node.children:
        yield from parts_of(child)


def called(node: cst.CSTNode) -> str:
    """Give the name of a variable, the name of an attribute after a dot, or nothing."""
    if isinstance(node, cst.Attribute):
        return f".{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def assigned_names(target: cst.CSTNode) -> Iterator[str]:
    """Give what an assignment gives a value to: `a`, `.b` of `self.b`, both of `a, b`."""
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from assigned_names(element.value)
    elif called(target):
        yield called(target)


def dotted(node: cst.CSTNode) -> str:
    """Give a dotted name as it is written: `a.b`."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
