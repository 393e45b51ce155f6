"""How a release walks through a configuration: which lines it takes, which it does not know, where a block ends for it.

keepalived reads a stream of lines, not a tree. An unknown keyword is skipped as a line, so the `}` of its block closes
the block around it (facts: lexical rules, "Keywords"). Up to 1.4.1 a brace counts only as a word of its own, a list
swallows every line up to one that begins with `}`, and a block whose `{` is missing is left out or entered, by release.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from keepalived_upgrade.conf.dialect import dialect_of
from keepalived_upgrade.conf.lines import split_words, strip_line
from keepalived_upgrade.conf.tree import Statement, Tree
from keepalived_upgrade.model.effect_nodes import Event, Node, Reading, levels_of
from keepalived_upgrade.model.effect_values import Mistake, Problem
from keepalived_upgrade.model.keywords import Path
from keepalived_upgrade.releases import Release

_SPLIT_BRACES = Release(1, 4, 2)
_SAYS_UNKNOWN = Release(1, 2, 20)
_LATE_BRACE = Release(1, 2, 24)
_COUNTS_BRACES = Release(1, 4, 3)
_DAEMON = b"keepalived"  # the process that reads the file and starts the others
# From here an include is read as if its lines stood there.
_ONE_STREAM = Release(2, 1, 4)
# Lists that may stand on one line in every release (read_value_block; probes g14j, g21i).
_ONE_LINE = frozenset((b"group", b"notification_email"))
# From 1.2.20 to 1.2.23 the process that does not own one of these lists reads its lines as keywords (probes g25, g29).
_LEAKING = frozenset((b"virtual_server_group", b"static_routes", b"static_ipaddress", b"static_rules"))


def read_effect(tree: Tree, release: Release) -> Reading:
    """Walk through a tree as the release does. Raises nothing; the tree's own faults are in its findings."""
    walk = _Modern(tree, release) if release >= _SPLIT_BRACES else _Old(tree, release)
    return walk.run()


