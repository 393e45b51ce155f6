"""Comments that suppress, as they stand in a file: what they say and for which lines. What they leave out is the
business of `suppression`.

A comment begins with other signs in files of other kinds; see `comment_signs`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from keepalived_upgrade.conf.dialect import Dialect
from keepalived_upgrade.conf.lines import strip_line

MARK = b"keepalived-upgrade:"
_IN_CONFIG = re.compile(rb"[#!][ \t]*" + re.escape(MARK) + rb"(.*)", re.DOTALL)
_IGNORE = re.compile(rb"[ \t]*ignore\[([^\[\]]*)\]")
_ID = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)*")
_COMMENT_IN_CONFIG = re.compile(rb"[ \t]*[#!]")
_RELEASE = re.compile(r"v\d+_\d+_\d+/")
_HASH = (b"#",)
_SLASHES = (b"//", b"/*")
_DASHES = (b"--",)
_TAGS = (b"<!--",)
_SIGNS: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys((".json", ".csv"), ()),
    **dict.fromkeys(
        (".js", ".mjs", ".cjs", ".ts", ".go", ".c", ".h", ".java", ".groovy", ".jsonnet", ".css"), _SLASHES
    ),
    **dict.fromkeys((".lua", ".sql"), _DASHES),
    **dict.fromkeys((".xml", ".html", ".htm", ".svg", ".md"), _TAGS),
    ".php": (*_HASH, *_SLASHES),
    # Units of systemd, checks of Nagios and settings of the ini kind take `;`, those of Icinga 2 take `//`.
    **dict.fromkeys(
        (
            *(".service", ".timer", ".socket", ".path", ".target", ".mount", ".slice", ".network"),
            ".ini",
            ".cfg",
            ".conf",
        ),
        (*_HASH, b";", *_SLASHES),
    ),
}
# Templates: the ending in front of these tells what the text is.
_TEMPLATES = re.compile(r"\.(?:j2|jinja2?|erb|epp|tmpl|ctmpl|tpl|in)$")
_INTERPRETERS = ((b"lua", _DASHES), (b"node", _SLASHES), (b"php", (*_HASH, *_SLASHES)))


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. line: where it stands; it holds from there to the line `last`. Lines count from 1.

    start: offset of its line. on_top: nothing but comments stands above it, so that it holds for the file, too.
    """

    ids: tuple[str, ...]
    line: int
    last: int
    start: int
    on_top: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one text suppresses. malformed: (line, why) of the comments that say nothing that can be understood."""

    suppressions: tuple[Suppression, ...] = ()
    malformed: tuple[tuple[int, str], ...] = ()

    def find(self, first: int, last: int, ids: Collection[str]) -> tuple[Suppression, str] | None:
        """Give the suppression that leaves out one of these ids on the lines first to last, and the id it says."""
        return _first((one for one in self.suppressions if one.line <= last and first <= one.last), ids)

    def find_on_top(self, ids: Collection[str]) -> tuple[Suppression, str] | None:
        """Give the suppression that leaves out one of these ids for the file itself, and the id it says."""
        return _first((one for one in self.suppressions if one.on_top), ids)


def _first(suppressions: Iterable[Suppression], ids: Collection[str]) -> tuple[Suppression, str] | None:
    found = ((one, said) for one in suppressions for said in one.ids if any(covers(said, id) for id in ids))
    return next(found, None)


_NOTHING = Sheet()


def covers(said: str, id: str) -> bool:
    """Tell whether an id in a comment means this id of a migration or a finding."""
    short = _RELEASE.sub("", id, count=1)
    return any(one == said or one.startswith(said + "/") for one in (id, short))


def read_suppressions(source: bytes, dialect: Dialect | None, path: str = "") -> Sheet:
    """Read the comments of one text. dialect: of a configuration; None for anything else, whose path tells what a
    comment begins with. Raises nothing."""
    if MARK not in source:
        return _NOTHING
    signs = comment_signs(path, source)
    marked, comment = (_IN_CONFIG, _COMMENT_IN_CONFIG) if dialect is not None else _patterns(signs)
    lines = source.split(b"\n")
    suppressions: list[Suppression] = []
    malformed: list[tuple[int, str]] = []
    top, below = _top(lines, comment), 0
    start = end = 0
    for number, line in enumerate(lines, 1):
        start, end = end, end + len(line) + 1
        if MARK not in line:
            continue
        stripped = strip_line(line, dialect) if dialect is not None else None
        match = marked.search(line, stripped.end if stripped is not None else 0)
        if match is None:
            continue
        alone = not stripped.text if stripped is not None else comment.match(line) is not None
        said, wrong = _ids(match.group(1))
        malformed += [(number, why) for why in wrong]
        if said:
            last = number
            if alone:  # the next line of the same comment need not look at all of it again
                below = _last_comment(lines, max(number, below), comment)
                last = below + 1 if below < len(lines) and lines[below].strip() else below
            suppressions.append(Suppression(said, number, last, start, number <= top))
    return Sheet(tuple(suppressions), tuple(malformed))


@cache
def _patterns(signs: tuple[bytes, ...]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What finds a comment of ours, and what tells a line that is a comment."""
    sign = b"(?:" + b"|".join(map(re.escape, signs)) + b")" if signs else rb"(?!)"
    return re.compile(sign + rb"[ \t]*" + re.escape(MARK) + rb"(.*)", re.DOTALL), re.compile(rb"[ \t]*\{?" + sign)


def _ids(text: bytes) -> tuple[tuple[str, ...], list[str]]:
    """Give the ids, and what is wrong."""
    match = _IGNORE.match(text)
    if match is None:
        return (), ["it is not followed by ignore[ID]"]
    words = [word.strip().decode("utf-8", "backslashreplace") for word in match.group(1).split(b",")]
    good = tuple(word for word in words if _ID.fullmatch(word))
    return good, [f"{word!r} is no id" if word else "an id is missing" for word in words if not _ID.fullmatch(word)]


def _last_comment(lines: Sequence[bytes], number: int, comment: re.Pattern[bytes]) -> int:
    """Give the last of the lines of comment that follow one another from this one on."""
    while number < len(lines) and comment.match(lines[number]):
        number += 1
    return number


def _top(lines: Sequence[bytes], comment: re.Pattern[bytes]) -> int:
    """Give how many lines a text begins with that are comments or empty, or name the interpreter."""
    at = 1 if lines[0].startswith(b"#!") else 0
    while at < len(lines) and (not lines[at].strip() or comment.match(lines[at])):
        at += 1
    return at


def comment_signs(path: str, source: bytes) -> tuple[bytes, ...]:
    """Give what comments in a file begin with; none where it can hold none. An interpreter counts more than a name."""
    if source.startswith(b"#!"):
        first = source.partition(b"\n")[0]
        return next((signs for word, signs in _INTERPRETERS if word in first), _HASH)
    return _SIGNS.get(posixpath.splitext(_TEMPLATES.sub("", path))[1], _HASH)
