"""Writing a plan: all files or none, with an undo bundle; and taking it back.

The bundle (`/var/lib/keepalived-upgrade/undo/ID` inside the root, 0700) holds the old files and a journal. Every new
text is staged and synced beside its target before the first rename; a failure in between puts the old files back, and
after a crash `recover` does the same from the journal.
"""

from __future__ import annotations

import fcntl
import grp
import hashlib
import json
import os
import pwd
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keepalived_upgrade.errors import ProofError, UndecidedError, WriteError
from keepalived_upgrade.plan import FileChange, Plan

_HOME = "var/lib/keepalived-upgrade"
_SUFFIX = ".keepalived-upgrade-new"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An undo bundle. done: whether all files were written; else the run was interrupted."""

    id: str
    folder: Path
    files: tuple[dict[str, Any], ...]
    done: bool


def write_plan(plan: Plan) -> str:
    """Write all files of a plan or none, and give the id of the undo bundle ("" when there is nothing to write).

    Raises UndecidedError while a decision is open, ProofError when a proof failed, WriteError when the host is not
    as it was read or a file cannot be written; then nothing is changed.
    """
    if plan.decisions():
        first = plan.decisions()[0]
        raise UndecidedError(
            f"{len(plan.decisions())} decisions are open, the first: {first.message}",
            path=first.place.path,
            line=first.place.line,
            column=first.place.column,
            cure=f"{first.cure} Or accept it with --accept {first.id}.",
        )
    if plan.failed_proofs():
        proof = plan.failed_proofs()[0]
        raise ProofError(
            f"the proof {proof.name!r} failed: {proof.detail}", cure="Nothing was written; see the report."
        )
    if not plan.files:
        return ""
    root = Path(plan.root)
    with _locked(root):
        if pending(root) is not None:
            raise WriteError(
                "an earlier run was interrupted while it wrote",
                path=str(root / _HOME),
                cure="Run `keepalived-upgrade undo` first; it puts the old files back.",
            )
        _check_unchanged(plan)
        targets = [_target(plan, change) for change in plan.files]
        return _write(root, list(zip(plan.files, targets, strict=True)))


def undo(root: str | os.PathLike[str] = "/", id: str = "") -> tuple[str, ...]:
    """Put the old files of a bundle back (the last one, if no id is given) and give their paths.

    Raises WriteError when there is no such bundle, or when a file changed since; then nothing is changed.
    """
    base = Path(root).resolve()
    with _locked(base):
        bundles = list_bundles(base)
        chosen = [b for b in bundles if b.id == id] if id else bundles[-1:]
        if not chosen:
            raise WriteError(
                f"there is no undo bundle {id}" if id else "there is nothing to undo",
                path=str(base / _HOME),
                cure="`keepalived-upgrade undo --list` shows the bundles.",
            )
        bundle = chosen[0]
        if bundle.done:
            _check_still_ours(bundle)
        _restore(bundle)
        paths = tuple(str(entry["path"]) for entry in bundle.files)
        _remove(bundle)
        return paths


def list_bundles(root: str | os.PathLike[str] = "/") -> list[Bundle]:
    """Give the undo bundles, the oldest first."""
    folder = Path(root).resolve() / _HOME / "undo"
    bundles = []
    for journal in sorted(folder.glob("*/journal.json")):
        text = json.loads(journal.read_text(encoding="utf-8"))
        bundles.append(Bundle(journal.parent.name, journal.parent, tuple(text["files"]), text["done"]))
    return bundles


def pending(root: str | os.PathLike[str] = "/") -> Bundle | None:
    """Give the bundle of a run that was interrupted while it wrote."""
    return next((bundle for bundle in list_bundles(root) if not bundle.done), None)


# -- checks before anything is touched --------------------------------------------------------------------------


def _check_unchanged(plan: Plan) -> None:
    for path, digest in plan.read:
        file = _outer(plan.root, path)
        try:
            now = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise WriteError(
                f"the file cannot be read any more: {error.strerror}", path=str(file), cure="Run the upgrade again."
            ) from error
        if now != digest:
            raise WriteError("the file changed since it was read", path=str(file), cure="Run the upgrade again.")


def _target(plan: Plan, change: FileChange) -> Path:
    """Give the real file to replace, links followed already when it was read; refuse what cannot be replaced whole."""
    file = _outer(plan.root, change.path)
    if change.before is None:
        if os.path.lexists(file):
            raise WriteError("the new file is there already", path=str(file), cure="Move it away, then run again.")
        _ids(change)
        return file
    status = file.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise WriteError("this is no regular file any more", path=str(file), cure="Run the upgrade again.")
    if status.st_nlink > 1:
        raise WriteError(
            "the file has a second hard link, which would keep the old text",
            path=str(file),
            cure="Break the link first.",
        )
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        raise WriteError(
            "the file or its folder is read-only", path=str(file), cure="Run as root, or make it writable."
        )
    return file


def _ids(change: FileChange) -> tuple[int, int]:
    try:
        return pwd.getpwnam(change.owner).pw_uid, grp.getgrnam(change.group).gr_gid
    except KeyError as error:
        raise WriteError(
            f"there is no user or group {change.owner}:{change.group}", path=change.path, cure="Create it first."
        ) from error


# -- writing ----------------------------------------------------------------------------------------------------


def _write(root: Path, files: list[tuple[FileChange, Path]]) -> str:
    id = time.strftime("%Y%m%d-%H%M%S")
    while (root / _HOME / "undo" / id).exists():
        id += "x"
    bundle = _save(root, id, files)
    try:
        staged = [(_stage(change, target), target) for change, target in files]
        for temporary, target in staged:
            temporary.replace(target)
        for folder in {target.parent for _, target in staged}:
            _sync_folder(folder)
        _journal(bundle, done=True)
    except BaseException as error:
        _restore(bundle)
        _remove(bundle)
        if not isinstance(error, OSError):
            raise
        raise WriteError(
            f"writing failed, and all files are as they were: {error.strerror or error}",
            path=str(error.filename or ""),
            cure="Make room or mend the file system, then run again.",
        ) from error
    return id


def _save(root: Path, id: str, files: list[tuple[FileChange, Path]]) -> Bundle:
    """Copy the old files and write the journal, before anything is changed."""
    folder = root / _HOME / "undo" / id
    try:
        for parent in (root / _HOME, root / _HOME / "undo", folder):
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        entries = []
        for number, (change, target) in enumerate(files):
            if change.before is not None:
                _create(folder / f"{number}", change.before, 0o600)
            entries.append(
                {
                    "path": change.path,
                    "target": str(target),
                    "old": f"{number}" if change.before is not None else None,
                    "after": hashlib.sha256(change.after).hexdigest(),
                    "made": [str(p) for p in _missing_folders(target)],
                }
            )
        bundle = Bundle(id, folder, tuple(entries), False)
        _journal(bundle, done=False)
    except OSError as error:
        raise WriteError(
            f"the undo bundle cannot be written: {error.strerror or error}",
            path=str(folder),
            cure="Nothing was changed. Make room, or run as root.",
        ) from error
    return bundle


def _stage(change: FileChange, target: Path) -> Path:
    """Write the new text beside its target, with the target's mode, owner and attributes."""
    for folder in reversed(_missing_folders(target)):
        folder.mkdir(mode=0o755)
    temporary = target.with_name(target.name + _SUFFIX)
    if change.before is None:
        _create(temporary, change.after, 0o600)
        uid, gid = _ids(change)
        os.chown(temporary, uid, gid)
        temporary.chmod(change.mode)
    else:
        _create(temporary, change.after, 0o600)
        _copy_attributes(target, temporary)
    return temporary


