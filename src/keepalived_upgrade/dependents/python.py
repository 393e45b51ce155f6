"""Follow names into Python scripts, 2 and 3: a test for the old name accepts each new one, and nothing else changes.

Python 3 is rewritten with libcst (`python3`), which knows scopes. What libcst cannot read, Python 2 above all, is
rewritten here with tree-sitter-python, whose grammar takes either language. What is left is reported here for both. A
Python 3 result must also compile, and a Python 2 result must parse without an error that was not there before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names, goes_on
from keepalived_upgrade.dependents.other_mentions import joined
from keepalived_upgrade.dependents.parsing import is_tangled
from keepalived_upgrade.dependents.python_literals import literal_value
from keepalived_upgrade.dependents.python_mentions import python_mentions
from keepalived_upgrade.dependents.python_pieces import find_python_pieces, python_piece_findings
from keepalived_upgrade.dependents.python_tree import (
    COLLECTIONS,
    ancestors,
    asks_in_a_call,
    is_assigned,
    is_constant,
    is_stored,
    is_text,
    parse_python,
    role_of,
    text_of,
    uses_of,
    value_of,
    walk,
)
from keepalived_upgrade.dependents.result import FollowResult, not_read
from keepalived_upgrade.dependents.spans import Cover, Spans
from keepalived_upgrade.edits import Edit, apply_edits
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from tree_sitter import Node

    from keepalived_upgrade.dependents.python3 import Followed
    from keepalived_upgrade.dependents.python3_why import Reason

MIGRATION = "names/python"
_KEPT = "is kept in a variable here, and not all that is done with it can be followed"
_MOST_NODES = 10_000
# Pieces of a text by position, changes in it, and methods that take it to pieces at something that a name may hold.
_CUTS = re.compile(
    rb"(?<!argv)(?<=[\w)\]])\[[^\[\]\"']*:[^\[\]\"']*\]"
    rb"|\.(?:upper|lower|title|capitalize|swapcase|replace|translate|subn?|groups?|findall)\("
    rb"|\.r?(?:split|partition)\([^)]|\.[lr]?strip\((?!'\"'\)|\))"
)
_OF_THE_HOST = re.compile(
    rb"gethostname|getfqdn|\buname\(|platform\.node\(|getuser|getlogin|[\"'](?:HOSTNAME|USER|LOGNAME)[\"']"
)


def follow_python(path: str, source: bytes, names: Names, followed: Followed | None = None) -> FollowResult:
    """Rewrite a Python script for the names. names: old name → its new names, at least one each.

    followed: what libcst found already, for a script that is read together with its modules.
    Gives byte edits and findings; a script that does not mention a name gives nothing. Raises nothing.
    """
    mentions = python_mentions(names)
    pieces = find_python_pieces(source, names)
    if not (mentions.search(source) or pieces) and followed is None:
        return FollowResult()
    if is_tangled("python", source):
        return not_read(path, MIGRATION)
    root = parse_python(source)
    work = _Follower(path, source, names, root)
    if not root.has_error:
        # libcst takes 50 to 120 us for a node; what is larger is read as Python 2 is, which is fast and knows less.
        small = root.descendant_count <= _MOST_NODES and source.count(b"\n") <= _MOST_NODES
        followed = followed or (_follow_python3(path, source, names) if small else None)
        if followed is None:
            work.run()
        else:
            work.take(followed)
    work.report_rest(mentions)
    work.findings += python_piece_findings(path, source, pieces, work.handled, f"{MIGRATION}/pieces")
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
    return FollowResult(edits, tuple(work.findings), tuple(work.together))


def _follow_python3(path: str, source: bytes, names: Names) -> Followed | None:
    if not compiles(source):
        return None
    from keepalived_upgrade.dependents.python3 import follow_module

    return follow_module(source, names, is_importable(path, source))


def is_importable(path: str, source: bytes) -> bool:
    """A file that is no program is imported, and what it assigns may be compared in another one."""
    return path.endswith(".py") and not source.startswith(b"#!")


def _still_good(before: bytes, after: bytes) -> bool:
    if parse_python(after).has_error:
        return False
    return not compiles(before) or compiles(after)


def compiles(source: bytes) -> bool:
    """Tell whether this Python reads the script."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "script", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


