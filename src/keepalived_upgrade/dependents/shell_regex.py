"""Regular expressions of `[[ $2 =~ … ]]`: which accept the new names already, and which can be made to exactly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names, all_of
from keepalived_upgrade.dependents.regexes import accept_pattern, read_regex
from keepalived_upgrade.dependents.shell_steps import PLAIN_NAME, Step, change, mentioned_in, refuse
from keepalived_upgrade.dependents.shell_tree import literal_value, operands, text_of, walk
from keepalived_upgrade.dependents.shell_variables import regexes

if TYPE_CHECKING:
    from tree_sitter import Node

_WHOLE = re.compile(rb"\^([\w-]+)\$")
_CURE = "Rewrite the expression by hand so that it accepts each new name, then accept this finding."


def regex_steps(root: Node, names: Names) -> Iterator[Step]:
    """Give what becomes of each expression that a `=~` matches with."""
    captured = b"BASH_REMATCH" in text_of(root)
    for test in (node for node in walk(root) if node.type == "test_command"):
        simple = {node.start_byte for node in regexes(test)}
        tokens = list(operands(test))
        for operator, regex in pairwise(tokens):
            if text_of(operator) == b"=~":
                yield from _of_regex(regex, names, captured, regex.start_byte in simple)


def _of_regex(regex: Node, names: Names, captured: bool, simple: bool) -> Iterator[Step]:
    olds = mentioned_in(regex, names)
    if not olds:
        return
    text = text_of(regex)
    if not simple:
        yield refuse(regex, "stands in an expression for more than one variable alone", _CURE)
    elif regex.type in ("string", "raw_string"):  # bash takes a quoted expression as the characters it is made of
        if all(literal_value(regex) == old and all(old in new for new in names[old]) for old in olds):
            yield change(regex, text, olds[0])
        else:
            yield refuse(regex, "is looked for anywhere in a text here, and not every new name contains it", _CURE)
    else:
        accepting = accept_regex(text, names)
        if accepting is None:
            yield refuse(regex, "stands in an expression that may match more than names, or that cannot be read", _CURE)
        elif captured and accepting.count(b"(") != text.count(b"("):
            yield refuse(regex, "needs another group in this expression, and BASH_REMATCH counts the groups", _CURE)
        elif captured and not _captures_alike(text, accepting, names):
            yield refuse(regex, "and what follows it are captured apart here, and that is more for a new name", _CURE)
        else:
            yield change(regex, accepting, olds[0])


def _captures_alike(before: bytes, after: bytes, names: Names) -> bool:
    """Tell whether each new name gives the groups that the old one gave, but for the name itself."""
    known = all_of(names)
    of_old, of_new = read_regex(before, known), read_regex(after, known)
    if of_old is None or of_new is None:
        return False
    for old, new in names.items():
        was = of_old.search(old)
        for name in new if was else ():
            became = of_new.search(name)
            if was is None or became is None:
                return False
            if [(g or b"").replace(name, old) for g in (became[0], *became.groups())] != [
                g or b"" for g in (was[0], *was.groups())
            ]:
                return False
    return True


def accept_regex(text: bytes, names: Names) -> bytes | None:
    """Give an extended expression that accepts the new names in place of the old, and all else as before; or None."""
    whole = accept_pattern(text, names)
    if whole is not None:
        return whole
    if b"(" in text or b"\\" in text or b"[" in text or b"|" not in text:
        return None
    # `^GW$|^LAN`: each part stands alone.
    parts = [_accept_part(part, names) for part in text.split(b"|")]
    return b"|".join(part for part in parts if part is not None) if None not in parts else None


def _accept_part(part: bytes, names: Names) -> bytes | None:
    match = _WHOLE.fullmatch(part)
    if match:
        new = names.get(match.group(1), (match.group(1),))
        if not all(PLAIN_NAME.fullmatch(name) for name in new):
            return None
        return b"^(%s)$" % b"|".join(new) if len(new) > 1 else b"^%s$" % new[0]
    accepted, expression = accept_pattern(part, names), read_regex(part, names)
    if expression is None:
        return None
    return accepted if accepted is not None or any(map(expression.search, names)) else part
