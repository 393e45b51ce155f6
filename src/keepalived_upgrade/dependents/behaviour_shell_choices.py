"""The choices of a shell script on a call's way: `if`, `case`, `&&` and `||`, and which arms they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_run import Run
from keepalived_upgrade.dependents.behaviour_shell_parts import body_of, clauses_of, matches
from keepalived_upgrade.dependents.behaviour_tests import evaluate
from keepalived_upgrade.dependents.behaviour_trace import Asked, Value, agreed
from keepalived_upgrade.dependents.behaviour_words import Words
from keepalived_upgrade.dependents.shell_tree import case_patterns, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_OF_PATTERN = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a statement ended: flow "" (on), "exit", "return" or "break"; truth of its status; what was asked in it."""

    flow: str = ""
    truth: bool | None = None
    asked: tuple[Asked, ...] = ()


ON = Outcome()


@dataclass(slots=True, kw_only=True)
class Choices(Run):
    """words: what is known. quiet, asking: how many conditions it is in. background: nobody waits for what is run."""

    words: Words
    quiet: int = 0
    asking: int = 0
    background: bool = False

    def run(self, node: Node) -> Outcome:
        """Run one statement."""
        raise NotImplementedError

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

    def _take(self, body: Sequence[Node], asked: Sequence[Asked], form: str, place: Node) -> Outcome:
        with self.taking(asked, form, place):
            return self.sequence(body)

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
