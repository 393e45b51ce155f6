"""The two halves: each loses what belongs to the other one."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.rewriting import with_comments

from .hooks import hooks, name_in_hooks
from .ipv6 import adapt_to_ipv6
from .mixed import SOURCES, Mixed, Names

_BY_FAMILY = (b"virtual_ipaddress_excluded", b"virtual_routes", b"virtual_rules")


def ipv4_half(mixed: Mixed, names: Names) -> Iterator[Edit]:
    """Give the edits that make the block the IPv4 half."""
    yield _rename(mixed, names.four, names)
    gone = list(_foreign(mixed, 4))
    if mixed.choice.notify == "group":
        gone += hooks(mixed)
    else:
        yield from name_in_hooks(mixed, names.four, names.reason)
    yield from (_remove(mixed, line, "This belongs to the IPv6 half, or to none.") for line in gone)


def ipv6_half(mixed: Mixed, names: Names) -> Iterator[Edit]:
    """Give the edits that make a copy of the block the IPv6 half."""
    yield _rename(mixed, names.six, names)
    gone = [*_foreign(mixed, 6), *_never_in_ipv6(mixed)]
    if mixed.choice.notify == "both":
        yield from name_in_hooks(mixed, names.six, names.reason)
    else:
        gone += hooks(mixed)
    yield from (_remove(mixed, line, "This belongs to the IPv4 half, or to none.") for line in gone)
    yield from adapt_to_ipv6(mixed)


def _rename(mixed: Mixed, name: bytes, names: Names) -> Edit:
    word = mixed.statement.words[1]
    return mixed.edit(word.start, word.end, b'"' + name + b'"' if word.quoted else name, names.reason)


def _remove(mixed: Mixed, statement: Statement, reason: str) -> Edit:
    span = with_comments(mixed.tree, statement)
    if span is None:
        span = statement.start, (statement.close + 1 if statement.has_block else statement.end)
    return mixed.edit(*span, b"", reason)


def _foreign(mixed: Mixed, family: int) -> Iterator[Statement]:
    """The other family's addresses, sources, peers, routes and rules; and native_ipv6, which no half has."""
    other = 10 - family
    yield from mixed.six if other == 6 else mixed.four
    for child in mixed.statement.children:
        if child.keyword == b"native_ipv6":
            yield child
        elif child.keyword in SOURCES:
            if child.args and family_of(child.args[0]) == other:
                yield child
        elif child.keyword == b"unicast_peer":
            yield from _all_or_some(child, [line for line in child.children if family_of(line.keyword) == other])
        elif child.keyword in _BY_FAMILY:
            yield from _all_or_some(child, [line for line in child.children if _family_of_line(line) == other])


def _never_in_ipv6(mixed: Mixed) -> Iterator[Statement]:
    """VRRPv3 has no authentication and is not version 2; and there is one IPVS sync daemon."""
    for child in mixed.statement.children:
        version_2 = child.keyword in (b"version", b"vrrp_version") and child.args == (b"2",)
        if version_2 or child.keyword in (b"authentication", b"lvs_sync_daemon_interface"):
            yield child


def _family_of_line(statement: Statement) -> int:
    """The family of an address, route or rule: 6 if any word is an IPv6 address (no line may mix), else 4."""
    return 6 if any(family_of(word.value) == 6 for word in statement.words) or b"inet6" in statement.args else 4


def _all_or_some(block: Statement, lines: list[Statement]) -> list[Statement]:
    """The block itself where nothing would be left in it."""
    filled = [line for line in block.children if line.words]
    return [block] if lines and len(lines) == len(filled) else lines
