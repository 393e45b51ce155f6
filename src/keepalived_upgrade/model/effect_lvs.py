"""Which virtual and real servers a release runs, with which scheduler, weights and checkers."""

from __future__ import annotations

from ipaddress import ip_address

from keepalived_upgrade.model.effect_checkers import CHECKERS, checkers
from keepalived_upgrade.model.effect_commands import action, actions
from keepalived_upgrade.model.effect_context import Making, leading, settings
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Problem, Real, Virtual
from keepalived_upgrade.releases import Release

_SCHEDULERS = frozenset(
    (b"rr", b"wrr", b"lc", b"wlc", b"lblc", b"lblcr", b"sh", b"mh", b"dh", b"fo", b"ovf", b"sed", b"nq", b"twos")
)
_HOOKS = (b"quorum_up", b"quorum_down")
_READ = frozenset(
    (
        *_HOOKS,
        *(b"lb_algo", b"lvs_sched", b"lb_kind", b"lvs_method", b"protocol", b"delay_loop", b"real_server"),
        *(b"sorry_server", b"ip_family"),
    )
)
_READ_REAL = frozenset((*CHECKERS, b"weight", b"notify_up", b"notify_down"))


def servers(making: Making, top: Node) -> list[Virtual]:
    """Give the virtual servers that run."""
    named = _server_groups(making, top)
    found = [_virtual(making, block, named) for block in top.find_all(b"virtual_server")]
    return [virtual for virtual in found if virtual is not None]


def _server_groups(making: Making, top: Node) -> dict[bytes, list[Node]]:
    """The entries of each virtual_server_group that the release takes."""
    found: dict[bytes, list[Node]] = {}
    for block in top.find_all(b"virtual_server_group"):
        kept: list[Node] = []
        families: set[int] = set()
        for line in block.children:
            if _entry(making, line, families):
                kept.append(line)
        name = block.args[0] if block.args else b""
        if not kept and making.since(1, 3, 6):
            making.note(block, Problem.DROPPED, block.text, block.close)
            continue
        found[name] = kept
    return found


def _entry(making: Making, line: Node, families: set[int]) -> bool:
    if line.keyword == b"fwmark":
        return True
    if len(line.words) < 2:
        # catalogue: missing-parameter; from 2.0.6 an address without port is taken.
        if Release(1, 3, 0) <= making.release < Release(2, 0, 6):
            making.missing(line, b"checkers")
        return _family(line.keyword) is not None or not making.since(2, 0, 6) or _not_an_entry(making, line)
    start, dash, end = line.keyword.partition(b"-")
    family = _family(start.partition(b"/")[0])
    if family is None and making.since(1, 3, 6):
        making.note(line, Problem.IGNORED, line.text)
        return False
    alone = making.since(1, 3, 3) and not making.since(2, 1, 0)
    if family is not None and alone and families and family not in families:
        making.note(line, Problem.IGNORED, line.text)
        return False
    families.add(family or 0)
    if dash and making.since(1, 3, 0) and not _rising(making, start, end):
        making.note(line, Problem.IGNORED, line.text)
        return False
    return True


def _not_an_entry(making: Making, line: Node) -> bool:
    making.note(line, Problem.IGNORED, line.text)
    return False


def _entry_text(making: Making, line: Node) -> bytes:
    """An entry as it counts: up to 2.2.1 a mask behind an address is ignored (catalogue: vsg-mask-and-ranges)."""
    first = line.keyword if making.since(2, 2, 2) else line.keyword.partition(b"/")[0]
    return b" ".join((first, *line.args))


def _rising(making: Making, start: bytes, end: bytes) -> bool:
    """Whether a range ends behind its start: a last byte, or from 2.2.2 a whole address too."""
    separator = b":" if b":" in start else b"."
    if separator in end:
        return making.since(2, 2, 2)
    base = 16 if separator == b":" else 10
    try:
        return int(end, base) > int(start.rpartition(separator)[2] or b"0", base)
    except ValueError:
        return False


