"""The tree: statements and their words, each pointing back at the bytes it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from keepalived_upgrade.conf.definitions import Definition
from keepalived_upgrade.findings import Finding, Place


@dataclass(frozen=True, slots=True)
class Word:
    """One word as keepalived reads it. value: without quotes. start, end: its bytes in the file, quotes included.

    literal: the bytes at the span say exactly this value, so that replacing them replaces it and nothing else.
    A word that came out of a definition is not literal, unless the definition is used only here: then path,
    start and end are those of the definition's value.
    """

    value: bytes
    path: str
    start: int
    end: int
    quoted: bool = False
    literal: bool = True


class Statement:
    """One logical line: keyword and arguments, and the block it opens.

    path, start, end: the bytes from the first word to the last, without the `{` of its block and without comment.
    line_start, line_end: the whole physical line with its line break; line counts from 1.
    open, close: offset of the block's `{` and `}` bytes, -1 where there is none (close_path: the file of the `}`).
    children: the statements of the block. parent: the statement whose block this one stands in, or None.
    text: what keepalived reads for start to end, which is not what stands there when literal is False.
    literal: nothing on the line was expanded. repeated: the same bytes are read more than once (an include used
    twice, a sequence, a definition with several uses), so an edit here changes more than this statement.
    why: where not literal or repeated, how the statement came about, as half a sentence.
    """

    __slots__ = (
        "_words",
        "children",
        "close",
        "close_path",
        "end",
        "line",
        "line_end",
        "line_start",
        "literal",
        "open",
        "open_path",
        "parent",
        "path",
        "repeated",
        "split",
        "start",
        "text",
        "why",
    )

    def __init__(
        self,
        path: str,
        start: int,
        end: int,
        line_start: int,
        line_end: int,
        line: int,
        text: bytes,
        split: Callable[[Statement], tuple[Word, ...]],
        parent: Statement | None = None,
    ) -> None:
        self.path = path
        self.start = start
        self.end = end
        self.line_start = line_start
        self.line_end = line_end
        self.line = line
        self.text = text
        self.split = split
        self.parent = parent
        self.children: list[Statement] = []
        self.open = -1
        self.open_path = path
        self.close = -1
        self.close_path = path
        self.literal = True
        self.repeated = False
        self.why = ""
        self._words: tuple[Word, ...] | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        """All words, the keyword first. Read when first asked for."""
        if self._words is None:
            self._words = self.split(self)
        return self._words

    @property
    def keyword(self) -> bytes:
        """The first word's value; b"" for a brace without a keyword."""
        words = self.words
        return words[0].value if words else b""

    @property
    def args(self) -> tuple[bytes, ...]:
        """The values of the words after the keyword."""
        return tuple(word.value for word in self.words[1:])

    @property
    def has_block(self) -> bool:
        """Whether a `{` follows."""
        return self.open >= 0

    @property
    def closes_here(self) -> bool:
        """Whether the `}` of its block stands in the same file."""
        return self.close >= 0 and self.close_path == self.path

    @property
    def editable(self) -> bool:
        """Whether an edit inside start to end changes this statement and nothing else."""
        return self.literal and not self.repeated

    @property
    def place(self) -> Place:
        """Where the statement begins; the column counts bytes from 1."""
        return Place(self.path, self.line, self.start - self.line_start + 1)

    def find(self, *keywords: bytes) -> Statement | None:
        """Give the last child with one of these keywords: where a keyword is repeated keepalived takes the last."""
        found = None
        for child in self.children:
            if child.keyword in keywords:
                found = child
        return found

    def find_all(self, *keywords: bytes) -> list[Statement]:
        """Give the children with one of these keywords, in order."""
        return [child for child in self.children if child.keyword in keywords]

    def lines_in(self, *keywords: bytes) -> list[Statement]:
        """Give the lines of all its blocks with these keywords, in order."""
        return [line for block in self.find_all(*keywords) for line in block.children]

    def walk(self) -> Iterator[Statement]:
        """Give this statement and all below it, in order of reading. Not recursive: nesting may be 10,000 deep."""
        pending = [self]
        while pending:
            statement = pending.pop()
            yield statement
            pending.extend(reversed(statement.children))

    def __repr__(self) -> str:
        return f"<{self.place}: {self.text!r}>"


@dataclass(frozen=True, slots=True)
class Include:
    """An include line: where it is written, and its pattern."""

    path: str
    start: int
    end: int
    line: int
    pattern: bytes


@dataclass(slots=True)
class Tree:
    """source: the bytes of the main file, all of them. statements: the top level.

    sources: path → bytes of every file read; times_read: path → how often. findings: what is broken, with places.
    includes, definitions: those lines, which are no statements. redefined: names of definitions given twice.
    config_ids: the ids that `@` conditions ask for.
    """

    source: bytes
    statements: list[Statement] = field(default_factory=list)
    sources: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    redefined: set[bytes] = field(default_factory=set)
    config_ids: set[bytes] = field(default_factory=set)
    times_read: dict[str, int] = field(default_factory=dict)

    def walk(self) -> Iterator[Statement]:
        """Give every statement in order of reading."""
        for statement in self.statements:
            yield from statement.walk()

    def find_all(self, *keywords: bytes) -> list[Statement]:
        """Give the top-level statements with one of these keywords."""
        return [s for s in self.statements if s.keyword in keywords]
