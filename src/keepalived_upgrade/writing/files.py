"""The files of a bundle, brought to their old or their new text."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from keepalived_upgrade.writing.attributes import Attributes, give_attributes, read_attributes
from keepalived_upgrade.writing.bundles import Bundle, Entry, Side
from keepalived_upgrade.writing.failures import ChangedError, naming
from keepalived_upgrade.writing.folders import Folders, create_file, exchange, open_file, read_all
from keepalived_upgrade.writing.store import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was seen; two are equal when nothing of it changed in between. Times are in ns."""

    content: bytes
    attributes: Attributes
    inode: tuple[int, int]
    links: int
    modified: int
    accessed: int = field(compare=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


def look(folder: int, name: str, path: str) -> Seen:
    """Look at a file. Raises OSError, ChangedError when it is no file."""
    with open_file(folder, name, path) as descriptor:
        status = os.fstat(descriptor)
        return Seen(
            read_all(descriptor),
            read_attributes(descriptor),
            (status.st_dev, status.st_ino),
            status.st_nlink,
            status.st_mtime_ns,
            status.st_atime_ns,
        )


def find(folders: Folders, path: str) -> Seen | None:
    """Look at a file by its path; None when there is nothing. Raises OSError, ChangedError when it is no file."""
    try:
        return look(*folders.of(path), folders.outer(path))
    except FileNotFoundError:
        return None


def side_of(entry: Entry, seen: Seen | None) -> Side | None:
    """Tell which text of the bundle a file has; None when it has another."""
    digest = seen.digest if seen is not None else None
    if digest == entry.after:
        return Side.NEW
    return Side.OLD if digest == entry.before else None


def bring(store: Store, bundle: Bundle, side: Side, entries: Iterable[Entry], touched: list[Entry]) -> None:
    """Bring files to one side: all are staged before the first is replaced; those that are there already stay.

    touched: gets those that may have been replaced, also when this fails. Raises OSError, WriteError; ChangedError
    when a file has neither of its texts, before anything is changed.
    """
    folders = store.folders
    ordered = list(entries) if side is Side.NEW else list(entries)[::-1]
    for entry in bundle.files:
        _discard(store, bundle, entry)
    if side is Side.NEW:
        for folder in bundle.made:
            folders.make(folder, 0o755)
    seen_of = _survey(folders, bundle, ordered)
    work = [
        (entry, seen_of[entry], store.text(bundle, entry, side))
        for entry in ordered
        if side_of(entry, seen_of[entry]) is not side
    ]
    for entry, seen, text in work:
        if text is not None:
            _stage(folders, entry, seen, text, side)
    for entry, seen, text in work:
        touched.append(entry)
        try:
            _replace(folders, entry, seen, text)
        except ChangedError:
            touched.pop()
            raise
    for folder in dict.fromkeys(entry.path.rpartition("/")[0] for entry, _, _ in work):
        with naming(folders.outer(folder)):
            os.fsync(folders.get(folder))
    if side is Side.OLD:
        for folder in reversed(bundle.made):
            folders.remove(folder)


def _stage(folders: Folders, entry: Entry, seen: Seen | None, text: bytes, side: Side) -> None:
    """Write a text beside its target, with everything that the target has."""
    folder, _ = folders.of(entry.path)
    path = folders.outer(entry.path)
    with create_file(folder, entry.staged, path, text) as descriptor:
        if seen is None:
            os.fchown(descriptor, entry.uid, entry.gid)
            os.fchmod(descriptor, entry.mode)
        else:
            give_attributes(descriptor, seen.attributes, path)
        if side is Side.OLD:
            os.utime(descriptor, ns=entry.times)


def _replace(folders: Folders, entry: Entry, seen: Seen | None, text: bytes | None) -> None:
    """Put the staged text (None: nothing) in the place of what was seen there (None: nothing).

    Raises ChangedError when something else is there; then it is there again.
    """
    folder, name = folders.of(entry.path)
    path = folders.outer(entry.path)
    with naming(path):
        if seen is None:
            # A link never replaces anything.
            try:
                _link(folder, entry.staged, name)
            except FileExistsError as error:
                raise _changed(path, "the new file is there already") from error
        elif text is None:
            with _noticing_loss(path):
                os.rename(name, entry.staged, src_dir_fd=folder, dst_dir_fd=folder)
            if not _is_still(folder, entry.staged, path, seen):
                _link(folder, entry.staged, name)
                os.unlink(entry.staged, dir_fd=folder)
                raise _changed(path)
        elif _exchange(folder, entry.staged, name, path):
            if not _is_still(folder, entry.staged, path, seen):
                exchange(folder, entry.staged, name)
                raise _changed(path)
        else:
            if not _is_still(folder, name, path, seen):
                raise _changed(path)
            os.rename(entry.staged, name, src_dir_fd=folder, dst_dir_fd=folder)
            return
        os.unlink(entry.staged, dir_fd=folder)


def _exchange(folder: int, one: str, other: str, path: str) -> bool:
    with _noticing_loss(path):
        return exchange(folder, one, other)


@contextmanager
def _noticing_loss(path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise _changed(path) from error


def _is_still(folder: int, name: str, path: str, seen: Seen) -> bool:
    try:
        return look(folder, name, path) == seen
    except (ChangedError, FileNotFoundError):
        return False


def _link(folder: int, name: str, other: str) -> None:
    os.link(name, other, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)


def _discard(store: Store, bundle: Bundle, entry: Entry) -> None:
    """Remove what an interrupted run staged. Only a beginning of our own texts is ours."""
    path = entry.path.rpartition("/")[0] + "/" + entry.staged
    try:
        seen = find(store.folders, path)
        if seen is None:
            return
        texts = (store.text(bundle, entry, side) or b"" for side in Side)
        ours = any(text.startswith(seen.content) for text in texts)
    except ChangedError:
        ours = False
    if not ours:
        raise ChangedError(
            f"the file took the place of {store.folders.outer(entry.path)} in the moment in which that was replaced",
            path=store.folders.outer(path),
            cure="It is not ours, so it is kept: move it away (or to its place), then run this again.",
        )
    folder, name = store.folders.of(path)
    with naming(store.folders.outer(path)):
        os.unlink(name, dir_fd=folder)


def _survey(folders: Folders, bundle: Bundle, entries: list[Entry]) -> dict[Entry, Seen | None]:
    """Look at all files. Raises ChangedError that names all that have neither their old nor their new text."""
    seen_of: dict[Entry, Seen | None] = {}
    others = []
    for entry in entries:
        cure = "Keep what you want of it elsewhere"
        try:
            seen_of[entry] = find(folders, entry.path)
            known = side_of(entry, seen_of[entry]) is not None
        except ChangedError:
            known, cure = False, "Move it away"
        if not known:
            others.append((entry, cure))
    if not others:
        return seen_of
    (first, cure), path = others[0], folders.outer(others[0][0].path)
    so_did = "".join(f"; so did {folders.outer(entry.path)}" for entry, _ in others[1:])
    text = bundle.folder / f"{first.number}.{'old' if first.before else 'new'}"
    raise ChangedError(
        f"the file changed since the upgrade, and what is new in it would be lost{so_did}",
        path=path,
        cure=f"{cure}, put back what the bundle holds (`cp {shlex.quote(str(text))} {shlex.quote(path)}`), "
        "then run this again.",
    )


def _changed(path: str, reason: str = "the file changed in the moment in which it was replaced") -> ChangedError:
    return ChangedError(reason, path=path, cure="Run again.")
