"""Scripts that depend on a name without saying it: what is said of them, and what is no such place."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from script_harness import follow

NAMES = {b"VI_1": (b"VI_1_v4", b"VI_1_v6")}
ASKED, USED = Severity.DECISION, Severity.REVIEW

SHELL = {
    'id=${2##*_}\n[ "$id" = 1 ] && act': ASKED,
    "act ${2#VI_}": USED,
    "act ${2:3}": USED,
    'case ${2:0:4} in VI_1) act ;; esac\nx=${2:3:1}; [ "$x" = 1 ]': None,
    'n=$(echo $2 | cut -d_ -f3)\n[ -n "$n" ] && act': ASKED,
    "n=$(echo $2 | awk -F_ '{print $3}')\n[ -n \"$n\" ] && act": ASKED,
    "n=$(echo $2 | awk -F_ '{print $2}')\n[ \"$n\" = 1 ] && act": None,
    'for i in 1 2; do [ "$2" = "VI_$i" ] && act; done\nexit': ASKED,
    "for i in 1 2; do ip link set VI_$i up; done": None,
    "[[ $2 =~ ^VI_[0-9]+$ ]] && act": ASKED,
    "if echo $2 | grep -qE '^VI_[[:digit:]]$'; then act; fi": ASKED,
    "[[ $2 =~ ^VI_ ]] && act": None,
    "[[ $2 =~ ^VI_[0-9 ]] && act": None,
    'up_VI_1() { act; }\n"up_$2"': ASKED,
    '[ "${2,,}" = vi_1 ] && act': ASKED,
    "# [[ $2 =~ ^VI_[0-9]+$ ]]\nact $2": None,
    "lang=${LANG%%_*}\nact $lang": None,
    "x=a_b_c\nact ${x##*_}": None,
    'for w in "$@"; do act ${w#VI_}; done': USED,
}
PYTHON = {
    'if name.split("_")[-1] == "1": act()': ASKED,
    'if name.rsplit("_", 1)[1] == "1": act()': ASKED,
    'if name.partition("_")[2] == "1": act()': ASKED,
    'if name.rpartition("_")[2] == "1": act()': ASKED,
    'if name.split("_")[5] == "1": act()': None,
    'if name.replace("VI_", "") == "1": act()': ASKED,
    'if name.removeprefix("VI_") == "1": act()': ASKED,
    'if sys.argv[2][3:] == "1": act()': ASKED,
    "act(name[3:])": USED,
    "act(name[3:-])": None,
    "act(sys.argv[1:])": None,
    "act(text[3:])": None,
    "number = name[3:]\nact(number)\nif number: act()": ASKED,
    'if re.match(r"VI_\\d+$", name): act()': ASKED,
    'if re.match(r"VI_\\d+", name): act()': None,
    'if re.match("VI_[", name): act()': None,
    'if name.endswith("_v6"): act()': ASKED,
    'if name.startswith("VI_"): act()': None,
    'if name == "VI_{}".format(n): act()': ASKED,
    'if name == f"VI_{n}": act()': ASKED,
    'if name == "VI_" + str(n): act()': ASKED,
    'P = "VI_"\nif name == P + "1": act()': ASKED,
    'if name == n + "I_1": act()': ASKED,
    'def up_VI_1(): act()\nglobals()["up_%s" % name]()': ASKED,
    'if name.lower() == "vi_1": act()': ASKED,
    '# if name.endswith("_v6"): act()': None,
}


@pytest.mark.parametrize("body", SHELL)
def test_a_shell_script_that_does_not_say_the_name(body: str) -> None:
    check(f"#!/bin/bash\n{body}\n".encode(), "names/shell/pieces", SHELL[body])


@pytest.mark.parametrize("body", PYTHON)
def test_a_python_script_that_does_not_say_the_name(body: str) -> None:
    head = "#!/usr/bin/python3\nimport re, sys\nname = sys.argv[2]\n"
    check(f"{head}{body}\n".encode(), "names/python/pieces", PYTHON[body])


def check(source: bytes, id: str, severity: Severity | None) -> None:
    result, after = follow(source, NAMES)
    assert after == source
    found = {finding.severity for finding in result.findings if finding.id == id}
    assert found == ({severity} if severity else set()), result.findings
    assert all(finding.place.line > 1 and finding.cure for finding in result.findings)


TAKES_APART = b'#!/bin/sh\nid=${2##*_}\n[ "$id" = 1 ] && act\n'


@pytest.mark.parametrize(
    ("source", "found"),
    [(TAKES_APART, False), (TAKES_APART + b"echo the VI is down\n", True), (TAKES_APART + b"echo vi_1\n", True)],
    ids=["says nothing of a name", "says a part of one", "says one in small letters"],
)
def test_a_script_that_keepalived_does_not_hand_its_names_to(source: bytes, found: bool) -> None:
    assert bool(follow_file("/x", source, NAMES, handed=False).findings) == found
    assert follow_file("/x", source, NAMES).findings


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("/opt", ("/opt/called.sh",)),
        ("/opt/by-hand.sh", ("/opt/called.sh", "/opt/by-hand.sh")),
        ("/srv", ("/opt/called.sh", "/srv/keepalived/hook.sh")),
    ],
    ids=["a folder", "a file", "a folder that holds keepalived's"],
)
def test_what_is_handed_a_name(given: str, found: tuple[str, ...], tmp_path: Path) -> None:
    config = b"""vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 5
    virtual_ipaddress {
        192.0.2.1/24
        2001:db8::1/64
    }
    notify /etc/keepalived/notify.sh
}
"""
    texts = {
        "etc/keepalived/keepalived.conf": config,
        "etc/keepalived/notify.sh": b'#!/bin/sh\n/opt/called.sh "$@"\n',
        "srv/keepalived/hook.sh": TAKES_APART,
        "srv/other.sh": TAKES_APART,
        "opt/called.sh": TAKES_APART,
        "opt/by-hand.sh": TAKES_APART,
    }
    for path, text in texts.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        file.chmod(0o755)
    site = Site.open("/etc/keepalived/keepalived.conf", root=tmp_path)
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), scripts=[given], daemon="")
    apart = [finding.place.path for finding in plan.findings if finding.id == "names/shell/pieces"]
    assert sorted(apart) == sorted(found)
