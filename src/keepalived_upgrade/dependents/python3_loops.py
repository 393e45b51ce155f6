"""Loops over names that only compare them: `any(name == n for n in NAMES)`, where a longer list changes no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from keepalived_upgrade.dependents.python3_parts import parts_of
from keepalived_upgrade.dependents.python3_tree import is_equality

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.python3_tree import Tree


def is_gone_through(tree: Tree, names: cst.CSTNode) -> bool:
    """Tell whether a collection, or its variable, is gone through to compare each item, and for nothing else."""
    loop = tree.parents[names]
    if isinstance(loop, cst.CompFor) and loop.iter is names:
        return _is_any(tree, loop)
    if isinstance(loop, cst.For) and loop.iter is names:
        return _only_compares(tree, loop)
    return False


def _is_any(tree: Tree, loop: cst.CompFor) -> bool:
    """`any(name == n for n in NAMES)`."""
    made = tree.parents[loop]
    argument = tree.parents[made]
    call = tree.parents[argument]
    if not isinstance(made, cst.GeneratorExp) or loop.ifs or loop.inner_for_in or loop.asynchronous:
        return False
    called = isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value == "any"
    return called and _compares(tree, made.elt, loop.target)


def _only_compares(tree: Tree, loop: cst.For) -> bool:
    """`for n in NAMES:` around one `if name == n:` without an else: its body still runs for one item at most."""
    body = loop.body.body
    if loop.asynchronous or len(body) != 1 or not isinstance(body[0], cst.If) or body[0].orelse:
        return False
    test, target = body[0].test, loop.target
    if not isinstance(target, cst.Name) or not _compares(tree, test, target):
        return False
    scope = tree.scopes.get(target)
    assigned = list(scope[target.value]) if scope is not None else []
    return len(assigned) == 1 and len(assigned[0].references) == 1


def _compares(tree: Tree, test: cst.CSTNode, target: cst.CSTNode) -> bool:
    """Tell whether a test is `x == n` with the item on one side, and a value that may be asked often on the other."""
    if not isinstance(target, cst.Name) or not isinstance(test, cst.Comparison) or not is_equality(test):
        return False
    sides = (test.left, test.comparisons[0].comparator)
    others = [side for side in sides if not (isinstance(side, cst.Name) and side.value == target.value)]
    if (
        len(others) != 1
        or not isinstance(test.comparisons[0].operator, cst.Equal)
        or tree.holds_name(others[0])
        or tree.reshapes(others[0])
    ):
        return False
    quiet = (cst.Name, cst.Attribute, cst.Subscript, cst.Index, cst.SubscriptElement, cst.Integer)
    parts = [node for node in parts_of(others[0]) if isinstance(node, (cst.BaseExpression, cst.Index))]
    return all(isinstance(p, quiet) and not (isinstance(p, cst.Name) and p.value == target.value) for p in parts)
