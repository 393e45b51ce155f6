"""Names inferred from a change by hand, and carried into what depends on them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keepalived_upgrade import cli
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.following import follow
from keepalived_upgrade.plan import Plan, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site

GATEWAY = Path(__file__).resolve().parents[1] / "corpora/gateway-2017"
MAIN = "/etc/keepalived/keepalived.conf"
RELEASE = Release(2, 2, 7)


def outage(tmp_path: Path, variant: str) -> tuple[Path, Path]:
    """The host as it was left in 2017: configuration split by hand, script untouched. Gives (root, old text)."""
    root = tmp_path / "root"
    shutil.copytree(GATEWAY / "root", root)
    old = tmp_path / "before.conf"
    shutil.copy(root / MAIN[1:], old)
    shutil.copy(GATEWAY / "by-hand.conf", root / MAIN[1:])
    if variant != "sh":
        shutil.copy(GATEWAY / f"variants/default-route.{variant}", root / "etc/keepalived/default-route")
    return root, old


def plan_of(old: Path, root: Path, **options: object) -> Plan:
    made = follow(Site.open(old), Site.open(MAIN, root=root), RELEASE, **options)  # type: ignore[arg-type]
    assert [p for p in made.proofs if p.result is Result.FAILED] == []
    assert MAIN not in {change.path for change in made.files}
    return made


@pytest.mark.parametrize("variant", ["sh", "py2", "py3"])
def test_the_outage_is_cured_as_the_upgrade_would_have_done_it(tmp_path: Path, variant: str) -> None:
    root, old = outage(tmp_path, variant)
    made = plan_of(old, root)
    (script,) = made.files
    assert [(r.old, r.names()) for r in made.renames] == [(b"GW", (b"GW_v4", b"GW_v6"))]
    assert [(f.id, f.severity.value) for f in made.findings] == [("follow/sure", "info")]
    upgraded = tmp_path / "upgraded"
    shutil.copytree(GATEWAY / "root", upgraded)
    shutil.copy(root / "etc/keepalived/default-route", upgraded / "etc/keepalived/default-route")
    by_us = upgrade(Site.open(MAIN, root=upgraded), Release(1, 2, 13), RELEASE, daemon="")
    assert script.after == next(c.after for c in by_us.files if c.path == script.path)
    assert made.write()
    again = plan_of(old, root)
    assert again.files == ()
    assert again.decisions() == ()


def texts(tmp_path: Path, before: str, after: str, script: str = "") -> tuple[Path, Path]:
    root = tmp_path / "root"
    (root / "etc/keepalived").mkdir(parents=True)
    old = tmp_path / "old.conf"
    old.write_text(before)
    (root / MAIN[1:]).write_text(after)
    (root / "etc/keepalived/n.sh").write_text(
        script or "#!/bin/sh\ncase $2 in A) ip route add default via 192.0.2.9;; esac\n"
    )
    return old, root


def instance(name: str, vrid: int, *addresses: str, interface: str = "eth0", more: str = "") -> str:
    lines = "".join(f"        {address}\n" for address in addresses)
    block = f"    virtual_ipaddress {{\n{lines}    }}\n" if addresses else ""
    head = f"vrrp_instance {name} {{\n    interface {interface}\n    virtual_router_id {vrid}\n"
    return f"{head}{block}{more}    notify /etc/keepalived/n.sh\n}}\n"


def grades(made: Plan) -> list[str]:
    return [f"{f.id} {f.severity.value}" for f in made.findings if f.id.startswith("follow/")]


A = instance("A", 1, "192.0.2.1/24", "192.0.2.2/24")


@pytest.mark.parametrize(
    ("after", "found", "new"),
    [
        (instance("B", 1, "192.0.2.1/24", "192.0.2.2"), "follow/sure info", b"B"),
        (instance("B", 1, "192.0.2.1/24", "192.0.2.7/24"), "follow/likely decision", b"B"),
        (instance("B", 9, "192.0.2.1/24", "192.0.2.2/24"), "follow/likely decision", b"B"),
        (instance("B", 1, "192.0.2.8/24"), "follow/likely decision", b"B"),
        (instance("B", 9, "192.0.2.1/24"), "follow/unsure decision", b""),
        (instance("B", 9, "192.0.2.8/24"), "follow/unsure decision", b""),
        (instance("B", 9, "192.0.2.8/24", interface="eth1"), "follow/gone decision", b""),
        (instance("B", 1) + instance("C", 1), "follow/unsure decision", b""),
    ],
)
def test_each_grade_is_carried_asked_for_or_left(tmp_path: Path, after: str, found: str, new: bytes) -> None:
    old, root = texts(tmp_path, A, after)
    made = plan_of(old, root)
    assert grades(made) == [found]
    assert bool(made.files) is found.startswith("follow/sure")
    made = plan_of(old, root, accept=["follow/likely"])
    assert [name for rename in made.renames for name in rename.names()] == ([new] if new else [])
    if new:
        assert made.decisions() == ()
        assert new + b")" in made.files[0].after


def test_instances_without_addresses_are_told_by_their_router(tmp_path: Path) -> None:
    old, root = texts(tmp_path, instance("A", 1), instance("B", 1))
    made = plan_of(old, root)
    assert grades(made) == ["follow/likely decision"]
    assert "neither has an address" in made.findings[0].message


def test_one_name_kept_for_a_part_is_followed_to_both(tmp_path: Path) -> None:
    before = instance("A", 1, "192.0.2.1/24", "2001:db8::1/64")
    after = instance("A", 1, "192.0.2.1/24") + instance("A6", 1, "fe80::1/64", "2001:db8::1/64")
    made = plan_of(*texts(tmp_path, before, after))
    assert [(n.name, n.role) for n in made.renames[0].new] == [(b"A", "IPv4 half"), (b"A6", "IPv6 half")]
    assert b"A|A6)" in made.files[0].after


def test_addresses_that_moved_to_another_router_do_not_take_the_name_along(tmp_path: Path) -> None:
    after = instance("A", 1, "192.0.2.1/24") + instance("B", 2, "192.0.2.2/24")
    made = plan_of(*texts(tmp_path, A, after))
    assert (made.files, grades(made)) == ((), [])


def test_two_names_that_became_one_are_likely_at_most(tmp_path: Path) -> None:
    before = A + instance("B", 2, "192.0.2.3/24")
    made = plan_of(*texts(tmp_path, before, instance("C", 1, "192.0.2.1", "192.0.2.2", "192.0.2.3")))
    assert grades(made) == ["follow/likely decision", "follow/likely review"]
    assert made.files == ()


def test_a_name_that_is_gone_matters_where_something_mentions_it(tmp_path: Path) -> None:
    before = A + instance("B", 2, "192.0.2.3/24")
    made = plan_of(*texts(tmp_path / "1", before, A))
    assert grades(made) == ["follow/gone review"]
    made = plan_of(*texts(tmp_path / "2", before, A, "#!/bin/sh\n[ $2 = B ] && ip link set eth9 up\n"))
    assert grades(made) == ["follow/gone decision"]
    assert "n.sh:2 still mentions it" in made.findings[0].message
    made = plan_of(*texts(tmp_path / "3", before, instance("A", 1, "192.0.2.1", "192.0.2.2", "192.0.2.3")))
    assert "its addresses went to A" in made.findings[0].message


def test_an_accepted_loss_can_be_written(tmp_path: Path) -> None:
    before = A + instance("B", 2, "192.0.2.3/24")
    script = "#!/bin/sh\ncase $2 in\nA) ip link set eth8 up ;;\nB) ip link set eth9 up ;;\nesac\n"
    old, root = texts(tmp_path, before, A.replace("instance A", "instance LAN"), script)
    made = plan_of(old, root, accept=["follow/gone"])
    assert made.decisions() == ()
    assert made.write()


GROUP = "vrrp_sync_group {name} {{\n    group {{\n        {members}\n    }}\n    notify /etc/keepalived/n.sh\n}}\n"


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (GROUP.format(name="H", members="B"), ["follow/sure info", "follow/sure info"]),
        (GROUP.format(name="H", members="B X"), ["follow/likely review", "follow/sure info"]),
        ("", ["follow/gone review", "follow/sure info"]),
    ],
)
def test_groups_are_told_by_their_members(tmp_path: Path, after: str, found: list[str]) -> None:
    before = GROUP.format(name="G", members="A") + A
    old, root = texts(tmp_path, before, after + A.replace("instance A", "instance B") + instance("X", 7, "192.0.2.77"))
    assert sorted(grades(plan_of(old, root))) == sorted(found)


def test_a_group_that_has_the_old_name_is_accepted_too(tmp_path: Path) -> None:
    after = GROUP.format(name="A", members="B") + A.replace("instance A", "instance B")
    made = plan_of(*texts(tmp_path, A, after))
    assert b"B|A)" in made.files[0].after


def test_exchanged_names_are_reported(tmp_path: Path) -> None:
    before = A + instance("B", 2, "192.0.2.3/24")
    after = instance("B", 1, "192.0.2.1/24", "192.0.2.2/24") + instance("A", 2, "192.0.2.3/24")
    made = plan_of(*texts(tmp_path, before, after))
    assert grades(made) == ["follow/exchanged review"] * 2
    assert made.files == ()


def test_views_of_several_nodes_are_one_configuration(tmp_path: Path) -> None:
    vrid = "    @one virtual_router_id 1\n    @two virtual_router_id 2\n"
    before = A.replace("    virtual_router_id 1\n", vrid)
    made = plan_of(*texts(tmp_path, before, before.replace("instance A", "instance B")))
    assert grades(made) == ["follow/sure info"]


def test_link_local_addresses_are_told_apart_by_their_interface_and_odd_ones_by_their_text(tmp_path: Path) -> None:
    before = instance("A", 1, "fe80::1", interface="eth0") + instance("B", 1, "fe80::1", "odd", interface="eth1")
    after = before.replace("instance A", "instance C").replace("instance B", "instance D")
    made = plan_of(*texts(tmp_path, before, after))
    assert [(r.old, r.names()) for r in made.renames] == [(b"A", (b"C",)), (b"B", (b"D",))]


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["keepalived-upgrade", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


def test_the_command_reads_the_old_text_wherever_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, old = outage(tmp_path, "sh")
    more = ("--root", str(root), "--release", "2.2.7")
    status, out, _ = run(monkeypatch, capsys, "follow", str(old), *more)
    assert status == 0
    assert "+     GW_v4|GW_v6)" in out
    shutil.copy(old, root / "etc/keepalived/old.conf")
    assert run(monkeypatch, capsys, "follow", "/etc/keepalived/old.conf", MAIN, *more, "--check")[0] == 1
    (root / "etc/keepalived/old.conf").unlink()
    report = json.loads(run(monkeypatch, capsys, "follow", str(old), *more, "--format", "json")[1])
    assert [finding["id"] for finding in report["findings"]] == ["follow/sure"]
    assert "puts them back" in run(monkeypatch, capsys, "follow", str(old), *more, "--write")[2]
    status, _, err = run(monkeypatch, capsys, "follow", "/none/old.conf", *more)
    assert (status, "there is no such file" in err) == (2, True)


def test_a_likely_match_stops_the_writing_until_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, root = texts(tmp_path, A, instance("B", 9, "192.0.2.1/24", "192.0.2.2/24"))
    words = ("follow", str(old), "--root", str(root), "--release", "2.2.7", "--write")
    status, _, err = run(monkeypatch, capsys, *words)
    assert (status, "--accept follow/likely" in err) == (3, True)
    assert run(monkeypatch, capsys, *words, "--accept", "follow/likely")[0] == 0
    assert "B)" in (root / "etc/keepalived/n.sh").read_text()


def test_help_teaches_by_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keepalived_upgrade", "follow", "--help"], capture_output=True, text=True, check=True
    )
    assert "git show HEAD~1:keepalived.conf" in " ".join(done.stdout.split())


def test_blocks_without_a_name_are_passed_over(tmp_path: Path) -> None:
    odd = "vrrp_instance {\n    interface eth0\n}\nvrrp_sync_group {\n}\n"
    assert grades(plan_of(*texts(tmp_path, odd + A, odd + A))) == []


def test_the_old_text_may_be_of_the_host_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, root = texts(tmp_path, A, A.replace("instance A", "instance B"))
    made = follow(Site.open(old), Site.open(root / MAIN[1:]), RELEASE)
    assert [(r.old, r.names()) for r in made.renames] == [(b"A", (b"B",))]


def test_includes_of_the_old_text_that_are_hardly_the_old_ones_are_reported(tmp_path: Path) -> None:
    old, root = texts(tmp_path, "include /etc/keepalived/more.conf\n" + A, "include more.conf\n" + A)
    (root / "etc/keepalived/more.conf").write_text(instance("B", 2, "192.0.2.3"))
    assert grades(plan_of(old, root)) == ["follow/include review"]
    beside = root / "etc/keepalived/old.conf"
    shutil.copy(old, beside)
    made = follow(Site.open("/etc/keepalived/old.conf", root=root), Site.open(MAIN, root=root), RELEASE)
    assert grades(made) == ["follow/include review"]
    assert "as it is now (/etc/keepalived/more.conf)" in made.findings[0].message


def test_old_includes_beside_the_old_text_are_read(tmp_path: Path) -> None:
    old, root = texts(tmp_path, "include more.conf\n", "include more.conf\n")
    (root / "etc/keepalived/more.conf").write_text(A.replace("instance A", "instance B"))
    (old.parent / "more.conf").write_text(A)
    made = plan_of(old, root)
    assert grades(made) == ["follow/sure info"]
    assert b"B)" in made.files[0].after
