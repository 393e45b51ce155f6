"""The outage of 2017, replayed: router, upstream and client in network namespaces, with Debian's keepalived.

(a) the old file on the new release: the IPv6 gateway address is missing. (b) split by hand, script untouched: the
addresses are up, and no client gets an answer. (c) our output: all of it works, and the hook runs once.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import parse_release
from keepalived_upgrade.site import Site

HOST = Path(__file__).resolve().parents[1] / "corpora/gateway-2017"
CONFIG = "etc/keepalived/keepalived.conf"
pytestmark = [pytest.mark.daemon, pytest.mark.netns]


class Lab:
    """Three namespaces: client – lan0 router up0 – upstream; the router has the host's /etc/keepalived and a /run."""

    def __init__(self, folder: Path, keepalived: str) -> None:
        self.folder = folder
        self.keepalived = keepalived
        tag = f"ku{os.getpid()}"
        self.router, self.client, self.upstream = f"{tag}r", f"{tag}c", f"{tag}u"
        self.root = folder / "root"
        self.process: subprocess.Popen[bytes] | None = None

    def set_up(self) -> None:
        for name in (self.router, self.client, self.upstream):
            self.run("ip", "netns", "add", name)
            self.inside(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
            self.inside(name, "ip", "link", "set", "lo", "up")
        self.cable(self.router, "lan0", self.client, "eth0")
        self.cable(self.router, "up0", self.upstream, "eth0")
        for name, device, four, six in (
            (self.router, "lan0", "192.0.2.2/24", "2001:db8:17::2/64"),
            (self.router, "up0", "198.51.100.2/24", "2001:db8:ff::2/64"),
            (self.client, "eth0", "192.0.2.10/24", "2001:db8:17::10/64"),
            (self.upstream, "eth0", "198.51.100.1/24", "2001:db8:ff::1/64"),
            (self.upstream, "lo", "203.0.113.1/32", "2001:db8:aaaa::1/128"),
        ):
            self.inside(name, "ip", "address", "add", four, "dev", device)
            self.inside(name, "ip", "address", "add", six, "dev", device, "nodad")
        self.inside(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self.inside(self.client, "ip", "route", "add", "default", "via", "192.0.2.1")
        self.inside(self.client, "ip", "-6", "route", "add", "default", "via", "2001:db8:17::1")
        self.inside(self.upstream, "ip", "route", "add", "192.0.2.0/24", "via", "198.51.100.2")
        self.inside(self.upstream, "ip", "-6", "route", "add", "2001:db8:17::/64", "via", "2001:db8:ff::2")

    def cable(self, one: str, device: str, other: str, far: str) -> None:
        self.run("ip", "link", "add", device, "netns", one, "type", "veth", "peer", "name", far, "netns", other)
        self.inside(one, "ip", "link", "set", device, "up")
        self.inside(other, "ip", "link", "set", far, "up")

    def run(self, *command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    def inside(self, name: str, *command: str) -> str:
        return self.run("ip", "netns", "exec", name, *command)

    def start(self) -> None:
        """Start keepalived on the router; its mount namespace has the host's files in their own places."""
        run = self.folder / "run"
        run.mkdir()
        script = (
            f'mount --make-rprivate / && mkdir -p /etc/keepalived && mount --bind "{self.root}/etc/keepalived" '
            f'/etc/keepalived && mount --bind "{run}" /run && exec "{self.keepalived}" --dont-fork --log-console '
            "--log-detail --use-file /etc/keepalived/keepalived.conf"
        )
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.router, "unshare", "-m", "sh", "-c", script], stdout=self.log, stderr=self.log
        )

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def tear_down(self) -> None:
        self.stop()
        for name in (self.router, self.client, self.upstream):
            pids = subprocess.run(
                ["ip", "netns", "pids", name], capture_output=True, text=True, check=False
            ).stdout.split()
            for pid in pids:
                os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def addresses(self) -> str:
        return self.inside(self.router, "ip", "address", "show", "dev", "lan0")

    def routes(self) -> tuple[str, str]:
        show = ("route", "show", "default")
        return self.inside(self.router, "ip", *show), self.inside(self.router, "ip", "-6", *show)

    def answered(self, address: str) -> bool:
        command = ["ip", "netns", "exec", self.client, "ping", "-c", "1", "-W", "1", address]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def calls(self) -> list[str]:
        log = self.folder / "run/default-route.log"
        return log.read_text().splitlines() if log.exists() else []

    def said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@pytest.fixture
def lab(tmp_path: Path, keepalived: str, namespaces: None) -> Iterator[Lab]:
    made = Lab(tmp_path, keepalived)
    shutil.copytree(HOST / "root", made.root)
    try:
        made.set_up()
        yield made
    finally:
        made.tear_down()


def wait(lab: Lab, what: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.2)
    return what()


def plan_for(lab: Lab) -> Plan:
    site = Site.open("/" + CONFIG, root=lab.root)
    return upgrade(site, parse_release("1.2.13"), parse_release("2.2.7"), daemon="")


def test_a_the_old_file_lacks_the_ipv6_gateway_on_the_new_release(lab: Lab) -> None:
    lab.start()
    assert wait(lab, lambda: "192.0.2.1/24" in lab.addresses()), lab.said()
    assert wait(lab, lambda: "address family must match" in lab.said(), 3), lab.said()
    assert "2001:db8:17::1/64" not in lab.addresses()
    assert not lab.answered("2001:db8:aaaa::1")


def test_b_split_by_hand_with_the_script_untouched_cuts_the_site_off(lab: Lab) -> None:
    shutil.copy(HOST / "by-hand.conf", lab.root / CONFIG)
    lab.start()
    assert wait(lab, lambda: "192.0.2.1/24" in lab.addresses() and "2001:db8:17::1/64" in lab.addresses()), lab.said()
    assert wait(lab, lambda: any("MASTER" in call for call in lab.calls())), lab.said()
    assert lab.routes() == ("", "")
    assert not lab.answered("203.0.113.1")
    assert not lab.answered("2001:db8:aaaa::1")


@pytest.mark.parametrize("variant", ["sh", "py3"])
def test_c_our_output_keeps_the_site_answered_and_runs_the_hook_once(lab: Lab, variant: str) -> None:
    if variant != "sh":
        shutil.copy(HOST / f"variants/default-route.{variant}", lab.root / "etc/keepalived/default-route")
    plan = plan_for(lab)
    assert {change.path for change in plan.files} == {"/" + CONFIG, "/etc/keepalived/default-route"}
    assert plan.write()
    lab.start()
    assert wait(lab, lambda: "192.0.2.1/24" in lab.addresses() and "2001:db8:17::1/64" in lab.addresses()), lab.said()
    assert wait(lab, lambda: all(lab.routes())), (lab.routes(), lab.calls(), lab.said())
    assert wait(lab, lambda: lab.answered("203.0.113.1"), 5)
    assert wait(lab, lambda: lab.answered("2001:db8:aaaa::1"), 5)
    assert [call.split()[2] for call in lab.calls() if "MASTER" in call] == ["MASTER"]
    lab.stop()
    assert wait(lab, lambda: lab.routes() == ("", ""), 5), lab.routes()
    assert [call.split()[2] for call in lab.calls() if "STOP" in call] == ["STOP"]
    assert "192.0.2.1/24" not in lab.addresses()


def test_c_the_python_2_script_follows_too(tmp_path: Path) -> None:
    """Debian has no Python 2 any more to run it with; the text says what it does."""
    root = tmp_path / "root"
    shutil.copytree(HOST / "root", root)
    shutil.copy(HOST / "variants/default-route.py2", root / "etc/keepalived/default-route")
    plan = upgrade(Site.open("/" + CONFIG, root=root), parse_release("1.2.13"), parse_release("2.2.7"), daemon="")
    (script,) = [change for change in plan.files if change.path.endswith("default-route")]
    before = (HOST / "variants/default-route.py2").read_bytes()
    assert script.after == before.replace(b'name == "GW"', b'name in ("GW_v4", "GW_v6")')
