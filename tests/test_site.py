"""The site: everything stays inside the root, and bad input is refused with a cure."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from keepalived_upgrade.errors import InputError
from keepalived_upgrade.site import MOST_BYTES, Site


@pytest.fixture
def root(tmp_path: Path) -> Path:
    host = tmp_path / "host"
    (host / "etc/keepalived/conf.d").mkdir(parents=True)
    (host / "etc/keepalived/keepalived.conf").write_bytes(b"global_defs {\n}\n")
    (tmp_path / "secret").write_bytes(b"not ours\n")
    return host


MAIN = "/etc/keepalived/keepalived.conf"


def test_a_path_below_the_root_on_this_machine_is_taken_as_inside(root: Path) -> None:
    assert Site.open(root / "etc/keepalived/keepalived.conf", root=root).config == MAIN
    assert Site.open(MAIN, root=root).config == MAIN


def test_without_a_root_the_path_is_what_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "etc/keepalived")
    site = Site.open("keepalived.conf")
    assert site.config == str(root / "etc/keepalived/keepalived.conf")
    assert site.outer(site.config) == site.config
    assert site.config_id == os.fsencode(os.uname().nodename.split(".")[0])
    assert Site.open("keepalived.conf", config_id="n1").config_id == b"n1"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda f: f.unlink(), "no such file"),
        (lambda f: (f.unlink(), f.mkdir()), "no regular file"),
        (lambda f: (f.unlink(), os.mkfifo(f)), "no regular file"),
        (lambda f: os.truncate(f, MOST_BYTES + 1), "cannot be read"),
        (lambda f: (f.unlink(), f.symlink_to("../../../secret")), "no such file"),
        (lambda f: (f.unlink(), f.symlink_to("keepalived.conf")), "no such file"),
    ],
)
def test_a_main_file_that_cannot_be_read_is_refused_with_a_cure(root: Path, make: object, reason: str) -> None:
    make(root / MAIN[1:])  # type: ignore[operator]
    with pytest.raises(InputError, match=reason) as caught:
        Site.open(MAIN, root=root)
    assert caught.value.cure
    assert caught.value.exit_status == 2


def test_a_root_that_is_no_folder_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match="root is no directory"):
        Site.open(MAIN, root=root / "none")


def test_links_are_followed_inside_the_root_only(root: Path) -> None:
    (root / "data").mkdir()
    (root / "data/x.sh").write_text("#!/bin/sh\n")
    (root / "scripts").symlink_to("/data")
    (root / "out").symlink_to("../../../../secret")
    (root / "up").symlink_to("./data/../data/./x.sh")
    site = Site.open(MAIN, root=root)
    assert site.resolve("/scripts/x.sh") == "/data/x.sh"
    assert site.resolve("/up") == "/data/x.sh"
    assert site.resolve("/out") is None
    assert site.read_if_there("/out") is None
    assert site.read_if_there("/scripts") is None
    with pytest.raises(OSError, match="No such file"):
        site.read("/out")
    assert site.resolve("/a\0b") is None


def test_kinds_tell_what_an_include_would_meet(root: Path) -> None:
    file = root / "etc/keepalived/x"
    file.write_text("")
    site = Site.open(MAIN, root=root)
    assert site.kind("/etc/keepalived/x") == "file"
    assert not site.is_executable("/etc/keepalived/x")
    file.chmod(0o700)
    assert site.kind("/etc/keepalived/x") == "executable"
    assert site.is_executable("/etc/keepalived/x")
    assert site.kind("/etc") == "directory"
    assert site.kind("/none") == "missing"
    assert not site.exists("/none")


def test_include_patterns_match_sorted(root: Path) -> None:
    for name in ("b.conf", "a.conf", "c.inc"):
        (root / "etc/keepalived/conf.d" / name).write_text("")
    site = Site.open(MAIN, root=root)
    folder = "/etc/keepalived"
    assert site.glob(b"conf.d/*.conf", folder) == [f"{folder}/conf.d/a.conf", f"{folder}/conf.d/b.conf"]
    assert site.glob(b"conf.d/c.inc", folder) == [f"{folder}/conf.d/c.inc"]
    assert site.glob(b"conf.d/none", folder) == []
    assert site.glob(b"/etc/keepalived/conf.d/../conf.d/c.*", "/") == [f"{folder}/conf.d/c.inc"]
    assert site.glob(b"*", "/../..") == ["/etc"]


def test_each_file_is_read_once_and_its_hash_is_kept(root: Path) -> None:
    site = Site.open(MAIN, root=root)
    (root / MAIN[1:]).write_bytes(b"changed\n")
    assert site.read(MAIN) == b"global_defs {\n}\n"
    assert site.hashes() == ((MAIN, hashlib.sha256(b"global_defs {\n}\n").hexdigest()),)


def test_an_unreadable_file_is_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "x").write_text("")
    site = Site.open(MAIN, root=root)

    def refuse(*args: object, **options: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert site.read_if_there("/x") is None


def test_a_link_in_a_folder_that_is_known_is_still_followed_inside_the_root_only(root: Path) -> None:
    (root / "data").mkdir(exist_ok=True)
    (root / "data/first").write_bytes(b"first")
    (root / "data/second").symlink_to("/data/first")
    (root / "data/out").symlink_to(root.parent / "secret")
    (root.parent / "secret").write_bytes(b"secret")
    site = Site.open("/etc/keepalived/keepalived.conf", root=root)
    assert site.read("/data/first") == b"first"
    assert site.read("/data/second") == b"first"
    assert site.read_if_there("/data/out") is None
    assert "/data/second" not in site.texts


def test_a_link_is_told_from_what_it_leads_to(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "k.conf").write_text("")
    (folder / "hook").write_text("")
    (folder / "hook").chmod(0o750)
    (folder / "up").symlink_to("hook")
    (folder / "lost").symlink_to("nowhere")
    (tmp_path / "other").symlink_to("etc")
    site = Site.open("/etc/k.conf", root=tmp_path)
    assert [site.is_link(path) for path in ("/etc/up", "/etc/lost", "/other/up", "/other")] == [True] * 4
    assert [site.is_link(path) for path in ("/etc/hook", "/other/hook", "/no/up", "/")] == [False] * 4
    status = site.status("/other/up")
    assert status is not None
    assert (status.st_mode & 0o777, status.st_uid) == (0o750, os.geteuid())
    assert site.status("/etc/lost") is None
