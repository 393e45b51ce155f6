"""One script that keepalived runs, with its calls in the old and the new release, parsed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_calls import Call
from keepalived_upgrade.dependents.behaviour_trace import TooMuchError, Trace
from keepalived_upgrade.dependents.parsing import parse
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.releases import Release

if TYPE_CHECKING:
    from tree_sitter import Node

AREA = "scripts"
_MOST_LINES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found at a line. id: what, after `scripts/`. Several hits of one id become one finding."""

    id: str
    severity: Severity
    line: int
    message: str
    cure: str
    column: int = 1


@dataclass(slots=True)
class Script:
    """language: "shell", "python" or "text". old, new: how the source and the target release call it."""

    path: str
    source: bytes
    language: str
    old: tuple[Call, ...]
    new: tuple[Call, ...]
    before: Release
    after: Release
    _root: Node | None = None
    _traces: dict[object, Trace] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls, those of the target first."""
        return (*self.new, *self.old)

    def root(self) -> Node:
        """Give the syntax tree; the script is parsed when it is first asked for."""
        if self._root is None:
            self._root = parse(self.language, self.source)
        return self._root

    def trace(self, call: Call) -> Trace:
        """Give what a call does, as far as the text tells; nothing where it cannot be followed."""
        key = (call.arguments, call.line)
        known = self._traces.get(key)
        if known is None:
            known = self._traces[key] = self._follow(call)
        return known

    def _follow(self, call: Call) -> Trace:
        try:
            if self.language == "shell":
                from keepalived_upgrade.dependents.behaviour_shell import follow_shell_call

                trace = follow_shell_call(self.root(), call.arguments, call.line)
            elif self.language == "python":
                from keepalived_upgrade.dependents.behaviour_python import follow_python_call

                trace = follow_python_call(self.root(), call.arguments)
            else:
                return Trace()
        except TooMuchError:
            return Trace()
        end = _unread_line(self.root())
        if end is not None:
            trace.steps = [step for step in trace.steps if step.line < end]
            trace.taken = [t for t in trace.taken if t.line < end and all(step.line < end for step in t.steps)]
        return trace


def findings_of(path: str, hits: Iterable[Hit]) -> Iterator[Finding]:
    """Give one finding for each id, at the first line, with the other lines in its message."""
    grouped: dict[str, list[Hit]] = {}
    for hit in sorted(hits, key=lambda h: (h.line, h.column)):
        grouped.setdefault(hit.id, []).append(hit)
    for id, same in grouped.items():
        first = same[0]
        lines = sorted({hit.line for hit in same} - {first.line})
        shown = ", ".join(str(line) for line in lines[:_MOST_LINES_SHOWN])
        rest = len(lines) - _MOST_LINES_SHOWN
        also = f" (also line {shown}{f' and {rest} more' if rest > 0 else ''})" if lines else ""
        severity = max((hit.severity for hit in same), key=list(Severity).index)
        place = Place(path, first.line, first.column if first.line else 0)
        yield Finding(f"{AREA}/{id}", severity, place, first.message + also, first.cure)


def _unread_line(root: Node) -> int | None:
    """The line from which a script is not read as its interpreter reads it."""
    from keepalived_upgrade.dependents.shell_tree import unread_from

    offset = unread_from(root) if root.has_error else None
    return None if offset is None else (root.text or b"")[:offset].count(b"\n") + 1
