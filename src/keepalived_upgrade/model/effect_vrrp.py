"""Which instances and groups a release runs, and with what: family, version, VRID, priority, peers, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.effect_addresses import REFUSED, Place, addresses, as_excluded, routes, rules
from keepalived_upgrade.model.effect_commands import actions
from keepalived_upgrade.model.effect_complete import check_instance, check_sync_daemon
from keepalived_upgrade.model.effect_context import Making, settings
from keepalived_upgrade.model.effect_fields import (
    DEDUCED,
    advert_of,
    auth_of,
    check_source,
    family_in,
    interface_of,
    is_strict,
    peers_of,
    preempts,
    priority_of,
    source_of,
    state_of,
    version_of,
    vmac_of,
    vrid_of,
)
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_tracks import tracks
from keepalived_upgrade.model.effect_values import Address, Instance, Problem, Track
from keepalived_upgrade.releases import Release

_DEFAULT_INTERFACE = b"eth0"
_MOST_OLD_VIPS = 20
# What has a field of its own in Instance, or no effect.
_READ = frozenset(
    (
        *NOTIFY,
        *(b"state", b"interface", b"virtual_router_id", b"priority", b"advert_int", b"version", b"native_ipv6"),
        *(b"authentication", b"mcast_src_ip", b"unicast_src_ip", b"unicast_peer", b"use_vmac"),
        *(b"nopreempt", b"preempt"),
        *(b"virtual_ipaddress", b"virtual_ipaddress_excluded", b"virtual_routes", b"virtual_rules", b"debug"),
        *(b"track_interface", b"track_script", b"track_file", b"track_process", b"track_bfd"),
        b"lvs_sync_daemon_interface",
    )
)
# Numbers of an instance that 2.0.7 checks: least and most.
_WHOLE = {
    b"garp_master_delay": (0, 86400),
    b"garp_master_repeat": (1, 1000),
    b"garp_master_refresh": (0, 4294967),
    b"garp_master_refresh_repeat": (1, 1000),
    b"garp_lower_prio_delay": (0, 4294967),
    b"garp_lower_prio_repeat": (0, 1000),
    b"down_timer_adverts": (1, 100),
}


def instances(making: Making, top: Node, defaults: Node | None) -> list[Instance]:
    """Give the instances that run. defaults: global_defs."""
    found: list[Instance] = []
    names: set[bytes] = set()
    seen: dict[tuple[bytes, int, int | None], bytes] = {}
    for block in top.find_all(b"vrrp_instance"):
        instance = _instance(making, block, defaults, found, names)
        if instance is None:
            continue
        names.add(instance.name)
        # Up to 1.2.19 the second one with a VRID does not come up whatever its family (corrections 13).
        family = instance.family if making.release >= DEDUCED else None
        home = instance.interface if making.release >= DEDUCED else instance.vmac or instance.interface
        key = (home, instance.vrid, family)
        if key in seen and instance.interface and not _clash(making, block, seen[key]):
            continue
        seen.setdefault(key, instance.name)
        found.append(instance)
    return found


def _clash(making: Making, block: Node, other: bytes) -> bool:
    """Two with the same VRID (catalogue: vrid-duplicate). Tells whether the second one goes on."""
    if making.release < DEDUCED:
        making.note(block, Problem.DROPPED, block.text, said=False)
        return False
    if making.since(2, 0, 6) or not making.since(1, 3, 6):
        making.stop(
            block, other + b" and " + block.args[0] + b" have the same VRID"
        )  # 1.3.6 to 2.0.5 do not notice (probe f05)
    return True


def _instance(
    making: Making, block: Node, defaults: Node | None, earlier: list[Instance], names: set[bytes]
) -> Instance | None:
    name = block.args[0] if block.args else b""
    if not name or (making.release >= DEDUCED and len(block.args) > 1):
        making.note(block, Problem.DROPPED, block.text, said=making.release >= DEDUCED)
        return None
    if making.release >= DEDUCED and name in names:
        making.note(block, Problem.DROPPED, block.text)
        return None
    family = family_in(making, block)
    state = state_of(making, block)
    version = version_of(making, block, defaults, family)
    strict = is_strict(making, block, defaults)
    vrid = vrid_of(making, block)
    interface = interface_of(making, block, defaults)
    priority = priority_of(making, block, state)
    auth, secret = auth_of(making, block, version, strict)
    check_source(making, block, family)
    peers = peers_of(making, block, family)
    vmac = vmac_of(making, block, vrid, family, peers, earlier)
    place = _home(making, block, interface, vmac)
    vips = _addresses(making, block, place, family)
    advert = advert_of(making, block, version)
    check_sync_daemon(making, block)
    check_instance(making, block, version, family, vips, strict, state, priority, peers)
    if vrid is None or not interface:
        return None
    return Instance(
        name=name,
        interface=interface,
        family=family,
        version=version,
        vrid=vrid,
        priority=priority,
        state=state,
        advert=advert,
        auth=auth,
        secret=secret,
        source=source_of(block),
        peers=peers,
        vmac=vmac,
        preempt=preempts(block, state),
        settings=_settings(making, block),
        addresses=tuple(sorted(vip for vip in vips if REFUSED.encode() not in vip.flags)),
        routes=tuple(routes(making, block.entries(b"virtual_routes"))),
        rules=tuple(rules(making, block.entries(b"virtual_rules"))),
        tracks=_tracks(making, block, interface),
        actions=actions(making, block, NOTIFY, (b"INSTANCE", name, b"<STATE>", b"%d" % priority)),
    )


def _home(making: Making, block: Node, interface: bytes, vmac: bytes) -> bytes:
    """The interface of an address without `dev`: in 1.x eth0 where `interface` stands behind the list."""
    if vmac:
        return vmac
    order = [child.keyword for child in block.children if child.keyword in (b"interface", b"virtual_ipaddress")]
    if not making.since(2, 0, 0) and order and order[0] == b"virtual_ipaddress" and making.release >= DEDUCED:
        return _DEFAULT_INTERFACE
    return interface


def _addresses(making: Making, block: Node, home: bytes, family: int) -> list[Address]:
    only = family if making.release >= DEDUCED else None
    vips = addresses(making, block.entries(b"virtual_ipaddress"), Place(home, only))
    out = home
    if making.since(2, 2, 0) and block.find(b"use_vmac") is not None:
        out = b""  # corrections 3: the other family's addresses stay on the base interface
    excluded = addresses(making, block.entries(b"virtual_ipaddress_excluded"), Place(home, None, excluded=True))
    if out != home:
        base = block.first(b"interface") or b""
        excluded = [a if a.family == family or a.interface != home else replace(a, interface=base) for a in excluded]
    if making.release < DEDUCED and len(vips) > _MOST_OLD_VIPS:
        making.note(block, Problem.IGNORED, b"virtual_ipaddress", 0)
        vips = vips[:_MOST_OLD_VIPS]
    if making.release == DEDUCED and len(vips) > 9:
        making.note(block, Problem.CHANGED, b"virtual_ipaddress", 0)
        vips = vips[:9] + [as_excluded(vip) for vip in vips[9:]]
    return vips + excluded


def _tracks(making: Making, block: Node, interface: bytes) -> tuple[Track, ...]:
    """What it tracks. Its own interface is tracked anyway: 2.0.0 ignores it here with a word, with its weight."""
    found = tracks(making, block)
    own = [track for track in found if track.kind == b"track_interface" and track.name == interface]
    if not making.since(2, 0, 0):
        own = [track for track in own if not track.weight and block.find(b"dont_track_primary") is None]
    for _ in own:
        making.note(block, Problem.IGNORED, b"track_interface " + interface, 0, said=making.since(2, 0, 0))
    return tuple(sorted(track for track in found if track not in own))


def _settings(making: Making, block: Node) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    for line in block.children:
        if line.keyword in _WHOLE and line.args:
            making.whole(line, *_WHOLE[line.keyword], None)
    for line, since in _deprecated(block):
        if making.release >= since:
            making.note(line, Problem.ADVICE, line.keyword)
    return settings(block.children, _READ)


def _deprecated(block: Node) -> Iterator[tuple[Node, Release]]:
    """facts: deprecated-forms.md."""
    for line in block.find_all(b"linkbeat_use_polling"):
        yield line, Release(2, 0, 13)
    for line in block.find_all(b"vmac_garp_intvl"):
        yield line, Release(2, 2, 3)
    for line in block.find_all(b"thread_timer_expired"):
        yield line, Release(2, 3, 2)