class _Walk:
    """What both ways of reading share."""

    def __init__(self, tree: Tree, release: Release) -> None:
        self.tree = tree
        self.release = release
        self.known, self.above, self.lists = levels_of(release)
        self.starts: dict[str, list[int]] = {}
        self.reading = Reading(Node((), (), b"", "", 0))
        self.at = 0
        self.files: list[tuple[str, int]] = [(path, 0) for path in list(tree.sources)[:1]]

    def note(self, problem: Problem, path: str, line: int, subject: bytes, process: bytes = b"") -> None:
        self.reading.mistakes.append(Mistake(path, line, problem, subject, process))

    def unknown(self, path: str, line: int, subject: bytes, top: bool = True) -> None:
        if self.release >= _SAYS_UNKNOWN:
            self.note(Problem.UNKNOWN, path, line, subject, _DAEMON if top else b"")

    def enter_file(self, path: str, stack: list[tuple[Node, Path]]) -> None:
        """Up to 2.1.3 an include is read on its own: what it leaves open ends with it (include-inside-lists).

        files: each file that is read, with the number of levels that were open when it began.
        """
        if self.files and (self.files[-1][0] == path or self.release >= _ONE_STREAM):
            return
        if any(open_path == path for open_path, _ in self.files):
            while self.files[-1][0] != path:
                del stack[max(1, self.files.pop()[1]) :]
            return
        self.files.append((path, len(stack)))

    def entry(self, block: Node, node: Node) -> None:
        """Add a line to a list. Up to 2.1.3 the lines of an include are no entries, but keywords."""
        if node.path != block.path and self.release < _ONE_STREAM:
            self.unknown(node.path, node.line, node.keyword, top=False)
        else:
            block.children.append(node)

    def events(self) -> Iterator[Event]:
        """The pieces in the order of reading. Not recursive: nesting may be deep."""
        pending: list[Statement | Event] = list(reversed(self.tree.statements))
        while pending:
            piece = pending.pop()
            if isinstance(piece, Event):
                yield piece
                continue
            if piece.text:
                yield Event(b"", piece.path, piece.line, piece.start, piece)
            if not piece.has_block:
                continue
            yield Event(b"{", piece.open_path, self.line_of(piece.open_path, piece.open), piece.open)
            if piece.close >= 0:
                line = self.line_of(piece.close_path, piece.close)
                pending.append(Event(b"}", piece.close_path, line, piece.close))
            pending.extend(reversed(piece.children))

    def line_of(self, path: str, offset: int) -> int:
        starts = self.starts.get(path)
        if starts is None:
            source = self.tree.sources.get(path, b"")
            starts = [0, *(i + 1 for i, byte in enumerate(source) if byte == 0x0A)]
            self.starts[path] = starts
        return bisect_right(starts, offset)

    def finish(self) -> Reading:
        """Add what the reader found wrong with the whole."""
        for finding in self.tree.findings:
            place = finding.place
            if finding.id == "conf/extra-brace":
                if self.release >= Release(2, 0, 8):
                    self.note(Problem.ADVICE, place.path, place.line, b"}", _DAEMON)
                self.unknown(place.path, place.line, b"}")
            elif finding.id == "conf/missing-brace" and self.release >= _COUNTS_BRACES:
                self.note(Problem.ADVICE, place.path, self.last_line(), b"missing }", _DAEMON)
            elif finding.id == "conf/include-missing":
                self.no_include(place.path, place.line)
            elif finding.id == "conf/include-required":
                self.note(Problem.STOPS, place.path, place.line, self.word_of_include(place.path, place.line), _DAEMON)
        self.long_lines()
        return self.reading

    def last_line(self) -> int:
        """The line that is named for missing braces: the last one from 2.0.8 to 2.1.3, else none."""
        named = Release(2, 0, 8) <= self.release < Release(2, 1, 4)
        return self.tree.source.count(b"\n") if named else 0

    def no_include(self, path: str, line: int) -> None:
        """An include that matches nothing ends the process from 1.3.2 to 1.3.7 (catalogue: include-no-match)."""
        ends = Release(1, 3, 2) <= self.release < Release(1, 3, 8)
        word = self.word_of_include(path, line)
        self.note(Problem.STOPS if ends else Problem.IGNORED, path, line, word, b"vrrp" if ends else b"")

    def word_of_include(self, path: str, line: int) -> bytes:
        """The keyword of the include on a line."""
        for include in self.tree.includes:
            if (include.path, include.line) == (path, line):
                return self.tree.sources.get(path, b"")[include.start : include.end].split(None, 1)[0]
        return b"include"

    def long_lines(self) -> None:
        """From 2.4.0 the beginning of a line over 1023 bytes, and a line with a NUL, is ignored (catalogue)."""
        if self.release < Release(2, 4, 0):
            return
        for path, source in self.tree.sources.items():
            if b"\0" in source:
                self.note(Problem.IGNORED, path, 0, b"NUL")
            long = [i for i, text in enumerate(source.split(b"\n"), 1) if len(text) > 1022]
            for line in long:
                self.note(Problem.IGNORED, path, line, b"too long")


class _Modern(_Walk):
    """From 1.4.2: a brace outside quotes is a line of its own."""

    def run(self) -> Reading:
        self.stream = list(self.events())
        self.level(self.reading.top, ())
        return self.finish()

    def level(self, top: Node, path: Path) -> None:
        """Read keywords until the end. A stack of (block, its path) stands for the levels below."""
        stack = [(top, path)]
        while self.at < len(self.stream):
            event = self.stream[self.at]
            self.at += 1
            self.enter_file(event.path, stack)
            block, path = stack[-1]
            if event.kind == b"{":
                self.note(Problem.ADVICE, event.path, event.line, b"{")
            elif event.kind == b"}":
                if len(stack) == 1 or len(stack) == self.files[-1][1]:
                    self.unknown(event.path, event.line, b"}", top=False)
                else:
                    block.close = event.line
                    stack.pop()
            else:
                node = _node(event)
                alone = event.statement is not None and event.statement.parent is None
                self.keyword(node, (*path, node.keyword), stack, alone)

    def keyword(self, node: Node, path: Path, stack: list[tuple[Node, Path]], alone: bool) -> None:
        if path not in self.known:
            # The parent, which skips blocks by their braces, reports it too where it stands in none.
            self.unknown(node.path, node.line, node.keyword, alone)
            return
        stack[-1][0].children.append(node)
        if path in self.lists:
            self.values(node)
        elif path in self.above:
            if not self.ahead(b"{"):
                # Not entered: what should be in it is read where it stands (seen on 2.2.7 and from 1.2.24 on).
                following = self.stream[self.at].line if self.at < len(self.stream) else node.line
                self.note(Problem.ADVICE, node.path, following, b"{")
                return
            self.at += 1
            stack.append((node, path))

    def values(self, block: Node) -> None:
        """Read a list: every line up to the `}`."""
        if self.ahead(b"{"):
            self.at += 1
        while self.at < len(self.stream):
            event = self.stream[self.at]
            self.at += 1
            if event.kind == b"}":
                block.close = event.line
                return
            node = _node(event) if event.kind == b"" else Node((b"{",), (False,), b"{", event.path, event.line)
            self.entry(block, node)

    def ahead(self, kind: bytes) -> bool:
        return self.at < len(self.stream) and self.stream[self.at].kind == kind


