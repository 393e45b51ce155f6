"""What a shell script does with the words it is given: the literals it compares them with, and what it does for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.operands import Given, HandedOn, Holds, Reading, Tested, regex_globs
from keepalived_upgrade.dependents.shell_general import does_something
from keepalived_upgrade.dependents.shell_operands import ShellScript
from keepalived_upgrade.dependents.shell_tree import (
    COMPARE,
    case_patterns,
    command_name,
    comparisons,
    is_pattern,
    literal_value,
    operands,
    prefix_of,
    text_of,
    unread_from,
)
from keepalived_upgrade.dependents.shell_variables import regexes

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPANSION = re.compile(rb"\$\w+|\$\{\w+\}")
_GREPPED = re.compile(
    rb"""(?:echo|printf\s+['"]?%s\S*)\s+("?\$\{?\w+\}?"?)\s*\|\s*[ef]?grep\s+(?:-[^\Wiv]+\s+)*(["']?)(?!-)([^\s"']+)\2"""
    rb"""|[ef]?grep\s+(?:-[^\Wiv]+\s+)*(["']?)(?!-)([^\s"']+)\4\s*<<<\s*("?\$\{?\w+\}?"?)"""
)
_MOST_PARTS = 4
_LONGEST = 256
_ENTRY = re.compile(rb"""\[(["']?)([^\]"']+)\1\]=""")
_RUNNERS = frozenset((b"sh", b"bash", b"dash", b"exec", b"sudo", b"nohup", b"python", b"python2", b"python3"))


def read_shell(source: bytes, named: Iterable[Given] = (), variables: Mapping[bytes, Holds] | None = None) -> Reading:
    """Read a script. named: the words that are names, for Reading.general. variables: those of what sources it."""
    if b"nocasematch" in source:  # GW is gw then, for some of the tests
        return Reading(opaque=True)
    script = ShellScript(source, variables)
    unread = unread_from(script.root)
    wanted = frozenset(named)
    tests = [test for test in _tests(script) if unread is None or test.start < unread]
    opaque = any(holds.words & wanted for holds in _opaque(script))
    return Reading(
        tests=tuple(sorted(dict.fromkeys(tests), key=lambda test: test.start)),
        handed=tuple(_handed(script)),
        general=does_something(script, tests, wanted),
        opaque=opaque or unread is not None,
        unread=unread,
    )


def _tests(script: ShellScript) -> Iterator[Tested]:
    for node in script.nodes:
        if node.type == "case_statement":
            yield from _case(script, node)
        elif node.type in ("test_command", "command"):
            yield from _of_variables(script, node)
            yield from _of_regexes(script, node)
        if node.type in ("pipeline", "command", "redirected_statement"):
            yield from _grepped(script, node)
    yield from _keys(script)
    for compared in comparisons(script.root):
        value, prefix = literal_value(compared.literal), prefix_of(compared)
        if value is None or not value.startswith(prefix):
            continue
        text = text_of(compared.other).replace(b'"', b"")[len(prefix) :]
        pattern = compared.double and is_pattern(compared.literal)
        yield from _parts(script, text, value[len(prefix) :], pattern, compared.literal, compared.other)


def _case(script: ShellScript, statement: Node) -> Iterator[Tested]:
    subject = statement.child_by_field_name("value")
    if subject is None:
        return
    text = text_of(subject).replace(b'"', b"") if text_of(subject)[:1] != b'"' else text_of(subject)[1:-1]
    for item in statement.children:
        for pattern in case_patterns(item) if item.type == "case_item" else ():
            value = literal_value(pattern)
            if value is not None:
                yield from _parts(script, text, value, is_pattern(pattern), pattern, subject)
            else:
                constant = script.holds(pattern)
                yield from _constants(script, script.holds(subject), constant, pattern)


def _keys(script: ShellScript) -> Iterator[Tested]:
    """The keys of an array that is looked up: `declare -A DEV=([VI_1]=eth0)`, `DEV[VI_1]=eth0`, and `${DEV[$2]}`."""
    for array, operand in script.lookups():
        for node in (node for node in script.nodes if node.type == "variable_assignment"):
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            index = name.child_by_field_name("index") if name is not None else None
            if index is not None and name is not None and text_of(name).startswith(array + b"["):
                if (key := literal_value(index)) is not None:
                    yield Tested(key, False, operand, index.start_byte)
            elif value is not None and value.type == "array" and name is not None and text_of(name) == array:
                for element in value.children:
                    entry = _ENTRY.match(text_of(element))
                    if entry:
                        yield Tested(entry.group(2), False, operand, element.start_byte)


def _parts(script: ShellScript, text: bytes, value: bytes, pattern: bool, literal: Node, at: Node) -> Iterator[Tested]:
    """Compare a literal with an operand; `VI_1:MASTER` with `$2:$3` part by part."""
    expansions = _EXPANSION.findall(text)
    between = _EXPANSION.split(text)
    if not 2 <= len(expansions) <= _MOST_PARTS or not all(between[1:-1]) or len(value) > _LONGEST:
        yield Tested(value, pattern, script.holds_text(text, at), literal.start_byte)
        return
    match = re.fullmatch(rb"(.*?)".join(re.escape(part) for part in between), value, re.DOTALL)
    for expansion, part in zip(expansions, match.groups() if match else (), strict=False):
        yield Tested(part, pattern, script.holds_text(expansion, at), literal.start_byte)


def _of_variables(script: ShellScript, test: Node) -> Iterator[Tested]:
    """`[ "$2" = "$INSTANCE" ]` where one side is a constant of the script, or goes through a list of literals."""
    if test.type == "test_command":
        tokens = list(operands(test))
    elif command_name(test) == b"test":
        tokens = list(test.children[1:])
    else:
        return
    for index in range(1, len(tokens) - 1):
        left, right = tokens[index - 1], tokens[index + 1]
        if text_of(tokens[index]) in COMPARE and literal_value(left) is None and literal_value(right) is None:
            one, other = script.holds(left), script.holds(right)
            yield from _constants(script, one, other, right)
            yield from _constants(script, other, one, left)


def _constants(script: ShellScript, operand: Holds, constant: Holds, place: Node) -> Iterator[Tested]:
    if operand.words and constant.certain and not constant.words:
        yield from (Tested(value, False, operand, place.start_byte) for value in sorted(constant.also))


def _of_regexes(script: ShellScript, test: Node) -> Iterator[Tested]:
    if test.type != "test_command":
        return
    tokens = list(operands(test))
    for regex in regexes(test):
        operand = script.holds(tokens[tokens.index(regex) - 2])
        yield from (Tested(glob, True, operand, regex.start_byte) for glob in regex_globs(text_of(regex)))


def _grepped(script: ShellScript, node: Node) -> Iterator[Tested]:
    match = _GREPPED.match(text_of(node))
    if match:
        operand = script.holds_text(match.group(1) or match.group(6), node)
        for glob in regex_globs(match.group(3) or match.group(5)):
            yield Tested(glob, True, operand, node.start_byte + max(match.start(3), match.start(5)))


def _opaque(script: ShellScript) -> Iterator[Holds]:
    """The operands of tests that cannot be read: other regular expressions, other programs that are given the word."""
    for node in script.nodes:
        if node.type == "test_command":
            tokens = list(operands(node))
            for regex in regexes(node):
                if not list(regex_globs(text_of(regex))):
                    yield script.holds(tokens[tokens.index(regex) - 2])
        elif node.type in ("if_statement", "elif_clause", "while_statement", "list"):
            for command in _conditions(node):
                if not any(_GREPPED.match(text_of(part)) for part in (command, command.parent) if part is not None):
                    yield from (script.holds_text(part, command) for part in _EXPANSION.findall(text_of(command)))


def _conditions(node: Node) -> Iterator[Node]:
    """The commands, tests aside, whose exit status decides what is done next."""
    for child in node.children:
        if child.type in ("then", "do_group", "&&", "||"):
            return
        commands = child.children if child.type in ("pipeline", "negated_command") else [child]
        yield from (c for c in commands if c.type == "command" and command_name(c) not in (b"test", b"[", b"read"))


def _handed(script: ShellScript) -> Iterator[HandedOn]:
    for command in script.commands:
        name, words = command_name(command), command.children_by_field_name("argument")
        skip = 0
        if name in (b".", b"source") and words:
            path = literal_value(words[0])
            if path is not None and path.startswith(b"/"):
                seen = {variable: script.holds_text(b"$" + variable, script.root) for variable in script.assigned}
                yield HandedOn(path.decode("utf-8", "surrogateescape"), None, seen)
            continue
        if name.rpartition(b"/")[2] in _RUNNERS and words:
            name, skip = literal_value(words[0]) or b"", 1
        if name.startswith(b"/"):
            arguments = tuple(script.argument(command, number, skip=skip) for number in range(1, 10))
            yield HandedOn(name.decode("utf-8", "surrogateescape"), arguments)
