"""What is left of the names in a shell script when everything that can be followed was: each mention is a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.shell_steps import Refusal, both
from keepalived_upgrade.dependents.shell_tree import is_kept, is_printed, is_tested, kinds_above, show, text_of
from keepalived_upgrade.dependents.spans import Cover
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from tree_sitter import Node

MIGRATION = "names/shell"


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
        covered, refusals = Cover(self.handled), _Around(self.refusals)
        for match in mentions.finditer(self.source):
            if covered.covers(match.start(), match.end()):
                continue
            node = self.root.descendant_for_byte_range(match.start(), match.end()) or self.root
            refusal = refusals.narrowest(match)
            kept = match.group() in self.names[match.group()]
            if refusal is None and kept and is_tested(node, self.root):
                continue
            yield self._mention(node, match, refusal)

    def _mention(self, node: Node, match: re.Match[bytes], refusal: Refusal | None) -> Finding:
        name, new = show(match.group()), both(self.names[match.group()])
        kinds = list(kinds_above(node, self.root))
        if "comment" in kinds:
            return self._say("comment", Severity.INFO, match, f"a comment still says {name}", "Reword it if it helps.")
        if refusal is not None:
            return self._say(refusal.id, Severity.DECISION, match, f"{name} {refusal.why}", refusal.cure)
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
        if not self._is_part_of_a_word(match) and is_tested(node, self.root):
            return self._say(
                "not-rewritten",
                Severity.DECISION,
                match,
                f"{name} is tested here in a way that cannot be rewritten safely",
                f"Make it accept {new}, then accept this finding.",
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

    def _is_part_of_a_word(self, match: re.Match[bytes]) -> bool:
        """`GW-x` and `GW.lock` are other names, most likely."""
        before, after = self.source[match.start() - 1 : match.start()], self.source[match.end() : match.end() + 1]
        return before in (b"-", b".") or after in (b"-", b".")

    def _say(self, id: str, severity: Severity, match: re.Match[bytes], message: str, cure: str) -> Finding:
        line = self.source.count(b"\n", 0, match.start()) + 1
        column = match.start() - (self.source.rfind(b"\n", 0, match.start()) + 1) + 1
        return Finding(f"{MIGRATION}/{id}", severity, Place(self.path, line, column), message, cure)


class _Around:
    """The refusals around mentions that are asked for in order of the text."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self._left = sorted(refusals, key=lambda refusal: refusal.start, reverse=True)
        self._open: list[Refusal] = []

    def narrowest(self, match: re.Match[bytes]) -> Refusal | None:
        """Give the narrowest refusal around a mention."""
        while self._left and self._left[-1].start <= match.start():
            self._open.append(self._left.pop())
        self._open = [refusal for refusal in self._open if match.end() <= refusal.end]
        return min(self._open, key=lambda refusal: refusal.end - refusal.start, default=None)
