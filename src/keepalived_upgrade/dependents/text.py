"""Files in no language that is rewritten: each mention of an old name is a finding on its line."""

from __future__ import annotations

import re

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.findings import Finding, Place, Severity

_MOST_LINES = 200
_COMMENT = re.compile(rb"^[ \t]*(?:#|//|;|--)")


def follow_text(path: str, source: bytes, names: Names, told: bool = True) -> FollowResult:
    """List the mentions of old names, one finding a line, and one for all lines after the first 200.

    In a program of a language that is not read here (csh, Tcl, …) each is a decision. told: keepalived tells scripts
    these names. Rewrites nothing; raises nothing.
    """
    severity = Severity.DECISION if told and source.startswith(b"#!") else Severity.REVIEW
    mentions = mention_pattern(names)
    if not mentions.search(source):
        return FollowResult()
    findings: list[Finding] = []
    for number, line in enumerate(source.split(b"\n"), 1):
        match = mentions.search(line)
        if match is None:
            continue
        if len(findings) == _MOST_LINES:
            more = sum(mentions.search(rest) is not None for rest in source.split(b"\n")[number:])
            message = f"names that change are mentioned here and on {more} lines after it, too many to list"
            cure = "See what writes this file; it looks like a record of what was, which need not change."
            findings.append(Finding("names/text/many", Severity.REVIEW, Place(path, number), message, cure))
            break
        old = match.group().decode("utf-8", "backslashreplace")
        new = " and ".join(name.decode("utf-8", "backslashreplace") for name in names[match.group()])
        comment = bool(_COMMENT.match(line))
        findings.append(
            Finding(
                "names/text/comment" if comment else "names/text/mention",
                Severity.INFO if comment else severity,
                Place(path, number, match.start() + 1),
                f"{old} is mentioned here, and the configuration now calls it {new}",
                "Change it by hand if it means what the configuration calls so.",
            )
        )
    return FollowResult((), tuple(findings))
