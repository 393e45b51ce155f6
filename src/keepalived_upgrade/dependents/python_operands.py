"""What the operands of a Python script, 2 or 3, may hold: words of sys.argv, and what is assigned from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.operands import MOST_STEPS, NOTHING, UNKNOWN, Given, Holds
from keepalived_upgrade.dependents.python_parts import arguments_of, assignments_of, called, parameters_of
from keepalived_upgrade.dependents.python_tree import COLLECTIONS, parse_python, text_of, value_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

# (source, n): its first element is the nth word of the source.
Sequence = tuple[str, int]
_KEEPING = (b"strip", b"rstrip", b"lstrip", b"decode", b"encode", b"replace")
_QUOTES = frozenset(b"\"' \\nrt")
_WRAPPERS = (b"str", b"unicode", b"bytes", b"fsdecode", b"fsencode")


class PythonScript:
    """A Python script with its functions, their calls, and its variables by the function that assigns them."""

    def __init__(self, source: bytes) -> None:
        self.steps = 0
        self.root = parse_python(source)
        self.nodes = list(walk(self.root))
        self.functions: dict[bytes, list[Node]] = {}
        self.calls: dict[bytes, list[Node]] = {}
        self.assigned: dict[tuple[int, bytes], list[tuple[Node | None, int | None]]] = {}
        self.positionals: list[bytes] = []
        imports = (text_of(node).split() for node in self.nodes if node.type == "import_from_statement")
        self.imports_argv = any(words[:3] == [b"from", b"sys", b"import"] and b"argv" in words for words in imports)
        self.shared = {
            (function.start_byte, text_of(name))
            for node in self.nodes
            if node.type == "global_statement" and (function := self.function_of(node)) is not None
            for name in node.named_children
        }
        for node in self.nodes:
            if node.type == "function_definition":
                self.functions.setdefault(text_of(node.child_by_field_name("name")), []).append(node)
            elif node.type == "call":
                self.calls.setdefault(called(node), []).append(node)
                self._note_positional(node)
            for target, value, index in assignments_of(node):
                self.assigned.setdefault((self._scope(target), text_of(target)), []).append((value, index))

    def holds(self, node: Node) -> Holds:
        """Give what a node may hold."""
        self.steps = 0
        return self._of(node, frozenset())

    def literal(self, node: Node, kinds: tuple[str, ...]) -> Node | None:
        """Give the collection or dict that a node is, or that the variable it names is assigned once."""
        if node.type in kinds:
            return node
        ways = self._ways(node) if node.type == "identifier" else []
        value = ways[0][0] if len(ways) == 1 and ways[0][1] is None else None
        return value if value is not None and value.type in kinds else None

    def function_of(self, node: Node) -> Node | None:
        """Give the function that a node stands in."""
        above = node.parent
        while above is not None and above.type != "function_definition":
            above = above.parent
        return above

    def calls_of(self, function: Node) -> list[Node]:
        """Give the calls of a function; those of its class for the function that makes an object."""
        name = text_of(function.child_by_field_name("name"))
        if name == b"__init__" and function.parent is not None and function.parent.parent is not None:
            name = text_of(function.parent.parent.child_by_field_name("name"))
        return self.calls.get(name, [])

    # -- values -----------------------------------------------------------------------------------------------

    def _of(self, node: Node, seen: frozenset[object]) -> Holds:
        value = value_of(node)
        if value is not None:
            return Holds(also=frozenset((value,)))
        match node.type:
            case "none" | "false":
                return NOTHING
            case "identifier" | "attribute":
                return self._variable(node, seen)
            case "subscript":
                return self._element(node, seen)
            case "call":
                return self._call(node, seen)
            case "parenthesized_expression":
                return self._of(node.named_children[0], seen)
            case "conditional_expression":
                return self._of(node.named_children[0], seen) | self._of(node.named_children[-1], seen)
            case "boolean_operator" if text_of(node.child_by_field_name("operator")) == b"or":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                return self._of(left or node, seen) | self._of(right or node, seen) if left and right else UNKNOWN
        return UNKNOWN

    def _element(self, node: Node, seen: frozenset[object]) -> Holds:
        base, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if base is None or index is None or index.type != "integer":
            return UNKNOWN
        found = self._sequence(base, seen)
        number = int(text_of(index), 0) if text_of(index).isdigit() else 0
        return _given(found, number)

    def _call(self, node: Node, seen: frozenset[object]) -> Holds:
        function, arguments = node.child_by_field_name("function"), arguments_of(node)
        if function is None:
            return UNKNOWN
        if called(node) in _WRAPPERS and arguments:
            return self._of(arguments[0], seen)
        if function.type != "attribute" or called(node) not in _KEEPING:
            return UNKNOWN
        # What is stripped or replaced may be quotes and blanks, nothing that a name could hold.
        texts = [value_of(argument) for argument in arguments]
        plain = called(node) in (b"decode", b"encode") or all(t is not None and set(t) <= _QUOTES for t in texts)
        base = function.child_by_field_name("object")
        return self._of(base, seen) if plain and base is not None else UNKNOWN

    def _variable(self, node: Node, seen: frozenset[object]) -> Holds:
        self.steps += 1
        if self.steps > MOST_STEPS:
            return UNKNOWN
        dest = text_of(node.child_by_field_name("attribute")) if node.type == "attribute" else b""
        if dest in self.positionals:
            return Holds(frozenset((Given("argument", self.positionals.index(dest) + 1),)))
        ways = self._ways(node)
        key = (text_of(node), self._scope(node))
        if key in seen:
            return NOTHING
        if not ways:
            return self._parameter(node, seen | {key})
        held = NOTHING
        for value, index in ways:
            if value is None:
                held |= UNKNOWN
            elif index is None:
                held |= self._of(value, seen | {key})
            else:
                held |= self._item(value, index, seen | {key})
        return held

    def _item(self, value: Node, index: int, seen: frozenset[object]) -> Holds:
        if value.type in ("expression_list", *COLLECTIONS):
            items = value.named_children
            return self._of(items[index], seen) if index < len(items) else UNKNOWN
        return _given(self._sequence(value, seen), index)

    def _ways(self, node: Node) -> list[tuple[Node | None, int | None]]:
        """How a variable gets its value: in the function that uses it, else at the top; attributes anywhere."""
        name = text_of(node)
        if node.type == "attribute":
            return [way for (_, other), ways in self.assigned.items() if other == name for way in ways]
        scope = self._scope(node)
        local = self.assigned.get((scope, name), [])
        function = self.function_of(node)
        if local or function is None or name in [n for n, _ in parameters_of(function)]:
            return local
        return self.assigned.get((-1, name), [])

    def _scope(self, node: Node) -> int:
        if node.type == "attribute":
            return -2
        function = self.function_of(node)
        if function is None:
            return -1
        return -1 if (function.start_byte, text_of(node)) in self.shared else function.start_byte

    # -- sequences --------------------------------------------------------------------------------------------

    def _sequence(self, node: Node, seen: frozenset[object]) -> Sequence | None:
        text = text_of(node)
        if text == b"sys.argv" or (text == b"argv" and self.imports_argv):
            return "argument", 0
        if node.type == "subscript":
            base, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
            found = self._sequence(base, seen) if base is not None else None
            if found is None or index is None or index.type != "slice":
                return None
            start = text_of(index).split(b":")[0].strip() or b"0"
            return (found[0], found[1] + int(start)) if start.isdigit() and text_of(index).count(b":") == 1 else None
        if node.type == "call" and called(node) == b"split":
            return ("line", 1) if not [a for a in arguments_of(node) if value_of(a) != b" "] else None
        if node.type == "identifier" and (text, "sequence") not in seen:
            seen = seen | {(text, "sequence")}
            ways = self._ways(node)
            if ways:
                value = ways[0][0] if len(ways) == 1 and ways[0][1] is None else None
                return self._sequence(value, seen) if value is not None else None
            handed = [self._sequence(given, seen) for given in self._handed(node)]
            return handed[0] if handed and all(one == handed[0] for one in handed) else None
        return None

    def _handed(self, node: Node) -> Iterator[Node]:
        """The arguments that calls give for the parameter a node names."""
        function = self.function_of(node)
        names = [name for name, _ in parameters_of(function)] if function is not None else []
        if function is None or text_of(node) not in names:
            return
        position = names.index(text_of(node))
        for call in self.calls_of(function):
            arguments = arguments_of(call)
            if position < len(arguments):
                yield arguments[position]

    # -- parameters -------------------------------------------------------------------------------------------

    def _parameter(self, node: Node, seen: frozenset[object]) -> Holds:
        function = self.function_of(node)
        if function is None or node.type != "identifier":
            return UNKNOWN
        parameters = parameters_of(function)
        names = [name for name, _ in parameters]
        calls = self.calls_of(function)
        if text_of(node) not in names or not calls:
            return UNKNOWN
        position = names.index(text_of(node))
        held = NOTHING
        for call in calls:
            held |= self._argument(call, position, *parameters[position], seen)
        return held

    def _argument(self, call: Node, position: int, name: bytes, default: Node | None, seen: frozenset[object]) -> Holds:
        for at, argument in enumerate(arguments_of(call)):
            if argument.type == "keyword_argument":
                if text_of(argument.child_by_field_name("name")) == name:
                    value = argument.child_by_field_name("value")
                    return self._of(value, seen) if value is not None else UNKNOWN
            elif argument.type == "list_splat":
                return _given(self._sequence(argument.named_children[0], seen), position - at)
            elif argument.type == "dictionary_splat":
                return UNKNOWN
            elif at == position:
                return self._of(argument, seen)
        return self._of(default, seen) if default is not None else UNKNOWN

    def _note_positional(self, call: Node) -> None:
        """The positional arguments of argparse, in order; one that takes several words ends what can be told."""
        if called(call) != b"add_argument":
            return
        arguments = arguments_of(call)
        name = value_of(arguments[0]) if arguments else None
        if name is None or name.startswith(b"-"):
            return
        several = any(
            text_of(a.child_by_field_name("name")) == b"nargs" for a in arguments if a.type == "keyword_argument"
        )
        self.positionals.append(b"\0" if several or b"\0" in self.positionals else name)


def _given(sequence: Sequence | None, index: int) -> Holds:
    if sequence is None or index < 0 or sequence[1] + index < 1:
        return UNKNOWN
    return Holds(frozenset((Given(sequence[0], sequence[1] + index),)))
