"""Which release a host runs, and which one it will run. What cannot be found out is asked for, never assumed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release, parse_release, resolve_release

_VERSION = re.compile(r"(?:\d+:)?v?(\d+\.\d+(?:\.\d+)?)")
_SECONDS = 20


def resolve_releases(root: str, source_text: str | None, target_text: str | None) -> tuple[Release, Release]:
    """Give source and target. A text is a release or a distribution; None is found out from the host at root.

    The target is never taken from where the source was found. Raises InputError when one cannot be found out, or
    when the target is older than the source.
    """
    source = resolve_release(source_text) if source_text else detect_source(root)
    target = resolve_release(target_text) if target_text else _detect_target(root, given_source=bool(source_text))
    if source is None:
        both = "" if target is not None else " Say the one to upgrade to as well: --to 2.2.7 or --to debian-bookworm."
        raise InputError(
            "nothing here tells for which release the configuration was written",
            path=root,
            cure=f"Say it with --from, such as --from 1.2.13 or --from debian-jessie.{both}",
        )
    if target is None:
        raise InputError(
            "nothing here tells which release will run",
            path=root,
            cure="Say it with --to, such as --to 2.2.7 or --to debian-bookworm.",
        )
    if target < source:
        raise InputError(
            f"{target} is older than {source}", cure="This tool only goes forward; exchange --from and --to."
        )
    return source, target


def resolve_running(root: str, text: str | None) -> Release:
    """Give the release that a host runs: what the text names, else what is installed below root.

    Raises InputError when it cannot be found out.
    """
    release = resolve_release(text) if text else detect_source(root)
    if release is None:
        raise InputError(
            "the release that reads this configuration cannot be found out",
            path=root,
            cure="Say it with --release, such as --release 2.2.7 or --release debian-bookworm.",
        )
    return release


def detect_source(root: str) -> Release | None:
    """Give the release that is installed below root, from dpkg's or rpm's database, or the daemon's own word."""
    found = _from_dpkg(Path(root) / "var/lib/dpkg/status") or _from_rpm(root)
    if found is None and root == "/":
        return installed_release()
    return found


def installed_release() -> Release | None:
    """Give the release of the keepalived that is installed on this machine."""
    program = shutil.which("keepalived", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin")
    return _search(_output([program, "--version"])) if program else None


def _detect_target(root: str, *, given_source: bool) -> Release | None:
    if root != "/":
        return None
    installed = installed_release() if given_source else None
    return installed or _candidate()


def _candidate() -> Release | None:
    """What the package manager would install, if it is another release than the one installed."""
    for command, line in ((["apt-cache", "policy", "keepalived"], r"Candidate: *(\S+)"),):
        if shutil.which(command[0]):
            match = re.search(line, _output(command))
            found = _search(match.group(1)) if match else None
            if found is not None and found != installed_release():
                return found
    if shutil.which("dnf"):
        match = re.search(
            r"^keepalived\.\S+ +(\S+)", _output(["dnf", "--quiet", "list", "--upgrades", "keepalived"]), re.M
        )
        return _search(match.group(1)) if match else None
    return None


def _from_dpkg(status: Path) -> Release | None:
    try:
        text = status.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    for paragraph in text.split("\n\n"):
        if re.search(r"^Package: keepalived$", paragraph, re.M) and re.search(
            r"^Status: .* installed$", paragraph, re.M
        ):
            match = re.search(r"^Version: (\S+)$", paragraph, re.M)
            return _search(match.group(1)) if match else None
    return None


def _from_rpm(root: str) -> Release | None:
    if not shutil.which("rpm") or not (Path(root) / "var/lib/rpm").is_dir():
        return None
    return _search(_output(["rpm", "--root", root, "-q", "--qf", "%{VERSION}", "keepalived"]))


def _search(text: str) -> Release | None:
    match = _VERSION.search(text)
    return parse_release(match.group(1)) if match else None


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr
