"""Folders and files by descriptor: an opened folder stays the same, whatever its path leads to meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from keepalived_upgrade.errors import WriteError
from keepalived_upgrade.site import MOST_BYTES, Site
from keepalived_upgrade.writing.failures import ChangedError, naming

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a fifo that took the file's place must not hang us.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_RENAME_EXCHANGE = 2


class Folders:
    """Folders below a root, each opened once, step by step from the root down and without following a link.

    Paths are those of the host (`/etc/keepalived`; the root itself is ""). Methods raise OSError with the full path.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        with naming(root):
            self._open = {"": os.open(root, _FOLDER)}

    def __enter__(self) -> Folders:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for descriptor in self._open.values():
            close(descriptor)

    def get(self, path: str) -> int:
        """Give the descriptor of a folder. Raises OSError; NotADirectoryError where a link stands."""
        if path not in self._open:
            above, _, name = path.rpartition("/")
            parent = self.get(above)
            with naming(self.outer(path)):
                self._open[path] = os.open(name, _FOLDER, dir_fd=parent)
        return self._open[path]

    def of(self, path: str) -> tuple[int, str]:
        """Give the descriptor of the folder that holds a file, and the file's name in it."""
        above, _, name = path.rpartition("/")
        return self.get(above), name

    def names(self, path: str) -> list[str]:
        """Give what a folder holds."""
        with naming(self.outer(path)):
            return os.listdir(self.get(path))  # noqa: PTH208 - pathlib takes no descriptor

    def missing(self, path: str) -> list[str]:
        """Give the folders of a path that do not exist, the outermost first."""
        try:
            self.get(path)
        except FileNotFoundError:
            return [*self.missing(path.rpartition("/")[0]), path]
        return []

    def make(self, path: str, mode: int) -> None:
        """Make a folder if it is not there, and give it its mode. It is private until then."""
        parent, name = self.of(path)
        with naming(self.outer(path)):
            with suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=parent)
            os.fchmod(self.get(path), mode)
            os.fsync(parent)

    def remove(self, path: str) -> None:
        """Remove a folder if it is there and empty."""
        with suppress(FileNotFoundError), naming(self.outer(path)):
            parent, name = self.of(path)
            try:
                os.rmdir(name, dir_fd=parent)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                return
            if path in self._open:
                close(self._open.pop(path))
            os.fsync(parent)

    def check(self) -> None:
        """Raise ChangedError unless every opened folder is still the one that its path leads to."""
        with Folders(self.root) as now:
            for path, descriptor in self._open.items():
                try:
                    same = os.path.samestat(os.fstat(descriptor), os.fstat(now.get(path)))
                except (FileNotFoundError, NotADirectoryError):
                    same = False
                if not same:
                    raise ChangedError(
                        "the folder was moved or replaced while we wrote",
                        path=self.outer(path),
                        cure="See who moves it, then run again.",
                    )

    def outer(self, path: str) -> str:
        """Give where a path lies on this machine."""
        return f"{self.root}{path}" if self.root != "/" else path or "/"


def real_path(root: str, path: str) -> str:
    """Give a path with all links followed inside the root; folders that do not exist yet stay as they are written.

    Raises WriteError when such a folder is `..`.
    """
    real = Site(root, "").resolve(path)
    if real is not None:
        return real.rstrip("/")
    above, _, name = path.rstrip("/").rpartition("/")
    if name in (".", ".."):
        raise WriteError(f"the path leads through `{name}` of a folder that does not exist", path=path)
    return f"{real_path(root, above)}/{name}"


@contextmanager
def open_file(folder: int, name: str, path: str) -> Iterator[int]:
    """Open a regular file for reading. path: how errors call it. Raises OSError, ChangedError for anything else."""
    with naming(path):
        # Looked at before it is opened: opening a device can set something off.
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise ChangedError("this is no regular file", path=path, cure="Run the upgrade again.")
        descriptor = os.open(name, _READ, dir_fd=folder)
        try:
            yield descriptor
        finally:
            close(descriptor)


def read_all(descriptor: int) -> bytes:
    """Give what a file holds. Raises OSError, also above 64 MiB (which the upgrade does not read either)."""
    parts: list[bytes] = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
        if len(parts) > MOST_BYTES >> 20 and sum(map(len, parts)) > MOST_BYTES:
            raise OSError(errno.EFBIG, "larger than 64 MiB")
    return b"".join(parts)


@contextmanager
def create_file(folder: int, name: str, path: str, content: bytes) -> Iterator[int]:
    """Create a private file (0600) and give its descriptor for what is still to be set; then it is synced."""
    with naming(path):
        descriptor = os.open(name, _CREATE, 0o600, dir_fd=folder)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            yield descriptor
            os.fsync(descriptor)
        finally:
            close(descriptor)


def close(descriptor: int) -> None:
    """Close a descriptor. What could still fail was synced before."""
    with suppress(OSError):
        os.close(descriptor)


def exchange(folder: int, one: str, other: str) -> bool:
    """Let two names of a folder change places in one step. False where this cannot be had."""
    try:
        rename_exchange(folder, one, other)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
            return False
        raise
    return True


def rename_exchange(folder: int, one: str, other: str) -> None:
    """Call renameat2(2), which Python does not offer. Raises OSError."""
    import ctypes

    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if function(folder, os.fsencode(one), folder, os.fsencode(other), _RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