def _virtual(making: Making, block: Node, named: dict[bytes, list[Node]]) -> Virtual | None:
    key = _key(making, block)
    if key is None:
        return None
    if key[0] == b"group" and len(key) > 1 and key[1] not in named and making.since(1, 3, 5):
        making.note(block, Problem.DROPPED, block.text, 0, said=not making.since(2, 0, 6))
        return None
    kind = key[0] if key[0] in (b"group", b"fwmark") else b""
    method = _method(making, block)
    entries = named.get(key[1], []) if kind == b"group" else []
    protocol = _protocol(making, block, kind, entries)
    scheduler = _scheduler(making, block)
    delay = _delay(making, block)
    reals = _reals(making, block, _family(key[0]), key)
    _check(making, block, key, reals, scheduler, method, protocol, entries)
    if not reals and _is_empty(making, block):
        return None
    sorry = block.find(b"sorry_server")
    if sorry is not None and len(sorry.args) == 1 and Release(1, 3, 0) <= making.release < Release(2, 0, 11):
        making.missing(sorry, b"checkers")
    return Virtual(
        key=key,
        scheduler=scheduler or b"wlc",
        method=(method or b"NAT").upper(),
        protocol=protocol,
        delay=delay,
        entries=tuple(sorted(_entry_text(making, line) for line in entries)),
        sorry=sorry.args if sorry is not None else (),
        reals=tuple(sorted(reals)),
        settings=settings(block.children, _READ),
        actions=actions(making, block, _HOOKS, ()),
    )


def _is_empty(making: Making, block: Node) -> bool:
    """A server without real servers: ignored from 1.3.6, and several releases die of it (vs-without-real-server)."""
    if Release(1, 2, 14) <= making.release < Release(1, 2, 20) or Release(1, 3, 0) <= making.release < Release(1, 3, 6):
        making.stop(block, block.text, process=b"checkers", said=False)
    if not making.since(1, 3, 6):
        return False
    said = not Release(2, 1, 0) <= making.release < Release(2, 1, 3) or not block.find_all(b"real_server")
    making.note(block, Problem.DROPPED, block.text, block.close if making.since(2, 2, 8) else 0, said=said)
    return True


def _key(making: Making, block: Node) -> tuple[bytes, ...] | None:
    """The words that name the server; None where the release skips it (probes g30c, g30i, g30k, g30l)."""
    args = block.args
    if not args:
        making.note(block, Problem.DROPPED, block.text)
        return None
    if args[0] in (b"group", b"fwmark"):
        return args[:2]
    if len(args) < 2 and not making.since(2, 0, 6):
        if making.since(1, 2, 20):
            making.missing(block, b"checkers", said=making.since(1, 3, 0))
        return (*args, b"0")
    port = args[1] if len(args) > 1 else b"0"
    if making.since(1, 3, 6) and _family(args[0]) is None:
        making.note(block, Problem.DROPPED, block.text)
        if _crashes_on_skipped(making):
            making.stop(block, block.text, process=b"checkers", said=False)
        return None
    if making.since(2, 0, 7) and not (port.isdigit() and 0 <= int(port) <= 65535):
        making.note(block, Problem.DROPPED, block.text)
        return None
    return (args[0], port)


def _method(making: Making, block: Node) -> bytes:
    """The forwarding method; b"" where none is written that the release knows."""
    line = block.find(b"lb_kind", b"lvs_method")
    word = line.args[0] if line is not None and line.args else b""
    if line is not None and word not in (b"NAT", b"DR", b"TUN"):
        making.note(line, Problem.IGNORED, line.text)
        return b"NAT"
    return word


def _crashes_on_skipped(making: Making) -> bool:
    """2.0.0 to 2.0.5 crash once they have skipped a server (probes g30e, g30i)."""
    return Release(2, 0, 0) <= making.release < Release(2, 0, 6)


