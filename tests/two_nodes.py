"""Two routers with the same site, each in a network namespace, started, stopped, killed and cut off.

What is seen at each step (addresses, routes, rules, calls, what keepalived tells of its instances) is compared with
what the effect model says of the two configurations. `python tests/two_nodes.py`, as root, does it with every host of
corpora/, before and after the upgrade, with every keepalived at hand, and prints the agreement by category.

A kernel without IPVS ends keepalived's checkers, and everything with them: there only its VRRP is started, and
`lvs_sync_daemon` is left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon_matrix import CONFIG, HOSTS, daemons_at_hand
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.model.effect import effect_of
from keepalived_upgrade.model.effect_values import Effect, Surroundings
from keepalived_upgrade.proofs.run import interfaces_of
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import read_site
from node import IPVS, Node
from node_effect import (
    Call,
    expected_addresses,
    expected_calls,
    expected_dump,
    expected_routes,
    expected_rules,
    order_of,
    staying_routes,
    told_of,
)

OLD = Release(1, 2, 13)
# What becomes of a host: nothing, or the upgrade with these choices.
SIDES: dict[str, MixedChoice | None] = {
    "before": None,
    "after": MixedChoice(),
    "after, excluded": MixedChoice(cure="excluded"),
    "after, notify both": MixedChoice(notify="both"),
    "after, notify group": MixedChoice(notify="group"),
}
# Notes who is called as whom with what, in one write, and then does what the host's own script of the name does.
_RECORDER = """#!/bin/sh
umask=$(umask)
line="${{0##*/}} $(id -u) $umask"
for word; do line="$line[$word]"; done
(umask 022; printf '%s\\n' "$line" >>{calls})
[ ! -x "$0.own" ] || exec "$0.own" "$@"
"""
LINKS_BACK = "its links come back"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One comparison. seen, said: what was compared."""

    category: str
    where: str
    seen: Any
    said: Any

    @property
    def agrees(self) -> bool:
        """Whether it was as it must be."""
        return bool(self.seen == self.said)


@dataclass
class Pair:
    """The two routers, their switch, and what was compared so far. master: the one that wins."""

    executable: str
    switch: str
    master: Node
    backup: Node
    has_default_route: bool
    verdicts: list[Verdict] = field(default_factory=list)

    def play(self) -> list[Verdict]:
        """Go through it all, and give every comparison."""
        first, other = self.master, self.backup
        if first.effect.stops:
            first.start(self.executable)
            self._note("stops", "start", _ends(first), True)
            return self.verdicts
        start: Sequence[bytes] | None = None
        self._step("the master starts", lambda: first.start(self.executable), "MASTER", start, "", ())
        self._tell(first)
        self._step("the other starts", lambda: other.start(self.executable), "MASTER", (), "BACKUP", (b"BACKUP",), 4.5)
        self._tell(other)
        self._step("the master is stopped", first.stop, "", (b"STOP",), "MASTER", (b"MASTER",))
        back: tuple[bytes, ...] = (b"BACKUP",)
        self._step("it comes back", lambda: first.start(self.executable), "MASTER", start, "BACKUP", back)
        self._step("the master is killed", first.kill, "killed", (), "MASTER", (b"MASTER",))
        self._step("it comes back from that", lambda: first.start(self.executable), "MASTER", start, "BACKUP", back)
        self._step("its links go down", lambda: self._links("down"), "FAULT", (b"FAULT",), "MASTER", (b"MASTER",))
        again = (b"BACKUP", b"MASTER")
        self._step(LINKS_BACK, lambda: self._links("up"), "MASTER", again, "BACKUP", back)
        self._step("the backup is stopped", other.stop, "MASTER", (), "", (b"STOP",))
        self._step("the master is stopped too", first.stop, "", (b"STOP",), "", ())
        return self.verdicts

    def _links(self, state: str) -> None:
        """Pull, or put back, the cables of the master at the switch."""
        for line in subprocess.run(
            ["ip", "-n", self.switch, "-o", "link", "show"], capture_output=True, text=True, check=True
        ).stdout.splitlines():
            port = line.split()[1].partition("@")[0]
            if re.fullmatch(r"p2-\d+", port):
                subprocess.run(["ip", "-n", self.switch, "link", "set", port, state], check=True)

    def _step(
        self,
        what: str,
        act: Callable[[], object],
        first: str,
        first_calls: Sequence[bytes] | None,
        other: str,
        other_calls: Sequence[bytes] | None,
        least: float = 0.0,
    ) -> None:
        """Do something; wait for what must come of it; compare. A node in state "" does not run."""
        act()
        time.sleep(least)
        states = ((self.master, first, first_calls), (self.backup, other, other_calls))
        wanted = {node.name: expected_calls(node.effect, calls) for node, _, calls in states}
        seen: dict[str, list[Call]] = {node.name: [] for node, _, _ in states}

        def settled() -> bool:
            good = True
            for node, state, _ in states:
                seen[node.name] += node.new_calls()
                good = good and Counter(seen[node.name]) >= Counter(wanted[node.name])
                if state != "killed":
                    effect = node.effect if state else Effect(node.effect.release)
                    good = good and node.addresses() == expected_addresses(effect, state == "MASTER")
            return good

        _wait(settled)
        time.sleep(0.6)
        for node, state, _ in states:
            seen[node.name] += node.new_calls()
            where = f"{what}: {node.name[-1]}"
            calls = seen[node.name], wanted[node.name]
            # From 2.3.3 an instance of no group calls for BACKUP again when a second interface comes back.
            self._note("calls", where, *map(set if what == LINKS_BACK else Counter, calls))
            self._note("order of calls", where, *map(order_of, calls))
            if state == "killed":
                continue
            is_master, runs = state == "MASTER", state != ""
            effect = node.effect if runs else Effect(node.effect.release)
            self._note("addresses", where, node.addresses(), expected_addresses(effect, is_master))
            node.left |= staying_routes(effect) if is_master else set()
            self._note("routes", where, node.routes(), expected_routes(effect, is_master) | node.left)
            self._note("rules", where, node.rules(), expected_rules(effect, is_master))
            if self.has_default_route:
                self._note("routes of the script", where, node.default_routes(), 2 if is_master else 0)
            if runs:
                seen_states = {name: values.get("State") for name, values in node.dump().items()}
                self._note("states", where, seen_states, dict.fromkeys(expected_dump(effect), state))

    def _tell(self, node: Node) -> None:
        said = expected_dump(node.effect)
        self._note("instances", f"as told by {node.name[-1]}", told_of(node.dump(), said), said)

    def _note(self, category: str, where: str, seen: Any, said: Any) -> None:
        self.verdicts.append(Verdict(category, where, seen, said))