def _copy_attributes(source: Path, target: Path) -> None:
    status = source.lstat()
    os.chown(target, status.st_uid, status.st_gid)
    target.chmod(stat.S_IMODE(status.st_mode))
    # ACLs and the SELinux context are extended attributes.
    for name in os.listxattr(source):
        os.setxattr(target, name, os.getxattr(source, name))


def _create(path: Path, content: bytes, mode: int) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing_folders(target: Path) -> list[Path]:
    """The folders above a file that do not exist, the innermost first."""
    missing = []
    folder = target.parent
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    return missing


def _journal(bundle: Bundle, *, done: bool) -> None:
    text = json.dumps({"version": 1, "done": done, "files": list(bundle.files)}, indent=1).encode()
    temporary = bundle.folder / "journal.new"
    _create(temporary, text, 0o600)
    temporary.replace(bundle.folder / "journal.json")
    _sync_folder(bundle.folder)


# -- taking it back ---------------------------------------------------------------------------------------------


def _check_still_ours(bundle: Bundle) -> None:
    for entry in bundle.files:
        file = Path(entry["target"])
        now = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
        if now != entry["after"]:
            raise WriteError(
                "the file changed since the upgrade wrote it",
                path=str(file),
                cure=f"The old text is in {bundle.folder}; put it back by hand.",
            )


def _restore(bundle: Bundle) -> None:
    """Put every old file back that is not there already, in reverse order, and remove what was staged or made."""
    for entry in reversed(bundle.files):
        target = Path(entry["target"])
        temporary = target.with_name(target.name + _SUFFIX)
        if entry["old"] is None:
            if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == entry["after"]:
                target.unlink()
        else:
            old = (bundle.folder / entry["old"]).read_bytes()
            if target.read_bytes() != old:
                _create(temporary, old, 0o600)
                _copy_attributes(target, temporary)
                temporary.replace(target)
        with suppress(FileNotFoundError):
            temporary.unlink()
        for folder in entry["made"]:
            with suppress(OSError):
                Path(folder).rmdir()


def _remove(bundle: Bundle) -> None:
    # The journal goes last but one: without it the folder is no bundle, with it the old files are complete.
    (bundle.folder / "journal.json").unlink(missing_ok=True)
    for file in bundle.folder.iterdir():
        file.unlink()
    bundle.folder.rmdir()


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    home = root / _HOME
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WriteError(
            f"the folder for undo bundles cannot be used: {error.strerror}",
            path=str(home),
            cure="Nothing was changed. Run as root.",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise WriteError("another run is writing here", path=str(home), cure="Wait for it to end.") from error
    try:
        yield
    finally:
        os.close(lock)


def _outer(root: str, path: str) -> Path:
    return Path(root) / path.lstrip("/")
