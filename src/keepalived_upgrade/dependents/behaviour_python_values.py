"""What the expressions of a Python script say on a call's way, and what their calls do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_python_parts import (
    Known,
    Table,
    arguments_of,
    asks_member,
    block_of,
    command_of,
    is_number,
    keyword_of,
    parameters_of,
    sliced,
    table_of,
)
from keepalived_upgrade.dependents.behaviour_run import MOST_CALLS, Run
from keepalived_upgrade.dependents.behaviour_trace import Asked, Step, Value
from keepalived_upgrade.dependents.python_tree import COLLECTIONS, text_of, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

EXITS = (b"sys.exit", b"exit", b"quit", b"os._exit")
_CASES: dict[bytes, Callable[[bytes], bytes]] = {b"lower": bytes.lower, b"upper": bytes.upper, b"strip": bytes.strip}
_RUNNERS = (b"system", b"popen", b"Popen", b"call", b"run", b"check_call", b"check_output")


class EndedError(Exception):
    """The script ended inside a function."""


@dataclass(slots=True, kw_only=True)
class Values(Run):
    """argv: sys.argv. options: the positional arguments that an ArgumentParser was told of, with their choices."""

    argv: tuple[Value | None, ...]
    variables: dict[bytes, Known] = field(default_factory=dict)
    options: list[tuple[bytes, Known]] = field(default_factory=list)

    def sequence(self, nodes: Sequence[Node]) -> str:
        """Run statements; give "" or how the flow ended: "exit", "return", "break"."""
        raise NotImplementedError

    def value(self, node: Node | None) -> Known:
        """Give what an expression says, None where that is not known; its calls become steps."""
        if node is None:
            return None
        with self.deeper():
            return self._value(node)

    def _value(self, node: Node) -> Known:
        match node.type:
            case "string":
                text = value_of(node)
                return None if text is None else Value(text)
            case "integer" | "none" | "unary_operator":
                return Value(text_of(node))
            case "identifier":
                return self.variables.get(text_of(node))
            case "attribute":
                return self.argv if text_of(node) == b"sys.argv" else self.variables.get(text_of(node))
            case "subscript":
                return self._subscript(node)
            case "call":
                return self._call(node)
            case "dictionary":
                return table_of(node)
            case "parenthesized_expression" if node.named_children:
                return self.value(node.named_children[0])
            case kind if kind in COLLECTIONS or kind == "expression_list":
                values = [self.value(child) for child in node.named_children if child.type != "comment"]
                return tuple(v if isinstance(v, Value) else None for v in values)
        return None

    def _subscript(self, node: Node) -> Known:
        of = self.value(node.child_by_field_name("value"))
        index = node.child_by_field_name("subscript")
        if isinstance(of, tuple) and index is not None:
            if index.type == "slice":
                return sliced(of, text_of(index))
            number = self.value(index)
            at = int(number.text) if isinstance(number, Value) and is_number(number.text) else len(of)
            return of[at] if at < len(of) else None
        key = self.value(index)
        if isinstance(of, Table) and isinstance(key, Value) and key.text not in of.keys:
            with self.taking([Asked(key.origin, key.text, False)], "this dict", node):
                self._step(node, b"raise", ())
        return None

    def _call(self, node: Node) -> Known:
        function = node.child_by_field_name("function")
        is_named = function is not None and function.type in ("identifier", "attribute")
        name = text_of(function) if is_named else b"call"
        words = tuple(self.value(argument) for argument in arguments_of(node))
        owner = self.value(function.child_by_field_name("object")) if function is not None else None
        method = name.rpartition(b".")[2]
        if name == b"len" and words[:1] and isinstance(words[0], tuple):
            return Value(b"%d" % len(words[0]), "count")
        if isinstance(owner, Value):
            change = _CASES.get(method)
            return Value(change(owner.text), owner.origin) if change and not words else None
        if name in self.functions and self.calls < MOST_CALLS:
            return self._enter(self.functions[name], words)
        if method == b"add_argument":
            self._option(node)
        elif method == b"parse_args":
            self._parse(node)
        else:
            if function is not None and function.type == "subscript":
                self.value(function)
            self._run_or_call(node, method if name not in EXITS else b"sys.exit", words)
        return None

    def _run_or_call(self, node: Node, method: bytes, words: tuple[Known, ...]) -> None:
        """A step; `subprocess.call(["ip", …])` and `os.system("ip …")` are steps of what they run."""
        command = command_of(words[0]) if words and method in _RUNNERS else []
        if command:
            quiet = not method.startswith(b"check_")
            row, column = node.start_point
            step = Step(command[0].text, tuple(command[1:]), row + 1, column + 1, self.certain, quiet)
            self.trace.steps.append(step)
        else:
            mode = words[1] if len(words) > 1 else None
            writes = method == b"open" and isinstance(mode, Value) and mode.text[:1] in (b"w", b"x")
            self._step(node, method, words, writes)

    def _enter(self, function: Node, words: tuple[Known, ...]) -> Known:
        outside = self.variables
        names = [text_of(n) for n in parameters_of(function)]
        self.variables = outside | dict.fromkeys(names) | dict(zip(names, words, strict=False))
        self.calls += 1
        try:
            flow = self.sequence(block_of(function))
        finally:
            self.calls -= 1
            self.variables = outside
        if flow == "exit" and self.certain:
            raise EndedError
        return None

    def _option(self, node: Node) -> None:
        given = arguments_of(node)
        first = self.value(given[0]) if given else None
        if isinstance(first, Value) and not first.text.startswith(b"-"):
            self.options.append((first.text, self.value(keyword_of(node, b"choices"))))

    def _parse(self, node: Node) -> None:
        for (_, allowed), given in zip(self.options, self.argv[1:], strict=False):
            if isinstance(given, Value) and isinstance(allowed, tuple) and asks_member(given, allowed, True)[0]:
                with self.taking([Asked(given.origin, given.text, False)], "choices", node):
                    self._step(node, b"sys.exit", (Value(b"2"),))

    def _step(self, node: Node, name: bytes, words: tuple[Known, ...], writes: bool = False) -> None:
        row, column = node.start_point
        known = tuple(word if isinstance(word, Value) else None for word in words)
        self.trace.steps.append(Step(name, known, row + 1, column + 1, self.certain, writes=writes))
