"""What the languages that are not rewritten share: the mentions of old names with their lines, and how to say them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.findings import Finding, Place, Severity

# A line that may hold a secret is not repeated in a report.
_SECRET = re.compile(
    rb"(?i)(?<!no)pass(?!wd:|_persist)|secret|token|api.?key|communit|auth|pwd|private|\bkey\b|(?<!-)-p[ \t]?\S"
)
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Mention:
    """An old name at bytes start to end, with what it is called now, and its place (both count from 1)."""

    old: bytes
    new: tuple[bytes, ...]
    start: int
    end: int
    line: int
    column: int


def find_mentions(source: bytes, names: Names) -> Iterator[Mention]:
    """Give every mention of an old name as a word of its own, in order."""
    line, counted = 1, 0
    for match in mention_pattern(names).finditer(source):
        line += source.count(b"\n", counted, match.start())
        counted = match.start()
        column = match.start() - source.rfind(b"\n", 0, match.start())
        yield Mention(match.group(), names[match.group()], match.start(), match.end(), line, column)


def show(name: bytes) -> str:
    """Give bytes as text."""
    return name.decode("utf-8", "backslashreplace")


def joined(parts: tuple[bytes, ...], word: str) -> str:
    """Give names as a person lists them: `GW_v4, GW_v6 and GW`."""
    *most, last = map(show, parts)
    return f"{', '.join(most)} {word} {last}" if most else last


def say(path: str, mention: Mention, id: str, severity: Severity, what: str, cure: str) -> Finding:
    """Give the finding for a mention. what: how the name stands there, to follow "GW is"."""
    message = f"{show(mention.old)} is {what}, and the configuration now calls it {joined(mention.new, 'and')}"
    return Finding(f"names/{id}", severity, Place(path, mention.line, mention.column), message, cure)


def one_a_line(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    """Give the findings without those that say the same of the same line again."""
    kept: dict[tuple[str, int, str, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.id, finding.place.line, finding.message, finding.cure), finding)
    return tuple(kept.values())


def line_around(source: bytes, at: int) -> tuple[bytes, int]:
    """Give the line that holds a byte, with the lines that a backslash continues it over, and where it ends."""
    start = source.rfind(b"\n", 0, at) + 1
    while start and source.endswith((b"\\\n", b"\\\r\n"), 0, start):
        start = source.rfind(b"\n", 0, start - 1) + 1
    end = source.find(b"\n", at)
    while end > 0 and source.endswith((b"\\", b"\\\r"), 0, end):
        end = source.find(b"\n", end + 1)
    end = end if end >= 0 else len(source)
    return source[start:end].rstrip(b"\r"), end


def quotable(line: bytes) -> bool:
    """Tell whether a line may be shown: it is short and says nothing that looks like a secret."""
    return len(line) <= _LONGEST and not _SECRET.search(line)


def with_new_names(line: bytes, mention: Mention) -> list[bytes]:
    """Give the line once for each new name, in the old one's place; all of its mentions change together."""
    parts = mention_pattern({mention.old: ()}).split(line)
    return [new.join(parts) for new in mention.new]
