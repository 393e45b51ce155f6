"""Places that depend on a name without saying it: what becomes of a name there is worked out on the name itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from keepalived_upgrade.dependents.mentions import Names, all_of, mention_pattern
from keepalived_upgrade.dependents.regexes import read_regex


@dataclass(frozen=True, slots=True)
class Piece:
    """A place from start to end. variable: what it is taken from, or b"". why: goes on after the old name.

    always: whether it is said even where nothing is decided by it.
    """

    start: int
    end: int
    old: bytes
    why: str
    variable: bytes = b""
    always: bool = True


def where_it_differs(
    match: re.Match[bytes], variable: bytes, names: Names, cut: Callable[[bytes], bytes]
) -> Iterator[Piece]:
    """Give the place for each old name of which another part is taken than of one of its new names."""
    for old, new in names.items():
        was = cut(old)
        for name in new:
            became = cut(name)
            if became != was and not (was == old and became == name):
                why = f"is cut to {_show(was)} here, and the new name {_show(name)} to {_show(became)}"
                yield Piece(match.start(), match.end(), old, why, variable)
                break


def where_it_is_told_apart(match: re.Match[bytes], names: Names, accepts: Callable[[bytes], bool]) -> Iterator[Piece]:
    """Give the place where a pattern accepts an old name and not all its new ones, or a new one and not the old.

    A pattern that says the name is followed as one.
    """
    if mention_pattern(names).search(match.group()):
        return
    for old, new in names.items():
        was = accepts(old)
        other = [name for name in new if accepts(name) != was]
        if other:
            less = f"is accepted here, and the new name {_show(other[0])} is not"
            more = f"is not accepted here, and the new name {_show(other[0])} is"
            yield Piece(match.start(), match.end(), old, less if was else more, always=False)


def where_it_cannot_be_tried(match: re.Match[bytes], names: Names) -> Iterator[Piece]:
    """Give the place of an expression that may tell names apart, and is not tried: see takes_too_long."""
    if not mention_pattern(names).search(match.group()):
        for old in names:
            yield Piece(
                match.start(), match.end(), old, "may be told from its new names by this expression", always=False
            )


def where_it_is_built(match: re.Match[bytes], literals: Sequence[bytes], names: Names) -> Iterator[Piece]:
    """Give the place where a text that is put together may become an old name.

    literals: what stands before, between and behind the parts that are not known. A single letter is not enough:
    `x$2` is the old trick against empty arguments.
    """
    if len(b"".join(literals)) < 2:
        return
    first, *rest = map(re.escape, literals)
    # The first place that fits will do for each but the last: so nothing is tried twice.
    between = b"".join(b"(?>.+?%s)" % literal for literal in rest[:-1])
    whole = re.compile(first + between + (b".+" + rest[-1] if rest else b""))
    for old, new in names.items():
        if whole.fullmatch(old):
            calls = " and ".join(_show(name) for name in new)
            why = f"may be put together here, and the configuration now calls it {calls}"
            yield Piece(match.start(), match.end(), old, why, always=False)


def where_it_is_put_in(
    match: re.Match[bytes], source: bytes, before: bytes, after: bytes, variable: bytes, names: Names
) -> Iterator[Piece]:
    """Give the place that makes a word with a name, where the script says that word elsewhere: `"handle_$2"`."""
    if len(before + after) < 2:
        return
    for old, new in names.items():
        word = before + old + after
        if word in source and re.search(rb"(?<![\w./-])" + re.escape(word) + rb"(?![\w-])", source):
            others = " and ".join(_show(name) for name in new)
            why = f"makes {_show(word)} here, which the script says elsewhere; {others} would make other words"
            yield Piece(match.start(), match.end(), old, why, variable)


def where_it_names_a_variable(match: re.Match[bytes], source: bytes, variable: bytes, names: Names) -> Iterator[Piece]:
    """Give the place that reads a variable by the name it is given, where the script sets one of that name: `${!2}`."""
    for old, new in names.items():
        if old in source and re.search(rb"(?m)(?:^|[\s;])" + re.escape(old) + b"=", source):
            others = " and ".join(_show(name) for name in new)
            why = f"is a variable of the script, which is read by its name here; {others} are none"
            yield Piece(match.start(), match.end(), old, why, variable)


_COMMENT = re.compile(rb"(?m)^[ \t]*#.*$")
# What stands beside the name in a word that is put together, where it is not known.
SOMETHING = rb"\w+"
_LONGEST, _MOST_PARTS = 100, 4


class Joined:
    """The words of a script that a name is joined to something in: `GW_MASTER`, `on_GW`. said: where they may stand.

    A digit goes on a number: VI_10 is another name than VI_1.
    """

    def __init__(self, said: bytes, names: Names) -> None:
        either = b"|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        said = _COMMENT.sub(b"", said) if any(name in said for name in names) else b""
        joined = re.compile(rb"(?<=\w)(?:" + either + rb")(?!\d)|(?:" + either + rb")(?=[A-Za-z_])")
        letters = re.escape(b"".join({bytes((one,)) for name in names for one in name if not chr(one).isalnum()}))
        words = frozenset(word for word in re.findall(rb"[\w" + letters + rb"]+", said) if len(word) <= _LONGEST)
        self.words = frozenset(word for word in words if joined.search(word)) - frozenset(names)
        self._text = b"\n".join(sorted(self.words))
        self._names = names
        self._known: dict[tuple[bytes, bytes], tuple[bytes, bytes] | None] = {}

    def where_it_is_made(
        self, match: re.Match[bytes], before: bytes, after: bytes, variable: bytes = b""
    ) -> Iterator[Piece]:
        """Give the place that puts such a word together. before, after: what stands around the name, as expressions."""
        if not self._text or not (before or after) or (before + after).count(SOMETHING) > _MOST_PARTS:
            return
        if (before, after) not in self._known:
            self._known[before, after] = self._find(before, after)
        found = self._known[before, after]
        if found is not None:
            word, old = found
            others = " and ".join(_show(name) for name in self._names[old])
            why = f"may make {_show(word)} here, which the script says elsewhere; {others} would make other words"
            yield Piece(match.start(), match.end(), old, why, variable, always=False)

    def _find(self, before: bytes, after: bytes) -> tuple[bytes, bytes] | None:
        for old, new in self._names.items():
            made = re.compile(rb"(?m)^(" + before + b")" + re.escape(old) + b"(" + after + rb")$")
            for match in made.finditer(self._text):
                first, last = match.group(1), match.group(2)
                if not all(first + name + last in self.words or name == old for name in new):
                    return match.group(), old
        return None


def where_letters_change(source: bytes, names: Names, quoted: bytes = b"") -> Iterator[Piece]:
    """Give where a name stands in capitals or small letters alone, in a script that changes letters."""
    for old, new in names.items():
        for form in sorted({old.lower(), old.upper()} - {old, *new}):
            for match in re.finditer(quoted + mention_pattern({form: ()}).pattern + quoted, source):
                why = f"stands here as {_show(form)}, in a script that changes letters or does not tell them apart"
                yield Piece(match.start(), match.end(), old, why, always=False)


def compiled(expression: bytes, names: Names) -> re.Pattern[bytes] | None:
    """Give a regular expression of POSIX or Python to try on names; None for one that cannot be read or tried."""
    for name, characters in ((b"[:digit:]", b"0-9"), (b"[:alpha:]", b"A-Za-z"), (b"[:alnum:]", b"A-Za-z0-9")):
        expression = expression.replace(name, characters)
    return read_regex(expression, all_of(names))


def _show(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace") or "nothing"