def _protocol(making: Making, block: Node, kind: bytes, entries: list[Node]) -> bytes:
    """catalogue: vs-protocol-case, vs-defaults."""
    line = block.find(b"protocol")
    word = line.args[0] if line is not None and line.args else b""
    marked = kind == b"fwmark" or (kind == b"group" and bool(entries) and all(e.keyword == b"fwmark" for e in entries))
    if not making.since(1, 2, 20):
        return b"TCP" if word == b"TCP" else b"UDP"
    if word and word not in (b"TCP", b"UDP", b"SCTP") and line is not None:
        making.note(line, Problem.IGNORED, line.text)
        word = b""
    if marked:
        if word and making.since(1, 3, 6):
            making.note(block, Problem.IGNORED, b"protocol", 0)
        return b""
    if not word:
        # 2.0.6 to 2.0.19 do so without a word.
        said = making.since(1, 3, 6) and not Release(2, 0, 6) <= making.release < Release(2, 0, 16)
        making.note(block, Problem.CHANGED, b"protocol", 0, said=said)
        return b"UDP"
    return word


def _scheduler(making: Making, block: Node) -> bytes:
    line = block.find(b"lb_algo", b"lvs_sched")
    word = line.args[0] if line is not None and line.args else b""
    if line is not None and word not in _SCHEDULERS and making.since(2, 0, 6):
        making.note(line, Problem.IGNORED, line.text)
        return b""
    for keyword in (b"sh-port", b"sh-fallback"):
        flag = block.find(keyword)
        if flag is not None and word != b"sh":
            making.note(flag, Problem.IGNORED, flag.text)
    hashed = block.find(b"hashed")
    if hashed is not None and word not in (b"sh", b"mh") and making.since(2, 1, 4):
        making.note(hashed, Problem.IGNORED, hashed.text)
    return word


def _delay(making: Making, block: Node) -> int:
    line = block.find(b"delay_loop")
    if line is None:
        return 60_000
    return making.seconds(line, "0.000001", "4294", Release(2, 0, 11), 60_000)


def _reals(making: Making, block: Node, family: int | None, key: tuple[bytes, ...]) -> list[Real]:
    found: list[Real] = []
    for line in block.find_all(b"real_server"):
        args = line.args
        own = _family(args[0]) if args else None
        if family is not None and own is not None and own != family and making.since(1, 3, 3):
            making.note(line, Problem.DROPPED, line.text, line.close)
            if Release(1, 3, 6) <= making.release < Release(1, 4, 0) or _crashes_on_skipped(making):
                making.stop(line, line.text, process=b"checkers", said=False)
            continue
        if len(args) < 2 and Release(1, 3, 0) <= making.release < Release(2, 0, 11):
            making.missing(line, b"checkers")
        real = (args[0] if args else b"", args[1] if len(args) > 1 else key[1] if len(key) > 1 else b"0")
        if making.since(2, 0, 16) and any(other.key == real for other in found):
            making.note(line, Problem.DROPPED, line.text, 0)
            continue
        found.append(_real(making, line, real))
    return found


def _real(making: Making, block: Node, key: tuple[bytes, ...]) -> Real:
    line = block.find(b"weight")
    weight: int | None = 1
    if line is not None:
        least, most = (0, 2**31 - 1) if making.since(2, 1, 0) else (0 if making.since(2, 0, 20) else 1, 65535)
        if Release(2, 0, 0) <= making.release < Release(2, 0, 7) and not least <= leading(line.args[0]) <= most:
            making.note(line, Problem.IGNORED, line.text)
            weight = 1
        else:
            weight = making.whole(line, least, most, 1) if line.args else 1
    hooks = []
    for keyword in (b"notify_up", b"notify_down"):
        hook = block.find(keyword)
        made = action(making, hook) if hook is not None else None
        if made is not None:
            hooks.append(made)
    return Real(
        key=key,
        weight=weight or 0,
        checkers=tuple(sorted(checkers(making, block))),
        settings=settings(block.children, _READ_REAL),
        actions=tuple(sorted(hooks)),
    )


