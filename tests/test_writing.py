"""Writing: all files or none, with everything they have; what cannot be kept is refused; undo and its bundles.

As another user than root only files of one's own can be written: the tests with owners then are skipped, visibly.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faults import KILLED, Call, counting, in_child, killing, trapped
from hosts import CONF, HOME, MADE, NEW, OLD, SCRIPT, build, copy_tree, plan_of, snapshot, texts
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.errors import ProofError, UndecidedError, WriteError
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import Plan, Proof, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from keepalived_upgrade.writing import State, changes_of, finish, list_bundles, pending, prune, undo, write_plan

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away, or mount, or set trusted attributes"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "host"
    build(folder)
    return folder


def interrupt(root: Path, work: Callable[[], object]) -> None:
    """Kill a run before its first exchange of names."""
    copy = root.with_name("copy")
    copy_tree(root, copy)
    with trapped(counting) as names:
        work()
    shutil.rmtree(root)
    copy.rename(root)
    assert in_child(work, killing(names.index("rename_exchange"))) == KILLED
    assert pending(root) is not None


# -- what is kept -----------------------------------------------------------------------------------------------


def test_all_files_are_written_and_undo_brings_everything_back(root: Path) -> None:
    before = snapshot(root)
    id = write_plan(plan_of(root))
    assert texts(root) == NEW
    after = snapshot(root)
    for path in OLD:
        # All but links, text and time.
        assert after[path][:4] == before[path][:4]
    assert (root / MADE[1:]).stat().st_mode & 0o7777 == 0o755
    assert (root / "etc/made/by").stat().st_mode & 0o7777 == 0o755
    bundle = list_bundles(root)[0]
    assert (bundle.id, bundle.state, bundle.source, bundle.target) == (id, State.WRITTEN, "1.2.13", "2.2.7")
    assert bundle.folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in bundle.folder.iterdir()} == {0o600}
    assert undo(root) == tuple(NEW)
    assert snapshot(root) == before
    assert list_bundles(root) == []


def acl(user: int) -> bytes:
    """An ACL in the kernel's form: the owner rw, one user r, the group r, the mask r, others nothing."""
    entries = [(1, 6, -1), (2, 4, user), (4, 4, -1), (16, 4, -1), (32, 0, -1)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)


@as_root
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("system.posix_acl_access", acl(1234)),
        ("security.selinux", b"system_u:object_r:keepalived_etc_t:s0\0"),
        ("security.capability", bytes.fromhex("0100000200200000000000000000000000000000")),
        ("trusted.note", b"\x00\xff"),
    ],
)
def test_acls_and_attributes_are_kept_by_writing_and_by_undo(root: Path, name: str, value: bytes) -> None:
    file = root / SCRIPT[1:]
    os.setxattr(file, name, value)
    before = snapshot(root)
    write_plan(plan_of(root))
    assert os.getxattr(file, name) == value
    assert file.stat().st_mode == before[SCRIPT][0]
    undo(root)
    # The kernel takes a capability away from a file that is written, and undo puts it back.
    assert snapshot(root) == before


@as_root
def test_a_default_acl_of_the_folder_does_not_reach_files_that_had_none(root: Path) -> None:
    os.setxattr(root / "etc", "system.posix_acl_default", acl(1234))
    before = snapshot(root)
    write_plan(plan_of(root))
    assert "system.posix_acl_access" not in os.listxattr(root / CONF[1:])
    undo(root)
    assert snapshot(root) == before


def flags_of(file: Path, new: int | None = None) -> int:
    with file.open() as opened:
        flags = bytearray(8)
        fcntl.ioctl(opened, 0x80086601, flags)
        if new is not None:
            fcntl.ioctl(opened, 0x40086602, struct.pack("l", new))
        return int(struct.unpack("l", flags)[0])


def test_flags_of_lsattr_are_kept(root: Path) -> None:
    file = root / CONF[1:]
    try:
        flags_of(file, flags_of(file) | 0x40)
    except OSError as error:
        pytest.skip(f"this file system has no flag for `no dump`: {error}")
    before = flags_of(file)
    write_plan(plan_of(root))
    assert flags_of(file) == before


@as_root
def test_setuid_and_setgid_stay(root: Path) -> None:
    (root / SCRIPT[1:]).chmod(0o6750)
    write_plan(plan_of(root))
    assert (root / SCRIPT[1:]).stat().st_mode & 0o7777 == 0o6750


