"""Follow names into Python scripts, 2 and 3: a test for the old name accepts each new one, and nothing else changes.

Both are read with tree-sitter-python, whose spans are byte exact and whose grammar takes either language; a Python 3
result must also compile, and a Python 2 result must parse without an error that was not there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.dependents.shell import Names, mention_pattern
from keepalived_upgrade.edits import Edit, apply_edits
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MIGRATION = "names/python"
_LITERAL = re.compile(rb"""([rRuUbB]{0,2})("{3}|'{3}|"|')(.*)\2""", re.DOTALL)
_COLLECTIONS = ("list", "tuple", "set")
_PRINTERS = (b"print", b"log", b"debug", b"info", b"warning", b"warn", b"error", b"syslog", b"write")


def follow_python(path: str, source: bytes, names: Names) -> FollowResult:
    """Rewrite a Python script for the names. names: old name → its new names, at least one each.

    Gives byte edits and findings; a script that does not mention a name gives nothing. Raises nothing.
    """
    mentions = mention_pattern(names)
    if not mentions.search(source):
        return FollowResult()
    root = _parser().parse(source).root_node
    work = _Follower(path, source, names, root)
    if not root.has_error:
        work.run()
    work.report_rest(mentions)
    edits = tuple(work.edits)
    if edits and not _still_good(source, apply_edits(source, edits)):
        unsafe = Finding(
            f"{MIGRATION}/unsafe",
            Severity.DECISION,
            Place(path),
            "following the names would leave a script that does not parse",
            "Change it by hand, then accept this finding.",
        )
        return FollowResult((), (*work.findings, unsafe))
    return FollowResult(edits, tuple(work.findings))


def tested_names(source: bytes) -> tuple[tuple[int, bytes], ...]:
    """Give (line, literal) of every literal that is compared, looked up in a dict, or matched."""
    root = _parser().parse(source).root_node
    found = []
    for node in _walk(root):
        value = _value(node)
        if value and _role(node) in ("compared", "member", "key", "matched", "constant"):
            found.append((node.start_point[0] + 1, value))
    return tuple(found)


@cache
def _parser() -> Parser:
    import tree_sitter_python
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_python.language()))


def _walk(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.children))


def _text(node: Node | None) -> bytes:
    return (node.text or b"") if node is not None else b""


def _value(node: Node) -> bytes | None:
    """What a string literal says; None for everything else, escapes and f-strings included."""
    if node.type != "string" or any(child.type == "interpolation" for child in node.children):
        return None
    match = _LITERAL.fullmatch(_text(node))
    return match.group(3) if match and b"\\" not in match.group(3) else None


def _still_good(before: bytes, after: bytes) -> bool:
    if _parser().parse(after).root_node.has_error:
        return False
    return not _compiles(before) or _compiles(after)


def _compiles(source: bytes) -> bool:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "script", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _role(node: Node) -> str:
    """How a literal is used: compared, member (of a collection that is tested), key, matched, constant, or ""."""
    parent = node.parent
    if parent is None:
        return ""
    if parent.type == "comparison_operator":
        return "compared"
    if parent.type in _COLLECTIONS:
        return "member" if _is_tested_collection(parent) else ""
    if parent.type == "pair" and parent.child_by_field_name("key") == node:
        return "key"
    if parent.type in ("case_pattern", "union_pattern"):
        return "matched"
    if parent.type == "assignment" and parent.child_by_field_name("right") == node:
        return "constant"
    return ""


