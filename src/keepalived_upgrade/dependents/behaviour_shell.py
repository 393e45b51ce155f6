"""Follow a shell script through one call, with the arguments that keepalived gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_shell_parts import body_of, clauses_of, matches
from keepalived_upgrade.dependents.behaviour_tests import evaluate
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
from keepalived_upgrade.dependents.behaviour_words import Words
from keepalived_upgrade.dependents.shell_tree import case_patterns, operands, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SILENT = re.compile(rb"(?:2|&)>>?\s*/dev/null|>\s*/dev/null\s+2>&1")
# `> file`, unless that is a device, another descriptor or a log.
_REPLACED = re.compile(rb"1?>\|?(?![>&(])\s*(?![\"']?(?:/dev/|/proc/))(?!.*\.log\b)")
_MOST_CALLS = 8
_MOST_OF_PATTERN = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a statement ended: flow "" (on), "exit", "return" or "break"; truth of its status; what was asked in it."""

    flow: str = ""
    truth: bool | None = None
    asked: tuple[Asked, ...] = ()


ON = Outcome()


def follow_shell_call(root: Node, arguments: Sequence[Value | None], line: Sequence[Value] = ()) -> Trace:
    """Give what a call does. arguments: $1 and on. line: the words of a line that `read` gets (a reader of a FIFO).

    Raises TooMuchError for a script too long or too deeply nested to follow.
    """
    run = _Run(Words(list(arguments)), tuple(line))
    run.sequence(root.children)
    return run.trace


