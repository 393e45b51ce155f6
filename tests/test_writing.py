"""Writing: all files or none, whatever fails; and undo."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from keepalived_upgrade.edits import Change
from keepalived_upgrade.errors import ProofError, UndecidedError, WriteError
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import FileChange, Plan, Proof, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.writing import list_bundles, pending, undo, write_plan

OLD = {"/etc/k.conf": b"old conf\n", "/etc/n.sh": b"#!/bin/sh\nold\n"}
NEW = {"/etc/k.conf": b"new conf\n", "/etc/n.sh": b"#!/bin/sh\nnew\n", "/etc/made/w.sh": b"#!/bin/sh\n:\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in OLD.items():
        file = tmp_path / path.lstrip("/")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text)
    (tmp_path / "etc/n.sh").chmod(0o750)
    return tmp_path


def plan_of(
    root: Path, *, findings: tuple[Finding, ...] = (), proofs: tuple[Proof, ...] = (), owner: str = "root"
) -> Plan:
    files = tuple(
        FileChange(path, OLD.get(path), text, (Change(0, 0, b"", (("m", "r"),)),), 0o755, owner, "root")
        for path, text in NEW.items()
    )
    read = tuple((path, hashlib.sha256(text).hexdigest()) for path, text in OLD.items())
    return Plan(str(root), "/etc/k.conf", Release(1, 2, 13), Release(2, 2, 7), files, findings, (), proofs, read)


def state(root: Path) -> dict[str, bytes]:
    return {"/" + str(f.relative_to(root)): f.read_bytes() for f in sorted((root / "etc").rglob("*")) if f.is_file()}


def test_all_files_are_written_with_mode_kept_and_undo_brings_all_back(root: Path) -> None:
    id = write_plan(plan_of(root))
    assert state(root) == NEW
    assert (root / "etc/n.sh").stat().st_mode & 0o777 == 0o750
    assert (root / "etc/made/w.sh").stat().st_mode & 0o777 == 0o755
    assert [bundle.id for bundle in list_bundles(root)] == [id]
    assert (root / "var/lib/keepalived-upgrade/undo" / id).stat().st_mode & 0o777 == 0o700
    assert undo(root) == tuple(NEW)
    assert state(root) == OLD
    assert not (root / "etc/made").exists()
    assert list_bundles(root) == []


def test_extended_attributes_are_kept(root: Path) -> None:
    try:
        os.setxattr(root / "etc/k.conf", "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    write_plan(plan_of(root))
    assert os.getxattr(root / "etc/k.conf", "user.note") == b"kept"


def test_two_writes_are_two_bundles_and_are_undone_one_by_one(root: Path) -> None:
    first = write_plan(plan_of(root))
    with pytest.raises(WriteError, match="changed since it was read"):
        write_plan(plan_of(root))
    undo(root, first)
    second = write_plan(plan_of(root))
    assert [bundle.id for bundle in list_bundles(root)] == [second]


def change_file(root: Path) -> None:
    (root / "etc/k.conf").write_bytes(b"edited meanwhile\n")


def remove_file(root: Path) -> None:
    (root / "etc/k.conf").unlink()


def link_hard(root: Path) -> None:
    os.link(root / "etc/n.sh", root / "second")


def make_new_one(root: Path) -> None:
    (root / "etc/made").mkdir()
    (root / "etc/made/w.sh").write_bytes(b"theirs\n")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (change_file, "changed since"),
        (remove_file, "cannot be read any more"),
        (link_hard, "second hard link"),
        (make_new_one, "is there already"),
    ],
)
def test_a_host_that_is_not_as_it_was_read_is_refused(root: Path, spoil: Callable[[Path], None], reason: str) -> None:
    plan = plan_of(root)
    spoil(root)
    before = state(root)
    with pytest.raises(WriteError, match=reason) as caught:
        write_plan(plan)
    assert caught.value.cure
    assert state(root) == before
    assert list_bundles(root) == []


def test_open_decisions_failed_proofs_and_unknown_owners_are_refused(root: Path) -> None:
    decision = Finding("a/b", Severity.DECISION, Place("/etc/k.conf", 3), "which?", "Say.")
    with pytest.raises(UndecidedError, match="1 decisions are open") as undecided:
        write_plan(plan_of(root, findings=(decision,)))
    assert undecided.value.exit_status == 3
    with pytest.raises(ProofError, match="'names' failed") as failed:
        write_plan(plan_of(root, proofs=(Proof("names", Result.FAILED, "x"),)))
    assert failed.value.exit_status == 4
    with pytest.raises(WriteError, match="no user or group"):
        write_plan(plan_of(root, owner="nobody-of-that-name"))
    assert state(root) == OLD


def test_an_empty_plan_writes_nothing(root: Path) -> None:
    plan = Plan(str(root), "/k", Release(1, 2), Release(2, 2), (), (), (), ())
    assert write_plan(plan) == ""
    assert not (root / "var").exists()


def test_a_second_run_at_the_same_time_is_refused(root: Path) -> None:
    home = root / "var/lib/keepalived-upgrade"
    home.mkdir(parents=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(WriteError, match="another run"):
            write_plan(plan_of(root))


CALLS = [
    (os, "fsync"),
    (os, "chown"),
    (Path, "replace"),
    (Path, "chmod"),
    (Path, "mkdir"),
    (os, "listxattr"),
    (os, "open"),
]


@pytest.mark.parametrize("number", range(14))
@pytest.mark.parametrize(("owner", "name"), CALLS, ids=[name for _, name in CALLS])
def test_whatever_call_fails_the_old_files_are_there(
    root: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, number: int
) -> None:
    plan, real, count = plan_of(root), getattr(owner, name), 0

    def failing(*args: object, **options: object) -> object:
        nonlocal count
        count += 1
        if count == number + 1:
            raise OSError(28, "No space left on device", "x")
        return real(*args, **options)

    monkeypatch.setattr(owner, name, failing)
    try:
        write_plan(plan)
    except WriteError:
        assert state(root) == OLD
    else:
        assert state(root) == NEW


@pytest.mark.parametrize("number", range(3))
def test_a_crash_between_two_renames_is_noticed_and_undone(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    plan, real, count = plan_of(root), Path.replace, 0

    def killed(self: Path, target: Path) -> Path:
        nonlocal count
        if self.name.endswith(".keepalived-upgrade-new"):
            count += 1
            if count == number + 1:
                os._exit(9)
        return real(self, target)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(Path, "replace", killed)
        write_plan(plan)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert pending(root) is not None
    with pytest.raises(WriteError, match="interrupted"):
        write_plan(plan)
    undo(root)
    assert state(root) == OLD
    assert pending(root) is None


def test_undo_refuses_what_changed_since_and_what_is_not_there(root: Path) -> None:
    with pytest.raises(WriteError, match="nothing to undo"):
        undo(root)
    with pytest.raises(WriteError, match="no undo bundle x"):
        undo(root, "x")
    write_plan(plan_of(root))
    change_file(root)
    with pytest.raises(WriteError, match="changed since the upgrade wrote it"):
        undo(root)
    assert state(root)["/etc/n.sh"] == NEW["/etc/n.sh"]


def test_a_link_is_followed_when_read_and_stays_a_link(root: Path) -> None:
    from keepalived_upgrade.engine import upgrade
    from keepalived_upgrade.site import Site

    (root / "etc/real.conf").write_bytes(b"vrrp_sync_group G {\n    global_tracking\n}\n")
    (root / "etc/link.conf").symlink_to("real.conf")
    plan = upgrade(Site.open("/etc/link.conf", root=root), Release(1, 4, 5), Release(2, 2, 7), daemon="")
    assert plan.write()
    assert (root / "etc/link.conf").is_symlink()
    assert b"sync_group_tracking_weight" in (root / "etc/real.conf").read_bytes()
