"""A Python 3 script as libcst reads it, for the names to follow: values, spans of bytes, uses of variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

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
Kind = TypeVar("Kind", bound=cst.CSTNode)


@dataclass(slots=True)
class Tree:
    """importable: another script may import the constants of this one, so that they cannot change their type.

    foreign: gives the uses of a constant in other modules, where the tree holds those too; None where not all of them
    are known. place: says where a byte of the source stands then.
    """

    source: bytes
    names: Names
    importable: bool
    module: cst.Module
    spans: Any
    parents: Any
    scopes: Any
    foreign: Callable[[cst.Name], list[cst.CSTNode] | None] | None = None
    place: Callable[[int], str] | None = None
    _values: dict[cst.CSTNode, frozenset[bytes | None]] = field(default_factory=dict)
    _held: frozenset[str] | None = field(default=None)
    _reshaped: frozenset[str] | None = field(default=None)
    _captured: frozenset[str] | None = field(default=None)
    _by_kind: dict[type, list[Any]] = field(default_factory=dict)
    _uses: dict[cst.Assign, list[cst.CSTNode]] = field(default_factory=dict)

    def every(self, kind: type[Kind]) -> list[Kind]:
        """Give the nodes of one kind, in order of the text."""
        if not self._by_kind:
            for node in self.spans:
                self._by_kind.setdefault(type(node), []).append(node)
        return self._by_kind.get(kind, [])

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        span = self.spans[node]
        return span.start, span.start + span.length

    def where(self, node: cst.CSTNode) -> str:
        """Say where a node stands, for a message."""
        at = self.span(node)[0]
        line = self.source.count(b"\n", 0, at) + 1
        return self.place(at) if self.place is not None else f"line {line}"

    def text(self, node: cst.CSTNode) -> bytes:
        """What a node is written as, with the parentheses around it."""
        return self.module.code_for_node(node).encode(self.module.encoding)

    def value(self, node: cst.CSTNode | None) -> bytes | None:
        if not isinstance(node, cst.SimpleString):
            return None
        start, end = self.span(node)
        return literal_value(self.source[start:end])

    def values_in(self, collection: cst.CSTNode) -> frozenset[bytes | None]:
        """What the string literals of a list, tuple or set say. Kept: each of its items asks."""
        known = self._values.get(collection)
        if known is None:
            known = frozenset(self.value(item.value) for item in getattr(collection, "elements", ()))
            self._values[collection] = known
        return known

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
        yield from (name for value, name in self._given() if self._may_be_name(value))
        # A tuple of just the new names is what an earlier run made of the old one.
        made = {frozenset(new) for new in self.names.values()}
        yield from (n for v, n in self._given() if isinstance(v, cst.Tuple) and self.values_in(v) in made)
        loops: list[cst.For | cst.CompFor] = [*self.every(cst.For), *self.every(cst.CompFor)]
        for node in loops:
            if self._goes_through(node.iter, lists):
                yield from (part.value for part in parts_of(node.target) if isinstance(part, cst.Name))

    def _may_be_name(self, value: cst.CSTNode) -> bool:
        """Tell whether a value is a name, or may be: `argv[1] or "GW"`."""
        chosen = isinstance(value, (cst.BooleanOperation, cst.IfExp))
        return any(self.value(part) in self._old_and_new() for part in (parts_of(value) if chosen else (value,)))

    def _goes_through(self, items: cst.CSTNode, lists: set[str]) -> bool:
        """Tell whether a loop gets its items from a collection of names: `NAMES`, `sorted(NAMES)`, `NAMES.items()`."""
        parts = list(parts_of(items))
        return any(self._lists_name(part) or called(part) in lists for part in parts)

    def _given(self) -> Iterator[tuple[cst.CSTNode, str]]:
        """Each (value, variable) that is written down: assignments, `:=`, defaults of parameters."""
        for assign in self.every(cst.Assign):
            yield from ((assign.value, name) for target in assign.targets for name in self._spellings(target.target))
        others: list[cst.AnnAssign | cst.NamedExpr] = [*self.every(cst.AnnAssign), *self.every(cst.NamedExpr)]
        for node in others:
            if node.value is not None:
                yield from ((node.value, name) for name in self._spellings(node.target))
        for parameter in self.every(cst.Param):
            if parameter.default is not None:
                yield parameter.default, parameter.name.value
        yield from self._handed()

    def _handed(self) -> Iterator[tuple[cst.CSTNode, str]]:
        """Each (argument, parameter) of calls of the script's own functions; `self` may or may not be counted."""
        functions = {node.name.value: node.params for node in self.every(cst.FunctionDef)}
        for call in self.every(cst.Call) if functions else ():
            parameters = functions.get(called(call.func).lstrip("."))
            if parameters is None:
                continue
            ordered = [parameter.name.value for parameter in (*parameters.posonly_params, *parameters.params)]
            offsets = (0, 1) if isinstance(call.func, cst.Attribute) else (0,)
            for place, argument in enumerate(call.args):
                if argument.keyword is not None:
                    yield argument.value, argument.keyword.value
                for offset in offsets if argument.keyword is None else ():
                    yield from ((argument.value, name) for name in ordered[place + offset : place + offset + 1])

    def _spellings(self, target: cst.CSTNode) -> tuple[str, ...]:
        """How what is assigned is written where it is used: that of a class or of a module is an attribute, too."""
        name = called(target)
        in_class = isinstance(self.scopes.get(target), cst.metadata.ClassScope)
        return (name, f".{name}") if in_class or self.foreign is not None else (name,) if name else ()

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
        if assign not in self._uses:
            self._uses[assign] = self._find_uses(assign)
        return self._uses[assign]

    def _find_uses(self, assign: cst.Assign) -> list[cst.CSTNode]:
        target = assign.targets[0].target
        if len(assign.targets) != 1 or not isinstance(target, cst.Name):
            return []
        scope: Scope | None = self.scopes.get(target)
        if scope is None:
            return []
        of_class = isinstance(scope, cst.metadata.ClassScope)
        visible = of_class or isinstance(scope, cst.metadata.GlobalScope)
        assigned = list(scope[target.value])
        if len(assigned) != 1 or target.value in self.captured():
            return []
        if visible and self.every(cst.ImportStar):
            return []  # it could assign anything
        uses: list[cst.CSTNode] = [access.node for access in assigned[0].references]
        if visible and (self.importable or self.foreign is not None):
            others = self.foreign(target) if self.foreign is not None else None
            if others is None:
                return []
            uses += others if not of_class else []
        if of_class:
            attributes = attribute_uses(self, assign, target.value)
            if attributes is None:
                return []
            uses += attributes
        return sorted(uses, key=lambda use: self.span(use)[0])

    def captured(self) -> frozenset[str]:
        """The names of variables that a pattern of `match` assigns, or that `+=` changes."""
        if self._captured is None:
            patterns: list[cst.MatchAs | cst.MatchStar] = [*self.every(cst.MatchAs), *self.every(cst.MatchStar)]
            grown = (node.target for node in self.every(cst.AugAssign))
            self._captured = frozenset(
                [node.name.value for node in patterns if node.name is not None]
                + [target.value for target in grown if isinstance(target, cst.Name)]
            )
        return self._captured


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
