"""Where a text of a shell script is read again: by a program or a loop, as code, or as the key of an array."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.shell_tree import and_above, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_SHELLS = frozenset((b"sh", b"bash", b"dash", b"ksh", b"su", b"runuser"))
_READERS = _SHELLS | frozenset(
    b"read mapfile readarray grep egrep fgrep awk gawk mawk sed perl python python2 python3 ruby php xargs jq".split()
)
_BLOCKS = {
    "while_statement": b"the loop",
    "for_statement": b"the loop",
    "if_statement": b"the if",
    "compound_statement": b"the block",
    "subshell": b"the subshell",
}
_MOST_WORDS = 20
_REDIRECTS = ("heredoc_redirect", "herestring_redirect")


def reader_of(node: Node, root: Node) -> bytes:
    """Say which program or loop is given the text that a node stands in, to tell words apart; b"" where none is."""
    for below, above in pairwise(and_above(node, root)):
        stages: list[Node] = []
        if below.type in _REDIRECTS:
            piped = next((child for child in below.children if child.type == "pipeline"), None)
            first = [above] if above.type == "command" else above.named_children[:1]
            stages = piped.named_children if piped is not None else first
        elif above.type == "pipeline":
            stages = [child for child in above.named_children if child.start_byte >= below.end_byte]
        elif below.type == "process_substitution":
            return b"another command"
        for stage in stages:
            if reader := _read_by(stage):
                return reader
    return b""


def _read_by(stage: Node) -> bytes:
    if stage.type == "redirected_statement":
        stage = stage.named_children[0]
    name = stage.child_by_field_name("name") if stage.type == "command" else None
    called = text_of(name).rsplit(b"/", 1)[-1] if name is not None else b""
    return called if called in _READERS else _BLOCKS.get(stage.type, b"")


def runs_as_code(node: Node, root: Node) -> str:
    """Say that a node stands in a text that is run: `eval "…"`, `trap '…' EXIT`, `sh -c '…'`; or nothing."""
    command = next((above for above in and_above(node, root) if above.type == "command"), None)
    name = command.child_by_field_name("name") if command is not None else None
    if command is None or name is None:
        return ""
    called = text_of(name).rsplit(b"/", 1)[-1]
    words = command.children_by_field_name("argument")[:_MOST_WORDS] if called in _SHELLS else []
    if called in (b"eval", b"trap") or any(re.fullmatch(rb"-\w*c", text_of(word)) for word in words):
        return f"stands in code that {called.decode()} runs, which is not followed"
    return ""


def names_function(node: Node, root: Node) -> str:
    """Say that a node is the name of a function that nothing calls by that name, or nothing."""
    parent = node.parent
    if parent is None or parent.type != "function_definition" or node != parent.child_by_field_name("name"):
        return ""
    if text_of(node) in _called(root):
        return ""
    return "is the name of a function, which is called by the name that the script is given, if at all"


@lru_cache(maxsize=2)
def _called(root: Node) -> frozenset[bytes]:
    names = (node.child_by_field_name("name") for node in walk(root) if node.type == "command")
    return frozenset(text_of(name) for name in names if name is not None)


def names_key(node: Node, root: Node) -> str:
    """Say that a node is a key of an array, or a part of one, or nothing."""
    for below, above in pairwise(and_above(node, root)):
        touches = False
        if above.type == "concatenation":
            # The grammar reads `([GW:MASTER]=…)` and `-v DEV[GW]` as words that touch.
            start, end = below.start_byte - above.start_byte, below.end_byte - above.start_byte
            before, after = text_of(above)[:start], text_of(above)[end:]
            touches = before.rfind(b"[") > before.rfind(b"]") and b"]" in after
        if touches or (above.type == "subscript" and below == above.child_by_field_name("index")):
            return "is a key of an array, or a part of one, in a way that is not followed"
    return ""
