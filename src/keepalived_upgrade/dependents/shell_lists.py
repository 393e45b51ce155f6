"""Lists of names that a shell script holds in a variable (`NAMES="GW LAN"`) or an array (`NAMES=(GW LAN)`).

A list may take the new names in place of the old one where every use of it only asks whether something is in it. The
variable is followed by its name as text: a use in any other way, even as a word in a string, leaves the list alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.shell_loops import reason_against
from keepalived_upgrade.dependents.shell_steps import Step, change, instead_of, refuse, says_all
from keepalived_upgrade.dependents.shell_tree import and_above, case_patterns, literal_value, show, text_of, walk
from keepalived_upgrade.dependents.shell_variables import variables_in, without_comments, word_places

if TYPE_CHECKING:
    from tree_sitter import Node

_WORD = rb"[\w.@/+-]+"
# What reads or sets variables that are not named: a list that only seems to be compared may be read there.
_UNNAMED = re.compile(rb"\$\{!|\bIFS\b|\beval\b|(?<![\w./-])(?:source|\.)[ \t]+[\"'$/\w]|\bset\s+-\w*a|\ballexport\b")
_PLACES = frozenset(
    ("program", "compound_statement", "do_group", "if_statement", "else_clause", "case_item", "list", "subshell")
)
_DECLARE = re.compile(rb"(?:local|readonly|declare|typeset)(?:\s+-[rag]+)*\s+\w")
_CURE = "Put the new names into the list by hand where it should hold them, then accept this finding."


@dataclass(frozen=True, slots=True)
class _Use:
    """Where a list is read. separator: what stands between its words. why: what forbids more words, or None."""

    start: int
    separator: bytes
    why: str | None


def list_steps(root: Node, source: bytes, names: Names, where: Callable[[int], str]) -> Iterator[Step]:
    """Give what becomes of each list in a variable or an array that holds an old name.

    where: tells the place of a byte for a message.
    """
    held: dict[bytes, list[Node]] = {}
    for node in walk(root):
        if node.type == "variable_assignment" and node.children[0].type == "variable_name":
            held.setdefault(text_of(node.children[0]), []).append(node)
    holding = {variable: [n for n in nodes if _olds(n, names)] for variable, nodes in held.items()}
    if not any(holding.values()):
        return
    said = without_comments(root, source)
    places, match = word_places(said), _UNNAMED.search(said)
    unnamed = where(match.start()) if match else ""
    for variable, lists in holding.items():
        if lists:
            yield from _of_variable(root, source, unnamed, places, variable, held[variable], lists, names, where)


def _of_variable(
    root: Node,
    source: bytes,
    unnamed: str,
    places: Mapping[bytes, list[int]],
    variable: bytes,
    assignments: list[Node],
    lists: list[Node],
    names: Names,
    where: Callable[[int], str],
) -> Iterator[Step]:
    array = lists[0].children[-1].type == "array"
    grows = any(len(names[old]) > 1 for node in lists for old in _olds(node, names))
    uses = list(_uses(root, source, variable, array, grows))
    if not uses and not array and not _is_asked(root, variable, lists):
        return  # a text, or a name that is compared: shell_variables has those
    separators = {use.separator for use in uses}
    why = _reason(source, unnamed, places, variable, assignments, uses, where)
    if why is None:
        why = next((use.why for use in uses if use.why), None)
    for node in lists:
        value = node.children[-1]
        olds = _olds(node, names)
        if all(says_all(text_of(value), old, names[old]) for old in olds):
            yield change(value, text_of(value), olds[0])
            continue
        plain = all(re.fullmatch(_WORD, name) for old in olds for name in names[old])
        longer = _longer(value, separators, names) if why is None and plain else None
        if longer is not None:
            yield change(value, longer, olds[0])
        else:
            yield refuse(value, f"stands in the list {show(variable)}, and {why or _NOT_PLAIN}", _CURE)


def _is_asked(root: Node, variable: bytes, lists: list[Node]) -> bool:
    """Tell whether a text of several words is tested, looped over or handed to another program."""
    if all(len((literal_value(node.children[-1]) or b"").split()) < 2 for node in lists):
        return False
    return is_asked(root, variable)


def is_asked(root: Node, variable: bytes) -> bool:
    """Tell whether a variable is tested, looped over or handed to another program."""
    uses = variables_in(root).expansions.get(variable, ())
    near = [kind for use in uses for kind in (above.type for above in islice(and_above(use), 4))]
    return not {"test_command", "case_statement", "for_statement", "pipeline"}.isdisjoint(near)


_NOT_PLAIN = "the list is not one of plain words with one kind of separator"


def _olds(assignment: Node, names: Names) -> list[bytes]:
    """Give the old names that are words of an assigned list."""
    value = assignment.child_by_field_name("value")
    if value is None:
        return []
    if value.type == "array":
        return [said for word in value.named_children if (said := literal_value(word)) is not None and said in names]
    words = re.split(rb"[\s,:;|]+", literal_value(value) or b"")
    return [word for word in words if word in names]


def _longer(value: Node, separators: set[bytes], names: Names) -> bytes | None:
    """Give a list with the new names in place of the old ones; None where it is not made of plain words."""
    if value.type == "array":
        return _longer_array(value, names)
    said, text = literal_value(value), text_of(value)
    if said is None or len(separators) != 1 or value.type not in ("string", "raw_string", "word"):
        return None
    (separator,) = separators
    between = rb"\s" if separator == b"for" else re.escape(separator)
    if not re.fullmatch(rb"%s*+%s+(?:%s++%s+)*+%s*+" % (between, _WORD, between, _WORD, between), said):
        return None
    joint = b" " if separator == b"for" else separator
    present = set(re.findall(_WORD, said))

    def spell(match: re.Match[bytes]) -> bytes:
        word = match.group()
        return joint.join(instead_of(word, names[word], present)) if word in names else word

    changed = re.sub(_WORD, spell, said)
    quote = text[:1] if value.type != "word" else b'"' if changed != said and joint in changed else b""
    return quote + changed + quote


def _longer_array(value: Node, names: Names) -> bytes | None:
    words = [child for child in value.named_children if child.type != "comment"]
    said = [literal_value(word) for word in words]
    if any(word is None or not re.fullmatch(_WORD, word) for word in said):
        return None
    present = {word for word in said if word is not None}
    text, start = text_of(value), value.start_byte
    for word, spelled in reversed(list(zip(words, said, strict=True))):
        if spelled in names and spelled is not None:
            new = b" ".join(
                text_of(word).replace(spelled, name) for name in instead_of(spelled, names[spelled], present)
            )
            text = text[: word.start_byte - start] + new + text[word.end_byte - start :]
    return text


def _reason(
    source: bytes,
    unnamed: str,
    places: Mapping[bytes, list[int]],
    variable: bytes,
    assignments: list[Node],
    uses: list[_Use],
    where: Callable[[int], str],
) -> str | None:
    """Give what else may happen to the variable, or None when every place that names it is known."""
    if not source.startswith(b"#!"):
        return "the file is no program, so what sources it may read the list"
    if unnamed:
        return f"{unnamed} may read or change it without naming it, or change how it is split"
    known = {use.start for use in uses}
    for node in assignments:
        if not _is_plain_assignment(node):
            return f"{where(node.start_byte)} hands it on or builds it from something else"
        known.add(node.start_byte)
    for at in places.get(variable, ()):
        if at not in known:
            return f"{where(at)} uses it for more than to ask whether something is in it"
    return None


def _is_plain_assignment(node: Node) -> bool:
    parent, value = node.parent, node.child_by_field_name("value")
    if parent is None or value is None or text_of(node.children[1]) != b"=":
        return False
    if parent.type == "variable_assignments" and parent.parent is not None:
        parent = parent.parent
    declared = parent.type == "declaration_command" and _DECLARE.match(text_of(parent)) is not None
    if not declared and parent.type not in _PLACES:
        return False
    if value.type == "array":
        return all(literal_value(word) is not None for word in value.named_children if word.type != "comment")
    return literal_value(value) is not None


# -- uses ---------------------------------------------------------------------------------------------------------


def _uses(root: Node, source: bytes, variable: bytes, array: bool, grows: bool) -> Iterator[_Use]:
    """Give every place that reads the variable as a list and only asks what is in it. grows: it gets more words.

    An array without its `[@]` is its first word alone.
    """
    for node in variables_in(root).expansions.get(variable, ()):
        read = re.fullmatch(rb"\s*\$\{?(%s)(\[[@*]\])?\}?" % re.escape(variable), text_of(node))
        if read is None or node.parent is None or array == (read.group(2) is None):
            continue
        start = node.start_byte + read.start(1)
        quoted = node.parent.type == "string"
        word = node.parent if quoted else node
        if _is_loop_word(word) and quoted == (read.group(2) == b"[@]" and len(text_of(word)) == len(read.group()) + 2):
            yield _Use(start, b"for", reason_against(root, word.parent, grows) if word.parent is not None else None)
        elif quoted and _is_searched(word, read.group()):
            yield _Use(start, b"for", None)
        elif quoted:
            separator = _membership(word, source, read.group().strip())
            if separator is not None:
                yield _Use(start, separator, None)


def _is_searched(word: Node, expansion: bytes) -> bool:
    """Tell whether an array goes, a line a word, into a grep for a whole line: `printf … "${N[@]}" | grep -qx "$2"`."""
    command = word.parent
    pipeline = command.parent if command is not None else None
    if pipeline is None or pipeline.type != "pipeline":
        return False
    printed = rb"""(?:!\s*)?printf\s+(["'])%%s\\n\1\s+"%s"\s*\|\s*""" % re.escape(expansion)
    asked = rb"""grep\s+(?=-\w*q)(?=-\w*x)-[qFx]+\s+(?:(?:-e|--)\s+)?"\$(?:\w+|\{\w+\})\""""
    return expansion.endswith(b"[@]}") and re.fullmatch(printed + asked, text_of(pipeline)) is not None


def _is_loop_word(word: Node) -> bool:
    return (
        word.parent is not None
        and word.parent.type == "for_statement"
        and word in (word.parent.children_by_field_name("value"))
    )


def _membership(word: Node, source: bytes, expansion: bytes) -> bytes | None:
    """Give the separator of `" $NAMES "` where it is asked for `" $2 "`, in a `case` or a `[[ ]]`."""
    outer = re.fullmatch(rb'"([ ,:;|])' + re.escape(expansion) + rb'\1"', text_of(word))
    parent = word.parent
    if outer is None or parent is None:
        return None
    separator = outer.group(1)
    part = rb'"%s\$(?:\w+|\{\w+\})%s"' % (re.escape(separator), re.escape(separator))
    if parent.type == "case_statement" and parent.child_by_field_name("value") == word:
        items = [child for child in parent.children if child.type == "case_item"]
        arms = rb"\(?\s*(?:\*%s\*|\*)\s*" % part
        return separator if items and all(re.fullmatch(arms, _arm(item, source)) for item in items) else None
    if not any(above.type == "test_command" and text_of(above).startswith(b"[[") for above in _above(word)):
        return None
    asked = rb"\s+(?:(?:==?|!=)\s+\*%s\*|=~\s+%s)(?=\s+(?:&&|\|\||\)|\]\]))" % (part, part)
    return separator if re.compile(asked).match(source, word.end_byte) else None


def _arm(item: Node, source: bytes) -> bytes:
    """Give the patterns of a case arm as they are written."""
    if not case_patterns(item):
        return b""
    end = next((child.start_byte for child in item.children if child.type == ")"), item.start_byte)
    return source[item.start_byte : end]


def _above(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent
