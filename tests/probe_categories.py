"""The categories of agreement: what was seen and what the model says, brought into the same words."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from keepalived_upgrade.model.effect_values import Effect, Instance, Mistake, Problem
from keepalived_upgrade.releases import Release
from lone_node import calls_of, script_calls
from probes import FOLDER, Observation

Pair = tuple[Any, Any] | None
_TESTS = Release(2, 0, 10)
_LINES = Release(2, 0, 7)
_PLACE = re.compile(r"^\((?:[^()]*: ?)?Line (\d+)\) ")
_UNKNOWN = re.compile(r"Unknown keyword '(.*?)(?:'$|$)", re.DOTALL)
# What is said about running, about files of the host, or by both processes alike, and not about the configuration.
_RUNNING = re.compile(
    r"Unable to resolve default script username|SECURITY VIOLATION|IPVS|SMTP connection|TCP connection|Check on service"
    r"|Lost quorum|ctivating h|Misc check|Timeout connect|^vmac|vmac_ifname|No such interface, vrrp"
    r"|Adding link local|Netlink reports|FAULT|^Interface .* deleted|Syncing instances|ffective priority"
    r"|exited with status|now returning|firewall|ip6table|preferred_lft to 0|IP_DROP_MEMBERSHIP"
    r"|Setting default script user|no configuration to run|is not used|resolved by path search|Cannot find script"
    r"|cannot be accessed|Unable to access script|Disabling |Wrong file type|Can't open|fifo script terminated"
    r"|Unable to find config|onfig files m|Configuration file '|SSL error|Initialize SSL|^ +SSL|Terminate\.\.\.|free\(\)"
    r"|Unsafe permissions|should be link local|ing (old )?VMAC|VMAC found|already exists but"
    r"|will use if created|died:|exited (due|with permanent)|VS \[.*no configured RS|default user keepalived_script"
    r"|cript user '.*' does not exist|Using default value"
    r"|must be >=1sec|must be between less than|^=> |must belong to an interface|Hint: |Ignoring requested|pid N"
    r"|Please use global|Unterminated quote|Unmatched quote|missing terminating|Missing escape|cannot be found"
    r"|Non-existent interface|No such interface|Invalid smtp server|empty notification_email"
)
# A process that ends, or a VRRP that is refused as a whole (catalogue: config-error-ends-daemon, vrid-duplicate).
_ENDS = re.compile(
    r"exited with permanent error|died:|segmentation fault|exited due to signal|missing a parameter after keyword"
    r"|Non-existent interface specified|virtual (router )?id must be set|is required|not supported in strict mode"
    r"|Unknown interface !|is duplicated on interface|both use VRID|interval (too large|not supported)"
)
# Keywords that a build lacks by its options (the README of the probes).
_LACKING = re.compile(r"bfd|snmp|traps|dbus|nftables|BFD|iptables|ipsets|min_garp|checker_log|random_seed")


def stops(seen: Observation, said: Effect) -> Pair:
    """Whether a process ends."""
    messages = [m for m in seen.messages if not _noise_of_checkers(seen, m)]
    ends = any(_ENDS.search(message) for message in messages)
    if seen.mode == "chk" and seen.release >= _TESTS:
        ends = ends or seen.seen["exit"] in ("139", "137")
    elif seen.mode == "chk":
        ends = ends or seen.seen["exit"] != "alive"
    return ends, bool(said.stops)


def _noise_of_checkers(seen: Observation, message: str) -> bool:
    """1.4.0's checker process crashes when it is told to end; whether it is seen is a matter of time."""
    return seen.build == "1.4.0" and ("healthcheckers exited due to" in message or "Healthcheck child" in message)


def status(seen: Observation, said: Effect) -> Pair:
    """The exit status of `keepalived -t`, by the table in the README of the probes."""
    if seen.mode != "chk" or seen.release < _TESTS or any(_LACKING.search(text) for text in _texts(seen, said)):
        return None
    return seen.seen["exit"], _status(seen.release, said)


def _status(release: Release, said: Effect) -> str:
    missing, message, security, top = _codes(release)
    loud = [m for m in said.mistakes if m.said and m.problem is not Problem.DISABLED and not _is_include(m)]
    if any(m.subject.startswith(b"missing ") and m.problem is Problem.STOPS for m in loud):
        return missing
    silent = [m for m in said.mistakes if m.problem is Problem.STOPS and not m.said]
    if silent:
        return "137" if silent[0].subject == b"host" else "139"
    if _insecure(said):
        return security
    if any(m.subject == b"includea" and m.problem is Problem.STOPS for m in said.mistakes):
        return "7" if release < Release(2, 2, 5) else "6"
    if any(m.process == b"keepalived" for m in loud):
        return top
    return message if loud else "0"