class _Old(_Walk):
    """Up to 1.4.1: a line is its words, braces among them."""

    def run(self) -> Reading:
        self.lines = list(self.join())
        stack: list[tuple[Node, Path]] = [(self.reading.top, ())]
        while self.at < len(self.lines):
            node = self.lines[self.at]
            self.at += 1
            self.enter_file(node.path, stack)
            if node.keyword == b"}":
                if len(stack) == 1 or len(stack) == self.files[-1][1]:
                    self.unknown(node.path, node.line, b"}")
                else:
                    stack.pop()[0].close = node.line
                continue
            self.keyword(node, stack)
        return self.finish()

    def join(self) -> Iterator[Node]:
        """The physical lines again, from the pieces that the tree has cut them into."""
        dialect = dialect_of(self.release)
        path, until = "", -1
        for event in self.events():
            if event.statement is not None and not event.statement.literal:
                yield _node(event)
                until = -1
                continue
            if event.path == path and event.at < until:
                continue
            source = self.tree.sources.get(event.path, b"")
            # A piece of a long line ends before its line does.
            path, until = event.path, event.statement.line_end if event.statement is not None else -1
            if until < 0:
                until = source.find(b"\n", event.at) + 1 or len(source)
            text = strip_line(source[event.at : until], dialect).text
            found = split_words(text, dialect)
            words = tuple(value for value, _, _, _ in found)
            yield Node(words, tuple(quoted for *_, quoted in found), text, event.path, event.line, event.line)

    def keyword(self, node: Node, stack: list[tuple[Node, Path]]) -> None:
        path = (*stack[-1][1], node.keyword)
        if path not in self.known:
            self.unknown(node.path, node.line, node.keyword)
            return
        opened = node.words[-1] == b"{"
        if path in self.lists:
            self.values(node, len(stack) == 1)
        elif path in self.above:
            if not self.enter(node, opened):
                return
            stack[-1][0].children.append(node)
            stack.append((node, path))
            return
        stack[-1][0].children.append(node)

    def enter(self, node: Node, opened: bool) -> bool:
        """Whether the block is entered. A `{` alone on the next line is taken from 1.2.20, below it is a line."""
        if opened or self.release < _SAYS_UNKNOWN:
            node.words = tuple(word for word in node.words if word != b"{")
            return True
        alone = self.at < len(self.lines) and self.lines[self.at].words == (b"{",)
        if alone:
            if self.release < _LATE_BRACE:
                self.unknown(node.path, node.line, b"")
            self.at += 1
            return True
        self.note(Problem.ADVICE, node.path, node.line, b"{")
        if self.release < _LATE_BRACE:
            self.at += 1  # the line behind is taken for the brace
            return True
        return False

    def values(self, block: Node, top: bool) -> None:
        block.text = block.text.removesuffix(b"{")
        if block.keyword in _ONE_LINE and b"{" in block.words and block.words[-1] == b"}":
            inside = block.words[block.words.index(b"{") + 1 : -1]
            block.close = block.line
            block.children.append(Node(inside, (False,) * len(inside), b" ".join(inside), block.path, block.line))
            return
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if line.keyword == b"}":
                block.close = line.line
                break
            self.entry(block, line)
        leaks = top and block.keyword in _LEAKING and _SAYS_UNKNOWN <= self.release < _LATE_BRACE
        if leaks:
            for line in block.children:
                self.unknown(line.path, line.line, line.keyword)
            self.unknown(block.path, block.close, b"}")


def _node(event: Event) -> Node:
    statement = event.statement
    assert statement is not None
    words = statement.words
    values, quoted = tuple(word.value for word in words), tuple(word.quoted for word in words)
    return Node(values, quoted, statement.text, statement.path, statement.line, statement.line)
