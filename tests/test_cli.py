"""The command line, used as an operator would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import keepalived_upgrade
from commands import inside
from json_schemas import check_json
from keepalived_upgrade import cli
from keepalived_upgrade.cli import options
from keepalived_upgrade.errors import InputError

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
FROM_TO = ("--from", "debian-jessie", "--to", "2.2.7", "--no-daemon")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "keepalived_upgrade", *words]
    environ = {**os.environ, **environment}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=60)
    if "json" in words and done.returncode == 0:
        check_json(json.loads(done.stdout), words[0])
    return done


@pytest.fixture
def host(tmp_path: Path) -> Path:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    return tmp_path / "root"


def test_help_teaches_and_the_version_is_told() -> None:
    done = run("upgrade", "--help")
    assert done.returncode == 0
    assert "--mixed" in done.stdout
    assert "debian-jessie" in done.stdout
    assert run("--version").stdout == f"keepalived-upgrade {keepalived_upgrade.__version__}\n"


def test_upgrade_shows_writes_and_undo_takes_back(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (host / "etc/keepalived/keepalived.conf").read_bytes()
    status, out, _ = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO)
    assert status == 0
    assert "+ vrrp_instance GW_v4 {" in out
    assert "gw17pass" not in out
    assert (host / "etc/keepalived/keepalived.conf").read_bytes() == before
    assert inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--check")[0] == 1
    status, _, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--write")
    assert status == 0
    assert "puts them back" in err
    assert b"GW_v6" in (host / "etc/keepalived/default-route").read_bytes()
    status, _, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--write")
    assert "nothing to write" in err
    assert "keepalived.conf" in inside(monkeypatch, capsys, "undo", "--root", str(host), "--list")[1]
    status, out, _ = inside(monkeypatch, capsys, "undo", "--root", str(host))
    assert "restored /etc/keepalived/keepalived.conf" in out
    assert (host / "etc/keepalived/keepalived.conf").read_bytes() == before


def test_a_patch_goes_to_a_file_that_only_its_owner_reads_or_to_standard_output(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = tmp_path / "gw.patch"
    status, _, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--patch", str(patch))
    assert status == 0
    assert "patch written" in err
    assert subprocess.run(["git", "apply", "--check", str(patch)], cwd=host, check=False).returncode == 0
    done = run("upgrade", "--root", str(host), *FROM_TO, "--patch", "-")
    assert done.stdout == patch.read_text()
    (host / "etc/keepalived/keepalived.conf").write_text(
        (host / "etc/keepalived/keepalived.conf").read_text().replace("gw17pass", "gw#7")
    )
    assert inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--patch", str(patch))[0] == 0
    assert patch.stat().st_mode & 0o777 == 0o600
    status, _, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--patch", "/none/x")
    assert status == 2
    assert "cannot be written" in err


def test_json_and_choices_for_one_instance(host: Path) -> None:
    words = ("upgrade", "--root", str(host), *FROM_TO, "--format", "json", "--color", "never")
    report = json.loads(run(*words).stdout)
    assert report["version"] == 1
    assert [new["name"] for new in report["renames"][0]["new"]] == ["GW_v4", "GW_v6"]
    report = json.loads(run(*words, "--instance", "GW:mixed=excluded").stdout)
    assert report["renames"] == []
    report = json.loads(run(*words, "--instance", "GW:names=keep", "--instance", "GW:ipv6-name={name}-six").stdout)
    assert [new["name"] for new in report["renames"][0]["new"]] == ["GW", "GW-six"]
    assert json.loads(run(*words, "--skip", "mixed_families").stdout)["skipped"] == ["v1_2_20/mixed_families"]


def test_color_only_where_it_is_wanted(host: Path) -> None:
    words = ("upgrade", "--root", str(host), *FROM_TO)
    assert "\x1b[" not in run(*words).stdout
    assert "\x1b[" in run(*words, "--color", "always").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("upgrade", "/none.conf", *FROM_TO), "there is no such file"),
        (("upgrade", "--from", "2.9.x", "--to", "2.2.7"), "no keepalived release"),
        (("upgrade", "--from", "2.2.7", "--to", "1.2.13"), "is older than"),
        (("upgrade", *FROM_TO, "--instance", "GW=x"), "--instance GW=x cannot be read"),
        (("upgrade", *FROM_TO, "--instance", "GW:mixed=both"), "is no choice"),
        (("upgrade", *FROM_TO, "--ipv6-name", "six"), "cannot name an instance"),
        (("upgrade", *FROM_TO, "--only", "nonsense"), "no migration"),
        (("explain", "mixed_famili"), "Did you mean v1_2_20/mixed_families"),
        (("undo",), "nothing to undo"),
    ],
)
def test_bad_input_gives_a_message_with_a_cure_and_status_2(
    host: Path, words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = ("--root", str(host)) if words[0] in ("upgrade", "undo") else ()
    status, _, err = inside(monkeypatch, capsys, *words, *extra)
    assert status == 2
    assert said in err
    assert "Traceback" not in err


def test_write_refuses_an_open_decision_with_status_3(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = host / "etc/keepalived/keepalived.conf"
    file.write_text(
        file.read_text().replace(
            "    advert_int 1\n", "    advert_int 1\n    unicast_peer {\n        192.0.2.9\n    }\n"
        )
    )
    status, _, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--write")
    assert status == 3
    assert "--accept v1_2_20/mixed_families/no-peer" in err
    accept = ("--accept", "v1_2_20/mixed_families/no-peer")
    assert inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO, "--write", *accept)[0] == 0


def test_list_and_explain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "mixed_families" in inside(monkeypatch, capsys, "list")[1]
    rows = json.loads(inside(monkeypatch, capsys, "list", "--format", "json", "--from", "1.2.13", "--to", "1.2.20")[1])[
        "migrations"
    ]
    assert {row["release"] for row in rows} == {"1.2.20"}
    assert {"id": "mixed-family-virtual-ipaddress", "version": "1.2.20"} in [c for row in rows for c in row["covers"]]
    out = inside(monkeypatch, capsys, "explain", "nb_get_retry")[1]
    assert "nb_get_retry is deprecated" in out
    assert "covers nb-get-retry (2.0.15)" in out


def test_a_fault_of_ours_is_one_line_and_status_5(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **options: object) -> object:
        raise RuntimeError("odd")

    monkeypatch.setattr("keepalived_upgrade.engine.upgrade", broken)
    status, _, err = inside(monkeypatch, capsys, "upgrade", "--root", str(host), *FROM_TO)
    assert (status, err.count("\n")) == (5, 1)
    monkeypatch.setenv("KEEPALIVED_UPGRADE_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["keepalived-upgrade", "upgrade", "--root", str(host), *FROM_TO])
    with pytest.raises(RuntimeError, match="odd"):
        cli.main()


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (InputError("x"), 2)])
def test_an_interrupt_ends_with_a_sentence(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(**options: object) -> None:
        raise error

    monkeypatch.setattr(cli, "app", stop)
    assert inside(monkeypatch, capsys)[0] == status


def test_progress_is_said_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert options.make_progress() is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    say = options.make_progress()
    assert say is not None
    say("reading")
    assert "reading" in capsys.readouterr().err


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = "{'libcst', 'tree_sitter', 'rich', 'pyparsing'}"
    code = f"import sys; from typer.testing import CliRunner; from keepalived_upgrade.cli import app; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert CliRunner().invoke(cli.app, ["--help"]).exit_code == 0


def test_the_public_api_is_there_and_nothing_else() -> None:
    for name in keepalived_upgrade.__all__:
        assert getattr(keepalived_upgrade, name) is not None
    assert set(keepalived_upgrade.__all__) < set(dir(keepalived_upgrade))
    with pytest.raises(AttributeError, match="no attribute"):
        _ = keepalived_upgrade.nonsense
    assert keepalived_upgrade.parse(b"a {\n}\n").source == b"a {\n}\n"


def test_what_python_thinks_of_a_script_is_not_said(tmp_path: Path) -> None:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    (folder / "keepalived.conf").write_text(
        "vrrp_instance GW {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 192.0.2.1\n ::1\n }\n"
        " notify /etc/keepalived/n\n}\n"
    )
    (folder / "n").write_text('#!/bin/sh\n[[ $2 =~ ^[[a]GW ]] && a\ngrep -E "[[x]G" /x\n')
    words = ["upgrade", "--root", str(tmp_path), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon"]
    done = subprocess.run(
        [sys.executable, "-m", "keepalived_upgrade", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
