"""Constants of a shell script that hold a name (`INST=GW`): which are followed to their tests, and why others are not.

A constant that is compared and nothing else takes the first new name, and each test of it asks for the others too. Any
other use keeps it from being followed, and is said with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.leads import SYSTEM_BYTES
from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.shell_programs import asking_calls
from keepalived_upgrade.dependents.shell_reshaped import Reshaped
from keepalived_upgrade.dependents.shell_steps import Refusal, both, refuse
from keepalived_upgrade.dependents.shell_tree import Comparison, literal_value, show, text_of, walk
from keepalived_upgrade.dependents.shell_variables import (
    compared_uses,
    constants,
    is_shared,
    uses_of,
    variable_comparisons,
    without_comments,
    word_places,
)

if TYPE_CHECKING:
    from tree_sitter import Node

Where = Callable[[int], str]
_UNNAMED = re.compile(rb"\$\{!|\bset\s+-\w*a|\ballexport\b")
_TEXTS = frozenset(("string_content", "raw_string", "heredoc_body", "heredoc_content"))


@dataclass(frozen=True, slots=True)
class Constant:
    """A variable that holds an old name. value: the node that says it. why: what keeps it from being followed."""

    variable: bytes
    value: Node
    old: bytes
    why: str


@dataclass(frozen=True, slots=True)
class _Script:
    """A script with what is asked of it for each of its constants. said: its text without comments."""

    root: Node
    source: bytes
    said: bytes
    places: Mapping[bytes, list[int]]
    reshaped: Reshaped
    where: Where
    unnamed: str


def find_constants(root: Node, source: bytes, names: Names, reshaped: Reshaped, where: Where) -> Iterator[Constant]:
    """Give each variable that is assigned an old name and nothing else, followed or not.

    where: tells the place of a byte for a message.
    """
    assigned: dict[bytes, list[Node]] = {}
    for node in walk(root):
        if node.type == "variable_assignment" and node.children[0].type == "variable_name":
            assigned.setdefault(text_of(node.children[0]), []).append(node)
    values = [node.child_by_field_name("value") for nodes in assigned.values() for node in nodes]
    if not any(value is not None and literal_value(value) in names for value in values):
        return
    said = without_comments(root, source)
    script = _Script(root, source, said, word_places(said), reshaped, where, _read_unnamed(root, said, where))
    once = constants(root)
    for variable, nodes in assigned.items():
        for node in nodes:
            value = node.child_by_field_name("value")
            old = literal_value(value) if value is not None else None
            if value is None or old is None or old not in names:
                continue
            others = [other for other in nodes[:2] if other != node]
            if others:
                why = f"{where(others[0].start_byte)} assigns it as well"
            elif variable not in once:
                why = "it is set in a function, in a condition or for one command"
            else:
                why = _reason(script, variable, value, names[old])
            yield Constant(variable, value, old, why)


def unread_values(root: Node, source: bytes, names: Names) -> tuple[tuple[int, int], ...]:
    """Give the spans of values that mention a name and that nothing in the text reads by the variable's name."""
    mentions, places = mention_pattern(names), word_places(without_comments(root, source))
    found = []
    for node in walk(root):
        if node.type == "variable_assignment" and mentions.search(text_of(node)):
            name = re.match(rb"\w+", text_of(node))
            if name is not None and len(places.get(name.group(), ())) == 1:
                found.append((node.start_byte, node.end_byte))
    return tuple(found)


def refusal_of(constant: Constant, new: tuple[bytes, ...]) -> Refusal:
    """Give what is said of a constant that is not followed."""
    what = f"is kept in the variable {show(constant.variable)}, and {constant.why}"
    return refuse(
        constant.value, what, f"Make what uses it accept {both(new)}, then accept this finding.", "not-followed"
    )


def _reason(script: _Script, variable: bytes, value: Node, new: tuple[bytes, ...]) -> str:
    """Say what keeps a constant from being followed, or nothing."""
    root, where = script.root, script.where
    known = compared_uses(root, variable)
    known |= {argument.start_byte for _, argument, _ in asking_calls(root, variable)}
    uses = uses_of(root, variable)
    other = next((use for use in uses if use.start_byte not in known), None)
    if other is not None:
        return f"{where(other.start_byte)} uses it for more than to compare it"
    if not uses:
        return "nothing that is followed compares it"
    named = _named_elsewhere(script, variable, value, uses, len(new) > 1)
    if named is not None:
        return f"{where(named)} names it, and may change or read it"
    return _reason_against_several(script, variable, value, new) if len(new) > 1 else ""


def _named_elsewhere(script: _Script, variable: bytes, value: Node, uses: list[Node], several: bool) -> int | None:
    """Give where the name of a variable stands besides its assignment and its uses: `read INST`, `unset INST`."""
    known = {at for use in uses for at in range(use.start_byte, min(use.end_byte, use.start_byte + 4))}
    if value.parent is not None:
        known.add(value.parent.start_byte)
    for at in script.places.get(variable, ()):
        if at in known:
            continue
        node = script.root.descendant_for_byte_range(at, at + len(variable))
        is_text = node is not None and node.type in _TEXTS and b"eval" not in script.places
        if is_text and script.said[at - 1 : at] not in (b"$", b"{"):
            continue
        above = node.parent if node is not None else None
        if not several and above is not None and text_of(above).split()[:1] == [b"export"]:
            continue
        return at
    return None


def _reason_against_several(script: _Script, variable: bytes, value: Node, new: tuple[bytes, ...]) -> str:
    """Say why a constant must stay one value."""
    if literal_value(value) in new:
        return f"one value would become several ({both(new)}), the old one among them"
    if is_shared(value):
        return "it is exported, and other programs may test it"
    if not script.source.startswith(b"#!"):
        return "the file is no program, so what sources it may test it"
    if script.root.has_error:
        return "the script does not parse as a whole"
    if script.unnamed:
        return script.unnamed
    for compared in variable_comparisons(script.root, variable):
        if _stays(compared, script.reshaped):
            return f"{script.where(compared.literal.start_byte)} tests it in a way that cannot be written twice"
    return ""


def _read_unnamed(root: Node, said: bytes, where: Where) -> str:
    """Say what in a script may read or change variables that it does not name, or nothing."""
    unnamed = _UNNAMED.search(said)
    if unnamed:
        return f"{where(unnamed.start())} may read or export it without naming it"
    for node in walk(root):
        if node.type == "command" and text_of(node.children[0]) in (b".", b"source"):
            word = node.child_by_field_name("argument")
            path = literal_value(word) if word is not None else None
            if path is None or not path.startswith(SYSTEM_BYTES):
                return f"{where(node.start_byte)} sources a file that is not known here, and that may test or change it"
    return ""


def _stays(compared: Comparison, reshaped: Reshaped) -> bool:
    """Tell whether a test of a constant will not be doubled, or would be doubled for another name as well."""
    shared = not compared.double and re.search(rb"\s-[ao]\s", text_of(compared.container)) is not None
    return shared or runs_something(compared) or bool(reshaped.why_not(text_of(compared.other)))


def runs_something(compared: Comparison) -> bool:
    """Tell whether the comparison, or the bracket that would be doubled with it, runs a command or counts."""
    text = text_of(compared.container)
    return b"$(" in text or b"`" in text or b"<(" in text
