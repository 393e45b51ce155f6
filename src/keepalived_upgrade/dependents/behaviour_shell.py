"""Follow a shell script through one call, with the arguments that keepalived gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_run import MOST_CALLS
from keepalived_upgrade.dependents.behaviour_shell_choices import ON, Choices, Outcome
from keepalived_upgrade.dependents.behaviour_trace import Step, Trace, Value
from keepalived_upgrade.dependents.behaviour_words import Words
from keepalived_upgrade.dependents.shell_tree import operands, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_SILENT = re.compile(rb"(?:2|&)>>?\s*/dev/null|>\s*/dev/null\s+2>&1")
# `> file`, unless that is a device, another descriptor or a log.
_REPLACED = re.compile(rb"1?>\|?(?![>&(])\s*(?![\"']?(?:/dev/|/proc/))(?!.*\.log\b)")


def follow_shell_call(root: Node, arguments: Sequence[Value | None], line: Sequence[Value] = ()) -> Trace:
    """Give what a call does. arguments: $1 and on. line: the words of a line that `read` gets (a reader of a FIFO).

    Raises TooMuchError for a script too long or too deeply nested to follow.
    """
    run = _Call(words=Words(list(arguments)), line=tuple(line))
    run.sequence(root.children)
    return run.trace


@dataclass(slots=True, kw_only=True)
class _Call(Choices):
    """line: the words of a line that `read` gets. writes: what is run now replaces a file with its output."""

    line: tuple[Value, ...]
    writes: bool = False

    def run(self, node: Node) -> Outcome:
        with self.deeper():
            return self._run(node)

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
        if name in self.functions and self.calls < MOST_CALLS:
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