def test_what_was_made_executable_since_stays_so_when_undone(root: Path) -> None:
    write_plan(plan_of(root))
    (root / CONF[1:]).chmod(0o604)
    undo(root)
    assert (root / CONF[1:]).stat().st_mode & 0o777 == 0o604
    assert texts(root) == OLD


def test_folders_made_for_a_new_file_stay_when_something_else_lies_in_them(root: Path) -> None:
    write_plan(plan_of(root))
    (root / "etc/made/theirs").write_bytes(b"")
    undo(root)
    assert [file.name for file in (root / "etc/made").iterdir()] == ["theirs"]


@pytest.mark.parametrize("umask", [0, 0o777])
def test_the_umask_of_the_caller_makes_no_difference(root: Path, umask: int) -> None:
    kept = os.umask(umask)
    try:
        write_plan(plan_of(root))
        assert os.umask(umask) == umask
    finally:
        os.umask(kept)
    assert (root / MADE[1:]).stat().st_mode & 0o7777 == 0o755
    assert (root / "etc/made").stat().st_mode & 0o7777 == 0o755


# -- links ------------------------------------------------------------------------------------------------------


def test_links_are_followed_inside_the_root_and_stay_links(root: Path) -> None:
    (root / "srv").mkdir()
    (root / "etc/keepalived").rename(root / "srv/keepalived")
    (root / "etc/keepalived").symlink_to("/srv/keepalived")
    (root / "etc/k.conf").rename(root / "srv/k.conf")
    (root / "etc/k.conf").symlink_to("../../../srv/k.conf")
    plan = plan_of(root)
    new = replace(plan.files[2], path="/etc/keepalived/w.sh")
    write_plan(replace(plan, files=(*plan.files[:2], new), read=()))
    assert [file.is_symlink() for file in (root / "etc/keepalived", root / "etc/k.conf")] == [True, True]
    assert (root / "srv/k.conf").read_bytes() == NEW[CONF]
    assert (root / "srv/keepalived/w.sh").read_bytes() == NEW[MADE]
    assert [entry.path for entry in list_bundles(root)[0].files] == [
        "/srv/k.conf",
        "/srv/keepalived/n.sh",
        "/srv/keepalived/w.sh",
    ]
    undo(root)
    assert (root / "srv/k.conf").read_bytes() == OLD[CONF]
    assert not (root / "srv/keepalived/w.sh").exists()


def test_a_host_whose_var_is_a_link_out_of_it_keeps_its_bundles_inside(root: Path) -> None:
    outside = root.with_name("outside")
    outside.mkdir()
    shutil.rmtree(root / "var")
    (root / "var").symlink_to(outside)
    with pytest.raises(WriteError, match="the folder for undo bundles cannot be used"):
        write_plan(plan_of(root))
    (root / "var").unlink()
    (root / "var").symlink_to("../../../../data")
    (root / "data").mkdir()
    write_plan(plan_of(root))
    assert len(list_bundles(root)) == 1
    assert (root / "data/lib/keepalived-upgrade").is_dir()
    assert list(outside.iterdir()) == []


def test_an_engine_run_through_a_link_writes_its_target(root: Path) -> None:
    (root / "etc/real.conf").write_bytes(b"vrrp_sync_group G {\n    global_tracking\n}\n")
    (root / "etc/link.conf").symlink_to("real.conf")
    plan = upgrade(Site.open("/etc/link.conf", root=root), Release(1, 4, 5), Release(2, 2, 7), daemon="")
    assert plan.write()
    assert (root / "etc/link.conf").is_symlink()
    assert b"sync_group_tracking_weight" in (root / "etc/real.conf").read_bytes()


# -- what is refused before anything is written -----------------------------------------------------------------


def change_file(root: Path) -> None:
    (root / "etc/k.conf").write_bytes(b"edited meanwhile\n")


def remove_file(root: Path) -> None:
    (root / "etc/k.conf").unlink()


def link_hard(root: Path) -> None:
    os.link(root / SCRIPT[1:], root / "second")


def make_new_one(root: Path) -> None:
    (root / "etc/made/by").mkdir(parents=True)
    (root / MADE[1:]).write_bytes(b"theirs\n")


