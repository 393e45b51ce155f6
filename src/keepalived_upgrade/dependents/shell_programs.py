"""Names inside other programs' arguments, in defaults and in calls of the script's own functions.

The languages of awk, sed and expr are not read here, so a name in them is for a person. A call of a function that only
compares is a test, and is followed like one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.shell_steps import Change, Step, both, change, mentioned_in, refuse
from keepalived_upgrade.dependents.shell_tree import PRINTERS, literal_value, respell, show, text_of, walk
from keepalived_upgrade.dependents.shell_variables import variable_of

if TYPE_CHECKING:
    from tree_sitter import Node

_LANGUAGES = {
    b"awk": "an awk program or a value for it",
    b"gawk": "an awk program or a value for it",
    b"mawk": "an awk program or a value for it",
    b"sed": "a sed program or its file",
    b"perl": "a perl program or a value for it",
    b"expr": "an expression of expr, whose result is also what it prints",
}
_DEFAULTS = frozenset((":-", ":=", "-", "="))
_EQUAL = frozenset((b"=", b"=="))


def program_steps(root: Node, names: Names) -> Iterator[Step]:
    """Refuse each name that is given to a program with a language of its own."""
    for node in walk(root):
        name = node.child_by_field_name("name") if node.type == "command" else None
        language = _LANGUAGES.get(text_of(name).rsplit(b"/", 1)[-1]) if name is not None else None
        if language and mentioned_in(node, names):
            yield refuse(
                node,
                f"stands in {language}, which is not rewritten: it would know the old name only",
                "Change the program by hand so that it accepts each new name, then accept this finding.",
            )


def default_steps(root: Node, names: Names) -> Iterator[Step]:
    """Refuse each name that is the value where a parameter has none (`${2:-GW}`): one value cannot become several."""
    for node in walk(root):
        if node.type != "expansion":
            continue
        operator = next((child for child in node.children if child.type in _DEFAULTS), None)
        if operator is None:
            continue
        for child in node.children:
            olds = mentioned_in(child, names) if child.start_byte >= operator.end_byte else []
            if olds:
                yield refuse(child, *_default(names[olds[0]]), id="not-followed")


def _default(new: tuple[bytes, ...]) -> tuple[str, str]:
    cure = "Write the one that is meant where nothing is given, then accept this finding."
    if len(new) == 1:
        why = f"is the value where nothing is given; it is {both(new)} now if it names the instance"
        return why, cure
    why = f"is the value where nothing is given; one value became several ({both(new)}), and a default can be only one"
    return why, cure


def call_steps(root: Node, names: Names) -> Iterator[Step]:
    """Give what becomes of each call of a function of the script that hands over an old name alone."""
    functions = _functions(root)
    for call in (node for node in walk(root) if node.type == "command"):
        name = call.child_by_field_name("name")
        if name is None or text_of(name) not in functions or text_of(name) in PRINTERS:
            continue
        arguments = call.children_by_field_name("argument")
        named = [(argument, said) for argument in arguments if (said := literal_value(argument)) in names and said]
        for argument, old in named:
            before = arguments[: arguments.index(argument)]
            counted = all(is_one_word(word) for word in before)
            asked = _asks(functions[text_of(name)], len(before) + 1) if counted else None
            yield from _of_call(asked, call, argument, old, names[old], len(named) == 1)


def asking_calls(root: Node, variable: bytes) -> list[tuple[Node, Node, bytes]]:
    """Give (call, argument, what joins several calls) where a function that only compares is handed a variable."""
    return _asking_calls(root).get(variable, [])


@lru_cache(maxsize=2)
def _asking_calls(root: Node) -> dict[bytes, list[tuple[Node, Node, bytes]]]:
    found: dict[bytes, list[tuple[Node, Node, bytes]]] = {}
    functions = _functions(root)
    for call in (node for node in walk(root) if node.type == "command") if functions else ():
        name = call.child_by_field_name("name")
        if name is None or text_of(name) not in functions or set(text_of(call)) & set(b"`()"):
            continue
        arguments = call.children_by_field_name("argument")
        if b"=" in text_of(call).split()[0]:
            continue
        for number, argument in enumerate(arguments):
            variable = variable_of(argument)
            alone = sum(variable_of(other) == variable for other in arguments) == 1
            if variable is None or not alone or not all(is_one_word(word) for word in arguments[:number]):
                continue
            joined = _asks(functions[text_of(name)], number + 1)
            if joined is not None:
                found.setdefault(variable, []).append((call, argument, joined))
    return found


def is_one_word(word: Node) -> bool:
    """Tell whether an argument is surely one: a literal, or a variable in quotes; `$x` may be none or several."""
    if word.type in ("simple_expansion", "expansion"):
        return False
    return literal_value(word) is not None or variable_of(word) not in (None, b"@")


def _functions(root: Node) -> dict[bytes, Node | None]:
    """Give the functions of a script by name; None for one that is defined more than once."""
    found: dict[bytes, Node | None] = {}
    for node in walk(root):
        name = node.child_by_field_name("name") if node.type == "function_definition" else None
        if name is not None:
            found[text_of(name)] = None if text_of(name) in found else node
    return found


def _of_call(
    asked: bytes | None, call: Node, argument: Node, old: bytes, new: tuple[bytes, ...], alone: bool
) -> Iterator[Step]:
    """asked: what joins the calls, where the function is one comparison. alone: no other name is handed over."""
    plain = alone and not set(text_of(call)) & set(b"`()") and b"=" not in text_of(call).split()[0]
    if old in new and _called_with(call, argument, new):
        yield change(argument, text_of(argument), old)
    elif asked is not None and len(new) == 1:
        yield change(argument, respell(argument, old, new[0]), old)
    elif asked is not None and plain:
        before = text_of(call)[: argument.start_byte - call.start_byte]
        after = text_of(call)[argument.end_byte - call.start_byte :]
        joined = asked.join(before + respell(argument, old, name) + after for name in new)
        yield Change(call.start_byte, call.end_byte, b"{ " + joined + b"; }", old)
    else:
        called = show(text_of(call.child_by_field_name("name") or call))
        several = f"calling it once for each of {both(new)} could do things twice"
        doubt = several if len(new) > 1 else "it may be called so for another reason"
        yield refuse(
            argument,
            f"is handed to the function {called}, which does more than one comparison with it; {doubt}",
            "Call it with each new name, or with the one that is meant, then accept this finding.",
        )


def _called_with(call: Node, argument: Node, new: tuple[bytes, ...]) -> bool:
    """Tell whether calls beside this one hand over every new name already."""
    around = call.parent
    while around is not None and around.parent is not None and around.parent.type in ("list", "compound_statement"):
        around = around.parent
    if around is None or around.type not in ("list", "compound_statement"):
        return False
    before = text_of(call)[: argument.start_byte - call.start_byte]
    said = {text_of(node) for node in walk(around) if node.type == "command"}
    after = text_of(call)[argument.end_byte - call.start_byte :]
    old = literal_value(argument) or b""
    return all(before + respell(argument, old, name) + after in said for name in new)


def _asks(function: Node | None, position: int) -> bytes | None:
    """Give what joins several calls of a function that is one comparison of that argument; None for any other."""
    body = function.child_by_field_name("body") if function is not None else None
    if body is None or body.type != "compound_statement":
        return None
    statements = [child for child in body.named_children if child.type != "comment"]
    if len(statements) != 1 or statements[0].type != "test_command" or len(statements[0].children) != 3:
        return None
    test = statements[0].children[1]
    left, operator, right = (test.child_by_field_name(field) for field in ("left", "operator", "right"))
    if test.type != "binary_expression" or left is None or operator is None or right is None:
        return None
    mine = b"%d" % position
    compared = (variable_of(left), variable_of(right))
    if compared.count(mine) != 1 or None in compared:
        return None
    if text_of(statements[0]).startswith(b"[[") and variable_of(right) == mine and not text_of(right).startswith(b'"'):
        return None  # an argument that is a pattern
    return b" || " if text_of(operator) in _EQUAL else b" && " if text_of(operator) == b"!=" else None
