"""Releases and where they are found out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from keepalived_upgrade import detection
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import DISTRIBUTIONS, Release, parse_release, resolve_release

STATUS = """Package: other
Status: install ok installed
Version: 1.0

Package: keepalived
Status: install ok installed
Version: 1:1.2.13-1+deb8u1
"""


def test_releases_compare_in_order_and_print_as_they_are_written() -> None:
    assert parse_release("1.2.9") < parse_release("v1.2.20") < parse_release("2.0") == Release(2, 0, 0)
    assert str(parse_release("v2.4.3")) == "2.4.3"


@pytest.mark.parametrize("text", ["", "2", "two", "1.2.3.4", "1.2.13-1"])
def test_what_is_no_release_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_release(text)
    with pytest.raises(InputError):
        resolve_release(text)


def test_distributions_are_names_for_releases() -> None:
    assert resolve_release("debian-jessie") == resolve_release("Debian-8") == Release(1, 2, 13)
    assert resolve_release("ubuntu-bionic") == DISTRIBUTIONS["ubuntu-18.04"]
    with pytest.raises(InputError) as caught:
        resolve_release("debian-bookwurm")
    assert "debian-bookworm" in caught.value.cure


def test_the_source_is_read_from_the_dpkg_database_below_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "var/lib/dpkg"
    folder.mkdir(parents=True)
    (folder / "status").write_text(STATUS)
    assert detection.resolve_releases(str(tmp_path), None, "2.2.7") == (Release(1, 2, 13), Release(2, 2, 7))
    (folder / "status").write_text(
        STATUS.replace(
            "Package: keepalived\nStatus: install ok installed",
            "Package: keepalived\nStatus: deinstall ok config-files",
        )
    )
    assert detection.detect_source(str(tmp_path)) is None


def test_what_cannot_be_found_out_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="for which release the configuration was written") as caught:
        detection.resolve_releases(str(tmp_path), None, None)
    assert "--from" in caught.value.cure
    with pytest.raises(InputError, match="which release will run") as caught:
        detection.resolve_releases(str(tmp_path), "1.2.13", None)
    assert "--to" in caught.value.cure
    with pytest.raises(InputError, match="older"):
        detection.resolve_releases(str(tmp_path), "2.2.7", "1.2.13")


def fake(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str]) -> None:
    monkeypatch.setattr(
        detection.shutil, "which", lambda name, path=None: f"/x/{name}" if any(name in k for k in answers) else None
    )
    monkeypatch.setattr(
        detection, "_output", lambda command: next((v for k, v in answers.items() if k in " ".join(command)), "")
    )


def test_the_target_is_the_installed_daemon_only_when_the_source_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, {"keepalived --version": "Keepalived v2.2.7 (01/16,2022)"})
    assert detection.resolve_releases("/", "1.2.13", None) == (Release(1, 2, 13), Release(2, 2, 7))
    monkeypatch.setattr(detection, "_from_dpkg", lambda status: None)
    with pytest.raises(InputError, match="which release will run"):
        detection.resolve_releases("/", None, None)


def test_the_target_is_what_the_package_manager_would_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "_from_dpkg", lambda status: Release(2, 1, 5))
    fake(monkeypatch, {"apt-cache policy keepalived": "  Candidate: 1:2.2.7-1+b2\n"})
    assert detection.resolve_releases("/", None, None) == (Release(2, 1, 5), Release(2, 2, 7))
    fake(monkeypatch, {"dnf --quiet": "keepalived.x86_64   2.2.8-4.el9   appstream\n"})
    assert detection.resolve_releases("/", None, None) == (Release(2, 1, 5), Release(2, 2, 8))


def test_rpm_is_asked_for_a_root_that_has_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    fake(monkeypatch, {"rpm --root": "1.3.5"})
    assert detection.detect_source(str(tmp_path)) == Release(1, 3, 5)


def test_a_command_that_hangs_or_is_not_there_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert detection._output(["/none/such"]) == ""
    assert detection._output(["echo", "2.2.7"]) == "2.2.7\n"

    def hang(*args: object, **options: object) -> object:
        raise subprocess.TimeoutExpired("x", 1)

    monkeypatch.setattr(subprocess, "run", hang)
    assert detection._output(["echo"]) == ""
