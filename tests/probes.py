"""What built releases did with the probes beside the checkout, and what the effect model says, in the same words.

A category is a function of an observation and a prediction that gives what was seen and what was said, or None where
the observation says nothing about it.
"""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from keepalived_upgrade.conf.reader import read_config
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect import effect_of
from keepalived_upgrade.model.effect_values import Effect, Surroundings
from keepalived_upgrade.releases import Release, parse_release

FOLDER = Path(__file__).resolve().parents[2] / "shared/facts/probes"
# What the laboratory had (the README of the probes).
_SCRIPTS = [f"/run/zs/{name}.sh" for name in ("n", "nm", "nb", "nf", "ns", "gn", "gm", "gb", "gf", "gs", "rec", "chk")]
_PROGRAMS = [
    *_SCRIPTS,
    *("/bin/true", "/bin/false", "/bin/sh", "/usr/bin/sh", "/bin/test", "/bin/cat", "true", "killall", "logger", "["),
    *("/probes/scripts_insecure/rec.sh", "/probes/scripts_insecure777/rec.sh"),
]


@dataclass(frozen=True, slots=True)
class Observation:
    """What one release did with one probe. build: `debian-2.2.7` or `2.2.7`; mode: `chk` or `live`."""

    probe: str
    build: str
    mode: str
    seen: dict[str, Any]

    @property
    def release(self) -> Release:
        """The release of the build."""
        return parse_release(self.build.removeprefix("debian-"))

    @property
    def debian(self) -> bool:
        """Whether Debian built it."""
        return self.build.startswith("debian-")

    @property
    def messages(self) -> list[str]:
        """What it said."""
        return list(self.seen["messages"])


class _Files:
    """Includes of the probes: /probes is the folder of the probes."""

    def real(self, path: str) -> Path:
        """Where a path of the laboratory lies here."""
        return FOLDER / path.removeprefix("/probes/") if path.startswith("/probes/") else FOLDER / "nowhere" / path

    def read(self, path: str) -> bytes:
        """Give a file."""
        return self.real(path).read_bytes()

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        """Give what matches; `{a,b}` is expanded."""
        text = pattern.decode("utf-8", "replace")
        text = text if text.startswith("/") else f"{folder}/{text}"
        found: list[str] = []
        for one in _braces(text):
            found += (f"/probes/{Path(hit).relative_to(FOLDER)}" for hit in sorted(glob.glob(str(self.real(one)))))
        return found

    def kind(self, path: str) -> str:
        """Give what stands at a path."""
        real = self.real(path)
        return "directory" if real.is_dir() else "file" if real.exists() else "missing"


def _braces(text: str) -> list[str]:
    match = re.search(r"\{([^{}]*)\}", text)
    if match is None:
        return [text]
    return [text[: match.start()] + part + text[match.end() :] for part in match.group(1).split(",")]


def observations() -> Iterator[Observation]:
    """Give every observation: each probe under each release that it was put before."""
    results = json.loads((FOLDER / "results.json").read_text())
    for probe in sorted(results):
        for mode, entries in results[probe].items():
            for entry in entries:
                for build in entry["releases"]:
                    yield Observation(probe, build, mode, entry)


@cache
def predict(probe: str, release: Release) -> Effect:
    """Give what the model says of a probe under a release."""
    source = (FOLDER / f"{probe}.conf").read_bytes()
    path = f"/probes/{probe}.conf"
    tree = read_config(path, source, release, _Files(), b"vm")
    # "The user keepalived_script does not exist unless the name of the probe says so."
    with_user = "withuser" in probe
    around = Surroundings(
        interfaces=frozenset((b"lo", b"eth0", b"eth1", b"bond0")),
        users=frozenset((b"root", b"nobody", b"daemon")) | ({b"keepalived_script"} if with_user else frozenset()),
        script_user=with_user,
        linked=frozenset((b"/bin", b"/sbin")),
        programs=frozenset(name.encode() for name in _PROGRAMS),
        files=frozenset(),
    )
    return effect_of(Config(tree, release, path, b"vm"), around)
