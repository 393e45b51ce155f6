"""What every part of the effect model shares: the release, the surroundings, the mistakes, and how numbers are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Mistake, Problem, Settings, Surroundings
from keepalived_upgrade.releases import Release

_LEADING = re.compile(rb"\s*([+-]?[0-9]+)")
_WHOLE = re.compile(rb"\s*[+-]?[0-9]+")
_DECIMAL = re.compile(rb"\s*\+?[0-9]*\.?[0-9]*")


@dataclass(slots=True)
class Making:
    """The making of one effect. script_user: the words of the global line; secure: enable_script_security is there;
    dynamic: interfaces may come later."""

    release: Release
    around: Surroundings
    mistakes: list[Mistake] = field(default_factory=list)
    stops: set[bytes] = field(default_factory=set)
    script_user: tuple[bytes, ...] = ()
    secure: bool = False
    dynamic: bool = False

    def since(self, *release: int) -> bool:
        """Tell whether the release is this one or newer."""
        return self.release >= Release(*release)

    def note(self, node: Node, problem: Problem, subject: bytes, line: int | None = None, said: bool = True) -> None:
        """Remember what is wrong with a line; line 0 where the daemon names none, said False where it says nothing."""
        self.mistakes.append(Mistake(node.path, node.line if line is None else line, problem, subject, said=said))

    def stop(self, node: Node, subject: bytes, line: int = 0, process: bytes = b"vrrp", said: bool = True) -> None:
        """Remember what makes a process end."""
        self.stops.add(process)
        self.mistakes.append(Mistake(node.path, line, Problem.STOPS, subject, process, said))

    def missing(self, node: Node, process: bytes = b"vrrp", said: bool = True) -> None:
        """Remember that a word is missing behind a keyword, which ends the process."""
        self.stop(node, b"missing " + node.keyword, node.line, process, said)

    def whole(self, node: Node, least: int, most: int, default: int | None) -> int | None:
        """Give the whole number that a line sets, and the default where the release takes none.

        From 2.0.7 a word that is no number, or is out of range, is reported; before, what atoi makes of it is used.
        """
        word = node.args[0] if node.args else b""
        if not self.since(2, 0, 7):
            return leading(word)
        value = int(word) if _WHOLE.fullmatch(word) else None
        if value is None or not least <= value <= most:
            self.note(node, Problem.IGNORED, b" ".join(node.words))
            return default
        return value

    def seconds(self, node: Node, least: str, most: str, decimals: Release, default: int) -> int:
        """Give milliseconds for a line in seconds. decimals: the first release that takes a fraction."""
        word = node.args[0] if node.args else b""
        if not self.since(2, 0, 7):
            return leading(word) * 1000
        pattern = _DECIMAL if self.release >= decimals else _WHOLE
        if (
            not word.strip(b" +-.")
            or not pattern.fullmatch(word)
            or not Decimal(least) <= Decimal(word.decode()) <= (Decimal(most))
        ):
            self.note(node, Problem.IGNORED, b" ".join(node.words))
            return default
        return int(Decimal(word.decode()) * 1000)


def leading(word: bytes) -> int:
    """Give what atoi makes of a word."""
    match = _LEADING.match(word)
    return int(match.group(1)) if match else 0


def settings(nodes: list[Node], without: frozenset[bytes]) -> Settings:
    """Give the lines that the model does not read any further, as (keyword, words), the last of each keyword."""
    found = {node.keyword: _value(node) for node in nodes if node.keyword not in without}
    return tuple(sorted(found.items()))


def _value(node: Node) -> tuple[bytes, ...]:
    if not node.children:
        return tuple(word for word in node.args if word not in (b"{", b"}"))
    return tuple(b" ".join(child.words) for child in node.children)


def switched(node: Node | None) -> bool | None:
    """Give what a switch says: True without a word or with on, yes, true; None where it is missing."""
    if node is None:
        return None
    return not node.args or node.args[0] in (b"on", b"yes", b"true")
