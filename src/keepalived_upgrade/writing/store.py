"""The folder of the undo bundles: private, used by one run at a time, written so that a crash leaves it readable."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace

from keepalived_upgrade.errors import WriteError
from keepalived_upgrade.writing.bundles import Bundle, Entry, Side, State
from keepalived_upgrade.writing.failures import failing, naming
from keepalived_upgrade.writing.folders import Folders, close, create_file, open_file, read_all, real_path

HOME = "/var/lib/keepalived-upgrade"
_VERSION = 2
_ID = re.compile(r"\d{4,}-\d{8}-\d{6}\Z", re.ASCII)
_JOURNAL = "journal.json"


def list_bundles(root: str | os.PathLike[str] = "/") -> list[Bundle]:
    """Give the undo bundles, the oldest first. Raises WriteError when they cannot be read."""
    with failing("the undo bundles cannot be read"), Folders(os.path.realpath(root)) as folders:
        store = Store(folders, real_path(folders.root, HOME))
        return store.bundles() if store.is_there() else []


def pending(root: str | os.PathLike[str] = "/") -> Bundle | None:
    """Give the bundle of a run that was interrupted while it wrote or undid."""
    return next((bundle for bundle in list_bundles(root) if bundle.interrupted), None)


def refuse_busy(root: str | os.PathLike[str]) -> None:
    """Raise WriteError when a run is writing right now."""
    with failing("the lock cannot be read"), Folders(os.path.realpath(root)) as folders:
        close(Store(folders, real_path(folders.root, HOME)).lock(fcntl.LOCK_SH))


@contextmanager
def locked(root: str) -> Iterator[Store]:
    """Open the store for the only run that may write, with a umask of its own. Raises WriteError."""
    umask = os.umask(0o077)
    try:
        with failing("the folder for undo bundles cannot be used, and nothing was changed"):
            folders = Folders(root)
        with folders:
            with failing("the folder for undo bundles cannot be used, and nothing was changed"):
                store = Store(folders, real_path(root, HOME))
                store.make()
                lock = store.lock(fcntl.LOCK_EX)
            try:
                with failing("the rest of an earlier run cannot be removed, and nothing was changed"):
                    store.sweep()
                yield store
            finally:
                close(lock)
    finally:
        os.umask(umask)


class Store:
    """The folder that holds the bundles. Methods raise OSError, and WriteError for what is not as it should be."""

    def __init__(self, folders: Folders, home: str) -> None:
        self.folders = folders
        self.home = home
        self.place = f"{home}/undo"

    def is_there(self) -> bool:
        """Tell whether there is a store, and refuse one that somebody else could have filled."""
        for path in (self.home, self.place):
            try:
                status = os.fstat(self.folders.get(path))
            except FileNotFoundError:
                return False
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise WriteError(
                    "the folder belongs to another user or others may write into it, so its journals prove nothing",
                    path=self.folders.outer(path),
                    cure="Run as its owner, or move the folder away.",
                )
        return True

    def make(self) -> None:
        """Make the store if it is not there: private, in folders as they usually are."""
        above = self.home.rpartition("/")[0]
        for path in self.folders.missing(above):
            self.folders.make(path, 0o755)
        for path in (self.home, self.place):
            if self.folders.missing(path):
                self.folders.make(path, 0o700)
        self.is_there()

    def lock(self, kind: int) -> int:
        """Take the lock and give its descriptor. Raises WriteError that says who has it.

        kind: LOCK_EX to write, LOCK_SH to find out whether somebody does.
        """
        path = self.folders.outer(f"{self.home}/lock")
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with naming(path):
            lock = os.open("lock", flags, 0o600, dir_fd=self.folders.get(self.home))
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                if kind == fcntl.LOCK_EX:
                    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
                    os.ftruncate(lock, 0)
                    os.write(lock, f"process {os.getpid()} on {os.uname().nodename}, since {now} UTC".encode())
            except BlockingIOError as error:
                holder = os.read(lock, 200).decode("utf-8", "replace") or "it does not say which"
                close(lock)
                raise WriteError(
                    f"another run is writing here ({holder})", path=path, cure="Wait for it to end."
                ) from error
            except BaseException:
                close(lock)
                raise
        return lock

    def sweep(self) -> None:
        """Remove folders without a journal: of a run that ended before its first change or after its last."""
        for name in self._names():
            if _JOURNAL not in self.folders.names(f"{self.place}/{name}"):
                self._remove_folder(f"{self.place}/{name}")

    def bundles(self) -> list[Bundle]:
        """Give the bundles, the oldest first."""
        bundles = []
        with failing("the undo bundles cannot be read"):
            for name in sorted(self._names(), key=lambda name: int(name.split("-")[0])):
                # A run that ends right now takes its bundle away.
                with suppress(FileNotFoundError):
                    bundles.append(self._load(name))
        return bundles

    def save(
        self, source: str, target: str, made: tuple[str, ...], texts: Iterable[tuple[Entry, bytes | None, bytes]]
    ) -> Bundle:
        """Save the old and the new texts under a new id. Without a journal it is no bundle yet; see mark."""
        numbers = [int(name.split("-")[0]) for name in self._names()]
        id = f"{max(numbers, default=0) + 1:04d}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
        place = f"{self.place}/{id}"
        entries = []
        try:
            self.folders.make(place, 0o700)
            for number, (entry, before, after) in enumerate(texts):
                if before is not None:
                    self._create(place, f"{number}.old", before)
                self._create(place, f"{number}.new", after)
                entries.append(replace(entry, number=number, staged=f".keepalived-upgrade-{id}-{number}"))
            os.fsync(self.folders.get(place))
        except BaseException:
            with suppress(OSError):
                self.sweep()
            raise
        return Bundle(id, self.folders.root, place, State.WRITING, source, target, tuple(entries), made)

    def mark(self, bundle: Bundle, state: State) -> None:
        """Write the journal, in one step and synced."""
        journal = {
            "version": _VERSION,
            "state": state.value,
            "source": bundle.source,
            "target": bundle.target,
            "made": bundle.made,
            "files": [asdict(entry) for entry in bundle.files],
        }
        folder = self.folders.get(bundle.place)
        with naming(str(bundle.folder)):
            with suppress(FileNotFoundError):
                os.unlink("journal.new", dir_fd=folder)
            self._create(bundle.place, "journal.new", json.dumps(journal, indent=1).encode())
            os.rename("journal.new", _JOURNAL, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def text(self, bundle: Bundle, entry: Entry, side: Side) -> bytes | None:
        """Give the old or new text of a file; None where the file is created by the bundle and has no old one."""
        digest = entry.before if side is Side.OLD else entry.after
        if digest is None:
            return None
        text = self._read(bundle.place, f"{entry.number}.{side.value}")
        if hashlib.sha256(text).hexdigest() != digest:
            raise self._damaged(bundle.place, f"{entry.number}.{side.value} is not what was saved")
        return text

    def remove(self, bundle: Bundle) -> None:
        """Remove a bundle whose files are at rest. Without its journal the rest of it means nothing."""
        folder = self.folders.get(bundle.place)
        with naming(str(bundle.folder)):
            # There is none yet when the run failed before its first change.
            with suppress(FileNotFoundError):
                os.unlink(_JOURNAL, dir_fd=folder)
            os.fsync(folder)
        self._remove_folder(bundle.place)

    def _names(self) -> list[str]:
        return [name for name in self.folders.names(self.place) if _ID.match(name)]

    def _load(self, name: str) -> Bundle:
        place = f"{self.place}/{name}"
        text = self._read(place, _JOURNAL)
        try:
            journal = json.loads(text)
            if journal["version"] != _VERSION:
                raise self._damaged(place, "another version of this program made it")
            files = tuple(Entry(**{**entry, "times": tuple(entry["times"])}) for entry in journal["files"])
            state, made = State(journal["state"]), tuple(journal["made"])
            return Bundle(name, self.folders.root, place, state, journal["source"], journal["target"], files, made)
        except (ValueError, LookupError, TypeError) as error:
            raise self._damaged(place, f"its journal cannot be read ({type(error).__name__})") from error

    def _damaged(self, place: str, reason: str) -> WriteError:
        return WriteError(
            f"this undo bundle cannot be used: {reason}",
            path=self.folders.outer(place),
            cure="Nothing was changed. N.old and N.new in it are the old and new texts; see to it by hand, "
            "then move the folder away.",
        )

    def _read(self, place: str, name: str) -> bytes:
        with open_file(self.folders.get(place), name, self.folders.outer(f"{place}/{name}")) as descriptor:
            return read_all(descriptor)

    def _create(self, place: str, name: str, content: bytes) -> None:
        with create_file(self.folders.get(place), name, self.folders.outer(f"{place}/{name}"), content):
            pass

    def _remove_folder(self, place: str) -> None:
        folder = self.folders.get(place)
        with naming(self.folders.outer(place)):
            for name in self.folders.names(place):
                os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        self.folders.remove(place)
