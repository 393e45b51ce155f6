"""Python 3 scripts followed together with the modules that they import: a constant of one is compared in another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keepalived_upgrade.dependents.agreement import Find, Followed, agree, follow_apart, programs_of
from keepalived_upgrade.dependents.leads_python import imported_files
from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.python_mentions import python_mentions
from keepalived_upgrade.dependents.result import FollowResult

if TYPE_CHECKING:
    from keepalived_upgrade.dependents import python3
    from keepalived_upgrade.dependents.python3_tree import Tree
    from keepalived_upgrade.edits import Edit

_IMPORTS = re.compile(rb"^[ \t]*(?:import|from)[ \t]", re.MULTILINE)


def follow_imported(texts: Mapping[str, bytes], pythons: set[str], names: Names, find: Find) -> dict[str, FollowResult]:
    """Follow names through Python scripts that import others of the files. Raises nothing.

    texts: all files that depend on the configuration; pythons: those of them in Python.
    Gives the results of the files that stand in such a group, and that are not to be followed alone then.
    """
    reads = {path: _imported(path, texts, pythons, find) for path in pythons}
    wanted = python_mentions(names)
    done = []
    for paths in programs_of(reads, lambda path: wanted.search(texts[path]) is not None):
        if len(paths) > 1:
            done.append(_follow(paths, texts, names, find) or follow_apart(paths, texts, names))
    return agree(done, texts, names, "names/python")


def _imported(path: str, texts: Mapping[str, bytes], pythons: set[str], find: Find) -> tuple[str, ...]:
    if not _IMPORTS.search(texts[path]):
        return ()
    found = (find(named) for named in imported_files(path, texts[path]))
    return tuple(dict.fromkeys(one for one in found if one and one != path and one in pythons))


def _follow(paths: tuple[str, ...], texts: Mapping[str, bytes], names: Names, find: Find) -> Followed | None:
    """Follow a program with all it imports; None where one of the files is not read by libcst."""
    from keepalived_upgrade.dependents.python import compiles, follow_python
    from keepalived_upgrade.dependents.python3 import follow_tree
    from keepalived_upgrade.dependents.python3_imports import Imports

    if not all(compiles(texts[path]) for path in paths):
        return None
    read = _read(paths, texts, names)
    if read is None:
        return None
    tree, starts = read
    imports = Imports(tree, starts, texts, find)
    tree.foreign, tree.place = imports.uses, imports.place
    found = follow_tree(tree)
    if found is None:
        return None
    followed = Followed(paths)
    made: dict[tuple[int, int], Edit] = {}
    for path in paths:
        start = starts[path]
        result = follow_python(path, texts[path], names, _cut(found, start, start + len(texts[path])))
        followed.findings += result.findings
        made |= {(edit.start + start, edit.end + start): edit for edit in result.edits}
    followed.edits.update(made.values())
    followed.groups += (frozenset(made[span] for span in group if span in made) for group in found.together)
    followed.unread += imports.unread()
    return followed


def _read(paths: tuple[str, ...], texts: Mapping[str, bytes], names: Names) -> tuple[Tree, dict[str, int]] | None:
    """Read all modules to one tree, whose source is theirs one after another, and give where each begins."""
    from keepalived_upgrade.dependents.python3_tree import Tree, read_tree

    source = b""
    starts: dict[str, int] = {}
    spans: dict[Any, Any] = {}
    parents: dict[Any, Any] = {}
    scopes: dict[Any, Any] = {}
    module: Any = None
    for path in paths:
        tree = read_tree(texts[path], names, False)
        if tree is None or tree.module.encoding.replace("-", "").lower() != "utf8":
            return None
        start = starts[path] = len(source)
        source += texts[path] + b"\n"
        spans |= {node: replace_start(span, start) for node, span in tree.spans.items()}
        parents |= tree.parents
        scopes |= tree.scopes
        module = tree.module
    return Tree(source, names, False, module, spans, parents, scopes), starts


def replace_start(span: Any, start: int) -> Any:
    """Give a span of libcst's moved by so many bytes."""
    from libcst.metadata import CodeSpan

    return CodeSpan(span.start + start, span.length) if start else span


def _cut(found: python3.Followed, start: int, end: int) -> python3.Followed:
    """Give what was found in one module, as if it had been read alone."""
    from keepalived_upgrade.dependents.python3 import Followed as One

    return One(
        [(s - start, e - start, new, old) for s, e, new, old in found.replaced if start <= s and e <= end],
        [(s - start, e - start) for s, e in found.handled if start <= s and e <= end],
        [replace(r, start=r.start - start, end=r.end - start) for r in found.reasons if start <= r.start <= end],
        [frozenset((s - start, e - start) for s, e in group if start <= s and e <= end) for group in found.together],
    )
