"""What a node does that is alone on its link, from start to stop: which scripts get which words."""

from __future__ import annotations

import re

from keepalived_upgrade.model.effect_values import Action, Effect, Group, Instance
from keepalived_upgrade.releases import Release

_UIDS = {b"": 0, b"root": 0, b"nobody": 65534, b"keepalived_script": 777}
_ENVIRONMENT = {"HOME": "/root", "FOO": "bar"}
_EVENTS = {
    b"notify_master": b"MASTER",
    b"notify_backup": b"BACKUP",
    b"notify_fault": b"FAULT",
    b"notify_stop": b"STOP",
}
Call = tuple[str, int, tuple[str, ...]]


def calls_of(effect: Effect) -> set[Call]:
    """Give the calls of all instances and groups; each is named by its file."""
    grouped = {member for group in effect.groups for member in group.members}
    found: set[Call] = set()
    by_name = {instance.name: instance for instance in effect.instances}
    for instance in effect.instances:
        for state in _states(effect.release, instance, instance.name in grouped):
            found |= _calls(instance, state)
    for group in effect.groups:
        first = next((by_name[name] for name in group.members if name in by_name), None)
        if first is not None:
            for state in _states(effect.release, first, True):
                found |= _calls(group, state)
    for action in effect.actions:
        found |= _run(action, action.appended)
    return found


def _states(release: Release, instance: Instance, grouped: bool) -> tuple[bytes, ...]:
    """The states that it goes through."""
    master = instance.state == b"MASTER"
    owner = instance.priority == 255
    if release < Release(2, 0, 0):
        # 1.2.17 to 1.2.19 did not yet take priority 255 for MASTER from the start (probe f10x).
        at_once = master or (owner and not Release(1, 2, 17) <= release < Release(1, 2, 20))
        return (b"MASTER", b"STOP") if at_once else (b"BACKUP", b"MASTER", b"STOP")
    if (master and owner) or (master and grouped and release < Release(2, 0, 16)):
        return (b"MASTER", b"STOP")
    return (b"BACKUP", b"MASTER", b"STOP")


def _calls(owner: Instance | Group, state: bytes) -> set[Call]:
    found: set[Call] = set()
    for action in owner.actions:
        if action.event == b"notify" and state in action.states:
            words = tuple(state if word == b"<STATE>" else word for word in action.appended)
            found |= _run(action, words)
        elif _EVENTS.get(action.event) == state:
            found |= _run(action, ())
    return found


def script_calls(effect: Effect) -> set[tuple[int, tuple[str, ...]]]:
    """Give what the check scripts get: uid and arguments."""
    return {(uid, words) for check in effect.checks for _, uid, words in _run(check.command, ())}


def _run(action: Action, appended: tuple[bytes, ...]) -> set[Call]:
    uid = _UIDS[action.user]
    words = [word.decode("utf-8", "replace") for word in action.argv]
    if action.shell:
        commands = shell_words(words[0])
    elif words[0].endswith("/sh") and words[1:2] == ["-c"]:
        commands = shell_words(words[2])
    else:
        commands = [words]
    more = [word.decode() for word in appended]
    found: set[Call] = set()
    for command in commands:
        if command and command[0].endswith("/sh") and command[1:2] == ["-c"]:
            commands += shell_words(command[2])
        elif command and command[0].startswith("/") and command[0].endswith(".sh"):
            found.add((command[0].rpartition("/")[2], uid, tuple(command[1:] + more)))
    return found


def shell_words(text: str) -> list[list[str]]:
    """Give the commands of a line of shell, as far as the probes use it."""
    text = text.replace("`id -u`", "0").replace("/etc/pass*", "/etc/passwd /etc/passwd-")
    commands: list[list[str]] = [[]]
    skip = False
    if text.replace("\\'", "").count("'") % 2:
        return []  # the shell reads on for the quote, and runs nothing
    for match in re.finditer(
        r"\s*([0-9]>&[0-9]|(?:[^\s\"'\\&|;<>]|\\.|\"(?:[^\"\\]|\\.)*\"|'[^']*')+|[0-9]?>&[0-9]|&&|[|;<>\\])", text
    ):
        word = match.group(1)
        if word.startswith("#"):
            break
        if word == "!":
            continue
        if re.fullmatch(r"[0-9]?>&[0-9]", word):
            continue
        if word in ("&&", "|", ";"):
            commands.append([])
        elif word in ("<", ">"):
            skip = True
        elif skip:
            skip = False
        else:
            commands[-1].append(_expand(word))
    return commands


def _expand(word: str) -> str:
    if word.startswith("'"):
        return word.strip("'")
    word = re.sub(r"\$\{?(\w+)\}?", lambda match: _ENVIRONMENT.get(match.group(1), ""), word)
    return re.sub(r"\\(.)", r"\1", word.replace('"', "") if '\\"' not in word else word)
