"""Reading Python 2 and 3 with tree-sitter: literals, what they are used for, and the uses of variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.parsing import parse
from keepalived_upgrade.dependents.python_literals import literal_value

if TYPE_CHECKING:
    from tree_sitter import Node

COLLECTIONS = ("list", "tuple", "set")
_ASKING = (
    *(b"startswith", b"endswith", b"match", b"fullmatch", b"search", b"index", b"find", b"count"),
    *(b"get", b"pop", b"setdefault", b"has_key", b"eq", b"ne", b"__eq__", b"__ne__", b"fnmatch", b"fnmatchcase"),
)
# What reads a text, or runs it as code; and what may hand it to a shell.
_READING = frozenset(
    b"loads safe_load read_string read_dict StringIO exec eval literal_eval split splitlines Enum StrEnum".split()
)
_RUNNING = frozenset((b"system", b"popen", b"Popen", b"call", b"run", b"check_call", b"check_output", b"getoutput"))
_COMPARES = re.compile(rb"(?:\s|^.)!?==?\s|\bgrep\b|\bcase\b")
_PRINTERS = (b"print", b"log", b"debug", b"info", b"warning", b"warn", b"error", b"syslog", b"write")


def tested_names(source: bytes) -> tuple[tuple[int, bytes], ...]:
    """Give (line, literal) of every literal that is compared, looked up in a dict, or matched."""
    root = parse_python(source)
    found = []
    for node in walk(root):
        value = value_of(node)
        if value and role_of(node) in ("compared", "member", "key", "matched", "constant"):
            found.append((node.start_point[0] + 1, value))
    return tuple(found)


def parse_python(source: bytes) -> Node:
    """Give the root of the syntax tree; that of an empty text for what cannot be read in time."""
    return parse("python", source)


def walk(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.children))


def text_of(node: Node | None) -> bytes:
    return (node.text or b"") if node is not None else b""


def value_of(node: Node) -> bytes | None:
    """What a string literal says; None for everything else, escapes and f-strings included."""
    if node.type != "string" or any(child.type == "interpolation" for child in node.children):
        return None
    return literal_value(text_of(node))


def role_of(node: Node) -> str:
    """How a literal is used: compared, member (of a collection that is tested), key, matched, constant, or ""."""
    parent = node.parent
    if parent is None:
        return ""
    if parent.type == "comparison_operator":
        return "compared"
    if parent.type in COLLECTIONS:
        return "member" if _is_tested_collection(parent) else ""
    if parent.type == "pair" and parent.child_by_field_name("key") == node:
        return "key"
    if parent.type in ("case_pattern", "union_pattern"):
        return "matched"
    return "constant" if is_assigned(node) else ""


def is_assigned(node: Node) -> bool:
    """Tell whether a literal is what a variable is assigned."""
    parent = node.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("right") == node


def _is_tested_collection(node: Node) -> bool:
    """Tell whether a collection stands right of `in`, or is a constant used only there, or argparse's choices."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "comparison_operator":
        return b"in" in [text_of(child).split()[-1:] and text_of(child).split()[-1] for child in parent.children]
    if parent.type == "keyword_argument":
        return text_of(parent.child_by_field_name("name")) == b"choices"
    if parent.type == "assignment":
        name = parent.child_by_field_name("left")
        return name is not None and name.type == "identifier" and _only_tested(node, text_of(name))
    return False


