"""Which instances and groups a release runs, and with what: family, version, VRID, priority, peers, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.effect_addresses import REFUSED, Place, addresses, as_excluded, routes, rules
from keepalived_upgrade.model.effect_commands import actions
from keepalived_upgrade.model.effect_context import Making, leading, settings, switched
from keepalived_upgrade.model.effect_reading import Node
from keepalived_upgrade.model.effect_tracks import tracks
from keepalived_upgrade.model.effect_values import Address, Instance, Problem, Track
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.releases import Release

_DEDUCED = Release(1, 2, 20)
_DEFAULT_INTERFACE = b"eth0"
_MOST_OLD_VIPS = 20
# What has a field of its own in Instance, or no effect.
_READ = frozenset(
    (
        *NOTIFY,
        *(b"state", b"interface", b"virtual_router_id", b"priority", b"advert_int", b"version", b"native_ipv6"),
        *(b"authentication", b"mcast_src_ip", b"unicast_src_ip", b"unicast_peer", b"use_vmac", b"nopreempt", b"preempt"),
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
_DECIMAL = re.compile(rb"[0-9]{1,9}(?:\.[0-9]{0,9})?")
_UNICAST = (b"unicast_peer", b"unicast_src_ip", b"unicast_ttl", b"check_unicast_src", b"old_unicast_checksum")


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
        family = instance.family if making.release >= _DEDUCED else None
        home = instance.interface if making.release >= _DEDUCED else instance.vmac or instance.interface
        key = (home, instance.vrid, family)
        if key in seen and instance.interface:
            if not _clash(making, block, seen[key]):
                continue
        seen.setdefault(key, instance.name)
        found.append(instance)
    return found


def _clash(making: Making, block: Node, other: bytes) -> bool:
    """Two with the same VRID (catalogue: vrid-duplicate). Tells whether the second one goes on."""
    if making.release < _DEDUCED:
        making.note(block, Problem.DROPPED, block.text, said=False)
        return False
    if making.since(2, 0, 6):
        making.note(block, Problem.ADVICE, other + b" has the same VRID", 0)
    elif not making.since(1, 3, 6):
        making.stop(block, other + b" has the same VRID")
    return True


def _instance(
    making: Making, block: Node, defaults: Node | None, earlier: list[Instance], names: set[bytes]
) -> Instance | None:
    name = block.args[0] if block.args else b""
    if not name or (making.release >= _DEDUCED and len(block.args) > 1):
        making.note(block, Problem.DROPPED, block.text, said=making.release >= _DEDUCED)
        return None
    if making.release >= _DEDUCED and name in names:
        making.note(block, Problem.DROPPED, block.text)
        return None
    family = _family(making, block)
    state = _state(making, block)
    version = _version(making, block, defaults, family)
    strict = _strict(making, block, defaults)
    vrid = _vrid(making, block)
    interface = _interface(making, block, defaults)
    priority = _priority(making, block, state)
    auth, secret = _auth(making, block, version)
    peers = _peers(making, block, family)
    vmac = _vmac(making, block, vrid, family, peers, earlier)
    place = _home(making, block, interface, vmac)
    vips = _addresses(making, block, place, family, name)
    advert = _advert(making, block, version)
    _missing_source(making, block)
    _check(making, block, version, family, vips, strict, state, priority, peers)
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
        source=_source(block),
        peers=peers,
        vmac=vmac,
        preempt=block.find(b"nopreempt") is None,
        settings=_settings(making, block),
        addresses=tuple(sorted(vip for vip in vips if REFUSED.encode() not in vip.flags)),
        routes=tuple(routes(making, block.entries(b"virtual_routes"))),
        rules=tuple(rules(making, block.entries(b"virtual_rules"))),
        tracks=_tracks(making, block, interface),
        actions=actions(making, block, NOTIFY, (b"INSTANCE", name, b"<STATE>", b"%d" % priority)),
    )


# -- what an instance is --------------------------------------------------------------------------------------


def _family(making: Making, block: Node) -> int:
    if making.release < _DEDUCED:
        return 6 if block.find(b"native_ipv6") is not None else 4
    # Nothing decides it: IPv4 (vrrp_complete_instance).
    return next((family for child in block.children if (family := _decides(child)) is not None), 4)


def _decides(child: Node) -> int | None:
    if child.keyword == b"native_ipv6":
        return 6
    if child.keyword in (b"mcast_src_ip", b"unicast_src_ip"):
        return family_of(child.args[0]) if child.args else None
    if child.keyword in (b"unicast_peer", b"virtual_ipaddress"):
        return next((family for line in child.children if (family := family_of(line.keyword)) is not None), None)
    return None


def _state(making: Making, block: Node) -> bytes:
    line = block.find(b"state")
    if line is None or not line.args:
        return b"BACKUP"
    if line.args[0] not in (b"MASTER", b"BACKUP"):
        making.note(line, Problem.IGNORED, line.text, said=making.release >= _DEDUCED)
        return b"BACKUP"
    return line.args[0]


def _version(making: Making, block: Node, defaults: Node | None, family: int) -> int:
    if family == 6 and making.release >= Release(1, 2, 17):
        return 3
    line = block.find(b"version")
    common = defaults.find(b"vrrp_version") if defaults is not None else None
    written = line or common
    if written is None:
        return 2
    value = leading(written.args[0]) if written.args else 0
    if value not in (2, 3):
        if line is not None:
            making.note(line, Problem.IGNORED, line.text)
        return 2
    return value


def _strict(making: Making, block: Node, defaults: Node | None) -> bool:
    own = switched(block.find(b"strict_mode"))
    if own is not None:
        return own
    common = defaults.find(b"vrrp_strict") if defaults is not None else None
    # Up to 2.2.8 the word behind it was not read (catalogue: vrrp-strict-and-skip-check-parameter).
    return common is not None and (bool(switched(common)) or not making.since(2, 3, 0))


def _vrid(making: Making, block: Node) -> int | None:
    line = block.find(b"virtual_router_id")
    value: int | None = None
    if line is not None and line.args:
        word = line.args[0]
        value = leading(word)
        right = word.isdigit() or not making.since(1, 3, 0)
        if not (right and 1 <= value <= 255):
            making.note(line, Problem.IGNORED, line.text)
            value = None if making.release >= _DEDUCED or not value else value
    if value is None:
        making.stop(block, b"no virtual_router_id")
    return value


def _interface(making: Making, block: Node, defaults: Node | None) -> bytes:
    line = block.find(b"interface")
    common = defaults.first(b"default_interface") if defaults is not None and making.since(1, 3, 5) else None
    name = line.args[0] if line is not None and line.args else common or b""
    if line is not None and any(line.quoted) and making.release < _DEDUCED:
        name = b'"'
    if not name:
        if not (making.since(2, 1, 0) and _source(block) and block.entries(b"unicast_peer")):
            making.stop(block, b"no interface")
        return b""
    known = making.around.interfaces
    if known is not None and name not in known and not making.dynamic:
        where = line if line is not None else block
        making.stop(where, b"interface " + name, where.line)
    return name


def _priority(making: Making, block: Node, state: bytes) -> int:
    line = block.find(b"priority")
    if line is None:
        # corrections 1: up to 1.2.19 an instance without priority sends 1.
        if making.release < _DEDUCED:
            return 1
        return 255 if state == b"MASTER" else 100
    word = line.args[0] if line.args else b"100"
    value = leading(word)
    right = word.isdigit() or not making.since(1, 3, 0)
    if not (right and 1 <= value <= 255):
        making.note(line, Problem.CHANGED, line.text)
        return 100
    return value


def _advert(making: Making, block: Node, version: int) -> int:
    """The advert interval in milliseconds (catalogue: advert-int-fraction-v2, advert-int-range)."""
    line = block.find(b"advert_int")
    if line is None or not line.args:
        return 1000
    word = line.args[0]
    if not making.since(1, 2, 17):
        value = leading(word)
        if value < 1:
            making.note(line, Problem.CHANGED, line.text)
        return max(1, min(value, 255)) * 1000
    number = _DECIMAL.match(word)
    value = round(float(number.group()) * 1000) if number else 0
    if value <= 0 or (making.since(2, 0, 7) and value > 255_000):
        making.note(line, Problem.CHANGED, line.text)
        return 1000
    if version == 2:
        return _whole_seconds(making, line, value)
    return min(value, 40_950)


def _whole_seconds(making: Making, line: Node, value: int) -> int:
    if value > 255_000:
        if making.since(1, 2, 21):
            making.note(line, Problem.CHANGED, line.text)
        elif making.since(1, 2, 20):
            making.stop(line, line.text)
        return 255_000
    if value % 1000 == 0:
        return value
    if making.since(1, 2, 21):
        making.note(line, Problem.CHANGED, line.text, 0)
        return max(1, int(value / 1000 + 0.5)) * 1000
    if making.since(1, 2, 20) or value < 1000:
        making.stop(line, line.text)
    return max(1, value // 1000) * 1000


def _auth(making: Making, block: Node, version: int) -> tuple[bytes, bytes]:
    inner = block.find(b"authentication")
    if inner is None:
        return b"", b""
    kind = inner.find(b"auth_type")
    name = kind.args[0] if kind is not None and kind.args else b""
    word = inner.find(b"auth_pass")
    secret = word.args[0] if word is not None and word.args else b""
    if word is not None and any(word.quoted) and making.release < _DEDUCED:
        secret = b'"'  # a quote is a word of its own (catalogue: auth-pass-quoted)
    if len(secret) > 8 and word is not None:
        making.note(word, Problem.CHANGED, b"auth_pass", said=making.since(1, 2, 3))
        secret = secret[:8]
    right = name in (b"PASS", b"AH") if making.release >= _DEDUCED else name[:1] in (b"P", b"A")
    if kind is not None and not right and making.release >= _DEDUCED:
        making.note(kind, Problem.IGNORED, kind.text)
        return b"", b""
    if making.release >= _DEDUCED and version == 3:
        making.note(block, Problem.IGNORED, b"authentication", 0)
        return b"", b""
    if not right:
        return b"", b""
    if making.release >= _DEDUCED and not secret:
        making.note(block, Problem.IGNORED, b"authentication", 0)
        return b"", b""
    return (b"AH" if name.startswith(b"A") else b"PASS"), secret


def _peers(making: Making, block: Node, family: int) -> tuple[str, ...]:
    found: list[str] = []
    for line in block.entries(b"unicast_peer"):
        address = line.keyword.decode("latin-1")
        of = family_of(line.keyword)
        if of is None or (family is not None and of != family):
            making.note(line, Problem.IGNORED, line.text, said=making.since(1, 2, 10))
            continue
        if len(line.words) > 1 and making.since(2, 1, 0) and len(line.words) % 2 == 0:
            making.note(line, Problem.IGNORED, line.text)
        if address in found and making.since(2, 3, 3):
            making.note(line, Problem.IGNORED, line.text)
            continue
        found.append(address)
    return tuple(sorted(found))


def _source(block: Node) -> str:
    word = block.first(b"mcast_src_ip", b"unicast_src_ip")
    return (word or b"").decode("latin-1")


def _vmac(
    making: Making,
    block: Node,
    vrid: int | None,
    family: int,
    peers: tuple[str, ...],
    earlier: list[Instance],
) -> bytes:
    """The name of the VMAC interface, b"" for none (catalogue: vmac-name-per-instance, unicast-with-vmac)."""
    line = block.find(b"use_vmac")
    if line is None:
        return b""
    if peers and making.since(2, 1, 0):
        if making.since(2, 2, 0):
            if block.find(b"vmac_xmit_base") is None:
                making.note(block, Problem.CHANGED, b"vmac_xmit_base", block.close)
        else:
            making.note(block, Problem.IGNORED, b"use_vmac", block.close)
            return b""
    name = line.args[0] if line.args else b""
    if len(name) > 15:
        making.note(line, Problem.CHANGED, line.text, said=making.since(1, 4, 2))
        name = b"" if making.since(1, 4, 2) else name[:15]
    used = {other.vmac for other in earlier}
    if name and name in used and making.since(2, 0, 0):
        if making.since(2, 2, 0):
            making.note(line, Problem.CHANGED, line.text)
            name = b""
        else:
            making.stop(line, line.text, said=False)  # the first one's interface goes away, and it crashes (probe c08)
    if name and making.release >= _DEDUCED:
        return name
    stem = b"vrrp6" if family == 6 and making.release >= _DEDUCED else b"vrrp"
    name = name or b"%s.%d" % (stem, vrid or 0)
    # Up to 1.2.13 a second interface of the name is not made, and the base interface is used (probe c07).
    return b"" if name in used and not making.since(1, 2, 14) else name


# -- its addresses --------------------------------------------------------------------------------------------


def _home(making: Making, block: Node, interface: bytes, vmac: bytes) -> bytes:
    """The interface of an address without `dev`: in 1.x eth0 where `interface` stands behind the list."""
    if vmac:
        return vmac
    order = [child.keyword for child in block.children if child.keyword in (b"interface", b"virtual_ipaddress")]
    if not making.since(2, 0, 0) and order and order[0] == b"virtual_ipaddress" and making.release >= _DEDUCED:
        return _DEFAULT_INTERFACE
    return interface


def _addresses(making: Making, block: Node, home: bytes, family: int, name: bytes) -> list[Address]:
    only = family if making.release >= _DEDUCED else None
    vips = addresses(making, block.entries(b"virtual_ipaddress"), Place(home, only, owner=name))
    out = home
    if making.since(2, 2, 0) and block.find(b"use_vmac") is not None:
        out = b""  # corrections 3: the other family's addresses stay on the base interface
    excluded = addresses(making, block.entries(b"virtual_ipaddress_excluded"), Place(home, None, True, name))
    if out != home:
        base = block.first(b"interface") or b""
        excluded = [
            a if a.family == family or a.interface != home else _moved(a, base) for a in excluded
        ]
    if making.release < _DEDUCED and len(vips) > _MOST_OLD_VIPS:
        making.note(block, Problem.IGNORED, b"virtual_ipaddress", 0)
        vips = vips[:_MOST_OLD_VIPS]
    if making.release == _DEDUCED and len(vips) > 9:
        making.note(block, Problem.CHANGED, b"virtual_ipaddress", 0)
        vips = vips[:9] + [as_excluded(vip) for vip in vips[9:]]
    return vips + excluded


def _moved(address: Address, interface: bytes) -> Address:
    from dataclasses import replace

    return replace(address, interface=interface)


def _tracks(making: Making, block: Node, interface: bytes) -> tuple[Track, ...]:
    """What it tracks. Its own interface is tracked anyway: 2.0.0 ignores it here with a word, with its weight."""
    found = tracks(making, block)
    own = [track for track in found if track.kind == b"track_interface" and track.name == interface]
    if not making.since(2, 0, 0):
        own = [track for track in own if track.weight is None and block.find(b"dont_track_primary") is None]
    for _ in own:
        making.note(block, Problem.IGNORED, b"track_interface " + interface, 0, said=making.since(2, 0, 0))
    return tuple(sorted(track for track in found if track not in own))


# -- what it cannot be ----------------------------------------------------------------------------------------


def _check(
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
    """What a release finds wrong once the instance is read (vrrp_complete_instance)."""
    if making.release == Release(2, 0, 0) and any(vip.excluded for vip in vips) and state == b"MASTER":
        making.stop(block, b"virtual_ipaddress_excluded", said=False)  # 2.0.0 crashes as MASTER (probes b01 to b04)
    if making.release < _DEDUCED:
        return
    adverts = [vip for vip in vips if not vip.excluded]
    if not adverts:
        if strict or version == 3 or family == 6:
            making.stop(block, b"no virtual_ipaddress")
        elif making.since(2, 1, 0):
            making.note(block, Problem.ADVICE, b"no virtual_ipaddress", 0)
    _check_first_address(making, block, family, strict, peers)
    if block.find(b"vmac_xmit_base") is not None and not any(block.find_all(b"use_vmac", b"use_ipvlan")):
        making.note(block, Problem.IGNORED, b"vmac_xmit_base", 0)
    if block.find(b"use_ipvlan") is not None and family != 6 and not _source(block):
        making.note(block, Problem.DROPPED, b"use_ipvlan", 0)
    if making.since(2, 2, 5) and not peers and any(block.find_all(*_UNICAST)):
        making.note(block, Problem.ADVICE, b"unicast without peers", 0)
    if strict:
        _check_strict(making, block, version, state, priority, peers)


def _check_first_address(
    making: Making, block: Node, family: int, strict: bool, peers: tuple[str, ...]
) -> None:
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


def _missing_source(making: Making, block: Node) -> None:
    line = block.find(b"lvs_sync_daemon_interface")
    if line is not None:
        making.note(line, Problem.ADVICE, b"lvs_sync_daemon_interface", said=making.release >= _DEDUCED)


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
