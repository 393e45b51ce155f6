"""Commands that do not bear to be run once more, where the new release or the new configuration runs them so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.dependents.behaviour_calls import Call
from keepalived_upgrade.dependents.behaviour_facts import Fact
from keepalived_upgrade.dependents.behaviour_script import Hit, Script
from keepalived_upgrade.dependents.behaviour_trace import Step
from keepalived_upgrade.findings import Severity

_LOOK = re.compile(
    rb"ip6?tables|ebtables|ipvsadm|\bip[ \"',]|\bservice\b|systemctl|/init\.d/|\b(?:rc-service|invoke-rc)\b"
    rb"|&[ \t]*(?:\n|$)"
)
_RESTART = (b"restart", b"force-restart", b"force-reload")
_ADDED = (b"route", b"r", b"ro", b"addr", b"address", b"a", b"rule", b"ru", b"link", b"tunnel", b"neigh", b"neighbour")
_WRAPPERS = (b"sudo", b"nice", b"command", b"nohup", b"setsid", b"exec")


def check_repeats(script: Script) -> Iterator[Hit]:
    """Report commands that run twice for the halves of a split instance, or at calls that the new release adds."""
    if not _LOOK.search(script.source):
        return
    before, after = _halves(script.old), _halves(script.new)
    for call in script.new:
        halves = after[_key(call)]
        if len(halves) > max(1, len(before.get(_key(call), ()))):
            yield from _twice(script, call, halves)
        for fact, when in _added_calls(script, call):
            yield from _more(script, call, fact, when)


def _key(call: Call) -> tuple[bytes, bytes, bytes, bytes]:
    return call.event, call.kind, call.owner, call.state


def _halves(calls: Iterable[Call]) -> dict[tuple[bytes, bytes, bytes, bytes], set[bytes]]:
    """For each call, the instances or groups that make it under one name of the scripts."""
    found: dict[tuple[bytes, bytes, bytes, bytes], set[bytes]] = {}
    for call in calls:
        found.setdefault(_key(call), set()).add(call.half)
    return found


def _twice(script: Script, call: Call, halves: set[bytes]) -> Iterator[Hit]:
    names = " and ".join(sorted(name.decode("utf-8", "backslashreplace") for name in halves))
    for step in script.trace(call).steps:
        harm = harm_of(step)
        if harm:
            yield Hit(
                "run-twice",
                Severity.REVIEW,
                step.line,
                f"`{call.event.decode('ascii')}` now runs this script for {names}, so twice at each change: the second "
                f"`{step.text}` {harm}",
                "Choose --notify first or --notify group, or make the command bear a second run.",
                step.column,
            )


def _more(script: Script, call: Call, fact: Fact, when: str) -> Iterator[Hit]:
    for step in script.trace(call).steps:
        harm = harm_of(step) or (destroys(step) if call.state == b"BACKUP" else "")
        if harm:
            yield Hit(
                "more-calls",
                Severity.REVIEW,
                step.line,
                f"from {fact.release} {call.state.decode('ascii')} is also told {when}: `{step.text}` {harm}",
                "See that a call in a state in which the router already is does no harm.",
                step.column,
            )


def _added_calls(script: Script, call: Call) -> Iterator[tuple[Fact, str]]:
    """The facts that make a call come more often than before."""

    def is_new(fact: Fact) -> bool:
        return fact.is_new(script.before, script.after)

    if call.is_told_at_start(script.after) and not _was_told_at_start(script, call):
        yield _start_of(script, call)
    if call.state == b"FAULT" and is_new(facts.FAULT_FROM_BACKUP):
        yield facts.FAULT_FROM_BACKUP, "by a router that was BACKUP"
    if call.kind == b"GROUP" and call.state in (b"MASTER", b"BACKUP") and is_new(facts.GROUP_ON_RELOAD):
        yield facts.GROUP_ON_RELOAD, "to a sync group at each reload"


def _was_told_at_start(script: Script, call: Call) -> bool:
    same = (old for old in script.old if old.event == call.event and (old.owner == call.owner or old.kind != call.kind))
    return any(old.is_told_at_start(script.before) for old in same)


def _start_of(script: Script, call: Call) -> tuple[Fact, str]:
    if call.kind == b"GROUP":
        return facts.GROUP_STARTS_AS_BACKUP, "to a sync group when keepalived starts"
    if call.is_master and not facts.MASTER_STARTS_AS_BACKUP.holds(script.before):
        return facts.MASTER_STARTS_AS_BACKUP, "at each start before MASTER, although the instance says `state MASTER`"
    return facts.MEMBER_STARTS_AS_BACKUP, "to the members of a sync group when keepalived starts"


def harm_of(step: Step) -> str:
    """Say what is wrong with running a command a second time; "" for nothing, or where it is guarded."""
    if not step.certain:
        return ""
    name, words = _program(step)
    if name in (b"iptables", b"ip6tables", b"ebtables", b"iptables-legacy", b"ip6tables-legacy"):
        added = any(word in (b"-A", b"-I", b"--append", b"--insert") for word in words)
        return "adds the rule a second time, and a later -D takes away only one" if added else ""
    if name == b"ip":
        plain = [word for word in words if not word.startswith(b"-")]
        added = plain[:1] != [] and plain[0] in _ADDED and plain[1:2] in ([b"add"], [b"a"])
        return "fails with `File exists`" if added and not step.quiet else ""
    if name == b"ipvsadm":
        added = any(word in (b"-A", b"-a", b"--add-service", b"--add-server") for word in words)
        return "fails, since it is there already" if added and not step.quiet else ""
    if name in (b"systemctl", b"service", b"rc-service", b"invoke-rc.d") or b"/init.d/" in step.name:
        return "interrupts the service once more" if any(word in _RESTART for word in words) else ""
    if step.background and name not in (b"sleep", b"echo", b"logger", b"wait"):
        return "starts one more process in the background"
    return ""


def destroys(step: Step) -> str:
    """Say what a command takes away that a master needs."""
    if not step.certain:
        return ""
    name, words = _program(step)
    if name == b"ipvsadm" and any(word in (b"-C", b"--clear") for word in words):
        return "clears the virtual servers"
    if name in (b"systemctl", b"service", b"rc-service", b"invoke-rc.d") or b"/init.d/" in step.name:
        return "stops the service" if b"stop" in words else ""
    return ""


def _program(step: Step) -> tuple[bytes, list[bytes]]:
    words = [step.name, *(word.text if word is not None else b"" for word in step.words)]
    while len(words) > 1 and words[0].rpartition(b"/")[2] in _WRAPPERS:
        words = words[1:]
    return words[0].rpartition(b"/")[2], words[1:]
