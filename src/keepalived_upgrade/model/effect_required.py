"""Keywords that need a word behind them, and what a release does without it (catalogue: missing-parameter)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.model.effect_context import Making
from keepalived_upgrade.model.effect_reading import Node

_REQUIRED = frozenset(
    (
        *(b"priority", b"virtual_router_id", b"interface", b"advert_int", b"debug", b"auth_type", b"auth_pass"),
        *(b"state", b"delay_loop", b"lb_algo", b"lb_kind", b"protocol", b"weight", b"connect_timeout", b"interval"),
        *(b"garp_master_delay", b"preempt_delay", b"version", b"script", b"misc_path"),
    )
)
_CHECKERS = frozenset((b"virtual_server", b"virtual_server_group", b"SSL"))


def check_required(making: Making, top: Node) -> None:
    """Note what is missing; up to 1.2.24 keepalived crashes on most of these, from 1.3.0 the process ends."""
    for line, process in _lines(top):
        if line.keyword in _REQUIRED and not line.args:
            making.stop(line, line.text, line.line, process)


def _lines(top: Node) -> Iterator[tuple[Node, bytes]]:
    for block in top.children:
        process = b"checkers" if block.keyword in _CHECKERS else b"vrrp"
        pending = list(block.children)
        while pending:
            line = pending.pop()
            yield line, process
            pending += line.children
