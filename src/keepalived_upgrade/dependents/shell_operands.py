"""What the operands of a shell script may hold: parameters, variables assigned from them, words of a line read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.operands import MOST_STEPS, NOTHING, UNKNOWN, Given, Holds
from keepalived_upgrade.dependents.shell_flow import is_folded, share_loop, source_of, surely_ran
from keepalived_upgrade.dependents.shell_tree import command_name, literal_value, parse_shell, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = re.compile(rb"\$(?:(\w+)|\{(\w+)(?:(:?[-=])([^{}]*)|:?\?[^{}]*)?\})")
# Quotes taken off a word of the fifo: ${n//\"/}, ${n%\"}, ${n#\"}, $(echo "$n" | tr -d '"').
_UNQUOTED = re.compile(
    rb"""\$\{(\w+)(?://?(?:\\?["']|'["]')/?|%%?\\?["']|##?\\?["'])\}"""
    rb"""|\$\(\s*(?:echo|printf\s+['"]?%s['"]?)\s+"?\$\{?(\w+)\}?"?\s*\|\s*tr\s+-d\s+[\\'"]+\s*\)"""
)
# The nth word of a line or of all arguments: $(echo "$line" | awk '{print $2}'), $(echo $* | cut -d' ' -f2).
_FIELD = re.compile(
    rb"""\$\(\s*echo\s+"?\$(\w+|[*@])"?\s*\|\s*"""
    rb"""(?:awk\s+'\{\s*print\s+\$(\d+);?\s*\}'|cut\s+-d\s*['"] ['"]\s+-f\s*(\d+))\s*\)"""
)
_ELEMENT = re.compile(rb"\$\{(\w+)\[(\d+)\]\}")
_ALL = re.compile(rb'"?\$(?:[@*]|\{[@*](?::(\d+))?\})"?')


class ShellScript:
    """A shell script with its functions, their calls and its variables. variables: those of what sources it."""

    def __init__(self, source: bytes, variables: Mapping[bytes, Holds] | None = None) -> None:
        self.steps = 0
        self.root = parse_shell(source)
        self.nodes = list(walk(self.root))
        self.outer = variables or {}
        self.functions: dict[bytes, Node] = {}
        self.calls: dict[bytes, list[Node]] = {}
        self.assigned: dict[bytes, list[tuple[str, Node, int]]] = {}
        self.commands = [node for node in self.nodes if node.type == "command"]
        for node in self.nodes:
            if node.type == "function_definition" and (name := node.child_by_field_name("name")) is not None:
                self.functions[text_of(name)] = node
        for node in self.commands:
            self.calls.setdefault(command_name(node), []).append(node)
        for node in self.nodes:
            for variable, way in self._given(node):
                self.assigned.setdefault(variable, []).append(way)

    def holds(self, node: Node) -> Holds:
        """Give what a node may hold."""
        self.steps = 0
        return self._of(node, frozenset())

    def holds_text(self, text: bytes, at: Node) -> Holds:
        """Give what an expansion, written as text, may hold at a node."""
        self.steps = 0
        return self._expansion(text, at, frozenset())

    def function_of(self, node: Node) -> Node | None:
        """Give the function that a node stands in."""
        above = node.parent
        while above is not None and above.type != "function_definition":
            above = above.parent
        return above

    def lookups(self) -> Iterator[tuple[bytes, Holds]]:
        """Give (array, index) of each `${ARRAY[$2]}`, where there is no default but nothing."""
        for node in self.nodes:
            if node.type != "subscript" or node.parent is None or node.parent.type != "expansion":
                continue
            array, index = node.child_by_field_name("name"), node.child_by_field_name("index")
            default = text_of(node.parent)[node.end_byte - node.parent.start_byte :]
            if array is not None and index is not None and default in (b"}", b":-}", b"-}"):
                yield text_of(array), self.holds(index)

    # -- values -----------------------------------------------------------------------------------------------

    def _of(self, node: Node, seen: frozenset[object]) -> Holds:
        value = literal_value(node)
        return Holds(also=frozenset((value,))) if value is not None else self._expansion(text_of(node), node, seen)

    def _expansion(self, text: bytes, at: Node, seen: frozenset[object]) -> Holds:
        if len(text) > 1 and text[:1] == text[-1:] == b'"':
            text = text[1:-1]
        if len(text) > 1 and text[:1] == text[-1:] == b"`":
            text = b"$(" + text[1:-1] + b")"
        if match := _PLAIN.fullmatch(text):
            held = self._variable(match.group(1) or match.group(2), at, seen)
            return held | self._default(match.group(4), at, seen) if match.group(4) else held
        if match := _UNQUOTED.fullmatch(text):
            return self._variable(match.group(1) or match.group(2), at, seen)
        if match := _FIELD.fullmatch(text):
            number = int(match.group(2) or match.group(3))
            if match.group(1) in (b"*", b"@"):
                return self._parameter(number, at, seen)
            return self._word_of(self._variable(match.group(1), at, seen), number)
        if match := _ELEMENT.fullmatch(text):
            values = self.assigned.get(match.group(1), [])
            if len(values) == 1 and text_of(values[0][1]).replace(b" ", b"") in (b'("$@")', b"($@)", b"($*)"):
                return self._parameter(int(match.group(2)) + 1, values[0][1], seen)
        return UNKNOWN

    def _default(self, text: bytes, at: Node, seen: frozenset[object]) -> Holds:
        return self._expansion(text, at, seen) if b"$" in text else Holds(also=frozenset((text.strip(b"\"'"),)))

    def _word_of(self, line: Holds, number: int) -> Holds:
        whole = line.certain and line.words and all(w.source == "line" and w.number == 0 for w in line.words)
        return Holds(frozenset((Given("line", number),))) if whole else UNKNOWN

    def _variable(self, name: bytes, at: Node, seen: frozenset[object]) -> Holds:
        self.steps += 1
        if self.steps > MOST_STEPS:
            return UNKNOWN
        if name.isdigit():
            return self._parameter(int(name), at, seen)
        if name in seen:
            return NOTHING
        ways = self.assigned.get(name)
        if not ways:
            return self.outer.get(name, UNKNOWN)
        held = self.outer.get(name, NOTHING)
        for how, node, number in ways:
            if how == "value" or (how == "word" and not number):
                held |= self._of(node, seen | {name})
            elif how == "words":
                listed = self._of(node, seen | {name})
                words = frozenset(word for text in listed.also for word in text.split())
                held |= Holds(listed.words, words, listed.certain)
            elif how == "line":
                held |= Holds(frozenset((Given("line", number),)))
            elif how == "word":
                held |= self._word_of(self._of(node, seen | {name}), number)
            else:
                held |= UNKNOWN
        return held

    def _given(self, node: Node) -> Iterator[tuple[bytes, tuple[str, Node, int]]]:
        """Each (variable, (how, node, number)): the "value" of a node, one of the "words" of it, the nth "word" of
        it, the nth word of a "line" of the fifo, or "unknown"."""
        if node.type == "variable_assignment":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is None or (node.parent is not None and node.parent.type == "command"):
                return
            added = any(child.type == "+=" for child in node.children) or name.type != "variable_name"
            base = re.match(rb"\w+", text_of(name))
            if base is not None and value is not None:
                yield base.group(), ("unknown" if added or is_folded(node) else "value", value, 0)
        elif node.type == "for_statement":
            name = node.child_by_field_name("variable")
            for value in node.children_by_field_name("value") if name is not None else ():
                how = "value" if literal_value(value) is not None else "words"
                yield text_of(name) if name is not None else b"", (how, value, 0)
        elif node.type == "command":
            yield from self._given_by_command(node)

    def _given_by_command(self, node: Node) -> Iterator[tuple[bytes, tuple[str, Node, int]]]:
        words = [text_of(argument) for argument in node.children_by_field_name("argument")]
        name = command_name(node)
        if name == b"read":
            names = [word for word in words if re.fullmatch(rb"[A-Za-z_]\w*", word)]
            how, source = source_of(node)
            if any(word.startswith(b"-") and set(word) & set(b"adpntuN") for word in words):
                how = "unknown"
            for number, variable in enumerate(names, 1):
                rest = 1 < number < 4 and number == len(names)  # the last one gets all that is left of the line
                yield variable, ("unknown" if rest else how, source, 0 if len(names) == 1 else number)
        elif (name == b"getopts" or words[:1] == [b"-v"]) and len(words) > 1:  # printf -v
            yield words[1], ("unknown", node, 0)

    # -- parameters -------------------------------------------------------------------------------------------

    def _parameter(self, number: int, at: Node, seen: frozenset[object]) -> Holds:
        """What `$n` holds at a node: `shift` and `set --` before it count, as long as they surely ran."""
        if number == 0:
            return UNKNOWN
        scope = self.function_of(at)
        for event in reversed(self._moves(scope)):
            before = event.end_byte <= at.start_byte
            if share_loop(event, at) and not (before and command_name(event) == b"set"):
                return UNKNOWN
            if not before:
                continue
            if not surely_ran(event, at):
                return UNKNOWN
            words = event.children_by_field_name("argument")
            if command_name(event) == b"set":
                return self._set(words, number, event, seen)
            by = text_of(words[0]) if words else b"1"
            if not by.isdigit():
                return UNKNOWN
            number += int(by)
        if scope is None:
            return Holds(frozenset((Given("argument", number),)))
        return self._from_calls(scope, number, seen)

    def _moves(self, scope: Node | None) -> list[Node]:
        """The commands of a scope that change its parameters."""
        moves = []
        for node in (*self.calls.get(b"shift", ()), *self.calls.get(b"set", ())):
            words = node.children_by_field_name("argument")
            sets = command_name(node) == b"shift" or (words and text_of(words[0]) == b"--")
            if sets and self.function_of(node) == scope:
                moves.append(node)
        return sorted(moves, key=lambda node: node.start_byte)

    def _set(self, words: list[Node], number: int, at: Node, seen: frozenset[object]) -> Holds:
        """`set -- $line` cuts the line into words; `set -- "$a" "$b"` takes each as it is."""
        items = words[1:]
        if len(items) == 1 and not text_of(items[0]).startswith(b'"'):
            return self._word_of(self._of(items[0], seen), number)
        if number > len(items) or any(_ALL.fullmatch(text_of(item)) for item in items):
            return UNKNOWN
        return self._of(items[number - 1], seen)

    def _from_calls(self, function: Node, number: int, seen: frozenset[object]) -> Holds:
        name = text_of(function.child_by_field_name("name") or function)
        if (name, number) in seen:
            return NOTHING
        calls = self.calls.get(name)
        if not calls:
            return UNKNOWN
        held = NOTHING
        for call in calls:
            held |= self.argument(call, number, seen | {(name, number)})
        return held

    def argument(self, call: Node, number: int, seen: frozenset[object] = frozenset(), skip: int = 0) -> Holds:
        """Give what the nth argument of a call may hold. skip: arguments at the beginning that do not count."""
        for at, node in enumerate(call.children_by_field_name("argument")[skip:], 1):
            everything = _ALL.fullmatch(text_of(node))
            if everything:
                return self._parameter(number - at + int(everything.group(1) or 1), call, seen)
            if at == number:
                return self._of(node, seen)
        return NOTHING
