"""How a failing call becomes an error that names the place, the reason and the cure."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from keepalived_upgrade.errors import WriteError

_CURES = {
    errno.EACCES: "Run as root.",
    errno.EPERM: "Run as root.",
    errno.ENOSPC: "Make room, then run again.",
    errno.EDQUOT: "Make room, then run again.",
    errno.EROFS: "Mount it writable, then run again.",
    errno.EBUSY: "It is a mount point, as containers make of single files: change the file that is mounted there.",
}


class ChangedError(WriteError):
    """The host is not as it was when it was read; what is there is left alone."""


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Let an OSError name the whole path, since calls by descriptor know a part of it only."""
    try:
        yield
    except OSError as error:
        error.filename = path
        raise


@contextmanager
def failing(reason: str) -> Iterator[None]:
    """Turn an OSError into a WriteError that begins with the reason."""
    try:
        yield
    except OSError as error:
        raise write_error(reason, error) from error


def write_error(reason: str, error: OSError) -> WriteError:
    """Give the WriteError for what the system refused."""
    return WriteError(
        f"{reason}: {error.strerror or error}",
        path=str(error.filename or ""),
        cure=_CURES.get(error.errno or 0, "See what is the matter with the file system, then run again."),
    )
