"""The daemon's own word: `keepalived --config-test` on the old and the new text, in a place of its own (sandbox.py).

Messages decide, not the exit status, which means another thing in each release. A word that no release knows stands
behind each text, and the daemon must complain of it: else it did not read the text, and nothing is proved.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from keepalived_upgrade.findings import Finding
from keepalived_upgrade.names import Rename
from keepalived_upgrade.plan import Proof, Result
from keepalived_upgrade.proofs.messages import is_announced, with_old_names
from keepalived_upgrade.proofs.sandbox import run_apart
from keepalived_upgrade.releases import Release, parse_release

# What a line of the log begins with, and what tells nothing about the text: the banner and the copy's own scripts.
_STAMP = re.compile(r"^\w{3} \w{3} +\d+ [\d:]+ \d{4}: ")
_PREFIX = re.compile(r"^\((?:[^()]*: )?Line \d+\) ")
_NOISE = re.compile(
    r"^(?:Starting |Running on |Command line|Configuration file |Registering |Opening file|Keepalived v|Copyright"
    r"|Built with|NOTICE: setting config option|Stopping|Stopped|Reading |.* exiting|.*'[^']+' +'"
    r"|SECURITY VIOLATION|WARNING - default user|.*[Uu]nable to access script|.*[Cc]annot find script"
    r"|.*Disabling (?:track|notify) script|.*[Dd]isabling$|.*No such file or directory"
    r"|.*is not (?:accessible|executable)"
    r"|Warning - .*script|Unable to (?:find|access)|.*script .*(?:not found|missing))"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a daemon says of a text, without times, line numbers and what depends on the copy.

    lost: why it says less than it would of the whole text, "" where it read all of it. unheard: it gave no answer.
    """

    messages: tuple[str, ...] = ()
    lost: str = ""
    unheard: bool = False


@cache
def identify(executable: str) -> tuple[Release | None, str]:
    """Give the release of a keepalived program; None, and why, if it does not tell."""
    answer = run_apart(executable, ("--version",), {})
    match = re.search(r"Keepalived v(\d+\.\d+\.\d+)", answer.text) if answer.status is not None else None
    if match is None:
        return None, answer.reason or f"{executable} does not tell its release"
    return parse_release(match.group(1)), ""


def daemon_release(executable: str) -> Release | None:
    """Give the release of a keepalived program; None if it does not tell."""
    return identify(executable)[0]


def check_daemon(
    executable: str,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    main: str,
    interfaces: Sequence[bytes],
    renames: Sequence[Rename] = (),
    findings: Sequence[Finding] = (),
) -> Proof:
    """Compare what the daemon says of two sets of files (path → text, with the main file's path).

    Passes when the new text gets no message that the old one did not get under the old names, and that no finding
    announces. Not made where the daemon did not read both texts to their end.
    """
    release, reason = identify(executable)
    if release is None:
        return Proof("daemon", Result.NOT_MADE, reason)
    old = read_messages(executable, before, main, interfaces)
    new = read_messages(executable, after, main, interfaces)
    if old.unheard or new.unheard:
        return Proof("daemon", Result.NOT_MADE, new.lost if new.unheard else old.lost)
    if new.lost and not old.lost:
        return Proof("daemon", Result.FAILED, f"{new.lost}, and it is not so with the old text")
    renamed = with_old_names(renames)
    known = {renamed(message) for message in old.messages}
    added = [
        message for message in new.messages if renamed(message) not in known and not is_announced(message, findings)
    ]
    if new.lost or (added and old.lost):
        return Proof("daemon", Result.NOT_MADE, f"{old.lost}; there is nothing to compare with")
    if added:
        return Proof("daemon", Result.FAILED, "the new text gets: " + "; ".join(dict.fromkeys(added)))
    return Proof(
        "daemon", Result.PASSED, f"keepalived {release} says nothing of the new text that it did not of the old"
    )


def read_messages(executable: str, files: Mapping[str, bytes], main: str, interfaces: Sequence[bytes]) -> Said:
    """Give what `--config-test` says of files."""
    word = f"keepalived_upgrade_{os.urandom(8).hex()}"
    texts = {**files, main: files[main] + f"\n\n{word}\n".encode()}
    answer = run_apart(executable, ("--config-test", "--log-console", "--use-file", main), texts, interfaces)
    if answer.status is None:
        return Said((), answer.reason, True)
    messages = [message for line in answer.text.splitlines() if (message := _normalise(line))]
    lost = ""
    if answer.status > 128:
        lost = f"{executable} dies of the text (signal {answer.status - 128})"
    elif not any(word in message for message in messages):
        lost = f"{executable} does not read the text to its end"
    return Said(tuple(m for m in messages if not _NOISE.match(m) and word not in m), lost)


def _normalise(line: str) -> str:
    return _PREFIX.sub("", _STAMP.sub("", line.strip())).strip()
