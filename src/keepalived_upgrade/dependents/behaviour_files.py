"""The script as a file: may it be executed, is its interpreter there, what does `$0` say."""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from os import stat_result
from typing import Protocol

from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.dependents.behaviour_calls import CHECKS
from keepalived_upgrade.dependents.behaviour_script import Hit, Script
from keepalived_upgrade.dependents.behaviour_settings import Settings, user_of
from keepalived_upgrade.findings import Severity

_SHEBANG = re.compile(rb"#![ \t]*(\S+)(?:[ \t]+(.*))?")
_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_PYTHON_2 = re.compile(r"python(?:2(?:\.\d+)?)?")
_ZERO = re.compile(
    rb"(?:basename|dirname)[ \t]+(?:--[ \t]+)?[\"']?\$\{?0\b|\bcase[ \t]+[\"']?\$\{?0\b|\$\{0(?:##?|%%?)"
    rb"|\$\{?0\}?[\"']?[ \t]*(?:==?|!=|=~)|basename\(\s*(?:sys\.argv\[0\]|__file__)"
    rb"|sys\.argv\[0\]\.(?:endswith|startswith|split|rpartition|rsplit)"
)
_ELF = b"\x7fELF"


class Site(Protocol):
    """What is asked of the files of the host; paths as it sees them, answers as those of `site.Site`."""

    root: str

    def kind(self, path: str) -> str:
        """Give what stands at the path, by a word."""
        ...

    def resolve(self, path: str) -> str | None:
        """Give the path with all links followed; None when it leads nowhere."""
        ...

    def read_if_there(self, path: str) -> bytes | None:
        """Give the text of a regular file, or None."""
        ...

    def is_link(self, path: str) -> bool:
        """Tell whether the last part of the path is a link."""
        ...

    def status(self, path: str) -> stat_result | None:
        """Give mode and owner of what stands at the path, or None."""
        ...


@dataclass(slots=True)
class Host:
    """The host's files, for questions about programs, accounts and rights."""

    site: Site
    _accounts: frozenset[bytes] | None = None

    def has_programs(self) -> bool:
        """Tell whether the root holds the host's programs, and is not a copy of a few files."""
        return self.site.kind("/bin/sh") in ("executable", "file") or self.site.kind("/usr/bin/env") == "executable"

    def accounts(self) -> frozenset[bytes] | None:
        """Give the names in /etc/passwd; None where it is not there."""
        if self._accounts is None:
            text = self.site.read_if_there("/etc/passwd")
            if text is None:
                return None
            self._accounts = frozenset(line.partition(b":")[0] for line in text.split(b"\n"))
        return self._accounts

    def may_write(self, path: bytes, user: bytes) -> bool:
        """Tell whether a user may write a file, or make it where it is not there; False where it is not known."""
        text = path.decode("utf-8", "surrogateescape")
        status = self.site.status(text) or self.site.status(posixpath.dirname(text))
        if status is None:
            return False
        owns = status.st_uid == self._uid(user) and status.st_mode & stat.S_IWUSR
        return bool(status.st_mode & stat.S_IWOTH or owns)

    def _uid(self, user: bytes) -> int:
        for line in (self.site.read_if_there("/etc/passwd") or b"").split(b"\n"):
            fields = line.split(b":")
            if fields[0] == user and len(fields) > 2 and fields[2].isdigit():
                return int(fields[2])
        return -1


def check_file(script: Script, settings: Settings, host: Host) -> Iterator[Hit]:
    """Report what keeps the new release from running the file, or makes it see another name of itself."""
    if not script.source.startswith(_ELF):
        if any(call.direct for call in script.new):  # else a shell runs it, or nothing does
            yield from _check_mode(script, host)
            yield from _check_shebang(script)
        if any(call.direct for call in script.calls):
            yield from _check_interpreter(script, host)
    yield from _check_zero(script, settings, host)
    yield from _check_security(script, settings, host)


def _check_mode(script: Script, host: Host) -> Iterator[Hit]:
    if host.site.kind(script.path) != "file" or not _is_crossed(script, facts.X_BIT, facts.NO_SHELL):
        return
    checked = any(call.event in CHECKS for call in script.calls)
    effect = (
        f"from {facts.X_BIT.release} the check is switched off and counts as passed; before, it counted as failed"
        if checked and facts.X_BIT.is_new(script.before, script.after)
        else f"{script.after} disables it at start with a line in the log and nothing else"
    )
    yield Hit(
        "not-executable",
        Severity.DECISION,
        0,
        f"keepalived runs this file, which has no x bit: {effect}",
        "chmod +x it; where this is a copy that lost its modes, look at the host.",
    )


