"""What the followers of single shell forms hand back: a span to rewrite, or why a name in a span stays for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.shell_tree import show, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

PLAIN_NAME = re.compile(rb"[\w-]+")


@dataclass(frozen=True, slots=True)
class Change:
    """Write text from start to end. Where the text stands there already, the span is right as it is."""

    start: int
    end: int
    text: bytes
    old: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A name from start to end was left alone. why: goes on after the name. cure: what a person does. id: the kind."""

    start: int
    end: int
    why: str
    cure: str
    id: str = "not-rewritten"


Step = Change | Refusal


def change(node: Node, text: bytes, old: bytes) -> Change:
    """Give the change of a whole node."""
    return Change(node.start_byte, node.end_byte, text, old)


def refuse(node: Node, why: str, cure: str, id: str = "not-rewritten") -> Refusal:
    """Give the refusal of a whole node."""
    return Refusal(node.start_byte, node.end_byte, why, cure, id)


def instead_of(old: bytes, new: tuple[bytes, ...], present: set[bytes]) -> list[bytes]:
    """Give the names to write where old stands in a list: those that the list does not hold yet."""
    return list(dict.fromkeys(name for name in new if name == old or name not in present)) or [old]


def says_all(text: bytes, old: bytes, new: tuple[bytes, ...]) -> bool:
    """Tell whether a text names every new name already, the kept one among them: then nobody is asked again."""
    return old in new and all(mention_pattern({name: ()}).search(text) for name in new)


def both(new: tuple[bytes, ...]) -> str:
    """Give the new names for a message."""
    *most, last = (show(name) for name in new)
    return f"{', '.join(most)} and {last}" if most else last


def mentioned_in(node: Node, names: Names) -> list[bytes]:
    """Give the old names that a node mentions, and that are not named there under every new name too."""
    text = text_of(node)
    found = dict.fromkeys(match.group() for match in mention_pattern(names).finditer(text))
    return [old for old in found if not says_all(text, old, names[old])]
