"""A fuzzer for everything that reads what others wrote: no exception, nothing slow or large, and print equals input.

    python tests/fuzz.py [--inputs N | --seconds N] [--seed N] [--only TARGET]

A fault is printed with the input that shows it, which is kept in .cache/fuzz too; the exit status is then 1. The same
seed makes the same inputs.
"""

from __future__ import annotations

import argparse
import fnmatch
import posixpath
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import patches
from fuzz_inputs import PATHS, PROJECT, Inputs
from keepalived_upgrade.choices import read_choices
from keepalived_upgrade.comments import read_suppressions
from keepalived_upgrade.conf.grammar import parse_address, parse_track
from keepalived_upgrade.conf.grammar_definitions import parse_definition, parse_sequence
from keepalived_upgrade.conf.grammar_routes import parse_route, parse_rule
from keepalived_upgrade.conf.grammar_scripts import parse_script
from keepalived_upgrade.conf.reader import parse, read_config
from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.dependents.leads import leads_to
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.markdown import render_markdown
from keepalived_upgrade.review.masking import mask
from keepalived_upgrade.review.patch import write_patch
from keepalived_upgrade.review.sarif import render_sarif
from keepalived_upgrade.review.terminal import render_report
from keepalived_upgrade.secrecy import defined_secrets
from keepalived_upgrade.site import Site

RELEASES = [Release(*r) for r in ((1, 2, 2), (1, 2, 13), (1, 2, 24), (1, 3, 9), (1, 4, 1), (2, 0, 20), (2, 1, 5), (2, 2, 7), (2, 4, 3))]  # fmt: skip
NAMES = {b"GW": (b"GW_v4", b"GW_v6"), b"VI_1": (b"VI_1", b"VI_1_v6")}
MAIN = "/etc/keepalived/keepalived.conf"
MOST_SECONDS = 1.0
# A whole upgrade reads the text once for every release on the way, and more; a pumped text is read by eight readers.
MOST_SECONDS_OF = {"upgrade": 10.0, "pumped": 4.0}
# The second run of what is larger is left out: the time of the first is what counts there.
MOST_TWICE = 16 * 1024
MOST_BYTES = 200 * 1024 * 1024
# What `measure_slowness` does took so long there, 2026-11.
YARDSTICK_SECONDS = 0.063
_YARDSTICK = re.compile(rb"[^ ]+")
KEPT = PROJECT / ".cache/fuzz"

Grammar = Callable[[bytes, Release], object]
GRAMMARS: tuple[Grammar, ...] = (
    *(parse_address, parse_route, parse_rule, parse_track, parse_script),
    lambda line, release: parse_definition(line),
    lambda line, release: parse_sequence(line),
)
RENDERERS: tuple[Callable[[Plan], str], ...] = (
    *(Plan.to_json, Plan.to_html, render_markdown, render_sarif),
    lambda plan: render_report(plan, color=False, width=80),
    lambda plan: render_report(plan, color=False, width=120, side_by_side=True),
)


class Memory:
    """Files in memory, all in one folder."""

    def __init__(self, texts: dict[str, bytes]) -> None:
        self.texts = texts

    def read(self, path: str) -> bytes:
        return self.texts[path]

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        wanted = posixpath.join(folder, pattern.decode("utf-8", "surrogateescape"))
        return sorted(fnmatch.filter(self.texts, wanted))

    def kind(self, path: str) -> str:
        return "file" if path in self.texts else "missing"


