"""What following a script through a call has in common for every language: its limits, its steps, the arms it takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.behaviour_trace import Asked, Taken, TooMuchError, Trace, unnamed

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_CALLS = 8
_MOST_STEPS = 20_000
MOST_DEPTH = 60


@dataclass(slots=True, kw_only=True)
class Run:
    """One call on its way through a script. certain: no unknown condition guards what comes next.

    calls: how many functions of the script it is in. depth: how many nodes. left: how many more it may look at.
    """

    trace: Trace = field(default_factory=Trace)
    functions: dict[bytes, Node] = field(default_factory=dict)
    certain: bool = True
    calls: int = 0
    depth: int = 0
    left: int = _MOST_STEPS

    @contextlib.contextmanager
    def deeper(self) -> Iterator[None]:
        """Look at a node. Raises TooMuchError where that is one too many or too deep."""
        self.left -= 1
        self.depth += 1
        if self.left < 0 or self.depth > MOST_DEPTH:
            raise TooMuchError
        try:
            yield
        finally:
            self.depth -= 1

    @contextlib.contextmanager
    def taking(self, asked: Sequence[Asked], form: str, place: Node) -> Iterator[None]:
        """Note the steps made inside as an arm at this place, for what was asked and is not named there."""
        start = len(self.trace.steps)
        try:
            yield
        finally:
            row, column = place.start_point
            steps = tuple(self.trace.steps[start:])
            for one in unnamed(asked):
                self.trace.taken.append(Taken(one.origin, one.value, form, row + 1, column + 1, steps))
