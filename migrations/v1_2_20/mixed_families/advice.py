"""What a person must know or decide about an instance that is split."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, MixedChoice
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.rewriting import show

from .choose import Names
from .halves import ID, Mixed, addresses, hooks, sources_of
from .split import MOST_SECONDS_V3, too_long


def advise_split(mixed: Mixed, names: Names, choice: MixedChoice, context: Context) -> Iterator[Finding]:
    """Give the findings for a split."""
    instance = mixed.statement
    four, six = show(names.four), show(names.six)
    yield _finding(
        "rolling-upgrade",
        Severity.REVIEW,
        instance,
        f"while one router still runs the old release with {show(mixed.name)}, it and {four}/{six} do not understand "
        "each other: both can be master, and IPv6 addresses can be doubled",
        "Stop keepalived on the backup, upgrade it, then stop it on the old master before starting the backup; or use "
        "--mixed excluded on both routers first, upgrade, and split afterwards.",
    )
    yield from _advise_link_local(mixed, six)
    yield from _advise_interval(instance, six)
    if instance.find(b"unicast_peer") is not None:
        yield from _advise_unicast(instance, six, 6)
        yield from _advise_unicast(instance, four, 4)
    elected = 6 if mixed.native else 4
    if ignored := sources_of(instance, 10 - elected):
        yield _finding(
            "source-was-ignored",
            Severity.REVIEW,
            ignored[0],
            f"{context.source} elected over IPv{elected} and ignored the IPv{10 - elected} sources and peers of "
            f"{show(mixed.name)}; {six if elected == 4 else four} uses them now",
            "Check that these addresses are still right.",
        )
    if choice.notify == "group" and hooks(mixed):
        yield _finding(
            "group-hooks",
            Severity.REVIEW,
            instance,
            f"the hooks are run for the group {show(names.group)} now: their first argument is GROUP, not INSTANCE",
            "Check that the scripts do not test the first argument for INSTANCE.",
        )
    elif choice.notify == "both" and hooks(mixed):
        yield _finding(
            "hooks-twice",
            Severity.REVIEW,
            instance,
            "every hook runs twice for each transition, once for each half, and the two runs may overlap",
            "Check that the scripts can be run twice, or choose --notify first.",
        )
    if mixed.native:
        yield _finding(
            "native-ipv6",
            Severity.REVIEW,
            instance,
            f"the old release elected {show(mixed.name)} over IPv6 with its own format of adverts; {four} elects over "
            "IPv4 now",
            "Upgrade all routers in one go.",
        )
    if not instance.find(b"interface"):
        yield _finding(
            "no-interface", Severity.REVIEW, instance, "the instance names no interface", "Add `interface NAME`."
        )


def advise_excluded(mixed: Mixed) -> Iterator[Finding]:
    """Give the findings for the excluded cure."""
    instance, name = mixed.statement, show(mixed.name)
    kept = 6 if mixed.native else 4
    yield _finding(
        "excluded-on-all-routers",
        Severity.REVIEW,
        instance,
        f"{name} counts fewer addresses in its adverts now, so that a router with the old text does not understand one "
        f"with the new; and whether IPv{10 - kept} reaches the other routers is no longer part of the election",
        "Make this change on every router while all still run the old release, reload the backups before the master, "
        "then upgrade one router after the other.",
    )
    for line in sources_of(instance, 10 - kept):
        yield _finding(
            "source-chooses-family",
            Severity.DECISION,
            line,
            f"the old release elected {name} over IPv{kept} and ignored this IPv{10 - kept} address; the new one takes "
            "the family of the instance from the first source, peer or address it meets",
            "Remove the line.",
        )


def advise_same_name(mixed: Mixed) -> Finding:
    """Where two instances share a name, groups and scripts that say it mean nobody knows which."""
    return _finding(
        "same-name",
        Severity.DECISION,
        mixed.statement,
        f"there is another vrrp_instance {show(mixed.name)}, so this one, which has both families, was not changed",
        "Remove one of them, or give it a name of its own, then run again.",
    )


def advise_six_only(instance: Statement, context: Context) -> Iterator[Finding]:
    """An instance with IPv6 addresses alone and no native_ipv6 was elected over IPv4; from 1.2.20 it is not."""
    lines = addresses(instance)
    if not lines or any(family_of(line.keyword) != 6 for line in lines) or instance.find(b"native_ipv6") is not None:
        return
    yield _finding(
        "ipv6-only",
        Severity.REVIEW,
        instance,
        f"{show(b' '.join(instance.args))} was elected with VRRPv2 over IPv4 on {context.source}; {context.target} "
        "elects it with VRRPv3 over IPv6, without authentication, and does not understand old routers",
        "Upgrade all routers of this instance in one go; add a link-local address as the first one.",
    )


def _advise_unicast(instance: Statement, name: str, family: int) -> Iterator[Finding]:
    peers = [line for block in instance.find_all(b"unicast_peer") for line in block.children]
    if any(family_of(line.keyword) == family for line in peers):
        return
    yield _finding(
        "no-peer",
        Severity.DECISION,
        instance,
        f"{name} has no IPv{family} unicast peer, and would send its adverts by multicast",
        f"Add `unicast_src_ip OWN-IPV{family}` and `unicast_peer {{ PEER-IPV{family} }}` to the instance first (both "
        "families may stand there together before the split), or accept this finding if multicast works.",
    )


def _advise_link_local(mixed: Mixed, six: str) -> Iterator[Finding]:
    """Only multicast asks for it. Proposed, never invented: it must be free on the link, and the same everywhere."""
    first = mixed.six[0]
    if _is_link_local(first.keyword) or _has_six_peers(mixed.statement):
        return
    later = next((line for line in mixed.six if _is_link_local(line.keyword)), None)
    cure = (
        f"Move line {later.line}, `{show(later.text)}`, before this one on every router."
        if later is not None
        else f"Add the line `fe80::{int(_number(mixed.statement)):x}/64` before this one on every router, if that "
        "address is free on the link."
    )
    yield _finding(
        "link-local-first",
        Severity.REVIEW,
        first,
        f"{six} sends its adverts over IPv6, and its first address should be a link-local one, the same on all routers",
        cure,
    )


def _advise_interval(instance: Statement, six: str) -> Iterator[Finding]:
    interval = instance.find(b"advert_int")
    if interval is None or (seconds := too_long(interval)) is None:
        return
    yield _finding(
        "interval-lowered",
        Severity.REVIEW,
        interval,
        f"{six} sends every {MOST_SECONDS_V3} seconds instead of every {seconds:g}: VRRPv3 cannot count further",
        "Nothing, if the two halves may differ; else lower both, on every router.",
    )


def _has_six_peers(instance: Statement) -> bool:
    """Tell whether the IPv6 half has unicast peers."""
    peers = [line for block in instance.find_all(b"unicast_peer") for line in block.children]
    return any(family_of(line.keyword) == 6 for line in peers)


def _is_link_local(word: bytes) -> bool:
    try:
        return ipaddress.ip_interface(word.decode("ascii", "replace")).ip.is_link_local
    except ValueError:
        return False


def _number(instance: Statement) -> bytes:
    vrid = instance.find(b"virtual_router_id")
    return vrid.args[0] if vrid is not None and vrid.args and vrid.args[0].isdigit() else b"1"


def _finding(what: str, severity: Severity, statement: Statement, message: str, cure: str) -> Finding:
    return Finding(f"{ID}/{what}", severity, statement.place, message, cure)
