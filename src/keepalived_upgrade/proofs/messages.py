"""Which messages of the daemon on the new text are no news: those the old text got, and those a finding announces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from keepalived_upgrade.findings import Finding
from keepalived_upgrade.names import Rename

_MIXED = "v1_2_20/mixed_families"
# What the daemon says where a finding has told the operator what to do, by the finding's id. The groups are names;
# the finding must speak of one of them.
_ANNOUNCED = (
    (re.compile(r"^\((\S+)\) the first IPv6 VIP address must be link local$"), f"{_MIXED}/link-local-first"),
    (re.compile(r"^(\S+) and (\S+) both use VRID \d+ with IPv\d on interface "), f"{_MIXED}/router-id-taken"),
    # The source has chosen the other family, and none of the addresses is of it.
    (re.compile(r"^\((\S+)\) No VIP specified; at least one is "), f"{_MIXED}/source-chooses-family"),
)


def with_old_names(renames: Iterable[Rename]) -> Callable[[str], str]:
    """Give the function that turns a message about a new name into what it is about the old one."""
    old_names = {
        new.decode("utf-8", "backslashreplace"): rename.old.decode("utf-8", "backslashreplace")
        for rename in renames
        for new in rename.names()
    }
    if not old_names:
        return lambda message: message
    either = "|".join(re.escape(name) for name in sorted(old_names, key=len, reverse=True))
    word = re.compile(rf"(?<![\w.-])(?:{either})(?![\w.-])")
    return lambda message: word.sub(lambda match: old_names[match.group()], message)


def is_announced(message: str, findings: Sequence[Finding]) -> bool:
    """Tell whether a finding of the plan has said already what the daemon says here."""
    for pattern, id in _ANNOUNCED:
        if (match := pattern.search(message)) is not None:
            return any(finding.id == id and _speaks_of(finding, match.groups()) for finding in findings)
    return False


def _speaks_of(finding: Finding, names: Iterable[str]) -> bool:
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", finding.message) for name in names)
