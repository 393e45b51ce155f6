"""A rename of the user's own: what changes, what is refused, what a person must decide."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from commands import inside
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.plan import Plan, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.renaming import rename
from keepalived_upgrade.site import Site

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
MAIN = "/etc/keepalived/keepalived.conf"
OLD, NEW = Release(1, 2, 13), Release(2, 2, 7)
SCRIPT = b'#!/bin/sh\ncase "$1" in\nVI_1) ip route add default via 192.0.2.254 ;;\nesac\n'


def host(tmp_path: Path, config: str, files: Mapping[str, bytes] | None = None) -> Path:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    (folder / "keepalived.conf").write_text(config)
    for name, text in (files or {}).items():
        (folder / name).write_bytes(text)
    return tmp_path


def plan(root: Path, old: str, new: str, release: Release = NEW, **options: object) -> Plan:
    site = Site.open(MAIN, root=root)
    names = [name.encode() for name in new.split(",")]
    made = rename(site, release, old.encode(), names, daemon="", **options)  # type: ignore[arg-type]
    assert [p for p in made.proofs if p.result is Result.FAILED] == []
    return made


def after(made: Plan, name: str = "keepalived.conf") -> str:
    return next((c.after.decode() for c in made.files if c.path.endswith(name)), "")


def ids(made: Plan) -> list[tuple[str, str]]:
    return [(f.id, f.severity.value) for f in made.findings]


EVERYTHING = """\
global_defs {
    lvs_sync_daemon eth1 VI_1
}
vrrp_sync_group G {
    group {
        VI_1
        VI_10
    }
    notify_master "/etc/keepalived/n.sh NAME=VI_1 master"
}
# VI_1 is the LAN
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 1
    notify_master "/etc/keepalived/n.sh VI_1 MASTER"
    notify_backup "/etc/keepalived/n.sh VI_10 BACKUP"
}
vrrp_instance VI_10 {
    interface eth0
    virtual_router_id 10
}
"""


def test_definition_members_sync_daemon_arguments_and_scripts_follow(tmp_path: Path) -> None:
    made = plan(host(tmp_path, EVERYTHING, {"n.sh": SCRIPT}), "VI_1", "LAN")
    expected = EVERYTHING.replace("VI_10", "@").replace("VI_1", "LAN").replace("@", "VI_10")
    assert after(made) == expected.replace("# LAN", "# VI_1")
    assert after(made, "n.sh") == SCRIPT.decode().replace("VI_1)", "LAN)")
    assert ids(made) == [("rename/comment", "info")]
    assert made.source == made.target == NEW


def test_written_once_a_second_rename_is_refused_and_the_references_stay(tmp_path: Path) -> None:
    root = host(tmp_path, EVERYTHING, {"n.sh": SCRIPT})
    assert plan(root, "VI_1", "LAN").write()
    again = plan(root, "VI_1", "LAN")  # LAN is defined, VI_1 is not: as after a split, there is nothing left to do
    assert again.files == ()


SPLIT = """\
global_defs {
    lvs_sync_daemon eth1 GW
}
vrrp_sync_group G {
    group {
        GW
        LAN
    }
}
vrrp_instance "GW_v4" {
    interface eth0
    notify_master "/etc/keepalived/n.sh GW"
}
vrrp_instance GW_v6 {
    interface eth0
    notify_master "/etc/keepalived/n.sh GW"
}
vrrp_instance LAN {
    interface eth1
}
"""


def test_a_block_split_by_hand_takes_its_references_along(tmp_path: Path) -> None:
    script = SCRIPT.replace(b"VI_1", b"GW")
    made = plan(host(tmp_path, SPLIT, {"n.sh": script}), "GW", "GW_v4,GW_v6")
    text = after(made)
    assert "lvs_sync_daemon eth1 GW_v4\n" in text
    assert "        GW_v4\n        GW_v6\n        LAN\n" in text
    assert [line.strip() for line in text.splitlines() if "n.sh" in line] == [
        'notify_master "/etc/keepalived/n.sh GW_v4"',
        'notify_master "/etc/keepalived/n.sh GW_v6"',
    ]
    assert b"GW_v4|GW_v6)" in after(made, "n.sh").encode()
    assert ids(made) == [("rename/one-of-several", "review")]


@pytest.mark.parametrize(
    ("members", "left"),
    [
        ("GW_v4\n        GW\n        GW_v6\n", "GW_v4\n        GW_v6\n"),
        ("GW GW_v4 GW_v6\n", "GW_v4 GW_v6\n"),
        ("GW_v4 GW_v6 GW\n", "GW_v4 GW_v6\n"),
        ("GW_v6 GW\n", "GW_v6 GW_v4\n"),
    ],
)
def test_a_member_that_is_there_already_is_not_written_twice(tmp_path: Path, members: str, left: str) -> None:
    config = SPLIT.replace("GW\n        LAN\n", members)
    assert "        " + left + "    }\n" in after(plan(host(tmp_path, config), "GW", "GW_v4,GW_v6"))


def test_the_old_name_may_be_one_of_the_new_ones(tmp_path: Path) -> None:
    config = SPLIT.replace('"GW_v4"', "GW")
    root = host(tmp_path, config, {"n.sh": SCRIPT.replace(b"VI_1", b"GW")})
    made = plan(root, "GW", "GW,GW_v6")
    assert "        GW\n        GW_v6\n        LAN\n" in after(made)
    assert "lvs_sync_daemon eth1 GW\n" in after(made)
    assert "GW|GW_v6)" in after(made, "n.sh")
    assert made.write()
    assert plan(root, "GW", "GW,GW_v6").files == ()


def test_an_argument_that_could_be_either_of_several_is_a_decision(tmp_path: Path) -> None:
    config = SPLIT + 'vrrp_script chk {\n    script "/etc/keepalived/n.sh GW"\n}\n'
    root = host(tmp_path, config, {"n.sh": SCRIPT})
    made = plan(root, "GW", "GW_v4,GW_v6")
    assert ("rename/argument", "decision") in ids(made)
    assert ("rename/argument", "info") in ids(plan(root, "GW", "GW_v4,GW_v6", accept=["rename/argument"]))


def test_a_word_that_keepalived_says_itself_is_not_taken_for_a_name(tmp_path: Path) -> None:
    config = 'vrrp_instance MASTER {\n    notify_master "/etc/keepalived/n.sh MASTER"\n}\n'
    made = plan(host(tmp_path, config, {"n.sh": SCRIPT}), "MASTER", "LAN")
    assert ("rename/argument", "decision") in ids(made)
    assert after(made) == config.replace("instance MASTER", "instance LAN")


def test_a_check_that_is_handed_a_word_like_the_name_is_a_decision(tmp_path: Path) -> None:
    config = 'vrrp_script c {\n    script "/etc/keepalived/n.sh redis"\n}\nvrrp_instance redis {\n}\n'
    made = plan(host(tmp_path, config, {"n.sh": b"#!/bin/sh\n"}), "redis", "cache", kind="instance")
    assert ids(made) == [("rename/argument", "decision")]
    assert after(made) == config.replace("instance redis", "instance cache")


def test_a_path_that_holds_the_name_stays_and_is_reported(tmp_path: Path) -> None:
    config = 'vrrp_instance GW {\n    notify_master "/etc/keepalived/GW.sh"\n}\n'
    made = plan(host(tmp_path, config, {"GW.sh": b"#!/bin/sh\n"}), "GW", "LAN")
    assert ids(made) == [("rename/command-mentions", "review")]
    assert '"/etc/keepalived/GW.sh"' in after(made)


@pytest.mark.parametrize(
    ("release", "line", "expected"),
    [
        (OLD, "notify_master /etc/keepalived/n.sh GW MASTER", "notify_master /etc/keepalived/n.sh LAN MASTER"),
        (NEW, 'notify_master "/etc/keepalived/n.sh" GW', 'notify_master "/etc/keepalived/n.sh" GW'),  # a user
        (NEW, "notify_master '/etc/keepalived/n.sh GW' GW", "notify_master '/etc/keepalived/n.sh LAN' GW"),
        (NEW, 'notify_master "/bin/sh /etc/keepalived/n.sh GW"', 'notify_master "/bin/sh /etc/keepalived/n.sh LAN"'),
    ],
)
def test_only_the_words_of_the_command_are_arguments(
    tmp_path: Path, release: Release, line: str, expected: str
) -> None:
    root = host(tmp_path, f"vrrp_instance GW {{\n    {line}\n}}\n", {"n.sh": SCRIPT})
    assert after(plan(root, "GW", "LAN", release)) == f"vrrp_instance LAN {{\n    {expected}\n}}\n"


TWINS = """\
vrrp_sync_group GW {
    group {
        GW
    }
    notify_master "/etc/keepalived/n.sh GW"
}
vrrp_instance GW {
    notify_backup "/etc/keepalived/n.sh GW"
}
vrrp_script chk {
    script "/etc/keepalived/n.sh GW"
}
"""


def test_instance_and_group_of_one_name_must_be_told_apart(tmp_path: Path) -> None:
    root = host(tmp_path, TWINS, {"n.sh": SCRIPT.replace(b"VI_1", b"GW")})
    with pytest.raises(InputError, match="several things: instance, group"):
        plan(root, "GW", "LAN")
    made = plan(root, "GW", "LAN", kind="instance")
    text = after(made)
    assert 'vrrp_sync_group GW {\n    group {\n        LAN\n    }\n    notify_master "/etc/keepalived/n.sh GW"' in text
    assert 'vrrp_instance LAN {\n    notify_backup "/etc/keepalived/n.sh LAN"' in text
    assert ("rename/argument", "decision") in ids(made)  # the script's argument may mean either
    assert "LAN|GW)" in after(made, "n.sh")  # scripts are still called with the group's name


@pytest.mark.parametrize(
    ("kind", "definition", "use"),
    [
        ("servers", "virtual_server_group X {\n}\n", "virtual_server group X {\n}\n"),
        ("script", "vrrp_script X {\n}\n", "vrrp_instance V {\n    track_script {\n        X weight 5\n    }\n}\n"),
        ("file", "vrrp_track_file X {\n}\n", "vrrp_sync_group V {\n    track_file {\n        X\n    }\n}\n"),
        ("process", "vrrp_track_process X {\n}\n", "vrrp_instance V {\n    track_process {\n        X\n    }\n}\n"),
        ("bfd", "bfd_instance X {\n}\n", "vrrp_instance V {\n    track_bfd {\n        X\n    }\n}\n"),
    ],
)
def test_every_kind_of_name_takes_its_references_along(tmp_path: Path, kind: str, definition: str, use: str) -> None:
    config = definition + use
    made = plan(host(tmp_path, config), "X", "Y")
    assert after(made) == config.replace("X", "Y")
    assert made.renames[0].kind == kind


@pytest.mark.parametrize(
    "config",
    [
        "$NAME=GW\nvrrp_instance $NAME {\n    state MASTER\n}\n",
        '$HOOK="/x.sh GW"\nvrrp_instance GW {\n    notify_master $HOOK\n}\n',
    ],
)
def test_a_name_that_is_not_written_where_it_is_read_is_a_decision(tmp_path: Path, config: str) -> None:
    assert ("rename/not-editable", "decision") in ids(plan(host(tmp_path, config), "GW", "LAN"))


def test_a_definition_that_is_used_once_is_changed_where_it_stands(tmp_path: Path) -> None:
    config = "vrrp_instance GW {\n}\n$MEMBER=GW\nvrrp_sync_group G {\n    group {\n        $MEMBER\n    }\n}\n"
    assert after(plan(host(tmp_path, config), "GW", "LAN")) == config.replace("GW", "LAN")


def test_every_view_of_the_configuration_is_changed(tmp_path: Path) -> None:
    config = "@a vrrp_instance GW {\n@b vrrp_instance GW {\n}\nvrrp_sync_group G {\n    group {\n        GW\n    }\n}\n"
    assert after(plan(host(tmp_path, config), "GW", "LAN")) == config.replace("GW", "LAN")


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("GW", "LAN", "", "LAN is defined already"),
        ("GW", "A,B", "", "is still defined, and cannot become A, B by itself"),
        ("GW", "GW,B", "", "B is not defined"),
        ("NONE", "B", "", "defines no NONE, nor all of B"),
        ("NONE", "BOTH", "", "BOTH is the name of several things: instance, group"),
        ("GW", "B", "group", "defines no group GW"),
        ("GW", "B", "interface", "no kind of name"),
        ("GW", "GW", "", "nothing to rename"),
        ("GW", "", "", "cannot be a name"),
        ("GW", "A B", "", "cannot be a name"),
        ("GW", "A;B", "", "cannot be a name"),
        ("GW", "A\x1b[31m", "", "cannot be a name"),
        ("GW", "A\x7f", "", "cannot be a name"),
    ],
)
def test_names_that_do_not_fit_are_refused_with_a_cure(
    tmp_path: Path, old: str, new: str, kind: str, said: str
) -> None:
    root = host(
        tmp_path,
        "".join(f"vrrp_instance {name} {{\n}}\n" for name in ("GW", "LAN", "BOTH")) + "vrrp_sync_group BOTH {\n}\n",
    )
    with pytest.raises(InputError, match=said) as refused:
        plan(root, old, new, kind=kind)
    assert refused.value.cure


def test_the_command_shows_checks_writes_and_gives_a_patch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    words = ("rename", "GW", "LAN", "--root", str(tmp_path / "root"), "--release", "debian-jessie", "--no-daemon")

    def run(*more: str) -> tuple[int, str, str]:
        return inside(monkeypatch, capsys, *words, *more)

    status, out, _ = run()
    assert status == 0
    assert "+     LAN)" in out
    assert "1.2.13: 2 files to change" in out
    assert run("--check")[0] == 1
    assert json.loads(run("--format", "json")[1])["renames"][0]["new"][0]["name"] == "LAN"
    patch = tmp_path / "p"
    assert run("--patch", str(patch))[0] == 0
    assert subprocess.run(["git", "apply", "--check", str(patch)], cwd=tmp_path / "root", check=False).returncode == 0
    assert "puts them back" in run("--write")[2]
    assert b"LAN)" in (tmp_path / "root/etc/keepalived/default-route").read_bytes()
    status, _, err = run("--kind", "group")
    assert (status, "defines no group GW" in err) == (2, True)
    assert run("--release", "x")[0] == 2


def test_help_teaches_by_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keepalived_upgrade", "rename", "--help"], capture_output=True, text=True, check=True
    )
    assert "rename GW GW_v4,GW_v6" in " ".join(done.stdout.split())


def test_without_a_release_the_host_is_asked(tmp_path: Path) -> None:
    root = host(tmp_path, "vrrp_instance GW {\n}\n")
    words = [sys.executable, "-m", "keepalived_upgrade", "rename", "GW", "LAN", "--root", str(root), "--no-daemon"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "--release" in done.stderr) == (2, True)
    status = root / "var/lib/dpkg"
    status.mkdir(parents=True)
    (status / "status").write_text("Package: keepalived\nStatus: install ok installed\nVersion: 1:2.0.10-1\n")
    assert "2.0.10: 1 file" in subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_severities_are_those_that_stop_or_let_writing(tmp_path: Path) -> None:
    made = plan(host(tmp_path, TWINS, {"n.sh": SCRIPT}), "GW", "LAN", kind="group")
    assert {f.id for f in made.findings if f.severity is Severity.DECISION} == {"rename/argument"}
    assert "vrrp_sync_group LAN {\n    group {\n        GW\n" in after(made)
    assert 'notify_backup "/etc/keepalived/n.sh GW"' in after(made)


def test_members_of_a_track_group_are_instances_too(tmp_path: Path) -> None:
    config = "track_group T {\n    group {\n        GW\n    }\n}\nvrrp_instance GW {\n}\n"
    assert after(plan(host(tmp_path, config), "GW", "LAN")) == config.replace("GW", "LAN")


def test_a_member_that_is_not_written_where_it_is_read_is_a_decision(tmp_path: Path) -> None:
    config = "$M=GW\nvrrp_instance LAN {\n}\nvrrp_sync_group G {\n    group {\n        x$M\n        $M\n        $M\n    }\n}\n"
    made = plan(host(tmp_path, config), "GW", "LAN")
    assert ids(made) == [("names/configuration/definition", "review"), *[("rename/not-editable", "decision")] * 2]


def test_a_name_that_stays_beside_others_keeps_its_arguments(tmp_path: Path) -> None:
    hook = 'vrrp_sync_group G {\n    notify_master "/etc/keepalived/n.sh GW"\n}\n'
    config = hook + "vrrp_instance GW {\n}\nvrrp_instance GW6 {\n}\n"
    made = plan(host(tmp_path, config, {"n.sh": SCRIPT}), "GW", "GW,GW6")
    assert (made.files, ids(made)) == ((), [])


def test_a_new_name_that_a_pattern_of_a_script_catches_is_a_decision(tmp_path: Path) -> None:
    text = b"#!/bin/sh\ncase $2 in\nL*) ip r ;;\nGW) ip x ;;\nesac\n"
    root = host(tmp_path, "vrrp_instance GW {\n    notify /etc/keepalived/n.sh\n}\n", {"n.sh": text})
    assert ("names/shell/caught", "decision") in ids(plan(root, "GW", "LAN"))
    assert ids(plan(root, "GW", "DMZ")) == []


def test_what_does_not_mention_the_name_is_left_alone(tmp_path: Path) -> None:
    config = "# nothing\nvrrp_instance GW {\n\tstate MASTER # x\n}\r\nvrrp_instance B {\n}"
    assert after(plan(host(tmp_path, config), "B", "C")) == config.replace("instance B", "instance C")


@pytest.mark.daemon
def test_the_daemon_reads_both_texts_alike(tmp_path: Path, keepalived: str, namespaces: None) -> None:
    from keepalived_upgrade.proofs.daemon import daemon_release

    release = daemon_release(keepalived)
    assert release is not None
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    shutil.copy(CORPORA / "gateway-2017/by-hand.conf", tmp_path / "root" / MAIN[1:])
    made = rename(Site.open(MAIN, root=tmp_path / "root"), release, b"GW_v4", [b"LAN"])
    proof = next(p for p in made.proofs if p.name == "daemon")
    assert proof.result is Result.PASSED, proof.detail


def test_a_track_script_called_like_a_program_leaves_the_program_in_scripts_alone(tmp_path: Path) -> None:
    config = (
        'vrrp_script haproxy {\n    script "pidof haproxy"\n}\n'
        "vrrp_instance GW {\n    track_script {\n        haproxy\n    }\n    notify /etc/keepalived/n.sh\n}\n"
    )
    hook = b"#!/bin/sh\nfor service in haproxy nginx; do systemctl restart $service; done\n[ $4 = haproxy ] && exit 0\n"
    made = plan(host(tmp_path, config, {"n.sh": hook}), "haproxy", "chk_haproxy")
    assert [change.path for change in made.files] == [MAIN]
    assert sorted((f.id, f.place.path, f.place.line) for f in made.findings) == [
        ("names/text/mention", "/etc/keepalived/n.sh", 2),
        ("names/text/mention", "/etc/keepalived/n.sh", 3),
        ("rename/argument", MAIN, 2),
    ]
