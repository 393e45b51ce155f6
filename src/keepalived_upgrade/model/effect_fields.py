"""What a vrrp_instance is under a release: family, version, VRID, priority, authentication, peers, VMAC."""

from __future__ import annotations

import re

from keepalived_upgrade.model.effect_context import Making, leading, switched
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Instance, Problem
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.releases import Release

# From here on the words of an instance decide its family (facts: mixed-families.md).
DEDUCED = Release(1, 2, 20)
_TTL = (b"min_ttl", b"max_ttl")
_DECIMAL = re.compile(rb"[0-9]{1,9}(?:\.[0-9]{0,9})?")


def family_in(making: Making, block: Node) -> int:
    """Give the family of the adverts: up to 1.2.19 IPv4 unless native_ipv6 is there, then what comes first decides."""
    if making.release < DEDUCED:
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


def state_of(making: Making, block: Node) -> bytes:
    """Give MASTER or BACKUP."""
    line = block.find(b"state")
    if line is None or not line.args:
        return b"BACKUP"
    if line.args[0] not in (b"MASTER", b"BACKUP"):
        making.note(line, Problem.IGNORED, line.text, said=making.release >= DEDUCED)
        return b"BACKUP"
    return line.args[0]


def version_of(making: Making, block: Node, defaults: Node | None, family: int) -> int:
    """Give the VRRP version, 2 or 3."""
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


def is_strict(making: Making, block: Node, defaults: Node | None) -> bool:
    """Tell whether the instance is in strict mode."""
    own = switched(block.find(b"strict_mode"))
    if own is not None:
        return own
    common = defaults.find(b"vrrp_strict") if defaults is not None else None
    # Up to 2.2.8 the word behind it was not read (catalogue: vrrp-strict-and-skip-check-parameter).
    return common is not None and (bool(switched(common)) or not making.since(2, 3, 0))


def vrid_of(making: Making, block: Node) -> int | None:
    """Give the virtual_router_id; without one keepalived ends."""
    line = block.find(b"virtual_router_id")
    value: int | None = None
    if line is not None and line.args:
        word = line.args[0]
        value = leading(word)
        right = word.isdigit() or not making.since(1, 3, 0)
        if not (right and 1 <= value <= 255):
            making.note(line, Problem.IGNORED, line.text)
            value = None if making.release >= DEDUCED or not value else value
    if value is None:
        making.stop(block, b"no virtual_router_id")
    return value


def interface_of(making: Making, block: Node, defaults: Node | None) -> bytes:
    """Give the interface, b"" where there is none."""
    line = block.find(b"interface")
    common = defaults.first(b"default_interface") if defaults is not None and making.since(1, 3, 5) else None
    name = line.args[0] if line is not None and line.args else common or b""
    if line is not None and any(line.quoted) and making.release < DEDUCED:
        name = b'"'
    if not name:
        if not (making.since(2, 1, 0) and source_of(block) and block.entries(b"unicast_peer")):
            making.stop(block, b"no interface")
        return b""
    known = making.around.interfaces
    if known is not None and name not in known and not making.dynamic:
        where = line if line is not None else block
        making.stop(where, b"interface " + name, where.line)
    return name


def priority_of(making: Making, block: Node, state: bytes) -> int:
    """Give the priority that is used."""
    line = block.find(b"priority")
    if line is None:
        # corrections 1: up to 1.2.19 an instance without priority sends 1.
        if making.release < DEDUCED:
            return 1
        return 255 if state == b"MASTER" else 100
    word = line.args[0] if line.args else b"100"
    value = leading(word)
    right = word.isdigit() or not making.since(1, 3, 0)
    if not (right and 1 <= value <= 255):
        making.note(line, Problem.CHANGED, line.text)
        return 100
    return value


def advert_of(making: Making, block: Node, version: int) -> int:
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


def auth_of(making: Making, block: Node, version: int, strict: bool) -> tuple[bytes, bytes]:
    """Give PASS or AH and the part of the password that is sent, b"" for none."""
    inner = block.find(b"authentication")
    if inner is None:
        return b"", b""
    kind = inner.find(b"auth_type")
    name = kind.args[0] if kind is not None and kind.args else b""
    word = inner.find(b"auth_pass")
    secret = word.args[0] if word is not None and word.args else b""
    if word is not None and any(word.quoted) and making.release < DEDUCED:
        secret = b'"'  # a quote is a word of its own (catalogue: auth-pass-quoted)
    if len(secret) > 8 and word is not None:
        making.note(word, Problem.CHANGED, b"auth_pass", said=making.since(1, 2, 3))
        secret = secret[:8]
    right = name in (b"PASS", b"AH") if making.release >= DEDUCED else name[:1] in (b"P", b"A")
    if kind is not None and not right and making.release >= DEDUCED:
        making.note(kind, Problem.IGNORED, kind.text)
        return b"", b""
    if making.release >= DEDUCED and (version == 3 or strict):
        making.note(block, Problem.IGNORED, b"authentication", 0)
        return b"", b""
    if not right:
        return b"", b""
    if making.release >= DEDUCED and not secret:
        making.note(block, Problem.IGNORED, b"authentication", 0)
        return b"", b""
    return (b"AH" if name.startswith(b"A") else b"PASS"), secret


def peers_of(making: Making, block: Node, family: int) -> tuple[str, ...]:
    """Give the unicast peers that the release takes, in order."""
    found: list[str] = []
    for line in block.entries(b"unicast_peer"):
        address = line.keyword.decode("latin-1")
        of = family_of(line.keyword)
        if of is None or (family is not None and of != family):
            making.note(line, Problem.IGNORED, line.text, said=making.since(1, 2, 10))
            continue
        options = line.words[1::2]
        if making.since(2, 1, 0) and (len(line.words) % 2 == 0 or any(word not in _TTL for word in options)):
            making.note(line, Problem.IGNORED, line.text)
        if address in found and making.since(2, 3, 3):
            making.note(line, Problem.IGNORED, line.text)
            continue
        found.append(address)
    return tuple(sorted(found))


def preempts(block: Node, state: bytes) -> bool:
    """Tell whether a higher priority takes over: nopreempt does not work with state MASTER (nopreempt-state-master)."""
    return block.find(b"nopreempt") is None or state == b"MASTER"


def check_source(making: Making, block: Node, family: int) -> None:
    """Note a source address that is none, or of the other family (catalogue: src-ip-peer-family)."""
    line = block.find(b"mcast_src_ip", b"unicast_src_ip")
    if line is not None and line.args and family_of(line.args[0]) != family:
        making.note(line, Problem.IGNORED, line.text, said=making.since(1, 2, 10))


def source_of(block: Node) -> str:
    """Give the source address as written."""
    word = block.first(b"mcast_src_ip", b"unicast_src_ip") or b""
    return word.decode("latin-1") if family_of(word) is not None else ""


def vmac_of(
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
    if name and making.release >= DEDUCED:
        return name
    stem = b"vrrp6" if family == 6 and making.release >= DEDUCED else b"vrrp"
    name = name or b"%s.%d" % (stem, vrid or 0)
    # Up to 1.2.13 a second interface of the name is not made, and the base interface is used (probe c07).
    return b"" if name in used and not making.since(1, 2, 14) else name
