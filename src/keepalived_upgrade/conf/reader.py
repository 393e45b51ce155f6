"""From characters to the effective tree: what a release reads after includes, conditions, definitions, sequences.

The order of work on a line is that of read_line in lib/parser.c (2624 at v2.4.3): comment, condition, definition,
sequence, substitution, include, braces, words. Every statement points at the bytes it came from.
"""

from __future__ import annotations

import posixpath
import re

from keepalived_upgrade.conf.build import Builder, Origin
from keepalived_upgrade.conf.definitions import (
    DEFINITION,
    Definition,
    Line,
    SequenceError,
    expand_sequence,
    substitute,
)
from keepalived_upgrade.conf.dialect import NEWEST, Dialect, dialect_of
from keepalived_upgrade.conf.files import Files, no_collection, physical_lines
from keepalived_upgrade.conf.includes import (
    NO_CHECK,
    Check,
    alternatives,
    change_checks,
    loop,
    miss,
    read_include,
    skipped,
    unreadable,
)
from keepalived_upgrade.conf.lines import BLANKS, SIMPLE, find_brace, strip_line
from keepalived_upgrade.conf.predefined import find_unknowable, hide_unknowable, known_values, set_folder
from keepalived_upgrade.conf.tree import Tree
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.releases import Release

_CONDITION = re.compile(rb"@(\^?)([^ \t]*)[ \t]+(.*)", re.DOTALL)
_MOST_STATEMENTS_EXPANDED = 200_000
_DEEPEST_INCLUDE = 64
_DEEPEST_EXPANSION = 16


def parse(source: bytes, release: Release | None = None, path: str = "keepalived.conf") -> Tree:
    """Read one file on its own: includes are not followed, text under every condition is kept.

    source: any bytes whatever. release: whose dialect (the newest if None). Raises nothing; what is broken is in
    the tree's findings.
    """
    return _Reader(dialect_of(release or NEWEST), None, None).read_main(path, source)


def read_config(path: str, source: bytes, release: Release, files: Files, config_id: bytes | None = b"") -> Tree:
    """Read a configuration with its includes as the release would on the node with this config id.

    config_id None keeps the text under every condition. Raises nothing; what is broken is in the tree's findings.
    """
    return _Reader(dialect_of(release), files, config_id).read_main(path, source)


