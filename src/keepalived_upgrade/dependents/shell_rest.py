"""What is left of the names in a shell script when everything that can be followed was: each mention is a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names, goes_on
from keepalived_upgrade.dependents.shell_lists import is_asked
from keepalived_upgrade.dependents.shell_readers import names_function, names_key, reader_of, runs_as_code
from keepalived_upgrade.dependents.shell_steps import Refusal, both, says_all
from keepalived_upgrade.dependents.shell_tree import (
    command_name,
    is_kept,
    is_printed,
    is_tested,
    kinds_above,
    show,
    text_of,
)
from keepalived_upgrade.dependents.spans import Cover
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from tree_sitter import Node

MIGRATION = "names/shell"
_COUNTING = (b"exit", b"return", b"sleep", b"shift", b"kill", b"break", b"continue", b"ulimit", b"umask")
# What is further apart does not belong to one test.
_NEAR = 4096
_USES = (runs_as_code, names_key, names_function)
_ARITHMETIC = re.compile(rb"\s-(?:eq|ne|lt|le|gt|ge)\s")


class _Refusals:
    """Refusals, asked for from the beginning of the text to its end: only those around the place are looked at."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self._coming = sorted(enumerate(refusals), key=lambda item: -item[1].start)
        self._around: list[tuple[int, Refusal]] = []

    def narrowest(self, start: int, end: int) -> Refusal | None:
        """Give the narrowest one around a place, the first of those alike."""
        while self._coming and self._coming[-1][1].start <= start:
            self._around.append(self._coming.pop())
        self._around = [item for item in self._around if item[1].end > start]
        fitting = [(r.end - r.start, number, r) for number, r in self._around if end <= r.end]
        return min(fitting, key=lambda item: item[:2])[2] if fitting else None


