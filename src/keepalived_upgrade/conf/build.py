"""Building the tree: statements added, blocks opened and closed, in the order of reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from keepalived_upgrade.conf.definitions import Definition, Line
from keepalived_upgrade.conf.dialect import Dialect
from keepalived_upgrade.conf.lines import split_words
from keepalived_upgrade.conf.predefined import hide_unknowable
from keepalived_upgrade.conf.tree import Include, Statement, Tree, Word
from keepalived_upgrade.findings import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a brace is written."""

    path: str
    at: int
    line: int
    line_start: int

    @property
    def place(self) -> Place:
        """The place for a finding."""
        return Place(self.path, self.line, self.at - self.line_start + 1)


class Builder:
    """Holds the tree under construction."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.tree = Tree(b"")
        self.sources: dict[str, bytes] = {}
        self.parent: Statement | None = None
        self.siblings = self.tree.statements
        self.last: Statement | None = None
        self.why = ""
        self.repeating = False
        self.from_definition: list[tuple[Statement, Definition]] = []
        self.definition: Definition | None = None
        self.definitions: dict[bytes, Definition] = {}

    def add(
        self,
        text: bytes,
        path: str,
        start: int,
        end: int,
        line_start: int,
        line_end: int,
        line: int,
        literal: bool = True,
        why: str = "",
    ) -> None:
        """Append a statement to the block that is open."""
        statement = Statement(path, start, end, line_start, line_end, line, text, self._split, self.parent)
        if not literal or why:
            statement.literal = literal
            statement.why = why
        if self.repeating:
            statement.repeated = True
        if self.definition is not None:
            self.from_definition.append((statement, self.definition))
        self.siblings.append(statement)
        self.last = statement

    def open(self, origin: Origin, glued: bool = False) -> None:
        """Open the block of the last statement, or of an empty one where no statement waits for a brace."""
        statement = self.last
        if statement is None or statement.open >= 0:
            self.add(b"", origin.path, origin.at, origin.at, origin.line_start, origin.at, origin.line)
            statement = self.last
            self._note("conf/brace-without-keyword", Severity.REVIEW, origin, "a `{` follows no keyword", "Remove it.")
        assert statement is not None
        if glued and not self.dialect.split_braces:
            self._note(
                "conf/brace-in-word",
                Severity.REVIEW,
                origin,
                "up to 1.4.1 a `{` without a blank before it belongs to the word: the name ends in `{` there",
                "Put a blank before the `{` once the new release runs; check scripts for the old spelling.",
            )
        statement.open, statement.open_path = origin.at, origin.path
        self.parent, self.siblings = statement, statement.children
        self.last = None

    def close(self, origin: Origin) -> None:
        """Close the innermost block."""
        block = self.parent
        if block is None:
            self._note(
                "conf/extra-brace",
                Severity.DECISION,
                origin,
                "a `}` closes nothing; what follows may be read in the wrong block",
                "Remove it, or add the `{` that is missing above.",
            )
            return
        block.close, block.close_path = origin.at, origin.path
        self.parent = block.parent
        self.siblings = self.parent.children if self.parent is not None else self.tree.statements
        self.last = block

    def note_one_line_block(self, origin: Origin) -> None:
        """Up to 1.4.1 text behind a brace on its line is lost, or swallows the lines after it."""
        self._note(
            "conf/one-line-block",
            Severity.REVIEW,
            origin,
            f"{self.dialect.release} does not read a block on one line as it looks: text beside the brace is lost",
            "Check that the source release is right; this is read here as it looks.",
        )

    def note_include(self, line: Line, pattern: bytes) -> None:
        """Remember an include line."""
        self.tree.includes.append(Include(line.path, line.start, line.end, line.line, pattern))

    @contextmanager
    def expanding(self, definition: Definition | None, literal: bool, why: str) -> Iterator[None]:
        """Statements added meanwhile come out of a definition, or (None) of a sequence."""
        before = self.definition, self.repeating
        self.definition = definition
        self.repeating = before[1] or definition is None
        try:
            yield
        finally:
            self.definition, self.repeating = before

    def finish(self, definitions: dict[bytes, Definition]) -> Tree:
        """Give the tree, with what stayed open reported and what was read twice marked."""
        self.definitions = definitions
        self._note_open_blocks()
        for statement, definition in self.from_definition:
            if definition.uses > 1:
                statement.repeated = True
        twice = {path for path, times in self.tree.times_read.items() if times > 1}
        if twice:
            for statement in self.tree.walk():
                if statement.path in twice:
                    statement.repeated = True
                    statement.why = statement.why or f"{statement.path} is included more than once"
        return self.tree

    def _note_open_blocks(self) -> None:
        block, depth = self.parent, 0
        while block is not None:
            block, depth = block.parent, depth + 1
        if self.parent is None:
            return
        others = f" (and {depth - 1} around it)" if depth > 1 else ""
        self.tree.findings.append(
            Finding(
                "conf/missing-brace",
                Severity.DECISION,
                self.parent.place,
                f"the block that begins here{others} is never closed, so that all that follows is read into it",
                "Add the `}` where the block should end.",
            )
        )

    def _split(self, statement: Statement) -> tuple[Word, ...]:
        path, start = statement.path, statement.start
        found = self._find_words(statement.text)
        if statement.literal:
            return tuple(Word(value, path, start + a, start + b, quoted) for value, a, b, quoted in found)
        raw_text = self.sources.get(path, b"")[start : statement.end]
        raw = self._find_words(raw_text)
        if len(raw) != len(found):
            return tuple(Word(value, path, start, statement.end, quoted, False) for value, _, _, quoted in found)
        return tuple(
            self._word(value, quoted, raw_value, Word(value, path, start + a, start + b, quoted))
            for (value, _, _, quoted), (raw_value, a, b, _) in zip(found, raw, strict=True)
        )

    def _find_words(self, text: bytes) -> list[tuple[bytes, int, int, bool]]:
        """The words; a use of a definition without a known value (`${_RANDOM 1 9}`) is not cut at its blanks."""
        hidden = hide_unknowable(text, self.dialect)
        found = split_words(hidden, self.dialect)
        if hidden is text:
            return found
        return [(text[a + quoted : b - quoted], a, b, quoted) for _, a, b, quoted in found]

    def _word(self, value: bytes, quoted: bool, raw: bytes, word: Word) -> Word:
        """A word of an expanded line: written here, or the value of a definition that is used only here."""
        if raw == value:
            return word
        name = raw[2:-1] if raw.startswith(b"${") and raw.endswith(b"}") else raw[1:]
        definition = self.definitions.get(name) if raw.startswith(b"$") else None
        unique = (
            definition is not None
            and definition.uses == 1
            and definition.name not in self.tree.redefined
            and self.sources.get(definition.path, b"")[definition.start : definition.end] == value
        )
        if unique and definition is not None:
            return Word(value, definition.path, definition.start, definition.end, quoted, True)
        return Word(value, word.path, word.start, word.end, quoted, False)

    def _note(self, id: str, severity: Severity, origin: Origin, message: str, cure: str) -> None:
        self.tree.findings.append(Finding(id, severity, origin.place, message, cure))
