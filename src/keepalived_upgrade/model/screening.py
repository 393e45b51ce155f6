"""Included files that are no configuration are not read, so that nothing of them is shown: `include /etc/shadow`."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice

from keepalived_upgrade.conf.files import Files
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.model.keywords import all_keywords

_MOST_LINES = 500
_FIRST_WORD = re.compile(rb"""["']?([^\s"'{}]*)""")
# What begins a line of the configuration and is no keyword: braces, definitions, conditions, sequences, includes.
_SIGNS = (b"{", b"}", b"$", b"@", b"~", b"include")
# A name, as lists hold them: an interface, an instance, a script.
_NAME = re.compile(rb"[A-Za-z][\w.@-]{0,63}")
_NUMBER = re.compile(rb"[0-9]{1,5}")
_OF_ROUTES = frozenset(
    b"default src to via from iif oif blackhole unreachable prohibit throw unicast local broadcast multicast nat not"
    b" table dev fwmark".split()
)


class Screened:
    """Files, of which those that look like no configuration are of the kind "foreign". near: the main file's folder.

    In that folder and below a list of names is a configuration, too.
    """

    def __init__(self, files: Files, near: str) -> None:
        self._files = files
        # Where the main file lies in /etc itself, everything would be near.
        self._near = f"{near}/" if near.count("/") > 1 else "\0"

    def read(self, path: str) -> bytes:
        """Give the file's bytes. Raises OSError."""
        return self._files.read(path)

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        """Give the paths that match. Raises OSError."""
        return self._files.glob(pattern, folder)

    def kind(self, path: str) -> str:
        """Give what stands at the path; "foreign" for a file that looks like no configuration."""
        kind = self._files.kind(path)
        if kind not in ("file", "executable"):
            return kind
        try:
            source = self._files.read(path)
        except OSError:
            return kind
        return kind if looks_like_configuration(source, path.startswith(self._near)) else "foreign"


@lru_cache(256)
def looks_like_configuration(source: bytes, near: bool) -> bool:
    """Tell whether at least half of a file's lines begin as those of a configuration do. near: names count as such."""
    if b"\0" in source[:8192] or b"-----BEGIN " in source:
        return False
    lines = (line.strip() for line in source.splitlines())
    said = list(islice((line for line in lines if line and line[:1] not in b"#!"), _MOST_LINES))
    return 2 * sum(_is_known(line, near) for line in said) >= len(said)


def _is_known(line: bytes, near: bool) -> bool:
    if line.startswith(_SIGNS):
        return True
    match = _FIRST_WORD.match(line)
    word = match.group(1) if match else b""
    if word in _words() or word in _OF_ROUTES or _NUMBER.fullmatch(word) or (near and _NAME.fullmatch(word)):
        return True
    return family_of(word.partition(b"-")[0]) is not None


@cache
def _words() -> frozenset[bytes]:
    # In a file of passwords `user` and `password` stand, too.
    return all_keywords() - {b"user", b"password", b"host", b"key", b"name"}
