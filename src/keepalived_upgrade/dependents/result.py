"""What following names through one file gives."""

from __future__ import annotations

from dataclasses import dataclass

from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding


@dataclass(frozen=True, slots=True)
class FollowResult:
    """edits: spans of the file to rewrite. findings: what mentions a name and was left alone, and why.

    together: spans (start, end) of edits that are made together or not at all, such as a constant and its tests.
    """

    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    together: tuple[frozenset[tuple[int, int]], ...] = ()
