"""Places in a file's old text as others count them: lines and columns in characters, beside bytes."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from keepalived_upgrade.plan import FileChange

UTF_8 = "UTF-8"
# Every byte is a character in it, so that any text can be told exactly.
LATIN_1 = "ISO-8859-1"


class Positions:
    """A file's old text with its lines. encoding: UTF-8 where all its texts are; else ISO-8859-1."""

    def __init__(self, file: FileChange) -> None:
        self._text = file.before or b""
        texts = [self._text, *(change.new for change in file.changes)]
        edges = [offset for change in file.changes for offset in (change.start, change.end)]
        cut = any(self._text[offset : offset + 1] and self._text[offset] & 0xC0 == 0x80 for offset in edges)
        self.encoding = UTF_8 if not cut and all(_is_utf_8(text) for text in texts) else LATIN_1
        self._starts = [0]
        at = self._text.find(b"\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = self._text.find(b"\n", at + 1)

    def decode(self, text: bytes) -> str:
        """Give bytes as text in the file's encoding."""
        return text.decode(self.encoding)

    def region(self, start: int, end: int) -> dict[str, Any]:
        """Give the span of bytes as a region of SARIF: lines and columns from 1, the end exclusive, and bytes."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        return {
            "startLine": line,
            "startColumn": column,
            "endLine": end_line,
            "endColumn": end_column,
            "byteOffset": start,
            "byteLength": end - start,
        }

    def column_in(self, line: int, column: int) -> int:
        """Give a column counted in bytes as one in characters, both from 1."""
        start = self._starts[line - 1] if line <= len(self._starts) else len(self._text)
        return len(self._text[start : start + column - 1].decode(self.encoding, "replace")) + 1

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, len(self.decode(self._text[self._starts[line - 1] : offset])) + 1


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True