class _Reader:
    """One reading. Steps are methods in the order in which a line goes through them."""

    def __init__(self, dialect: Dialect, files: Files | None, config_id: bytes | None) -> None:
        self.dialect = dialect
        self.files = files
        self.config_id = config_id
        self.build = Builder(dialect)
        self.definitions = known_values(dialect, config_id)
        self.open_definition: Definition | None = None
        self.stack: list[str] = []
        self.expanded = 0
        self.unknowable: set[Place] = set()
        self.checks = NO_CHECK

    def read_main(self, path: str, source: bytes) -> Tree:
        self.build.tree.source = source
        with no_collection():
            self._read_file(path, source)
            return self.build.finish(self.definitions)

    # -- files ------------------------------------------------------------------------------------------------

    def _read_file(self, path: str, source: bytes) -> None:
        tree = self.build.tree
        tree.times_read[path] = tree.times_read.get(path, 0) + 1
        tree.sources[path] = source
        self.build.sources[path] = source
        self.stack.append(path)
        set_folder(self.definitions, self.dialect, path)
        checks = self.checks
        simple, add = SIMPLE.match, self.build.add
        fast = self.dialect.split_braces  # up to 1.4.1 comments and braces inside words need the slow path
        for line_start, stop, line_end, number in physical_lines(source, self.dialect):
            line = source[line_start:stop]
            match = simple(line) if self.open_definition is None and fast else None
            if match is None:
                self._read_line(line, path, line_start, line_end, number)
                continue
            text = match.group(2)
            if text:
                text = text.rstrip()
                if text.startswith(b"include"):
                    self._read_line(line, path, line_start, line_end, number)
                    continue
                start = line_start + match.start(2)
                add(text, path, start, start + len(text), line_start, line_end, number)
            if match.group(3):
                self.build.open(Origin(path, line_start + match.start(3), number, line_start))
            elif match.group(1):
                self.build.close(Origin(path, line_start + match.start(1), number, line_start))
        self.checks = checks  # those of an included file end with it (end_file)
        self.stack.pop()

    # -- one line ---------------------------------------------------------------------------------------------

    def _read_line(self, raw: bytes, path: str, start: int, end: int, number: int) -> None:
        place = Place(path, number, 1)
        if b"\0" in raw:
            self._note_nul(place)
            if self.dialect.drops_nul_lines:
                return
            raw = raw[: raw.index(b"\0")]
        stripped = strip_line(raw, self.dialect)
        origin = Line(stripped.text, path, start + stripped.start, start + stripped.end, start, end, number)
        if self.open_definition is not None:
            self._continue_definition(origin, stripped.continued)
            return
        if not stripped.text:
            return
        if stripped.unterminated:
            self._note(
                "conf/unterminated-quote",
                Severity.REVIEW,
                place,
                "a quote is opened and not closed; keepalived drops the rest of the line or joins it wrongly",
                'Close the quote with ".',
            )
        literal = stripped.text == raw[stripped.start : stripped.end]
        self._evaluate(origin, literal, stripped.continued, "" if literal else "it holds an escaped character", 0)

    def _evaluate(self, line: Line, literal: bool, continued: bool, why: str, depth: int) -> None:
        """Steps from the condition on. line.text is what is read; line.start to line.end where it is written."""
        text = line.text
        if text.startswith(b"@") and self.dialect.conditions:
            kept = self._apply_condition(text)
            if kept is None:
                return
            line = line.ending(kept, literal)
            text = kept
        if text.startswith(b"$") and self.dialect.definitions:
            match = DEFINITION.fullmatch(text)
            if match:
                self._define(match.group(1), match.group(2), line, literal, continued)
                return
        if continued:  # no line goes on outside definitions: the backslash stays, from 2.0.9 without blanks before it
            text, literal, why = text + (b"\\" if self.dialect.escapes else b" \\"), False, "a backslash ends its line"
            line = line.reading(text)
        if text[:4] in self.dialect.sequence_words and self._run_sequence(line, depth):
            return
        if b"$" in text and self.dialect.definitions and self.definitions:
            expanded, body, wrong = substitute(text, self.definitions, self.dialect)
            if wrong:
                self._note("conf/definition", Severity.REVIEW, line.place, wrong, "Simplify the definition.")
            if body is not None:
                self._insert_body(expanded, body, line, depth)
                return
            if expanded != text:
                why, literal = f"it is written as {text.decode('utf-8', 'backslashreplace')!r}", False
                stripped = strip_line(expanded, self.dialect)
                text = stripped.text
                again = depth < _DEEPEST_EXPANSION and self.dialect.release < Release(2, 4, 0)
                if again and text[:1] in (b"@", b"~"):
                    self._evaluate(line.reading(text), False, False, why, depth + 1)
                    return
                line = line.reading(text)
        self._note_unknowable(text, line)
        if text.startswith(b"include") and self._include(line):
            return
        self._split_braces(line, literal, why)

    def _split_braces(self, line: Line, literal: bool, why: str) -> None:
        text, at = line.text, 0
        visible = hide_unknowable(text, self.dialect)
        while True:
            brace = find_brace(visible, at, self.dialect)
            piece = text[at:] if brace < 0 else text[at:brace]
            body = piece.strip(BLANKS)
            if body:
                first = at + len(piece) - len(piece.lstrip(BLANKS))
                start, end = (line.start + first, line.start + first + len(body)) if literal else (line.start, line.end)
                self.build.add(body, line.path, start, end, line.line_start, line.line_end, line.line, literal, why)
            if brace < 0:
                return
            where = line.start + brace if literal else line.start
            origin = Origin(line.path, where, line.line, line.line_start)
            if text[brace : brace + 1] == b"{":
                self.build.open(origin, glued=brace > 0 and text[brace - 1 : brace] not in (b" ", b"\t"))
            else:
                self.build.close(origin)
            at = brace + 1
            if not self.dialect.split_braces and text[at:].strip(BLANKS):
                self.build.note_one_line_block(origin)

    # -- conditions, definitions, sequences -------------------------------------------------------------------

    def _apply_condition(self, text: bytes) -> bytes | None:
        match = _CONDITION.fullmatch(text)
        if match is None:
            return None
        negated, name, rest = bool(match.group(1)), match.group(2), match.group(3)
        self.build.tree.config_ids.add(name)
        if self.config_id is None or (name == self.config_id) != negated:
            return rest
        return None

    def _define(self, name: bytes, value: bytes, line: Line, literal: bool, continued: bool) -> None:
        value = value.lstrip(b" \t") if self.dialect.escapes else value
        start = line.end - len(value) if literal else line.start
        definition = Definition(name, value, line.path, start, line.end, line.line)
        earlier = self.definitions.get(name)
        if earlier is not None:
            self.build.tree.redefined.add(name)
        self.definitions[name] = definition
        self.build.tree.definitions.append(definition)
        if continued:
            self.open_definition = definition
            if value:
                definition.body.append(
                    Line(value, line.path, start, line.end, line.line_start, line.line_end, line.line)
                )

    def _continue_definition(self, line: Line, continued: bool) -> None:
        definition = self.open_definition
        if definition is None:
            return
        if line.text:
            definition.body.append(line)
            definition.end = line.end
        if not continued:
            self.open_definition = None

    def _insert_body(self, before: bytes, definition: Definition, line: Line, depth: int) -> None:
        if depth >= _DEEPEST_EXPANSION:
            self._note_depth(line)
            return
        for index, body in enumerate(definition.body):
            if not self._may_expand(line):
                return
            text = before + body.text if index == 0 else body.text
            why = f"it comes out of the definition ${definition.name.decode()}"
            literal = not (index == 0 and before)
            with self.build.expanding(definition, literal, why):
                self._evaluate(body.reading(text), literal, False, why, depth + 1)

    def _run_sequence(self, line: Line, depth: int) -> bool:
        if depth >= _DEEPEST_EXPANSION:
            self._note_depth(line)
            return True
        # Definitions may stand in the parentheses, so they are expanded up to the closing one first.
        head, bracket, tail = line.text.partition(b")")
        head = substitute(head, self.definitions, self.dialect)[0]
        if self._note_unknowable(head, line):
            return True
        try:
            sequence = expand_sequence(head + bracket + tail)
        except SequenceError as error:
            self._note("conf/sequence", Severity.REVIEW, line.place, str(error), "Correct the sequence.")
            return True
        if sequence is None:
            return False
        rows, text = sequence
        for row in rows:
            if not self._may_expand(line):
                break
            for name, value in row.items():
                self.definitions[name] = Definition(name, value, line.path, line.start, line.end, line.line, uses=1)
            with self.build.expanding(None, False, "it comes out of a sequence"):
                self._evaluate(line.reading(text), False, False, "it comes out of a sequence", depth + 1)
        return True

    def _may_expand(self, line: Line) -> bool:
        self.expanded += 1
        if self.expanded == _MOST_STATEMENTS_EXPANDED:
            self._note(
                "conf/expansion-too-large",
                Severity.DECISION,
                line.place,
                f"definitions and sequences make more than {_MOST_STATEMENTS_EXPANDED:,} lines; the rest was not read",
                "Write fewer repetitions.",
            )
        return self.expanded < _MOST_STATEMENTS_EXPANDED

    # -- includes ---------------------------------------------------------------------------------------------

    def _include(self, line: Line) -> bool:
        """Read what an include line names, or remember what include_check asks; tell whether it was an include."""
        found = read_include(line.text, self.dialect)
        if found is None:
            if self.dialect.include_variants and line.text.split()[0] == b"include_check":
                self.checks = change_checks(self.checks, line.text.split()[1:])
            return False
        pattern, checks = found
        self.build.note_include(line, pattern)
        if self.files is None:
            return True
        checks |= self.checks
        folder = posixpath.dirname(line.path)
        paths = {one: self.files.glob(one, folder) for one in alternatives(pattern, self.dialect)}
        missed = [one for one, found in paths.items() if not found]
        finding = miss(pattern, missed, len(missed) == len(paths), checks, line.place)
        if finding is not None:
            self.build.tree.findings.append(finding)
        for path in dict.fromkeys(path for found in paths.values() for path in found):
            self._include_one(path, checks, line)
        return True

    def _include_one(self, path: str, checks: Check, line: Line) -> None:
        assert self.files is not None
        kind = self.files.kind(path)
        findings = self.build.tree.findings
        if kind != "file" and not (kind == "executable" and not self.dialect.skips_executable):
            findings.append(skipped(path, kind, checks, line.place))
            return
        if path in self.stack or len(self.stack) >= _DEEPEST_INCLUDE:
            findings.append(loop(path, line.place))
            return
        try:
            source = self.files.read(path)
        except OSError as error:
            findings.append(unreadable(path, error, line.place))
            return
        if not self._may_expand(line):
            return
        self._read_file(path, source)
        set_folder(self.definitions, self.dialect, line.path)

    # -- findings ---------------------------------------------------------------------------------------------

    def _note(self, id: str, severity: Severity, place: Place, message: str, cure: str) -> None:
        self.build.tree.findings.append(Finding(id, severity, place, message, cure))

    def _note_unknowable(self, text: bytes, line: Line) -> bool:
        """Report what holds no known value, each place once; tell whether there is any."""
        found = find_unknowable(text, self.dialect)
        for use, reason in found:
            at = max(0, self.build.sources[line.path][line.start : line.end].find(use))
            place = Place(line.path, line.line, max(1, line.start + at - line.line_start + 1))
            if place not in self.unknowable:
                self.unknowable.add(place)
                cure = "Check this line by hand under both releases, or write the value itself."
                self._note("conf/unknowable-value", Severity.REVIEW, place, reason, cure)
        return bool(found)

    def _note_depth(self, line: Line) -> None:
        self._note(
            "conf/expansion-too-deep",
            Severity.DECISION,
            line.place,
            f"definitions or sequences are nested more than {_DEEPEST_EXPANSION} deep; the line was not read",
            "Nest them less.",
        )

    def _note_nul(self, place: Place) -> None:
        if any(f.id == "conf/nul-byte" and f.place.path == place.path for f in self.build.tree.findings):
            return
        lost = "ignores the line" if self.dialect.drops_nul_lines else "loses the rest of the line"
        self._note(
            "conf/nul-byte",
            Severity.DECISION,
            place,
            f"here, and perhaps further on, a line holds a NUL byte; keepalived {lost}",
            "Remove the NUL bytes; the file may not be what it should be.",
        )