def _check_shebang(script: Script) -> Iterator[Hit]:
    if script.source.startswith(b"#!") or not facts.NO_SHELL.is_new(script.before, script.after):
        return
    yield Hit(
        "no-shebang",
        Severity.DECISION,
        1,
        f"this file has no #! line, and from {facts.NO_SHELL.release} no shell runs it: keepalived without libmagic, "
        f"such as Debian's, does not run it at all{'; a check then counts as passed' if _is_check(script) else ''}",
        "Write the interpreter in the first line, such as #!/bin/sh.",
    )


def _check_interpreter(script: Script, host: Host) -> Iterator[Hit]:
    line = script.source.split(b"\n", 1)[0]
    match = _SHEBANG.match(line)
    if not match:
        return
    success = "; a check that cannot be started counts as passed" if _is_check(script) else ""
    if line.endswith(b"\r"):
        yield Hit(
            "interpreter",
            Severity.DECISION,
            1,
            "the #! line ends in a carriage return, which the kernel takes for a part of the interpreter's name: "
            f"this file cannot be executed{success}",
            "Write the file with line feeds alone (sed -i 's/\\r$//').",
        )
        return
    program, rest = match.group(1).decode("utf-8", "surrogateescape"), match.group(2) or b""
    if program.rpartition("/")[2] == "env":
        words = [w for w in rest.decode("utf-8", "surrogateescape").split() if not w.startswith("-") and "=" not in w]
        program = words[0] if words else program
    if _is_there(program, host):
        return
    if host.has_programs():
        severity, said = Severity.DECISION, "is not there"
    elif _PYTHON_2.fullmatch(program.rpartition("/")[2]) and script.after >= facts.NO_SHELL.release:
        severity, said = (
            Severity.REVIEW,
            "is not below the root, and distributions of today have no Python 2",
        )
    else:
        return
    yield Hit(
        "interpreter",
        severity,
        1,
        f"the interpreter {program} {said}: keepalived cannot run this script, and says so at most in the log{success}",
        "Install it, or carry the script over to one that is there.",
    )


def _is_there(program: str, host: Host) -> bool:
    places = [program] if program.startswith("/") else [f"{folder}/{program}" for folder in _PATH]
    return any(host.site.kind(place) in ("executable", "file") for place in places)


def _check_zero(script: Script, settings: Settings, host: Host) -> Iterator[Hit]:
    was, now = facts.zero_is_target(script.before), facts.zero_is_target(script.after) and not settings.symlink_paths
    if was == now or not host.site.is_link(script.path) or not any(call.direct for call in script.calls):
        return
    target = host.site.resolve(script.path) or ""
    match = _ZERO.search(script.source)
    if match is None or script.source[: match.start()].rpartition(b"\n")[2].lstrip().startswith(b"#"):
        return
    if b"dirname" in match.group() and posixpath.dirname(target) == posixpath.dirname(script.path):
        return
    shown = target if now else script.path
    keep = "; `use_symlink_paths` in global_defs keeps the link's" if now else ""
    yield Hit(
        "zero",
        Severity.REVIEW,
        script.source.count(b"\n", 0, match.start()) + 1,
        f"this script is called through a link, and its own name ($0) is {shown} in {script.after}; "
        f"{script.before} gave {script.path if now else target}",
        f"Look at what the script makes of its name{keep}.",
    )


def _check_security(script: Script, settings: Settings, host: Host) -> Iterator[Hit]:
    """enable_script_security: nobody but root may write the file or a folder above it."""
    if not settings.security or not facts.USER.is_new(script.before, script.after):
        return
    if all(user_of(settings, call.user, host.accounts) != b"root" for call in script.new):
        return
    path = script.path
    while path != "/":
        status = host.site.status(path)
        if status is None:
            return
        sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
        others = status.st_mode & stat.S_IWOTH or (status.st_gid and status.st_mode & stat.S_IWGRP)
        if (others and not sticky) or (host.site.root == "/" and status.st_uid != 0):
            yield Hit(
                "security",
                Severity.DECISION,
                0,
                f"with enable_script_security {script.after} disables this script: others than root may write {path}",
                "Give it to root and take the right to write from group and others.",
            )
            return
        path = posixpath.dirname(path)


def _is_check(script: Script) -> bool:
    return facts.FAILED_EXEC_IS_SUCCESS.holds(script.after) and any(call.event in CHECKS for call in script.calls)


def _is_crossed(script: Script, *some: facts.Fact) -> bool:
    return any(fact.is_new(script.before, script.after) for fact in some)