def make_fifo(root: Path) -> None:
    (root / "etc/k.conf").unlink()
    os.mkfifo(root / "etc/k.conf")


def make_link(root: Path) -> None:
    (root / "etc/k.conf").rename(root / "etc/other")
    (root / "etc/k.conf").symlink_to("other")


def sign(root: Path) -> None:
    os.setxattr(root / SCRIPT[1:], "security.ima", b"\x01signature")


def open_the_store(root: Path) -> None:
    (root / HOME).chmod(0o777)


def give_the_store_away(root: Path) -> None:
    os.chown(root / HOME, 1234, 1234)


def put_a_file_in_the_way(root: Path) -> None:
    shutil.rmtree(root / HOME)
    (root / HOME).write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (change_file, "changed since it was read"),
        (remove_file, "cannot be read any more"),
        (link_hard, "second hard link"),
        (make_new_one, "is there already"),
        (make_fifo, "no regular file"),
        (make_link, "no regular file"),
        pytest.param(sign, "security.ima signs the old text", marks=as_root),
        (open_the_store, "others may write into it"),
        pytest.param(give_the_store_away, "belongs to another user", marks=as_root),
        (put_a_file_in_the_way, "the folder for undo bundles cannot be used"),
    ],
)
def test_a_host_that_is_not_as_it_must_be_is_refused(root: Path, spoil: Callable[[Path], None], reason: str) -> None:
    plan = plan_of(root)
    spoil(root)
    before = snapshot(root)
    with pytest.raises(WriteError, match=reason) as caught:
        write_plan(plan)
    assert caught.value.cure
    assert snapshot(root) == before
    assert not list(root.glob(f"{HOME}/undo/*"))


def test_a_file_that_was_not_among_those_read_is_compared_too(root: Path) -> None:
    change_file(root)
    with pytest.raises(WriteError, match="changed since it was read"):
        write_plan(replace(plan_of(root), read=()))


