"""The daemon's own word on old and new texts, and what happens where there is none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.names import NewName, Rename
from keepalived_upgrade.plan import Result
from keepalived_upgrade.proofs import daemon
from keepalived_upgrade.proofs.messages import is_announced, with_old_names
from keepalived_upgrade.releases import parse_release
from keepalived_upgrade.site import Site

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
MAIN = "/etc/keepalived/keepalived.conf"
GOOD = b"vrrp_instance A {\n    interface eth0\n    virtual_router_id 5\n    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n"


def check(keepalived: str, before: bytes, after: bytes) -> daemon.Proof:
    return daemon.check_daemon(keepalived, {MAIN: before}, {MAIN: after}, MAIN, (b"eth0",))


@pytest.mark.daemon
def test_a_text_that_gets_a_new_message_fails(keepalived: str, namespaces: None) -> None:
    bad = GOOD.replace(b"virtual_router_id 5", b"virtual_router_id 5\n    nonsense 3")
    proof = check(keepalived, GOOD, bad)
    assert proof.result is Result.FAILED
    assert "nonsense" in proof.detail
    assert check(keepalived, bad, bad).result is Result.PASSED
    assert check(keepalived, bad, GOOD).result is Result.PASSED


@pytest.mark.daemon
def test_includes_are_read_from_the_copy(keepalived: str, namespaces: None) -> None:
    main = b"include /etc/keepalived/more.conf\n"
    files = {MAIN: main, "/etc/keepalived/more.conf": GOOD}
    broken = {**files, "/etc/keepalived/more.conf": GOOD + b"nonsense 1\n"}
    proof = daemon.check_daemon(keepalived, files, broken, MAIN, (b"eth0",))
    assert proof.result is Result.FAILED


def test_a_program_that_is_no_keepalived_tells_no_release(namespaces: None) -> None:
    assert daemon.daemon_release("/bin/true") is None
    assert daemon.daemon_release("/none") is None


@pytest.mark.parametrize(("option", "said"), [("", "by choice"), ("/bin/true", "does not tell its release")])
def test_a_proof_that_is_not_made_says_why(option: str, said: str, tmp_path: Path, namespaces: None) -> None:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    site = Site.open(MAIN, root=tmp_path / "root")
    plan = upgrade(site, parse_release("1.2.13"), parse_release("2.2.7"), daemon=option)
    (proof,) = [p for p in plan.proofs if p.name == "daemon"]
    assert proof.result is Result.NOT_MADE
    assert said in proof.detail


RENAMES = (Rename("instance", b"GW", (NewName(b"GW_v4", "IPv4 half"), NewName(b"GW_v6", "IPv6 half")), "m"),)


def test_a_message_about_a_new_name_counts_as_one_about_the_old_one() -> None:
    renamed = with_old_names(RENAMES)
    assert renamed("(GW_v4) Unknown interface! GW_v4x x.GW_v6 (GW_v6: Line 1)") == (
        "(GW) Unknown interface! GW_v4x x.GW_v6 (GW: Line 1)"
    )
    assert with_old_names(())("(GW_v4) x") == "(GW_v4) x"


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("link-local-first", "(GW_v6) the first IPv6 VIP address must be link local"),
        ("router-id-taken", "GW_v6 and O both use VRID 51 with IPv6 on interface eth0"),
        ("source-chooses-family", "(GW_v6) No VIP specified; at least one is required"),
    ],
)
def test_only_a_finding_of_the_plan_that_speaks_of_the_name_announces_a_message(id: str, message: str) -> None:
    finding = Finding(f"v1_2_20/mixed_families/{id}", Severity.REVIEW, Place(MAIN), "GW_v6 is meant", "c")
    assert is_announced(message, [finding])
    assert not is_announced(message, [replace(finding, message="GW_v66, x.GW_v6 and GW")])
    assert not is_announced(message, [replace(finding, id="other/finding")])
    assert not is_announced(message, [])
    assert not is_announced("Unknown keyword 'GW_v6'", [finding])


@pytest.mark.daemon
def test_a_message_that_both_halves_get_is_no_news(keepalived: str, namespaces: None) -> None:
    before = GOOD.replace(b"vrrp_instance A", b"vrrp_instance GW").replace(
        b"virtual_router_id 5", b"priority 300\n    virtual_router_id 5"
    )
    after = before.replace(b"GW", b"GW_v4") + before.replace(b"GW", b"GW_v6").replace(
        b"192.0.2.1/24", b"2001:db8::1/64"
    )
    files = {MAIN: before}, {MAIN: after}
    assert daemon.check_daemon(keepalived, *files, MAIN, (b"eth0",)).result is Result.FAILED
    assert daemon.check_daemon(keepalived, *files, MAIN, (b"eth0",), RENAMES).result is Result.PASSED
