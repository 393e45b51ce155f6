"""Which files depend on the configuration: the scripts it runs, and what those source, call or import."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from keepalived_upgrade.dependents.leads import SYSTEM, leads_to
from keepalived_upgrade.findings import Finding, Place, Severity

# Path → its text and where that leads to.
Leads = dict[str, tuple[bytes, tuple[str, ...]]]
_MOST_FILES = 10_000
_MOST_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Discovered:
    """files: paths as the host sees them, in order of discovery. findings: scripts that cannot be read.

    handed: those of the files that keepalived may hand its names to, through whatever runs or sources them.
    """

    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    handed: frozenset[str]


def find_dependents(
    commands: Iterable[tuple[str, ...]],
    read: Callable[[str], bytes | None],
    extra: Iterable[str] = (),
    searched: Iterable[str] = (),
    known: Leads | None = None,
) -> Discovered:
    """Find the files that commands name and, from there, everything they lead to.

    commands: argument lists. read: gives a file's bytes, None where there is none. extra: more files to begin with, as
    if a command named them. searched: files of which nothing says that keepalived has to do with them.
    known: where files lead to, as found before; what is found here is added.
    Nothing is executed; programs of the system (/usr/bin and its kin) are not followed.
    """
    begin: list[str] = []
    findings = []
    for argv in commands:
        for path in _named(argv):
            text = read(path)
            if text is not None:
                begin.append(path)
            elif path == next(_named(argv), ""):
                findings.append(
                    Finding(
                        "names/script-missing",
                        Severity.REVIEW,
                        Place(path),
                        "the configuration runs this file; it is not there or cannot be read, so no name was looked "
                        "for in it",
                        "Correct the path; in a copy of a host, copy this file too. Then run again.",
                    )
                )
    seen: dict[str, None] = {}
    tried: set[str] = set()
    known = {} if known is None else known
    _follow_leads((*begin, *extra), read, seen, tried, known)
    handed = frozenset(seen)
    _follow_leads(searched, read, seen, tried, known)
    return Discovered(tuple(seen), tuple(dict.fromkeys(findings)), handed)


def _follow_leads(
    begin: Iterable[str], read: Callable[[str], bytes | None], seen: dict[str, None], tried: set[str], known: Leads
) -> None:
    """Add to seen the scripts to begin with, and all that they lead to. tried: paths that need no second look."""
    pending = deque(path for path in begin if path not in tried)
    tried.update(pending)
    while pending and len(seen) < _MOST_FILES:
        path = pending.popleft()
        text = read(path) if path not in seen else None
        if text is None or not is_script(text):
            continue
        seen[path] = None
        for found in _leads(path, text, known):
            if found not in tried:
                tried.add(found)
                if read(found) is not None:
                    pending.append(found)


def _leads(path: str, text: bytes, known: Leads) -> tuple[str, ...]:
    of, leads = known.get(path, (None, ()))
    if of is not text:
        leads = tuple(leads_to(path, text))
        known[path] = text, leads
    return leads


def _named(argv: tuple[str, ...]) -> Iterator[str]:
    """The files that a command line names: the program, or what an interpreter is told to run, and arguments."""
    for word in argv:
        for part in re.split(r"[;&|<>()\s]+", word):
            path = part.rpartition("=")[2]
            if path.startswith("/") and not path.startswith(SYSTEM):
                yield posixpath.normpath(path)


def is_script(text: bytes) -> bool:
    """Tell whether the bytes are text of a size that a script has."""
    return len(text) <= _MOST_BYTES and b"\0" not in text[:8192]
