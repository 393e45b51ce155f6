"""Files and folders below a root by descriptor: no link on the way is followed, whoever puts one there meanwhile.

Paths are absolute ones of the host, with every link resolved (`Site.resolve`).
"""

from __future__ import annotations

import errno
import os
import stat

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a fifo that took the file's place in the meantime must not hang us.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MANY = 100
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Files:
    """The regular files below a root. The folder read from last stays open: many files stand in few folders."""

    __slots__ = ("_count", "_descriptor", "_folder", "_regular", "_root")

    def __init__(self, root: str) -> None:
        self._root = root
        self._folder = ""
        self._descriptor = -1
        self._count = 0
        self._regular: frozenset[str] = frozenset()

    def __del__(self) -> None:
        self._close()

    def read(self, path: str, most: int) -> bytes:
        """Give the bytes of a regular file of at most so many. Raises OSError.

        A file that holds more than its size says is refused: it grows, or the kernel makes it (as those of /proc).
        """
        descriptor = self._open(path)
        try:
            status = os.fstat(descriptor)
            _refuse_special(status, path)
            size = status.st_size
            if size > most:
                raise OSError(errno.EFBIG, f"larger than {most} bytes", path)
            text = os.read(descriptor, size + 1)
            while len(text) < size and (part := os.read(descriptor, size + 1 - len(text))):
                text += part
            if len(text) > size:
                raise OSError(errno.EIO, "it holds more than its size: it grows, or the kernel makes it", path)
            return text
        finally:
            os.close(descriptor)

    def _open(self, path: str) -> int:
        # Looked at before it is opened: opening a device can set something off.
        if self._root == "/":
            # Nothing lies outside.
            _refuse_special(os.lstat(path), path)
            return os.open(path, _READ)
        folder, _, name = path.rpartition("/")
        if folder != self._folder or self._descriptor < 0:
            self._close()
            self._descriptor, self._folder = _open_folder(self._root, folder), folder
            self._count, self._regular = 0, frozenset()
        self._count += 1
        if self._count == _MANY:  # what each of so many is, one look at the folder tells
            self._regular = _regular_in(self._descriptor)
        if name not in self._regular:
            _refuse_special(os.stat(name, dir_fd=self._descriptor, follow_symlinks=False), path)
        return os.open(name, _READ, dir_fd=self._descriptor)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


def list_folder(root: str, path: str) -> list[str]:
    """Give the names in a folder, sorted; none where it cannot be read or is none."""
    try:
        folder = _open_folder(root, path)
        try:
            descriptor = os.open(".", _LIST, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError:
        return []
    try:
        return sorted(os.listdir(descriptor))  # noqa: PTH208 - pathlib takes no descriptor
    finally:
        os.close(descriptor)


def _open_folder(root: str, path: str) -> int:
    folder = os.open(root, _FOLDER)
    for name in path.split("/"):
        if name:
            try:
                below = os.open(name, _FOLDER, dir_fd=folder)
            finally:
                os.close(folder)
            folder = below
    return folder


def _regular_in(folder: int) -> frozenset[str]:
    """Give the names of the regular files in a folder; none where it cannot be listed."""
    try:
        descriptor = os.open(".", _LIST, dir_fd=folder)
        try:
            with os.scandir(descriptor) as entries:
                return frozenset(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        finally:
            os.close(descriptor)
    except OSError:
        return frozenset()


def _refuse_special(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "no regular file", path)
