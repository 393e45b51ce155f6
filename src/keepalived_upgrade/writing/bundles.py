"""What an undo bundle is: the old and the new text of each file of a run, and which way the files are going."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class State(Enum):
    """Which way the files of a bundle are going. Only WRITTEN is at rest; the others were interrupted."""

    WRITING = "writing"
    WRITTEN = "written"
    UNDOING = "undoing"


class Side(Enum):
    """The two texts that a bundle holds of a file."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a bundle.

    path: the real file as the host sees it, no link in it. staged: the name of its staged text, in the same folder.
    before, after: SHA-256 of the old text (None: the file is created) and of the new one. times: when the old file was
    accessed and modified, in ns. mode, uid, gid: those of a created file; else all stays as the file has it.
    """

    number: int
    path: str
    staged: str
    before: str | None
    after: str
    times: tuple[int, int] = (0, 0)
    mode: int = 0
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Bundle:
    """id: sorts by age. root, place: its folder is `place` inside `root`. source, target: the releases.

    files: in the order in which they are written. made: the folders created for new files, the outermost first.
    """

    id: str
    root: str
    place: str
    state: State
    source: str
    target: str
    files: tuple[Entry, ...]
    made: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder on this machine."""
        return Path(self.root) / self.place.lstrip("/")

    @property
    def interrupted(self) -> bool:
        """Whether the files may be neither all old nor all new."""
        return self.state is not State.WRITTEN
