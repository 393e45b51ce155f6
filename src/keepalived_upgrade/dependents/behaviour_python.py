"""Follow a Python script, 2 or 3, through one call, with the arguments that keepalived gives it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_python_parts import (
    Answer,
    alternatives_of,
    arguments_of,
    block_of,
    compare,
)
from keepalived_upgrade.dependents.behaviour_python_values import EXITS, EndedError, Values
from keepalived_upgrade.dependents.behaviour_trace import Asked, Trace, Value, agreed
from keepalived_upgrade.dependents.python_tree import text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def follow_python_call(root: Node, arguments: Sequence[Value | None]) -> Trace:
    """Give what a call does. arguments: sys.argv[1] and on. Raises TooMuchError for a script too long to follow."""
    run = _Call(argv=(None, *arguments))
    with contextlib.suppress(EndedError):
        run.sequence(root.children)
    return run.trace


class _Call(Values):
    """The statements of a call, and the choices between them."""

    __slots__ = ()

    def sequence(self, nodes: Sequence[Node]) -> str:
        """Run statements; give "" or how the flow ended: "exit", "return", "break"."""
        for node in nodes:
            flow = self.run(node)
            if flow:
                return flow
        return ""

    def run(self, node: Node) -> str:
        with self.deeper():
            return self._run(node)

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

    def _take(self, body: Sequence[Node], asked: Sequence[Asked], form: str, place: Node) -> str:
        with self.taking(asked, form, place):
            return self.sequence(body)

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

    def ask(self, node: Node) -> Answer:
        """Give whether a condition holds (None: not known) and what it asked of keepalived's arguments."""
        with self.deeper():
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

    def _expression(self, nodes: Sequence[Node]) -> str:
        for node in nodes:
            if node.type == "assignment":
                self._assign(node)
            elif node.type == "call" and text_of(node.child_by_field_name("function")) in EXITS:
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
            with self.taking(asked, "this assert", node):
                self._step(node, b"raise", ())

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
