"""Keywords that need a word behind them, and what a release does without it (catalogue: missing-parameter)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.effect_context import Making
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Mistake, Problem
from keepalived_upgrade.releases import Release

_REQUIRED = frozenset(
    (
        *(b"priority", b"virtual_router_id", b"interface", b"advert_int", b"debug", b"auth_type", b"auth_pass"),
        *(b"state", b"delay_loop", b"lb_algo", b"lb_kind", b"protocol", b"weight", b"connect_timeout", b"interval"),
        *(b"garp_master_delay", b"preempt_delay", b"version", b"script", b"misc_path", b"unicast_src_ip"),
        *(b"mcast_src_ip", b"vrrp_script", *NOTIFY),
    )
)
_CHECKERS = frozenset((b"virtual_server", b"virtual_server_group", b"SSL"))


def check_required(making: Making, top: Node) -> None:
    """Note what is missing; up to 1.2.24 keepalived crashes on most of these, from 1.3.0 the process ends."""
    for line, process in _lines(top):
        if line.args or line.keyword not in _REQUIRED:
            continue
        if line.text.count(b'"') % 2:
            _cut(making, line, process)
        else:
            making.missing(line, process, said=making.since(1, 3, 0))


def _cut(making: Making, line: Node, process: bytes) -> None:
    """The word is there, but its quote is not closed, so it is lost (probes d21, h08b)."""
    survives = Release(1, 2, 24) <= making.release < Release(1, 3, 0) or Release(1, 3, 6) <= making.release
    if not making.since(1, 2, 20) or (survives and not making.since(2, 0, 0)):
        return
    if making.since(2, 0, 0) and not making.since(2, 0, 6):
        making.missing(line, process)
    else:
        making.stop(line, line.keyword, 0, process, said=False)  # it crashes


def _lines(top: Node) -> Iterator[tuple[Node, bytes]]:
    for block in top.children:
        process = b"checkers" if block.keyword in _CHECKERS else b"vrrp"
        pending = [block]
        while pending:
            line = pending.pop()
            yield line, process
            pending += line.children


def up_to_missing(making: Making) -> list[Mistake]:
    """Give the mistakes up to the first missing word: from 1.3.0 the reading ends there."""
    ends = (m for m in making.mistakes if m.problem is Problem.STOPS and m.subject.startswith(b"missing ") and m.said)
    first = min(ends, key=_line, default=None)
    if first is None:
        return making.mistakes
    return [m for m in making.mistakes if m == first or (m.path == first.path and 0 < m.line < first.line)]


def _line(mistake: Mistake) -> int:
    return mistake.line
