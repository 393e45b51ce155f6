"""An effect as facts: (kind, owner, item) → the values that it has. Two effects are compared fact by fact.

The names of the new effect are taken back to the old ones first, so that a rename alone is no difference. Where an old
instance has become several, their facts come together under its name.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from keepalived_upgrade.model.effect_values import Action, Address, Effect, Instance, Real, Route, Rule, Track, Virtual

Key = tuple[str, str, str]
Facts = dict[Key, tuple[str, ...]]
_HIDDEN = frozenset((b"auth_hmac", b"key", b"password"))
# What a shell makes more of than words.
_SHELL_SYNTAX = re.compile(rb"[|&;<>$`*?\[\]~(){}\n]|^\w+=|(?:^|\s)#")


class _Collector:
    """Facts on their way. names: what a name of this effect was called before."""

    def __init__(self, names: Mapping[bytes, bytes]) -> None:
        self.names = names
        self.found: dict[Key, list[str]] = defaultdict(list)

    def add(self, kind: str, owner: bytes | str, item: str, value: str) -> None:
        # Up to 1.4.1 a brace glued to a name belongs to it; what is meant is the same.
        name = owner if isinstance(owner, str) else text(self.old(owner).removesuffix(b"{"))
        self.found[kind, name, item].append(value)

    def old(self, name: bytes) -> bytes:
        return self.names.get(name, name)

    def facts(self) -> Facts:
        return {key: tuple(sorted(set(values))) for key, values in self.found.items()}


def facts_of(effect: Effect, names: Mapping[bytes, bytes] | None = None, secrets: bool = False) -> Facts:
    """Give the facts of an effect. names: new name → old name. secrets: with the passwords, which are for comparing
    and never for showing."""
    into = _Collector(names or {})
    for instance in effect.instances:
        _instance(into, instance)
        if secrets and instance.secret:
            into.add("secret", instance.name, "", text(instance.secret))
    for group in effect.groups:
        members = ", ".join(sorted({text(into.old(member)) for member in group.members}))
        into.add("group", group.name, "", f"of {members}")
        _actions(into, group.name, group.actions)
        _tracks(into, group.name, group.tracks)
        _settings(into, group.name, group.settings)
    for check in effect.checks:
        into.add("script", check.name, "", "runs")
        into.add("setting", check.name, "interval", f"{check.interval} ms")
        into.add("setting", check.name, "weight", str(check.weight))
        into.add("setting", check.name, "rise and fall", f"{check.rise} and {check.fall}")
        _actions(into, check.name, (check.command,))
    for address in effect.addresses:
        into.add("address", "static", address.address, show_address(address))
    _routes(into, "static", effect.routes, effect.rules)
    for server in effect.servers:
        _server(into, server)
    _settings(into, "global_defs", effect.settings)
    _actions(into, "global_defs", effect.actions)
    _common(into, effect)
    for process in effect.stops:
        into.add("stops", text(process), "", "ends")
    return into.facts()


def _common(into: _Collector, effect: Effect) -> None:
    """What holds for all commands alike is said once."""
    actions = [action for instance in effect.instances for action in instance.actions]
    actions += [action for group in effect.groups for action in group.actions]
    every = actions + [check.command for check in effect.checks]
    for states in {action.states for action in actions if action.event == b"notify"}:
        into.add("states", "notify", "", ", ".join(text(state) for state in states))
    for umask in {action.umask for action in every}:
        into.add("umask", "scripts", "", text(umask))


def _instance(into: _Collector, instance: Instance) -> None:
    name = instance.name
    into.add("instance", name, "", "runs")
    scalars = {
        "interface": text(instance.interface),
        "family": f"IPv{instance.family}" if instance.family else "",
        "version": str(instance.version),
        "vrid": str(instance.vrid),
        "priority": str(instance.priority),
        "state": text(instance.state),
        "advert": f"{instance.advert} ms",
        "auth": text(instance.auth) or "none",
        "source": canonical(instance.source),
        "vmac": "VMAC" if instance.vmac else "",
        "preempt": "" if instance.preempt else "nopreempt",
    }
    for kind, value in scalars.items():
        if value:
            into.add(kind, name, "", value)
    for peer in instance.peers:
        into.add("peer", name, canonical(peer), "peer")
    for address in instance.addresses:
        into.add("address", name, address.address, show_address(address, instance.vmac))
    _routes(into, name, instance.routes, instance.rules)
    _tracks(into, name, instance.tracks)
    _actions(into, name, instance.actions)
    _settings(into, name, instance.settings)


def _routes(into: _Collector, owner: bytes | str, routes: Iterable[Route], rules: Iterable[Rule]) -> None:
    for route in routes:
        into.add("route", owner, *show_route(route))
    for rule in rules:
        into.add("rule", owner, show_rule(rule), f"preference {rule.preference or 'of the kernel'}")


def _tracks(into: _Collector, owner: bytes, tracks: Iterable[Track]) -> None:
    for track in tracks:
        name = text(into.old(track.name) if track.kind == b"track_script" else track.name)
        weight = f"weight {track.weight[0]}" if track.weight else "fault"
        into.add("track", owner, f"{text(track.kind)} {name}", weight + (" reverse" if track.reverse else ""))


def _actions(into: _Collector, owner: bytes | str, actions: Iterable[Action]) -> None:
    for action in actions:
        words = [into.old(word) if word in into.names else word for word in action.appended]
        more = "".join(f" {text(word)}" for word in words if not word.isdigit())
        who = f" as {text(action.user)}" if action.user not in (b"", b"root") else ""
        into.add("command", owner, text(action.event), show_command(action) + more + who)


def _settings(into: _Collector, owner: bytes | str, settings: Iterable[tuple[bytes, tuple[bytes, ...]]]) -> None:
    for keyword, words in settings:
        value = "…" if keyword in _HIDDEN else " ".join(text(word) for word in words) or "on"
        into.add("setting", owner, text(keyword), value)


def _server(into: _Collector, server: Virtual) -> None:
    owner = " ".join(text(word) for word in server.key)
    into.add("server", owner, "", "runs")
    for kind, value in (
        ("scheduler", text(server.scheduler)),
        ("forwarding", text(server.method)),
        ("protocol", text(server.protocol)),
    ):
        if value:
            into.add(kind, owner, "", value)
    into.add("setting", owner, "delay_loop", f"{server.delay} ms")
    for entry in server.entries:
        into.add("entry", owner, text(entry), "set")
    if server.sorry:
        into.add("setting", owner, "sorry_server", " ".join(text(word) for word in server.sorry))
    _settings(into, owner, server.settings)
    _actions(into, owner, server.actions)
    for real in server.reals:
        _real(into, owner, real)


def _real(into: _Collector, server: str, real: Real) -> None:
    owner = f"{server} real_server {' '.join(text(word) for word in real.key)}"
    into.add("real", owner, "weight", str(real.weight))
    for checker in real.checkers:
        into.add("checker", owner, text(checker.kind), " ".join(_pairs(checker.settings)))
        _actions(into, owner, checker.actions)
    _actions(into, owner, real.actions)
    _settings(into, owner, real.settings)


def _pairs(settings: Iterable[tuple[bytes, tuple[bytes, ...]]]) -> list[str]:
    return sorted("=".join((text(keyword), ",".join(text(word) for word in words))) for keyword, words in settings)


# -- as text --------------------------------------------------------------------------------------------------


def text(data: bytes) -> str:
    """Give bytes of the configuration as text."""
    return data.decode("utf-8", "backslashreplace")


def canonical(address: str) -> str:
    """Give an address in its one form; anything else as it is."""
    host, slash, length = address.partition("/")
    try:
        return str(ip_address(host)) + slash + length
    except ValueError:
        return address


def show_address(address: Address, vmac: bytes = b"") -> str:
    """Give what the kernel gets with an address. An IPv6 address has no label and no broadcast address.

    vmac: the name of the instance's VMAC interface, which says nothing: halves of an instance have one each.
    """
    parts = [f"/{address.prefix}"]
    old = address.family == 4
    for word, value in (
        ("dev", "VMAC" if vmac and address.interface == vmac else text(address.interface)),
        ("label", text(address.label) if old else ""),
        ("brd", address.broadcast if old else ""),
        ("scope", text(address.scope)),
        ("peer", address.peer),
    ):
        if value:
            parts += [word, value]
    return " ".join([*parts, *(text(flag) for flag in address.flags), *(["excluded"] if address.excluded else [])])


def show_route(route: Route) -> tuple[str, str]:
    """Give a route as its destination, with the table, and how it gets there."""
    table = next((f" table {value}" for word, value in route.options if word == "table"), "")
    options = [pair for pair in route.options if pair[0] != "table"]
    hops = ["nexthop " + " ".join(_words(hop)) for hop in route.hops]
    words = [*([route.kind] if route.kind else []), *_words(options), *hops]
    return route.destination + table, " ".join(words) or "set"


def show_rule(rule: Rule) -> str:
    """Give a rule as it is written, without its preference."""
    return " ".join(_words(rule.options)) + (" (IPv6)" if rule.family == 6 else "")


def _words(options: Iterable[tuple[str, str]]) -> list[str]:
    return [word for pair in options for word in pair if word]


def show_command(action: Action) -> str:
    """Give what is run. A command that a shell only splits into words is the same without it."""
    if not action.shell:
        return shlex.join(text(word) for word in action.argv)
    line = text(action.argv[0])
    if _SHELL_SYNTAX.search(action.argv[0]):
        return f"sh: {line}"
    try:
        return shlex.join(shlex.split(line))
    except ValueError:
        return f"sh: {line}"