def _root_of(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


@lru_cache(maxsize=2)
def _identifiers(root: Node) -> dict[bytes, list[Node]]:
    found: dict[bytes, list[Node]] = {}
    for node in walk(root):
        if node.type == "identifier":
            found.setdefault(text_of(node), []).append(node)
    return found


def uses_of(root: Node, name: bytes) -> tuple[list[Node], int]:
    """The uses of a variable, and how often it is assigned."""
    uses, assigned = [], 0
    for node in _identifiers(root).get(name, ()):
        if node.parent is None:
            continue
        if (
            node.parent.type in ("assignment", "augmented_assignment")
            and node.parent.child_by_field_name("left") == node
        ):
            assigned += 1
        else:
            uses.append(node)
    return uses, assigned


@lru_cache(8)  # each item of a collection asks
def _only_tested(node: Node, name: bytes) -> bool:
    """Every use of the collection is the right side of `in`."""
    uses, assigned = uses_of(_root_of(node), name)
    return assigned == 1 and bool(uses) and all(_right_of_in(use) for use in uses)


def _right_of_in(use: Node) -> bool:
    parent = use.parent
    if parent is None or parent.type != "comparison_operator" or parent.children[-1] != use:
        return False
    return len(parent.children) >= 3 and text_of(parent.children[-2]).split()[-1:] == [b"in"]


def is_constant(value: Node) -> bool:
    return value.type in ("string", "integer", "float", "true", "false", "none", "identifier") or (
        value.type == "tuple" and all(is_constant(child) for child in value.named_children)
    )


def is_stored(use: Node) -> bool:
    """`NAMES[x] = …`, `NAMES[x] += 1`, `del NAMES[x]`, or the dict handed on."""
    parent = use.parent
    if parent is None or parent.type == "attribute":
        return parent is not None and text_of(parent.child_by_field_name("attribute")) != b"get"
    if parent.type == "comparison_operator":
        return False
    if parent.type != "subscript":
        return True
    above = parent.parent
    stored = above is not None and above.type in ("assignment", "augmented_assignment", "delete_statement")
    return stored and above is not None and above.child_by_field_name("right") != parent


def ancestors(node: Node, most: int) -> Iterator[Node]:
    above: Node | None = node
    for _ in range(most):
        if above is None:
            return
        yield above
        above = above.parent


def asks_in_a_call(node: Node) -> bool:
    """Tell whether a node is an argument of what tells names apart: a method, a function of `re` or of the script.

    What the script makes itself (a function, a class, a named tuple) counts where it is given the name alone.
    """
    for above in ancestors(node, 6):
        if above.type == "exec_statement":
            return True
        if above.type != "call":
            continue
        *owner, name = text_of(above.child_by_field_name("function")).split(b".")
        if name in _RUNNING and _COMPARES.search(text_of(node)):
            return True
        own = not owner and name in _telling(_root_of(node)) and _is_alone(node)
        return own or name in _READING or (bool(owner) and (owner == [b"re"] or name in _ASKING))
    return False


def _is_alone(node: Node) -> bool:
    """Tell whether a text says one word."""
    literal = next((above for above in ancestors(node, 3) if above.type == "string"), node)
    return re.fullmatch(rb"[\w.:-]*", literal_value(text_of(literal)) or b" ") is not None


@lru_cache(maxsize=2)
def _telling(root: Node) -> frozenset[bytes]:
    """Give what a script makes that may tell names apart: classes, variables, functions that compare."""
    found = set()
    for node in walk(root):
        if node.type == "class_definition" or (node.type == "function_definition" and _compares(node)):
            found.add(text_of(node.child_by_field_name("name")))
        elif node.type == "assignment":
            found.add(text_of(node.child_by_field_name("left")))
    return frozenset(found)


def _compares(function: Node) -> bool:
    """Tell whether a function compares, looks something up, or gives another function back."""
    body = function.child_by_field_name("body")
    inner = ("comparison_operator", "subscript", "match_statement", "function_definition", "lambda")
    return body is not None and any(node.type in inner for node in walk(body))


def is_text(node: Node) -> bool:
    """A docstring, or an argument of something that prints."""
    for above in ancestors(node, 6):
        if above.type == "comparison_operator":
            return False
        if above.type == "print_statement":
            return True
        if (
            above.type == "expression_statement"
            and above.named_children[:1]
            and above.named_children[0].type == "string"
        ):
            return True
        if above.type == "call":
            return text_of(above.child_by_field_name("function")).split(b".")[-1] in _PRINTERS
    return False
