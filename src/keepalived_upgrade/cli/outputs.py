"""Files that are written beside the host's own: a patch, a page."""

from __future__ import annotations

import contextlib
import errno
import os
import stat

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_output(where: str, data: bytes, *, private: bool = False) -> None:
    """Write a file whole, in one step. private: for the owner alone, from its first byte.

    Raises OSError, also for a symbolic link: who can make one in a shared folder must not choose what root writes. What
    lies below /dev (`/dev/stdout`, `/dev/fd/63`) and a fifo is written to as it is.
    """
    try:
        status = os.lstat(where)
    except FileNotFoundError:
        status = None
    if where.startswith("/dev/") or (status is not None and not stat.S_ISREG(status.st_mode)):
        if not where.startswith("/dev/") and status is not None and stat.S_ISLNK(status.st_mode):
            raise OSError(errno.ELOOP, "it is a symbolic link, and nothing is written through one", where)
        with open(os.open(where, os.O_WRONLY | os.O_CLOEXEC), "wb") as file:
            file.write(data)
        return
    beside = f"{where}.{os.urandom(4).hex()}"
    descriptor = os.open(beside, _CREATE, 0o600 if private else 0o666)
    try:
        with open(descriptor, "wb") as file:
            if status is not None and not private:
                os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
            file.write(data)
        os.rename(beside, where)  # noqa: PTH104 - `where` is what the user wrote
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)  # noqa: PTH108
        raise