def _ends(node: Node) -> bool:
    return _wait(lambda: node.process is not None and node.process.poll() is not None, 5)


def _wait(what: Callable[[], bool], seconds: float = 14) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.25)
    return what()


@contextmanager
def pair_of(host: Path, side: str, executable: str, release: Release) -> Iterator[Pair]:
    """Make the two routers of a host, on one side of the upgrade; afterwards everything is taken away."""
    tag = f"kt{os.getpid()}-{next(_numbers)}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        nodes = [_make_node(host, side, release, folder, tag, number) for number in (2, 3)]
        try:
            _cable(host, nodes, f"{tag}s")
            default = any((host / "root").rglob("default-route"))
            yield Pair(executable, f"{tag}s", *nodes, default)
        finally:
            for node in nodes:
                node.kill()
            for space in (*(node.name for node in nodes), f"{tag}s"):
                subprocess.run(["ip", "netns", "delete", space], check=False, capture_output=True)


_numbers = iter(range(10**6))


def _make_node(host: Path, side: str, release: Release, folder: Path, tag: str, number: int) -> Node:
    name = f"{tag}{'ab'[number - 2]}"
    home = folder / name
    root = home / "root"
    shutil.copytree(host / "root", root)
    for inner in ("run", "bin", "tmp"):
        (home / inner).mkdir()
    if number == 3:
        _make_backup(root)
    choice = SIDES[side]
    if choice is not None:
        plan = upgrade(Site.open(CONFIG, root=root), OLD, release, Choices(mixed=choice), daemon="")
        plan = plan if not plan.decisions() else _accepting(root, release, choice, plan.decisions())
        plan.write()
    if not IPVS:
        for file in (root / "etc/keepalived").rglob("*.conf"):
            text = re.sub(rb"(?m)^[ \t]*lvs_sync_daemon(?:_interface)?[ \t].*$", b"", file.read_bytes())
            file.write_bytes(text)
    (root / "etc/keepalived/keepalived.config-opts").touch()
    config = read_site(Site.open(CONFIG, root=root), release)
    users = frozenset(line.partition(b":")[0] for line in Path("/etc/passwd").read_bytes().splitlines())
    around = Surroundings(users=users, script_user=b"keepalived_script" in users)
    effect = effect_of(config, around)
    _record(home, effect)
    return Node(number, name, home, effect)


def old_effect(host: Path) -> Effect:
    """Give what the old release does with a host, by the model."""
    return effect_of(read_site(Site.open(CONFIG, root=host / "root"), OLD))


def _accepting(root: Path, release: Release, choice: MixedChoice, decisions: Sequence[Any]) -> Any:
    accept = frozenset(finding.id for finding in decisions)
    choices = Choices(mixed=choice, accept=accept)
    return upgrade(Site.open(CONFIG, root=root), OLD, release, choices, daemon="")


def _make_backup(root: Path) -> None:
    """The other router of a site has the same configuration with state BACKUP and 50 less of priority."""
    for file in (root / "etc/keepalived").rglob("*.conf"):
        text = file.read_bytes().replace(b"state MASTER", b"state BACKUP")
        lower = re.sub(rb"(?m)^([ \t]*priority[ \t]+)(\d+)", lambda m: m[1] + b"%d" % (int(m[2]) - 50), text)
        file.write_bytes(lower)


