"""Give commands that need a shell a wrapper script (2.0.0).

Up to 1.4.5 a command went to system(); from 2.0.0 its first word is executed with the others as arguments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit, NewFile
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome, Together
from keepalived_upgrade.model.commands import Command, commands
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import not_editable, show

ID = "v2_0_0/scripts_without_shell"
SHELL_SYNTAX = re.compile(rb"[|&;<>$`*?\[\]~(){}]|^\w+=|(?:^|\s)#")
# Nothing behind the operator: sh answers with a syntax error, and has run nothing of the command.
NEVER_RAN = re.compile(rb"(?:[<>|(]|&&)\s*$")
BUILTINS = frozenset(
    b"""if for while until case ! cd exit ulimit set source . [[ export unset eval exec trap umask wait : return command
    type read hash alias getopts shift times jobs break continue""".split()
)


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Write a wrapper for each command that the shell understood differently than exec does."""
    used: set[str] = set()
    for command in commands(config):
        if not needs_shell(command.string):
            continue
        if command.event == b"notify":
            yield _decide(command)
            continue
        if NEVER_RAN.search(command.string):
            yield _never_ran(command)
            continue
        if not command.statement.editable:
            yield not_editable(command.statement, ID, b"a wrapper script")
            continue
        if not command.word.quoted or command.word.value != command.string:
            yield _not_one_word(command)
            continue
        path = _wrapper_path(config, context, command, used)
        text = (
            b"#!/bin/sh\n# Was run by a shell before keepalived 2.0.0; see keepalived.conf.\n" + command.string + b"\n"
        )
        reason = "From 2.0.0 no shell runs this command, so a script of its own does."
        wrapper = NewFile(path, text, 0o755, "root", "root", ID, reason)
        new = b'"' + path.encode("utf-8", "surrogateescape") + b'"'
        edit = Edit(command.word.path, command.word.start, command.word.end, new, ID, reason)
        yield Together(command.statement.place, (wrapper, edit))


def needs_shell(string: bytes) -> bool:
    """Tell whether a shell makes something of the command that exec does not."""
    plain = re.sub(rb"\\.", b"", string)
    if SHELL_SYNTAX.search(re.sub(rb"'[^']*'", b"", plain)):
        return True
    return string.split()[:1] != [] and string.split()[0] in BUILTINS


def _decide(command: Command) -> Finding:
    return _say(
        "generic-notify",
        Severity.DECISION,
        command,
        f"{show(command.string)} holds shell syntax, and `notify` appends its arguments; from 2.0.0 no shell runs it",
        "Put the command into a script that passes its arguments on, and name the script here.",
    )


def _not_one_word(command: Command) -> Finding:
    return _say(
        "not-editable",
        Severity.DECISION,
        command,
        f"{show(command.statement.text)} needs a shell, and its command does not stand in one pair of double quotes, "
        "so that it cannot be told for sure what the old release made of it",
        "Put the command into a script, and name the script here.",
    )


def _never_ran(command: Command) -> Finding:
    message = f"{show(command.string)} is no command that a shell can read, so the old release never ran it"
    return _say(
        "never-ran", Severity.DECISION, command, message, "Write the command that is meant, or remove the line."
    )


def _say(what: str, severity: Severity, command: Command, message: str, cure: str) -> Finding:
    return Finding(f"{ID}/{what}", severity, command.statement.place, message, cure)


def _wrapper_path(config: Config, context: Context, command: Command, used: set[str]) -> str:
    owner = _in_a_path(command.owner) or "command"
    folder = posixpath.dirname(config.main)
    stem = posixpath.join(folder, f"{owner}-{command.event.decode('ascii')}{_node(config, command.statement)}")
    number = 1
    path = f"{stem}.sh"
    while path in used or context.host.exists(path):
        number += 1
        path = f"{stem}-{number}.sh"
    used.add(path)
    return path


def _node(config: Config, statement: Statement) -> str:
    """What tells the commands apart that `@id` conditions give to different nodes: each needs a script of its own."""
    before = config.tree.sources[statement.path][statement.line_start : statement.start].strip()
    return f"-{_in_a_path(before.replace(b'@^', b'not-').lstrip(b'@'))}" if before.startswith(b"@") else ""


def _in_a_path(name: bytes) -> str:
    return re.sub(rb"[^A-Za-z0-9_.-]+", b"_", name).decode("ascii").strip("._")


MIGRATION = Migration(
    id=ID,
    release=Release(2, 0, 0),
    covers=(("scripts-exec-not-shell", "2.0.0"),),
    area="scripts",
    kind="rewrites",
    summary="Give commands that need a shell a wrapper script.",
    run=migrate,
)
