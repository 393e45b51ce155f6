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
from .halves import Mixed, addresses

ID = "v1_2_20/mixed_families"


def advise_split(mixed: Mixed, names: Names, choice: MixedChoice, group: bytes) -> Iterator[Finding]:
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
    first = mixed.six[0]
    if not _is_link_local(first.keyword):
        line = f"fe80::{int(_number(instance)):x}/64"
        yield _finding(
            "link-local-first",
            Severity.REVIEW,
            first,
            f"{six} sends its adverts over IPv6, and its first address should be a link-local one, the same "
            "on all routers",
            f"Add the line `{line}` before this one on every router, if that address is free on the link.",
        )
    if instance.find(b"unicast_peer") is not None:
        yield from _advise_unicast(instance, six, 6)
        yield from _advise_unicast(instance, four, 4)
    if choice.notify == "group":
        yield _finding(
            "group-hooks",
            Severity.REVIEW,
            instance,
            f"the hooks are run for the group {show(group)} now: their first argument is GROUP, not INSTANCE",
            "Check that the scripts do not test the first argument for INSTANCE.",
        )
    elif choice.notify == "both":
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
            f"the old release elected {show(mixed.name)} over IPv6 with its own format of adverts; "
            f"{four} elects over IPv4 now",
            "Upgrade all routers in one go.",
        )
    if not instance.find(b"interface"):
        yield _finding(
            "no-interface", Severity.REVIEW, instance, "the instance names no interface", "Add `interface NAME`."
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
