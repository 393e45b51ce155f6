"""Which files depend on the configuration: the scripts it runs, and what those source, call or import."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from keepalived_upgrade.findings import Finding, Place, Severity

SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/lib64/", "/usr/lib/", "/dev/", "/proc/", "/sys/")
_MOST_FILES = 10_000
_MOST_BYTES = 2 * 1024 * 1024
_SOURCED = re.compile(rb"^[ \t]*(?:\.|source)[ \t]+[\"']?([^\s\"';&|]+)", re.MULTILINE)
_BESIDE = re.compile(
    rb"""(?:\$\(dirname\s+"?\$(?:0|\{?BASH_SOURCE[^)]*)"?\)|`dirname\s+"?\$0"?`|\$\{0%/\*\})"?/([\w./-]+)"""
)
_ABSOLUTE = re.compile(rb"(?<![\w$}/.-])(/(?:[\w.+@-]+/)+[\w.+@-]+)")
_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+\.?([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Discovered:
    """files: paths as the host sees them, in order of discovery. findings: scripts that cannot be read."""

    files: tuple[str, ...]
    findings: tuple[Finding, ...]


def find_dependents(
    commands: Iterable[tuple[str, ...]], read: Callable[[str], bytes | None], extra: Iterable[str] = ()
) -> Discovered:
    """Find the files that commands name and, from there, everything they lead to.

    commands: argument lists. read: gives a file's bytes, None where there is none. extra: more files to begin with.
    Nothing is executed; programs of the system (/usr/bin and its kin) are not followed.
    """
    pending: deque[str] = deque()
    findings = []
    for argv in commands:
        for path in _named(argv):
            text = read(path)
            if text is not None:
                pending.append(path)
            elif path == next(_named(argv), ""):
                findings.append(
                    Finding(
                        "names/script-missing",
                        Severity.REVIEW,
                        Place(path),
                        "the configuration runs this file, and it is not there or cannot be read; it was not searched",
                        "Check the path; give the files of another host's copy with --root.",
                    )
                )
    pending.extend(extra)
    seen: dict[str, None] = {}
    while pending and len(seen) < _MOST_FILES:
        path = pending.popleft()
        text = read(path) if path not in seen else None
        if text is None or not _is_script(text):
            continue
        seen[path] = None
        pending.extend(found for found in _leads_to(path, text) if found not in seen and read(found) is not None)
    return Discovered(tuple(seen), tuple(dict.fromkeys(findings)))


def _named(argv: tuple[str, ...]) -> Iterator[str]:
    """The files that a command line names: the program, or what an interpreter is told to run, and arguments."""
    for word in argv:
        for part in re.split(r"[;&|<>()\s]+", word):
            path = part.rpartition("=")[2]
            if path.startswith("/") and not path.startswith(SYSTEM):
                yield posixpath.normpath(path)


def _is_script(text: bytes) -> bool:
    return len(text) <= _MOST_BYTES and b"\0" not in text[:8192]


def _leads_to(path: str, text: bytes) -> Iterator[str]:
    folder = posixpath.dirname(path)
    for pattern in (_SOURCED, _BESIDE):
        for match in pattern.finditer(text):
            name = match.group(1).decode("utf-8", "surrogateescape")
            if "$" not in name:
                yield posixpath.normpath(posixpath.join(folder, name))
    for match in _ABSOLUTE.finditer(text):
        name = match.group(1).decode("utf-8", "surrogateescape")
        if not name.startswith(SYSTEM):
            yield posixpath.normpath(name)
    if path.endswith(".py") or b"python" in text[:80]:
        yield from _imports(folder, text)


def _imports(folder: str, text: bytes) -> Iterator[str]:
    for match in _IMPORT.finditer(text):
        names = (match.group(1) or match.group(2)).decode("ascii", "replace")
        for name in names.split(","):
            module = name.split(" as ")[0].strip().replace(".", "/")
            if module:
                yield posixpath.join(folder, module + ".py")
                yield posixpath.join(folder, module, "__init__.py")
