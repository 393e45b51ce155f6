"""The fuzzer led by coverage, where atheris can be had: what reads configurations and scripts, byte by byte.

    python tests/fuzz_guided.py [--seconds N]

The first byte of an input chooses the target. A fault ends the run with a status that is not 0; the input that shows it
lies in .cache/fuzz then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["keepalived_upgrade.conf", "keepalived_upgrade.dependents"]):
    from fuzz import KEPT, Fuzzer
    from fuzz_inputs import seeds

TARGETS = ("reader", "expansion", "grammars", "shell", "patch")
_LONGEST = 2048


def main() -> None:
    """Run for some seconds; the process ends with the status of libFuzzer."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=30)
    seconds = options.parse_args().seconds
    fuzzer = Fuzzer(0)

    def put(data: bytes) -> None:
        if not data:
            return
        fuzzer.random.seed(data)  # the same input, the same choices
        for wrong in fuzzer.wrong(TARGETS[data[0] % len(TARGETS)], data[1:]):
            raise AssertionError(wrong)

    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        chosen = Random(0).sample(sorted(text for text in seeds() if len(text) < _LONGEST), 60)
        for number, text in enumerate(chosen):
            (Path(corpus) / str(number)).write_bytes(bytes((number % len(TARGETS),)) + text)
        words = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-timeout=60", "-seed=1", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *words, f"-artifact_prefix={KEPT}/guided-", corpus], put)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