@dataclass(slots=True)
class _Run:
    words: Words
    line: tuple[Value, ...]
    trace: Trace = field(default_factory=Trace)
    functions: dict[bytes, Node] = field(default_factory=dict)
    certain: bool = True
    quiet: int = 0
    asking: int = 0
    background: bool = False
    writes: bool = False
    calls: int = 0
    depth: int = 0
    left: int = MOST_STEPS

    def run(self, node: Node) -> Outcome:
        self.left -= 1
        self.depth += 1
        if self.left < 0 or self.depth > MOST_DEPTH:
            raise TooMuchError
        try:
            return self._run(node)
        finally:
            self.depth -= 1

    def _run(self, node: Node) -> Outcome:
        match node.type:
            case "command":
                return self._command(node)
            case "test_command":
                return self._test(list(operands(node)), text_of(node).startswith(b"[["))
            case "list":
                return self._list(node)
            case "if_statement":
                return self._if(node)
            case "case_statement":
                return self._case(node)
            case "variable_assignment":
                return self._assign(node)
            case "declaration_command" | "variable_assignments":
                return self.sequence([child for child in node.children if child.type == "variable_assignment"])
            case "redirected_statement":
                return self._redirected(node)
            case "negated_command":
                return self._negated(node)
            case "compound_statement" | "do_group":
                return self._arithmetic(node) if text_of(node).startswith(b"((") else self.sequence(node.children)
            case "subshell" | "pipeline":
                return self._apart(node)
            case "while_statement" | "for_statement" | "c_style_for_statement":
                return self._loop(node)
            case "function_definition":
                name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
                if name is not None and body is not None:
                    self.functions[text_of(name)] = body
        return ON

    def sequence(self, nodes: Iterable[Node]) -> Outcome:
        """Run statements one after another; the outcome is that of the last, or of the one that ends the flow."""
        outcome = ON
        for node in nodes:
            if not node.is_named or node.type == "comment":
                continue
            after = node.next_sibling
            self.background = after is not None and after.type == "&"
            outcome = self.run(node)
            self.background = False
            if outcome.flow:
                return outcome
        return outcome

    # -- choices ----------------------------------------------------------------------------------------------

    def _if(self, node: Node) -> Outcome:
        asked: list[Asked] = []
        flows: list[str] = []
        known, has_else = True, False
        for keyword, conditions, body in clauses_of(node):
            if conditions is None:
                has_else = True
                if known:
                    return self._take(body, asked, "`else`", keyword)
                flows.append(self._maybe(body))
                break
            outcome = self._ask(conditions)
            asked += outcome.asked
            if outcome.flow:
                return outcome
            if outcome.truth is False:
                continue
            if outcome.truth and known:
                return self._take(body, asked, "this test", keyword)
            known = False
            flows.append(self._maybe(body))
        ended = has_else and flows and all(flow in ("exit", "return") for flow in flows)
        return Outcome(flows[0]) if ended else ON

    def _list(self, node: Node) -> Outcome:
        if len(node.children) < 3:
            return self.sequence(node.children)
        left, operator, right = node.children[0], node.children[1], node.children[-1]
        self.quiet += 1
        first = self.run(left)
        self.quiet -= 1
        goes_on = first.truth if operator.type == "&&" else None if first.truth is None else not first.truth
        if first.flow or goes_on is False:
            return first
        if goes_on is None:
            quiet_before, self.quiet = self.quiet, self.quiet + (text_of(right) in (b"true", b":"))
            self._maybe([right])
            self.quiet = quiet_before
            return Outcome(asked=first.asked)
        second = self.run(right) if self.asking else self._take([right], list(first.asked), "this test", left)
        return replace(second, asked=first.asked + second.asked)

    def _case(self, node: Node) -> Outcome:
        subject = node.child_by_field_name("value")
        value = self.words.value(subject) if subject is not None else None
        items = [child for child in node.children if child.type == "case_item"]
        if value is None:
            for item in items:
                self._maybe(body_of(item))
            return ON
        falls = False
        for item in items:
            matched = True if falls else self._arm_matches(item, value)
            if matched is None:
                for rest in items[items.index(item) :]:
                    self._maybe(body_of(rest))
                return ON
            if not matched:
                continue
            outcome = self._arm(item, value)
            end = item.children[-1].type
            falls = end == ";&"
            if outcome.flow or end not in (";&", ";;&"):
                return outcome
        return ON

    def _arm_matches(self, item: Node, value: Value) -> bool | None:
        known: list[bool | None] = []
        for pattern in case_patterns(item):
            wanted = self.words.value(pattern)
            known.append(None if wanted is None else matches(pattern, wanted.text, value.text))
        return True if True in known else None if None in known else False

    def _arm(self, item: Node, value: Value) -> Outcome:
        names = [self.words.value(pattern) for pattern in case_patterns(item)]
        named = any(name is not None and name.text == value.text for name in names)
        written = b"|".join(text_of(pattern) for pattern in case_patterns(item))
        form = f"`{written[:_MOST_OF_PATTERN].decode('utf-8', 'backslashreplace')})`"
        return self._take(body_of(item), [Asked(value.origin, value.text, named)], form, item)

    def _take(self, body: Sequence[Node], asked: list[Asked], form: str, place: Node) -> Outcome:
        start = len(self.trace.steps)
        outcome = self.sequence(body)
        row, column = place.start_point
        steps = tuple(self.trace.steps[start:])
        for one in unnamed(asked):
            self.trace.taken.append(Taken(one.origin, one.value, form, row + 1, column + 1, steps))
        return outcome

    def _maybe(self, nodes: Sequence[Node]) -> str:
        """Run what an unknown condition guards: its steps are not certain, and what it assigns is not known."""
        before, certain, asking = dict(self.words.variables), self.certain, self.asking
        self.certain, self.asking = False, 0
        flow = self.sequence(nodes).flow
        self.certain, self.asking = certain, asking
        self.words.variables = agreed(before, self.words.variables, None)
        return flow

    def _ask(self, conditions: Sequence[Node]) -> Outcome:
        self.asking += 1
        self.quiet += 1
        outcome = self.sequence(conditions)
        self.quiet -= 1
        self.asking -= 1
        return outcome

    def _negated(self, node: Node) -> Outcome:
        self.quiet += 1
        outcome = self.sequence(node.children[1:])
        self.quiet -= 1
        return replace(outcome, truth=None if outcome.truth is None else not outcome.truth)

    def _test(self, tokens: list[Node], double: bool) -> Outcome:
        truth, asked = evaluate(tokens, self.words.value, double)
        return Outcome(truth=truth, asked=tuple(asked))

    def _arithmetic(self, node: Node) -> Outcome:
        match = re.fullmatch(rb"\(\(\s*(\$?\{?#\}?|\$#)\s*(==|!=|<=|>=|<|>)\s*(\d{1,9})\s*\)\)", text_of(node))
        if not match:
            return ON
        count, number = len(self.words.given), int(match.group(3))
        truth = {
            b"==": count == number,
            b"!=": count != number,
            b"<": count < number,
            b">": count > number,
            b"<=": count <= number,
            b">=": count >= number,
        }[match.group(2)]
        return Outcome(truth=truth, asked=(Asked("count", b"%d" % count, False),))

    # -- statements -------------------------------------------------------------------------------------------

    def _assign(self, node: Node) -> Outcome:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and name.type == "variable_name":
            self.words.variables[text_of(name)] = self.words.value(value) if value is not None else Value(b"")
        return ON

    def _redirected(self, node: Node) -> Outcome:
        redirects = [child for child in node.children if child.type == "file_redirect"]
        silent = bool(_SILENT.search(b" ".join(text_of(child) for child in redirects)))
        body = node.child_by_field_name("body")
        if body is None:
            return ON
        writes, self.writes = self.writes, any(_REPLACED.match(text_of(child)) for child in redirects)
        self.quiet += silent
        outcome = self.run(body)
        self.quiet -= silent
        self.writes = writes
        return outcome

    def _apart(self, node: Node) -> Outcome:
        """A subshell or a pipeline: what it assigns, and its exit, stay inside."""
        variables, arguments = dict(self.words.variables), list(self.words.given)
        if node.type == "subshell":
            self.sequence(node.children)
        else:
            for child in node.named_children:
                self.run(child)
        self.words.variables, self.words.given = variables, arguments
        return ON

    def _loop(self, node: Node) -> Outcome:
        body = node.child_by_field_name("body")
        if body is None:
            return ON
        if node.type == "while_statement":
            conditions = [child for child in node.named_children if child != body]
            outcome = self._ask(conditions)
            if outcome.truth is (node.children[0].type == "until"):
                return ON
            certain = outcome.truth is not None
        else:
            variable = node.child_by_field_name("variable")
            if variable is not None:
                self.words.variables[text_of(variable)] = None
            certain = node.type == "for_statement"
        flow = self.sequence(body.children).flow if certain else self._maybe(body.children)
        return Outcome(flow) if certain and flow in ("exit", "return") else ON

    def _command(self, node: Node) -> Outcome:
        name_node = node.child_by_field_name("name")
        known = self.words.value(name_node.children[0]) if name_node is not None and name_node.children else None
        words = self.words.all(node.children_by_field_name("argument"))
        if known is None:
            self._step(node, text_of(name_node) if name_node is not None else b"", words)
            return ON
        return self._named(node, known.text, words)

    def _named(self, node: Node, name: bytes, words: list[Value | None]) -> Outcome:
        match name:
            case b"true" | b":":
                return Outcome(truth=True)
            case b"false":
                return Outcome(truth=False)
            case b"test":
                return self._test(list(node.children[1:]), False)
            case b"shift":
                self._shift(words)
                return ON
            case b"set":
                if words[:1] == [Value(b"--")]:
                    self.words.given = words[1:]
                return ON
            case b"read":
                return self._read(words)
            case b"exit" | b"return":
                self._step(node, name, words)
                status = words[0].text if words and words[0] is not None else None
                return Outcome(name.decode(), None if status is None else status == b"0")
            case b"break" | b"continue":
                return Outcome("break")
            case b"exec" if words:
                self._step(node, words[0].text if words[0] is not None else b"exec", words[1:])
                return Outcome("exit")
        if name in self.functions and self.calls < _MOST_CALLS:
            return self._call(self.functions[name], words)
        self._step(node, name, words)
        return ON

    def _call(self, body: Node, words: list[Value | None]) -> Outcome:
        outside, self.words.given = self.words.given, words
        self.calls += 1
        outcome = self.run(body)
        self.calls -= 1
        self.words.given = outside
        return replace(outcome, flow="" if outcome.flow == "return" else outcome.flow, asked=())

    def _shift(self, words: list[Value | None]) -> None:
        by = words[0].text if words and words[0] is not None else b"1"
        if by.isdigit() and len(by) < 4:
            self.words.given = self.words.given[int(by) :]

    def _read(self, words: list[Value | None]) -> Outcome:
        names = [word.text for word in words if word is not None and not word.text.startswith(b"-")]
        for index, name in enumerate(names):
            self.words.variables[name] = self.line[index] if index < len(self.line) else None
        return Outcome(truth=True if self.line else None)

    def _step(self, node: Node, name: bytes, words: Sequence[Value | None]) -> None:
        row, column = node.start_point
        state = (self.certain, self.quiet > 0, self.background, self.writes)
        self.trace.steps.append(Step(name, tuple(words), row + 1, column + 1, *state))
