"""Whether a Python script does something whatever name it is given, or only for the names that it tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.operands import Given, Tested
from keepalived_upgrade.dependents.python_operands import PythonScript
from keepalived_upgrade.dependents.python_parts import called
from keepalived_upgrade.dependents.python_tree import text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_QUIET = frozenset(
    b"""print write log debug info warning warn error exception critical syslog openlog exit _exit join split strip
    rstrip lstrip format lower upper replace startswith endswith get keys items values append len str int float repr
    bool list dict set tuple range enumerate zip sorted map filter isinstance open close read readline readlines flush
    basicConfig getLogger add_argument parse_args ArgumentParser strftime now time localtime sleep getpid gethostname
    fileno exists isfile basename dirname abspath StreamHandler FileHandler SysLogHandler Formatter setFormatter
    addHandler setLevel decode encode compile match search fullmatch Path defaultdict getattr hasattr type super
    Exception ValueError SystemExit KeyError has_key iteritems fdopen today isoformat""".split()
)
_LEAVING = ("return_statement", "raise_statement", "continue_statement")


def does_something(script: PythonScript, tests: Iterable[Tested], named: frozenset[Given]) -> bool:
    """Tell whether a call with an effect runs for a name that no test asks for. In doubt it does."""
    guards = _Guards(script, [test for test in tests if test.operand.words & named], named)
    classes = {text_of(n.child_by_field_name("name")) for n in script.nodes if n.type == "class_definition"}
    own = {*script.functions, *classes}
    if not guards.starts:
        return True
    return any(_has_effect(call, own) and not guards.hold(call) for calls in script.calls.values() for call in calls)


def _has_effect(call: Node, own: set[bytes]) -> bool:
    name, written = called(call), text_of(call.child_by_field_name("function"))
    return name not in _QUIET and (name not in own or written.startswith((b"os.", b"subprocess.")))


class _Guards:
    """Which nodes are reached only by names that are tested."""

    def __init__(self, script: PythonScript, tests: Sequence[Tested], named: frozenset[Given]) -> None:
        self.script = script
        self.named = named
        self.starts = {test.start for test in tests}
        self.known: dict[int, bool] = {}

    def hold(self, node: Node) -> bool:
        """Tell whether a node is reached by tested names alone."""
        below, above = node, node.parent
        while above is not None:
            if self._looks_up(above):
                return True
            if above.type in ("if_statement", "elif_clause") and below == above.child_by_field_name("consequence"):
                condition = above.child_by_field_name("condition")
                if condition is not None and self._asks(condition) is True:
                    return True
            if above.type == "case_clause" and self._is_of_names(above):
                return True
            if above.type == "function_definition":
                return self._calls_are_guarded(above)
            if any(self._sends_away(child) for child in above.named_children if child.start_byte < below.start_byte):
                return True
            below, above = above, above.parent
        return False

    def _asks(self, condition: Node) -> bool | None:
        """True for a condition that holds for tested names alone, False for all others alone, None where neither."""
        nodes = list(walk(condition))
        tests = [node for node in nodes if node.type in ("comparison_operator", "call") and self._is_test(node)]
        if not tests or any(node.type == "not_operator" for node in nodes):
            return None
        words = [b" ".join(text_of(o) for o in node.children_by_field_name("operators")).split() for node in tests]
        negated = [word[:1] in ([b"!="], [b"<>"], [b"not"]) for word in words]
        mixed = any(node.type == "boolean_operator" and b" or " in text_of(node) for node in nodes)
        if all(negated):
            return None if mixed else False
        every = all(node in tests for node in nodes if node.type == "comparison_operator")
        return True if not any(negated) and (not mixed or every) else None

    def _is_test(self, comparison: Node) -> bool:
        if any(comparison.start_byte <= start < comparison.end_byte for start in self.starts):
            return True
        if comparison.type == "call":
            return False
        sides = comparison.named_children  # `name in UPLINKS`: the literals stand elsewhere
        held = self.script.literal(sides[-1], ("list", "tuple", "set", "dictionary")) if sides else None
        tested = held is not None and any(held.start_byte <= start < held.end_byte for start in self.starts)
        return tested and bool(self.script.holds(sides[0]).words & self.named)

    def _looks_up(self, node: Node) -> bool:
        """A statement that needs the entry of a dict for the name: without one it fails."""
        if node.type not in ("expression_statement", "for_statement", "assignment", "call"):
            return False
        parts = [node.child_by_field_name("right") or node] if node.type == "for_statement" else [node]
        for part in (inner for start in parts for inner in walk(start)):
            if part.type != "subscript":
                continue
            base, key = part.child_by_field_name("value"), part.child_by_field_name("subscript")
            held = self.script.literal(base, ("dictionary",)) if base is not None else None
            if held is not None and key is not None and self.script.holds(key).words & self.named:
                return True
        return False

    def _is_of_names(self, clause: Node) -> bool:
        patterns = [child for child in clause.named_children if child.type == "case_pattern"]
        return any(p.start_byte <= start < p.end_byte for p in patterns for start in self.starts)

    def _sends_away(self, statement: Node) -> bool:
        """`if name != "GW": return`: what follows is for the tested names."""
        if statement.type != "if_statement" or statement.child_by_field_name("alternative") is not None:
            return False
        condition, body = statement.child_by_field_name("condition"), statement.child_by_field_name("consequence")
        if condition is None or body is None or not body.named_children or self._asks(condition) is not False:
            return False
        last = body.named_children[-1]
        return last.type in _LEAVING or text_of(last).startswith((b"sys.exit", b"exit", b"os._exit"))

    def _calls_are_guarded(self, function: Node) -> bool:
        key = function.start_byte
        if key not in self.known:
            self.known[key] = True  # a function that calls itself
            calls = self.script.calls_of(function)
            self.known[key] = bool(calls) and all(self.hold(call) for call in calls)
        return self.known[key]
