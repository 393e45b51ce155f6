"""The command `effect`, and what `upgrade --effect` shows."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from keepalived_upgrade import cli

CORPORA = Path(__file__).resolve().parents[1] / "corpora"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["keepalived-upgrade", *words])
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


@pytest.fixture
def host(tmp_path: Path) -> Path:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    return tmp_path / "root"


def write(host: Path, text: str) -> None:
    (host / "etc/keepalived/keepalived.conf").write_text(text)


def test_effect_shows_what_a_release_does_and_what_it_ignores(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(monkeypatch, capsys, "effect", "--root", str(host), "--release", "debian-bookworm")
    assert status == 0
    assert out.startswith("What 2.2.7 does with /etc/keepalived/keepalived.conf\n")
    assert re.search(r"^  address 192\.0\.2\.1 +/24 dev lan0$", out, re.MULTILINE)
    assert "keepalived.conf:23  ignored  2001:db8:17::1/64 dev lan0\n" in out
    status, out, _ = run(monkeypatch, capsys, "effect", "--root", str(host), "--release", "1.2.13")
    assert re.search(r"^  address 2001:db8:17::1 +/64 dev lan0$", out, re.MULTILINE)
    assert "does not take" not in out


def test_effect_in_json_holds_the_same(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("effect", "--root", str(host), "--release", "2.2.7", "--format", "json")
    status, out, _ = run(monkeypatch, capsys, *words)
    report = json.loads(out)
    assert status == 0
    assert (report["release"], report["stops"]) == ("2.2.7", [])
    facts = {(fact["kind"], fact["owner"], fact["item"]): fact["values"] for fact in report["facts"]}
    assert facts["address", "GW", "192.0.2.1"] == ["/24 dev lan0"]
    (mistake,) = report["mistakes"]
    assert (mistake["line"], mistake["problem"], mistake["reported"]) == (23, "ignored", True)
    assert run(monkeypatch, capsys, *words)[1] == out


def test_effect_says_when_keepalived_ends_and_what_it_drops_in_silence(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(host, "vrrp_instance A {\n interface eth0\n}\nvrrp_instance {\n}\n")
    _, out, _ = run(monkeypatch, capsys, "effect", "--root", str(host), "--release", "2.2.7")
    assert "The process vrrp ends" in out
    _, out, _ = run(monkeypatch, capsys, "effect", "--root", str(host), "--release", "1.2.13")
    assert "(without a word)" in out


def test_effect_needs_a_release(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(monkeypatch, capsys, "effect", "--root", str(host))
    assert status == 2
    assert "--release is missing" in err


def test_upgrade_shows_before_and_after_side_by_side(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("upgrade", "--root", str(host), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon", "--effect")
    status, out, _ = run(monkeypatch, capsys, *words)
    table = out.partition("What keepalived does with ")[2]
    assert status == 0
    assert re.search(r"^  ≠ version +2 +2, 3$", table, re.MULTILINE)
    assert re.search(r"^    address 2001:db8:17::1 +/64 dev lan0 +/64 dev lan0$", table, re.MULTILINE)
    assert "GW_group" in table
    # A value that is too long for its column goes on below.
    assert re.search(r"command notify +(/etc/keepalived/default-route\b.* +){2}", table)
    status, out, _ = run(monkeypatch, capsys, *words, "--format", "json")
    facts = {(fact["kind"], fact["owner"], fact["item"]): fact for fact in json.loads(out)["effect"]}
    assert facts["version", "GW", ""] == {"kind": "version", "owner": "GW", "item": "", "old": ["2"], "new": ["2", "3"]}
    assert "effect" not in json.loads(run(monkeypatch, capsys, *words[:-1], "--format", "json")[1])


def test_no_password_and_no_terminal_escape_gets_out(
    host: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        host,
        "vrrp_instance A\x1b[31m {\n interface eth0\n virtual_router_id 5\n authentication {\n  auth_type PASS\n"
        "  auth_pass longsecret99\n }\n auth_hmac {\n  key topsecret\n }\n virtual_ipaddress {\n  192.0.2.1\n }\n"
        ' notify "/x/n.sh password hunter2"\n}\n',
    )
    for words in (
        ("effect", "--release", "2.4.3"),
        ("effect", "--release", "2.4.3", "--format", "json"),
        ("effect", "--release", "2.2.7"),
        ("upgrade", "--from", "1.2.13", "--to", "2.4.3", "--no-daemon", "--effect", "--format", "json"),
    ):
        _, out, _ = run(monkeypatch, capsys, *words, "--root", str(host))
        assert "\x1b" not in out
        for secret in ("longsecret", "longsecr", "topsecret", "hunter2"):
            assert secret not in out, (words, secret, out)
