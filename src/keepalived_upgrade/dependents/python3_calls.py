"""Names that Python 3 hands to functions of its own: `is_at(name, "GW")`, where the function is one comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from keepalived_upgrade.dependents.python3_parts import parts_of
from keepalived_upgrade.dependents.python3_tree import is_equality

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.python3_tree import Tree

# What may be asked twice: it runs nothing, as far as anybody writes such things.
_QUIET = (cst.Name, cst.Attribute, cst.Subscript, cst.Index, cst.SubscriptElement, cst.SimpleString, cst.Integer)


@dataclass(frozen=True, slots=True)
class Handed:
    """A name in a call of a function of the script. joined: what joins several calls of it, "" where it may not be
    called several times. compares: the function compares the name with something."""

    call: cst.Call
    function: str
    joined: bytes
    compares: bool


def handed_to(tree: Tree, argument: cst.Arg) -> Handed | None:
    """Give what a function of the script does with an argument; None for any other function."""
    call = tree.parents[argument]
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name):
        return None
    function = _function(tree, call.func)
    if function is None:
        return None
    parameter = _parameter(function, call, argument)
    if parameter is None:
        compares = any(isinstance(part, cst.Comparison) for part in parts_of(function.body))
        return Handed(call, call.func.value, b"", compares)
    uses = [node for node in parts_of(function.body) if isinstance(node, cst.Name) and node.value == parameter]
    tests = [use for use in uses if _is_compared(tree, use)]
    if not uses or len(tests) < len(uses) or not all(_is_quiet(one.value) for one in call.args):
        asks = any(isinstance(part, cst.Comparison) and _uses_in(part, uses) for part in parts_of(function.body))
        return Handed(call, call.func.value, b"", asks)
    return Handed(call, call.func.value, _joined(tree, function, tests), True)


def _uses_in(node: cst.CSTNode, uses: list[cst.Name]) -> bool:
    """Tell whether one of the uses stands in a node."""
    return any(part is use for part in parts_of(node) for use in uses)


def _function(tree: Tree, name: cst.Name) -> cst.FunctionDef | None:
    """Give the one function of that name, where nothing else is called so."""
    found = [node for node in tree.every(cst.FunctionDef) if node.name.value == name.value]
    scope = tree.scopes.get(name)
    bound = list(scope[name.value]) if scope is not None else []
    if len(found) != 1 or len(bound) != 1 or found[0].decorators or found[0].asynchronous is not None:
        return None
    return found[0]


def _parameter(function: cst.FunctionDef, call: cst.Call, argument: cst.Arg) -> str | None:
    """Give the parameter that an argument becomes; None where it cannot be told."""
    if any(one.star for one in call.args):
        return None
    if argument.keyword is not None:
        return argument.keyword.value
    parameters = (*function.params.posonly_params, *function.params.params)
    place = next(number for number, one in enumerate(call.args) if one is argument)
    return parameters[place].name.value if place < len(parameters) else None


def _is_compared(tree: Tree, use: cst.CSTNode) -> bool:
    parent = tree.parents[use]
    comparison = tree.parents[parent] if isinstance(parent, cst.ComparisonTarget) else parent
    if not isinstance(comparison, cst.Comparison) or not is_equality(comparison):
        return False
    sides = (comparison.left, comparison.comparisons[0].comparator)
    others = [side for side in sides if side is not use]
    return len(others) == 1 and not (tree.holds_name(others[0]) or tree.reshapes(others[0]))


def _joined(tree: Tree, function: cst.FunctionDef, tests: list[cst.Name]) -> bytes:
    """Give what joins calls of a function that is `return parameter == other`, and nothing for any other."""
    body = [line for line in function.body.body if isinstance(line, cst.SimpleStatementLine)]
    if len(body) < len(function.body.body):
        return b""
    lines = [part for line in body for part in line.body]
    if lines and isinstance(lines[0], cst.Expr) and isinstance(lines[0].value, cst.SimpleString):
        lines = lines[1:]
    if len(lines) != 1 or len(tests) != 1 or not isinstance(lines[0], cst.Return):
        return b""
    comparison = lines[0].value
    if not isinstance(comparison, cst.Comparison) or tests[0] not in tuple(parts_of(comparison)):
        return b""
    if not is_equality(comparison) or not _is_quiet(comparison):
        return b""
    return b" or " if isinstance(comparison.comparisons[0].operator, cst.Equal) else b" and "


def _is_quiet(node: cst.CSTNode) -> bool:
    quiet = (*_QUIET, cst.Comparison)
    return all(isinstance(part, quiet) for part in parts_of(node) if isinstance(part, (cst.BaseExpression, cst.Index)))