class Fuzzer:
    """Makes inputs and puts them before what reads them."""

    def __init__(self, seed: int, only: str = "") -> None:
        self.random = Random(seed)
        self.inputs = Inputs(self.random)
        self.only = only
        self.count: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self.largest = 0
        self.folder = tempfile.TemporaryDirectory(prefix="keepalived-upgrade-fuzz-")
        self.root = Path(self.folder.name)
        (self.root / "etc/keepalived").mkdir(parents=True)
        make = self.inputs
        # How often each is chosen: the cheap ones more often.
        self.targets: dict[str, tuple[int, Callable[[], bytes], Callable[[bytes], None]]] = {
            "reader": (90, make.text, self.read),
            "grammars": (50, make.line, self.arguments),
            "expansion": (40, make.text, self.expand),
            "patch": (20, make.text, self.patch),
            "shell": (7, make.shell, self.follow_script),
            "python": (3, make.python, self.follow_script),
            "others": (8, make.text, self.follow_other),
            "pumped": (4, make.pumped, self.search_all),
            "upgrade": (1, make.text, self.whole),
        }

    # -- what reads them --------------------------------------------------------------------------------------

    def read(self, text: bytes) -> None:
        """Read a file on its own; the tree must give it back, and every place must lie in it."""
        tree = parse(text, self.random.choice(RELEASES))
        assert tree.source == text, "the tree does not give the text back"
        for statement in tree.walk():
            assert 0 <= statement.start <= statement.end <= len(text), "a statement lies outside"

    def arguments(self, line: bytes) -> None:
        """Read a line by two of the grammars; a line that one does not read is refused, and nothing else happens."""
        release = self.random.choice(RELEASES)
        for grammar in self.random.sample(GRAMMARS, 2):
            try:
                grammar(line, release)
            except InputError as error:
                assert error.cure, "a refusal without a cure"

    def expand(self, text: bytes) -> None:
        """Read a text that may include itself and another one, with definitions and sequences."""
        files = Memory({MAIN: text, "/etc/keepalived/a.conf": self.inputs.text()})
        tree = read_config(MAIN, text, self.random.choice(RELEASES), files, self.random.choice((b"", b"x", None)))
        for statement in tree.walk():
            _ = statement.words

    def patch(self, text: bytes) -> None:
        """Edit a file with a hostile name; the patch must name it alone, and make of the old text the new one."""
        change = self.inputs.change(text)
        if change.before == change.after:
            return
        release = RELEASES[0]
        (name, is_new, hunks) = patches.read_patch(
            write_patch(Plan("/", MAIN, release, release, (change,), (), (), ()))
        )
        assert name == change.path[1:].encode("utf-8", "surrogateescape"), "the patch names another file"
        assert is_new == (change.before is None)
        assert patches.apply_hunks(change.before or b"", hunks) == change.after, "the patch makes another text"

    def follow_script(self, script: bytes) -> None:
        """Follow names through a script; a second run must change nothing."""
        self.follow("/x", script)

    def follow_other(self, text: bytes) -> None:
        """Follow names through a file in some other language, told by its path."""
        self.follow(self.random.choice(PATHS), text)

    def follow(self, path: str, text: bytes) -> None:
        result = follow_file(path, text, NAMES)
        if result.edits and len(text) < MOST_TWICE:
            after = apply_edits(text, result.edits)
            assert not follow_file(path, after, NAMES).edits, "a second run changes more"

    def search_all(self, text: bytes) -> None:
        """Put a text before everything that searches: as a configuration, a script, some other file, and a secret."""
        self.read(text)
        self.arguments(text[:1023].replace(b"\n", b" "))
        mask(text.decode("latin-1"))
        defined_secrets([text])
        read_suppressions(text, None, "/x")
        with suppress(InputError):
            read_choices(text)
        shebang = self.random.choice((b"#!/bin/sh\n", b"#!/usr/bin/python3\n", b""))
        path = "/x" if shebang else self.random.choice(PATHS)
        # A line break may end what an expression went back over, and a name makes the file worth a look.
        self.follow(path, shebang + self.random.choice((b"GW\n", b"GW ", b'"$2" GW ', b"")) + text)
        tuple(leads_to(path, shebang + text))

    def whole(self, text: bytes) -> None:
        """Upgrade a host, and print what there is to print in one of the forms."""
        (self.root / MAIN[1:]).write_bytes(text)
        site = Site.open(MAIN, root=self.root)
        plan = upgrade(site, Release(1, 2, 13), self.random.choice((Release(2, 2, 7), Release(2, 4, 3))), daemon="")
        failed = [finding.message for finding in plan.findings if finding.id.endswith("/failed")]
        assert not failed, f"a migration failed: {failed[0]}"
        output = self.random.choice(RENDERERS)(plan)
        assert "\x1b" not in output, "an escape of the input reaches the output"
        assert plan.patch().count(b"diff --git ") >= len(plan.files)

    # -- the loop ---------------------------------------------------------------------------------------------

    def faults(self, inputs: int, seconds: float) -> Iterator[tuple[str, bytes, str]]:
        """Give (target, input, what is wrong) for each fault, until so many inputs or seconds are over."""
        names = [self.only] if self.only else list(self.targets)
        weights = [self.targets[name][0] for name in names]
        begin = time.monotonic()
        while self.count.total() < inputs and time.monotonic() - begin < seconds:
            for name in self.random.choices(names, weights, k=100):
                text = self.targets[name][1]()
                yield from ((name, text, wrong) for wrong in self.wrong(name, text))

    def wrong(self, name: str, text: bytes) -> Iterator[str]:
        """Put an input before a target; give what is wrong."""
        use = self.targets[name][2]
        self.count[name] += 1
        before = memory()
        state = self.random.getstate()
        started = time.process_time()
        try:
            use(text)
        except Exception as error:  # noqa: BLE001 - whatever comes out is the finding
            yield f"{type(error).__name__}: {error}"
            return
        took, most = time.process_time() - started, MOST_SECONDS_OF.get(name, MOST_SECONDS)
        if took > most:
            # Once more, with the same choices, on the scale of what this machine does right now.
            after = self.random.getstate()
            self.random.setstate(state)
            slowness = measure_slowness()
            started = time.process_time()
            use(text)
            took = min(took, time.process_time() - started) / max(slowness, measure_slowness(), 1.0)
            self.random.setstate(after)
        self.slowest[name] = max(self.slowest.get(name, 0.0), took)
        if took > most:
            yield f"{took:.1f} s of CPU"
        grown = memory() - before
        self.largest = max(self.largest, grown)
        if grown > MOST_BYTES:
            yield f"{grown / 2**20:.0f} MiB of memory"

    def report(self) -> str:
        """Give the counts, the slowest input of each target in seconds, and the most memory that one input took."""
        slowest = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in sorted(self.slowest.items()))
        return (
            f"{self.count.total():,} inputs {dict(sorted(self.count.items()))}; slowest: {slowest}; "
            f"at most {self.largest / 2**20:.0f} MiB more for one"
        )


