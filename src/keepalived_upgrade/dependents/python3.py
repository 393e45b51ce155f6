"""Follow names into Python 3 with libcst: structure and scopes from its tree, edits as byte spans of the original.

What is not rewritten here is not reported here either: `python.follow_python` reports every mention that is neither
edited nor handled.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from keepalived_upgrade.dependents.python3_calls import handed_to
from keepalived_upgrade.dependents.python3_loops import is_gone_through
from keepalived_upgrade.dependents.python3_parts import parts_of
from keepalived_upgrade.dependents.python3_regex import spread_pattern
from keepalived_upgrade.dependents.python3_texts import spread_text
from keepalived_upgrade.dependents.python3_tree import (
    Tree,
    asks_membership,
    is_constant,
    is_equality,
    read_tree,
)
from keepalived_upgrade.dependents.python3_uses import matched_how
from keepalived_upgrade.dependents.python3_why import Reason, reasons_of
from keepalived_upgrade.dependents.regexes import accept_pattern
from keepalived_upgrade.dependents.spans import Spans

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.mentions import Names

_KEYS = frozenset(("items", "keys", "iteritems", "iterkeys"))
_COLLECTION_MAKERS = ("set", "frozenset", "tuple", "list")
# What an expression is matched against, as an anchored one: re.match begins at the start, re.fullmatch ends at the end.
_ANCHORS = {"search": (b"", b""), "match": (b"^", b""), "fullmatch": (b"^", b"$")}
_STORING = (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del, cst.Element, cst.AsName)
# Methods that only a text has, or that nearly always give one: `"GW" in line.strip()` asks for a part of it.
_GIVES_TEXT = ("strip", "lstrip", "rstrip", "join", "read", "readline", "decode", "format")


@dataclass(slots=True)
class Followed:
    """replaced: (start, end, new text, old name), in order of the text. handled: spans that need no word.

    reasons: why a mention that is neither is left to a person. together: spans that change together or not at all.
    """

    replaced: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    handled: list[tuple[int, int]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    together: list[frozenset[tuple[int, int]]] = field(default_factory=list)


def follow_module(source: bytes, names: Names, importable: bool) -> Followed | None:
    """Rewrite a Python 3 script for the names; None when libcst does not read it, or not without loss.

    importable: another script may import its constants, so that they cannot change their type here.
    """
    tree = read_tree(source, names, importable)
    return follow_tree(tree) if tree is not None else None


def follow_tree(tree: Tree) -> Followed | None:
    """Rewrite what a tree holds, one module or several; None where it is nested too deeply."""
    work = _Module(tree)
    try:
        work.run()
        work.done.reasons += reasons_of(tree)
    except RecursionError:  # an expression of thousands of terms: tree-sitter reads it without recursion
        return None
    work.done.replaced.sort()
    return work.done


@dataclass(slots=True)
class _Module:
    tree: Tree
    done: Followed = field(default_factory=Followed)
    _tested: dict[cst.CSTNode, bool] = field(default_factory=dict)
    spans: Spans = field(default_factory=Spans)

    def run(self) -> None:
        for node in self.tree.every(cst.SimpleString):
            value = self.tree.value(node)
            if value in self.tree.names and value is not None:
                self._literal(node, value)
            elif value is not None and any(name in value for name in self.tree.names):
                self._longer(node, value)

    def _literal(self, node: cst.SimpleString, old: bytes) -> None:
        parent = self.tree.parents[node]
        if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
            self._compared(node, parent, old)
        elif isinstance(parent, cst.Element):
            self._element(node, parent, old)
        elif isinstance(parent, cst.DictElement) and parent.key is node:
            self._key(node, parent, old)
        elif isinstance(parent, cst.MatchValue):
            self._matched(node, parent, old)
        elif isinstance(parent, cst.Assign):
            before = len(self.done.replaced)
            self._constant(node, parent, old)
            spans = frozenset((start, end) for start, end, _, _ in self.done.replaced[before:])
            self.done.together.append(spans)
        elif isinstance(parent, cst.Arg):
            self._affix(node, parent, old)

    def _longer(self, node: cst.SimpleString, value: bytes) -> None:
        """A literal that holds a name among others: an expression, or what a text put together is compared with."""
        parent = self.tree.parents[node]
        if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
            comparison = parent if isinstance(parent, cst.Comparison) else self.tree.parents[parent]
            if is_equality(comparison) and not self.tree.has_comment(comparison):
                target = comparison.comparisons[0]
                self._composed(node, value, target.comparator if comparison.left is node else comparison.left)
        elif isinstance(parent, cst.Element) and asks_membership(self.tree.parents[self.tree.parents[parent]]):
            target = self.tree.parents[self.tree.parents[parent]]
            self._composed(node, value, self.tree.parents[target].left)
        else:
            self._regex(node, value)

    def _composed(self, node: cst.SimpleString, value: bytes, other: cst.BaseExpression) -> None:
        """`f"{kind}/{name}" == "INSTANCE/GW"`: one literal for each new name."""
        spread = spread_text(self.tree, value, other)
        if spread is None:
            return
        old, values = spread
        parent = self.tree.parents[node]
        if isinstance(parent, cst.Element):
            present = [self.tree.value(item.value) for item in self.tree.parents[parent].elements]
            values = tuple(new for new in values if new == value or new not in present) or (value,)
        written = b", ".join(self._spelled(node, value, new) for new in values)
        if isinstance(parent, cst.Element) or len(values) == 1:
            self._replace(node, written, old)
            return
        comparison = parent if isinstance(parent, cst.Comparison) else self.tree.parents[parent]
        self._replace(comparison, self._asks(other, comparison.comparisons[0].operator) + b"(" + written + b")", old)

    # -- tests --------------------------------------------------------------------------------------------------

    def _compared(self, node: cst.SimpleString, parent: cst.CSTNode, old: bytes) -> None:
        """`x == "GW"` becomes `x in ("GW_v4", "GW_v6")`, `!=` becomes `not in`."""
        comparison = parent if isinstance(parent, cst.Comparison) else self.tree.parents[parent]
        if self._asks_for_part(node, comparison):
            self._handle(node)
            return
        if not is_equality(comparison) or self.tree.has_comment(comparison):
            return
        target = comparison.comparisons[0]
        other = target.comparator if comparison.left is node else comparison.left
        if self._is_unsure(other):
            return  # a constant that holds a name, compared with a name; or a text that was cut
        if len(self.tree.names[old]) == 1:
            self._replace(node, self._spelled(node, old, self.tree.names[old][0]), old)
            return
        self._replace(comparison, self._asks(other, target.operator) + self._tuple(node, old), old)

    def _asks_for_part(self, node: cst.SimpleString, comparison: cst.Comparison) -> bool:
        """Tell whether `"GW" in line.strip()` is asked: a text that held the name holds it in each new one, too."""
        target = comparison.comparisons[0]
        if comparison.left is not node or len(comparison.comparisons) != 1 or not asks_membership(target):
            return False
        old, where = self.tree.value(node), target.comparator
        text = isinstance(where, cst.FormattedString)
        if isinstance(where, cst.Call):
            function = where.func
            text = isinstance(function, cst.Name) and function.value == "str"
            text = text or (isinstance(function, cst.Attribute) and function.attr.value in _GIVES_TEXT)
        return text and old is not None and all(old in new for new in self.tree.names[old])

    def _asks(self, other: cst.CSTNode, operator: cst.BaseCompOp) -> bytes:
        text = self.tree.text(other)
        return text + (b" in " if isinstance(operator, cst.Equal) else b" not in ")

    def _element(self, node: cst.SimpleString, element: cst.Element, old: bytes) -> None:
        """An item of a collection that is tested with `in`, of argparse's choices, of what startswith takes."""
        collection = self.tree.parents[element]
        present = self.tree.values_in(collection)
        affix = self._affix_of(self.tree.parents[collection])
        if affix:
            missing = [n for n in self.tree.names[old] if not any(_has(affix, n, p) for p in present)]
            self._replace(node, b", ".join(self._spelled(node, old, n) for n in (old, *missing)), old)
        elif self._tests(collection):
            self._replace(node, b", ".join(self._missing(node, old, present)), old)

    def _tests(self, collection: cst.CSTNode) -> bool:
        """Tell whether a collection is tested. Kept: each of its items asks."""
        if collection not in self._tested:
            self._tested[collection] = self._is_tested(collection)
        return self._tested[collection]

    def _missing(self, node: cst.CSTNode, old: bytes, present: Collection[bytes | None]) -> list[bytes]:
        """The new names that a list lacks, as they are to be written; the old one where it lacks none."""
        wanted = [n for n in self.tree.names[old] if n == old or n not in present]
        return [self._spelled(node, old, n) for n in wanted or [old]]

    def _is_tested(self, collection: cst.CSTNode) -> bool:
        parent = self.tree.parents[collection]
        if isinstance(parent, cst.Arg):
            if parent.keyword is not None:
                return parent.keyword.value == "choices"
            call = self.tree.parents[parent]
            made = isinstance(call.func, cst.Name) and call.func.value in _COLLECTION_MAKERS and len(call.args) == 1
            return made and self._is_tested(call)
        if isinstance(parent, cst.ComparisonTarget):
            return self._is_right_of_in(collection)
        if isinstance(parent, cst.Assign):
            uses = self.tree.uses(parent)
            return bool(uses) and all(self._is_right_of_in(use) or is_gone_through(self.tree, use) for use in uses)
        return is_gone_through(self.tree, collection)

    def _is_right_of_in(self, use: cst.CSTNode) -> bool:
        parent = self.tree.parents[use]
        if not asks_membership(parent):
            return False
        comparison = self.tree.parents[parent]
        return len(comparison.comparisons) == 1 and not self._is_unsure(comparison.left)

    def _matched(self, node: cst.SimpleString, value: cst.MatchValue, old: bytes) -> None:
        above = self.tree.parents[value]
        subject = next((node.subject for node in self.tree.above(value) if isinstance(node, cst.Match)), None)
        if subject is not None and self.tree.reshapes(subject):
            return
        present: set[bytes | None] = set()
        if isinstance(above, cst.MatchOrElement):
            either = self.tree.parents[above].patterns
            present = {self.tree.value(p.pattern.value) for p in either if isinstance(p.pattern, cst.MatchValue)}
        self._replace(node, b" | ".join(self._missing(node, old, present)), old)

    def _affix(self, node: cst.SimpleString, argument: cst.Arg, old: bytes) -> None:
        """`x.startswith("GW")` accepts GW_v4 as it is; `x.endswith("GW")` must be told."""
        affix = self._affix_of(argument)
        if not affix:
            self._call(node, argument, old)
            self._regex(node, old)
            return
        if self.tree.reshapes(self.tree.parents[argument].func.value):
            return
        missing = [new for new in self.tree.names[old] if not _has(affix, new, old)]
        if not missing:
            self._handle(node)
            return
        joined = b", ".join(self._spelled(node, old, name) for name in (old, *missing))
        self._replace(node, b"(" + joined + b")", old)

    def _affix_of(self, argument: cst.CSTNode) -> str:
        call = self.tree.parents[argument] if isinstance(argument, cst.Arg) else None
        if not isinstance(call, cst.Call) or len(call.args) != 1 or not isinstance(call.func, cst.Attribute):
            return ""
        name = call.func.attr.value
        return name if name in ("startswith", "endswith") else ""

    def _call(self, node: cst.SimpleString, argument: cst.Arg, old: bytes) -> None:
        """`is_at(name, "GW")` of a function that only compares: it is called for each new name."""
        handed, new = handed_to(self.tree, argument), self.tree.names[old]
        if handed is None or not handed.joined:
            return
        if len(new) == 1:
            self._replace(node, self._spelled(node, old, new[0]), old)
            return
        (start, end), (first, last) = self.tree.span(handed.call), self.tree.span(node)
        before, after = self.tree.source[start:first], self.tree.source[last:end]
        alone = sum(self.tree.value(one.value) in self.tree.names for one in handed.call.args) == 1
        if alone and b"#" not in before + after:
            each = (before + self._spelled(node, old, name) + after for name in new)
            self._replace(handed.call, b"(" + handed.joined.join(each) + b")", old)

    def _regex(self, node: cst.SimpleString, value: bytes) -> None:
        """`re.match(r"^(GW|LAN)$", x)`: an expression that lists whole names."""
        how = matched_how(self.tree, node)
        if how is None or (how == "fullmatch" and b"|" in re.sub(rb"\([^()]*\)", b"", value)):
            return  # `GW|LAN` cannot be anchored without parentheses
        before, after = _ANCHORS[how]
        before, after = before[value.startswith(b"^") :], after[value.endswith(b"$") :]
        whole = before + value + after
        accepting = accept_pattern(whole, self.tree.names) or spread_pattern(whole, self.tree.names)
        if accepting is None:
            return
        inner = accepting[len(before) : len(accepting) - len(after)]
        old = next(name for name in sorted(self.tree.names, key=len, reverse=True) if name in value)
        self._replace(node, self._spelled(node, value, inner), old)

    # -- what holds a name ----------------------------------------------------------------------------------------

    def _key(self, node: cst.SimpleString, pair: cst.DictElement, old: bytes) -> None:
        """One entry for each new name, where the value cannot be shared by accident and nothing is stored."""
        dictionary, new = self.tree.parents[pair], self.tree.names[old]
        if len(new) > 1 and not (is_constant(pair.value) and self._is_looked_up(dictionary)):
            return
        if len(new) == 1 and self._is_gone_through(dictionary):
            return
        keys = {self.tree.value(item.key) for item in dictionary.elements if isinstance(item, cst.DictElement)}
        start, end = self.tree.span(node)
        value = self.tree.source[end : self.tree.span(pair)[1]].rstrip(b", \t\r\n")
        entries = b", ".join(written + value for written in self._missing(node, old, keys))
        self._replace_span(start, end + len(value), entries, old)

    def _is_looked_up(self, dictionary: cst.CSTNode) -> bool:
        parent = self.tree.parents[dictionary]
        if not isinstance(parent, cst.Assign):
            return self._is_lookup(dictionary)
        uses = self.tree.uses(parent)
        return bool(uses) and all(self._is_lookup(use) for use in uses)

    def _is_gone_through(self, dictionary: cst.CSTNode) -> bool:
        """Tell whether the keys of a dict are used for something: they may be more than names of instances."""
        parent = self.tree.parents[dictionary]
        uses = self.tree.uses(parent) if isinstance(parent, cst.Assign) else [dictionary]
        above = [self.tree.parents[use] for use in uses]
        asked = (node.attr.value for node in above if isinstance(node, cst.Attribute))
        return any(isinstance(node, (cst.For, cst.CompFor)) for node in above) or not _KEYS.isdisjoint(asked)

    def _is_lookup(self, use: cst.CSTNode) -> bool:
        parent = self.tree.parents[use]
        if isinstance(parent, cst.ComparisonTarget):
            return self._is_right_of_in(use)
        if isinstance(parent, cst.Attribute):
            call = self.tree.parents[parent]
            asked = call.args[0].value if isinstance(call, cst.Call) and call.args else None
            return parent.attr.value == "get" and not self._is_unsure(asked)
        if not isinstance(parent, cst.Subscript) or parent.value is not use:
            return False
        above, index = self.tree.parents[parent], parent.slice[0].slice
        stored = isinstance(above, _STORING) or getattr(above, "target", None) is parent
        return not stored and not (isinstance(index, cst.Index) and self._is_unsure(index.value))

    def _is_unsure(self, operand: cst.CSTNode | None) -> bool:
        """Tell whether an operand may hold the old name by the script's own doing, or is a text that was cut."""
        if operand is not None and any(
            self.tree.value(part) in self.tree.names for part in parts_of(operand) if isinstance(part, cst.SimpleString)
        ):
            return True  # `environ.get("NAME", "GW")`
        return self.tree.holds_name(operand) or (operand is not None and self.tree.reshapes(operand))

    def _constant(self, node: cst.SimpleString, assign: cst.Assign, old: bytes) -> None:
        """`INSTANCE = "GW"`, compared with == and != only: it becomes a tuple, and the tests ask with in."""
        uses = self.tree.uses(assign)
        tests = [self._test_of(use) for use in uses]
        if not tests or len(set(tests)) != len(tests) or any(test is None for test in tests):
            bad = next((use for use, test in zip(uses, tests, strict=True) if test is None), None)
            if bad is not None:
                why = f"is kept in a variable here, and {self.tree.where(bad)} uses it for more than to compare it"
                self.done.reasons.append(Reason(*self.tree.span(node), why, True))
            return
        if len(self.tree.names[old]) == 1:
            self._replace(node, self._spelled(node, old, self.tree.names[old][0]), old)
            return
        self._replace(node, self._tuple(node, old), old)
        for use, test in zip(uses, tests, strict=True):
            if test is not None:
                target = test.comparisons[0]
                other = target.comparator if test.left is use else test.left
                name = self.tree.text(use)
                self._replace(test, self._asks(other, target.operator) + name, old)

    def _test_of(self, use: cst.CSTNode) -> cst.Comparison | None:
        parent = self.tree.parents[use]
        comparison: cst.Comparison = self.tree.parents[parent] if isinstance(parent, cst.ComparisonTarget) else parent
        if not is_equality(comparison) or self.tree.has_comment(comparison):
            return None
        sides = (comparison.left, comparison.comparisons[0].comparator)
        others = [side for side in sides if side is not use]
        if any(isinstance(o, cst.SimpleString) or self._is_unsure(o) for o in others):
            return None
        return comparison

    # -- spans ----------------------------------------------------------------------------------------------------

    def _spelled(self, node: cst.CSTNode, old: bytes, new: bytes) -> bytes:
        start, end = self.tree.span(node)
        return self.tree.source[start:end].replace(old, new)

    def _tuple(self, node: cst.CSTNode, old: bytes) -> bytes:
        return b"(" + b", ".join(self._spelled(node, old, name) for name in self.tree.names[old]) + b")"

    def _handle(self, node: cst.CSTNode) -> None:
        self.done.handled.append(self.tree.span(node))

    def _replace(self, node: cst.CSTNode, new: bytes, old: bytes) -> None:
        self._replace_span(*self.tree.span(node), new, old)

    def _replace_span(self, start: int, end: int, new: bytes, old: bytes) -> None:
        self.done.handled.append((start, end))
        if new != self.tree.source[start:end] and not self.spans.overlaps(start, end):
            self.spans.add(start, end)
            self.done.replaced.append((start, end, new, old))


def _has(affix: str, name: bytes, part: bytes | None) -> bool:
    if part is None:
        return False
    return name.startswith(part) if affix == "startswith" else name.endswith(part)
