"""Where the reader gets its files, and how a file falls into lines."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from keepalived_upgrade.conf.dialect import Dialect

_BUFFER = 1023


class Files(Protocol):
    """Where the reader gets included files. Paths are as the host sees them."""

    def read(self, path: str) -> bytes:
        """Give the file's bytes. Raises OSError when it cannot be read."""
        ...

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        """Give the paths that match, sorted; a relative pattern starts at the folder.

        Raises OSError when too much would have to be searched.
        """
        ...

    def kind(self, path: str) -> str:
        """Give "file", "executable" (a regular file with an x bit), "directory", "other", "missing" or "foreign"."""
        ...


@contextmanager
def no_collection() -> Iterator[None]:
    """A tree is all links and no garbage: each run of the cycle collector over it would be for nothing, and their
    number would make the time grow faster than the file."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def physical_lines(source: bytes, dialect: Dialect) -> Iterator[tuple[int, int, int, int]]:
    """Give (start, end, end with the line break, number) of each line, in pieces of at most 1023 bytes.

    A longer line's rest is read as a line of its own (fgets into 1024 bytes); from 2.4.0 its first piece is dropped.
    """
    start, number = 0, 0
    size = len(source)
    find = source.find
    while start < size:
        number += 1
        end = find(b"\n", start)
        if end < 0:
            end = size
        if dialect.return_ends_line:
            bare = find(b"\r", start, end)
            if 0 <= bare < end - 1:
                end = bare
        if end - start >= _BUFFER:
            yield from _cut_long(start, end, min(end + 1, size), number, dialect)
        else:
            yield start, end, min(end + 1, size), number
        start = end + 1


def _cut_long(start: int, end: int, full: int, number: int, dialect: Dialect) -> Iterator[tuple[int, int, int, int]]:
    first = True
    while start < end:
        stop = min(start + _BUFFER, end)
        if not (first and dialect.drops_long_lines):
            yield start, stop, full if stop == end else stop, number
        first = False
        start = stop
