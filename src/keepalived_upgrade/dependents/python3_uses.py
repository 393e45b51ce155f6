"""How Python 3 uses a regular expression: by re.match, re.search or re.fullmatch, at once or once it is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.python3_tree import Tree

_METHODS = ("search", "match", "fullmatch")


def matched_how(tree: Tree, node: cst.SimpleString) -> str | None:
    """Give "search", "match" or "fullmatch" for the literal of an expression that is used in this way only.

    None for any other use, and where the text was cut or changed before.
    """
    call = _call_of(tree, node)
    if call is None or not isinstance(call.func, cst.Attribute) or call.args[0].value is not node:
        return None
    function = call.func
    if not isinstance(function.value, cst.Name) or function.value.value != "re":
        return None
    method = function.attr.value
    if method == "compile" and len(call.args) == 1:
        return _compiled(tree, call)
    plain = method in _METHODS and len(call.args) == 2 and not tree.reshapes(call.args[1].value)
    return method if plain else None


def _compiled(tree: Tree, call: cst.Call) -> str | None:
    """How a compiled expression is used: `re.compile("…").match(x)`, or by a variable that is assigned once."""
    parent = tree.parents[call]
    uses = tree.uses(parent) if isinstance(parent, cst.Assign) else [call]
    methods = {_matches(tree, use) for use in uses}
    return methods.pop() if len(methods) == 1 else None


def _matches(tree: Tree, use: cst.CSTNode) -> str | None:
    attribute = tree.parents[use]
    if not isinstance(attribute, cst.Attribute) or attribute.value is not use or attribute.attr.value not in _METHODS:
        return None
    call = tree.parents[attribute]
    if not isinstance(call, cst.Call) or call.func is not attribute or len(call.args) != 1:
        return None
    return None if tree.reshapes(call.args[0].value) else attribute.attr.value


def _call_of(tree: Tree, node: cst.CSTNode) -> cst.Call | None:
    argument = tree.parents[node]
    call = tree.parents[argument] if isinstance(argument, cst.Arg) else None
    return call if isinstance(call, cst.Call) else None
