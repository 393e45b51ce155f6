"""States and words that are new to a script, and the arms into which they fall."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.dependents.behaviour_calls import FIFO_SCRIPTS, Call
from keepalived_upgrade.dependents.behaviour_script import Hit, Script
from keepalived_upgrade.dependents.behaviour_trace import Taken
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.model.commands import split_command

_CHOOSES = re.compile(rb"\bcase\b|\bif\b|\[|\btest\b|&&|\|\||\bmatch\b")
_EVERY = {"MASTER", "BACKUP", "FAULT"}
_WHEN = {
    b"STOP": "when keepalived stops",
    b"DELETED": "when a reload removes the instance",
    b"MASTER_RX_LOWER_PRI": "when a master hears a router of lower priority",
}


def check_states(script: Script) -> Iterator[Hit]:
    """Report where a state, a kind or a number of words that the old release never gave takes an arm for the rest."""
    if not _CHOOSES.search(script.source):
        return
    told = {call.told for call in script.old}
    for call in script.new:
        if call.told in told or (call.event != b"notify" and call.event not in FIFO_SCRIPTS):
            continue
        origins = _new_origins(script, call)
        for taken in script.trace(call).taken:
            if taken.origin in origins:
                yield from _report(script, call, taken)
        if call.state == b"STOP" and "state" in origins:
            yield from _both_stop(script, call)


def _new_origins(script: Script, call: Call) -> set[str]:
    """What of a call's words the script never got."""
    same = _like(script, call)
    if not same:
        return {"state", "type", "name", "count"} if call.own else set()
    origins = set()
    if all(old.state != call.state for old in same):
        origins.add("state")
    if all(old.kind != call.kind for old in same):
        origins.add("type")
    if all(len(old.arguments) != len(call.arguments) for old in same):
        origins.add("count")
    return origins


def _like(script: Script, call: Call) -> list[Call]:
    """The old release's calls at the same keyword; none where `notify` had arguments and was not run."""
    return [old for old in script.old if old.event == call.event]


def _report(script: Script, call: Call, taken: Taken) -> Iterator[Hit]:
    fails, acts = taken.fails(), taken.acts()
    step = fails or acts
    if step is None or (taken.origin == "count" and fails is None):
        return
    does = f"the script ends with `{step.text}`" if fails else f"`{step.text}` is run"
    if taken.origin == "count":
        yield _counted(call, taken, does)
    elif not _like(script, call):
        yield _own(call, taken, does)
    elif taken.origin == "type":
        yield _kind(call, taken, does)
    else:
        same = [old for old in _like(script, call) if old.owner == call.owner and _takes(script, old, taken)]
        others = {old.state.decode("ascii") for old in same}
        if not others >= _EVERY:  # else the arm is not there for a state
            yield _state(call, taken, does, sorted(others))


def _state(call: Call, taken: Taken, does: str, others: list[str]) -> Hit:
    word = call.state.decode("ascii")
    like = f", as it does for {' and '.join(others)}" if others else ""
    release = {
        b"STOP": facts.STOP.release,
        b"DELETED": facts.DELETED.release,
        b"MASTER_RX_LOWER_PRI": facts.RX_LOWER_PRI.release,
    }[call.state]
    by = "the FIFO says" if call.event in FIFO_SCRIPTS else f"`{call.event.decode('ascii')}` says"
    return Hit(
        "stop" if call.state == b"STOP" else "new-state",
        Severity.REVIEW,
        taken.line,
        f"from {release} {by} {word} too, {_WHEN[call.state]}: {taken.form} here takes it{like}, and {does}",
        f"Give {word} an arm of its own: what BACKUP does, or nothing."
        if call.state != b"MASTER_RX_LOWER_PRI"
        else f"Give {word} an arm of its own that does nothing.",
        taken.column,
    )


def _both_stop(script: Script, call: Call) -> Iterator[Hit]:
    """`notify` and `notify_stop` of one block are run at the same time, with no order between them."""
    block = call.statement.parent
    stop = block.find(b"notify_stop") if block is not None else None
    step = next((step for step in script.trace(call).steps if step.certain and not step.prints), None)
    if stop is None or not stop.args or step is None:
        return
    other = next(iter(split_command(stop.args[0])), b"").decode("utf-8", "backslashreplace")  # its words may be secret
    yield Hit(
        "both-stop",
        Severity.REVIEW,
        step.line,
        f"from {facts.STOP.release} `notify` runs this script at a stop, as `notify_stop` runs {other}: both at once, "
        f"and this one does `{step.text}`",
        "Let one of the two do nothing at STOP.",
        step.column,
    )


def _kind(call: Call, taken: Taken, does: str) -> Hit:
    is_group = call.kind == b"GROUP"
    kind, other = ("GROUP", "INSTANCE") if is_group else ("INSTANCE", "GROUP")
    rest = "the name of the group and priority 0" if is_group else "the name of the instance and its priority"
    return Hit(
        "kind",
        Severity.REVIEW,
        taken.line,
        f"the new configuration calls this script for a {'sync group' if is_group else 'vrrp_instance'}, with {kind} "
        f"where {other} was, {rest}: {taken.form} here takes it, and {does}",
        f"Let the script accept {kind} as it accepts {other}.",
        taken.column,
    )


def _counted(call: Call, taken: Taken, does: str) -> Hit:
    why = (
        f"from {facts.OWN_ARGUMENTS.release} its own arguments come before the four words of `notify`"
        if call.own
        else f"from {facts.PRIORITY.release} the priority is the fourth word of `notify`"
    )
    return Hit(
        "argument-count",
        Severity.REVIEW,
        taken.line,
        f"{why}, so the script gets {len(call.arguments)} arguments: {taken.form} here takes that, and {does}",
        "Let the test accept this number of arguments.",
        taken.column,
    )


def _own(call: Call, taken: Taken, does: str) -> Hit:
    return Hit(
        "own-arguments",
        Severity.REVIEW,
        taken.line,
        f"up to 2.0.5 this script was not run, since `notify` took its whole text for the name of a file; from "
        f"{facts.OWN_ARGUMENTS.release} it is run, its own arguments first, so the state is argument {call.own + 3}: "
        f"{taken.form} here takes {taken.value.decode('utf-8', 'backslashreplace') or 'the word'}, and {does}",
        "Count the arguments from the end, or take the script's own arguments out of the configuration.",
        taken.column,
    )


def _takes(script: Script, call: Call, taken: Taken) -> bool:
    """Tell whether another call takes the same arm, named or not."""
    return any(
        (t.line, t.column, t.form, t.origin) == (taken.line, taken.column, taken.form, taken.origin)
        for t in script.trace(call).taken
    )
