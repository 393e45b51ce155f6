"""Follow names into shell scripts (sh, bash, dash): a test for the old name accepts each new one, and nothing else
changes. What cannot be rewritten safely is a finding with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.globs import caught_by, glob_matches, tells_apart
from keepalived_upgrade.dependents.mentions import Names, mention_pattern, prefixed_pattern
from keepalived_upgrade.dependents.parsing import is_tangled
from keepalived_upgrade.dependents.result import FollowResult, not_read
from keepalived_upgrade.dependents.shell_constants import Constant, find_constants, refusal_of, runs_something
from keepalived_upgrade.dependents.shell_grep import grep_steps
from keepalived_upgrade.dependents.shell_keys import key_steps
from keepalived_upgrade.dependents.shell_lists import list_steps
from keepalived_upgrade.dependents.shell_loops import loop_steps
from keepalived_upgrade.dependents.shell_pieces import find_pieces, piece_findings
from keepalived_upgrade.dependents.shell_programs import asking_calls, call_steps, default_steps, program_steps
from keepalived_upgrade.dependents.shell_regex import regex_steps
from keepalived_upgrade.dependents.shell_reshaped import CURE, WHY, Reshaped, find_reshaped, names_variable, why_joined
from keepalived_upgrade.dependents.shell_rest import MIGRATION, Rest
from keepalived_upgrade.dependents.shell_steps import Change, Refusal, Step, both, refuse
from keepalived_upgrade.dependents.shell_tree import (
    Comparison,
    arm_end,
    case_patterns,
    comparisons,
    is_of_several,
    is_pattern,
    literal_value,
    parse_shell,
    prefix_of,
    respell,
    show,
    text_of,
    unread_from,
    walk,
)
from keepalived_upgrade.dependents.shell_variables import patterns_of, quote_like, variable_comparisons
from keepalived_upgrade.dependents.spans import Spans
from keepalived_upgrade.edits import Edit, apply_edits
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from tree_sitter import Node

_ONE_STATEMENT = ("pipeline", "command", "redirected_statement", "negated_command", "test_command", "binary_expression")


def follow_shell(path: str, source: bytes, names: Names, place: Callable[[int], str] | None = None) -> FollowResult:
    """Rewrite a shell script for the names. names: old name → its new names, at least one each.

    place: says where a line of the source stands, where that is several scripts joined to one.
    Gives byte edits and findings; a script that does not mention a name gives nothing. Raises nothing.
    """
    mentions = mention_pattern(names)
    pieces = find_pieces(source, names)
    mentioned = mentions.search(source) or prefixed_pattern(names).search(source)
    if not (mentioned or pieces or tells_apart(source, names)):
        return FollowResult()
    if is_tangled("shell", source):
        return not_read(path, MIGRATION)
    work = _Follower(path, source, names, parse_shell(source), place)
    work.run()
    rest = Rest(path, source, names, work.root, work.handled, work.refusals)
    work.findings.extend(rest.findings(mentions))
    work.findings.extend(piece_findings(path, source, work.root, pieces, work.handled, f"{MIGRATION}/pieces"))
    edits = tuple(work.edits.values())
    if not edits:
        return FollowResult((), tuple(work.findings))
    after = apply_edits(source, edits)
    rewritten, why = _Follower(path, after, names, parse_shell(after), place), ""
    if work.root.has_error:
        rewritten.run()  # where the grammar goes on after an error may hang on what was rewritten
        why = "this script does not parse, and following names changes what else is read" if rewritten.edits else ""
    elif rewritten.root.has_error:
        why = "following the names would leave a script that does not parse"
    if why:
        return FollowResult((), (*work.findings, work.finding("unsafe", Severity.DECISION, work.root, why)))
    return FollowResult(edits, tuple(work.findings), tuple(work.together))


@dataclass(slots=True)
class _Follower:
    path: str
    source: bytes
    names: Names
    root: Node
    place: Callable[[int], str] | None = None
    edits: dict[tuple[int, int], Edit] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    handled: list[tuple[int, int]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    together: list[frozenset[tuple[int, int]]] = field(default_factory=list)
    given: dict[bytes, str] = field(default_factory=dict)
    spans: Spans = field(default_factory=Spans)
    reshaped: Reshaped = field(init=False)

    def where(self, at: int) -> str:
        """Say where a byte stands."""
        line = self.source.count(b"\n", 0, at) + 1
        return self.place(line) if self.place is not None else f"line {line}"

    def run(self) -> None:
        error_from = unread_from(self.root)
        if error_from is not None and tells_apart(self.source[error_from:], self.names):
            self._report_unread(error_from)
        self.reshaped = find_reshaped(self.root, self.names)
        held = list(find_constants(self.root, self.source, self.names, self.reshaped, self.where))
        for constant in held:
            if constant.why:
                self.given[constant.variable] = f"is compared with what {self.where(constant.value.start_byte)} may set"
        for node in walk(self.root):
            if error_from is not None and node.start_byte >= error_from:
                break
            if node.type == "case_item":
                self._case_item(node)
            elif node.type == "array":
                self._take_all(key_steps(self.source, node, self.names), error_from)
            elif node.type == "for_statement":
                self._take_all(loop_steps(self.root, node, self.names), error_from)
        for form in (regex_steps, grep_steps, program_steps, default_steps, call_steps):
            self._take_all(form(self.root, self.names), error_from)
        self._take_all(list_steps(self.root, self.source, self.names, self.where), error_from)
        for compared in comparisons(self.root):
            if error_from is None or compared.container.end_byte <= error_from:
                self._comparison(compared)
        for constant in held:
            if error_from is None or constant.value.start_byte < error_from:
                self._constant(constant)

    def _report_unread(self, start: int) -> None:
        line = self.source.count(b"\n", 0, start) + 1
        message = (
            "from here on the script cannot be read, and a pattern in it may not accept the new names, or them alone"
        )
        cure = "Check the patterns by hand, then accept this finding."
        self.findings.append(
            Finding(f"{MIGRATION}/unreadable", Severity.DECISION, Place(self.path, line), message, cure)
        )

    # -- case arms --------------------------------------------------------------------------------------------

    def _case_item(self, item: Node) -> None:
        patterns = case_patterns(item)
        subject = item.parent.child_by_field_name("value") if item.parent is not None else None
        why = self._why_not(text_of(subject), any(map(is_pattern, patterns))) if subject is not None else ""
        if why:
            self._refuse_tests(patterns, why)
            return
        values = [(pattern, literal_value(pattern)) for pattern in patterns]
        present = {value for pattern, value in values if value is not None and not is_pattern(pattern)}
        for pattern, value in values:
            if value is None:
                continue
            if is_pattern(pattern):
                self._case_glob(item, pattern, value, {said for _, said in values if said is not None})
                continue
            for old, new in self.names.items():
                if value == old:
                    spelled = [respell(pattern, old, name) for name in new if name not in present or name == old]
                    self._replace(pattern, b"|".join(spelled) if spelled else text_of(pattern), old)
                elif mention_pattern({old: new}).search(value):
                    self._case_compound(item, pattern, value, old, new, present)

    def _case_glob(self, item: Node, pattern: Node, value: bytes, present: set[bytes]) -> None:
        """A glob that matches an old name stays, and the new names that it misses stand beside it."""
        missing: list[bytes] = []
        matched: list[bytes] = []
        for old, new in self.names.items():
            self._check_catch(item, pattern, old, new)
            if value.strip(b"*") and glob_matches(value, old):
                matched.append(old)
                missing += [name for name in new if not glob_matches(value, name) and name not in present]
            elif is_of_several(item) and mention_pattern({old: new}).search(value):
                matched.append(old)  # `GW:*` of a case over "$2:$3": what begins with GW: in other ways, still does
                missing += [
                    respell(pattern, old, name)
                    for name in new
                    if (said := mention_pattern({old: new}).sub(name, value)) not in present
                    and not glob_matches(value, said)
                ]
        if matched:
            self._replace(pattern, b"|".join((text_of(pattern), *missing)), matched[0])

    def _case_compound(
        self, item: Node, pattern: Node, value: bytes, old: bytes, new: tuple[bytes, ...], present: set[bytes]
    ) -> None:
        """`GW:MASTER)` of a case over "$2:$3"."""
        if not is_of_several(item):
            return
        expected = [mention_pattern({old: new}).sub(name, value) for name in new]
        if all(name in present for name in expected):
            self._handle(pattern)
            return
        self._replace(pattern, b"|".join(respell(pattern, old, name) for name in new), old)

    def _check_catch(self, item: Node, pattern: Node, old: bytes, new: tuple[bytes, ...]) -> None:
        """A glob that catches a new name and not the old one, in an arm that the old name's own arm does not shield."""
        for earlier in item.parent.children if item.parent is not None else ():
            if earlier.type != "case_item" or earlier.start_byte >= item.start_byte or arm_end(earlier) == ";;&":
                continue
            if any((v := literal_value(p)) is not None and glob_matches(v, old) for p in case_patterns(earlier)):
                return
        self._report_catch(pattern, old, new)

    def _report_catch(self, pattern: Node, old: bytes, new: tuple[bytes, ...]) -> None:
        value = literal_value(pattern)
        caught = caught_by(value, old, new) if value is not None else None
        if caught is None:
            return
        message = f"this pattern catches the new name {show(caught)}, and did not catch {show(old)}"
        cure = "Choose another name (an upgrade takes --ipv4-name and --ipv6-name), or change the pattern by hand."
        self.findings.append(self.finding("caught", Severity.DECISION, pattern, message, cure))

    # -- comparisons ------------------------------------------------------------------------------------------

    def _comparison(self, compared: Comparison) -> None:
        value = literal_value(compared.literal)
        prefix = prefix_of(compared)
        if value is None:
            return
        glob = compared.double and is_pattern(compared.literal)
        why = self._why_not(text_of(compared.other), glob)
        if why:
            self._refuse_tests([compared.literal], why)
            return
        if glob:
            self._compared_glob(compared, value)
            return
        for old, new in self.names.items():
            if value == prefix + old:
                if self._already(compared, prefix, old, new):
                    self._handle(compared.literal)
                    continue
                # `xGW`, and `x"GW"`, where the quotes stand between the two.
                whole = prefix if prefix + old in text_of(compared.literal) else b""
                self._spread(compared, [respell(compared.literal, whole + old, whole + name) for name in new], old)

    def _why_not(self, tested: bytes, glob: bool = False) -> str:
        """Say why a test of a text must stay: the text was cut, or the script gives a variable in it the old name."""
        given = (why for name, why in self.given.items() if names_variable(tested, name))
        return self.reshaped.why_not(tested) or next(given, "") or (why_joined(tested) if glob else "")

    def _refuse_tests(self, literals: Iterable[Node], why: str) -> None:
        """Report each literal that such a text is compared with: a name, or a pattern that a name matches."""
        for literal in literals:
            self.refusals.append(refuse(literal, why, CURE))
            value = literal_value(literal)
            if value is None or not value.strip(b"*") or not is_pattern(literal):
                continue
            for old, new in self.names.items():
                if len({glob_matches(value, name) for name in (old, *new)}) > 1:
                    message = f"this pattern tells {show(old)} from a new name, and {why}"
                    self.findings.append(self.finding("not-rewritten", Severity.DECISION, literal, message, CURE))

    def _compared_glob(self, compared: Comparison, value: bytes) -> None:
        matched = [old for old in self.names if glob_matches(value, old)]
        for old in self.names.keys() - matched:
            self._report_catch(compared.literal, old, self.names[old])
        if not matched:
            return
        self._handle(compared.literal)
        asked = self._asked(compared)
        new = [name for old in matched for name in self.names[old]]
        missing = [name for name in new if not glob_matches(value, name) and name not in asked]
        if missing:
            self._spread(compared, [text_of(compared.literal), *missing], matched[0])

    def _spread(self, compared: Comparison, spelled: list[bytes], old: bytes) -> None:
        """Replace one comparison by one for each spelling; a single one only changes the literal."""
        if len(spelled) == 1:
            self._replace(compared.literal, spelled[0], old)
            return
        if runs_something(compared):
            return  # Doubling it would run a command twice: Rest asks a person.
        if compared.double:
            start, end = compared.first.start_byte, compared.last.end_byte
            each = self._versions(compared.literal, start, end, spelled)
            joined = (b" && " if compared.operator == b"!=" else b" || ").join(each)
            self._edit(start, end, b"( " + joined + b" )", old)
            return
        container = compared.container
        if self._tests_in(container) > 1:
            return  # Doubling it would mix two names: Rest asks a person.
        # A test f(p) in which p stands once is p, not p, or does not depend on p; so f(a or b) is f(a) || f(b),
        # or f(a) && f(b) where p is negated. Doubling the whole bracket needs no parentheses inside it.
        each = self._versions(compared.literal, container.start_byte, container.end_byte, spelled)
        negated = (compared.operator == b"!=") != compared.negated
        joined = (b" && " if negated else b" || ").join(each)
        self._edit(container.start_byte, container.end_byte, b"{ " + joined + b"; }", old)

    def _versions(self, literal: Node, start: int, end: int, spelled: list[bytes]) -> list[bytes]:
        """Give the bytes from start to end once for each spelling of the literal inside."""
        before, after = self.source[start : literal.start_byte], self.source[literal.end_byte : end]
        return [before + one + after for one in spelled]

    def _tests_in(self, container: Node) -> int:
        """Count the comparisons inside one bracket that ask for a name to follow."""
        values = [(literal_value(c.literal) or b"", prefix_of(c)) for c in comparisons(container)]
        return sum(1 for value, prefix in values if value[len(prefix) :] in self.names)

    def _already(self, compared: Comparison, prefix: bytes, old: bytes, new: tuple[bytes, ...]) -> bool:
        """Tell whether the tests beside this one ask for every new name: then a second run has nothing to do."""
        return old in new and self._asked(compared, prefix) >= set(new)

    def _asked(self, compared: Comparison, prefix: bytes = b"") -> set[bytes]:
        """Give what this test and those beside it compare the same operand with."""
        around = compared.container
        for _ in range(2):
            if around.parent is not None and around.parent.type in ("list", "compound_statement"):
                around = around.parent
        other = text_of(compared.other)
        return {
            (literal_value(c.literal) or b"")[len(prefix) :]
            for c in comparisons(around)
            if text_of(c.other) == other and c.operator == compared.operator
        }

    # -- constants and arrays ---------------------------------------------------------------------------------

    def _constant(self, constant: Constant) -> None:
        """`INST=GW`, compared and nothing else: the constant takes the first name, the tests ask for the others."""
        new = self.names[constant.old]
        if constant.why:
            self.refusals.append(refusal_of(constant, new))
            return
        before = frozenset(self.edits)
        self._replace(constant.value, respell(constant.value, constant.old, new[0]), constant.old)
        if len(new) > 1:
            self._ask_for_more(constant.variable, constant.old, new[1:])
        self.together.append(frozenset(self.edits) - before)

    def _ask_for_more(self, name: bytes, old: bytes, more: tuple[bytes, ...]) -> None:
        """Make each test of a constant ask for more names than the one it holds."""
        for compared in variable_comparisons(self.root, name):
            extra = [quote_like(compared.literal, one) for one in more]
            self._spread(compared, [text_of(compared.literal), *extra], old)
        for pattern in patterns_of(self.root, name):
            added = b"".join(b"|" + quote_like(pattern, one) for one in more)
            self._edit(pattern.end_byte, pattern.end_byte, added, old)
        for call, argument, joined in asking_calls(self.root, name):
            start, end = call.start_byte, call.end_byte
            extra = [text_of(argument), *(quote_like(argument, one) for one in more)]
            self._edit(start, end, b"{ " + joined.join(self._versions(argument, start, end, extra)) + b"; }", old)

    # -- keeping account --------------------------------------------------------------------------------------

    def _take_all(self, steps: Iterable[Step], error_from: int | None) -> None:
        """Keep what the follower of one form hands back, up to where the script can no longer be read."""
        for step in steps:
            if error_from is not None and step.end > error_from:
                continue
            if isinstance(step, Refusal):
                self.refusals.append(step)
                continue
            why = self._why_not_step(step)
            if why:
                self.refusals.append(Refusal(step.start, step.end, why, CURE, "not-rewritten"))
                continue
            if step.text == self.source[step.start : step.end]:
                self.handled.append((step.start, step.end))
            else:
                self._edit(step.start, step.end, step.text, step.old)

    def _why_not_step(self, step: Change) -> str:
        """Say why the statement around a change must stay; for a list, whether the script cuts any text."""
        node = self.root.descendant_for_byte_range(step.start, step.end)
        while node is not None and node.parent is not None and node.parent.type in _ONE_STATEMENT:
            node = node.parent
        alone = node is not None and node.type in (*_ONE_STATEMENT, "test_command")
        if alone and node is not None:
            return self._why_not(text_of(node))
        return WHY if self.reshaped.anywhere else ""

    def finding(
        self, id: str, severity: Severity, node: Node, message: str, cure: str = "Change it by hand."
    ) -> Finding:
        """Give a finding placed on a node."""
        row, column = node.start_point
        return Finding(f"{MIGRATION}/{id}", severity, Place(self.path, row + 1, column + 1), message, cure)

    def _handle(self, node: Node) -> None:
        self.handled.append((node.start_byte, node.end_byte))

    def _replace(self, node: Node, new: bytes, old: bytes) -> None:
        self._handle(node)
        if new != text_of(node):
            self._edit(node.start_byte, node.end_byte, new, old)

    def _edit(self, start: int, end: int, new: bytes, old: bytes) -> None:
        if self.spans.overlaps(start, end):
            # Two names tested in one container: the first edit stands, the rest is for a person.
            return
        self.handled.append((start, end))
        self.spans.add(start, end)
        reason = f"{show(old)} is now {both(self.names[old])}."
        self.edits[start, end] = Edit(self.path, start, end, new, MIGRATION, reason)
