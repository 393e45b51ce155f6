"""Which addresses, routes and rules a release brings up from its lists, and which lines it drops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Interface, IPv6Interface, ip_interface, ip_network

from keepalived_upgrade.conf.grammar import AddressLine, Option, Part, parse_address
from keepalived_upgrade.conf.grammar_routes import RouteLine, RuleLine, parse_route, parse_rule
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.model.effect_context import Making
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Address, Problem, Route, Rule

_LABEL = 15
# Written, and in the adverts, but the kernel does not take it.
REFUSED = "refused"
_FLAGS = ("home", "mngtmpaddr", "noprefixroute", "autojoin", "no_track", "use_vmac", "-nodad")
# The same word under another name.
_SAME = {"gw": "via", "preference": "priority", "order": "priority", "tos": "dsfield", "iif": "dev", "lookup": "table"}
_NAMES = {**_SAME, "sup_group": "suppress_ifgroup", "sup_pl": "suppress_prefixlength"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the addresses of a list go. family: the only one it takes, None for both."""

    interface: bytes
    family: int | None = None
    excluded: bool = False


def addresses(making: Making, lines: Sequence[Node], place: Place) -> list[Address]:
    """Give the addresses of a list in order; lines that the release drops become mistakes."""
    found: list[Address] = []
    for line in lines:
        address = _address(making, line, place)
        if address is None:
            continue
        if making.since(2, 3, 3) and any(_same(address, other) for other in found):
            making.note(line, Problem.IGNORED, line.text)
            continue
        found.append(address)
    return found


def _address(making: Making, line: Node, place: Place) -> Address | None:
    if not making.since(1, 2, 20) and any(line.quoted):
        making.note(line, Problem.IGNORED, line.text)  # the word read there is the quote alone
        return None
    try:
        parsed = _parse(making, line)
        written = parsed.address.value
        interface = _interface(written)
    except (InputError, ValueError):
        making.note(line, Problem.IGNORED, line.text)
        return None
    if place.family is not None and interface.version != place.family:
        _wrong_family(making, line)
        return None
    unknown = [part.value for part in parsed.unknown]
    if unknown:
        lost = not making.since(1, 2, 20) and any(not _is_address(word) for word in unknown)
        subject = b" ".join(word.encode("latin-1") for word in unknown)
        making.note(line, Problem.IGNORED, subject, said=lost or making.since(1, 2, 20))
        if lost:
            return None
    prefix = _prefix(making, line, written, interface)
    options = {option.name: option.value.strip('"') for option in parsed.options}
    return _finish(making, line, place, interface, prefix, options)


def _finish(
    making: Making,
    line: Node,
    place: Place,
    interface: IPv4Interface | IPv6Interface,
    prefix: int,
    options: dict[str, str],
) -> Address | None:
    label = options.get("label", "")
    if len(label) > _LABEL:
        # From 2.2.3 keepalived says so, before the kernel refused it (catalogue: vip-label-length).
        making.note(line, Problem.IGNORED, line.text, said=making.since(2, 2, 3))
        if making.since(2, 2, 3):
            return None
    device = options.get("dev", "").encode("latin-1") or place.interface
    if "dev" in options and not device_exists(making, line, device):
        return None
    broadcast = options.get("brd", options.get("broadcast", ""))
    if broadcast in ("+", "-"):
        if not making.since(1, 3, 6):
            making.note(line, Problem.IGNORED, line.text)
            return None
        broadcast = str(interface.network.broadcast_address) if broadcast == "+" else ""
    flags = [name for name in _FLAGS if name in options]
    if len(label) > _LABEL:
        flags.append(REFUSED)
    if interface.version == 6 and (_is_host(making, interface, prefix) or options.get("preferred_lft") == "0"):
        flags.append("deprecated")
    return Address(
        family=interface.version,
        address=str(interface.ip),
        prefix=prefix,
        interface=device,
        label=label.encode("latin-1"),
        broadcast=broadcast,
        scope=options.get("scope", "").encode("latin-1").replace(b"global", b""),
        peer=options.get("peer", ""),
        flags=tuple(sorted(flag.encode() for flag in flags)),
        excluded=place.excluded,
    )


