"""Texts that Python 3 puts together and compares: `f"{kind}/{name}" == "INSTANCE/GW"` tests the name in a part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.python3_tree import Tree

# A text as the parts it is put together from: what is written down, and expressions.
Template = tuple[bytes | cst.CSTNode, ...]
_MOST_PARTS = 8
_LONGEST = 256


def spread_text(tree: Tree, value: bytes, other: cst.CSTNode) -> tuple[bytes, tuple[bytes, ...]] | None:
    """Give (old name, what the text must be compared with now) for a literal that a text put together is compared with.

    value: what the literal says. other: the text, or a variable that holds it. None where the old name is not exactly
    what one of the text's expressions gives, or where that expression cuts or changes a name, or may hold one.
    """
    template = _template(tree, _behind(tree, other))
    expressions = [part for part in template or () if not isinstance(part, bytes)]
    if not template or not expressions or len(template) == 1:
        return None
    at = _name_at(tree, template, value)
    if at is None:
        return None
    number, (start, end) = at
    if tree.reshapes(expressions[number]) or tree.holds_name(expressions[number]):
        return None
    old = value[start:end]
    return old, tuple(value[:start] + new + value[end:] for new in tree.names[old])


def _name_at(tree: Tree, template: Template, value: bytes) -> tuple[int, tuple[int, int]] | None:
    """The number of the expression that gives a name, and its place in the value; None where that cannot be told."""
    if len(template) > _MOST_PARTS or len(value) > _LONGEST:
        return None  # it would be tried in too many ways
    spans = []
    for greedy in (b"(.*)", b"(.*?)"):
        pattern = b"".join(re.escape(part) if isinstance(part, bytes) else greedy for part in template)
        match = re.fullmatch(pattern, value, re.DOTALL)
        if match is None:
            return None
        spans.append(match.regs[1:])
    if spans[0] != spans[1]:
        return None  # more than one way to take the value to pieces
    found = [(number, span) for number, span in enumerate(spans[0]) if value[slice(*span)] in tree.names]
    return found[0] if len(found) == 1 else None


def _behind(tree: Tree, node: cst.CSTNode) -> cst.CSTNode:
    """What a variable is assigned, once and before it is used; any other node as it is."""
    if not isinstance(node, cst.Name):
        return node
    scope = tree.scopes.get(node)
    for assigned in scope[node.value] if scope is not None else ():
        target = tree.parents.get(getattr(assigned, "node", None))
        assign = tree.parents.get(target)
        if isinstance(assign, cst.Assign) and node in tree.uses(assign):
            return assign.value
    return node


def _template(tree: Tree, node: cst.CSTNode) -> Template | None:
    """Take a text to its parts; None where it is put together in a way that is not known here."""
    parts = list(_parts(tree, node))
    if any(part is None for part in parts):
        return None
    return tuple(part for part in parts if part is not None)


def _parts(tree: Tree, node: cst.CSTNode) -> Iterator[bytes | cst.CSTNode | None]:
    if isinstance(node, cst.SimpleString):
        yield tree.value(node)
    elif isinstance(node, cst.FormattedString):
        for part in node.parts:
            yield _formatted(part)
    elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        yield from _parts(tree, node.left)
        yield from _parts(tree, node.right)
    elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
        right = node.right
        values = [item.value for item in right.elements] if isinstance(right, cst.Tuple) else [right]
        yield from _filled(tree.value(node.left), b"%s", values)
    elif isinstance(node, cst.Call):
        yield from _called(tree, node)
    elif isinstance(node, (cst.Name, cst.Attribute, cst.Subscript)):
        yield node
    else:
        yield None


def _called(tree: Tree, call: cst.Call) -> Iterator[bytes | cst.CSTNode | None]:
    function, values = call.func, [argument.value for argument in call.args]
    plain = all(argument.keyword is None and not argument.star for argument in call.args)
    if isinstance(function, cst.Attribute) and function.attr.value == "format" and plain:
        yield from _filled(tree.value(function.value), b"{}", values)
    elif isinstance(function, cst.Name) and function.value == "str" and len(values) == 1 and plain:
        yield values[0]
    else:
        yield None


def _formatted(part: cst.BaseFormattedStringContent) -> bytes | cst.CSTNode | None:
    if isinstance(part, cst.FormattedStringText):
        plain = not set(part.value) & set("\\{}")
        return part.value.encode() if plain else None
    if isinstance(part, cst.FormattedStringExpression) and not (part.conversion or part.format_spec or part.equal):
        return part.expression
    return None


def _filled(text: bytes | None, field: bytes, values: list[cst.BaseExpression]) -> Iterator[bytes | cst.CSTNode | None]:
    """The parts of a text whose fields are filled in their order."""
    if text is not None and field == b"{}":  # `{0}-{1}`: the numbers say the order that `{}` has
        numbers = re.findall(rb"\{(\d)\}", text)
        if numbers == [b"%d" % number for number in range(len(numbers))]:
            text = re.sub(rb"\{\d\}", field, text)
    pieces = text.split(field) if text is not None else []
    if len(pieces) != len(values) + 1 or any(set(piece) & set(b"{}%") for piece in pieces):
        yield None
        return
    for piece, value in zip(pieces, [*values, None], strict=True):
        yield piece
        if value is not None:
            yield value
