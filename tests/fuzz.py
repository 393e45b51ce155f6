"""A fuzzer for everything that reads what others wrote: no exception, nothing slow or large, and print equals input.

    python tests/fuzz.py [--inputs N | --seconds N] [--seed N]

Inputs are our own hosts, cases and generated scripts, mutated and spliced, with words that mean something put in. A
fault is printed with the seed and the input that shows it; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from generated_scripts import PythonScript, ShellScript
from keepalived_upgrade.conf.grammar import parse_address, parse_track
from keepalived_upgrade.conf.grammar_definitions import parse_definition, parse_sequence
from keepalived_upgrade.conf.grammar_routes import parse_route, parse_rule
from keepalived_upgrade.conf.grammar_scripts import parse_script
from keepalived_upgrade.conf.reader import parse, read_config
from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site

PROJECT = Path(__file__).resolve().parents[1]
RELEASES = [Release(*r) for r in ((1, 2, 2), (1, 2, 13), (1, 2, 24), (1, 3, 9), (1, 4, 1), (2, 0, 20), (2, 1, 5), (2, 2, 7), (2, 4, 3))]  # fmt: skip
NAMES = {b"GW": (b"GW_v4", b"GW_v6"), b"VI_1": (b"VI_1", b"VI_1_v6")}
MAIN = "/etc/keepalived/keepalived.conf"
MOST_SECONDS = 1.0
MOST_BYTES = 200 * 1024 * 1024
_WORDS = (
    *(b"{", b"}", b"\n", b"\r\n", b'"', b"'", b"\\", b"#", b"!", b"\0", b"\xff", b"\xe9", b"$", b"${", b"$A=", b"$A", b"${A}"),
    *(b"~SEQ(a, 1, 9)", b"~LST(x,a,b)", b"@x ", b"@^x ", b"include ", b"includea ", b"keepalived.conf", b"*", b"\t", b"  "),
    *(b"vrrp_instance GW ", b"vrrp_sync_group G ", b"virtual_ipaddress ", b"192.0.2.1/24", b"2001:db8::1/64", b"dev eth0"),
    *(b"notify ", b"native_ipv6\n", b"priority 300\n", b"GW", b"VI_1", b"case $2 in\n", b"esac\n", b"[ $2 = GW ]", b"fi\n"),
    *(b"if ", b"then\n", b"$(", b"`", b"<<E\n", b"E\n", b"(", b")", b";;", b"|", b"&&", b'x == "GW"', b"f'{", b"}'", b"def f():\n"),
    *(b"    ", b"lambda: ", b"match x:\n", b"\\\n", b"\xc3\xa9", b"\xe2\x80\xae", b"\x1b[31m", b"9" * 30, b"-1", b"\x85", b"\xa0"),
)  # fmt: skip


def seeds() -> list[bytes]:
    """Give the texts to begin with: everything of our own that has a fitting size."""
    files = itertools.chain(*((PROJECT / folder).rglob("*") for folder in ("corpora", "migrations")))
    texts = [
        file.read_bytes() for file in sorted(files) if file.is_file() and file.suffix not in (".py", ".md", ".toml")
    ]
    return [text for text in texts if 0 < len(text) < 8192]


class Fuzzer:
    """Makes inputs and puts them before what reads them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seeds = seeds()
        self.count: Counter[str] = Counter()
        self.slowest = (0.0, "")
        self.folder = tempfile.TemporaryDirectory(prefix="keepalived-upgrade-fuzz-")
        self.root = Path(self.folder.name)
        (self.root / "etc/keepalived").mkdir(parents=True)
        # How often each is chosen: the cheap ones more often.
        self.targets: dict[str, tuple[int, Callable[[], bytes], Callable[[bytes], None]]] = {
            "reader": (55, self.text, self.read),
            "grammars": (22, self.line, self.arguments),
            "expansion": (16, self.text, self.expand),
            "shell": (3, self.shell, self.follow),
            "python": (2, self.python, self.follow),
            "text": (1, self.text, self.follow),
            "upgrade": (1, self.text, self.whole),
        }

    # -- inputs -----------------------------------------------------------------------------------------------

    def text(self) -> bytes:
        """Give a configuration, mutated."""
        return self.mutate(self.random.choice(self.seeds))

    def line(self) -> bytes:
        """Give one line."""
        lines = self.random.choice(self.seeds).split(b"\n")
        return self.mutate(self.random.choice(lines).strip()).replace(b"\n", b" ")[:400]

    def shell(self) -> bytes:
        """Give a shell script, mutated."""
        return b"#!/bin/sh\n" + self.mutate(ShellScript(self.random).source())

    def python(self) -> bytes:
        """Give a Python script, mutated."""
        return b"#!/usr/bin/python3\n" + self.mutate(PythonScript(self.random).source())

    def mutate(self, text: bytes) -> bytes:
        """Change a text in a few places."""
        random, out = self.random, bytearray(text)
        for _ in range(random.choice((0, 1, 1, 2, 3, 5, 9))):
            at = random.randrange(len(out) + 1)
            end = min(len(out), at + random.choice((0, 1, 4, 20, 100)))
            kind = random.randrange(6)
            if kind < 3:
                out[at:at] = random.choice(_WORDS)
            elif kind == 3:
                del out[at:end]
            elif kind == 4:
                out[at:at] = out[at:end] * random.choice((1, 2, 30))
            else:
                other = random.choice(self.seeds)
                begin = random.randrange(len(other))
                out[at:end] = other[begin : begin + random.choice((10, 100, 1000))]
        return bytes(out[:65536])

    # -- what reads them --------------------------------------------------------------------------------------

    def read(self, text: bytes) -> None:
        """Read a file on its own; the tree must give it back, and every place must lie in it."""
        tree = parse(text, self.random.choice(RELEASES))
        assert tree.source == text, "the tree does not give the text back"
        for statement in tree.walk():
            assert 0 <= statement.start <= statement.end <= len(text), "a statement lies outside"

    def arguments(self, line: bytes) -> None:
        """Read a line by each grammar; a line that none reads is refused, and nothing else happens."""
        release = self.random.choice(RELEASES)
        for grammar in (parse_address, parse_route, parse_rule, parse_track, parse_script):
            self.refused(lambda grammar=grammar: grammar(line, release))
        self.refused(lambda: parse_definition(line))
        self.refused(lambda: parse_sequence(line))

    def refused(self, read: Callable[[], object]) -> None:
        """Call something that may refuse its input."""
        try:
            read()
        except InputError as error:
            assert error.cure, "a refusal without a cure"

    def expand(self, text: bytes) -> None:
        """Read a text that includes itself, with definitions and sequences."""
        site = self.site(text)
        tree = read_config(MAIN, text, self.random.choice(RELEASES), site, self.random.choice((b"", b"x", None)))
        for statement in tree.walk():
            _ = statement.words

    def follow(self, script: bytes) -> None:
        """Follow names through a script; a second run must change nothing."""
        result = follow_file("/x", script, NAMES)
        if result.edits:
            after = apply_edits(script, result.edits)
            assert not follow_file("/x", after, NAMES).edits, "a second run changes more"

    def whole(self, text: bytes) -> None:
        """Upgrade a host, and print everything there is to print."""
        plan = upgrade(self.site(text), Release(1, 2, 13), Release(2, 2, 7), daemon="")
        assert not [f for f in plan.findings if f.id.endswith("/failed")], "a migration failed"
        for output in (plan.diff(), plan.to_json()):
            assert "\x1b" not in output, "an escape of the input reaches the terminal"
        assert plan.patch().count(b"diff --git ") >= len(plan.files)

    def site(self, text: bytes) -> Site:
        """Give a host with this configuration."""
        (self.root / MAIN[1:]).write_bytes(text)
        return Site.open(MAIN, root=self.root)

    # -- the loop ---------------------------------------------------------------------------------------------

    def faults(self, inputs: int, seconds: float) -> Iterator[tuple[str, bytes, str]]:
        """Give (target, input, what is wrong) for each fault, until so many inputs or seconds are over."""
        names = list(self.targets)
        weights = [self.targets[name][0] for name in names]
        begin = time.monotonic()
        while self.count.total() < inputs and time.monotonic() - begin < seconds:
            for name in self.random.choices(names, weights, k=200):
                _, make, use = self.targets[name]
                text = make()
                self.count[name] += 1
                started = time.process_time()
                try:
                    use(text)
                except Exception as error:  # noqa: BLE001 - whatever comes out is the finding
                    yield name, text, f"{type(error).__name__}: {error}"
                took = time.process_time() - started
                if took > self.slowest[0]:
                    self.slowest = (took, name)
                if took > MOST_SECONDS:
                    yield name, text, f"{took:.1f} s of CPU"


def memory() -> int:
    """Give the most bytes this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    """Run the fuzzer; print every fault and a summary."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=10**9)
    options.add_argument("--seconds", type=float, default=10**9)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    fuzzer, begin, found = Fuzzer(given.seed), memory(), 0
    for name, text, wrong in fuzzer.faults(given.inputs, given.seconds):
        found += 1
        print(f"{name}: {wrong}\n  {text!r}"[:4000], flush=True)
        if found >= 20:
            break
    grown = memory() - begin
    print(
        f"seed {given.seed}: {fuzzer.count.total():,} inputs {dict(fuzzer.count)}, {found} faults; "
        f"slowest {fuzzer.slowest[0]:.2f} s ({fuzzer.slowest[1]}), {grown / 2**20:.0f} MiB more memory"
    )
    return 1 if found or grown > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
