"""Faults for the system calls of the writing: each call counted, and made to fail, or killed before, one at a time.

The modules of the writing reach the system through `os`, `fcntl` and `rename_exchange` alone (a test holds it). For the
time of a run these names are replaced in the modules by ones that count each call and ask a trap what shall happen.
"""

from __future__ import annotations

import errno
import fcntl
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from keepalived_upgrade.errors import UpgradeError

MODULES = ("attributes", "checks", "files", "folders", "run", "show", "store")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EINTR)
# No system calls, or such as cannot fail.
PURE = {"fsencode", "fsdecode", "fspath", "strerror", "getpid", "geteuid", "uname", "umask"}
KILLED = 9

Call = Callable[[], Any]
Trap = Callable[[int, str, Call], Any]


class _Calls:
    """A module whose functions go through a trap; what is no function stays."""

    def __init__(self, real: Any, passing: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> None:
        self._real, self._passing = real, passing

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if not callable(real) or isinstance(real, type) or name in PURE:
            return real
        return self._passing(name, real)


@contextmanager
def trapped(trap: Trap) -> Iterator[list[str]]:
    """Let every call ask trap(number from 0, name, the call); give the names of the calls made so far."""
    names: list[str] = []

    def passing(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            names.append(name)
            # A synced file reads no different from one that is not, and syncing takes most of the time.
            made = (lambda: None) if name == "fsync" else (lambda: real(*given, **options))
            if name == "write":
                made = lambda: real(given[0], given[1])  # noqa: E731
                made.__dict__["part"] = lambda: real(given[0], given[1][: (len(given[1]) + 1) // 2])
            return trap(len(names) - 1, name, made)

        return call

    from keepalived_upgrade import site

    modules = [importlib.import_module(f"keepalived_upgrade.writing.{name}") for name in MODULES]
    replaced: list[tuple[Any, str, Any]] = [
        (module, "os", _Calls(os, passing)) for module in [*modules, site] if hasattr(module, "os")
    ]
    replaced += [(module, "fcntl", _Calls(fcntl, passing)) for module in modules if hasattr(module, "fcntl")]
    folders = importlib.import_module("keepalived_upgrade.writing.folders")
    replaced += [(folders, "rename_exchange", passing("rename_exchange", folders.rename_exchange))]
    kept = [(module, name, getattr(module, name)) for module, name, _ in replaced]
    try:
        for module, name, new in replaced:
            setattr(module, name, new)
        yield names
    finally:
        for module, name, old in kept:
            setattr(module, name, old)


def counting(number: int, name: str, call: Call) -> Any:
    """The trap that only counts."""
    return call()


def failing(point: int, error: int, *, after: bool = False, on: bool = False) -> Trap:
    """The trap that makes one call fail. after: the call is made and reports the error nevertheless.

    on: all calls of the same name fail from there on, as on a full or broken disk.
    """
    kind = ""

    def trap(number: int, name: str, call: Call) -> Any:
        nonlocal kind
        if number == point:
            kind = name
        if number == point or (on and number > point and name == kind):
            # The kernel closes the file even where close reports an error.
            if after or name == "close":
                call()
            raise OSError(error, os.strerror(error))
        return call()

    return trap


def short_writes(number: int, name: str, call: Call) -> Any:
    """The trap that lets each write take half of what it is given."""
    return call.__dict__["part"]() if name == "write" else call()


def killing(point: int) -> Trap:
    """The trap that ends the process before one call, as SIGKILL does; a write is cut in its middle."""

    def trap(number: int, name: str, call: Call) -> Any:
        if number == point:
            if name == "write":
                call.__dict__["part"]()
            os._exit(KILLED)
        return call()

    return trap


def failing_then_killing(point: int, death: int) -> Trap:
    """The trap that makes one call report an error though it was made, and kills the process before a later one."""
    fail, kill = failing(point, errno.EIO, after=True), killing(death)
    return lambda number, name, call: (kill if number >= death else fail)(number, name, call)


def doing(point: int, deed: Callable[[], None]) -> Trap:
    """The trap that does something just before one call, as another process could."""

    def trap(number: int, name: str, call: Call) -> Any:
        if number == point:
            deed()
        return call()

    return trap


def in_child(work: Callable[[], object], trap: Trap) -> int:
    """Do the work in a child process and give its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with trapped(trap):
                work()
            status = 0
        except UpgradeError:
            status = 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
