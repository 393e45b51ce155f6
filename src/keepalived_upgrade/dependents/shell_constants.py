"""Constants of a shell script that hold a name (`INST=GW`): which are followed to their tests, and why others are not.

A constant that is compared and nothing else takes the first new name, and each test of it asks for the others too. Any
other use keeps it from being followed, and is said with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
)

if TYPE_CHECKING:
    from tree_sitter import Node

Where = Callable[[int], str]
_UNNAMED = re.compile(rb"\$\{!|\bset\s+-\w*a|\ballexport\b")
_TEXTS = frozenset(("string_content", "raw_string", "heredoc_body", "heredoc_content"))


@dataclass(frozen=True, slots=True)
class Constant:
    """A variable that holds an old name. value: the node that says it. why: what keeps it from being followed, or ""."""

    variable: bytes
    value: Node
    old: bytes
    why: str


def find_constants(
    root: Node, source: bytes, names: Names, reshaped: Reshaped, where: Where
) -> Iterator[Constant]:
    """Give each variable that is assigned an old name and nothing else, followed or not.

    where: tells the place of a byte for a message.
    """
    said = without_comments(root, source)
    once = constants(root)
    assigned: dict[bytes, list[Node]] = {}
    for node in walk(root):
        if node.type == "variable_assignment" and node.children[0].type == "variable_name":
            assigned.setdefault(text_of(node.children[0]), []).append(node)
    for variable, nodes in assigned.items():
        for node in nodes:
            value = node.child_by_field_name("value")
            old = literal_value(value) if value is not None else None
            if value is None or old is None or old not in names:
                continue
            others = [other for other in nodes if other != node]
            if others:
                why = f"{where(others[0].start_byte)} assigns it as well"
            elif variable not in once:
                why = "it is set in a function, in a condition or for one command"
            else:
                why = _reason(root, source, said, variable, value, names[old], reshaped, where)
            yield Constant(variable, value, old, why)


def unread_values(root: Node, source: bytes, names: Names) -> tuple[tuple[int, int], ...]:
    """Give the spans of values that mention a name and that nothing in the text reads by the variable's name."""
    mentions, said = mention_pattern(names), without_comments(root, source)
    found = []
    for node in walk(root):
        if node.type == "variable_assignment" and mentions.search(text_of(node)):
            variable = rb"(?<!\w)" + re.escape(text_of(node.children[0])) + rb"(?!\w)"
            if len(re.findall(variable, said)) == 1:
                found.append((node.start_byte, node.end_byte))
    return tuple(found)


def refusal_of(constant: Constant, new: tuple[bytes, ...]) -> Refusal:
    """Give what is said of a constant that is not followed."""
    what = f"is kept in the variable {show(constant.variable)}, and {constant.why}"
    return refuse(constant.value, what, f"Make what uses it accept {both(new)}, then accept this finding.", "not-followed")


def _reason(
    root: Node,
    source: bytes,
    said: bytes,
    variable: bytes,
    value: Node,
    new: tuple[bytes, ...],
    reshaped: Reshaped,
    where: Where,
) -> str:
    """Say what keeps a constant from being followed, or nothing."""
    tests = list(variable_comparisons(root, variable))
    calls = list(asking_calls(root, variable))
    known = compared_uses(root, variable) | {argument.start_byte for _, argument, _ in calls}
    uses = list(uses_of(root, variable))
    other = next((use for use in uses if use.start_byte not in known), None)
    if other is not None:
        return f"{where(other.start_byte)} uses it for more than to compare it"
    if not uses:
        return "nothing that is followed compares it"
    several = len(new) > 1
    named = _named_elsewhere(root, said, variable, value, uses, several)
    if named is not None:
        return f"{where(named)} names it, and may change or read it"
    return _reason_against_several(root, source, said, value, new, tests, reshaped, where) if several else ""


def _named_elsewhere(
    root: Node, said: bytes, variable: bytes, value: Node, uses: list[Node], several: bool
) -> int | None:
    """Give where the name of a variable stands besides its assignment and its uses: `read INST`, `unset INST`."""
    spans = [(use.start_byte, use.end_byte) for use in uses]
    if value.parent is not None:
        spans.append((value.parent.start_byte, value.start_byte))
    for match in re.finditer(rb"(?<!\w)" + re.escape(variable) + rb"(?!\w)", said):
        if any(start <= match.start() < end for start, end in spans):
            continue
        node = root.descendant_for_byte_range(match.start(), match.end())
        is_text = node is not None and node.type in _TEXTS and b"eval" not in said
        if is_text and said[match.start() - 1 : match.start()] not in (b"$", b"{"):
            continue
        above = node.parent if node is not None else None
        if not several and above is not None and text_of(above).split()[:1] == [b"export"]:
            continue
        return match.start()
    return None


def _reason_against_several(
    root: Node,
    source: bytes,
    said: bytes,
    value: Node,
    new: tuple[bytes, ...],
    tests: list[Comparison],
    reshaped: Reshaped,
    where: Where,
) -> str:
    """Say why a constant must stay one value."""
    if literal_value(value) in new:
        return f"one value would become several ({both(new)}), the old one among them"
    if is_shared(value):
        return "it is exported, and other programs may test it"
    if not source.startswith(b"#!"):
        return "the file is no program, so what sources it may test it"
    if root.has_error:
        return "the script does not parse as a whole"
    unnamed = _UNNAMED.search(said)
    if unnamed:
        return f"{where(unnamed.start())} may read or export it without naming it"
    for node in walk(root):
        if node.type == "command" and text_of(node.children[0]) in (b".", b"source"):
            word = node.child_by_field_name("argument")
            path = literal_value(word) if word is not None else None
            if path is None or not path.startswith(SYSTEM_BYTES):
                return f"{where(node.start_byte)} sources a file that is not known here, and that may test or change it"
    for compared in tests:
        if _stays(compared, reshaped):
            return f"{where(compared.literal.start_byte)} tests it in a way that cannot be written twice"
    return ""


def _stays(compared: Comparison, reshaped: Reshaped) -> bool:
    """Tell whether a test of a constant will not be doubled, or would be doubled for another name as well."""
    shared = not compared.double and re.search(rb"\s-[ao]\s", text_of(compared.container)) is not None
    return shared or runs_something(compared) or reshaped.touches(text_of(compared.other))


def runs_something(compared: Comparison) -> bool:
    """Tell whether the comparison, or the bracket that would be doubled with it, runs a command or counts."""
    text = text_of(compared.container)
    return b"$(" in text or b"`" in text or b"<(" in text