def _is_tested_collection(node: Node) -> bool:
    """Tell whether a collection stands right of `in`, or is a constant used only there, or argparse's choices."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "comparison_operator":
        return b"in" in [_text(child).split()[-1:] and _text(child).split()[-1] for child in parent.children]
    if parent.type == "keyword_argument":
        return _text(parent.child_by_field_name("name")) == b"choices"
    if parent.type == "assignment":
        name = parent.child_by_field_name("left")
        return name is not None and name.type == "identifier" and _only_tested(node, _text(name))
    return False


def _root_of(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _uses(root: Node, name: bytes) -> tuple[list[Node], int]:
    """The uses of a variable, and how often it is assigned."""
    uses, assigned = [], 0
    for node in _walk(root):
        if node.type != "identifier" or _text(node) != name or node.parent is None:
            continue
        if (
            node.parent.type in ("assignment", "augmented_assignment")
            and node.parent.child_by_field_name("left") == node
        ):
            assigned += 1
        else:
            uses.append(node)
    return uses, assigned


def _only_tested(node: Node, name: bytes) -> bool:
    """Every use of the collection is the right side of `in`."""
    uses, assigned = _uses(_root_of(node), name)
    return assigned == 1 and bool(uses) and all(_right_of_in(use) for use in uses)


def _right_of_in(use: Node) -> bool:
    parent = use.parent
    if parent is None or parent.type != "comparison_operator" or parent.children[-1] != use:
        return False
    return len(parent.children) >= 3 and _text(parent.children[-2]).split()[-1:] == [b"in"]


@dataclass(slots=True)
class _Follower:
    path: str
    source: bytes
    names: Names
    root: Node
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    handled: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> None:
        for node in _walk(self.root):
            value = _value(node)
            if value not in self.names or value is None:
                continue
            role = _role(node)
            if role == "compared":
                self._compared(node, value)
            elif role == "member":
                self._member(node, value)
            elif role == "key":
                self._key(node, value)
            elif role == "matched":
                self._alternatives(node, value, b" | ")
            elif role == "constant":
                self._constant(node, value)

    def _compared(self, literal: Node, old: bytes) -> None:
        """`x == "GW"` becomes `x in ("GW_v4", "GW_v6")`, `!=` becomes `not in`."""
        comparison = literal.parent
        if comparison is None:
            return
        new = self.names[old]
        operator = _text(comparison.children[1])
        if len(comparison.children) != 3 or operator not in (b"==", b"!="):
            return
        if len(new) == 1:
            self._edit(literal, self._spelled(literal, old, new[0]), old)
            return
        left, _, right = comparison.children
        other = right if left == literal else left
        word = b"in" if operator == b"==" else b"not in"
        text = _text(other) + b" " + word + b" (" + b", ".join(self._spelled(literal, old, n) for n in new) + b")"
        self._edit(comparison, text, old)

    def _member(self, literal: Node, old: bytes) -> None:
        collection = literal.parent
        present = {_value(child) for child in collection.children} if collection is not None else set()
        names = [n for n in self.names[old] if n == old or n not in present]
        self._edit(literal, b", ".join(self._spelled(literal, old, n) for n in names), old)

    def _key(self, literal: Node, old: bytes) -> None:
        """One entry for each new name, where the value is a literal that cannot be shared by accident."""
        pair = literal.parent
        value = pair.child_by_field_name("value") if pair is not None else None
        dictionary = pair.parent if pair is not None else None
        if pair is None or value is None or dictionary is None:
            return
        new = self.names[old]
        if len(new) > 1 and not (_is_constant(value) and self._is_looked_up(dictionary)):
            return
        keys = {_value(p.child_by_field_name("key") or p) for p in dictionary.children if p.type == "pair"}
        after_key = self.source[literal.end_byte : pair.end_byte]
        names = [n for n in new if n == old or n not in keys]
        self._edit(pair, b", ".join(self._spelled(literal, old, n) + after_key for n in names), old)

    def _is_looked_up(self, dictionary: Node) -> bool:
        """Tell whether nothing is ever stored in the dict: it is used in place, or its name is only read."""
        parent = dictionary.parent
        if parent is None or parent.type != "assignment":
            return True
        name = parent.child_by_field_name("left")
        if name is None or name.type != "identifier":
            return False
        uses, assigned = _uses(self.root, _text(name))
        return assigned == 1 and not any(_is_stored(use) for use in uses)

    def _alternatives(self, literal: Node, old: bytes, joined: bytes) -> None:
        present: set[bytes | None] = set()
        if literal.parent is not None and literal.parent.parent is not None:
            present = {_value(child) for child in _walk(literal.parent.parent) if child.type == "string"}
        names = [n for n in self.names[old] if n == old or n not in present]
        self._edit(literal, joined.join(self._spelled(literal, old, n) for n in names), old)

    def _constant(self, literal: Node, old: bytes) -> None:
        """`INSTANCE = "GW"`, compared with == and != only: it becomes a tuple, and the tests ask with in."""
        assignment = literal.parent
        name = assignment.child_by_field_name("left") if assignment is not None else None
        if name is None or name.type != "identifier":
            return
        uses, assigned = _uses(self.root, _text(name))
        tests = [use.parent for use in uses if use.parent is not None and use.parent.type == "comparison_operator"]
        simple = [t for t in tests if len(t.children) == 3 and _text(t.children[1]) in (b"==", b"!=")]
        if assigned != 1 or not uses or len(simple) != len(uses):
            return
        new = self.names[old]
        if len(new) == 1:
            self._edit(literal, self._spelled(literal, old, new[0]), old)
            return
        self._edit(literal, b"(" + b", ".join(self._spelled(literal, old, n) for n in new) + b")", old)
        for test in simple:
            left, operator, right = test.children
            other = right if _text(left) == _text(name) else left
            word = b" in " if _text(operator) == b"==" else b" not in "
            self._edit(test, _text(other) + word + _text(name), old)

    # -- what is left -----------------------------------------------------------------------------------------

    def report_rest(self, mentions: re.Pattern[bytes]) -> None:
        """Every mention that no edit covers becomes a finding on its line."""
        for match in mentions.finditer(self.source):
            if any(start <= match.start() and match.end() <= end for start, end in self.handled):
                continue
            node = self.root.descendant_for_byte_range(match.start(), match.end())
            if node is not None and self._is_done(node, match.group()):
                continue
            self.findings.append(self._mention(node or self.root, match))

    def _is_done(self, node: Node, old: bytes) -> bool:
        """Where the old name is kept as one of the new ones, a collection that holds them all is finished."""
        return (
            old in self.names[old]
            and node.parent is not None
            and any(
                {_value(child) for child in _walk(above)} >= set(self.names[old])
                for above in (node.parent, node.parent.parent, node.parent.parent and node.parent.parent.parent)
                if above is not None and above.type in (*_COLLECTIONS, "dictionary", "case_pattern", "case_clause")
            )
        )

    def _mention(self, node: Node, match: re.Match[bytes]) -> Finding:
        old = _show(match.group())
        new = " and ".join(_show(name) for name in self.names[match.group()])
        line = self.source.count(b"\n", 0, match.start()) + 1
        place = Place(self.path, line, match.start() - (self.source.rfind(b"\n", 0, match.start()) + 1) + 1)
        if self.root.has_error:
            return Finding(
                f"{MIGRATION}/unreadable",
                Severity.DECISION,
                place,
                f"{old} stands in a script that does not parse, so it was left alone",
                "Change it by hand, then accept this finding.",
            )
        if node.type == "comment" or _is_text(node):
            what = "comment" if node.type == "comment" else "text"
            return Finding(
                f"{MIGRATION}/{what}", Severity.INFO, place, f"a {what} still says {old}", "Reword it if it helps."
            )
        tested = any(n.type in ("comparison_operator", "subscript", "pair", *_COLLECTIONS) for n in _above(node, 4))
        return Finding(
            f"{MIGRATION}/not-rewritten" if tested else f"{MIGRATION}/mention",
            Severity.DECISION if tested else Severity.REVIEW,
            place,
            f"{old} is used here in a way that cannot be rewritten safely; the configuration now calls it {new}",
            f"Make it accept {new}, then accept this finding." if tested else "Check what it is used for.",
        )

    def _spelled(self, literal: Node, old: bytes, new: bytes) -> bytes:
        return _text(literal).replace(old, new)

    def _edit(self, node: Node, new: bytes, old: bytes) -> None:
        self.handled.append((node.start_byte, node.end_byte))
        if new == _text(node) or any(e.start < node.end_byte and node.start_byte < e.end for e in self.edits):
            return
        reason = f"{_show(old)} is now {' and '.join(_show(n) for n in self.names[old])}."
        self.edits.append(Edit(self.path, node.start_byte, node.end_byte, new, MIGRATION, reason))


def _is_constant(value: Node) -> bool:
    return value.type in ("string", "integer", "float", "true", "false", "none", "identifier") or (
        value.type == "tuple" and all(_is_constant(child) for child in value.named_children)
    )


def _is_stored(use: Node) -> bool:
    """`NAMES[x] = …`, `NAMES[x] += 1`, `del NAMES[x]`, or the dict handed on."""
    parent = use.parent
    if parent is None or parent.type == "attribute":
        return parent is not None and _text(parent.child_by_field_name("attribute")) not in (b"get", b"keys")
    if parent.type == "comparison_operator":
        return False
    if parent.type != "subscript":
        return True
    above = parent.parent
    stored = above is not None and above.type in ("assignment", "augmented_assignment", "delete_statement")
    return stored and above is not None and above.child_by_field_name("right") != parent


def _above(node: Node, most: int) -> Iterator[Node]:
    above: Node | None = node
    for _ in range(most):
        if above is None:
            return
        yield above
        above = above.parent


def _is_text(node: Node) -> bool:
    """A docstring, or an argument of something that prints."""
    for above in _above(node, 6):
        if above.type == "print_statement":
            return True
        if (
            above.type == "expression_statement"
            and above.named_children[:1]
            and above.named_children[0].type == "string"
        ):
            return True
        if above.type == "call":
            return _text(above.child_by_field_name("function")).split(b".")[-1] in _PRINTERS
    return False


def _show(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