def _record(home: Path, effect: Effect) -> None:
    """Put recorders where the programs stand that the configuration runs."""
    actions = [action for owner in (*effect.instances, *effect.groups) for action in owner.actions]
    checks = {check.command.argv[0].decode().split()[0] for check in effect.checks}
    for program in {action.argv[0].decode() for action in (*effect.actions, *actions)} | checks:
        own = home / "root" / program[1:]
        place = own if program.startswith("/etc/keepalived/") else home / "bin" / program.rpartition("/")[2]
        if own.is_file():
            own.rename(place.with_name(place.name + ".own"))
        place.write_text(_RECORDER.format(calls=home / ("checks" if program in checks else "calls")))
        place.chmod(0o755)
    # What the check of director looks for runs.
    killall = home / "bin/killall"
    killall.write_text("#!/bin/sh\nexit 0\n")
    killall.chmod(0o755)


def _cable(host: Path, nodes: Sequence[Node], switch: str) -> None:
    for space in (switch, *(node.name for node in nodes)):
        subprocess.run(["ip", "netns", "add", space], check=True)
        for setting in ("all.accept_dad", "default.accept_dad"):
            command = ["ip", "netns", "exec", space, "sysctl", "-qw", f"net.ipv6.conf.{setting}=0"]
            subprocess.run(command, check=True)
        subprocess.run(["ip", "-n", space, "link", "set", "lo", "up"], check=True)
    for place, (interface, addresses) in enumerate(_networks(host).items()):
        subprocess.run(["ip", "-n", switch, "link", "add", f"br{place}", "type", "bridge"], check=True)
        subprocess.run(["ip", "-n", switch, "link", "set", f"br{place}", "up"], check=True)
        for node in nodes:
            port = f"p{node.number}-{place}"
            ends = ["type", "veth", "peer", "name", interface, "netns", node.name]
            subprocess.run(["ip", "link", "add", port, "netns", switch, *ends], check=True)
            subprocess.run(["ip", "-n", switch, "link", "set", port, "master", f"br{place}", "up"], check=True)
            subprocess.run(["ip", "-n", node.name, "link", "set", interface, "up"], check=True)
            for address in addresses:
                more = ["nodad"] if ":" in address else []
                own = address.replace("N", str(node.number))
                add = ["ip", "-n", node.name, "address", "add", own, "dev", interface, *more]
                subprocess.run(add, check=True)
    time.sleep(0.3)  # the kernel's own link-local addresses
    for node in nodes:
        node.own = {line.partition("\\")[0] for line in node.inside("ip", "-o", "address", "show")}


def _networks(host: Path) -> Mapping[str, Sequence[str]]:
    """The interfaces of a host with addresses: by its live.toml, else networks for measurements."""
    settings = host / "live.toml"
    if settings.exists():
        return dict(tomllib.loads(settings.read_text(encoding="utf-8"))["addresses"])
    config = read_site(Site.open(CONFIG, root=host / "root"), OLD)
    names = sorted({name.decode() for name in interfaces_of((config,))})
    return {name: (f"198.18.{n}.N/24", f"fd00:{n}::N/64") for n, name in enumerate(names)}


def play(host: Path, side: str, executable: str, release: Release) -> tuple[list[Verdict], str]:
    """Play one scenario, and give its comparisons and what both daemons wrote."""
    with pair_of(host, side, executable, release) as pair:
        verdicts = pair.play()
        return verdicts, pair.master.said() + "\n---\n" + pair.backup.said()


def main() -> int:
    """Print what did not agree, and the figures. The status is 1 if anything did not."""
    daemons = daemons_at_hand()
    only = sys.argv[1:]
    jobs = [(host, side, release) for host in HOSTS for side in SIDES for release in sorted(daemons)]
    jobs = [job for job in jobs if all(word in (job[0].name, job[1], str(job[2])) for word in only)]
    with ThreadPoolExecutor(10) as pool:
        played = list(pool.map(lambda job: play(job[0], job[1], daemons[job[2]], job[2]), jobs))
    counts: dict[tuple[Release, str], list[int]] = {}
    for (host, side, release), (verdicts, log) in zip(jobs, played, strict=True):
        wrong = [verdict for verdict in verdicts if not verdict.agrees]
        for verdict in wrong:
            print(f"{host.name} {side} {release}: {verdict.category}: {verdict.where}")
            print(f"    seen {verdict.seen}\n    said {verdict.said}")
        if wrong and only:
            print(log)
        for verdict in verdicts:
            cell = counts.setdefault((release, verdict.category), [0, 0])
            cell[0] += verdict.agrees
            cell[1] += 1
    for (release, category), (good, of) in sorted(counts.items()):
        print(f"{release!s:<7}{category:<22}{good:>5} of {of}")
    return int(any(good != of for good, of in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
