"""What following names through one file gives."""

from __future__ import annotations

from dataclasses import dataclass

from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class FollowResult:
    """edits: spans of the file to rewrite. findings: what mentions a name and was left alone, and why.

    together: spans (start, end) of edits that are made together or not at all, such as a constant and its tests.
    """

    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    together: tuple[frozenset[tuple[int, int]], ...] = ()


def not_read(path: str, migration: str) -> FollowResult:
    """Give the result for a script that takes too long to read."""
    message = (
        "this script takes too long to read, as a pipeline of thousands of commands or thousands of errors do; it was "
        "left alone"
    )
    cure = "Follow the names in it by hand, then accept this finding."
    return FollowResult((), (Finding(f"{migration}/unreadable", Severity.DECISION, Place(path), message, cure),))
