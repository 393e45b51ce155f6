"""A reader of unified patches that is strict: what `git apply` would guess is an AssertionError here."""

from __future__ import annotations

import re

Hunk = tuple[int, list[bytes]]
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ [^\r\n]*\n")
_ESCAPE = re.compile(rb'\\(?:([0-7]{3})|(["\\]))')


def unquote(name: bytes) -> bytes:
    """Give a name that stands quoted as git quotes it, or as it is."""
    if not name.startswith(b'"'):
        return name
    return _ESCAPE.sub(lambda m: bytes([int(m.group(1), 8)]) if m.group(1) else m.group(2), name[1:-1])


def read_patch(patch: bytes) -> tuple[bytes, bool, list[Hunk]]:
    """Give name, whether the file is new, and the hunks (first old line, lines with their marks) of a patch of one file."""
    at = patch.index(b"\n") + 1
    names: list[bytes] = []
    while not patch[at:].startswith(b"@@ "):
        at = patch.index(b"\n", at) + 1 if b"\n" in patch[at:] else len(patch)
        if at >= len(patch):
            break
    head = patch[:at]
    is_new = b"\nnew file mode 100" in head
    for mark in (b"\n--- ", b"\n+++ "):
        begin = head.index(mark) + len(mark)
        name = head[begin : head.index(b"\n", begin)]
        assert not any((byte < 0x20 and byte != 9) or byte >= 0x7F for byte in name), (
            "a raw control character in a name"
        )
        names.append(unquote(name.removesuffix(b"\t")))
    assert head.count(b"\n") == (4 if is_new else 3), "the head has other lines"
    old, new = names
    assert new.startswith(b"b/")
    assert old == (b"/dev/null" if is_new else b"a/" + new[2:])
    quoted = head[len("diff --git ") : head.index(b"\n")]
    half = len(quoted) // 2
    twice = (b"a/" + new[2:], b"b/" + new[2:])
    assert (unquote(quoted[:half]), unquote(quoted[half + 1 :])) == twice, "the first line names others"
    return new[2:], is_new, list(_hunks(patch, at))


def _hunks(patch: bytes, at: int) -> list[Hunk]:
    hunks: list[Hunk] = []
    while at < len(patch):
        head = _HUNK.match(patch, at)
        assert head is not None, "no hunk begins here"
        old, new = (int(head.group(n) or 1) for n in (2, 4))
        at, lines = head.end(), list[bytes]()
        while old or new:
            end = patch.index(b"\n", at) + 1
            line, at = patch[at:end], end
            mark = line[:1]
            old -= mark in (b" ", b"-")
            new -= mark in (b" ", b"+")
            if patch.startswith(b"\\ No newline at end of file\n", at):
                line, at = line[:-1], at + len(b"\\ No newline at end of file\n")
            lines.append(line)
        assert old == new == 0, "the counts of a hunk are wrong"
        hunks.append((int(head.group(1)), lines))
    return hunks


def apply_hunks(text: bytes, hunks: list[Hunk]) -> bytes:
    """Give the text after the hunks, each exactly where it says."""
    *whole, rest = text.split(b"\n")
    old = [line + b"\n" for line in whole] + ([rest] if rest else [])
    out: list[bytes] = []
    at = 0
    for first, lines in hunks:
        removed = [line[1:] for line in lines if line[:1] in (b" ", b"-")]
        begin = first - 1 if removed else first
        assert begin >= at, "hunks overlap"
        out += old[at:begin]
        assert old[begin : begin + len(removed)] == removed, "a hunk does not fit"
        out += [line[1:] for line in lines if line[:1] in (b" ", b"+")]
        at = begin + len(removed)
    return b"".join(out + old[at:])
