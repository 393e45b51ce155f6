"""Keyword tables: which release knows which keyword in which block.

The data holds, for each path of keywords, the releases that know it (indices into the list of releases, as ranges);
a `*` marks blocks that hold a list of values and no keywords.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.releases import Release, parse_release

Path = tuple[bytes, ...]


@cache
def _tables() -> tuple[tuple[Release, ...], dict[Path, str]]:
    text = json.loads(files("keepalived_upgrade").joinpath("data/keywords.json").read_text(encoding="ascii"))
    releases = tuple(parse_release(release) for release in text["releases"])
    return releases, {tuple(path.encode().split(b"/")): known for path, known in text["keywords"].items()}


@cache
def keywords_of(release: Release) -> frozenset[Path]:
    """Give the paths of keywords that a release knows, by the table of the nearest release at or below it.

    A release older than every table is read by the oldest one.
    """
    releases, table = _tables()
    index = max((i for i, known in enumerate(releases) if known <= release), default=0)
    return frozenset(path for path, known in table.items() if _holds(known.rstrip("*"), index))


@cache
def all_keywords() -> frozenset[bytes]:
    """Give every keyword of any release, wherever it stands."""
    return frozenset(word for path in _tables()[1] for word in path)


@cache
def value_blocks() -> frozenset[Path]:
    """Give the paths of blocks that hold values and no keywords, in any release."""
    return frozenset(path for path, known in _tables()[1].items() if known.endswith("*"))


@cache
def _deepest() -> int:
    return max(map(len, _tables()[1]))


def path_of(statement: Statement) -> Path:
    """Give the keywords from the top level down to a statement; of one deeper than any table knows, the last ones."""
    path: list[bytes] = []
    above: Statement | None = statement
    while above is not None and len(path) <= _deepest():
        path.append(above.keyword)
        above = above.parent
    return tuple(reversed(path))


def is_lost(statement: Statement, source: Release, target: Release) -> bool:
    """Tell whether the source knows a statement's keyword at its place and the target does not."""
    path = path_of(statement)
    return path in keywords_of(source) and path not in keywords_of(target)


def _holds(ranges: str, index: int) -> bool:
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        if int(first) <= index <= int(last or first):
            return True
    return False
