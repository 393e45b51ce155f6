"""keepalived's releases: their order, and the distributions that are names for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keepalived_upgrade.errors import InputError

_RELEASE = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A keepalived release; compares in release order. `Release(1, 2, 20)` prints as `1.2.20`."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def parse_release(text: str) -> Release:
    """Give the release that a text names: `1.2.13`, `v2.2.7`. Raises InputError for anything else."""
    match = _RELEASE.fullmatch(text.strip())
    if not match:
        raise InputError(
            f"{text!r} is no keepalived release",
            cure="Give a release such as 1.2.13 or 2.2.7, or a distribution such as debian-bookworm.",
        )
    major, minor, patch = match.groups(default="0")
    return Release(int(major), int(minor), int(patch))
