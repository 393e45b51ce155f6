"""`echo "$2" | grep -q '^GW$'` and `grep -qx GW <<< "$2"`: a grep that only tells whether one variable is a name.

grep takes several expressions, one after each `-e`. One that is the whole name gives way to the new names; one that may
match more stays, and the same with each new name that it misses stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.regexes import read_regex
from keepalived_upgrade.dependents.shell_regex import accept_regex
from keepalived_upgrade.dependents.shell_steps import PLAIN_NAME, Change, Refusal, Step, change, mentioned_in, refuse
from keepalived_upgrade.dependents.shell_tree import text_of, walk
from keepalived_upgrade.dependents.shell_variables import variable_of

if TYPE_CHECKING:
    from tree_sitter import Node

GREPS = (b"grep", b"egrep", b"fgrep")
_FLAGS = re.compile(rb"-([qsxwEFv]*)(e?)")
_LONG = {
    b"--quiet": b"q",
    b"--silent": b"q",
    b"--line-regexp": b"x",
    b"--word-regexp": b"w",
    b"--extended-regexp": b"E",
}
_PRINTS = re.compile(rb"""(?:echo|printf ["']?%s(?:\\n)?["']?)""")
_SIMPLE = re.compile(rb"\^?[\w-]+\$?")
_CURE = "Rewrite the grep by hand so that it accepts each new name (one -e for each), then accept this finding."


@dataclass(frozen=True, slots=True)
class _Grep:
    """flags: its one-letter options. patterns: the nodes of its expressions. marked: each has a `-e` before it."""

    flags: frozenset[int]
    patterns: tuple[Node, ...]
    marked: bool

    def has(self, flag: bytes) -> bool:
        """Tell whether an option is given."""
        return flag[0] in self.flags


def grep_steps(root: Node, names: Names) -> Iterator[Step]:
    """Give what becomes of each grep that is given an old name."""
    for node in walk(root):
        name = node.child_by_field_name("name") if node.type == "command" else None
        if name is not None and text_of(name) in GREPS and mentioned_in(node, names):
            yield from _of_command(node, text_of(name), names)


def _of_command(command: Node, name: bytes, names: Names) -> Iterator[Step]:
    grep = _read(command, name)
    if grep is None:
        yield refuse(command, "is given to a grep that reads files, has options of its own or prints", _CURE)
    elif not (grep.has(b"q") or _is_silent(command)):
        yield refuse(command, "is given to a grep whose output may be used", _CURE)
    elif not _reads_one_variable(command):
        yield refuse(command, "is given to a grep that reads more than one variable", _CURE)
    else:
        steps = [_of_pattern(grep, pattern, names) for pattern in grep.patterns]
        refused = [step for step in steps if isinstance(step, Refusal)]
        yield from refused if refused else (step for step in steps if step is not None)


def _read(command: Node, name: bytes) -> _Grep | None:
    """Give the parts of a grep, or None where it has others than expressions and options that are known."""
    flags = {b"egrep": b"E", b"fgrep": b"F"}.get(name, b"")
    bare: list[Node] = []
    marked: list[Node] = []
    after_mark = False
    for argument in command.children_by_field_name("argument"):
        text = text_of(argument)
        option = None if after_mark else _FLAGS.fullmatch((_LONG.get(text, b"") and b"-" + _LONG[text]) or text)
        if option and text != b"-":
            flags += option.group(1)
            after_mark = bool(option.group(2))
        elif not after_mark and text.startswith(b"-"):
            return None
        else:
            (marked if after_mark else bare).append(argument)
            after_mark = False
    if after_mark or bool(bare) == bool(marked) or len(bare) > 1:
        return None
    return _Grep(frozenset(flags), tuple(bare or marked), bool(marked))


def _is_silent(command: Node) -> bool:
    """Tell whether what the grep prints is thrown away."""
    above = command.parent
    while above is not None and above.type in ("pipeline", "negated_command", "redirected_statement"):
        if above.type == "redirected_statement":
            return any(re.fullmatch(rb"(?:1|&)?>\s*/dev/null", text_of(child)) for child in above.children[1:])
        above = above.parent
    return False


def _reads_one_variable(command: Node) -> bool:
    """Tell whether the grep reads `echo "$x" |` or `<<< "$x"`, and hands nothing on."""
    above = command.parent
    fed = [child for child in command.children if child.type == "herestring_redirect"]
    if above is not None and above.type == "redirected_statement":
        fed += [child for child in above.children if child.type == "herestring_redirect"]
        if above.parent is not None and above.parent.type == "pipeline":
            return False
    if above is not None and above.type == "pipeline":
        if above.child_count != 3:
            return False
        stages = [child for child in above.children if child.type != "|"]
        return len(stages) == 2 and not fed and stages[1] == command and _prints_one_variable(stages[0])
    return len(fed) == 1 and variable_of(fed[0].children[-1]) is not None


def _prints_one_variable(stage: Node) -> bool:
    if stage.type == "negated_command":
        stage = stage.children[-1]
    if stage.type != "command" or not stage.children:
        return False
    before = stage.children[:-1]
    said = b" ".join(text_of(child) for child in before)
    return bool(_PRINTS.fullmatch(said)) and variable_of(stage.children[-1]) is not None


def _of_pattern(grep: _Grep, node: Node, names: Names) -> Step | None:
    quoted = re.fullmatch(rb"""(["']?)([^"'`\\]*)\1""", text_of(node))
    if quoted is None or re.search(rb"\$\w", quoted.group(2)):
        return refuse(node, "stands in an expression that cannot be read", _CURE)
    quote, said = quoted.groups()
    olds = [old for old in names if _matches(grep, said, old)]
    every = [other for pattern in grep.patterns if (other := _plain(pattern)) is not None]
    if not olds:
        return refuse(node, "stands in an expression that cannot be read", _CURE) if mentioned_in(node, names) else None
    missing = [n for old in olds for n in names[old] if not any(_matches(grep, other, n) for other in every)]
    name = re.sub(rb"^\^|\$$", b"", said)
    whole = name in names and (grep.has(b"x") or (said.startswith(b"^") and said.endswith(b"$")))
    if not whole and not missing:
        return change(node, text_of(node), olds[0])
    if not all(PLAIN_NAME.fullmatch(n) for old in olds for n in names[old]):
        return refuse(node, "has a new name that means something else in an expression", _CURE)
    if whole:
        kept = [n for n in names[name] if n == name or n in missing]
        spelled = [said.replace(name, n) for n in dict.fromkeys(kept)] or [said]
    else:
        relisted = accept_regex(said, names) if grep.has(b"E") else None
        if relisted is not None and relisted != said:
            spelled = [relisted]
        elif name not in names:
            return refuse(node, "is found by an expression that cannot be written for the new names", _CURE)
        elif not grep.has(b"w") and (grep.has(b"F") or name == said):
            return refuse(node, "is looked for anywhere in a text here, and not every new name contains it", _CURE)
        else:  # what is read may be a text with more than the name in it
            spelled = [said, *(said.replace(name, n) for n in dict.fromkeys(missing))]
    return _write(grep, node, [_quoted(one, quote, said) for one in spelled], olds[0])


def _quoted(one: bytes, quote: bytes, said: bytes) -> bytes:
    """Quote an expression as the one it comes from was, or where the shell would read something in it."""
    special = set(one) & set(b"()|*") or (b"$" in one and b"$" not in said)
    quote = quote or (b"'" if special else b"")
    return quote + one + quote


def _write(grep: _Grep, node: Node, spelled: list[bytes], old: bytes) -> Change:
    if len(spelled) == 1 and (grep.marked or not spelled[0].lstrip(b"\"'").startswith(b"-")):
        return change(node, spelled[0], old)
    return change(node, (b"" if grep.marked else b"-e ") + b" -e ".join(spelled), old)


def _plain(node: Node) -> bytes | None:
    quoted = re.fullmatch(rb"""(["']?)([^"'`\\]*)\1""", text_of(node))
    return quoted.group(2) if quoted else None


def _matches(grep: _Grep, pattern: bytes, name: bytes) -> bool:
    """Tell whether a grep with these options finds a line that is the name; False where it cannot be told."""
    if grep.has(b"F"):
        pattern = re.escape(pattern)
    elif not _SIMPLE.fullmatch(pattern) and not (grep.has(b"E") and re.fullmatch(rb"[\w^$.*|()-]+", pattern)):
        return False
    if grep.has(b"x"):
        pattern = rb"\A(?:%s)\Z" % pattern
    elif grep.has(b"w"):
        pattern = rb"(?<!\w)(?:%s)(?!\w)" % pattern
    expression = read_regex(pattern, (name,))
    return expression is not None and expression.search(name) is not None