@pytest.mark.parametrize("flag", [0x10, 0x20], ids=["immutable", "append only"])
@pytest.mark.parametrize("name", ["k.conf", "."])
def test_immutable_files_and_folders_are_refused(
    root: Path, flag: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ioctl is answered here, so that this runs where nobody may set the flag."""
    inode = (root / "etc" / name).stat().st_ino

    def ioctl(descriptor: int, request: int, flags: bytearray) -> None:
        flags[:4] = struct.pack("I", flag if os.fstat(descriptor).st_ino == inode else 0)

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    with pytest.raises(WriteError, match=r"immutable|only be appended|takes new files only"):
        write_plan(plan_of(root))
    assert texts(root) == OLD


@as_root
def test_a_file_that_chattr_made_immutable_is_refused(root: Path) -> None:
    file = root / CONF[1:]
    try:
        flags = flags_of(file)
        flags_of(file, flags | 0x10)
    except OSError as error:
        pytest.skip(f"the immutable flag cannot be set here: {error}")
    try:
        with pytest.raises(WriteError, match=r"immutable \(chattr \+i\)"):
            write_plan(plan_of(root))
    finally:
        flags_of(file, flags)


@pytest.mark.parametrize("what", ["k.conf", "."])
def test_a_read_only_mount_is_refused(root: Path, namespaces: None, what: str) -> None:
    place = root / "etc" / what
    script = (
        f"mount --bind {place} {place} && mount -o remount,ro,bind {place} && exec {sys.executable} -c "
        f'"import hosts, pathlib; hosts.write_plan(hosts.plan_of(pathlib.Path({str(root)!r})))"'
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert "lies on a read-only mount" in done.stderr
    assert texts(root) == OLD


def test_a_mount_point_of_its_own_is_named_as_such(root: Path, namespaces: None) -> None:
    """As containers mount single files."""
    place = root / "etc/k.conf"
    script = (
        f"mount --bind {place} {place} && exec {sys.executable} -c "
        f'"import hosts, pathlib; hosts.write_plan(hosts.plan_of(pathlib.Path({str(root)!r})))"'
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert "all files are as they were" in done.stderr
    assert "It is a mount point" in done.stderr
    assert texts(root) == OLD


REFUSED = {
    "setxattr": "the attribute user.note cannot be kept",
    "fchown": "the owner 1234:1234 cannot be kept",
    "fchmod": "the mode 0640 cannot be kept",
}


@as_root
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_a_refusal_with_its_reason(root: Path, name: str) -> None:
    before = snapshot(root)

    def refuse(number: int, called: str, call: Call) -> object:
        # The folders of the bundle get their modes too, before.
        staged = any(root.glob("etc/.keepalived-upgrade-*")) or any(root.glob("etc/keepalived/.keepalived-upgrade-*"))
        if called == name and staged:
            raise OSError(errno.EPERM, "Operation not permitted")
        return call()

    with trapped(refuse), pytest.raises(WriteError, match=REFUSED[name]) as caught:
        write_plan(plan_of(root))
    assert "Operation not permitted" in caught.value.reason
    assert caught.value.cure
    assert snapshot(root) == before
    assert list_bundles(root) == []


def test_an_attribute_that_is_taken_and_not_kept_is_noticed(root: Path) -> None:
    def forget(number: int, name: str, call: Call) -> object:
        return None if name == "setxattr" else call()

    with trapped(forget), pytest.raises(WriteError, match="the system took it and kept another"):
        write_plan(plan_of(root))
    assert texts(root) == OLD


def as_user(work: Callable[[], object], uid: int = 65534) -> str:
    """Do the work as another user in a child process, and give what its error says."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        said = "a fault"
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            work()
            said = ""
        except WriteError as error:
            said = str(error)
        finally:
            os.write(there, said.encode())
            os._exit(0)
    os.close(there)
    os.waitpid(child, 0)
    with open(here, "rb") as pipe:
        return pipe.read().decode()


@pytest.fixture
def open_root() -> Iterator[Path]:
    """A host in a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        build(Path(folder))
        yield Path(folder)


@as_root
def test_another_user_writes_files_of_its_own_and_is_refused_those_of_others(open_root: Path) -> None:
    plan = plan_of(open_root, owner="nobody")
    plan = replace(plan, files=tuple(replace(change, group="nogroup") for change in plan.files))
    assert "Permission denied" in as_user(lambda: write_plan(plan))
    for file in [open_root, *open_root.rglob("*")]:
        os.chown(file, 65534, 65534)
    assert as_user(lambda: write_plan(plan)) == ""
    assert texts(open_root) == NEW
    assert (open_root / CONF[1:]).stat().st_uid == 65534
    assert as_user(lambda: undo(open_root)) == ""
    assert texts(open_root) == OLD
    os.chown(open_root / CONF[1:], 1234, 1234)
    (open_root / CONF[1:]).chmod(0o666)
    assert "the owner 1234:1234 cannot be kept" in as_user(lambda: write_plan(plan))
    (open_root / CONF[1:]).chmod(0o644)
    assert "is read-only for this user" in as_user(lambda: write_plan(plan))
    os.chown(open_root / CONF[1:], 65534, 65534)
    (open_root / "etc").chmod(0o555)
    assert "the folder is read-only for this user" in as_user(lambda: write_plan(plan))
    assert texts(open_root) == OLD


def test_open_decisions_failed_proofs_and_unknown_owners_are_refused(root: Path) -> None:
    decision = Finding("a/b", Severity.DECISION, Place(CONF, 3), "which?", "Say.")
    with pytest.raises(UndecidedError, match="this must be decided first") as undecided:
        write_plan(plan_of(root, findings=(decision,)))
    assert undecided.value.exit_status == 3
    with pytest.raises(ProofError, match="'names' failed") as failed:
        write_plan(plan_of(root, proofs=(Proof("names", Result.FAILED, "x"),)))
    assert failed.value.exit_status == 4
    with pytest.raises(WriteError, match="no user or group"):
        write_plan(plan_of(root, owner="nobody-of-that-name"))
    assert texts(root) == OLD


def test_two_changes_for_one_file_and_a_path_through_nowhere_are_refused(root: Path) -> None:
    plan = plan_of(root)
    with pytest.raises(WriteError, match="two changes are for one file"):
        write_plan(replace(plan, files=(*plan.files, replace(plan.files[2], path="/etc/keepalived/../made/by/w.sh"))))
    with pytest.raises(WriteError, match=r"leads through `\.\.` of a folder that does not exist"):
        write_plan(replace(plan, files=(replace(plan.files[2], path="/etc/none/../../w.sh"),)))


def test_an_empty_plan_writes_nothing(tmp_path: Path) -> None:
    plan = Plan(str(tmp_path), "/k", Release(1, 2), Release(2, 2), (), (), (), ())
    assert write_plan(plan) == ""
    assert not (tmp_path / "var").exists()


def test_a_second_run_at_the_same_time_is_refused_and_told_who_is_there(root: Path) -> None:
    def run_another(number: int, name: str, call: Call) -> object:
        if name == "rename_exchange":
            with pytest.raises(WriteError, match=rf"another run is writing here \(process {os.getpid()} on .*, since"):
                write_plan(plan_of(root))
            with pytest.raises(WriteError, match="another run"):
                undo(root)
        return call()

    with trapped(run_another):
        write_plan(plan_of(root))
    assert texts(root) == NEW


def engine_plan(root: Path) -> Plan:
    (root / "etc/k.conf").write_bytes(b"include /etc/conf.d/*.conf\nvrrp_sync_group G {\n    global_tracking\n}\n")
    (root / "etc/conf.d").mkdir()
    (root / "etc/conf.d/a.conf").write_bytes(b"# a\n")
    return upgrade(Site.open(CONF, root=root), Release(1, 4, 5), Release(2, 2, 7), daemon="")


def add_included(root: Path) -> None:
    (root / "etc/conf.d/b.conf").write_bytes(b"# b\n")


def take_included(root: Path) -> None:
    (root / "etc/conf.d/a.conf").rename(root / "etc/conf.d/a.off")


def change_mode(root: Path) -> None:
    (root / "etc/conf.d/a.conf").chmod(0o711)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (add_included, "the file appeared since `/etc/conf.d/\\*.conf` was looked up"),
        (take_included, "cannot be read any more"),
        (change_mode, "the mode of the file changed"),
    ],
)
def test_what_became_of_included_files_since_is_noticed(root: Path, spoil: Callable[[Path], None], reason: str) -> None:
    plan = engine_plan(root)
    spoil(root)
    with pytest.raises(WriteError, match=reason):
        write_plan(plan)


def test_an_included_file_that_went_away_unread_is_noticed(root: Path) -> None:
    plan = engine_plan(root)
    take_included(root)
    with pytest.raises(WriteError, match="the file went away since"):
        write_plan(replace(plan, read=(), modes=()))


def test_control_c_puts_the_old_files_back(root: Path) -> None:
    before, calls = snapshot(root), 0

    def press(number: int, name: str, call: Call) -> object:
        nonlocal calls
        calls += name == "rename_exchange"
        if name == "rename_exchange" and calls == 2:
            raise KeyboardInterrupt
        return call()

    with trapped(press), pytest.raises(KeyboardInterrupt):
        write_plan(plan_of(root))
    assert snapshot(root) == before
    assert list_bundles(root) == []


# -- undo and bundles -------------------------------------------------------------------------------------------


def test_undo_names_all_files_that_changed_since_and_says_how_to_go_on(root: Path) -> None:
    write_plan(plan_of(root))
    change_file(root)
    (root / SCRIPT[1:]).unlink()
    (root / SCRIPT[1:]).symlink_to("/etc/k.conf")
    with pytest.raises(WriteError, match="changed since the upgrade") as caught:
        undo(root)
    assert {str(root / CONF[1:]), str(root / SCRIPT[1:])} <= {*caught.value.reason.split(), caught.value.path}
    assert texts(root)[MADE] == NEW[MADE]
    assert caught.value.cure.startswith("Move it away")
    (root / SCRIPT[1:]).unlink()
    for _ in range(2):
        with pytest.raises(WriteError) as caught:
            undo(root)
        command = caught.value.cure.split("`")[1]
        assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    undo(root)
    assert texts(root) == OLD


def test_nothing_to_undo_and_unknown_bundles_are_said(root: Path) -> None:
    with pytest.raises(WriteError, match="nothing to undo"):
        undo(root)
    with pytest.raises(WriteError, match="no undo bundle x"):
        undo(root, "x")
    with pytest.raises(WriteError, match="no undo bundle"):
        changes_of(root)
    with pytest.raises(WriteError, match="no run was interrupted"):
        finish(root)


def second_plan(root: Path, text: bytes = b"third\n", path: str = CONF) -> Plan:
    plan = plan_of(root)
    now = (root / path[1:]).read_bytes()
    return replace(plan, files=(replace(plan.files[0], path=path, before=now, after=text),), read=())


def test_bundles_are_undone_from_the_last_on_where_they_share_a_file(root: Path) -> None:
    first = write_plan(plan_of(root))
    with pytest.raises(WriteError, match="changed since it was read"):
        write_plan(plan_of(root))
    second = write_plan(second_plan(root))
    assert [bundle.id for bundle in list_bundles(root)] == [first, second]
    with pytest.raises(WriteError, match="a later upgrade changed the same file") as caught:
        undo(root, first)
    assert second in caught.value.cure
    assert undo(root) == (CONF,)
    undo(root, first)
    assert texts(root) == OLD


def test_prune_keeps_the_newest_and_those_interrupted(root: Path) -> None:
    ids = [write_plan(plan_of(root)), write_plan(second_plan(root)), write_plan(second_plan(root, b"fourth\n"))]
    assert prune(root, 5) == ()
    assert prune(root, 2) == (ids[0],)
    assert [bundle.id for bundle in list_bundles(root)] == ids[1:]
    interrupt(root, lambda: undo(root))
    left = pending(root)
    assert left is not None
    assert prune(root, 0) == (ids[1],)
    assert [bundle.id for bundle in list_bundles(root)] == [left.id]


def test_an_interrupted_run_is_undone_or_finished_before_anything_else(root: Path) -> None:
    first = write_plan(second_plan(root, b"#!/bin/sh\nother\n", SCRIPT))
    plan = plan_of(root)
    plan = replace(plan, files=(plan.files[0], plan.files[2]), read=())
    interrupt(root, lambda: write_plan(plan))
    for call in (lambda: write_plan(plan), lambda: write_plan(replace(plan, files=())), lambda: undo(root, first)):
        with pytest.raises(WriteError, match="interrupted while it was writing") as caught:
            call()
        assert f"undo --root {root} --finish" in caught.value.cure
    assert finish(root) == (CONF, MADE)
    assert pending(root) is None
    assert texts(root)[CONF] == NEW[CONF]


@pytest.mark.parametrize("name", ["0.old", "journal.json"])
def test_a_damaged_bundle_is_refused(root: Path, name: str) -> None:
    write_plan(plan_of(root))
    (list_bundles(root)[0].folder / name).write_bytes(b"{}")
    with pytest.raises(WriteError, match="this undo bundle cannot be used") as caught:
        undo(root)
    assert "by hand" in caught.value.cure
    assert texts(root) == NEW


def test_a_bundle_of_another_version_is_refused(root: Path) -> None:
    write_plan(plan_of(root))
    journal = list_bundles(root)[0].folder / "journal.json"
    journal.write_text(json.dumps({**json.loads(journal.read_text()), "version": 99}))
    with pytest.raises(WriteError, match="another version of this program"):
        list_bundles(root)


def test_a_bundle_shows_what_its_run_changed(root: Path) -> None:
    write_plan(plan_of(root))
    conf, script, made = changes_of(root)
    assert (conf.before, conf.after, made.before, made.mode) == (OLD[CONF], NEW[CONF], None, 0o755)
    assert [(one.start, one.end, one.new) for one in script.changes] == [(10, 14, b"new\n")]
    assert made.owner == plan_of(root).files[2].owner


def test_owners_that_have_no_name_are_shown_by_number(root: Path) -> None:
    write_plan(plan_of(root))
    journal = list_bundles(root)[0].folder / "journal.json"
    text = json.loads(journal.read_text())
    text["files"][2].update(uid=54321, gid=54321)
    journal.write_text(json.dumps(text))
    made = changes_of(root)[2]
    assert (made.owner, made.group) == ("54321", "54321")


@pytest.mark.parametrize("call", ["ioctl", "listxattr"])
def test_a_file_system_without_flags_or_attributes_is_written_too(root: Path, call: str) -> None:
    os.removexattr(root / CONF[1:], "user.note")

    def lack(number: int, name: str, made: Call) -> object:
        if name == call:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return made()

    with trapped(lack):
        write_plan(plan_of(root))
        assert texts(root) == NEW
        undo(root)
    assert texts(root) == OLD


def test_a_file_over_the_size_that_the_upgrade_reads_is_refused(root: Path) -> None:
    plan = plan_of(root)
    with (root / CONF[1:]).open("r+b") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(WriteError, match="larger than 64 MiB"):
        write_plan(plan)