def _parse(making: Making, line: Node) -> AddressLine:
    """Most lines are an address and nothing else, and need no grammar."""
    if len(line.words) == 1 and not line.quoted[0] and line.text == line.words[0]:
        word = line.text.decode("latin-1")
        return AddressLine(Part(word, 0, len(word)), (), ())
    return parse_address(line.text, making.release)


def device_exists(making: Making, line: Node, device: bytes) -> bool:
    """Tell whether an interface is there. Without it a line is lost up to 1.4.5, and from 2.0.0 keepalived ends."""
    known = making.around.interfaces
    if known is None or device in known:
        return True
    if making.since(2, 0, 0):
        making.stop(line, b"interface " + device, line.line)
    else:
        making.note(line, Problem.IGNORED, line.text)
    return False


def _interface(written: str) -> IPv4Interface | IPv6Interface:
    """Read an address; a prefix length that is too long stays for the caller to see. Raises ValueError."""
    host, slash, _ = written.partition("/")
    try:
        return ip_interface(written)
    except ValueError:
        if slash:
            return ip_interface(host)
        raise


def _prefix(making: Making, line: Node, written: str, interface: IPv4Interface | IPv6Interface) -> int:
    _, slash, length = written.partition("/")
    if not slash or str(interface.network.prefixlen) == length:
        return interface.network.prefixlen
    if making.since(2, 0, 7):
        making.note(line, Problem.CHANGED, line.text)
        return interface.max_prefixlen
    return int(length) if length.isdigit() else interface.max_prefixlen


def _is_host(making: Making, interface: IPv6Interface | IPv4Interface, prefix: int) -> bool:
    # catalogue: ipv6-vip-128-deprecated
    return making.since(1, 2, 9) and prefix == 128


def _is_address(word: str) -> bool:
    try:
        ip_interface(word)
    except ValueError:
        return False
    return True


def _wrong_family(making: Making, line: Node) -> None:
    if making.since(1, 2, 21):
        making.note(line, Problem.IGNORED, line.text)
    else:
        making.note(line, Problem.IGNORED, line.text)
        making.stop(line, line.text)  # 1.2.20 crashes on it


def _same(one: Address, other: Address) -> bool:
    return (one.family, one.address, one.prefix, one.interface) == (
        other.family,
        other.address,
        other.prefix,
        other.interface,
    )


def as_excluded(address: Address) -> Address:
    """Give the same address as one that is not in the adverts."""
    return replace(address, excluded=True)


# -- routes and rules -----------------------------------------------------------------------------------------


def routes(making: Making, lines: Sequence[Node]) -> list[Route]:
    """Give the routes of a list; what the release drops becomes a mistake."""
    found = [route for line in lines if (route := _route(making, line)) is not None]
    return sorted(found)


def _route(making: Making, line: Node) -> Route | None:
    try:
        parsed = parse_route(line.text, making.release)
        network = ip_network(_destination(parsed), strict=False)
    except (InputError, ValueError):
        making.note(line, Problem.IGNORED, line.text)
        if _dies_of_words(making):
            making.stop(line, line.text)
        return None
    if parsed.unknown:
        making.note(line, Problem.IGNORED, line.text, said=making.since(1, 2, 13))
        if making.since(1, 2, 24):
            return None
        if _dies_of_words(making):
            making.stop(line, line.text)
            return None
    names = [option.name for option in parsed.options]
    if making.since(1, 2, 24):
        for old in ("gw", "or"):
            if old in names:
                making.note(line, Problem.ADVICE, old.encode())
    every = [*parsed.options, *(option for hop in parsed.nexthops for option in hop.options)]
    for option in every:
        if option.name in ("dev", "oif") and not device_exists(making, line, option.value.encode("latin-1")):
            return None
    _note_untracked(making, line, every, bool(parsed.nexthops))
    if network.version == 6 and not making.since(1, 2, 10):
        return None  # the old netlink calls know IPv4 routes only (probe g25i)
    hops = tuple(_options(hop.options) for hop in parsed.nexthops) + _or_hops(parsed)
    plain = [option for option in parsed.options if option.name != "or" and not (hops and option.name in ("via", "gw"))]
    return Route(network.version, str(network), parsed.kind, _options(plain), hops)


