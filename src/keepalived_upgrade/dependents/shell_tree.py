"""Reading shell: the syntax tree, literals without their quotes, and where tests and case arms compare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.parsing import parse

if TYPE_CHECKING:
    from tree_sitter import Node

COMPARE = frozenset((b"=", b"==", b"!="))
_TRANSPARENT = frozenset(("binary_expression", "unary_expression", "parenthesized_expression"))
_LITERALS = frozenset(("word", "number", "string", "raw_string", "extglob_pattern", "concatenation", "regex"))
_RUNNERS = frozenset((b"command", b"builtin", b"busybox", b"env", b"nice", b"sudo", b"time"))
PRINTERS = (b"echo", b"printf", b"logger", b"log", b"print")
_SPECIAL = re.compile(rb"[^\w.:@%+,/=-]")
_SPECIAL_QUOTED = re.compile(rb"[\"$`\\!]")
_ALL_ARGUMENTS = re.compile(rb"\$\{?[*@]")
_MOST_DEPTH = 100
_WILD = re.compile(rb"[*?\[]")


@dataclass(frozen=True, slots=True)
class Comparison:
    """literal: the node that is compared with other. container: the `[ ]`, `[[ ]]` or `test` it stands in.

    first, last: the nodes of this comparison. negated: a `!` stands before it. double: the container is `[[ ]]`.
    """

    literal: Node
    other: Node
    operator: bytes
    container: Node
    first: Node
    last: Node
    negated: bool
    double: bool


def parse_shell(source: bytes) -> Node:
    """Give the root of the syntax tree; that of an empty text for what cannot be read in time."""
    return parse("shell", source)


def text_of(node: Node) -> bytes:
    """Give the bytes of a node."""
    return node.text or b""


def walk(root: Node) -> Iterator[Node]:
    """Give every node, in order of the text. Not recursive: scripts may be nested deeply."""
    return iter(_all_nodes(root)) if root.parent is None else _walk(root)


# A whole tree is gone through once for each form that is looked for.
@lru_cache(maxsize=2)
def _all_nodes(root: Node) -> tuple[Node, ...]:
    return tuple(_walk(root))


def _walk(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.children))


def unread_from(root: Node) -> int | None:
    """Give where a script can no longer be relied on to be read as the shell reads it; None where it all can.

    What touches an error is a part of it: of `grep ^GW$;` the grammar reads `^GW`, and the `$` is the error.
    """
    if not root.has_error:
        return None
    starts = []
    pending: list[tuple[Node, Node | None]] = [(root, None)]
    while pending:
        node, before = pending.pop()
        children = node.children
        pending.extend(zip(children, [None, *children], strict=False))
        if node.type == "ERROR" or node.is_missing:
            touches = before is not None and before.end_byte == node.start_byte
            starts.append(before.start_byte if touches and before is not None else node.start_byte)
    return min(starts, default=None)


def literal_value(node: Node) -> bytes | None:
    """Give what a node says when nothing in it is expanded, quotes taken off; None where something is.

    Unquoted wildcard characters stay: `is_pattern` tells whether there are any.
    """
    if node.type not in _LITERALS:
        return None
    if node.type == "concatenation":
        parts = [literal_value(child) for child in node.children]
        return None if any(part is None for part in parts) else b"".join(part for part in parts if part is not None)
    text = text_of(node)
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "string":
        if any(child.type not in ('"', "string_content") for child in node.children):
            return None
        return text[1:-1] if b"\\" not in text else None
    return text if not set(text) & set(b"\\$`\"'") else None


def is_pattern(node: Node) -> bool:
    """Tell whether an unquoted wildcard makes the node a glob."""
    if node.type in ("string", "raw_string"):
        return False
    if node.type == "concatenation":
        return any(is_pattern(child) for child in node.children)
    return bool(_WILD.search(text_of(node)))


def case_patterns(item: Node) -> list[Node]:
    """Give the patterns of a case arm."""
    return item.children_by_field_name("value")


def arm_end(item: Node) -> str:
    """Give what ends a case arm: ";;", or ";;&" where the arms below are asked too. `;&` goes on into the next arm."""
    while item.children[-1].type == ";&" and item.next_named_sibling is not None:
        item = item.next_named_sibling
    return item.children[-1].type if item.children else ""


def comparisons(root: Node) -> Iterator[Comparison]:
    """Give every comparison of a literal in `[ ]`, `[[ ]]` and `test`."""
    for node in walk(root):
        if node.type == "test_command":
            tokens = list(operands(node))
            double = text_of(node).startswith(b"[[")
        elif node.type == "command" and text_of(node).split(None, 1)[:1] == [b"test"]:
            tokens, double = list(node.children[1:]), False
        else:
            continue
        for index in range(1, len(tokens) - 1):
            operator = text_of(tokens[index])
            if operator not in COMPARE or tokens[index].type in ("string", "raw_string"):
                continue
            left, right = tokens[index - 1], tokens[index + 1]
            for literal, other in ((right, left), (left, right)):
                if literal_value(literal) is not None and literal_value(other) is None:
                    negated = index > 1 and text_of(tokens[index - 2]) == b"!"
                    yield Comparison(literal, other, operator, node, left, right, negated, double)


def prefix_of(compared: Comparison) -> bytes:
    """Give the `x` of `[ x$2 = xGW ]` and its kin: what stands before the expansion on the other side."""
    match = re.match(rb'"?([A-Za-z_.]+)"?(?=\$)', text_of(compared.other))
    return match.group(1) if match else b""


def operands(test: Node) -> Iterator[Node]:
    """Give what stands in a `[ ]` or `[[ ]]`, in a row: the grammar's nesting of operators is not the shell's."""
    pending = list(reversed(test.children[1:-1]))
    while pending:
        node = pending.pop()
        if node.type in _TRANSPARENT:
            pending.extend(reversed(node.children))
        else:
            yield node


def respell(node: Node, old: bytes, new: bytes) -> bytes:
    """Give the node's text with the literal old replaced by new, its quotes kept where they are around all of it."""
    text = text_of(node)
    quotes = text[:1] if text[:1] in (b'"', b"'") and text[:1] == text[-1:] else b""
    inner = text[1:-1] if quotes else text
    if old in inner and not _special_in(new, quotes):
        return text.replace(old, new)
    # `G"W"` is a name in pieces, and a new name may hold what the shell would read.
    said = (literal_value(node) or b"").replace(old, new)
    return b"'" + said.replace(b"'", b"'\\''") + b"'" if _special_in(said, b'"') else b'"' + said + b'"'


