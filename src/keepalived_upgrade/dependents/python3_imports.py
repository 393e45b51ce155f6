"""Where modules of Python 3 use what others of them assign: `import names; names.VI`, `from names import VI as X`."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import GlobalScope

from keepalived_upgrade.dependents.leads_python import module_files, module_folders
from keepalived_upgrade.dependents.python3_parts import dotted
from keepalived_upgrade.dependents.python_mentions import python_mentions

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.agreement import Find
    from keepalived_upgrade.dependents.python3_tree import Tree


@dataclass(frozen=True, slots=True)
class _Binding:
    """A statement of a module that imports: from a module (by its path) a name, or, where name is "", all of it."""

    user: str
    node: cst.Import | cst.ImportFrom
    module: str
    name: str
    called: str


@dataclass(slots=True)
class Imports:
    """tree: the modules read to one. starts: where each begins in its source. texts: theirs, by path."""

    tree: Tree
    starts: Mapping[str, int]
    texts: Mapping[str, bytes]
    find: Find
    _bindings: list[_Binding] = field(init=False)

    def __post_init__(self) -> None:
        every: list[cst.Import | cst.ImportFrom] = [*self.tree.every(cst.Import), *self.tree.every(cst.ImportFrom)]
        self._bindings = [binding for node in every for binding in self._bound(node)]

    def uses(self, target: cst.Name) -> list[cst.CSTNode] | None:
        """Give the uses that other modules make of what a module assigns; None where not all of them are known."""
        module = self._path_of(target)
        is_imported = any(binding.module == module for binding in self._bindings)
        if not is_imported and module.endswith(".py") and not self.texts[module].startswith(b"#!"):
            return None
        return self._uses(module, target.value, frozenset())

    def place(self, at: int) -> str:
        """Say where a byte of the tree's source stands."""
        path = self._path_at(at)
        line = self.tree.source.count(b"\n", self.starts[path], at) + 1
        return f"line {line} of {path}"

    def unread(self) -> Iterator[tuple[str, int, int]]:
        """Give (path, start, end) of each assignment that mentions a name and whose variable nothing here uses."""
        mentions = python_mentions(self.tree.names)
        for node in self.tree.every(cst.Assign):
            if len(node.targets) != 1:
                continue
            target, (start, end) = node.targets[0].target, self.tree.span(node)
            scope = self.tree.scopes.get(target)
            if not isinstance(target, cst.Name) or not isinstance(scope, GlobalScope):
                continue
            if mentions.search(self.tree.source, start, end) and not any(a.references for a in scope[target.value]):
                path = self._path_of(node)
                if self._uses(path, target.value, frozenset()) == []:
                    yield path, start - self.starts[path], end - self.starts[path]

    def _uses(self, module: str, name: str, seen: frozenset[tuple[str, str]]) -> list[cst.CSTNode] | None:
        if (module, name) in seen:
            return []
        found: list[cst.CSTNode] = []
        for binding in self._bindings:
            if binding.module != module or binding.name not in ("", "*", name):
                continue
            if binding.name == "*":
                return None
            references = self._references(binding)
            if references is None:
                return None
            used = [self._attribute(use, name) for use in references] if binding.name == "" else references
            if None in used:
                return None
            found += (use for use in used if use is not None and not _is_other(use, binding, name))
            # What imports a name hands it on to those that import it from there.
            further = self._uses(binding.user, binding.called, seen | {(module, name)})
            if further is None or (further and binding.name == ""):
                return None
            found += further
        return found

    def _references(self, binding: _Binding) -> list[cst.CSTNode] | None:
        """Give where the name is used that an import binds; None where something else may bind it too."""
        scope = self.tree.scopes.get(binding.node)
        assigned = list(scope[binding.called]) if scope is not None else []
        return [access.node for access in assigned[0].references] if len(assigned) == 1 else None

    def _attribute(self, use: cst.CSTNode, name: str) -> cst.CSTNode | None:
        """Give `names.VI` around a use of `names`; None where the module itself is handed on."""
        parent = self.tree.parents[use]
        return parent if isinstance(parent, cst.Attribute) and parent.value is use else None

    def _bound(self, node: cst.Import | cst.ImportFrom) -> Iterator[_Binding]:
        if isinstance(node, cst.Import):
            for alias in node.names:
                called = alias.asname.name if alias.asname is not None else alias.name
                module = self._module(node, "", dotted(alias.name))
                if module and isinstance(called, cst.Name):
                    yield _Binding(self._path_of(node), node, module, "", called.value)
                elif module:  # `import a.b`, used as `a.b.NAME`
                    yield _Binding(self._path_of(node), node, module, "*", "")
        else:
            yield from self._bound_from(node)

    def _bound_from(self, node: cst.ImportFrom) -> Iterator[_Binding]:
        dots, above = "." * len(node.relative), dotted(node.module) if node.module is not None else ""
        module, user = self._module(node, dots, above), self._path_of(node)
        if isinstance(node.names, cst.ImportStar):
            if module:
                yield _Binding(user, node, module, "*", "")
            return
        for alias in node.names:
            called = alias.asname.name if alias.asname is not None else alias.name
            if not isinstance(alias.name, cst.Name) or not isinstance(called, cst.Name):
                continue
            inner = self._module(node, dots, f"{above}.{alias.name.value}".strip("."))
            if inner:
                yield _Binding(user, node, inner, "", called.value)
            elif module:
                yield _Binding(user, node, module, alias.name.value, called.value)

    def _module(self, node: cst.CSTNode, dots: str, name: str) -> str:
        """Give the path of a module that is one of the files, or nothing."""
        user = self._path_of(node)
        folders = module_folders(posixpath.dirname(user), self.texts[user])
        found = (self.find(file) for file in module_files(folders, dots, name)) if name else iter(())
        return next((path for path in found if path in self.starts and path is not None), "")

    def _path_of(self, node: cst.CSTNode) -> str:
        return self._path_at(self.tree.span(node)[0])

    def _path_at(self, at: int) -> str:
        return list(self.starts)[bisect_right(list(self.starts.values()), at) - 1]


def _is_other(use: cst.CSTNode, binding: _Binding, name: str) -> bool:
    """Tell whether an attribute of the module is another one than that which is asked for."""
    return binding.name == "" and isinstance(use, cst.Attribute) and use.attr.value != name
