"""Whether a shell script does something whatever name it is given, or only for the names that it tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.operands import Given, Tested
from keepalived_upgrade.dependents.shell_operands import ShellScript
from keepalived_upgrade.dependents.shell_tree import PRINTERS, case_patterns, command_name, literal_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

# What changes nothing outside of the script.
_QUIET = frozenset(
    (
        *PRINTERS,
        *(b"exit", b"return", b"true", b"false", b":", b"test", b"[", b"[[", b"shift", b"set", b"read", b"local"),
        *(b"export", b"unset", b"trap", b"sleep", b"date", b"break", b"continue", b"cd", b"umask", b".", b"source"),
        *(b"cat", b"grep", b"cut", b"awk", b"tr", b"hostname", b"basename", b"dirname", b"getopts", b"mkdir", b"usage"),
        *(b"tee", b"wait", b"declare", b"readonly", b"typeset", b"shopt"),
    )
)
# A file written anew holds a state; what is appended is a log.
_WRITES = re.compile(rb"(?:^|\s)\d*>\|?\s*(?![&>]|\S*(?:/dev/|log))\S")
_OR = re.compile(rb"\|\||\s-o\s")
_VARIABLE = re.compile(rb"\$\{?([A-Za-z_]\w*)")


def does_something(script: ShellScript, tests: Iterable[Tested], named: frozenset[Given]) -> bool:
    """Tell whether a command with an effect runs for a name that no test asks for. In doubt it does."""
    guards = _Guards(script, [test for test in tests if test.operand.words & named], named)
    return not guards.starts or any(
        _has_effect(script, command) and not guards.hold(command) for command in script.commands
    )


def _has_effect(script: ShellScript, command: Node) -> bool:
    above, writes = command.parent, False
    while above is not None and above.type != "program":
        if above.type == "command_substitution":
            return False
        if above.type == "redirected_statement" and above.children[0] == command:
            writes = _WRITES.search(text_of(above)[command.end_byte - above.start_byte :]) is not None
        above = above.parent
    name = command_name(command)
    if name in PRINTERS:
        return writes
    if name == b"sed":
        return b" -i" in text_of(command)
    if name == b"exec":  # without a command it only opens files
        return bool(command.children_by_field_name("argument"))
    return bool(name) and name not in _QUIET and name not in script.functions


class _Guards:
    """Which nodes are reached only by names that are tested."""

    def __init__(self, script: ShellScript, tests: Sequence[Tested], named: frozenset[Given]) -> None:
        self.script = script
        self.starts = {test.start for test in tests}
        self.arrays = {array for array, index in script.lookups() if index.words & named}
        self.known: dict[int, bool] = {}

    def hold(self, node: Node) -> bool:
        """Tell whether a node is reached by tested names alone, or of use to them alone."""
        return self._is_guarded(node) or self._depends(node)

    def _depends(self, command: Node) -> bool:
        """A command that needs a variable, or an element of an array, which is there for tested names only."""
        if self._looks_up(command):
            return True
        for name in _VARIABLE.findall(text_of(command)):
            ways = self.script.assigned.get(name, [])
            if not ways or name in self.script.outer:
                continue
            if all(self._is_guarded(node) or self._looks_up(node) for _, node, _ in ways):
                return True
        return False

    def _looks_up(self, node: Node) -> bool:
        return any(b"${" + array + b"[" in text_of(node) for array in self.arrays)

    def _is_guarded(self, node: Node) -> bool:
        below, above = node, node.parent
        while above is not None:
            if above.type == "case_item" and self._is_of_names(above):
                return True
            if above.type in ("if_statement", "elif_clause") and self._in_then(above, below):
                return True
            if above.type == "list" and below != above.children[0] and self._asks(above.children[0], above.children[1]):
                return True
            if above.type == "function_definition":
                return self._calls_are_guarded(above)
            if any(self._sends_away(child) for child in above.children if child.start_byte < below.start_byte):
                return True
            below, above = above, above.parent
        return False

    def _is_of_names(self, item: Node) -> bool:
        """An arm of a case over the name that lists names: not `*)`, and nothing that is computed."""
        patterns = case_patterns(item)
        if not any(pattern.start_byte in self.starts for pattern in patterns):
            return False
        values = [literal_value(pattern) for pattern in patterns]
        return all(value is None or re.search(rb"[^*?]", value) for value in values)

    def _in_then(self, statement: Node, below: Node) -> bool:
        then = next((child for child in statement.children if child.type == "then"), None)
        if then is None or below.start_byte < then.start_byte or below.type in ("elif_clause", "else_clause"):
            return False
        conditions = [child for child in statement.children if child.start_byte < then.start_byte]
        return any(self._asks(condition, None) for condition in conditions)

    def _asks(self, condition: Node, operator: Node | None) -> bool:
        """Whether a condition holds for tested names alone."""
        tests = self._tests_in(condition)
        negated = self._is_negative(condition)
        if operator is not None and operator.type == "||":
            return bool(tests) and negated
        # Each alternative must ask for a name: `[ "$2" = GW ] || [ "$3" = MASTER ]` lets every name in.
        alternatives = 1 + len(_OR.findall(text_of(condition)))
        return bool(tests) and not negated and (alternatives == 1 or tests == alternatives)

    def _tests_in(self, node: Node) -> int:
        return sum(1 for start in self.starts if node.start_byte <= start < node.end_byte)

    def _is_negative(self, condition: Node) -> bool:
        return re.search(rb"!=|(?:^|[\s(\[])!\s", text_of(condition)) is not None

    def _sends_away(self, statement: Node) -> bool:
        """`[ "$2" = GW ] || exit`, `if [ "$2" != GW ]; then exit; fi`: what follows is for the tested names."""
        if statement.type == "case_statement":
            return any(self._is_for_others(item) for item in statement.children if item.type == "case_item")
        if statement.type == "list":
            *_, operator, last = (None, *statement.children)
            first = statement.children[0]
            if operator is None or command_name(last) not in (b"exit", b"return"):
                return False
            return bool(self._tests_in(first)) and self._is_negative(first) is (operator.type == "&&")
        if statement.type != "if_statement" or not self._tests_in(statement):
            return False
        condition = statement.child_by_field_name("condition")
        if condition is None or not self._tests_in(condition) or not self._is_negative(condition):
            return False
        if any(child.type in ("elif_clause", "else_clause") for child in statement.children):
            return False
        return any(
            command_name(child) in (b"exit", b"return") for child in statement.children if child.type == "command"
        )

    def _is_for_others(self, item: Node) -> bool:
        """`*) exit ;;` of a case over the name."""
        patterns = case_patterns(item)
        if not any(pattern.start_byte in self.starts for pattern in patterns) or self._is_of_names(item):
            return False
        return any(command_name(child) in (b"exit", b"return") for child in item.children if child.type == "command")

    def _calls_are_guarded(self, function: Node) -> bool:
        key = function.start_byte
        if key not in self.known:
            self.known[key] = True  # a function that calls itself
            name = text_of(function.child_by_field_name("name") or function)
            calls = self.script.calls.get(name, [])
            self.known[key] = bool(calls) and all(self._is_guarded(call) for call in calls)
        return self.known[key]
