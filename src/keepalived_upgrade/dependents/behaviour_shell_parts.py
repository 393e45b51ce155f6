"""Parts of a shell script as its syntax tree gives them: branches, bodies, patterns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_tests import EXTENDED
from keepalived_upgrade.dependents.globs import glob_matches
from keepalived_upgrade.dependents.shell_tree import case_patterns, is_pattern, text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def matches(pattern: Node, wanted: bytes, value: bytes) -> bool | None:
    """Tell whether a pattern matches a value; None for `@(…)` and its kin, which are not worked out."""
    if EXTENDED.search(text_of(pattern)):
        return None
    return glob_matches(wanted, value) if is_pattern(pattern) else wanted == value


def body_of(item: Node) -> list[Node]:
    """The statements of a case arm."""
    patterns = {pattern.id for pattern in case_patterns(item)}
    return [child for child in item.named_children if child.id not in patterns]


def clauses_of(node: Node) -> list[tuple[Node, list[Node] | None, list[Node]]]:
    """Give (keyword, conditions, body) of each branch of an `if`; no conditions for `else`."""
    own = [child for child in node.children if child.type not in ("elif_clause", "else_clause")]
    found: list[tuple[Node, list[Node] | None, list[Node]]] = [(node.children[0], *_split(own))]
    for clause in node.children:
        if clause.type == "elif_clause":
            found.append((clause, *_split(clause.children)))
        elif clause.type == "else_clause":
            found.append((clause, None, list(clause.children[1:])))
    return found


def _split(children: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    then = next((i for i, child in enumerate(children) if child.type == "then"), len(children))
    return list(children[1:then]), list(children[then + 1 :])
