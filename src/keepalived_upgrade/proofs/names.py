"""No name left behind: every literal that scripts test and that was a name of the old configuration still is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.plan import Proof, Result

if TYPE_CHECKING:
    from keepalived_upgrade.model.config import Config


def prove_names(
    original: Sequence[Config],
    after: Sequence[Config],
    scripts: Mapping[str, bytes],
    excuses: Callable[[str, bytes, int], bool] = lambda path, text, line: False,
    gone: frozenset[bytes] | None = None,
) -> Proof:
    """Compare what the scripts test with the names before and after. scripts: path → text as it will be.

    excuses: tells whether a comment on a line (path, text, line) asks to leave its names alone. Such a test does not
    fail the proof, and the proof says so. gone: the names that go away if the new text does not have them; else all of
    the old text.
    """
    gone = (_names(original) if gone is None else gone) - _names(after)
    if not gone:
        return Proof("names", Result.PASSED, "no name of the configuration goes away")
    from keepalived_upgrade.dependents.follow import is_read, tested_names
    from keepalived_upgrade.dependents.mentions import says_any

    left: list[str] = []
    excused: list[str] = []
    unread: list[str] = []
    for path, text in sorted(scripts.items()):
        # A shell reads `G"W"` and `G\W` as `GW`.
        if not says_any(text.translate(None, b"\"'\\"), gone):
            continue
        if not is_read(text, path):
            unread.append(path)
        for line, name in tested_names(text, path):
            if name in gone:
                which = excused if excuses(path, text, line) else left
                which.append(f"{path}:{line} tests {name.decode('utf-8', 'backslashreplace')}")
    but = f", except {len(excused)} left by comments in the scripts: " + "; ".join(excused[:10]) if excused else ""
    if left:
        return Proof("names", Result.FAILED, "names that nothing has any more: " + "; ".join(left[:10]) + but)
    if unread:
        why = "what takes too long to read may test a name that goes away: "
        return Proof("names", Result.NOT_MADE, why + ", ".join(unread[:10]) + but)
    return Proof("names", Result.PASSED, f"none of the scripts ({len(scripts)}) tests a name that goes away{but}")


def _names(configs: Sequence[Config]) -> frozenset[bytes]:
    defined = (s for config in configs for s in config.tree.find_all(b"vrrp_instance", b"vrrp_sync_group"))
    return frozenset(statement.args[0] for statement in defined if statement.args)
