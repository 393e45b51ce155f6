"""The effect model against the installed keepalived, in a network namespace, with configurations that no probe holds."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keepalived_upgrade.conf.reader import read_config
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect import effect_of
from keepalived_upgrade.model.effect_values import Effect, Surroundings
from keepalived_upgrade.proofs.daemon import daemon_release
from keepalived_upgrade.proofs.run import interfaces_of
from lone_node import calls_of
from probe_categories import addresses, complaints, rules, unknown
from probes import Observation

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "shared/corpus/configs").glob("*"))
pytestmark = [pytest.mark.daemon, pytest.mark.netns]
# Waits for what the configuration brings up, then shows it and stops keepalived.
RUN = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
ip link set lo up
for n in 0 1; do
    ip link add eth$n type veth peer name far$n
    ip link set eth$n up
    ip link set far$n up
    ip address add 192.0.2.$((n * 100 + 2))/25 dev eth$n
    ip address add 2001:db8:$n::2/64 dev eth$n nodad
done
"$1" --dont-fork --log-console --use-file "$2" >"$3/log" 2>&1 </dev/null &
daemon=$!
sleep "$4"
ip -o address show >"$3/addresses"
{ ip route show table all proto keepalived; ip -6 route show table all proto keepalived; } >"$3/routes" 2>/dev/null
{ ip rule show; ip -6 rule show; } >"$3/rules"
if kill "$daemon" 2>/dev/null; then echo alive >"$3/exit"; else echo ended >"$3/exit"; fi
for n in 1 2 3 4 5 6 7 8; do
    kill -0 "$daemon" 2>/dev/null || exit 0
    sleep 0.5
done
kill -9 "$daemon"
"""
RECORDER = """#!/bin/sh
umask=$(umask)
umask 022
line="${0##*/} $(id -u) $umask"
for word; do line="$line[$word]"; done
printf '%s\\n' "$line" >>FOLDER/calls  # in one write: several scripts run at a time
"""
HEAD = "state MASTER\n interface eth0\n advert_int 1\n"
FACTS = {
    "options of addresses, both families, a label": f"""
vrrp_instance A {{
 {HEAD} virtual_router_id 11
 priority 120
 notify SCRIPTS/n.sh
 notify_master "SCRIPTS/m.sh 'one word' two"
 virtual_ipaddress {{
  192.0.2.11/25 dev eth0 label eth0:eleven
  192.0.2.12/32 brd 192.0.2.127
  192.0.2.13/25 noprefixroute
  2001:db8::11/64
  192.0.2.113/25 dev eth1
 }}
 virtual_ipaddress_excluded {{ 2001:db8::12/128
  192.0.2.14 }}
}}
""",
    "a sync group of both families with hooks, routes and rules": f"""
vrrp_sync_group G {{
 group {{ FOUR SIX }}
 notify SCRIPTS/g.sh
}}
vrrp_instance FOUR {{
 {HEAD} virtual_router_id 21
 priority 90
 notify SCRIPTS/n.sh
 virtual_ipaddress {{ 192.0.2.21/25 }}
 virtual_routes {{ 198.51.100.0/24 via 192.0.2.1 dev eth0 metric 7 }}
 virtual_rules {{ from 198.51.100.0/24 table 77 priority 900
  to 203.0.113.0/24 table 78 }}
}}
vrrp_instance SIX {{
 {HEAD} virtual_router_id 21
 priority 90
 notify_backup "SCRIPTS/b.sh"
 virtual_ipaddress {{ fe80::21/64
  2001:db8::21/64 }}
}}
""",
    "an unknown block closes its instance, the next one runs": f"""
vrrp_instance A {{
 {HEAD} virtual_router_id 31
 no_such_block {{
  word
 }}
 virtual_ipaddress {{ 192.0.2.31/25 }}
}}
vrrp_instance B {{
 {HEAD} virtual_router_id 32
 priority 300
 virtual_ipaddress {{ 192.0.2.32/25
  192.0.2.999/25
  not-an-address }}
}}
""",
    "a command twice, one without its user, one of another user": f"""
vrrp_instance A {{
 {HEAD} virtual_router_id 41
 priority 255
 notify_master "SCRIPTS/m.sh first"
 notify_master "SCRIPTS/m.sh second"
 notify_stop SCRIPTS/s.sh nobody
 notify SCRIPTS/n.sh nosuchuser
 virtual_ipaddress {{ 192.0.2.41/25 }}
}}
vrrp_instance A {{
 {HEAD} virtual_router_id 42
 virtual_ipaddress {{ 192.0.2.42/25 }}
}}
""",
    "definitions, conditions and a sequence": f"""
$BASE=192.0.2.
vrrp_instance A {{
 {HEAD} virtual_router_id 51
 @other priority 10
 @^other priority 110
 notify "SCRIPTS/n.sh own"
 virtual_ipaddress {{
  ~SEQ(N, 51, 53) ${{BASE}}${{N}}/25
 }}
}}
""",
    "the same VRID twice on one interface": f"""
vrrp_instance A {{
 {HEAD} virtual_router_id 61
 priority 100
 virtual_ipaddress {{ 192.0.2.61/25 }}
}}
vrrp_instance B {{
 {HEAD} virtual_router_id 61
 priority 100
 virtual_ipaddress {{ 192.0.2.62/25 }}
}}
""",
    "an interface that is not there": """
vrrp_instance A {
 state MASTER
 interface eth7
 virtual_router_id 71
 priority 100
 virtual_ipaddress { 192.0.2.71/25 }
}
""",
}


