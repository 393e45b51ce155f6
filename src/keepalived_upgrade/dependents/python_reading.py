"""What a Python script does with the words it is given: the literals it compares them with, what it does for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.operands import Given, HandedOn, Holds, Reading, Tested, regex_globs
from keepalived_upgrade.dependents.python_general import does_something
from keepalived_upgrade.dependents.python_operands import PythonScript
from keepalived_upgrade.dependents.python_parts import called
from keepalived_upgrade.dependents.python_tree import COLLECTIONS, text_of, value_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_MATCHING = (b"match", b"search", b"fullmatch")
_RUNNING = (b"call", b"check_call", b"check_output", b"run", b"Popen")


def read_python(source: bytes, named: Iterable[Given] = ()) -> Reading:
    """Read a script of either Python. named: the words that are names, for Reading.general."""
    script = PythonScript(source)
    unread = min((node.start_byte for node in script.nodes if node.type == "ERROR" or node.is_missing), default=None)
    wanted = frozenset(named)
    found = [test for node in script.nodes for test in _tests(script, node)]
    tests = [test for test in found if unread is None or test.start < unread]
    opaque = any(holds.words & wanted for node in script.nodes for holds in _opaque(script, node))
    return Reading(
        tests=tuple(sorted(dict.fromkeys(tests), key=lambda test: test.start)),
        handed=tuple(_handed(script)),
        general=does_something(script, tests, wanted),
        opaque=opaque or unread is not None,
        unread=unread,
    )


def _tests(script: PythonScript, node: Node) -> Iterator[Tested]:
    match node.type:
        case "comparison_operator":
            yield from _comparison(script, node)
        case "subscript":
            base, key = node.child_by_field_name("value"), node.child_by_field_name("subscript")
            if base is not None and key is not None:
                yield from _looked_up(script, base, key)
        case "call":
            yield from _call(script, node)
        case "match_statement":
            yield from _match(script, node)


def _comparison(script: PythonScript, node: Node) -> Iterator[Tested]:
    operators = node.children_by_field_name("operators")
    sides = [child for child in node.named_children if child.type != "comment"]
    if len(operators) != 1 or len(sides) != 2:
        return
    left, right = sides
    operator = b" ".join(text_of(operators[0]).split())
    if operator in (b"==", b"!=", b"<>"):
        for literal, other in ((left, right), (right, left)):
            value = value_of(literal)
            if value is not None:
                yield Tested(value, False, script.holds(other), literal.start_byte)
            elif value_of(other) is None:
                yield from _constants(script.holds(other), script.holds(literal), literal)
    elif operator in (b"in", b"not in"):
        yield from _looked_up(script, right, left)


def _constants(operand: Holds, constant: Holds, place: Node) -> Iterator[Tested]:
    if operand.words and constant.certain and not constant.words:
        yield from (Tested(value, False, operand, place.start_byte) for value in sorted(constant.also))


def _looked_up(script: PythonScript, collection: Node, key: Node) -> Iterator[Tested]:
    """`key in NAMES`, `NAMES[key]`: each literal in NAMES is compared with the key."""
    held = script.literal(collection, (*COLLECTIONS, "dictionary"))
    if held is None or value_of(key) is not None:
        return
    operand = script.holds(key)
    for item in held.named_children:
        literal = item.child_by_field_name("key") if item.type == "pair" else item
        value = value_of(literal) if literal is not None else None
        if value is not None and literal is not None:
            yield Tested(value, False, operand, literal.start_byte)


def _call(script: PythonScript, node: Node) -> Iterator[Tested]:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    base = function.child_by_field_name("object") if function is not None and function.type == "attribute" else None
    if base is None or not given:
        return
    name = called(node)
    if name in (b"get", b"has_key"):
        yield from _looked_up(script, base, given[0])
    elif name in (b"startswith", b"endswith"):
        for literal in given[0].named_children if given[0].type == "tuple" else [given[0]]:
            value = value_of(literal)
            if value:
                glob = value + b"*" if name == b"startswith" else b"*" + value
                yield Tested(glob, True, script.holds(base), literal.start_byte)
    elif name in _MATCHING and text_of(base) == b"re" and len(given) > 1:
        for glob in _regex(name, given[0]):
            yield Tested(glob, True, script.holds(given[1]), given[0].start_byte)


def _regex(function: bytes, literal: Node) -> list[bytes]:
    text = value_of(literal)
    if text is None:
        return []
    begin = b"" if function == b"search" or text.startswith(b"^") else b"^"
    end = b"$" if function == b"fullmatch" and not text.endswith(b"$") else b""
    return list(regex_globs(begin + text + end))


def _match(script: PythonScript, node: Node) -> Iterator[Tested]:
    subjects = node.children_by_field_name("subject")
    body = node.child_by_field_name("body")
    if len(subjects) != 1 or body is None:
        return
    operand = script.holds(subjects[0])
    for clause in body.named_children:
        for pattern in (child for child in clause.named_children if child.type == "case_pattern"):
            for literal in walk(pattern):
                value = value_of(literal)
                if value is not None:
                    yield Tested(value, False, operand, literal.start_byte)


def _opaque(script: PythonScript, node: Node) -> Iterator[Holds]:
    """The operands of tests that cannot be read: expressions that are not simple, collections that are computed."""
    if node.type == "call" and called(node) in _MATCHING:
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        if len(given) > 1 and not _regex(called(node), given[0]):
            yield script.holds(given[1])
        elif len(given) == 1:
            yield script.holds(given[0])
    elif node.type == "comparison_operator":
        sides = node.named_children
        operators = b" ".join(text_of(operator) for operator in node.children_by_field_name("operators")).split()
        if len(sides) == 2 and b"in" in operators and script.literal(sides[1], (*COLLECTIONS, "dictionary")) is None:
            yield script.holds(sides[0])
    elif node.type == "subscript":
        base, key = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if base is None or key is None or key.type not in ("identifier", "attribute"):
            return
        if script.literal(base, ("dictionary",)) is None:
            yield script.holds(key)


def _handed(script: PythonScript) -> Iterator[HandedOn]:
    """`subprocess.call(["/x.sh", name, state])`."""
    for name in _RUNNING:
        for call in script.calls.get(name, ()):
            arguments = call.child_by_field_name("arguments")
            first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
            items = first.named_children if first is not None and first.type in COLLECTIONS else []
            path = value_of(items[0]) if items else None
            if path is not None and path.startswith(b"/"):
                yield HandedOn(path.decode("utf-8", "surrogateescape"), tuple(script.holds(item) for item in items[1:]))