def _special_in(name: bytes, quotes: bytes) -> bool:
    """Tell whether the shell reads something else in a name than its characters."""
    if quotes == b"'":
        return b"'" in name
    return _SPECIAL_QUOTED.search(name) is not None if quotes else _SPECIAL.search(name) is not None


def kinds_above(node: Node, root: Node | None = None) -> Iterator[str]:
    """Give the types of a node and of all above it; what is nested too deeply to be looked at counts as a test."""
    found = [above.type for above in and_above(node, root)]
    yield from found
    if len(found) > _MOST_DEPTH:
        yield "test_command"


def and_above(node: Node, root: Node | None = None) -> Iterator[Node]:
    """Give a node and all above it.

    root: the tree's. With it the way is looked up once from above, and what is nested deeply is left out; a parent is
    looked up anew each time.
    """
    if root is not None:
        yield from _path_to(root, node)
        return
    above: Node | None = node
    while above is not None:
        yield above
        above = above.parent


def _path_to(root: Node, node: Node) -> list[Node]:
    """Give a node and what is above it, the innermost first."""
    path = [root]
    while path[-1] != node:
        below = path[-1].child_with_descendant(node)
        if below is None or len(path) >= _MOST_DEPTH:
            return [node, *reversed(path)]
        path.append(below)
    return path[::-1]


def is_tested(node: Node, root: Node | None = None) -> bool:
    """Tell whether a node stands in a test, a case pattern, a regular expression or the list of a `for`.

    `! { [ … ]; }` is read by the grammar as a command `{` with arguments, so a bracket among the words counts too.
    """
    kinds = list(kinds_above(node, root))
    if kinds[:1] == ["regex"] or "test_command" in kinds or "for_statement" in kinds[:2]:
        return True
    around = list(and_above(node, root))
    for below, above in pairwise(around):
        if above.type == "case_item" and below in case_patterns(above):
            return True
        if above.type == "case_statement" and below == above.child_by_field_name("value"):
            return True
    command = next((above for above in around if above.type == "command"), None)
    return command is not None and _runs_test(command)


def _runs_test(command: Node) -> bool:
    """Tell whether a command is test, under its own name, by its path, or through another one: `command [ … ]`."""
    words = text_of(command.child_by_field_name("name") or command).split()
    if words[:1] and words[0] in _RUNNERS:
        words = [text_of(word) for word in command.children_by_field_name("argument")]
    return any(word.rsplit(b"/", 1)[-1] in (b"test", b"[", b"{") for word in words[:1])


def is_kept(node: Node) -> bool:
    """Tell whether a node is the whole value of a variable, or what a variable has when it is empty (`${1:-GW}`)."""
    inner = node.parent if node.type == "string_content" and node.parent is not None else node
    if inner.parent is None:
        return False
    return inner.parent.type == "expansion" or inner == inner.parent.child_by_field_name("value")


def is_printed(node: Node, root: Node | None = None) -> bool:
    """Tell whether a node is an argument of something that prints."""
    return command_name(node, root) in PRINTERS


def command_name(node: Node, root: Node | None = None) -> bytes:
    """Give the name of the command that a node stands in."""
    above = next((one for one in and_above(node, root) if one.type == "command"), None)
    name = above.child_by_field_name("name") if above is not None else None
    return text_of(name) if name is not None else b""


def show(name: bytes) -> str:
    """Give a name for a message."""
    return name.decode("utf-8", "backslashreplace")


def is_of_several(item: Node) -> bool:
    """Tell whether a case is over several values put together, such as "$2:$3" or "$*"."""
    subject = item.parent.child_by_field_name("value") if item.parent is not None else None
    text = text_of(subject) if subject is not None else b""
    return text.count(b"$") > 1 or _ALL_ARGUMENTS.search(text) is not None