def _dies_of_words(making: Making) -> bool:
    """From 1.2.13 to 1.2.23 a word that is no network is taken for one, and the process dies (probes g25h, g25k)."""
    return making.since(1, 2, 13) and not making.since(1, 2, 24)


def _or_hops(parsed: RouteLine) -> tuple[tuple[tuple[str, str], ...], ...]:
    """`via A or B` is two nexthops."""
    if not any(option.name == "or" for option in parsed.options):
        return ()
    return tuple((("via", option.value),) for option in parsed.options if option.name in ("via", "gw", "or"))


def _destination(parsed: RouteLine) -> str:
    value = parsed.destination.value
    inside = next((o.value for o in parsed.options if o.name in ("via", "gw")), "")
    if value in ("default", "default6"):
        return "::/0" if value == "default6" or ":" in inside else "0.0.0.0/0"
    return value


def _note_untracked(making: Making, line: Node, options: list[Option], nexthop: bool) -> None:
    """From 2.0.2 to 2.3.1 a route without interface is told not to be tracked (probes g25e, g26d)."""
    without = not any(option.name in ("dev", "oif", "no_track") for option in options)
    if making.since(2, 0, 2) and not making.since(2, 3, 2) and (without or nexthop):
        making.note(line, Problem.ADVICE, b"not tracked")


def rules(making: Making, lines: Sequence[Node]) -> list[Rule]:
    """Give the rules of a list. From 2.0.2 one without preference gets a number, counted down from 16384."""
    found, number = [], 16384
    for line in lines:
        try:
            parsed = parse_rule(line.text, making.release)
        except InputError:
            making.note(line, Problem.IGNORED, line.text)
            continue
        if parsed.unknown and making.since(1, 2, 24):
            making.note(line, Problem.IGNORED, line.text)
            continue
        if not making.since(1, 2, 24) and not any(o.name in ("from", "to") for o in parsed.options):
            making.stop(line, line.text)  # 1.2.20 dies of a rule that names no address (probe g27i)
            continue
        rule = _rule(making, line, parsed, number)
        if rule.preference == number:
            number -= 1
        found.append(rule)
    return sorted(found)


def _rule(making: Making, line: Node, parsed: RuleLine, number: int) -> Rule:
    options = _options(parsed.options)
    addresses_ = [value for name, value in options if name in ("from", "to")]
    family = 6 if any(":" in value for value in addresses_) or ("inet6", "") in options else 4
    preference = next((int(value) for name, value in options if name == "priority" and value.isdigit()), 0)
    if not preference and making.since(2, 0, 2):
        making.note(line, Problem.ADVICE, b"no preference")
        preference = number
    rest = tuple(pair for pair in options if pair[0] not in ("priority", "inet6"))
    if not making.since(1, 2, 24):
        # 1.2.20 to 1.2.23 keep one address, `to` if both are there (probe g27).
        rest = tuple(pair for pair in rest if pair[0] in ("from", "to", "table"))
        if {"from", "to"} <= {name for name, _ in rest}:
            rest = tuple(pair for pair in rest if pair[0] != "from")
    return Rule(family, preference, rest)


def _options(options: Sequence[Option]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_NAMES.get(o.name, o.name), f"{o.qualifier} {o.value}".strip()) for o in options))
