"""A small host in a folder for the tests of the writing: what it holds, how it is compared, copied and broken."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults import KILLED, counting, in_child, killing, trapped
from keepalived_upgrade.edits import Change
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.plan import FileChange, Plan, Proof
from keepalived_upgrade.releases import Release
from keepalived_upgrade.writing import finish, undo, write_plan

OTHER = 1234 if os.geteuid() == 0 else os.geteuid()
CONF, SCRIPT, MADE = "/etc/k.conf", "/etc/keepalived/n.sh", "/etc/made/by/w.sh"
OLD = {CONF: b"old conf\n" * 9, SCRIPT: b"#!/bin/sh\nold\n"}
NEW = {CONF: b"new conf\n" * 8, SCRIPT: b"#!/bin/sh\nnew\n", MADE: b"#!/bin/sh\n:\n"}
HOME = "var/lib/keepalived-upgrade"
Snapshot = dict[str, tuple[Any, ...]]


def memory() -> Path | None:
    """Give the folder of a file system in memory whose files have attributes, if there is one."""
    with suppress(OSError), tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
        os.setxattr(file.name, "user.note", b"")
        return Path("/dev/shm")
    return None


def build(root: Path) -> None:
    """Make the host: a file with an attribute, one of another user, both modified long ago."""
    for path, text in OLD.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    (root / "etc/k.conf").chmod(0o640)
    os.setxattr(root / "etc/k.conf", "user.note", b"kept")
    os.chown(root / "etc/keepalived/n.sh", OTHER, OTHER if os.geteuid() == 0 else os.getegid())
    (root / "etc/keepalived/n.sh").chmod(0o750)
    for path in OLD:
        os.utime(root / path.lstrip("/"), ns=(10**18, 10**18 + 7))
    (root / HOME / "undo").mkdir(parents=True)
    (root / HOME).chmod(0o700)


def plan_of(root: Path, *, findings: tuple[Finding, ...] = (), proofs: tuple[Proof, ...] = (), owner: str = "") -> Plan:
    """Give the plan that changes both files and makes a third in new folders."""
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    files = tuple(
        FileChange(path, OLD.get(path), text, (Change(0, 0, b"", (("m", "r"),)),), 0o755, owner or user, group)
        for path, text in NEW.items()
    )
    read = tuple((path, hashlib.sha256(text).hexdigest()) for path, text in OLD.items())
    return Plan(str(root), CONF, Release(1, 2, 13), Release(2, 2, 7), files, findings, (), proofs, read)


def snapshot(root: Path, but: str = HOME) -> Snapshot:
    """Give everything outside the store: mode, owner, links, attributes, text, time of modification."""
    found: Snapshot = {}
    for folder, folders, files in os.walk(root):
        if but and folder == str(root / but):
            folders.clear()
            continue
        for name in [*folders, *files]:
            path = f"{folder}/{name}"
            status = os.lstat(path)
            extended = tuple(
                (key, os.getxattr(path, key, follow_symlinks=False))
                for key in os.listxattr(path, follow_symlinks=False)
            )
            head = (status.st_mode, status.st_uid, status.st_gid, extended)
            key = path[len(str(root)) :]
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    found[key] = (*head, status.st_nlink, file.read(), status.st_mtime_ns)
            else:
                found[key] = (*head, 0, str(Path(path).readlink()) if stat.S_ISLNK(status.st_mode) else "", 0)
    found.pop(f"/{but}", None)
    return found


def without_times(found: Snapshot) -> Snapshot:
    """Leave the times of modification out."""
    return {path: what[:-1] for path, what in found.items()}


def texts(root: Path) -> dict[str, bytes]:
    """Give path and text of every file below etc."""
    return {f"/{file.relative_to(root)}": file.read_bytes() for file in (root / "etc").rglob("*") if file.is_file()}


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder with all owners, modes, attributes and times."""

    def copy_file(old: str, new: str) -> None:
        shutil.copyfile(old, new)
        status = os.lstat(old)
        os.chown(new, status.st_uid, status.st_gid)
        shutil.copystat(old, new)

    shutil.copytree(source, target, copy_function=copy_file)


@dataclass
class Host:
    """A folder that can be put back to the state before an act, and how its files look on both sides."""

    root: Path
    plan: Plan
    old: Snapshot
    new: Snapshot

    @classmethod
    def make(cls, root: Path) -> Host:
        """Make it, find out how it looks when all goes well, and make it again."""
        build(root)
        old = snapshot(root)
        write_plan(plan_of(root))
        new = without_times(snapshot(root))
        shutil.rmtree(root)
        build(root)
        return cls(root, plan_of(root), old, new)

    def keep(self) -> None:
        """Take the present state as the one to come back to."""
        shutil.rmtree(self.root.with_name("kept"), ignore_errors=True)
        copy_tree(self.root, self.root.with_name("kept"))

    def reset(self) -> None:
        """Come back to it."""
        shutil.rmtree(self.root)
        copy_tree(self.root.with_name("kept"), self.root)

    def side(self) -> str:
        """Tell whether all is old, all is new, or what there is else."""
        now = snapshot(self.root)
        if now == self.old:
            return "old"
        return "new" if without_times(now) == self.new else f"neither: {now}"


@dataclass(frozen=True)
class Act:
    """Something to break. begins, ends: the side before it and after it."""

    begins: str
    ends: str
    prepare: Callable[[Host], object]
    do: Callable[[Host], object]

    def points(self, host: Host) -> list[str]:
        """Prepare the host, and give the calls of a run that goes well."""
        self.prepare(host)
        host.keep()
        assert host.side().startswith(self.begins)
        with trapped(counting) as names:
            self.do(host)
        assert host.side() == self.ends
        return list(names)


def interrupt_writing(host: Host) -> None:
    """Leave a writing in its middle: one file is new, one is old, everything is staged."""
    host.keep()
    with trapped(counting) as names:
        write_plan(host.plan)
    host.reset()
    middle = [number for number, name in enumerate(names) if name == "rename_exchange"][1]
    assert in_child(lambda: write_plan(host.plan), killing(middle)) == KILLED


ACTS = {
    "write": Act("old", "new", lambda host: None, lambda host: write_plan(host.plan)),
    "undo": Act("new", "old", lambda host: write_plan(host.plan), lambda host: undo(host.root)),
    "undo-interrupted": Act("neither", "old", interrupt_writing, lambda host: undo(host.root)),
    "finish-interrupted": Act("neither", "new", interrupt_writing, lambda host: finish(host.root)),
}
