"""Follow names into Python 3 with libcst: structure and scopes from its tree, edits as byte spans of the original.

What is not rewritten here is not reported here either: `python.follow_python` reports every mention that is neither
edited nor handled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper, ParentNodeProvider, ScopeProvider

from keepalived_upgrade.dependents.python_literals import literal_value
from keepalived_upgrade.dependents.regexes import accept_pattern

if TYPE_CHECKING:
    from libcst.metadata import Scope

    from keepalived_upgrade.dependents.mentions import Names

_COLLECTION_MAKERS = ("set", "frozenset", "tuple", "list")
# What an expression is matched against, as an anchored one: re.match begins at the start, re.fullmatch ends at the end.
_ANCHORS = {"search": (b"", b""), "match": (b"^", b""), "fullmatch": (b"^", b"$")}


@dataclass(slots=True)
class Followed:
    """replaced: (start, end, new text, old name), in order of the text. handled: spans that need no word."""

    replaced: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    handled: list[tuple[int, int]] = field(default_factory=list)


def follow_module(source: bytes, names: Names, importable: bool) -> Followed | None:
    """Rewrite a Python 3 script for the names; None when libcst does not read it, or not without loss.

    importable: another script may import its constants, so that they cannot change their type here.
    """
    try:
        module = cst.parse_module(source)
        if module.bytes != source or not _has_byte_spans(module, source):
            return None
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        found = wrapper.resolve_many([ByteSpanPositionProvider, ParentNodeProvider, ScopeProvider])
    except (cst.ParserSyntaxError, cst.CSTValidationError, ValueError, LookupError, RecursionError):
        return None
    spans, parents, scopes = (found[p] for p in (ByteSpanPositionProvider, ParentNodeProvider, ScopeProvider))
    work = _Module(source, names, importable, module, spans, parents, scopes)
    work.run()
    return Followed(sorted(work.done.replaced), work.done.handled)


@dataclass(slots=True)
class _Module:
    source: bytes
    names: Names
    importable: bool
    module: cst.Module
    spans: Any
    parents: Any
    scopes: Any
    done: Followed = field(default_factory=Followed)

    def run(self) -> None:
        for node in self.spans:
            if not isinstance(node, cst.SimpleString):
                continue
            value = self._value(node)
            if value in self.names and value is not None:
                self._literal(node, value)
            elif value is not None and any(name in value for name in self.names):
                self._regex(node, value)

    def _literal(self, node: cst.SimpleString, old: bytes) -> None:
        parent = self.parents[node]
        if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
            self._compared(node, parent, old)
        elif isinstance(parent, cst.Element):
            self._element(node, parent, old)
        elif isinstance(parent, cst.DictElement) and parent.key is node:
            self._key(node, parent, old)
        elif isinstance(parent, cst.MatchValue):
            self._matched(node, parent, old)
        elif isinstance(parent, cst.Assign):
            self._constant(node, parent, old)
        elif isinstance(parent, cst.Arg):
            self._affix(node, parent, old)

    # -- tests --------------------------------------------------------------------------------------------------

    def _compared(self, node: cst.SimpleString, parent: cst.CSTNode, old: bytes) -> None:
        """`x == "GW"` becomes `x in ("GW_v4", "GW_v6")`, `!=` becomes `not in`."""
        comparison = parent if isinstance(parent, cst.Comparison) else self.parents[parent]
        if not _is_equality(comparison) or self._has_comment(comparison):
            return
        target = comparison.comparisons[0]
        other = target.comparator if comparison.left is node else comparison.left
        if isinstance(other, cst.Name) and other.value in self._held():
            return  # a constant that holds a name, compared with a name
        if len(self.names[old]) == 1:
            self._replace(node, self._spelled(node, old, self.names[old][0]), old)
            return
        self._replace(comparison, self._asks(other, target.operator) + self._tuple(node, old), old)

    def _has_comment(self, node: cst.CSTNode) -> bool:
        """Tell whether a comment may stand inside: it would be lost where the node is written anew."""
        start, end = self._span(node)
        return b"#" in self.source[start:end]

    def _held(self) -> set[str]:
        """The names of all variables that are ever assigned one of the names."""
        assigns = [
            node for node in self.spans if isinstance(node, cst.Assign) and self._value(node.value) in self.names
        ]
        return {t.target.value for node in assigns for t in node.targets if isinstance(t.target, cst.Name)}

    def _asks(self, other: cst.CSTNode, operator: cst.BaseCompOp) -> bytes:
        text = self.module.code_for_node(other).encode(self.module.encoding)
        return text + (b" in " if isinstance(operator, cst.Equal) else b" not in ")

    def _element(self, node: cst.SimpleString, element: cst.Element, old: bytes) -> None:
        """An item of a collection that is tested with `in`, of argparse's choices, of what startswith takes."""
        collection = self.parents[element]
        present = [self._value(item.value) for item in collection.elements]
        affix = self._affix_of(self.parents[collection])
        if affix:
            missing = [n for n in self.names[old] if not any(_has(affix, n, p) for p in present)]
            self._replace(node, b", ".join(self._spelled(node, old, n) for n in (old, *missing)), old)
        elif self._is_tested(collection):
            wanted = [n for n in self.names[old] if n == old or n not in present]
            self._replace(node, b", ".join(self._spelled(node, old, n) for n in wanted), old)

    def _is_tested(self, collection: cst.CSTNode) -> bool:
        parent = self.parents[collection]
        if isinstance(parent, cst.Arg):
            if parent.keyword is not None:
                return parent.keyword.value == "choices"
            call = self.parents[parent]
            made = isinstance(call.func, cst.Name) and call.func.value in _COLLECTION_MAKERS and len(call.args) == 1
            return made and self._is_tested(call)
        if isinstance(parent, cst.ComparisonTarget):
            return _asks_membership(parent)
        if isinstance(parent, cst.Assign):
            uses = self._uses(parent)
            return bool(uses) and all(self._is_right_of_in(use) for use in uses)
        return False

    def _is_right_of_in(self, use: cst.CSTNode) -> bool:
        parent = self.parents[use]
        single = isinstance(parent, cst.ComparisonTarget) and len(self.parents[parent].comparisons) == 1
        return single and _asks_membership(parent)

    def _matched(self, node: cst.SimpleString, value: cst.MatchValue, old: bytes) -> None:
        above = self.parents[value]
        present: set[bytes | None] = set()
        if isinstance(above, cst.MatchOrElement):
            either = self.parents[above].patterns
            present = {self._value(p.pattern.value) for p in either if isinstance(p.pattern, cst.MatchValue)}
        wanted = [n for n in self.names[old] if n == old or n not in present]
        self._replace(node, b" | ".join(self._spelled(node, old, n) for n in wanted), old)

    def _affix(self, node: cst.SimpleString, argument: cst.Arg, old: bytes) -> None:
        """`x.startswith("GW")` accepts GW_v4 as it is; `x.endswith("GW")` must be told."""
        affix = self._affix_of(argument)
        if not affix:
            self._regex(node, old)
            return
        missing = [new for new in self.names[old] if not _has(affix, new, old)]
        if not missing:
            self._handle(node)
            return
        joined = b", ".join(self._spelled(node, old, name) for name in (old, *missing))
        self._replace(node, b"(" + joined + b")", old)

    def _affix_of(self, argument: cst.CSTNode) -> str:
        call = self.parents[argument] if isinstance(argument, cst.Arg) else None
        if not isinstance(call, cst.Call) or len(call.args) != 1 or not isinstance(call.func, cst.Attribute):
            return ""
        name = call.func.attr.value
        return name if name in ("startswith", "endswith") else ""

    def _regex(self, node: cst.SimpleString, value: bytes) -> None:
        """`re.match(r"^(GW|LAN)$", x)`: an expression that lists whole names."""
        argument = self.parents[node]
        call = self.parents[argument] if isinstance(argument, cst.Arg) else None
        if not isinstance(call, cst.Call) or len(call.args) != 2 or call.args[0] is not argument:
            return
        function = call.func
        if not isinstance(function, cst.Attribute) or not isinstance(function.value, cst.Name):
            return
        if function.value.value != "re" or function.attr.value not in _ANCHORS:
            return
        before, after = _ANCHORS[function.attr.value]
        before, after = before[value.startswith(b"^") :], after[value.endswith(b"$") :]
        accepting = accept_pattern(before + value + after, self.names)
        if accepting is None:
            return
        inner = accepting[len(before) : len(accepting) - len(after)]
        old = next(name for name in sorted(self.names, key=len, reverse=True) if name in value)
        self._replace(node, self._spelled(node, value, inner), old)

    # -- what holds a name ----------------------------------------------------------------------------------------

    def _key(self, node: cst.SimpleString, pair: cst.DictElement, old: bytes) -> None:
        """One entry for each new name, where the value cannot be shared by accident and nothing is stored."""
        dictionary, new = self.parents[pair], self.names[old]
        if len(new) > 1 and not (_is_constant(pair.value) and self._is_looked_up(dictionary)):
            return
        keys = {self._value(item.key) for item in dictionary.elements if isinstance(item, cst.DictElement)}
        start, end = self._span(node)[1], self._span(pair)[1]
        wanted = [n for n in new if n == old or n not in keys]
        entries = b", ".join(self._spelled(node, old, n) + self.source[start:end].rstrip(b", \t\r\n") for n in wanted)
        self._replace_span(self._span(node)[0], start + len(self.source[start:end].rstrip(b", \t\r\n")), entries, old)

    def _is_looked_up(self, dictionary: cst.CSTNode) -> bool:
        parent = self.parents[dictionary]
        if not isinstance(parent, cst.Assign):
            return self._is_lookup(dictionary)
        uses = self._uses(parent)
        return bool(uses) and all(self._is_lookup(use) for use in uses)

    def _is_lookup(self, use: cst.CSTNode) -> bool:
        parent = self.parents[use]
        if isinstance(parent, cst.ComparisonTarget):
            return self._is_right_of_in(use)
        if isinstance(parent, cst.Attribute):
            return parent.attr.value == "get"
        above = self.parents[parent]
        stored = isinstance(above, (cst.AssignTarget, cst.AugAssign, cst.Del, cst.Element))
        return isinstance(parent, cst.Subscript) and not stored

    def _constant(self, node: cst.SimpleString, assign: cst.Assign, old: bytes) -> None:
        """`INSTANCE = "GW"`, compared with == and != only: it becomes a tuple, and the tests ask with in."""
        uses = self._uses(assign)
        tests = [self._test_of(use) for use in uses]
        if not tests or len(set(tests)) != len(tests) or any(test is None for test in tests):
            return
        if len(self.names[old]) == 1:
            self._replace(node, self._spelled(node, old, self.names[old][0]), old)
            return
        self._replace(node, self._tuple(node, old), old)
        for use, test in zip(uses, tests, strict=True):
            if test is not None:
                target = test.comparisons[0]
                other = target.comparator if test.left is use else test.left
                name = self.module.code_for_node(use).encode(self.module.encoding)
                self._replace(test, self._asks(other, target.operator) + name, old)

    def _test_of(self, use: cst.CSTNode) -> cst.Comparison | None:
        parent = self.parents[use]
        comparison = self.parents[parent] if isinstance(parent, cst.ComparisonTarget) else parent
        if not _is_equality(comparison) or self._has_comment(comparison):
            return None
        sides = (comparison.left, comparison.comparisons[0].comparator)
        others = [side for side in sides if side is not use]
        literal = any(isinstance(side, cst.SimpleString) for side in others)
        held = any(isinstance(side, cst.Name) and side.value in self._held() for side in others)
        return None if literal or held else comparison

    def _uses(self, assign: cst.Assign) -> list[cst.CSTNode]:
        """The uses of a variable that is assigned here and nowhere else, by scope; none where that cannot be told."""
        target = assign.targets[0].target
        if len(assign.targets) != 1 or not isinstance(target, cst.Name):
            return []
        scope: Scope | None = self.scopes.get(target)
        if scope is None or isinstance(scope, cst.metadata.ClassScope):  # used as an attribute, of any object
            return []
        assigned = list(scope[target.value])
        if len(assigned) != 1 or (self.importable and isinstance(scope, cst.metadata.GlobalScope)):
            return []
        return sorted((access.node for access in assigned[0].references), key=lambda use: self._span(use)[0])

    # -- spans ----------------------------------------------------------------------------------------------------

    def _span(self, node: cst.CSTNode) -> tuple[int, int]:
        span = self.spans[node]
        return span.start, span.start + span.length

    def _value(self, node: cst.CSTNode | None) -> bytes | None:
        if not isinstance(node, cst.SimpleString):
            return None
        start, end = self._span(node)
        return literal_value(self.source[start:end])

    def _spelled(self, node: cst.CSTNode, old: bytes, new: bytes) -> bytes:
        start, end = self._span(node)
        return self.source[start:end].replace(old, new)

    def _tuple(self, node: cst.CSTNode, old: bytes) -> bytes:
        return b"(" + b", ".join(self._spelled(node, old, name) for name in self.names[old]) + b")"

    def _handle(self, node: cst.CSTNode) -> None:
        self.done.handled.append(self._span(node))

    def _replace(self, node: cst.CSTNode, new: bytes, old: bytes) -> None:
        self._replace_span(*self._span(node), new, old)

    def _replace_span(self, start: int, end: int, new: bytes, old: bytes) -> None:
        self.done.handled.append((start, end))
        taken = any(start < e and s < end for s, e, _, _ in self.done.replaced)
        if new != self.source[start:end] and not taken:
            self.done.replaced.append((start, end, new, old))


def _has_byte_spans(module: cst.Module, source: bytes) -> bool:
    """Tell whether libcst's positions are those of the source: it counts in UTF-8, and no byte order mark."""
    return source.isascii() or (module.encoding in ("utf-8", "utf8") and not source.startswith(b"\xef\xbb\xbf"))


def _is_equality(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return False
    return isinstance(node.comparisons[0].operator, (cst.Equal, cst.NotEqual))


def _asks_membership(target: cst.ComparisonTarget) -> bool:
    return isinstance(target.operator, (cst.In, cst.NotIn))


def _has(affix: str, name: bytes, part: bytes | None) -> bool:
    if part is None:
        return False
    return name.startswith(part) if affix == "startswith" else name.endswith(part)


def _is_constant(value: cst.CSTNode) -> bool:
    pending: list[cst.CSTNode] = list(_flat(value))
    plain = (cst.SimpleString, cst.Integer, cst.Float, cst.Name)
    return all(isinstance(node, plain) for node in pending)


def _flat(value: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A value, or what the tuple that it is holds."""
    if not isinstance(value, cst.Tuple):
        yield value
        return
    for element in value.elements:
        yield from _flat(element.value)
