"""A Python 3 script as libcst reads it, for the names to follow: values, spans of bytes, uses of variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper, ParentNodeProvider, ScopeProvider

from keepalived_upgrade.dependents.python3_attributes import attribute_uses
from keepalived_upgrade.dependents.python3_parts import called, parts_of
from keepalived_upgrade.dependents.python3_reshaped import find_reshaped, reshapes
from keepalived_upgrade.dependents.python_literals import literal_value

if TYPE_CHECKING:
    from libcst.metadata import Scope

    from keepalived_upgrade.dependents.mentions import Names

COLLECTIONS = (cst.Tuple, cst.List, cst.Set)


@dataclass(slots=True)
class Tree:
    """importable: another script may import the constants of this one, so that they cannot change their type."""

    source: bytes
    names: Names
    importable: bool
    module: cst.Module
    spans: Any
    parents: Any
    scopes: Any
    _held: frozenset[str] | None = field(default=None)
    _has_star: bool | None = field(default=None)
    _reshaped: frozenset[str] | None = field(default=None)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        span = self.spans[node]
        return span.start, span.start + span.length

    def text(self, node: cst.CSTNode) -> bytes:
        """What a node is written as, with the parentheses around it."""
        return self.module.code_for_node(node).encode(self.module.encoding)

    def value(self, node: cst.CSTNode | None) -> bytes | None:
        if not isinstance(node, cst.SimpleString):
            return None
        start, end = self.span(node)
        return literal_value(self.source[start:end])

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The parents of a node, the nearest first."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def has_comment(self, node: cst.CSTNode) -> bool:
        """Tell whether a comment may stand inside: it would be lost where the node is written anew."""
        start, end = self.span(node)
        return b"#" in self.source[start:end]

    def reshapes(self, node: cst.CSTNode) -> bool:
        """Tell whether an operand is a text that was cut or changed: what becomes of a new name there is not known."""
        if self._reshaped is None:
            self._reshaped = find_reshaped(self.spans)
        return reshapes(node, self._reshaped)

    def holds_name(self, node: cst.CSTNode | None) -> bool:
        """Tell whether an operand is one of the names, or a variable that may hold one.

        A test of such an operand is not changed: the script gave the old name to itself, and would not know it again.
        """
        if isinstance(node, (cst.Name, cst.Attribute)):
            return called(node) in self.held()
        return self.value(node) in self.names

    def held(self) -> frozenset[str]:
        """The names of all variables that are ever given one of the names, and with a dot those of attributes."""
        if self._held is None:
            self._held = frozenset(self._holders())
        return self._held

    def _holders(self) -> Iterator[str]:
        lists = {name for value, name in self._given() if self._lists_name(value)}
        yield from (
            name for value, name in self._given() if self.value(value) in self._old_and_new() or self._was_name(value)
        )
        for node in self.spans:
            if isinstance(node, (cst.For, cst.CompFor)) and self._goes_through(node.iter, lists):
                yield from (part.value for part in parts_of(node.target) if isinstance(part, cst.Name))

    def _was_name(self, value: cst.CSTNode) -> bool:
        """Tell whether a tuple is what an earlier run made of a constant: then what it holds back stays held back."""
        if not isinstance(value, cst.Tuple):
            return False
        items = {self.value(element.value) for element in value.elements}
        return any(items == set(new) for new in self.names.values())

    def _goes_through(self, items: cst.CSTNode, lists: set[str]) -> bool:
        """Tell whether a loop gets its items from a collection of names: `NAMES`, `sorted(NAMES)`, `NAMES.items()`."""
        parts = list(parts_of(items))
        return any(self._lists_name(part) or called(part) in lists for part in parts)

    def _given(self) -> Iterator[tuple[cst.CSTNode, str]]:
        """Each (value, variable) that is written down: assignments, `:=`, defaults of parameters."""
        for node in self.spans:
            if isinstance(node, cst.Assign):
                yield from ((node.value, name) for target in node.targets for name in self._spellings(target.target))
            elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)) and node.value is not None:
                yield from ((node.value, name) for name in self._spellings(node.target))
            elif isinstance(node, cst.Param) and node.default is not None:
                yield node.default, node.name.value

    def _spellings(self, target: cst.CSTNode) -> tuple[str, ...]:
        """How what is assigned is written where it is used: a variable of a class is an attribute, too."""
        name = called(target)
        in_class = isinstance(self.scopes.get(target), cst.metadata.ClassScope)
        return (name, f".{name}") if in_class else (name,) if name else ()

    def _lists_name(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Dict):
            return any(
                self.value(e.key) in self._old_and_new() for e in node.elements if isinstance(e, cst.DictElement)
            )
        return isinstance(node, COLLECTIONS) and any(self.value(e.value) in self._old_and_new() for e in node.elements)

    def _old_and_new(self) -> frozenset[bytes]:
        """The names with those they become: what may hold one before may hold one after, and a second run sees both."""
        return frozenset(self.names).union(*self.names.values())

    def uses(self, assign: cst.Assign) -> list[cst.CSTNode]:
        """The uses of a variable that is assigned here and nowhere else, by scope; none where that cannot be told."""
        target = assign.targets[0].target
        if len(assign.targets) != 1 or not isinstance(target, cst.Name):
            return []
        scope: Scope | None = self.scopes.get(target)
        if scope is None:
            return []
        of_class = isinstance(scope, cst.metadata.ClassScope)
        visible = of_class or isinstance(scope, cst.metadata.GlobalScope)
        assigned = list(scope[target.value])
        if len(assigned) != 1 or self._is_captured(target.value):
            return []
        if visible and (self.importable or self._imports_everything()):
            return []
        uses: list[cst.CSTNode] = [access.node for access in assigned[0].references]
        if of_class:
            attributes = attribute_uses(self, assign, target.value)
            if attributes is None:
                return []
            uses += attributes
        return sorted(uses, key=lambda use: self.span(use)[0])

    def _imports_everything(self) -> bool:
        """Tell whether `from x import *` could assign anything."""
        if self._has_star is None:
            self._has_star = any(isinstance(node, cst.ImportStar) for node in self.spans)
        return self._has_star

    def _is_captured(self, name: str) -> bool:
        """Tell whether a pattern of `match` assigns the variable, or `+=` changes it."""
        for node in self.spans:
            if isinstance(node, (cst.MatchAs, cst.MatchStar)) and node.name is not None and node.name.value == name:
                return True
            if isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name) and node.target.value == name:
                return True
        return False


def read_tree(source: bytes, names: Names, importable: bool) -> Tree | None:
    """Read a script; None when libcst does not read it, or not without loss."""
    try:
        module = cst.parse_module(source)
        if module.bytes != source or not _has_byte_spans(module, source):
            return None
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        found = wrapper.resolve_many([ByteSpanPositionProvider, ParentNodeProvider, ScopeProvider])
    except (cst.ParserSyntaxError, cst.CSTValidationError, ValueError, LookupError, RecursionError):
        return None
    spans, parents, scopes = (found[p] for p in (ByteSpanPositionProvider, ParentNodeProvider, ScopeProvider))
    return Tree(source, names, importable, module, spans, parents, scopes)


def _has_byte_spans(module: cst.Module, source: bytes) -> bool:
    """Tell whether libcst's positions are those of the source: it counts in UTF-8, and no byte order mark."""
    return source.isascii() or (module.encoding in ("utf-8", "utf8") and not source.startswith(b"\xef\xbb\xbf"))


def is_equality(node: cst.CSTNode) -> bool:
    """`x == y` or `x != y`, and no longer chain."""
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return False
    return isinstance(node.comparisons[0].operator, (cst.Equal, cst.NotEqual))


def asks_membership(target: cst.CSTNode) -> bool:
    return isinstance(target, cst.ComparisonTarget) and isinstance(target.operator, (cst.In, cst.NotIn))


def is_constant(value: cst.CSTNode) -> bool:
    """A value that can be written twice: literals, variables, attributes of modules, and tuples of them."""
    if isinstance(value, cst.Tuple):
        return all(isinstance(element, cst.Element) and is_constant(element.value) for element in value.elements)
    if isinstance(value, cst.UnaryOperation):
        return isinstance(value.operator, cst.Minus) and isinstance(value.expression, (cst.Integer, cst.Float))
    if isinstance(value, cst.Attribute):
        return isinstance(value.value, cst.Name)
    return isinstance(value, (cst.SimpleString, cst.Integer, cst.Float, cst.Name))
