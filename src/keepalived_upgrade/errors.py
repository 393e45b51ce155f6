"""The one exception family. Every error names a place, a reason and a cure."""

from __future__ import annotations


class UpgradeError(Exception):
    """What stops the work: bad input, a refused write, an option that cannot be meant.

    path: the file concerned, or "" when there is none. line and column count from 1; 0 means unknown.
    reason: what is wrong, a sentence. cure: what the operator can do about it, a sentence.
    exit_status: what the command line ends with (2 unless a subclass says otherwise).
    """

    exit_status = 2

    def __init__(self, reason: str, *, cure: str = "", path: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        text = f"{place}: {self.reason}" if place else self.reason
        return f"{text}\n  {self.cure}" if self.cure else text


class InputError(UpgradeError):
    """A file or an option that cannot be read as what it should be."""


class OverlapError(UpgradeError):
    """Two edits claim the same bytes. A fault of ours, never of the input; nothing is written."""

    exit_status = 5


class UndecidedError(UpgradeError):
    """Writing was asked for while a decision is open."""

    exit_status = 3


class ProofError(UpgradeError):
    """Writing was asked for although a proof failed."""

    exit_status = 4


class Interrupted(UpgradeError):
    """Ctrl-C. The reason says what has happened to the files."""

    exit_status = 130


class WriteError(UpgradeError):
    """The files could not be written or put back. All of them are as they were, unless the reason says otherwise."""
