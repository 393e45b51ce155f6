"""What runs before what in a shell script, and where `read` gets its lines from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.shell_tree import command_name, literal_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_BLOCKS = frozenset(
    ("program", "compound_statement", "do_group", "case_item", "if_statement", "elif_clause", "else_clause")
)


def is_folded(assignment: Node) -> bool:
    """`declare -l name=$2` changes the case of what it is given."""
    parent = assignment.parent
    return parent is not None and re.match(rb"\w+\s+-\w*[luni]", text_of(parent)) is not None


def source_of(read: Node) -> tuple[str, Node]:
    """What `read` reads, as far as that may be the fifo: "line", the "word"s of an operand, or "unknown"."""
    for child in read.children:
        if child.type == "variable_assignment" and text_of(child)[:4] == b"IFS=":
            if text_of(child)[4:].strip(b"\"'$\\tn "):
                return "unknown", read
        elif child.type == "herestring_redirect":
            return "word", child.named_children[-1]
    below, above = read, read.parent
    while above is not None and above.type != "function_definition":
        if above.type == "redirected_statement":
            redirects = [child for child in above.children if child.type == "file_redirect" and b"<" in text_of(child)]
            target = redirects[0].named_children[-1] if redirects else None
            path = literal_value(target) if target is not None else None
            if target is not None:
                return ("line" if path is None or path.isdigit() or b"fifo" in path else "unknown"), read
        elif above.type == "pipeline" and above.children[0] != below:
            return _piped(above.children[0], read)
        below, above = above, above.parent
    return "line", read


def _piped(giver: Node, read: Node) -> tuple[str, Node]:
    """`tail -f "$1" | while read …` reads the fifo, `echo "$line" | while read …` the words of a line."""
    if command_name(giver) in (b"cat", b"tail") and b"$" in text_of(giver):
        return "line", read
    words = giver.children_by_field_name("argument") if command_name(giver) == b"echo" else []
    return ("word", words[0]) if len(words) == 1 else ("unknown", read)


def surely_ran(event: Node, at: Node) -> bool:
    """Tell whether a command before a node ran whenever the node is reached: the block it stands in holds both."""
    block = event.parent
    while block is not None and block.type == "redirected_statement":
        block = block.parent
    if block is None or block.type not in _BLOCKS:
        return False
    above: Node | None = at
    while above is not None and above.parent != block:
        above = above.parent
    return above is not None and above.type not in ("elif_clause", "else_clause")


def share_loop(event: Node, at: Node) -> bool:
    """Tell whether a loop holds both, so that each may run before the other."""
    above = event.parent
    while above is not None:
        if above.type == "do_group" and above.start_byte <= at.start_byte < above.end_byte:
            return True
        above = above.parent
    return False