def measure_slowness() -> float:
    """Give how many times slower than the machine that the limits were set on this one is at the moment."""
    started = time.process_time()
    for _ in range(100):
        _ = [(match.group(), match.start()) for match in _YARDSTICK.finditer(b"a 1, 9999) " * 1000)]
    return (time.process_time() - started) / YARDSTICK_SECONDS


def memory() -> int:
    """Give the most bytes this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def tell(name: str, text: bytes, wrong: str) -> None:
    """Print a fault and keep its input."""
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"{name}-{hash(text) & 0xFFFFFFFF:08x}"
    file.write_bytes(text)
    print(f"{name}: {wrong}\n  in {file}: {text!r}"[:4000], flush=True)


def run_mutations(seed: int, inputs: int, seconds: float, only: str = "") -> int:
    """Run on mutations; give the number of faults, at most 20."""
    fuzzer, found, begin = Fuzzer(seed, only), 0, time.monotonic()
    for fault in fuzzer.faults(inputs, seconds):
        found += 1
        tell(*fault)
        if found >= 20:
            break
    print(f"seed {seed}: {fuzzer.report()}; {found} faults; {time.monotonic() - begin:.0f} s", flush=True)
    return found


def main() -> int:
    """Run the fuzzer; print every fault and a summary."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--inputs", type=int, default=10**9)
    options.add_argument("--seconds", type=int, default=10**9)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", default="", choices=Fuzzer(0).targets, metavar="TARGET", help="of %(choices)s")
    given = options.parse_args()
    return 1 if run_mutations(given.seed, given.inputs, given.seconds, given.only) else 0


if __name__ == "__main__":
    sys.exit(main())
