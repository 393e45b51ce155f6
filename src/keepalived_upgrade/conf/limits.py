"""What expansions may cost: definitions, sequences and includes that make much of little end with a finding.

keepalived has no limit but its memory; these keep a file of a few lines from taking more than a second.
"""

from __future__ import annotations

from keepalived_upgrade.findings import Finding, Place, Severity

# A line, 64 bytes or 4 words of it, or 8 replacements of a definition count as one.
MOST_EXPANDED = 40_000
DEEPEST_INCLUDE = 64
DEEPEST_EXPANSION = 16


class Limits:
    """What one reading has spent. findings: where what ends it is reported, once for a reading or a place."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.spent = 0
        self._too_deep: set[Place] = set()

    def may_expand(self, place: Place, cost: int) -> bool:
        """Tell whether something may still be expanded, which costs so much."""
        before = self.spent
        self.spent += cost
        if before < MOST_EXPANDED <= self.spent:
            self._note(
                "conf/expansion-too-large",
                place,
                f"definitions, sequences and includes make more than some {MOST_EXPANDED:,} lines of this; "
                "what they make from here on was not read",
                "Write fewer repetitions.",
            )
        return self.spent < MOST_EXPANDED

    def may_nest(self, place: Place, depth: int) -> bool:
        """Tell whether a definition or sequence may be expanded so deep in others."""
        if depth < DEEPEST_EXPANSION:
            return True
        if place not in self._too_deep:
            self._too_deep.add(place)
            self._note(
                "conf/expansion-too-deep",
                place,
                f"definitions or sequences are nested more than {DEEPEST_EXPANSION} deep; the line was not read",
                "Nest them less.",
            )
        return False

    def _note(self, id: str, place: Place, message: str, cure: str) -> None:
        self.findings.append(Finding(id, Severity.DECISION, place, message, cure))


def cost_of(text: bytes) -> int:
    """Give what a line costs that an expansion makes."""
    return 1 + max(len(text) // 64, text.count(b" ") // 4)
