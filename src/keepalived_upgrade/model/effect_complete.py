"""What a release finds wrong with an instance once it has read all of it (vrrp_complete_instance)."""

from __future__ import annotations

from keepalived_upgrade.model.effect_context import Making
from keepalived_upgrade.model.effect_fields import DEDUCED, source_of
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Address, Problem
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.releases import Release

_UNICAST = (b"unicast_peer", b"unicast_src_ip", b"unicast_ttl", b"check_unicast_src", b"old_unicast_checksum")


def check_instance(
    making: Making,
    block: Node,
    version: int,
    family: int,
    vips: list[Address],
    strict: bool,
    state: bytes,
    priority: int,
    peers: tuple[str, ...],
) -> None:
    """Note what is wrong with an instance. vips: the addresses that the release takes."""
    if making.release == Release(2, 0, 0) and any(vip.excluded for vip in vips) and state == b"MASTER":
        making.stop(block, b"virtual_ipaddress_excluded", said=False)  # 2.0.0 crashes as MASTER (probes b01 to b04)
    if making.release < DEDUCED:
        return
    adverts = [vip for vip in vips if not vip.excluded]
    if not adverts and block.find(b"no_virtual_ipaddress") is None:
        if strict or version == 3 or family == 6:
            making.stop(block, b"no virtual_ipaddress")
        elif making.since(2, 1, 0):
            making.note(block, Problem.ADVICE, b"no virtual_ipaddress", 0)
    _check_first_address(making, block, family, strict, peers)
    if block.find(b"vmac_xmit_base") is not None and not any(block.find_all(b"use_vmac", b"use_ipvlan")):
        making.note(block, Problem.IGNORED, b"vmac_xmit_base", 0)
    if block.find(b"use_ipvlan") is not None and family != 6 and not source_of(block):
        making.note(block, Problem.DROPPED, b"use_ipvlan", 0)
    if making.since(2, 2, 5) and not peers and any(block.find_all(*_UNICAST)):
        making.note(block, Problem.ADVICE, b"unicast without peers", 0)
    owner = state == b"MASTER" and not (strict and priority != 255)
    for keyword in (b"nopreempt", b"preempt_delay"):
        if owner and block.find(keyword) is not None and making.since(1, 2, 22):
            making.note(block, Problem.IGNORED, keyword + b" with state MASTER", 0)
    if strict:
        _check_strict(making, block, version, state, priority, peers)


def _check_first_address(making: Making, block: Node, family: int, strict: bool, peers: tuple[str, ...]) -> None:
    """catalogue: ipv6-first-vip-link-local; from 2.2.0 a fault in strict mode only."""
    first = next(iter(block.entries(b"virtual_ipaddress")), None)
    lines = [line for line in block.entries(b"virtual_ipaddress") if family_of(line.keyword) == 6]
    if family != 6 or not lines or peers or first is None:
        return
    if lines[0].keyword.lower().startswith(b"fe80"):
        return
    making.note(block, Problem.ADVICE, b"first address not link-local", 0, said=strict or not making.since(2, 2, 0))


def _check_strict(
    making: Making, block: Node, version: int, state: bytes, priority: int, peers: tuple[str, ...]
) -> None:
    if peers and not (Release(2, 2, 5) <= making.release < Release(2, 4, 0)):
        making.stop(block, b"unicast peers in strict mode")
    if block.find(b"preempt_delay") is not None and making.since(1, 2, 22):
        making.note(block, Problem.IGNORED, b"preempt_delay", 0)
    if block.find(b"accept") is not None and version == 2 and making.since(1, 3, 0):
        making.note(block, Problem.IGNORED, b"accept", 0)
    if state == b"MASTER" and priority != 255:
        making.note(block, Problem.CHANGED, b"state MASTER", 0)


def check_sync_daemon(making: Making, block: Node) -> None:
    """Note the old form of lvs_sync_daemon (facts: deprecated-forms.md)."""
    line = block.find(b"lvs_sync_daemon_interface")
    if line is not None:
        making.note(line, Problem.ADVICE, b"lvs_sync_daemon_interface", said=making.release >= DEDUCED)
