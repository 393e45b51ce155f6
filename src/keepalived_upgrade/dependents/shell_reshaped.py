"""What a shell script cuts out of a name or changes in it before it tests it: `${2%%_*}`, `$(echo "$2" | cut -d_ -f1)`.

A test of such a text is never rewritten: `[ "${2%%_*}" = GW ]` accepts GW_v4 as it is, and would not any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.shell_tree import text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

# Prefixes and suffixes taken off, replacements, changes of case, pieces by position; not defaults, not the length.
_CUT = re.compile(rb"\$\{(?!0)\w+(?:\[[^\]]*\])?(?:%|#|/|\^|,|:(?=[\d\s$(])|@)")
# No name holds a quote: `${2//\\"/}` takes off those that the fifo puts around it.
_UNQUOTED = re.compile(rb"""\$\{(\w+)(?://?|%|#)(?:\\"|'"'|\[\\?"\])/?\}|\|\s*tr\s+-d\s+(?:'"'|\\")""")
_TOOL = re.compile(
    rb"\b(?:cut|sed|g?awk|mawk|tr|expr|rev|perl|python[\d.]*|ruby|basename|(?:e|f)?grep\s+-\w*o|(?:head|tail)\s+-c)\b"
)
_NAME = re.compile(rb"\$(?:(\w+)|\{(\w+)\b)")
_READ = re.compile(rb"\bIFS=(?![\s]|''|\"\")\S*\s+(?:command\s+)?read\s+([^<|;&\n]*)")
_ARGUMENTS = (*(b"%d" % number for number in range(1, 10)), b"@", b"*")
WHY = (
    "is compared with a text that was cut or changed before, and it cannot be told what becomes of the new names in it"
)
# What a host is called, who runs the script, what a file holds: nothing of it is what keepalived hands over.
_ELSEWHERE = re.compile(
    rb"(?:\$\(|`)\s*(?:/\S*/)?(?:(?:hostname|hostnamectl|dnsdomainname|uname|id|whoami|logname|ip|ifconfig|route|systemctl|ls"
    rb"|date|ps|pgrep|pidof|getent|nmcli|stat|readlink)\b[^$`()]*|(?:cat|head|tail)\s[^$`()|]*/[^$`()]*|<\s*[^$`()]+)[)`]|\$\{?(?:HOSTNAME|USER|LOGNAME)\b"
)
WHY_ELSEWHERE = "is compared with what the host itself says here, which may be called so for another reason"
WHY_DEFAULT = "is compared with what is the old name where nothing is given"
_ALONE = re.compile(rb'"?\$(?:[\w@*#?]+|\{[^{}]*\}|\(.*\))"?', re.S)
WHY_JOINED = "is compared with a text that more than the name stands in"
CURE = "Make the test accept each new name by hand where it must, then accept this finding."


@dataclass(frozen=True, slots=True)
class Reshaped:
    """variables: those that ever hold a text that was cut or changed. anywhere: whether the script does it at all.

    elsewhere: the variables that ever hold what something else than keepalived says, such as `hostname`.
    default: what finds an expansion that is a name to follow where nothing is given.
    """

    variables: frozenset[bytes]
    anywhere: bool
    elsewhere: frozenset[bytes]
    default: re.Pattern[bytes]

    def why_not(self, text: bytes) -> str:
        """Say why a test of a piece of the script is not rewritten, or nothing."""
        if self.touches(text):
            return WHY
        if self.default.search(text):
            return WHY_DEFAULT
        from_elsewhere = _ELSEWHERE.search(text) or any((a or b) in self.elsewhere for a, b in _NAME.findall(text))
        return WHY_ELSEWHERE if from_elsewhere else ""

    def touches(self, text: bytes) -> bool:
        """Tell whether a piece of the script cuts or changes a text, or uses a variable that holds one."""
        return _cuts(text) or any((a or b) in self.variables for a, b in _NAME.findall(text))


def why_joined(text: bytes) -> str:
    """Say why a pattern for a text is not rewritten: the text is one expansion with something beside it, `"${2}x"`."""
    return WHY_JOINED if text.count(b"$") == 1 and not _ALONE.fullmatch(text) else ""


def find_reshaped(root: Node, names: Iterable[bytes]) -> Reshaped:
    """Find the variables that a script assigns such texts to, directly or from one another."""
    given = [(name, value) for node in walk(root) for name, value in _given(node)]
    read = {name for found in _READ.findall(text_of(root)) for name in re.findall(rb"\w+", found)}
    functions = {text_of(n.children[0]) for n in walk(root) if n.type == "function_definition" and n.children}
    given += [(name, value) for node in walk(root) for value in _handed_over(node, functions) for name in _ARGUMENTS]
    cut = _led_to((*read, *(name for name, value in given if _cuts(value))), given)
    elsewhere = _led_to([name for name, value in given if _ELSEWHERE.search(value)], given)
    default = re.compile(rb"\$\{\w+:?[-=][^}]*(?<!\w)(?:" + b"|".join(map(re.escape, names)) + rb")(?!\w)")
    return Reshaped(cut, bool(cut) or _cuts(text_of(root)), elsewhere, default)


def _led_to(begun: Iterable[bytes], given: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """Give some variables with all that are assigned from them."""
    leads: dict[bytes, set[bytes]] = {}
    for name, value in given:
        for used in _NAME.findall(value):
            leads.setdefault(used[0] or used[1], set()).add(name)
    pending, names = list(begun), set[bytes]()
    while pending:
        name = pending.pop()
        if name not in names:
            names.add(name)
            pending += leads.get(name, ())
    return frozenset(names)


def _given(node: Node) -> list[tuple[bytes, bytes]]:
    if node.type == "variable_assignment":
        value = node.child_by_field_name("value")
        assigned = re.match(rb"\w+", text_of(node))
        return [(assigned.group(), text_of(value))] if assigned and value is not None else []
    if node.type == "for_statement":
        name, values = node.child_by_field_name("variable"), node.children_by_field_name("value")
        return [(text_of(name), text_of(value)) for value in values] if name is not None else []
    if node.type == "command" and re.match(rb"set\s", text_of(node)):
        return [(b"%d" % number, text_of(node)) for number in range(1, 10)]
    return []


def _handed_over(node: Node, functions: set[bytes]) -> list[bytes]:
    """`f "${2%%_*}"` of a function of the script: what it calls $1 is a cut text then."""
    name = node.child_by_field_name("name") if node.type == "command" else None
    if name is None or text_of(name) not in functions:
        return []
    return [text_of(argument) for argument in node.children_by_field_name("argument")]


def names_variable(text: bytes, variable: bytes) -> bool:
    """Tell whether a piece of a script expands a variable."""
    return any((a or b) == variable for a, b in _NAME.findall(text))


def _cuts(text: bytes) -> bool:
    text = _UNQUOTED.sub(b"", text)
    if _CUT.search(text):
        return True
    return (b"$(" in text or b"`" in text) and _TOOL.search(text) is not None
