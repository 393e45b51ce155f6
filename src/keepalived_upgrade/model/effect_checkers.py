"""The checkers of a real server, and which of them a release drops."""

from __future__ import annotations

import re

from keepalived_upgrade.model.effect_commands import action
from keepalived_upgrade.model.effect_context import Making, settings
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Checker, Problem, Settings
from keepalived_upgrade.releases import Release

CHECKERS = (
    *(b"TCP_CHECK", b"HTTP_GET", b"SSL_GET", b"SMTP_CHECK", b"DNS_CHECK", b"MISC_CHECK", b"BFD_CHECK"),
    *(b"UDP_CHECK", b"PING_CHECK", b"FILE_CHECK"),
)
_DECIMALS = Release(2, 0, 11)


def checkers(making: Making, real: Node) -> list[Checker]:
    """Give the checkers that run."""
    found = [_checker(making, block) for block in real.children if block.keyword in CHECKERS]
    return [checker for checker in found if checker is not None]


def _checker(making: Making, block: Node) -> Checker | None:
    _numbers(making, block)
    if block.keyword in (b"HTTP_GET", b"SSL_GET"):
        return _web(making, block)
    if block.keyword == b"MISC_CHECK":
        return _misc(making, block)
    if block.keyword == b"SMTP_CHECK" and block.find(b"host") is not None and making.since(1, 3, 7):
        # catalogue: smtp-check-host-block; log only, not seen in a test from 2.0.6 on.
        making.note(block, Problem.ADVICE, b"host", 0, said=not making.since(2, 0, 6))
    if block.keyword == b"SMTP_CHECK":
        _smtp_hosts(making, block)
    return Checker(block.keyword, _all(block))


def _smtp_hosts(making: Making, block: Node) -> None:
    """Host blocks end the process in some releases (corrections 11), and are read for ever in others (probe g20d)."""
    hosts = block.find_all(b"host")
    dies = Release(1, 2, 13) <= making.release < Release(1, 2, 17) and any(host.children for host in hosts)
    hangs = Release(2, 1, 0) <= making.release < Release(2, 1, 4) or Release(2, 3, 0) <= making.release < Release(
        2, 3, 4
    )
    if dies or (hosts and hangs):
        making.stop(block, b"host", process=b"checkers", said=False)


def _numbers(making: Making, block: Node) -> None:
    timeout = block.find(b"connect_timeout")
    if timeout is not None and timeout.args:
        making.seconds(timeout, "0.000001", "4294", _DECIMALS, 5000)
    for line in block.find_all(b"nb_get_retry"):
        if making.since(2, 0, 15):
            making.note(line, Problem.ADVICE, line.text)


def _web(making: Making, block: Node) -> Checker | None:
    """HTTP_GET and SSL_GET: urls without a path go, a checker without urls goes, and several releases die of it."""
    urls = []
    for url in block.find_all(b"url"):
        if url.find(b"path") is None and making.since(1, 3, 6):
            making.note(url, Problem.DROPPED, url.text, url.close)
            continue
        urls.append(url)
        for digest in url.find_all(b"digest"):
            if digest.args and len(digest.args[0]) != 32 and making.since(2, 0, 6):
                making.note(digest, Problem.IGNORED, digest.text)
        for status in url.find_all(b"status_code"):
            if making.since(2, 0, 7) and not making.since(2, 0, 17):
                making.whole(status, 100, 999, None)
    if not urls and making.since(1, 3, 6):
        making.note(block, Problem.DROPPED, block.text, block.close)
        if not making.since(2, 2, 8) and not Release(1, 4, 0) <= making.release < Release(1, 4, 2):
            making.stop(block, block.text, process=b"checkers", said=False)  # it crashes, at start or when it ends
        return None
    return Checker(block.keyword, _all(block, making))


def _misc(making: Making, block: Node) -> Checker | None:
    path = block.find(b"misc_path")
    if path is None or not path.args:
        if making.since(1, 3, 6):
            making.note(block, Problem.DROPPED, block.text, block.close)
        elif making.since(1, 3, 0) and making.release < Release(1, 3, 5):
            making.stop(block, block.text, process=b"checkers", said=False)
        return None
    user = block.find(b"user")
    words = user.args if user is not None else ()
    made = action(making, path, (), *words[:2])
    if made is None:
        return None
    return Checker(block.keyword, settings(block.children, frozenset((b"misc_path", b"user"))), (made,))


def _all(block: Node, making: Making | None = None) -> Settings:
    """Everything in a checker: of a line that is repeated the last, of blocks all, their lines joined."""
    lines: dict[bytes, tuple[bytes, ...]] = {}
    blocks: list[tuple[bytes, tuple[bytes, ...]]] = []
    for child in block.children:
        if child.children:
            inside = tuple(b" ".join(_words(line, making)) for line in child.children)
            blocks.append((child.keyword, (*child.args, *sorted(inside))))
        else:
            # nb_get_retry and retry are one thing.
            lines[b"retry" if child.keyword == b"nb_get_retry" else child.keyword] = child.args
    return tuple(sorted([*lines.items(), *blocks]))


def _words(line: Node, making: Making | None) -> tuple[bytes, ...]:
    """Give the words of a line as they count: up to 2.0.6 a status code is the number that one word begins with."""
    if line.keyword != b"status_code" or making is None or making.since(2, 0, 7):
        return line.words
    number = re.match(rb"[+-]?\d+", line.args[0]) if line.args else None
    return (line.keyword, number.group() if number else b"0")
