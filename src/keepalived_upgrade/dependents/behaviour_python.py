"""Follow a Python script, 2 or 3, through one call, with the arguments that keepalived gives it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_python_parts import (
    Answer,
    Known,
    Table,
    alternatives_of,
    arguments_of,
    asks_member,
    block_of,
    command_of,
    compare,
    is_number,
    keyword_of,
    parameters_of,
    sliced,
    table_of,
)
from keepalived_upgrade.dependents.behaviour_trace import (
    MOST_DEPTH,
    MOST_STEPS,
    Asked,
    Step,
    Taken,
    TooMuchError,
    Trace,
    Value,
    agreed,
    unnamed,
)
from keepalived_upgrade.dependents.python_tree import COLLECTIONS, text_of, value_of

if TYPE_CHECKING:
    from tree_sitter import Node


class _EndedError(Exception):
    """The script ended inside a function."""


_MOST_CALLS = 8
_CASES: dict[bytes, Callable[[bytes], bytes]] = {b"lower": bytes.lower, b"upper": bytes.upper, b"strip": bytes.strip}
_RUNNERS = (b"system", b"popen", b"Popen", b"call", b"run", b"check_call", b"check_output")
_EXITS = (b"sys.exit", b"exit", b"quit", b"os._exit")


def follow_python_call(root: Node, arguments: Sequence[Value | None]) -> Trace:
    """Give what a call does. arguments: sys.argv[1] and on. Raises TooMuchError for a script too long to follow."""
    run = _Run((None, *arguments))
    with contextlib.suppress(_EndedError):
        run.sequence(root.children)
    return run.trace


@dataclass(slots=True)
class _Run:
    argv: tuple[Value | None, ...]
    trace: Trace = field(default_factory=Trace)
    variables: dict[bytes, Known] = field(default_factory=dict)
    functions: dict[bytes, Node] = field(default_factory=dict)
    options: list[tuple[bytes, Known]] = field(default_factory=list)
    certain: bool = True
    calls: int = 0
    depth: int = 0
    left: int = MOST_STEPS

    def sequence(self, nodes: Sequence[Node]) -> str:
        """Run statements; give "" or how the flow ended: "exit", "return", "break"."""
        for node in nodes:
            flow = self.run(node)
            if flow:
                return flow
        return ""

    def run(self, node: Node) -> str:
        with self._deeper():
            return self._run(node)

    @contextlib.contextmanager
    def _deeper(self) -> Iterator[None]:
        self.left -= 1
        self.depth += 1
        if self.left < 0 or self.depth > MOST_DEPTH:
            raise TooMuchError
        try:
            yield
        finally:
            self.depth -= 1

    def _run(self, node: Node) -> str:
        match node.type:
            case "expression_statement":
                return self._expression(node.named_children)
            case "if_statement":
                return self._if(node)
            case "match_statement":
                return self._match(node)
            case "function_definition":
                self.functions[text_of(node.child_by_field_name("name"))] = node
            case "import_from_statement":
                if text_of(node.child_by_field_name("module_name")) == b"sys" and b"argv" in text_of(node):
                    self.variables[b"argv"] = self.argv
            case "try_statement":
                return self._try(node)
            case "with_statement":
                return self.sequence(block_of(node))
            case "for_statement" | "while_statement":
                self._maybe(block_of(node))
            case "return_statement" | "raise_statement":
                return self._leave(node)
            case "assert_statement":
                self._assert(node)
            case "break_statement" | "continue_statement":
                return "break"
        return ""

    # -- choices ----------------------------------------------------------------------------------------------

    def _if(self, node: Node) -> str:
        asked: list[Asked] = []
        flows: list[str] = []
        known, has_else = True, False
        clauses = [node, *(child for child in node.children if child.type in ("elif_clause", "else_clause"))]
        for clause in clauses:
            condition = clause.child_by_field_name("condition")
            if condition is None:
                has_else = True
                if known:
                    return self._take(block_of(clause), asked, "`else`", clause)
                flows.append(self._maybe(block_of(clause)))
                continue
            truth, more = self.ask(condition)
            asked += more
            if truth is False:
                continue
            if truth and known:
                return self._take(block_of(clause), asked, "this test", clause)
            known = False
            flows.append(self._maybe(block_of(clause)))
        return flows[0] if has_else and flows and all(flow in ("exit", "return") for flow in flows) else ""

    def _match(self, node: Node) -> str:
        subject = self.value(node.child_by_field_name("subject"))
        for clause in block_of(node):
            patterns = [child for child in clause.children if child.type == "case_pattern"]
            if not isinstance(subject, Value) or len(patterns) != 1 or clause.child_by_field_name("guard") is not None:
                self._maybe(block_of(clause))
                subject = None
                continue
            if text_of(patterns[0]).strip() == b"_":
                return self._take(block_of(clause), [Asked(subject.origin, subject.text, False)], "`case _`", clause)
            if subject.text in alternatives_of(patterns[0]):
                return self.sequence(block_of(clause))
        return ""

    def _take(self, body: Sequence[Node], asked: list[Asked], form: str, place: Node) -> str:
        start = len(self.trace.steps)
        try:
            return self.sequence(body)
        finally:
            self._taken(asked, form, place, start)

    def _taken(self, asked: list[Asked], form: str, place: Node, start: int) -> None:
        row, column = place.start_point
        steps = tuple(self.trace.steps[start:])
        for one in unnamed(asked):
            self.trace.taken.append(Taken(one.origin, one.value, form, row + 1, column + 1, steps))

    def _maybe(self, nodes: Sequence[Node]) -> str:
        before, certain = dict(self.variables), self.certain
        self.certain = False
        flow = self.sequence(nodes)
        self.certain = certain
        self.variables = agreed(before, self.variables, None)
        return flow

    def _try(self, node: Node) -> str:
        handled = any(child.type == "except_clause" for child in node.children)
        certain, self.certain = self.certain, self.certain and not handled
        flow = self.sequence(block_of(node))
        self.certain = certain
        for child in node.children:
            if child.type in ("except_clause", "else_clause", "finally_clause"):
                self._maybe(block_of(child))
        return "" if handled and flow == "exit" else flow

    # -- conditions -------------------------------------------------------------------------------------------

    def ask(self, node: Node) -> Answer:
        """Give whether a condition holds (None: not known) and what it asked of keepalived's arguments."""
        with self._deeper():
            return self._ask(node)

    def _ask(self, node: Node) -> Answer:
        match node.type:
            case "parenthesized_expression" if node.named_children:
                return self.ask(node.named_children[0])
            case "not_operator" if node.named_children:
                truth, asked = self.ask(node.named_children[0])
                return None if truth is None else not truth, [Asked(a.origin, a.value, False) for a in asked]
            case "boolean_operator":
                return self._both(node)
            case "comparison_operator" if len(node.named_children) == 2:
                return self._compare(node)
        self.value(node)
        return None, []

    def _both(self, node: Node) -> Answer:
        decides = text_of(node.child_by_field_name("operator")) == b"or"
        sides = [node.child_by_field_name(side) for side in ("left", "right")]
        truths: list[bool | None] = []
        asked: list[Asked] = []
        for side in sides:
            truth, more = self.ask(side) if side is not None else (None, [])
            truths.append(truth)
            asked += more
            if truth is decides:
                return decides, asked
        return (None if None in truths else not decides), asked

    def _compare(self, node: Node) -> Answer:
        left, right = (self.value(child) for child in node.named_children)
        operator = b" ".join(text_of(node.children[1]).split())
        if text_of(node.named_children[0]) == b"__name__":
            return operator == b"==", []
        return compare(left, operator, right)

    # -- statements -------------------------------------------------------------------------------------------

    def _expression(self, nodes: Sequence[Node]) -> str:
        for node in nodes:
            if node.type == "assignment":
                self._assign(node)
            elif node.type == "call" and text_of(node.child_by_field_name("function")) in _EXITS:
                self._exit(node)
                return "exit"
            else:
                self.value(node)
        return ""

    def _exit(self, node: Node) -> None:
        given = arguments_of(node)
        status = self.value(given[0]) if given else Value(b"0")
        self._step(node, b"sys.exit", (status if isinstance(status, Value) else None,))

    def _leave(self, node: Node) -> str:
        if node.type == "raise_statement":
            self._step(node, b"raise", ())
            return "exit"
        values = [self.value(child) for child in node.named_children]
        number = next((v for v, n in zip(values, node.named_children, strict=True) if n.type == "integer"), None)
        self._step(node, b"return", (number if isinstance(number, Value) else None,))
        return "return"

    def _assert(self, node: Node) -> None:
        truth, asked = self.ask(node.named_children[0]) if node.named_children else (None, [])
        if truth is False:
            start = len(self.trace.steps)
            self._step(node, b"raise", ())
            self._taken(asked, "this assert", node, start)

    def _assign(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = self.value(right)
        if left is None:
            return
        if left.type == "identifier":
            self.variables[text_of(left)] = value
            if right is not None and text_of(right).endswith(b".parse_args()"):
                positional = zip(self.options, self.argv[1:], strict=False)
                self.variables |= {text_of(left) + b"." + name: given for (name, _), given in positional}
        elif left.type in ("pattern_list", "tuple_pattern"):
            values = value if isinstance(value, tuple) else ()
            for index, name in enumerate(left.named_children):
                self.variables[text_of(name)] = values[index] if index < len(values) else None

    def _step(self, node: Node, name: bytes, words: tuple[Known, ...], writes: bool = False) -> None:
        row, column = node.start_point
        known = tuple(word if isinstance(word, Value) else None for word in words)
        self.trace.steps.append(Step(name, known, row + 1, column + 1, self.certain, writes=writes))

    # -- values -----------------------------------------------------------------------------------------------

    def value(self, node: Node | None) -> Known:
        """Give what an expression says, None where that is not known; its calls become steps."""
        if node is None:
            return None
        with self._deeper():
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
            start = len(self.trace.steps)
            self._step(node, b"raise", ())
            self._taken([Asked(key.origin, key.text, False)], "this dict", node, start)
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
        if name in self.functions and self.calls < _MOST_CALLS:
            return self._enter(self.functions[name], words)
        if method == b"add_argument":
            self._option(node)
        elif method == b"parse_args":
            self._parse(node)
        else:
            if function is not None and function.type == "subscript":
                self.value(function)
            self._run_or_call(node, method if name not in _EXITS else b"sys.exit", words)
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
            raise _EndedError
        return None

    def _option(self, node: Node) -> None:
        given = arguments_of(node)
        first = self.value(given[0]) if given else None
        if isinstance(first, Value) and not first.text.startswith(b"-"):
            self.options.append((first.text, self.value(keyword_of(node, b"choices"))))

    def _parse(self, node: Node) -> None:
        for (_, allowed), given in zip(self.options, self.argv[1:], strict=False):
            if isinstance(given, Value) and isinstance(allowed, tuple) and asks_member(given, allowed, True)[0]:
                start = len(self.trace.steps)
                self._step(node, b"sys.exit", (Value(b"2"),))
                self._taken([Asked(given.origin, given.text, False)], "choices", node, start)
