"""Regular expressions in `[[ … =~ … ]]`: which accept every new name already, and which can be made to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.shell_tree import literal_value, operands, text_of
from keepalived_upgrade.dependents.shell_variables import variable_of

if TYPE_CHECKING:
    from tree_sitter import Node

# An expression that lists whole names: `^GW$`, `^(GW|LAN)$`. Everything else may match more than the names in it.
_LIST = re.compile(rb"\^(\()?([\w-]+(?:\|[\w-]+)*)(?(1)\))\$")
# What means the same in POSIX extended expressions and in Python's, for a match that is only asked for.
_SIMPLE = re.compile(rb"[\w^$.*|()-]+")
_PLAIN_NAME = re.compile(rb"[\w-]+")


def regexes(test: Node) -> Iterator[Node]:
    """Give the right side of each `$x =~ …` in a `[[ ]]` that matches one variable and nothing else."""
    tokens = list(operands(test))
    for index in range(1, len(tokens) - 1):
        if text_of(tokens[index]) == b"=~" and variable_of(tokens[index - 1]) is not None:
            yield tokens[index + 1]


def accept_names(node: Node, names: Mapping[bytes, tuple[bytes, ...]]) -> bytes | None:
    """Give the expression that accepts the new names in place of the old ones; the text as it is where it does.

    None: it cannot be told, or not without matching something else too.
    """
    text = text_of(node)
    if node.type in ("string", "raw_string"):  # bash takes a quoted expression as the characters it is made of
        value = literal_value(node)
        asked = [new for old, new in names.items() if value is not None and old == value]
        return text if asked and all(value is not None and value in n for new in asked for n in new) else None
    listed = _LIST.fullmatch(text)
    # `^A|B$` without parentheses is two expressions, each with one anchor.
    if listed and (listed.group(1) or b"|" not in listed.group(2)):
        return _relist(text, listed.group(2).split(b"|"), names)
    return text if _SIMPLE.fullmatch(text) and _accepts_all(text, names) else None


def _relist(text: bytes, alternatives: list[bytes], names: Mapping[bytes, tuple[bytes, ...]]) -> bytes | None:
    accepted: list[bytes] = []
    for alternative in alternatives:
        accepted += names.get(alternative, (alternative,))
    accepted = list(dict.fromkeys(accepted))
    if accepted == alternatives:
        return text
    if not all(_PLAIN_NAME.fullmatch(name) for name in accepted):
        return None
    joined = b"|".join(accepted)
    return b"^(%s)$" % joined if len(accepted) > 1 or text.startswith(b"^(") else b"^%s$" % joined


def _accepts_all(text: bytes, names: Mapping[bytes, tuple[bytes, ...]]) -> bool:
    """Tell whether each name that the expression matches is matched under its new names too, and some name is."""
    try:
        expression = re.compile(text)
    except re.error:
        return False
    matched = [new for old, new in names.items() if expression.search(old)]
    return bool(matched) and all(expression.search(name) for new in matched for name in new)
