"""Why a mention of a name in Python 3 is left to a person, in words that say what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from keepalived_upgrade.dependents.python3_calls import handed_to
from keepalived_upgrade.dependents.python3_tree import COLLECTIONS, asks_membership
from keepalived_upgrade.dependents.python_mentions import python_mentions

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.python3_tree import Tree


@dataclass(frozen=True, slots=True)
class Reason:
    """why: goes on from "GW "; is_tested: the name is told apart here, so that somebody must decide."""

    start: int
    end: int
    why: str
    is_tested: bool


def reasons_of(tree: Tree) -> Iterator[Reason]:
    """Give a reason for each mention that has one of its own, the inner ones first."""
    mentions = python_mentions(tree.names)
    for node in tree.spans:
        if not isinstance(node, (cst.SimpleString, cst.FormattedStringText, cst.Name)):
            continue
        start, end = tree.span(node)
        if not mentions.search(tree.source[start:end]):
            continue
        found = _keyword(tree, node) if isinstance(node, cst.Name) else _why(tree, node)
        if found:
            yield Reason(start, end, *found)


def _keyword(tree: Tree, node: cst.Name) -> tuple[str, bool] | None:
    argument = tree.parents[node]
    if not isinstance(argument, cst.Arg) or argument.keyword is not node:
        return None
    call = tree.parents[argument]
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value == "dict":
        return "is a key that dict() is given as a keyword", True
    return None


def _why(tree: Tree, node: cst.CSTNode) -> tuple[str, bool] | None:
    built = _built(tree, node)
    if built:
        return built, _is_compared(tree, node)
    parent = tree.parents[node]
    if isinstance(parent, cst.Arg):
        return _argument(tree, parent)
    if isinstance(parent, cst.Param):
        return "is the default of a parameter, and a default is one name only", True
    if isinstance(parent, (cst.BooleanOperation, cst.IfExp)) and _is_kept(tree, parent):
        return "is a value that a condition chooses, and one value cannot become several", True
    if isinstance(parent, cst.NamedExpr):
        return "is kept in a variable here, and not all that is done with it can be followed", True
    if isinstance(parent, cst.Attribute) and _is_compared(tree, node):
        return "is changed by a method, and then compared", True
    if isinstance(parent, cst.MatchMappingElement):
        return "is a key of a pattern, which takes one name only", True
    if isinstance(parent, cst.Element):
        collection = tree.parents[parent]
        if isinstance(collection, COLLECTIONS) and isinstance(tree.parents[collection], (cst.For, cst.CompFor)):
            return "is gone through with others, and what is done would be done for each new name", True
    return _comparison(tree, node, parent)


def _is_kept(tree: Tree, node: cst.CSTNode) -> bool:
    """Tell whether an expression of conditions is what a variable is given or a function gives back."""
    above = next((a for a in tree.above(node) if not isinstance(a, (cst.BooleanOperation, cst.IfExp))), None)
    return isinstance(above, (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.Return))


def _comparison(tree: Tree, node: cst.CSTNode, parent: cst.CSTNode) -> tuple[str, bool] | None:
    if asks_membership(parent):
        return "is searched for a part of it, as the right side of in", True
    if not isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
        return None
    comparison = parent if isinstance(parent, cst.Comparison) else tree.parents[parent]
    if len(comparison.comparisons) > 1:
        return "is compared in a chain", True
    if any(tree.reshapes(side) for side in (comparison.left, *(c.comparator for c in comparison.comparisons))):
        return "is compared with a text that was cut or changed before, or that the host itself says", True
    if comparison.left is node and asks_membership(comparison.comparisons[0]):
        return "is looked for in a text or a list, and a list does not hold it any more", True
    return None


def _argument(tree: Tree, argument: cst.Arg) -> tuple[str, bool] | None:
    call = tree.parents[argument]
    handed = handed_to(tree, argument)
    if handed is not None and handed.compares:
        return f"is handed to the function {handed.function}, which does more than one comparison with it", True
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    if argument.keyword is not None:
        is_default = argument.keyword.value == "default"
        return ("is the default of an option, and a default is one name only", True) if is_default else None
    if isinstance(call.func.value, cst.Name) and call.func.value.value == "re":
        return "stands in a regular expression that may accept more than this name, or is used elsewhere", True
    return None


def _built(tree: Tree, node: cst.CSTNode) -> str:
    """How the text is put together that a literal is a part of, or nothing."""
    parent = tree.parents[node]
    if isinstance(parent, (cst.FormattedString, cst.ConcatenatedString)):
        return "is a part of a text that is put together here"
    if isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, (cst.Add, cst.Modulo)):
        return "is a part of a text that is put together here"
    is_format = isinstance(parent, cst.Attribute) and parent.attr.value == "format"
    return "is a part of a text that format puts together here" if is_format else ""


def _is_compared(tree: Tree, node: cst.CSTNode) -> bool:
    """Tell whether the text that is put together is then compared, looked up or matched."""
    below = node
    for above in tree.above(node):
        if isinstance(above, (cst.Comparison, cst.Index, cst.Match)):
            return True
        if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            return False
        if isinstance(above, cst.Call) and above.func is not below:
            return False
        below = above
    return False