def _check(
    making: Making,
    block: Node,
    key: tuple[bytes, ...],
    reals: list[Real],
    scheduler: bytes,
    method: bytes,
    protocol: bytes,
    entries: list[Node],
) -> None:
    """What is found wrong once a server is read (catalogue: vs-defaults, hysteresis-limit, persistence-…)."""
    _check_persistence(making, block)
    if not making.since(1, 2, 13):
        _check_old_hysteresis(making, block)
    if not making.since(1, 3, 0) or not reals:
        return
    # 2.0.6 to 2.0.15 check, but say nothing in a test.
    loud = making.since(1, 3, 6) and not Release(2, 0, 6) <= making.release < Release(2, 0, 16)
    if not method:
        making.note(block, Problem.CHANGED, b"lb_kind", 0, said=loud)
    if not scheduler and making.since(1, 3, 6) and loud:
        making.note(block, Problem.CHANGED, b"lb_algo", 0, said=making.since(2, 0, 16))
    quorum = leading(block.first(b"quorum") or b"1")
    line = block.find(b"quorum")
    if line is not None and line.args and making.since(2, 0, 7):
        quorum = making.whole(line, 1, 2**32 - 1, 1) or 1
    hysteresis = leading(block.first(b"hysteresis") or b"0")
    total = sum(real.weight for real in reals)
    if total < quorum and making.since(2, 0, 16):
        making.note(block, Problem.CHANGED, b"quorum", 0)
        quorum = total
    if hysteresis >= quorum:
        said = hysteresis > 0 or making.since(2, 0, 16)
        making.note(block, Problem.CHANGED, b"hysteresis", 0, said=said)
    if block.find(b"ops") is not None and protocol == b"TCP" and making.since(1, 3, 6):
        making.note(block, Problem.IGNORED, b"ops", 0)
    port = key[1] if len(key) > 1 and key[0] not in (b"group", b"fwmark") else b"1"
    none = any(line.keyword != b"fwmark" and len(line.words) < 2 for line in entries) or not leading(port)
    if making.since(1, 3, 6) and none and block.find(b"persistence_timeout") is None:
        making.note(block, Problem.CHANGED, b"port", 0)


def _check_old_hysteresis(making: Making, block: Node) -> None:
    """Up to 1.2.12 it is compared while it is read (probe g13b)."""
    quorum, hysteresis = leading(block.first(b"quorum") or b"1"), leading(block.first(b"hysteresis") or b"0")
    if hysteresis >= quorum and hysteresis:
        making.note(block, Problem.CHANGED, b"hysteresis", 0)


def _check_persistence(making: Making, block: Node) -> None:
    timeout = block.find(b"persistence_timeout")
    if timeout is not None and timeout.args and making.since(1, 2, 24):
        most = 2_678_400 if making.since(2, 1, 3) else 4_294_967_295
        if not (timeout.args[0].isdigit() and 1 <= int(timeout.args[0]) <= most):
            making.note(timeout, Problem.IGNORED, timeout.text)
    elif timeout is not None and not timeout.args and _dies_without_timeout(making):
        making.stop(timeout, timeout.text, process=b"checkers", said=False)
    mask = block.find(b"persistence_granularity")
    # catalogue: persistence-granularity-inverted: a right mask is refused from 1.2.24 to 1.4.1.
    if mask is not None and Release(1, 2, 24) <= making.release < Release(1, 4, 2):
        making.note(mask, Problem.IGNORED, mask.text)


def _dies_without_timeout(making: Making) -> bool:
    """Up to 1.2.23 persistence_timeout without a number is a crash, but in 1.2.19 (probe g04c)."""
    return not making.since(1, 2, 24) and making.release != Release(1, 2, 19)


def _family(word: bytes) -> int | None:
    try:
        return ip_address(word.decode("ascii", "replace")).version
    except ValueError:
        return None
