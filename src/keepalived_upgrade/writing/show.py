"""What an undo bundle holds, as changes that the review can show."""

from __future__ import annotations

import grp
import os
import pwd
import re
from collections.abc import Iterator

from keepalived_upgrade.edits import Change
from keepalived_upgrade.errors import WriteError
from keepalived_upgrade.plan import FileChange
from keepalived_upgrade.writing.bundles import Entry, Side
from keepalived_upgrade.writing.failures import failing
from keepalived_upgrade.writing.folders import Folders, real_path
from keepalived_upgrade.writing.store import HOME, Store


def changes_of(root: str | os.PathLike[str] = "/", id: str = "") -> tuple[FileChange, ...]:
    """Give what the run of a bundle (the last one without an id) made of each file. Raises WriteError."""
    with failing("the undo bundle cannot be read"), Folders(os.path.realpath(root)) as folders:
        store = Store(folders, real_path(folders.root, HOME))
        bundles = store.bundles() if store.is_there() else []
        chosen = [bundle for bundle in bundles if bundle.id == id] if id else bundles[-1:]
        if not chosen:
            raise WriteError(
                f"there is no undo bundle {id}".rstrip(),
                path=folders.outer(store.place),
                cure="`keepalived-upgrade undo --list` shows the bundles.",
            )
        bundle = chosen[0]
        return tuple(
            _change(entry, store.text(bundle, entry, Side.OLD), store.text(bundle, entry, Side.NEW) or b"")
            for entry in bundle.files
        )


def _change(entry: Entry, before: bytes | None, after: bytes) -> FileChange:
    if before is None:
        whole = (Change(0, 0, after, ()),)
        return FileChange(entry.path, None, after, whole, entry.mode, _user(entry.uid), _group(entry.gid))
    return FileChange(entry.path, before, after, tuple(_lines(before, after)))


def _lines(before: bytes, after: bytes) -> Iterator[Change]:
    """The lines that differ, as spans of the old text."""
    import difflib

    old, new = (re.findall(rb"[^\n]*\n|[^\n]+", text) for text in (before, after))
    at = [0]
    for line in old:
        at.append(at[-1] + len(line))
    for tag, first, last, begin, end in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield Change(at[first], at[last], b"".join(new[begin:end]), ())


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