@dataclass(slots=True)
class _Follower:
    path: str
    source: bytes
    names: Names
    root: Node
    edits: list[Edit] = field(default_factory=list)
    _holding: set[bytes] | None = None
    findings: list[Finding] = field(default_factory=list)
    handled: list[tuple[int, int]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    together: list[frozenset[tuple[int, int]]] = field(default_factory=list)
    spans: Spans = field(default_factory=Spans)
    held: set[bytes] | None = None

    def run(self) -> None:
        cuts = _CUTS.search(self.source) is not None
        for node in walk(self.root):
            if cuts and not _tests_an_argument(node):
                continue  # Python 3 is read with its scopes; here any operand may be a text that was cut
            value = value_of(node)
            if value not in self.names or value is None:
                continue
            role = role_of(node)
            if role == "compared":
                self._compared(node, value)
            elif role == "member":
                self._member(node, value)
            elif role == "key":
                self._key(node, value)
            elif role == "constant":
                before = len(self.edits)
                self._constant(node, value)
                self.together.append(frozenset((edit.start, edit.end) for edit in self.edits[before:]))

    def take(self, followed: Followed) -> None:
        """Take over what was followed with libcst."""
        self.handled += followed.handled
        self.reasons += followed.reasons
        self.together += followed.together
        for start, end, new, old in followed.replaced:
            self.edits.append(Edit(self.path, start, end, new, MIGRATION, self._reason(old)))

    def _compared(self, literal: Node, old: bytes) -> None:
        """`x == "GW"` becomes `x in ("GW_v4", "GW_v6")`, `!=` becomes `not in`."""
        comparison = literal.parent
        if comparison is None:
            return
        new = self.names[old]
        operator = text_of(comparison.children[1])
        if len(comparison.children) != 3 or operator not in (b"==", b"!="):
            return
        if len(new) == 1:
            self._edit(literal, self._spelled(literal, old, new[0]), old)
            return
        left, _, right = comparison.children
        other = right if left == literal else left
        if text_of(other) in self._held() or _OF_THE_HOST.search(text_of(other)):
            return  # a constant that holds a name, or what the host is called
        word = b"in" if operator == b"==" else b"not in"
        text = text_of(other) + b" " + word + b" (" + b", ".join(self._spelled(literal, old, n) for n in new) + b")"
        self._edit(comparison, text, old)

    def _member(self, literal: Node, old: bytes) -> None:
        collection = literal.parent
        present = {value_of(child) for child in collection.children} if collection is not None else set()
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
        if not self._is_looked_up(dictionary) or (len(new) > 1 and not is_constant(value)):
            return
        keys = {value_of(p.child_by_field_name("key") or p) for p in dictionary.children if p.type == "pair"}
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
        uses, assigned = uses_of(self.root, text_of(name))
        return assigned == 1 and not any(is_stored(use) for use in uses)

    def _held(self) -> set[bytes]:
        """The names of all variables that are ever assigned one of the names, or what the host is called."""
        if self._holding is None:
            assigns = [node for node in walk(self.root) if node.type == "assignment"]
            given = [(text_of(a.child_by_field_name("left")), text_of(a.child_by_field_name("right"))) for a in assigns]
            held = (n for n, value in given if literal_value(value) in self.names or _OF_THE_HOST.search(value))
            self._holding = set(held)
        return self._holding

    def _constant(self, literal: Node, old: bytes) -> None:
        """`INSTANCE = "GW"`, compared with == and != only: it becomes a tuple, and the tests ask with in."""
        assignment = literal.parent
        name = assignment.child_by_field_name("left") if assignment is not None else None
        if name is None or name.type != "identifier":
            return
        uses, assigned = uses_of(self.root, text_of(name))
        tests = [use.parent for use in uses if use.parent is not None and use.parent.type == "comparison_operator"]
        simple = [t for t in tests if len(t.children) == 3 and text_of(t.children[1]) in (b"==", b"!=")]
        if assigned != 1 or not uses or len(simple) != len(uses) or is_importable(self.path, self.source):
            return
        sides = [text_of(side) for test in simple for side in (test.children[0], test.children[2])]
        others = [side for side in sides if side != text_of(name)]
        if len(others) != len(simple) or any(o in self._held() or literal_value(o) in self.names for o in others):
            return
        new = self.names[old]
        if len(new) == 1:
            self._edit(literal, self._spelled(literal, old, new[0]), old)
            return
        self._edit(literal, b"(" + b", ".join(self._spelled(literal, old, n) for n in new) + b")", old)
        for test in simple:
            left, operator, right = test.children
            other = right if text_of(left) == text_of(name) else left
            word = b" in " if text_of(operator) == b"==" else b" not in "
            self._edit(test, text_of(other) + word + text_of(name), old)

    # -- what is left -----------------------------------------------------------------------------------------

    def report_rest(self, mentions: re.Pattern[bytes]) -> None:
        """Every mention that no edit covers becomes a finding on its line."""
        covered = Cover(self.handled)
        self.reasons.sort(key=lambda reason: reason.start)
        for match in mentions.finditer(self.source):
            if covered.covers(match.start(), match.end()):
                continue
            node = self.root.descendant_for_byte_range(match.start(), match.end())
            if goes_on(self.source, match.end()) or (node is not None and self._is_done(node, match.group())):
                continue
            self.findings.append(self._mention(node or self.root, match))

    def _is_done(self, node: Node, old: bytes) -> bool:
        """Where the old name is kept as one of the new ones, a collection that holds them all is finished."""
        return (
            old in self.names[old]
            and node.parent is not None
            and any(
                {value_of(child) for child in walk(above)} >= set(self.names[old])
                for above in (node.parent, node.parent.parent, node.parent.parent and node.parent.parent.parent)
                if above is not None and above.type in (*COLLECTIONS, "dictionary", "case_pattern", "case_clause")
            )
        )

    def _mention(self, node: Node, match: re.Match[bytes]) -> Finding:
        old = _show(match.group())
        new = joined(self.names[match.group()], "and")
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
        reason = self._reason_at(match)
        if node.type == "comment" or (is_text(node) and not (reason and reason.is_tested)):
            what = "comment" if node.type == "comment" else "text"
            return Finding(
                f"{MIGRATION}/{what}", Severity.INFO, place, f"a {what} still says {old}", "Reword it if it helps."
            )
        if node.parent is not None and is_assigned(_string_around(node)):
            return Finding(
                f"{MIGRATION}/not-followed",
                Severity.DECISION,
                place,
                f"{old} {reason.why if reason else _KEPT}",
                f"Make what uses it accept {new}, then accept this finding.",
            )
        asking = ("comparison_operator", "subscript", "pair", "case_pattern", "expression_list", *COLLECTIONS)
        tested = (reason is not None and reason.is_tested) or asks_in_a_call(node)
        tested = tested or any(n.type in asking for n in ancestors(node, 4))
        why = reason.why if reason else "is used here in a way that cannot be rewritten safely"
        return Finding(
            f"{MIGRATION}/not-rewritten" if tested else f"{MIGRATION}/mention",
            Severity.DECISION if tested else Severity.REVIEW,
            place,
            f"{old} {why}; the configuration now calls it {new}",
            f"Make it accept {new}, then accept this finding." if tested else "Check what it is used for.",
        )

    def _reason_at(self, match: re.Match[bytes]) -> Reason | None:
        """Give the first reason for a mention among those that begin nearest before it."""
        at = bisect_right(self.reasons, match.start(), key=lambda reason: reason.start)
        near = (r for r in reversed(self.reasons[max(0, at - 4) : at]) if match.end() <= r.end)
        return next(near, None)

    def _spelled(self, literal: Node, old: bytes, new: bytes) -> bytes:
        return text_of(literal).replace(old, new)

    def _edit(self, node: Node, new: bytes, old: bytes) -> None:
        self.handled.append((node.start_byte, node.end_byte))
        if new == text_of(node) or self.spans.overlaps(node.start_byte, node.end_byte):
            return
        self.spans.add(node.start_byte, node.end_byte)
        self.edits.append(Edit(self.path, node.start_byte, node.end_byte, new, MIGRATION, self._reason(old)))

    def _reason(self, old: bytes) -> str:
        return f"{_show(old)} is now {joined(self.names[old], 'and')}."


def _tests_an_argument(literal: Node) -> bool:
    """Tell whether a literal is compared with a word of the command line as it is."""
    comparison = literal.parent
    if comparison is None or comparison.type != "comparison_operator":
        return False
    others = [child for child in comparison.named_children if child != literal]
    return len(others) == 1 and re.fullmatch(rb"(?:sys\.)?argv\s*\[\s*\d+\s*\]", text_of(others[0])) is not None


def _string_around(node: Node) -> Node:
    """The literal that a node is a part of, or the node."""
    return next((above for above in ancestors(node, 3) if above.type == "string"), node)


def _show(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
