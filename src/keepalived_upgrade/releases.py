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


# What distributions shipped at release; numbers and names are the same thing.
DISTRIBUTIONS = {
    "debian-wheezy": Release(1, 2, 2),
    "debian-jessie": Release(1, 2, 13),
    "debian-stretch": Release(1, 3, 2),
    "debian-buster": Release(2, 0, 10),
    "debian-bullseye": Release(2, 1, 5),
    "debian-bookworm": Release(2, 2, 7),
    "debian-trixie": Release(2, 3, 3),
    "ubuntu-12.04": Release(1, 2, 2),
    "ubuntu-14.04": Release(1, 2, 7),
    "ubuntu-16.04": Release(1, 2, 19),
    "ubuntu-18.04": Release(1, 3, 9),
    "ubuntu-20.04": Release(2, 0, 19),
    "ubuntu-22.04": Release(2, 2, 4),
    "ubuntu-24.04": Release(2, 2, 8),
    "el6": Release(1, 2, 13),
    "el7": Release(1, 3, 5),
    "el8": Release(2, 1, 5),
    "el9": Release(2, 2, 8),
}
_ALIASES = {
    "debian-7": "debian-wheezy",
    "debian-8": "debian-jessie",
    "debian-9": "debian-stretch",
    "debian-10": "debian-buster",
    "debian-11": "debian-bullseye",
    "debian-12": "debian-bookworm",
    "debian-13": "debian-trixie",
    "ubuntu-precise": "ubuntu-12.04",
    "ubuntu-trusty": "ubuntu-14.04",
    "ubuntu-xenial": "ubuntu-16.04",
    "ubuntu-bionic": "ubuntu-18.04",
    "ubuntu-focal": "ubuntu-20.04",
    "ubuntu-jammy": "ubuntu-22.04",
    "ubuntu-noble": "ubuntu-24.04",
}


def resolve_release(text: str) -> Release:
    """Give the release that a number (`2.2.7`) or a distribution (`debian-bookworm`, `el7`) names.

    Raises InputError for anything else, with names that are near.
    """
    word = text.strip().lower()
    word = _ALIASES.get(word, word)
    if word in DISTRIBUTIONS:
        return DISTRIBUTIONS[word]
    if _RELEASE.fullmatch(word):
        return parse_release(word)
    import difflib

    near = difflib.get_close_matches(word, [*DISTRIBUTIONS, *_ALIASES], n=3)
    raise InputError(
        f"{text!r} is no keepalived release and no distribution",
        cure=("Did you mean " + " or ".join(near) + "?")
        if near
        else "Give a release such as 1.2.13, or a distribution such as debian-bookworm, ubuntu-22.04 or el7.",
    )
