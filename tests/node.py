"""One router in a network namespace: keepalived is started, stopped and killed there, and what it does is seen."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon_matrix import CONFIG
from keepalived_upgrade.model.effect_values import Effect
from node_effect import Call

IPVS = Path("/proc/net/ip_vs").exists()
# $1: the node's folder; then keepalived and its options.
_START = """
mount --make-rprivate /
node=$1
shift
mkdir -p /etc/keepalived
mount --bind "$node/root/etc/keepalived" /etc/keepalived
mount --bind "$node/run" /run
mount --bind "$node/bin" /usr/local/bin
# 2.1.5 tells of its instances in /tmp, whatever TMPDIR says.
suite=${1%/*}
for kept in "$node" "$suite"; do
    case $kept in
        /tmp/*) mkdir -p "$node$kept" && mount --bind "$kept" "$node$kept" ;;
    esac
done
mount --rbind "$node/tmp" /tmp
umask 022
exec "$@"
"""


@dataclass
class Node:
    """One router. number: 2 or 3, the end of its addresses."""

    number: int
    name: str
    folder: Path
    effect: Effect
    own: set[str] = field(default_factory=set)
    process: subprocess.Popen[bytes] | None = None
    calls_read: int = 0
    left: set[str] = field(default_factory=set)

    def inside(self, *command: str) -> list[str]:
        """Run a command in the namespace, and give its lines."""
        whole = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(whole, check=True, capture_output=True, text=True, timeout=20).stdout.splitlines()

    def start(self, executable: str) -> None:
        """Start keepalived."""
        options = ["--dont-fork", "--log-console", "--log-detail", "--use-file", CONFIG]
        command = [executable, *options, *([] if IPVS else ["--vrrp"])]
        isolated = ["ip", "netns", "exec", self.name, "unshare", "-m", "sh", "-c", _START, "sh", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(isolated + command, stdout=log, stderr=log)

    def stop(self) -> None:
        """End keepalived as its administrator would."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End everything in the namespace at once, as a crash would."""
        found = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False)
        for how in (signal.SIGSTOP, signal.SIGKILL):  # else keepalived's children see it end, and call for STOP
            for pid in found.stdout.split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), how)
        if self.process is not None:
            self.process.wait(10)

    def addresses(self) -> set[tuple[Any, ...]]:
        """Give the addresses that are not the node's own."""
        lines = {line.partition("\\")[0] for line in self.inside("ip", "-o", "address", "show")}
        return {_parse_address(line) for line in lines - self.own}

    def routes(self) -> set[str]:
        """Give destination and first hop of what keepalived has set."""
        show = ("route", "show", "table", "all", "proto", "keepalived")
        lines = self.inside("ip", *show) + self.inside("ip", "-6", *show)
        return {" ".join(re.findall(r"^\S+|(?<=via )\S+|(?<=table )\S+", line)) for line in lines}

    def rules(self) -> set[str]:
        """Give preference and table of the rules that are not the kernel's."""
        lines = self.inside("ip", "rule", "show") + self.inside("ip", "-6", "rule", "show")
        found = {tuple(re.findall(r"^\d+|(?<=lookup )\S+|(?<=from )\S+|(?<=\bto )\S+", line)) for line in lines}
        return {" ".join(words) for words in found if words[-1] not in ("local", "main", "default")}

    def default_routes(self) -> int:
        """Give how many default routes there are: what the host's own script sets."""
        show = ("route", "show", "default")
        return len(self.inside("ip", *show)) + len(self.inside("ip", "-6", *show))

    def new_calls(self) -> list[Call]:
        """Give the calls since the last time."""
        file = self.folder / "calls"
        lines = file.read_text(errors="replace").splitlines() if file.exists() else []
        new, self.calls_read = lines[self.calls_read :], len(lines)
        return [_parse_call(line) for line in new]

    def dump(self) -> dict[str, dict[str, str]]:
        """Give what keepalived tells of its instances, by name."""
        if self.process is None or self.process.poll() is not None:
            return {}
        file = self.folder / "tmp/keepalived.data"
        file.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        for _ in range(30):
            time.sleep(0.1)
            text = file.read_text(errors="replace") if file.exists() else ""
            if "VRRP Sockpool" in text:
                return _parse_dump(text)
        return {}

    def said(self) -> str:
        """Give what keepalived wrote."""
        return (self.folder / "log").read_text(errors="replace")


def _parse_address(line: str) -> tuple[Any, ...]:
    words = line.split()[1:]
    device, kind, address = words[:3]
    flags = tuple(word for word in ("noprefixroute", "deprecated") if word in words)
    broadcast = words[words.index("brd") + 1] if "brd" in words else ""
    label = words[-1] if kind == "inet" and words[-1] != device else ""
    return device, address, label, flags, broadcast


def _parse_call(line: str) -> Call:
    head, _, rest = line.partition("[")
    name, uid, umask = head.split()
    return name, int(uid), umask, tuple(re.findall(r"\[(.*?)\](?=\[|$)", "[" + rest)) if rest else ()


def _parse_dump(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    topology = text.partition("VRRP Topology")[2].partition("------<")[0]
    for block in topology.split(" VRRP Instance = ")[1:]:
        name, _, rest = block.partition("\n")
        pairs = re.findall(r"^   ([A-Z][\w ]+?) = (.*)$", rest, re.MULTILINE)
        found[name.strip()] = dict(reversed(pairs))
    return found
