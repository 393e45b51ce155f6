"""What a Python 3 script cuts out of a name or changes in it before it tests it: `name[:2]`, `name.split("_")[0]`.

A test of such a text is never rewritten: `name[:2] == "GW"` accepts GW_v4 as it is, and would not any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from keepalived_upgrade.dependents.python3_parts import assigned_names, called, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CHANGING = frozenset(
    ("upper", "lower", "title", "capitalize", "swapcase", "casefold", "replace", "translate", "sub", "subn")
) | frozenset(("removeprefix", "removesuffix", "group", "groups", "findall", "zfill", "ljust", "rjust"))
# Without an argument they go by blanks, and no name holds one.
_CUTTING = frozenset(("split", "rsplit", "partition", "rpartition", "strip", "lstrip", "rstrip"))
# What the host is called, and who runs the script: it may be called like an instance for another reason.
_ELSEWHERE = frozenset(("gethostname", "getfqdn", "uname", "getuser", "getlogin"))
_OF_THE_HOST = frozenset(("HOSTNAME", "USER", "LOGNAME"))
# A piece of these is a list of whole words.
_LISTS = ("argv", "args", "arguments", "parts", "fields", "words")


def find_reshaped(nodes: Iterable[cst.CSTNode]) -> frozenset[str]:
    """Find the variables, and with a dot the attributes, that are given such a text, directly or from one another."""
    listed = list(nodes)
    functions = {node.name.value: node for node in listed if isinstance(node, cst.FunctionDef)}
    leads: dict[str, set[str]] = {}
    pending: list[str] = []
    for value, name in (pair for node in listed for pair in _given(node, functions)):
        parts = list(parts_of(value))
        if any(_cuts(part) for part in parts):
            pending.append(name)
        for part in parts:
            leads.setdefault(called(part), set()).add(name)
    names: set[str] = set()
    while pending:
        name = pending.pop()
        if name and name not in names:
            names.add(name)
            pending += leads.get(name, ())
    return frozenset(names)


def reshapes(value: cst.CSTNode, names: frozenset[str]) -> bool:
    """Tell whether an expression cuts or changes a text, or uses a variable that holds such a one."""
    return any(_cuts(part) or called(part) in names for part in parts_of(value))


def _cuts(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.SimpleString):
        return node.raw_value in _OF_THE_HOST
    if isinstance(node, cst.Subscript):
        sliced = any(isinstance(element.slice, cst.Slice) for element in node.slice)
        return sliced and called(node.value).lstrip(".") not in _LISTS
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    method = node.func.attr.value
    if method in _ELSEWHERE or (method == "node" and called(node.func.value) == "platform"):
        return True
    return method in _CHANGING or (method in _CUTTING and bool(node.args) and not _is_of_quotes(node.args[0].value))


def _is_of_quotes(value: cst.BaseExpression) -> bool:
    """Tell whether only quotes and blanks are taken off: no name holds one, and the fifo puts quotes around names."""
    return isinstance(value, cst.SimpleString) and set(str(value.evaluated_value)) <= set("\"' \t\r\n")


def _given(node: cst.CSTNode, functions: dict[str, cst.FunctionDef]) -> Iterator[tuple[cst.CSTNode, str]]:
    """Each (value, variable): assignments, loops, `:=`, and what a function of the script is called with."""
    if isinstance(node, cst.Assign):
        value = node.value
        if isinstance(value, cst.Subscript) and all(isinstance(t.target, (cst.Tuple, cst.List)) for t in node.targets):
            value = value.value  # `kind, name = words[1:3]` takes a list to pieces, not a text
        yield from ((value, name) for target in node.targets for name in assigned_names(target.target))
    elif isinstance(node, (cst.AnnAssign, cst.NamedExpr, cst.AugAssign)) and node.value is not None:
        yield from ((node.value, name) for name in assigned_names(node.target))
    elif isinstance(node, (cst.For, cst.CompFor)):
        yield from ((node.iter, name) for name in assigned_names(node.target))
    elif isinstance(node, cst.Call):
        function = functions.get(called(node.func).lstrip("."))
        parameters = (*function.params.params, *function.params.kwonly_params) if function is not None else ()
        yield from ((argument.value, p.name.value) for argument in node.args for p in parameters)
