"""What the IPv6 half needs and the old instance did not: VRRPv3, and what the kernel takes for IPv6."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from keepalived_upgrade.conf.grammar import parse_address
from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of

from .mixed import Mixed

MOST_SECONDS_V3 = 40.95
_UNKNOWN_TO_IPV6 = frozenset((b"brd", b"broadcast", b"label", b"scope"))
_LONGEST_INTERFACE = 15
# Releases whose IPv6 instances drop what is sent to their addresses unless `accept` stands there (be07426d ended it).
_DROPPING = (Release(1, 2, 20), Release(1, 2, 24))


def adapt_to_ipv6(mixed: Mixed) -> Iterator[Edit]:
    """Give the edits of what is not the IPv4 half's but cannot stay as it is."""
    yield from _vmac_name(mixed)
    yield from _accept(mixed)
    yield from _interval(mixed)
    for line in mixed.six:
        yield from _plain_address(mixed, line)


def too_long(interval: Statement) -> float | None:
    """Give the seconds of an advert_int that VRRPv3 cannot count to, None where it can."""
    try:
        seconds = float(interval.args[0]) if interval.args else 0.0
    except ValueError:
        return None
    return seconds if seconds > MOST_SECONDS_V3 else None


def _vmac_name(mixed: Mixed) -> Iterator[Edit]:
    """Two instances with one VMAC name: the second deletes the first one's interface."""
    vmac = mixed.statement.find(b"use_vmac")
    if vmac is not None and len(vmac.words) > 1 and vmac.words[1].literal:
        word = vmac.words[1]
        yield mixed.edit(word.start, word.end, _free_vmac(mixed, word.value), "A VMAC has one name.")


def _free_vmac(mixed: Mixed, name: bytes) -> bytes:
    """A name that is no word of the whole configuration: interfaces are named in many places."""
    used = {word.value for statement in mixed.tree.walk() for word in statement.words}
    suffixes = itertools.chain((b"6",), (b"6_%d" % number for number in itertools.count(2)))
    return next(new for suffix in suffixes if (new := name[: _LONGEST_INTERFACE - len(suffix)] + suffix) not in used)


def _accept(mixed: Mixed) -> Iterator[Edit]:
    block = mixed.statement
    if not _DROPPING[0] <= mixed.context.target <= _DROPPING[1] or block.find(b"accept") is not None:
        return
    first = block.children[0]
    text = indent_of(mixed.tree, first) + b"accept" + line_end_of(mixed.tree, first.path)
    yield mixed.edit(first.line_start, first.line_start, text, "Without it IPv6 addresses answer nobody.")


def _interval(mixed: Mixed) -> Iterator[Edit]:
    """VRRPv3 counts to 40.95 seconds; the daemon lowers what is above to just this, with a complaint."""
    interval = mixed.statement.find(b"advert_int")
    if interval is not None and too_long(interval) is not None:
        word = interval.words[1]
        yield mixed.edit(word.start, word.end, b"%.2f" % MOST_SECONDS_V3, "VRRPv3 counts to 40.95 seconds.")


def _plain_address(mixed: Mixed, line: Statement) -> Iterator[Edit]:
    """IPv6 has no broadcast address and no label, and the kernel takes no scope from here."""
    if not line.literal or not {word.value for word in line.words} & _UNKNOWN_TO_IPV6:
        return
    for option in parse_address(line.text).options:
        if option.name.encode() in _UNKNOWN_TO_IPV6:
            start = len(line.text[: option.start].rstrip(b" \t"))
            why = "IPv6 addresses take no brd, label or scope."
            yield mixed.edit(line.start + start, line.start + option.end, b"", why)
