"""The daemon's own word: `keepalived --config-test` on the old and the new text, in a network namespace of its own.

A private copy of the files is put before the daemon, with stand-ins for the interfaces. Nothing of the user's is
run, nothing of the host is touched. Messages decide, not the exit status, which means another thing in each release.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from keepalived_upgrade.conf.dialect import NEWEST, dialect_of
from keepalived_upgrade.conf.includes import alternatives
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.names import Rename
from keepalived_upgrade.plan import Proof, Result
from keepalived_upgrade.proofs.messages import is_announced, with_old_names
from keepalived_upgrade.releases import Release, parse_release

_SECONDS = 20
_MOST_INTERFACES = 200
_MOST_ALTERNATIVES = 1000
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
# An include line, behind a condition or in a definition, too.
_INCLUDE = re.compile(rb"(?m)^([ \t]*(?:@\S+[ \t]+|\$\w+=[ \t]*)?include[rmwba]?[ \t]+\"?)([^\s\"]+)")
_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,15}$")


@cache
def daemon_release(executable: str) -> Release | None:
    """Give the release of a keepalived program; None if it does not tell."""
    try:
        done = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"Keepalived v(\d+\.\d+\.\d+)", done.stdout + done.stderr)
    return parse_release(match.group(1)) if match else None


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
    announces.
    """
    isolation = _isolation()
    if isolation is None:
        return Proof("daemon", Result.NOT_MADE, "no private network namespace can be had here; run as root")
    old = read_messages(executable, before, main, interfaces, isolation)
    new = read_messages(executable, after, main, interfaces, isolation)
    if old is None or new is None:
        return Proof("daemon", Result.NOT_MADE, f"{executable} gave no answer within {_SECONDS} seconds")
    renamed = with_old_names(renames)
    known = {renamed(message) for message in old}
    added = [message for message in new if renamed(message) not in known and not is_announced(message, findings)]
    if added:
        return Proof("daemon", Result.FAILED, "the new text gets: " + "; ".join(dict.fromkeys(added)))
    release = daemon_release(executable)
    return Proof(
        "daemon", Result.PASSED, f"keepalived {release} says nothing of the new text that it did not of the old"
    )


def read_messages(
    executable: str, files: Mapping[str, bytes], main: str, interfaces: Sequence[bytes], isolation: Sequence[str]
) -> list[str] | None:
    """Give what `--config-test` says, without times, line numbers and what depends on the copy; None if it hangs."""
    with tempfile.TemporaryDirectory(prefix="keepalived-upgrade-") as folder:
        copy = _lay_out(Path(folder), files, main)
        setup = "\n".join(_stand_in(number, name) for number, name in enumerate(_usable(interfaces)))
        script = f'set -e\nip link set lo up\n{setup}\nexec "$@"\n'
        test = [executable, "--config-test", "--log-console", "--use-file", str(copy)]
        command = [*isolation, "sh", "-c", script, "sh", *test]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_SECONDS, check=False, env=environment, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return None
        text = (done.stdout + done.stderr).decode("utf-8", "backslashreplace").replace(folder, "")
    return [message for line in text.splitlines() if (message := _normalise(line)) and not _NOISE.match(message)]


def _lay_out(folder: Path, files: Mapping[str, bytes], main: str) -> Path:
    """Copy the files, with absolute includes turned to the copy and without what a kernel without IPVS dies of."""
    for path, text in files.items():
        file = folder / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        above = posixpath.dirname(path)
        text = _INCLUDE.sub(lambda match, above=above: match.group(1) + _turned(match.group(2), above, folder), text)  # type: ignore[misc]
        # Without IPVS in the kernel the sync daemon ends the VRRP child of 2.2.7.
        text = re.sub(rb"(?m)^[ \t]*lvs_sync_daemon(?:_interface)?[ \t].*$", b"", text)
        file.write_bytes(text)
    return folder / main.lstrip("/")


def _turned(pattern: bytes, above: str, folder: Path) -> bytes:
    """Give an include's pattern in the copy: one that is absolute or climbs would lead out of it."""
    if b"{" in pattern:
        each = islice(alternatives(pattern, dialect_of(NEWEST)), _MOST_ALTERNATIVES)
        return b"{" + b",".join(_turned(one, above, folder) for one in each if b"{" not in one) + b"}"
    if not pattern.startswith(b"/") and b".." not in pattern:
        return pattern
    inside = posixpath.normpath(posixpath.join(os.fsencode(above), pattern)).lstrip(b"/")
    return os.fsencode(folder) + b"/" + (b"none" if b".." in inside else inside)


def _normalise(line: str) -> str:
    return _PREFIX.sub("", _STAMP.sub("", line.strip())).strip()


def _usable(interfaces: Sequence[bytes]) -> list[str]:
    names = [os.fsdecode(name).split("@")[0] for name in interfaces]
    return [name for name in dict.fromkeys(names) if _NAME.match(name) and name != "lo"][:_MOST_INTERFACES]


def _stand_in(number: int, name: str) -> str:
    first, second = divmod(number, 200)
    return (
        f"ip link add {name} type veth peer name standin{number}\n"
        f"ip link set {name} up\nip link set standin{number} up\n"
        f"ip addr add 10.{250 + first}.{second}.2/24 dev {name}\n"
        f"ip addr add fd00:{number:x}::2/64 dev {name} nodad"
    )


@cache
def _isolation() -> tuple[str, ...] | None:
    """Give the command that runs another in a private network namespace; None where the kernel allows none."""
    unshare, ip = shutil.which("unshare"), shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if unshare is None or ip is None:
        return None
    for options in (("--net",), ("--net", "--user", "--map-root-user")):
        command = (unshare, *options)
        try:
            done = subprocess.run([*command, "true"], capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return command
    return None
