"""What a file has besides its text, read and given to another file, or refused with the reason."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from keepalived_upgrade.errors import WriteError

# ioctl_iflags(2), by their numbers on all architectures but alpha, mips, powerpc and sparc; there the call fails as on
# a file system without flags.
_LONG = struct.calcsize("l")
_GET_FLAGS = 0x80006601 | _LONG << 16
_SET_FLAGS = 0x40006602 | _LONG << 16
_NO_FLAGS = (errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)
IMMUTABLE, APPEND_ONLY = 0x10, 0x20
_SETTABLE = 0x000380FF
_NO_ATTRIBUTES = (errno.EOPNOTSUPP, errno.ENOSYS)
# These sign the text that the file has; a new text would not pass.
_SIGNED = ("security.ima", "security.evm")


@dataclass(frozen=True, slots=True)
class Attributes:
    """extended: name → value in order of name; ACLs and the SELinux context are among them. flags: as chattr sets."""

    mode: int
    uid: int
    gid: int
    extended: tuple[tuple[str, bytes], ...] = ()
    flags: int = 0

    def refusal(self) -> str:
        """Say why a file with these attributes cannot be replaced, or give ""."""
        if self.flags & IMMUTABLE:
            return "the file is immutable (chattr +i)"
        if self.flags & APPEND_ONLY:
            return "the file can only be appended to (chattr +a)"
        for name, _ in self.extended:
            if name in _SIGNED:
                return f"the attribute {name} signs the old text, and a new text would not pass"
        return ""


def read_attributes(descriptor: int) -> Attributes:
    """Give the attributes of an open file. Raises OSError."""
    status = os.fstat(descriptor)
    return Attributes(
        stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, _extended(descriptor), read_flags(descriptor)
    )


def read_flags(descriptor: int) -> int:
    """Give the flags that chattr can set; 0 where the file system has none. Raises OSError."""
    return _all_flags(descriptor) & _SETTABLE


def give_attributes(descriptor: int, wanted: Attributes, path: str) -> None:
    """Give a new file the attributes of the old one; what it has already is not touched.

    path: the old file, for the message. Raises WriteError with what cannot be kept and why.
    """
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (wanted.uid, wanted.gid):
        with _keeping(f"the owner {wanted.uid}:{wanted.gid}", path):
            os.fchown(descriptor, wanted.uid, wanted.gid)
    with _keeping(f"the mode {wanted.mode:04o}", path):
        os.fchmod(descriptor, wanted.mode)
    # After the mode: an ACL carries the group's bits itself. A folder may have given the new file one of its own.
    have, extended = dict(_extended(descriptor)), dict(wanted.extended)
    for name in have.keys() - extended.keys():
        with _keeping(f"the absence of the attribute {name}", path):
            os.removexattr(descriptor, name)
    for name, value in extended.items():
        if have.get(name) != value:
            with _keeping(f"the attribute {name}", path):
                os.setxattr(descriptor, name, value)
    if read_flags(descriptor) != wanted.flags:
        with _keeping("the flags that lsattr shows", path):
            others = _all_flags(descriptor) & ~_SETTABLE
            fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("l", others | wanted.flags))
    if read_attributes(descriptor) != wanted:
        # Some calls succeed and do less: fchmod drops the setgid bit when the caller is not in the group.
        raise _cannot_keep("the mode, owner or an attribute", "the system took it and kept another", path)


def _extended(descriptor: int) -> tuple[tuple[str, bytes], ...]:
    try:
        names = os.listxattr(descriptor)
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:
            return ()
        raise
    return tuple((name, os.getxattr(descriptor, name)) for name in sorted(names))


def _all_flags(descriptor: int) -> int:
    # The kernel fills an int, though the call is numbered as if it took a long.
    flags = bytearray(_LONG)
    try:
        fcntl.ioctl(descriptor, _GET_FLAGS, flags)
    except OSError as error:
        if error.errno in _NO_FLAGS:
            return 0
        raise
    return int(struct.unpack_from("I", flags)[0])


@contextmanager
def _keeping(what: str, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _cannot_keep(what, error.strerror or str(error), path) from error


def _cannot_keep(what: str, reason: str, path: str) -> WriteError:
    return WriteError(
        f"{what} cannot be kept: {reason}",
        path=path,
        cure="Run as root, or change this of the file yourself first.",
    )