def _texts(seen: Observation, said: Effect) -> list[str]:
    """Everything that names a keyword of this observation."""
    return [*seen.messages, *(m.subject.decode("utf-8", "replace") for m in said.mistakes)]


def _codes(release: Release) -> tuple[str, str, str, str]:
    if release < Release(2, 0, 16):
        return "3", "4", "5", "4"
    if release < Release(2, 2, 0):
        return "3", "0", "0", "4"
    return ("4" if release < Release(2, 2, 5) else "2"), "5", "6", "5"


def _insecure(said: Effect) -> bool:
    if any(keyword == b"enable_script_security" for keyword, _ in said.settings):
        return False
    owners = (*said.instances, *said.groups, *said.servers)
    actions = [*said.checks, *said.actions, *(action for owner in owners for action in owner.actions)]
    for server in said.servers:
        for real in server.reals:
            actions += [*real.actions, *(action for checker in real.checkers for action in checker.actions)]
    linked = any(m.problem is Problem.DISABLED and m.subject.startswith((b"/bin/", b"/sbin/")) for m in said.mistakes)
    return bool(actions) or linked


def unknown(seen: Observation, said: Effect) -> Pair:
    """The keywords that are unknown, with their lines from 2.0.7; lines that repeat are one before."""
    if seen.release < Release(1, 2, 20):
        return None
    place = seen.release >= _LINES
    found = set()
    for message in seen.messages:
        where, text = _split(message)
        match = _UNKNOWN.search(text)
        if match:
            found.add((where if place else 0, _short(match.group(1))))
    expected = {
        (mistake.line if place else 0, _short(mistake.subject.decode("utf-8", "replace")))
        for mistake in said.mistakes
        if mistake.problem is Problem.UNKNOWN
    }
    drop = {item for item in found | expected if _LACKING.search(item[1])}
    return found - drop, expected - drop


def complaints(seen: Observation, said: Effect) -> Pair:
    """The lines that are complained of (0: no line) from 2.0.7; before, whether there is any complaint."""
    if seen.build == "1.4.0" and b"virtual_server" in _keywords(seen):
        return None  # its checker process dies before it says anything
    found = set()
    for message in seen.messages:
        where, text = _split(message)
        if not _RUNNING.search(text) and not _UNKNOWN.search(text) and not _LACKING.search(text):
            found.add(where)
    expected = {m.line for m in said.mistakes if _counts(m)}
    if seen.release < _LINES:
        return bool(found), bool(expected)
    return found, expected


@cache
def _source(probe: str) -> bytes:
    return (FOLDER / f"{probe}.conf").read_bytes()


def _keywords(seen: Observation) -> set[bytes]:
    return set(_source(seen.probe).split())


def _counts(mistake: Mistake) -> bool:
    if not mistake.said or mistake.problem is Problem.UNKNOWN:
        return False
    return mistake.problem is not Problem.DISABLED and not _is_include(mistake)


def _is_include(mistake: Mistake) -> bool:
    """Whether an include matches nothing: said in many ways, and no error by default."""
    return (
        mistake.problem in (Problem.IGNORED, Problem.STOPS)
        and re.fullmatch(rb"include[rmwba]?", mistake.subject) is not None
    )


def _split(message: str) -> tuple[int, str]:
    match = _PLACE.match(message)
    return (int(match.group(1)), message[match.end() :]) if match else (0, message)


def _short(text: str) -> str:
    return text[:30]


def addresses(seen: Observation, said: Effect) -> Pair:
    """The addresses that come up."""
    if seen.mode != "live":
        return None
    found = {_parse_address(line) for line in seen.seen.get("addresses", ())}
    expected = set()
    if b"vrrp" not in said.stops:
        for address in (*said.addresses, *(a for i in said.instances for a in i.addresses)):
            if address.scope in (b"", b"0") and not address.address.startswith("fe80"):
                expected.add(
                    (
                        address.interface.decode(),
                        f"{address.address}/{address.prefix}",
                        address.broadcast,
                        address.peer.partition("/")[0],
                        address.label.decode(),
                        b"noprefixroute" in address.flags,
                        b"deprecated" in address.flags,
                    )
                )
    if not found and expected and _may_be_backup(said):
        return None  # the script failed, or the time was too short to become MASTER
    return found, expected


def _may_be_backup(said: Effect) -> bool:
    tracked = any(track.kind == b"track_script" for instance in said.instances for track in instance.tracks)
    return tracked or all(instance.state == b"BACKUP" for instance in said.instances)


def _parse_address(line: str) -> tuple[Any, ...]:
    words = line.split()
    device, kind, address = words[:3]
    prefix = ""
    peer = words[words.index("peer") + 1] if "peer" in words else ""
    if peer:
        prefix = "/" + peer.partition("/")[2]
    brd = words[words.index("brd") + 1] if "brd" in words else ""
    label = words[-1] if kind == "inet" and words[-1] != device else ""
    return (
        device,
        address + prefix,
        brd,
        peer.partition("/")[0],
        label,
        "noprefixroute" in words,
        "deprecated" in words,
    )


