"""Edits: spans of bytes replaced, and the text that successive edits leave.

Every change to a file is an Edit; no file is ever printed from a tree. `Text` applies the edits of one migration
after another and remembers, for each byte that is not original, which edits put it there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from keepalived_upgrade.errors import OverlapError


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace bytes start to end (0-based, end exclusive) of the file `path` by `new`.

    start == end inserts. migration: the id of the pass that asks for it; reason: one sentence why.
    names: the old names that it is made for, where it is made for some: what is made for one goes together.
    """

    path: str
    start: int
    end: int
    new: bytes
    migration: str
    reason: str
    names: tuple[bytes, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that the plan creates. owner and group are names; mode is the permission bits. names: as in Change."""

    path: str
    content: bytes
    mode: int
    owner: str
    group: str
    migration: str
    reason: str
    names: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A composed edit against the original text: bytes start to end become `new`, for these (migration, reason)s.

    names: (migration, old name) of what it is made for; see Edit.
    """

    start: int
    end: int
    new: bytes
    because: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of the current text: original bytes start to end, or (because set) `new` that replaced them."""

    start: int
    end: int
    new: bytes = b""
    because: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, bytes], ...] = ()

    def size(self) -> int:
        return len(self.new) if self.because else self.end - self.start


def check_edits(edits: Iterable[Edit]) -> list[Edit]:
    """Give the edits of one file sorted, without repetitions.

    Insertions at one place stay in the order given, before a replacement that begins there.
    Raises OverlapError when two of them claim the same bytes.
    """
    ordered = sorted(dict.fromkeys(edits), key=lambda e: (e.start, e.end))
    for before, after in itertools.pairwise(ordered):
        if after.start < before.end or (after.start, after.end) == (before.start, before.end) != (after.start,) * 2:
            raise OverlapError(
                f"{before.migration} and {after.migration} both change bytes {after.start} to {before.end}",
                path=after.path,
                cure="This is a fault of keepalived-upgrade; leave one of the two out with --skip and report it.",
            )
    return ordered


def apply_edits(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Give the source with all edits made. Raises OverlapError when they overlap."""
    parts: list[bytes] = []
    at = 0
    for edit in check_edits(edits):
        parts += (source[at : edit.start], edit.new)
        at = edit.end
    parts.append(source[at:])
    return b"".join(parts)


@dataclass(slots=True)
class Text:
    """A file's text on its way through the migrations, with the provenance of each changed byte."""

    original: bytes
    current: bytes = b""
    _pieces: list[_Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.current = self.original
        self._pieces = [_Piece(0, len(self.original))] if self.original else []

    def copy(self) -> Text:
        """Give a copy that can be changed without changing this one."""
        text = Text(self.original)
        text.current, text._pieces = self.current, list(self._pieces)
        return text

    def apply(self, edits: Sequence[Edit]) -> None:
        """Make the edits, whose spans are spans of `current`. Raises OverlapError when they overlap."""
        ordered = check_edits(edits)
        self.current = apply_edits(self.current, ordered)
        self._replace(ordered)

    def changes(self) -> tuple[Change, ...]:
        """Give what differs from the original, composed: adjacent changed runs are one Change."""
        merged: list[Change] = []
        for piece in self._pieces:
            if not piece.because:
                continue
            last = merged[-1] if merged else None
            if last is not None and last.end == piece.start:
                because = tuple(dict.fromkeys(last.because + piece.because))
                names = tuple(dict.fromkeys(last.names + piece.names))
                merged[-1] = Change(last.start, piece.end, last.new + piece.new, because, names)
            else:
                merged.append(Change(piece.start, piece.end, piece.new, piece.because, piece.names))
        return tuple(c for c in merged if self.original[c.start : c.end] != c.new)

    def origin(self, at: int) -> int | None:
        """Give where byte `at` of `current` stands in the original; None where an edit put it there."""
        start = 0
        for piece in self._pieces:
            if start <= at < start + piece.size():
                return None if piece.because else piece.start + at - start
            start += piece.size()
        return None

    def place_of(self, at: int) -> int:
        """Give where byte `at` of `current` stands in the original; where the edit is that put it there, if one did."""
        start = 0
        for piece in self._pieces:
            if start <= at < start + piece.size():
                return piece.start if piece.because else piece.start + at - start
            start += piece.size()
        return len(self.original)

    def _replace(self, ordered: Sequence[Edit]) -> None:
        """Put the edits among the pieces, from the last to the first: what is behind an edit is never looked at again,
        so that the time grows with the number of edits and pieces and not with their product."""
        pieces, behind = self._pieces, list[_Piece]()
        at = sum(piece.size() for piece in pieces)  # where `pieces` end and `behind` begins
        for edit in reversed(ordered):
            # What has no size belongs before an insertion at its place.
            while behind and at == edit.start and not behind[-1].size():
                pieces.append(behind.pop())
            while pieces and at > edit.start and at - pieces[-1].size() >= edit.end:
                at -= pieces[-1].size()
                behind.append(pieces.pop())
            gone: list[_Piece] = []
            while pieces and at > edit.start:
                piece = pieces.pop()
                start = at - piece.size()
                if at > edit.end:
                    behind.append(_cut(piece, edit.end - start, at - start))
                if start < edit.start:
                    pieces.append(_cut(piece, 0, edit.start - start))
                gone.append(piece)
                at = max(start, edit.start)
            low = pieces[-1].end if pieces else 0
            high = behind[-1].start if behind else len(self.original)
            why = dict.fromkeys(because for piece in reversed(gone) for because in piece.because)
            why[(edit.migration, edit.reason)] = None
            names = dict.fromkeys(name for piece in reversed(gone) for name in piece.names)
            names |= dict.fromkeys((edit.migration, name) for name in edit.names)
            behind.append(_Piece(low, high, edit.new, tuple(why), tuple(names)))
        pieces += reversed(behind)


def _cut(piece: _Piece, start: int, end: int) -> _Piece:
    """Give the part of a piece from start to end (offsets inside it). A cut of inserted text keeps no original
    bytes unless it is the last part, so that the original spans of all pieces still join without a gap."""
    if not piece.because:
        return _Piece(piece.start + start, piece.start + end)
    if end == len(piece.new):
        return replace(piece, new=piece.new[start:end])
    return replace(piece, end=piece.start, new=piece.new[start:end])
