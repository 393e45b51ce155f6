"""The command `undo`, used as an operator would."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from commands import inside
from faults import KILLED, counting, in_child, killing, trapped
from hosts import copy_tree
from keepalived_upgrade.edits import Change
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from keepalived_upgrade.writing import list_bundles, pending, write_plan

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
CONF = "/etc/keepalived/keepalived.conf"
FROM_TO = ("--from", "debian-jessie", "--to", "2.2.7", "--no-daemon")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    return tmp_path / "root"


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path, *words: str
) -> tuple[int, str, str]:
    return inside(monkeypatch, capsys, words[0], "--root", str(root), *words[1:])


def write(root: Path) -> str:
    return upgrade(Site.open(CONF, root=root), Release(1, 2, 13), Release(2, 2, 7), daemon="").write()


def interrupt(root: Path) -> None:
    """Kill a writing after its first file was replaced."""
    copy_tree(root, root.with_name("copy"))
    with trapped(counting) as names:
        write(root)
    shutil.rmtree(root)
    root.with_name("copy").rename(root)
    first = names.index("rename_exchange")
    assert in_child(lambda: write(root), killing(first + 1)) == KILLED


def test_bundles_are_listed_for_people_and_programs(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "There is nothing to undo: no upgrade was written here.\n"
    assert run(monkeypatch, capsys, host, "undo", "--list") == (0, "", said)
    id = write(host)
    status, out, _ = run(monkeypatch, capsys, host, "undo", "--list")
    assert (status, out.startswith(f"{id}  1.2.13 → 2.2.7  /etc/keepalived/")) == (0, True)
    report = json.loads(run(monkeypatch, capsys, host, "undo", "--list", "--format", "json")[1])
    assert report["version"] == 1
    bundle = report["bundles"][0]
    assert {key: bundle[key] for key in ("id", "state", "interrupted", "source", "target")} == {
        "id": id,
        "state": "written",
        "interrupted": False,
        "source": "1.2.13",
        "target": "2.2.7",
    }
    assert {"path": CONF, "status": "changed"} in bundle["files"]


def test_a_bundle_is_shown_as_the_diff_of_its_run_without_passwords(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    id = write(host)
    text = (host / CONF[1:]).read_bytes()
    new = text.replace(b"gw17pass", b"secret77")
    change = FileChange(CONF, text, new, (Change(0, len(text), new, ()),))
    second = write_plan(Plan(str(host), CONF, Release(2, 2, 7), Release(2, 2, 8), (change,), (), (), ()))
    status, out, _ = run(monkeypatch, capsys, host, "undo", "--show", id)
    assert status == 0
    assert f"\n{CONF}  " in out
    assert "+ vrrp_instance GW_v4 {" in out
    for words in (("--show",), ("--show", second)):
        out = run(monkeypatch, capsys, host, "undo", *words)[1]
        assert "auth_pass ********" in out
        assert "gw17pass" not in out
        assert "secret77" not in out
    assert run(monkeypatch, capsys, host, "undo", "--show", "x")[0] == 2
    assert len(list_bundles(host)) == 2


def test_prune_says_what_it_removed(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    id = write(host)
    assert run(monkeypatch, capsys, host, "undo", "--prune", "1")[1] == ""
    assert run(monkeypatch, capsys, host, "undo", "--prune", "0")[1] == f"removed {id}\n"
    assert run(monkeypatch, capsys, host, "undo", "--prune", "-1")[0] == 2


def test_an_interrupted_run_is_said_by_the_next_and_stops_its_writing(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (host / CONF[1:]).read_bytes()
    interrupt(host)
    status, _, err = run(monkeypatch, capsys, host, "upgrade", *FROM_TO)
    assert status == 0
    assert "note: an earlier run was interrupted while it was writing" in err
    status, out, err = run(monkeypatch, capsys, host, "upgrade", *FROM_TO, "--write")
    assert (status, out) == (2, "")
    assert f"undo --root {host} --finish` writes the new ones" in err
    assert "interrupted while writing" in run(monkeypatch, capsys, host, "undo", "--list")[1]
    status, out, _ = run(monkeypatch, capsys, host, "undo", "--finish")
    assert (status, f"written {CONF}\n" in out) == (0, True)
    assert pending(host) is None
    assert b"GW_v4" in (host / CONF[1:]).read_bytes()
    assert run(monkeypatch, capsys, host, "undo", "--finish")[0] == 2
    status, out, _ = run(monkeypatch, capsys, host, "undo")
    assert (status, f"restored {CONF}\n" in out) == (0, True)
    assert (host / CONF[1:]).read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--list", "--finish"), "exclude each other"),
        (("--show", "--prune", "1"), "exclude each other"),
        (("--finish", "0001-20260101-000000"), "only --show and undoing take an ID"),
        (("--format", "json"), "only --list has a format"),
        (("0001-20260101-000000",), "there is no undo bundle"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    host: Path, words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(monkeypatch, capsys, host, "undo", *words)
    assert status == 2
    assert said in err
