"""Talking with an operator on a terminal: prose folded at its width, what is taller than it in the pager."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from keepalived_upgrade.cli.options import Color
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.review.cells import Row, fold, paint

if TYPE_CHECKING:
    from keepalived_upgrade.plan import FileChange

# Lines of prose over 100 columns are hard to read.
PROSE = 100
_WORDS = {"yes": "y", "no": "n", "quit": "q", "back": "b", "help": "?"}


class Quit(Exception):
    """The operator wants to stop; nothing is written."""


@dataclass(slots=True)
class Dialogue:
    """width, height: of the terminal; 0 for none, where nothing is folded or paged."""

    stream: TextIO
    width: int = 80
    height: int = 0
    color: bool = False
    side_by_side: bool = False

    @classmethod
    def open(cls, color: Color, side_by_side: bool = False) -> Dialogue:
        """Talk on standard output; on standard error where that is not a terminal: it may be what a report goes to."""
        from keepalived_upgrade.cli.terminal import wants_color

        stream = sys.stdout if sys.stdout.isatty() else sys.stderr
        size = shutil.get_terminal_size()
        columns, lines = (size.columns, size.lines) if stream.isatty() else (0, 0)
        return cls(stream, columns, lines, wants_color(color), side_by_side)

    def ask(self, prompt: str) -> str:
        """Give the answer to a prompt, without blanks around it.

        Raises Quit at an end of file on a terminal (Ctrl-D), InputError where there is nobody to answer.
        """
        self._put([[(line, "bold")] for line in fold(prompt, self.width)], end="")
        terminal = sys.stdin.isatty()
        if terminal:
            _wait_for_input()
        line = sys.stdin.readline()
        if line:
            return line.strip()
        self.say()
        if terminal:
            raise Quit
        raise InputError("--interactive asks, and nobody answers", cure="Run it on a terminal.")

    def choose(self, prompt: str, keys: str, usual: str = "") -> str:
        """Ask until one of the letters is given; an empty answer is the usual one, if there is one. q raises Quit."""
        said = f"; Enter: {usual}" if usual else ""
        while True:
            answer = self.ask(f"{prompt} [{','.join((*keys, 'q'))}{said}]? ").lower() or usual
            key = _WORDS.get(answer, answer)
            if key == "q":
                raise Quit
            if len(key) == 1 and key in keys:
                return key

    def say(self, text: str = "", style: str = "", head: str = "") -> None:
        """Print prose. head: what stands before its first line, such as the key of an answer; the rest hangs."""
        room = max(20, min(self.width, PROSE) - len(head)) if self.width else 0
        lines = [part for line in text.split("\n") for part in fold(line, room)]
        self._put([[(head if not n else " " * len(head), "bold"), (line, style)] for n, line in enumerate(lines)])

    def show_files(self, files: Iterable[FileChange]) -> None:
        """Print the diff of files."""
        from keepalived_upgrade.review.terminal import render_files

        self.show(render_files(files, color=self.color, width=self.width, side_by_side=self.side_by_side))

    def show(self, text: str) -> None:
        """Print what is laid out already; in the pager where it is taller than the terminal."""
        from keepalived_upgrade.cli.terminal import page

        if self.height and text.count("\n") >= self.height - 1 and page(text, "leads to the question"):
            return
        self.stream.write(text)
        self.stream.flush()

    def _put(self, rows: list[Row], end: str = "\n") -> None:
        text = paint(rows, self.color)
        # A prompt ends with its blank, behind which the answer stands.
        self.stream.write(text if end else text.rstrip("\n") + ("" if self.color else " "))
        self.stream.flush()


def _wait_for_input() -> None:
    """Wait until a line is there to be read on the terminal, or a signal came.

    A Ctrl-C between Python's last look for signals and its read would wait for the next key: the read does not know
    of it. What the signal writes here ends the wait whenever it comes.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    before = signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    try:
        while sys.stdin not in select.select([sys.stdin, readable], [], [])[0]:
            os.read(readable, 1)
    finally:
        signal.set_wakeup_fd(before)
        os.close(readable)
        os.close(writable)
