"""Inputs for the fuzzer: our own hosts, cases and generated scripts, mutated, spliced and made large."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

from fuzz_patterns import pumped
from generated_scripts import PythonScript, ShellScript
from keepalived_upgrade.edits import Change, Edit, Text
from keepalived_upgrade.plan import FileChange

PROJECT = Path(__file__).resolve().parents[1]
LARGEST = 65536
WORDS = (
    *(b"{", b"}", b"\n", b"\r\n", b'"', b"'", b"\\", b"#", b"!", b"\0", b"\xff", b"\xe9", b"$", b"${", b"$A=", b"$A", b"${A}"),
    *(b"~SEQ(a, 1, 9)", b"~SEQ(i, 1, 9999) ", b"~LST(x,a,b)", b"~LST({x,y},{a,b},{c})", b"@x ", b"@^x ", b"include ", b"includea "),
    *(b"a.conf", b"*.conf", b"{a,b}.conf", b"*", b"\t", b"  ", b"$B=\\\n", b" \\\n", b"$B=${A}${A}\n", b"$A=${B}\n", b"${B} ${B}"),
    *(b"vrrp_instance GW ", b"vrrp_sync_group G ", b"virtual_ipaddress ", b"192.0.2.1/24", b"2001:db8::1/64", b"dev eth0"),
    *(b"notify ", b"native_ipv6\n", b"priority 300\n", b"GW", b"VI_1", b"case $2 in\n", b"esac\n", b"[ $2 = GW ]", b"fi\n"),
    *(b"if ", b"then\n", b"$(", b"`", b"<<E\n", b"E\n", b"(", b")", b";;", b"|", b"&&", b'x == "GW"', b"f'{", b"}'", b"def f():\n"),
    *(b"    ", b"lambda: ", b"match x:\n", b"\\\n", b"\xc3\xa9", b"\xe2\x80\xae", b"\x1b[31m", b"9" * 30, b"-1", b"\x85", b"\xa0"),
    *(b"auth_pass hunter2\n", b"${_ENV HOME}", b"$_RANDOM", b"${_RANDOM 1 9}", b"%s%n", b"<script>", b"- ", b": ", b"[", b"]", b",", b"="),
)  # fmt: skip
# Names by which the languages of dependents are told, and some that try to break a patch.
PATHS = (
    *("/x", "/x.yml", "/x.json", "/x.toml", "/x.ini", "/x.pl", "/x.rb", "/x.php", "/x.lua", "/x.js", "/x.j2"),
    *("/etc/systemd/system/x.service", "/etc/cron.d/x", "/etc/sudoers.d/x", "/etc/logrotate.d/x", "/etc/default/x"),
    *("/etc/monit/x", "/etc/nagios3/x.cfg", "/etc/prometheus/x.rules"),
)
HOSTILE_PATHS = (
    *("/a", "/a b", "/a\tb", "/a\nb", '/a"b', "/a\\b", "/\xe9", "/\udcff", "/a\r\n--- b", "/b/a b/b", "/ ", "/a\n+++ b/etc/x"),
    *("/--- a/x", "/dev/null", "/a\x1b[2J", "/%s%n", "/a ", "/\x7f", "/a\nrename to x", "/..\n", "/a /dev/null\t"),
)  # fmt: skip


def seeds() -> list[bytes]:
    """Give the texts to begin with: everything of our own that has a fitting size."""
    files = itertools.chain(*((PROJECT / folder).rglob("*") for folder in ("corpora", "migrations")))
    texts = [
        file.read_bytes() for file in sorted(files) if file.is_file() and file.suffix not in (".py", ".md", ".toml")
    ]
    return [text for text in texts if 0 < len(text) < 8192]


class Inputs:
    """Makes inputs at random; the same seed gives the same ones."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.seeds = seeds()

    def text(self) -> bytes:
        """Give a configuration, mutated."""
        return self._mutated(self._seed())

    def line(self) -> bytes:
        """Give one line."""
        lines = self._seed().split(b"\n")
        return self.mutate(self.random.choice(lines).strip()).replace(b"\n", b" ")[:1023]

    def shell(self) -> bytes:
        """Give a shell script, mutated."""
        return b"#!/bin/sh\n" + self._mutated(ShellScript(self.random).source())

    def python(self) -> bytes:
        """Give a Python script, mutated."""
        return b"#!/usr/bin/python3\n" + self._mutated(PythonScript(self.random).source())

    def pumped(self) -> bytes:
        """Give a text that one of our expressions matches, a part of it repeated; see fuzz_patterns."""
        return pumped(self.random, LARGEST - 100)

    def change(self, text: bytes) -> FileChange:
        """Give a file with a hostile name and edits at random, of one pass or two."""
        random, path = self.random, self.random.choice(HOSTILE_PATHS)
        if random.random() < 0.1:
            whole = Change(0, 0, text, (("v1/a", "New."),))
            return FileChange(path, None, text, (whole,), random.choice((0o644, 0o755)))
        changed = Text(text)
        for migration in ("v1/a", "v2/b")[: random.choice((1, 2))]:
            size = len(changed.current)
            cuts = sorted(random.sample(range(size + 1), min(size + 1, random.choice((0, 2, 4, 8))) // 2 * 2))
            spans = zip(cuts[::2], cuts[1::2], strict=True)
            edits = [Edit(path, a, b, random.choice((b"", *WORDS)), migration, "Because.\n@@") for a, b in spans]
            changed.apply(edits)
        return FileChange(path, text, changed.current, changed.changes())

    def mutate(self, text: bytes) -> bytes:
        """Change a text in a few places."""
        random, out = self.random, bytearray(text)
        for _ in range(random.choice((0, 1, 1, 2, 3, 5, 9))):
            at = random.randrange(len(out) + 1)
            end = min(len(out), at + random.choice((0, 1, 4, 20, 100)))
            kind = random.randrange(6)
            if kind < 3:
                out[at:at] = random.choice(WORDS)
            elif kind == 3:
                del out[at:end]
            elif kind == 4:
                out[at:at] = out[at:end] * random.choice((1, 2, 30))
            else:
                other = self._seed()
                begin = random.randrange(len(other))
                out[at:end] = other[begin : begin + random.choice((10, 100, 1000))]
        return bytes(out[:LARGEST])

    def _mutated(self, text: bytes) -> bytes:
        """Mutate a text; one in 500 becomes as large as inputs may be: a part of it, repeated."""
        text = self.mutate(text)
        if self.random.random() >= 0.002 or not text:
            return text
        begin, end = sorted(self.random.randrange(len(text)) for _ in range(2))
        part = text[begin : end + 1]
        return (text[:begin] + part * (LARGEST // len(part)) + text[end:])[-LARGEST:]

    def _seed(self) -> bytes:
        return self.random.choice(self.seeds)
