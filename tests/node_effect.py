"""What the effect model says of one router: addresses, routes, rules, calls, and what keepalived must tell of itself."""

from __future__ import annotations

import pwd
from collections.abc import Iterator, Sequence
from typing import Any

from keepalived_upgrade.model.effect_values import Action, Address, Effect, Group, Instance, Route
from keepalived_upgrade.releases import Release
from lone_node import states_at_start

# Script, uid, umask, words.
Call = tuple[str, int, str, tuple[str, ...]]
_EVENTS = {
    b"notify_master": b"MASTER",
    b"notify_backup": b"BACKUP",
    b"notify_fault": b"FAULT",
    b"notify_stop": b"STOP",
}


def expected_addresses(effect: Effect, master: bool) -> set[tuple[Any, ...]]:
    """Give the addresses in a state: those of the instances belong to the master."""
    every: list[Address] = [*effect.addresses]
    if master:
        every += (address for instance in effect.instances for address in instance.addresses)
    return {
        (
            address.interface.decode(),
            f"{address.address}/{address.prefix}",
            address.label.decode(),
            tuple(flag for flag in ("noprefixroute", "deprecated") if flag.encode() in address.flags),
            address.broadcast,
        )
        for address in every
    }


def expected_routes(effect: Effect, master: bool) -> set[str]:
    """Give the routes in a state."""
    return {_shown(route) for route in (*effect.routes, *(r for i in effect.instances for r in i.routes if master))}


def staying_routes(effect: Effect) -> set[str]:
    """Give the routes that stay when an instance leaves MASTER (migration v2_3_2/ipv6_route_metric)."""
    if effect.release < Release(2, 3, 2):
        return set()
    stay = [r for i in effect.instances for r in i.routes if r.family == 6 and "metric" not in _words(r)]
    return {_shown(route) for route in stay}


def _words(route: Route) -> set[str]:
    return {"metric" if name == "priority" else name for name, _ in route.options}


def _shown(route: Route) -> str:
    options = dict(route.options)
    destination = "default" if route.destination in ("0.0.0.0/0", "::/0") else route.destination
    return " ".join(word for word in (destination, options.get("via"), options.get("table")) if word)


def expected_rules(effect: Effect, master: bool) -> set[str]:
    """Give the rules in a state."""
    every = [*effect.rules, *(rule for i in effect.instances for rule in i.rules if master)]
    found = set()
    for rule in every:
        options = dict(rule.options)
        ends = [str(rule.preference), options.get("from", "all"), options.get("to"), options.get("table")]
        found.add(" ".join(word for word in ends if word))
    return found


def expected_calls(effect: Effect, states: Sequence[bytes] | None) -> list[Call]:
    """Give the calls of the states that everything goes through; None: those of the start. In order for each owner."""
    grouped = {member for group in effect.groups for member in group.members}
    owners: list[tuple[Instance | Group, Instance]] = [(instance, instance) for instance in effect.instances]
    for group in effect.groups:
        owners.append((group, next(i for i in effect.instances if i.name == group.members[0])))
    found: list[Call] = []
    for owner, leader in owners:
        at_start = states_at_start(effect.release, leader, leader.name in grouped)
        for state in at_start if states is None else states:
            found += _calls(owner, state)
    return found


def order_of(calls: Sequence[Call]) -> dict[tuple[str, ...], list[str]]:
    """Give the states that each owner's notify script is told one after the other."""
    found: dict[tuple[str, ...], list[str]] = {}
    for script, _, _, words in calls:
        if len(words) >= 4 and words[-4] in ("INSTANCE", "GROUP"):
            states = found.setdefault((script, *words[:-2]), [])
            if states[-1:] != [words[-2]]:
                states.append(words[-2])
    return found


def _calls(owner: Instance | Group, state: bytes) -> Iterator[Call]:
    for action in owner.actions:
        if action.event == b"notify" and state in action.states:
            yield _call(action, [state if word == b"<STATE>" else word for word in action.appended])
        elif _EVENTS.get(action.event) == state:
            yield _call(action, [])


def _call(action: Action, appended: Sequence[bytes]) -> Call:
    words = [word.decode() for word in (*action.argv, *appended)]
    uid = pwd.getpwnam(action.user.decode() or "root").pw_uid
    return words[0].rpartition("/")[2], uid, action.umask.decode() or "0022", tuple(words[1:])


def expected_dump(effect: Effect) -> dict[str, dict[str, str]]:
    """Give what keepalived must tell of its instances."""
    groups = {member: group.name for group in effect.groups for member in group.members}
    return {
        instance.name.decode(): {
            "VRRP Version": str(instance.version),
            "Interface": instance.interface.decode(),
            "Virtual Router ID": str(instance.vrid),
            "Priority": str(instance.priority),
            "Advert interval": str(instance.advert),
            "Authentication type": {b"PASS": "SIMPLE_PASSWORD", b"AH": "IPSEC_AH"}.get(instance.auth, "none"),
            "Preempt": "enabled" if instance.preempt else "disabled",
            "Sync group": groups.get(instance.name, b"").decode(),
        }
        for instance in effect.instances
    }


def told_of(seen: dict[str, dict[str, str]], said: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The same values of what was told. An interval has its unit."""
    found = {}
    for name, values in seen.items():
        picked = {key: values.get(key, "") for key in next(iter(said.values()), {})}
        number, _, unit = picked["Advert interval"].partition(" ")
        picked["Advert interval"] = str(round(float(number or 0) * (1 if unit.startswith("milli") else 1000)))
        picked["Authentication type"] = picked["Authentication type"] or "none"
        found[name] = picked
    return found
