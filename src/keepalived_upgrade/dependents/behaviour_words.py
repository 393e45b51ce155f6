"""What the words of a shell script say where that is known: arguments, variables set before, and texts of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_run import MOST_DEPTH
from keepalived_upgrade.dependents.behaviour_trace import TooMuchError, Value
from keepalived_upgrade.dependents.shell_tree import literal_value, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ALL = re.compile(rb"\"?\$\{?[@*]\}?\"?")
# `$2-$3` is asked for the state: names are followed elsewhere.
_WEIGHT = ("state", "type", "count", "priority", "name")
_TR = re.compile(rb"[$(`\s]+echo\s+(\"?\$\{?\w+\}?\"?)\s*\|\s*tr\s+(.*?)[)`]\s*", re.DOTALL)


@dataclass(slots=True)
class Words:
    """given: $1 and on. variables: what was assigned, None where it is not known."""

    given: list[Value | None]
    variables: dict[bytes, Value | None] = field(default_factory=dict)
    depth: int = 0

    def all(self, nodes: Iterable[Node]) -> list[Value | None]:
        """Give what words say, one after another; `"$@"` is as many as were given."""
        words: list[Value | None] = []
        for node in nodes:
            if _ALL.fullmatch(text_of(node)):
                words += self.given
            else:
                words.append(self.value(node))
        return words

    def value(self, node: Node) -> Value | None:
        """Give what a word says, None where that is not known."""
        literal = literal_value(node)
        if literal is not None:
            return Value(literal)
        match node.type:
            case "simple_expansion" | "expansion":
                return self._expanded(node)
            case "string" | "concatenation":
                return self._joined([child for child in node.children if child.type != '"'])
            case "string_content":
                return Value(text_of(node)) if b"\\" not in text_of(node) else None
            case "command_substitution":
                return self._changed_case(node)
        return None

    def _joined(self, parts: Sequence[Node]) -> Value | None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise TooMuchError
        values = [self.value(part) for part in parts]
        self.depth -= 1
        if any(value is None for value in values):
            return None
        known = [value for value in values if value is not None]
        origins = {value.origin for value in known}
        return Value(b"".join(v.text for v in known), next((o for o in _WEIGHT if o in origins), ""))

    def _expanded(self, node: Node) -> Value | None:
        text = text_of(node)
        match = re.fullmatch(rb"\$\{?(\w+|#)\}?|\$\{(\w+)(,,|\^\^)\}|\$\{(\w+):?[-=]([\w./-]*)\}", text)
        if not match:
            return None
        plain, changed, change, optional, default = match.groups()
        value = self._variable(plain or changed or optional)
        if change and value is not None:
            return Value(value.text.lower() if change == b",," else value.text.upper(), value.origin)
        return Value(default) if optional and value is not None and not value.text else value

    def _variable(self, name: bytes) -> Value | None:
        if name == b"#":
            return Value(b"%d" % len(self.given), "count")
        if name.isdigit():
            index = int(name[:4]) - 1
            if index < 0:
                return None
            return self.given[index] if index < len(self.given) else Value(b"")
        return self.variables.get(name)

    def _changed_case(self, node: Node) -> Value | None:
        """`$(echo $3 | tr A-Z a-z)`."""
        match = _TR.fullmatch(text_of(node))
        name = re.sub(rb"\W", b"", match.group(1)) if match else b""
        value = self._variable(name) if name else None
        if match is None or value is None:
            return None
        first = match.group(2).split()[:1]
        lower = bool(first) and (b"A-Z" in first[0] or b"upper" in first[0])
        upper = bool(first) and (b"a-z" in first[0] or b"lower" in first[0])
        if lower == upper:
            return None
        return Value(value.text.lower() if lower else value.text.upper(), value.origin)