def routes(seen: Observation, said: Effect) -> Pair:
    """The routes that come up, as far as they are written."""
    if seen.mode != "live" or not ("routes" in seen.seen or _routes_of(said)):
        return None
    found = {_parse_route(line) for line in seen.seen.get("routes", ())}
    expected = set() if b"vrrp" in said.stops else {_shown(route) for route in _routes_of(said)}
    if seen.release < Release(2, 0, 0):
        # Without keepalived's protocol mark the listing does not tell a default route from the laboratory's own.
        expected = {route for route in expected if route[1] != "default"}
        if not expected and not found:
            return None
    return found, expected


def _routes_of(said: Effect) -> list[Any]:
    return [*said.routes, *(route for instance in said.instances for route in instance.routes)]


def _parse_route(line: str) -> tuple[str, ...]:
    words = line.split()
    kind = words.pop(0) if words[0] in ("blackhole", "unreachable", "prohibit") else ""
    values = dict(zip(words[1::2], words[2::2], strict=False))
    return (kind, words[0], values.get("via", ""), values.get("src", ""), values.get("table", ""))


def _shown(route: Any) -> tuple[str, ...]:
    options = dict(route.options)
    destination = "default" if route.destination in ("0.0.0.0/0", "::/0") else route.destination
    return (route.kind, destination, options.get("via", ""), options.get("src", ""), options.get("table", ""))


def rules(seen: Observation, said: Effect) -> Pair:
    """The rules that come up."""
    expected = [rule for instance in said.instances for rule in instance.rules] if b"vrrp" not in said.stops else []
    if seen.mode != "live" or not (seen.seen.get("rules") or expected):
        return None
    found = {_parse_rule(line) for line in seen.seen.get("rules", ())}
    return found, {_shown_rule(rule) for rule in expected}


def _parse_rule(line: str) -> tuple[Any, ...]:
    number, _, rest = line.partition(":")
    words = rest.split()
    values = dict(zip(words[0::2], words[1::2], strict=False))
    preference = 0 if int(number) > 32000 else int(number)
    mark = str(int(values["fwmark"], 16)) if "fwmark" in values else ""
    source = values.get("from", "all").replace("all", "")
    return preference, source, values.get("to", ""), values.get("iif", ""), mark, values.get("lookup", "")


def _shown_rule(rule: Any) -> tuple[Any, ...]:
    options = dict(rule.options)
    names = ("from", "to", "dev", "fwmark", "table")
    return (rule.preference, *(options.get(name, "") for name in names))


def calls(seen: Observation, said: Effect) -> Pair:
    """The calls of scripts, each once. Not counted where keepalived ends at once: what it still runs then differs."""
    if seen.mode != "live" or said.stops or _ended(seen):
        return None
    found = {_parse_call(call) for call in seen.seen.get("calls", ())}
    return found, calls_of(said)


def _ended(seen: Observation) -> bool:
    return not seen.seen["exit"].startswith("alive")


def _parse_call(call: str) -> tuple[Any, ...]:
    name, uid, _, _, *rest = [*call.split(" ", 4), ""]
    arguments = tuple(re.findall(r"\[(.*?)\](?=\[|$)", " ".join(rest).strip()))
    return name, int(uid.removeprefix("uid=")), arguments


def checks(seen: Observation, said: Effect) -> Pair:
    """What the check scripts got."""
    if seen.mode != "live" or not seen.seen.get("check_script"):
        return None
    found = set()
    for call in seen.seen["check_script"]:
        match = re.match(r"CHK uid=(\d+) ?(.*?) ?(?:via sh -c|direct|parent=.*)$", call)
        if match:
            found.add((int(match.group(1)), tuple(re.findall(r"\[(.*?)\](?=\[|$)", match.group(2)))))
    return found, script_calls(said)


def dropped(seen: Observation, said: Effect) -> Pair:
    """Which instances hold their addresses, for probes with several of them."""
    if seen.mode != "live" or len(said.instances) < 2 or b"vrrp" in said.stops:
        return None
    found = " ".join(seen.seen.get("addresses", ()))
    up = {i.name for i in said.instances if any(_is_up(found, i) for _ in (0,))}
    return up, {i.name for i in said.instances if i.addresses}


def _is_up(found: str, instance: Instance) -> bool:
    return any(f" {address.address}/" in found for address in instance.addresses)


CATEGORIES: dict[str, Callable[[Observation, Effect], Pair]] = {
    "stops": stops,
    "status": status,
    "unknown keywords": unknown,
    "complaints": complaints,
    "addresses": addresses,
    "instances": dropped,
    "routes": routes,
    "rules": rules,
    "calls": calls,
    "check scripts": checks,
}
