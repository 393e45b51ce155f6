"""What must hold before anything is touched."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd

from keepalived_upgrade.errors import WriteError
from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.site import Site
from keepalived_upgrade.writing.attributes import APPEND_ONLY, IMMUTABLE, read_flags
from keepalived_upgrade.writing.bundles import Entry
from keepalived_upgrade.writing.failures import ChangedError
from keepalived_upgrade.writing.files import Seen, find
from keepalived_upgrade.writing.folders import Folders, open_file, read_all, real_path

_AGAIN = "Run the upgrade again; what it shows may have changed."


def check_plan(plan: Plan, folders: Folders) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Give an entry for each file of a plan, in its order, and the folders to make.

    Raises WriteError, with the reason, when the host is not as it was read or a file cannot be replaced whole.
    """
    modes = dict(plan.modes)
    for path, digest in plan.read:
        # Scripts may lie in more folders than a process can hold open.
        with Folders(plan.root) as reading:
            _check_read(reading, path, digest, modes.get(path))
    for pattern, matches in plan.globs:
        _check_glob(plan, folders, pattern, matches)
    entries = tuple(_entry(plan, folders, change) for change in plan.files)
    if len({entry.path for entry in entries}) < len(entries):
        raise WriteError("two changes are for one file", path=entries[0].path, cure="This is a fault of the plan.")
    made = [folder for entry in entries for folder in folders.missing(entry.path.rpartition("/")[0])]
    return entries, tuple(dict.fromkeys(made))


def _check_read(folders: Folders, path: str, digest: str, mode: int | None) -> None:
    shown = folders.outer(path)
    try:
        with open_file(*folders.of(path), shown) as descriptor:
            now = hashlib.sha256(read_all(descriptor)).hexdigest()
            changed = mode not in (None, os.fstat(descriptor).st_mode)
    except OSError as error:
        raise ChangedError(f"the file cannot be read any more: {error.strerror}", path=shown, cure=_AGAIN) from error
    if now != digest:
        raise ChangedError("the file changed since it was read", path=shown, cure=_AGAIN)
    if changed:
        raise ChangedError("the mode of the file changed since it was read", path=shown, cure=_AGAIN)


def _check_glob(plan: Plan, folders: Folders, pattern: str, matches: tuple[str, ...]) -> None:
    try:
        now = Site(plan.root, plan.config).glob(os.fsencode(pattern), "/")
    except OSError as error:
        raise ChangedError(f"`{pattern}` cannot be looked up any more: {error.strerror}", cure=_AGAIN) from error
    for path in sorted(set(now) ^ set(matches)):
        what = "appeared" if path in now else "went away"
        raise ChangedError(f"the file {what} since `{pattern}` was looked up", path=folders.outer(path), cure=_AGAIN)


def _entry(plan: Plan, folders: Folders, change: FileChange) -> Entry:
    path = real_path(plan.root, change.path)
    shown = folders.outer(path)
    above = path.rpartition("/")[0]
    missing = folders.missing(above)
    _check_folder(folders, missing[0].rpartition("/")[0] if missing else above)
    seen = find(folders, path)
    after = hashlib.sha256(change.after).hexdigest()
    if change.before is None:
        if seen is not None:
            raise ChangedError("the new file is there already", path=shown, cure="Move it away, then run again.")
        uid, gid = _ids(change)
        return Entry(0, path, "", None, after, mode=change.mode, uid=uid, gid=gid)
    if seen is None or seen.content != change.before:
        raise ChangedError("the file changed since it was read", path=shown, cure=_AGAIN)
    _check_file(folders, path, seen)
    return Entry(0, path, "", seen.digest, after, (seen.accessed, seen.modified))


def _check_file(folders: Folders, path: str, seen: Seen) -> None:
    folder, name = folders.of(path)
    shown = folders.outer(path)
    if seen.links > 1:
        raise WriteError(
            "the file has a second hard link, which would keep the old text",
            path=shown,
            cure=f"Find the other name (`find / -xdev -inum {seen.inode[1]}`) and make it a file or a symbolic link.",
        )
    if reason := seen.attributes.refusal():
        raise WriteError(reason, path=shown, cure="Take that away (chattr, setfattr -x) if you may, then run again.")
    with open_file(folder, name, shown) as descriptor:
        read_only = os.fstatvfs(descriptor).f_flag & os.ST_RDONLY
    if read_only or not os.access(name, os.W_OK, dir_fd=folder, effective_ids=True):
        raise _read_only("file", bool(read_only), shown)


def _check_folder(folders: Folders, path: str) -> None:
    folder = folders.get(path)
    read_only = bool(os.fstatvfs(folder).f_flag & os.ST_RDONLY)
    if read_only or not os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
        raise _read_only("folder", read_only, folders.outer(path))
    if read_flags(folder) & (IMMUTABLE | APPEND_ONLY):
        raise WriteError(
            "the folder is immutable or takes new files only (chattr +i, +a)",
            path=folders.outer(path),
            cure="Take that away with chattr if you may, then run again.",
        )


def _read_only(what: str, mounted: bool, path: str) -> WriteError:
    return WriteError(
        f"the {what} lies on a read-only mount" if mounted else f"the {what} is read-only for this user",
        path=path,
        cure="Mount it writable, then run again." if mounted else "Run as root, or make it writable.",
    )


def _ids(change: FileChange) -> tuple[int, int]:
    try:
        return pwd.getpwnam(change.owner).pw_uid, grp.getgrnam(change.group).gr_gid
    except KeyError as error:
        raise WriteError(
            f"there is no user or group {change.owner}:{change.group}", path=change.path, cure="Create it first."
        ) from error
