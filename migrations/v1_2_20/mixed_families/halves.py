"""What an instance with both families holds, and which of its statements belong to which half."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.conf.tree import Statement, Tree
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.rewriting import not_editable, show

ID = "v1_2_20/mixed_families"
ADDRESS_LISTS = (b"virtual_ipaddress_excluded", b"virtual_routes", b"virtual_rules")
HOOKS = (*NOTIFY, b"smtp_alert")
_SOURCES = (b"mcast_src_ip", b"unicast_src_ip")
_COMMENT = re.compile(rb"[ \t]*[#!]")


@dataclass(frozen=True, slots=True)
class Mixed:
    """An instance with both families in virtual_ipaddress.

    four, six: the address lines. native: it says native_ipv6.
    """

    statement: Statement
    name: bytes
    four: tuple[Statement, ...]
    six: tuple[Statement, ...]
    native: bool


def family_of_line(statement: Statement) -> int:
    """Give the family of a route or rule: 6 if any word is an IPv6 address (one line may not mix), else 4."""
    return 6 if any(family_of(word.value) == 6 for word in statement.words) or b"inet6" in statement.args else 4


def addresses(instance: Statement) -> list[Statement]:
    """Give the lines of every virtual_ipaddress block."""
    return [line for block in instance.find_all(b"virtual_ipaddress") for line in block.children if line.words]


def find_mixed(instance: Statement) -> Mixed | None:
    """Give what is mixed in an instance; None where virtual_ipaddress holds one family at most."""
    lines = addresses(instance)
    four = tuple(line for line in lines if family_of(line.keyword) != 6)
    six = tuple(line for line in lines if family_of(line.keyword) == 6)
    if not six or not any(family_of(line.keyword) == 4 for line in four) or not instance.args:
        return None
    return Mixed(instance, instance.args[0], four, six, instance.find(b"native_ipv6") is not None)


def foreign(mixed: Mixed, family: int) -> Iterator[Statement]:
    """Give what the half of this family must not hold: the other family's addresses, sources, peers, routes, rules."""
    other = 10 - family
    yield from mixed.six if other == 6 else mixed.four
    for child in mixed.statement.children:
        if child.keyword == b"native_ipv6":
            yield child
        elif child.keyword in _SOURCES:
            if child.args and family_of(child.args[0]) == other:
                yield child
        elif child.keyword == b"unicast_peer":
            yield from _all_or_some(child, [line for line in child.children if family_of(line.keyword) == other])
        elif child.keyword in ADDRESS_LISTS:
            yield from _all_or_some(child, [line for line in child.children if family_of_line(line) == other])


def not_for_six(mixed: Mixed) -> Iterator[Statement]:
    """Give what the IPv6 half never holds besides: authentication and version 2 (VRRPv3 has none of them), and the
    IPVS sync daemon, of which there is one."""
    for child in mixed.statement.children:
        if child.keyword in (b"authentication", b"lvs_sync_daemon_interface") or (
            child.keyword in (b"version", b"vrrp_version") and child.args == (b"2",)
        ):
            yield child


def hooks(mixed: Mixed) -> list[Statement]:
    """Give the notify lines of the instance."""
    return [child for child in mixed.statement.children if child.keyword in HOOKS]


def sources_of(instance: Statement, family: int) -> list[Statement]:
    """Give the lines that name a source address or a unicast peer of this family."""
    sources = [c for c in instance.find_all(*_SOURCES) if c.args and family_of(c.args[0]) == family]
    peers = [line for block in instance.find_all(b"unicast_peer") for line in block.children]
    return sources + [line for line in peers if family_of(line.keyword) == family]


def cannot_cut(statement: Statement, instance: Statement, new: bytes) -> Finding:
    """Give the decision for a statement that keeps an instance from being cut, with what really is in the way."""
    if not statement.editable:
        return not_editable(statement, ID, new)
    if statement.path != instance.path:
        why = f"it comes from {statement.path}, which other blocks may include as well"
        cure = f"Write its lines out in {show(instance.text)} in place of the include, then run again."
    elif statement.has_block and (statement.close < 0 or statement.close_path != statement.path):
        why = "its block is not closed in this file"
        cure = "Close the block where it begins, then run again."
    else:
        why = "it shares its lines with other statements"
        cure = "Give it lines of its own, then run again."
    return Finding(
        f"{ID}/not-editable",
        Severity.DECISION,
        statement.place,
        f"{show(instance.text)} cannot be cured: `{show(statement.text)}` must change, but {why}",
        cure,
    )


def with_comment(tree: Tree, statement: Statement) -> tuple[int, int] | None:
    """Give the span of the whole lines of a statement, with the comment lines directly above; None where others
    share its lines."""
    source = tree.sources[statement.path]
    end = statement.line_end
    if statement.has_block:
        if statement.close < 0 or statement.close_path != statement.path:
            return None
        stop = source.find(b"\n", statement.close)
        end = len(source) if stop < 0 else stop + 1
    last = statement.close + 1 if statement.has_block else statement.end
    rest = source[last:end].strip()
    if (rest and not _COMMENT.match(rest)) or source[statement.line_start : statement.start].strip():
        return None
    start = statement.line_start
    while start > 0:
        above = source.rfind(b"\n", 0, start - 1) + 1
        if not _COMMENT.match(source[above:start]):
            break
        start = above
    return start, end


def _all_or_some(block: Statement, lines: list[Statement]) -> list[Statement]:
    """The block itself where nothing would be left in it."""
    filled = [line for line in block.children if line.words]
    return [block] if lines and len(lines) == len(filled) else lines
