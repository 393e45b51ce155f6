"""How the halves send their adverts, and what a person must see to: addresses are proposed, never invented."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.rewriting import show

from .ipv6 import MOST_SECONDS_V3, too_long
from .mixed import Mixed, Names, addresses, peers_of, say


def advise_link_local(mixed: Mixed, names: Names) -> Iterator[Finding]:
    """Only multicast asks for a link-local address, which must be free on the link, and the same on all routers."""
    first = mixed.six[0]
    if _is_link_local(first.keyword) or peers_of(mixed.statement, 6):
        return
    later = next((line for line in mixed.six if _is_link_local(line.keyword)), None)
    cure = (
        f"Move line {later.line}, `{show(later.text)}`, before this one on every router."
        if later is not None
        else f"Add the line `fe80::{_router_id(mixed.statement):x}/64` before this one on every router, if that "
        "address is free on the link."
    )
    yield say(
        "link-local-first",
        Severity.REVIEW,
        first,
        f"{show(names.six)} sends its adverts over IPv6, and its first address should be a link-local one, the same "
        "on all routers",
        cure,
    )


def advise_interval(mixed: Mixed, names: Names) -> Iterator[Finding]:
    """VRRPv3 cannot count as far as version 2."""
    interval = mixed.statement.find(b"advert_int")
    if interval is None or (seconds := too_long(interval)) is None:
        return
    yield say(
        "interval-lowered",
        Severity.REVIEW,
        interval,
        f"{show(names.six)} sends every {MOST_SECONDS_V3} seconds instead of every {seconds:g}: VRRPv3 cannot count "
        "further",
        "Nothing, if the two halves may differ; else lower both, on every router.",
    )


def advise_unicast(mixed: Mixed, names: Names) -> Iterator[Finding]:
    """A half of a unicast instance that has no peer falls back to multicast."""
    if mixed.statement.find(b"unicast_peer") is None:
        return
    for family, name in ((6, names.six), (4, names.four)):
        if not peers_of(mixed.statement, family):
            yield say(
                "no-peer",
                Severity.DECISION,
                mixed.statement,
                f"{show(name)} has no IPv{family} unicast peer, and would send its adverts by multicast",
                f"Add `unicast_src_ip OWN-IPV{family}` and `unicast_peer {{ PEER-IPV{family} }}` to the instance first "
                "(both families may stand there together before the split), or accept this finding if multicast works.",
            )


def advise_ipv6_only(instance: Statement, context: Context) -> Iterator[Finding]:
    """An instance with IPv6 addresses alone and no native_ipv6 was elected over IPv4; from 1.2.20 it is not."""
    lines = addresses(instance)
    if not lines or any(family_of(line.keyword) != 6 for line in lines) or instance.find(b"native_ipv6") is not None:
        return
    yield say(
        "ipv6-only",
        Severity.REVIEW,
        instance,
        f"{show(b' '.join(instance.args))} was elected with VRRPv2 over IPv4 on {context.source}; {context.target} "
        "elects it with VRRPv3 over IPv6, without authentication, and does not understand old routers",
        "Upgrade all routers of this instance in one go; add a link-local address as the first one.",
    )


def _is_link_local(word: bytes) -> bool:
    try:
        return ipaddress.ip_interface(word.decode("ascii", "replace")).ip.is_link_local
    except ValueError:
        return False


def _router_id(instance: Statement) -> int:
    vrid = instance.find(b"virtual_router_id")
    return int(vrid.args[0]) if vrid is not None and vrid.args and vrid.args[0].isdigit() else 1