@pytest.fixture
def lab() -> Iterator[Path]:
    """A folder that other users can enter too: pytest's own ones are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def run(folder: Path, keepalived: str, text: str) -> tuple[dict[str, Any], Effect]:
    """Run keepalived on a text, and give what was seen and what the model says of it."""
    for name in ("n", "m", "b", "s", "g"):
        script = folder / f"{name}.sh"
        script.write_text(RECORDER.replace("FOLDER", str(folder)))
        script.chmod(0o755)
    (folder / "calls").touch()
    (folder / "calls").chmod(0o666)
    config = folder / "keepalived.conf"
    config.write_text(text.replace("SCRIPTS", str(folder)))
    command = ["unshare", "-n", "-m", "-p", "-f", "--kill-child", "sh", "-c", RUN, "sh"]
    command += [keepalived, str(config), str(folder), "6"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (folder / "exit").exists(), done.stderr
    seen = {
        "addresses": [line for line in map(_address, _lines(folder / "addresses")) if line],
        "routes": _lines(folder / "routes"),
        "rules": [line for line in _lines(folder / "rules") if re.search(r"lookup \d+", line)],
        "calls": {_call(line) for line in _lines(folder / "calls")},
        "exit": "alive" if (folder / "exit").read_text().strip() == "alive" else "0",
        "log": (folder / "log").read_text(errors="replace"),
    }
    release = daemon_release(keepalived)
    assert release is not None
    tree = read_config(str(config), config.read_bytes(), release, _NoFiles(), b"")
    around = Surroundings(
        interfaces=frozenset((b"lo", b"eth0", b"eth1")), users=frozenset((b"root", b"nobody")), script_user=False
    )
    return seen, effect_of(Config(tree, release, str(config)), around)


class _NoFiles:
    def read(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        return []

    def kind(self, path: str) -> str:
        return "missing"


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.exists() else []


def _address(line: str) -> str:
    """A line of `ip -o address` as the probes have it; "" for those that the laboratory set or that are local."""
    words = line.partition("\\")[0].split()[1:]
    own = re.fullmatch(r"(192\.0\.2\.(2|102)|127\.0\.0\.1|::1|2001:db8(:1)?::2|fe80:.*)/\d+", words[2])
    return "" if own else " ".join(word for word in words if word not in ("keepalived", "proto"))


def _call(line: str) -> tuple[str, int, tuple[str, ...]]:
    name, uid, rest = line.split(" ", 2)
    return name, int(uid), tuple(re.findall(r"\[(.*?)\](?=\[|$)", rest))


@pytest.mark.parametrize("situation", FACTS)
def test_the_daemon_does_what_the_model_says(situation: str, lab: Path, keepalived: str, namespaces: None) -> None:
    seen, said = run(lab, keepalived, FACTS[situation])
    if said.stops:
        assert seen["exit"] != "alive", seen["log"]
        return
    observation = Observation(situation, str(said.release), "live", seen | {"messages": []})
    pair = addresses(observation, said)
    assert pair is not None
    assert pair[0] == pair[1], seen["log"]
    pair = rules(observation, said)
    assert pair is None or pair[0] == pair[1], seen["rules"]
    found, expected = _routes(seen["routes"]), {r.destination for i in said.instances for r in i.routes}
    assert found == expected
    assert seen["calls"] == calls_of(said), seen["log"]


def _routes(lines: list[str]) -> set[str]:
    return {line.split()[0] for line in lines}


@pytest.mark.skipif(not CONFIGS, reason="the corpus does not lie beside this checkout")
def test_the_daemon_complains_of_the_lines_that_the_model_names(
    tmp_path: Path, keepalived: str, namespaces: None
) -> None:
    """Real configurations, each put before `keepalived -t` with stand-ins for its interfaces."""
    release = daemon_release(keepalived)
    assert release is not None
    wrong = []
    for number, config in enumerate(CONFIGS):
        text = tmp_path / f"{number}.conf"
        text.write_bytes(config.read_bytes())
        tree = read_config(str(text), text.read_bytes(), release, _NoFiles(), b"")
        read = Config(tree, release, str(text))
        names = sorted({name for name in interfaces_of((read,)) if re.fullmatch(rb"[\w.@-]{1,15}", name)})
        around = Surroundings(interfaces=frozenset((b"lo", *names)), script_user=False)
        said = effect_of(read, around)
        seen = Observation(config.name, str(release), "chk", {"messages": _test(keepalived, text, names), "exit": ""})
        pairs = [unknown(seen, said), complaints(seen, said)]
        if any(pair is not None and pair[0] != pair[1] for pair in pairs):
            wrong.append((config.name, pairs))
    share = 1 - len(wrong) / len(CONFIGS)
    print(f"\n{len(CONFIGS) - len(wrong)} of {len(CONFIGS)} real configurations agree line by line with {release}")
    assert share >= 0.97, wrong


def _test(keepalived: str, config: Path, interfaces: list[bytes]) -> list[str]:
    """What a configuration test says, in a namespace that has the interfaces, all up and with addresses."""
    steps = ["ip link set lo up"]
    for number, name in enumerate(item.decode() for item in interfaces):
        steps += [
            f"ip link add {name} type veth peer name far{number}",
            f"ip link set {name} up",
            f"ip address add 198.18.{number}.2/24 dev {name}",
            f"ip -6 address add fd99:{number}::2/64 dev {name} nodad",
        ]
    script = "\n".join(f"{step} 2>/dev/null" for step in steps) + '\ntimeout 10 "$1" -t -f "$2" 2>&1'
    command = ["unshare", "-n", "sh", "-c", script, "sh", keepalived, str(config)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    return done.stdout.splitlines()


def test_the_umask_of_scripts_is_what_the_model_says(lab: Path, keepalived: str, namespaces: None) -> None:
    seen, said = run(lab, keepalived, FACTS["definitions, conditions and a sequence"])
    umasks = {line.split()[2].partition("[")[0] for line in _lines(lab / "calls")}
    assert umasks == {action.umask.decode() for instance in said.instances for action in instance.actions}, json.dumps(
        seen["log"]
    )