@dataclass(frozen=True, slots=True)
class Rest:
    """handled: spans that are followed, or right as they are. refusals: spans that are not, and why."""

    path: str
    source: bytes
    names: Names
    root: Node
    handled: Sequence[tuple[int, int]]
    refusals: Sequence[Refusal]

    def findings(self, mentions: re.Pattern[bytes]) -> Iterator[Finding]:
        """Give a finding for every mention that nothing covers, on its line."""
        handled, refusals = Cover(self.handled), _Refusals(self.refusals)
        for match in mentions.finditer(self.source):
            if handled.covers(match.start(), match.end()):
                continue
            node = self.root.descendant_for_byte_range(match.start(), match.end()) or self.root
            if _is_variable(self.source, node, match.start()) or goes_on(self.source, match.end()):
                continue
            if match.group().isdigit() and _is_number(node):
                continue
            refusal = refusals.narrowest(match.start(), match.end())
            tested = refusal is None and is_tested(node, self.root)
            if tested and _says_all_near(node, match.group(), self.names[match.group()]):
                continue
            yield self._mention(node, match, refusal)

    def _mention(self, node: Node, match: re.Match[bytes], refusal: Refusal | None) -> Finding:
        name, new = show(match.group()), both(self.names[match.group()])
        kinds = list(kinds_above(node, self.root))
        if "comment" in kinds:
            return self._say("comment", Severity.INFO, match, f"a comment still says {name}", "Reword it if it helps.")
        if refusal is not None:
            return self._say(refusal.id, Severity.DECISION, match, f"{name} {refusal.why}", refusal.cure)
        reader = reader_of(node, self.root)
        if reader and not self.root.has_error:
            return self._say(
                "not-rewritten",
                Severity.DECISION,
                match,
                f"{name} stands in what {show(reader)} reads here, which is not followed",
                f"Make it hold {new} where it must, then accept this finding.",
            )
        if "heredoc_body" in kinds or is_printed(node, self.root):
            return self._say("text", Severity.INFO, match, f"a text still says {name}", "Reword it if it helps.")
        if "ERROR" in kinds or self.root.has_error:
            return self._say(
                "unreadable",
                Severity.DECISION,
                match,
                f"{name} stands in or after something that does not parse, so it was left alone",
                "Change it by hand, then accept this finding.",
            )
        if is_tested(node, self.root) and (not self._is_part_of_a_word(match) or self._is_made(match)):
            return self._say(
                "not-rewritten",
                Severity.DECISION,
                match,
                f"{name} is tested here in a way that cannot be rewritten safely",
                f"Make it accept {new}, then accept this finding.",
            )
        use = next(filter(None, (ask(node, self.root) for ask in _USES)), "")
        if use:
            return self._say(
                "not-rewritten",
                Severity.DECISION,
                match,
                f"{name} {use}",
                f"Change it by hand so that it knows {new}, then accept this finding.",
            )
        if self._is_listed(node, match):
            return self._say(
                "not-followed",
                Severity.DECISION,
                match,
                f"{name} is put into a list here, and not all that is done with it can be followed",
                f"Make the list hold {new}, then accept this finding.",
            )
        # A value that looks like a regular expression is tested with sooner or later.
        if is_kept(node) and (text_of(node) == match.group() or set(text_of(node)) & set(b"^|$")):
            return self._say(
                "not-followed",
                Severity.DECISION,
                match,
                f"{name} is kept in a variable here, and not all that is done with it can be followed",
                f"Make what uses it accept {new}, then accept this finding.",
            )
        return self._say(
            "mention",
            Severity.REVIEW,
            match,
            f"{name} is used here, and the configuration now calls it {new}",
            "Check what it is used for and change it by hand if it names the instance.",
        )

    def _is_listed(self, node: Node, match: re.Match[bytes]) -> bool:
        """`L="$L GW"`, where the list is asked for something later."""
        around = self.source[match.start() - 1 : match.start()] + self.source[match.end() : match.end() + 1]
        above = node
        while above.parent is not None and above.type in ("string_content", "string", "concatenation", "word", "array"):
            above = above.parent
        if above.type != "variable_assignment" or not re.fullmatch(rb"""[\s"',:;|()]{2}""", around):
            return False
        return is_asked(self.root, text_of(above.children[0]))

    def _is_part_of_a_word(self, match: re.Match[bytes]) -> bool:
        """`GW-x` and `GW.lock` are other names, most likely."""
        before, after = self.source[match.start() - 1 : match.start()], self.source[match.end() : match.end() + 1]
        return before in (b"-", b".") or after in (b"-", b".")

    def _is_made(self, match: re.Match[bytes]) -> bool:
        """Tell whether the script makes such texts: `"$2.$3"` makes `GW.MASTER`."""
        before, after = self.source[match.start() - 1 : match.start()], self.source[match.end() : match.end() + 1]
        return _makes(self.source, before, b"") or _makes(self.source, b"", after)

    def _say(self, id: str, severity: Severity, match: re.Match[bytes], message: str, cure: str) -> Finding:
        line = self.source.count(b"\n", 0, match.start()) + 1
        column = match.start() - (self.source.rfind(b"\n", 0, match.start()) + 1) + 1
        return Finding(f"{MIGRATION}/{id}", severity, Place(self.path, line, column), message, cure)


def _says_all_near(node: Node, old: bytes, new: tuple[bytes, ...]) -> bool:
    """Tell whether what stands around a test of a name that is kept asks for the other new names already."""
    above: Node | None = node
    while above is not None and above.type not in ("program", "do_group", "function_definition"):
        if above.end_byte - above.start_byte > _NEAR:
            return False
        if says_all(text_of(above), old, new):
            return True
        above = above.parent
    return False


def _is_variable(source: bytes, node: Node, start: int) -> bool:
    """Tell whether it is a variable that is called so, or a field: `$vips`, `${2}`, awk's `$2`, `vips=1`."""
    return node.type == "variable_name" or source[max(start - 2, 0) : start].endswith((b"$", b"${"))


def _is_number(node: Node) -> bool:
    """Tell whether digits are counted with: `$((42 + 1))`, `[ $4 -gt 42 ]`, `exit 42`."""
    above: Node | None = node
    for _ in range(3):
        if above is None:
            break
        if above.type == "arithmetic_expansion" or (
            above.type == "binary_expression" and _ARITHMETIC.search(text_of(above))
        ):
            return True
        above = above.parent
    return command_name(node) in _COUNTING


@lru_cache(maxsize=8)
def _makes(source: bytes, before: bytes, after: bytes) -> bool:
    """Tell whether a script has an expansion with a `-` or `.` before or after it."""
    if before + after not in (b"-", b"."):
        return False
    made = re.escape(before) + rb"\"?\$" if before else rb"\$\{?\w+\}?\"?" + re.escape(after)
    return re.search(made, source) is not None
