"""The README as a scenario: its blocks of code in order, run one after another in a folder with a copy of corpora/.

- `console`: what stands behind `$ ` is run by bash on a terminal of 100 columns, and what it prints is compared. A line `…` stands for lines that
  are left out, an `…` within a line for a word that is another one at each run (the number of an undo bundle).
  Questions are given the answers that are shown behind them.
- `toml`, `python`, `yaml`: written to the file that the text before names last, in backquotes.
- Any other block, and one that NOT_RUN names, is not run.
"""

from __future__ import annotations

import difflib
import os
import pty
import re
import select
import shutil
import struct
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_NAMED = re.compile(r"`([^`\n]+)`")
_ANSWER = re.compile(r"\]\? (.*)$")
_PATIENCE = 300.0
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code. file: the last name in backquotes of the paragraph before it. line: where it begins."""

    language: str
    text: str
    file: str
    line: int

    def commands(self) -> list[tuple[str, list[str]]]:
        """Give each command of a console with the lines shown below it."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found and found[-1][0].endswith("\\") and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line}", [])
            else:
                found[-1][1].append(line)
        return found


def blocks(text: str) -> list[Block]:
    """Give the blocks of code of a README."""
    found = []
    for match in _FENCE.finditer(text):
        paragraph = text[: match.start()].rstrip().rpartition("\n\n")[2]
        named = _NAMED.findall(paragraph)
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(match.group(1), match.group(2), named[-1] if named else "", line))
    return found


class Desk:
    """The folder in which the README is followed. `keepalived-upgrade`, `python` and `pip` are those of the tests."""

    def __init__(self, folder: Path, daemon: str = "") -> None:
        """daemon: the keepalived that is found as the installed one, where it is another."""
        self.folder = folder / "desk"
        shutil.copytree(ROOT / "corpora", self.folder / "corpora")
        programs = folder / "bin"
        programs.mkdir()
        for name, words in (("keepalived-upgrade", "-m keepalived_upgrade"), ("python", ""), ("pip", "-m pip")):
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            (programs / name).chmod(0o755)
        installed = shutil.which("keepalived", path="/usr/sbin:/usr/local/sbin:/sbin")
        if daemon and installed and daemon != installed:
            file = programs / "keepalived-upgrade"
            file.rename(programs / "as-it-is")
            file.write_text(
                "#!/bin/sh\n"
                f'exec unshare --mount sh -c \'mount --bind "{daemon}" "{installed}"; exec as-it-is "$@"\' sh "$@"\n'
            )
            file.chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "LINES": "24",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "TERM": "xterm",
            "NO_COLOR": "1",
            "PAGER": "cat",
            # What goes to standard output and to standard error comes in the order of a terminal.
            "PYTHONUNBUFFERED": "1",
            "PIP_NO_INDEX": "1",
        }

    def run(self, block: Block) -> list[list[str]]:
        """Run the commands of a console in one shell on a terminal, and give the lines that each prints."""
        commands = block.commands()
        # After each command a NUL is printed, and $? stays what it was.
        mark = "_mark() { local status=$?; printf '\\0'; return $status; }\n"
        script = self.folder.parent / "block"
        script.write_text(mark + "".join(f"{command}\n_mark\n" for command, _ in commands))
        answers = [match.group(1) for line in block.text.splitlines() if (match := _ANSWER.search(line))]
        pid, terminal = pty.fork()
        if pid == 0:
            ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
            os.chdir(self.folder)
            os.execvpe("bash", ["bash", str(script)], self.environment)
        text = b"".join(_talk(terminal, iter(answers))).decode().replace("\r\n", "\n")
        os.close(terminal)
        os.waitpid(pid, 0)
        # Progress is written over.
        return [_lines(re.sub(r".*\r\x1b\[K", "", part)) for part in text.split("\0")[:-1]]

    def put(self, block: Block) -> None:
        """Write a block to its file."""
        file = self.folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)


def _talk(terminal: int, answers: Iterator[str]) -> Iterator[bytes]:
    """Give what comes from a terminal, and answer what is asked there."""
    line = b""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:
            return
        if not part:
            return
        yield part
        line = (line + part).rpartition(b"\n")[2]
        if line.endswith(b"]? "):
            os.write(terminal, f"{next(answers, 'q')}\n".encode())
            line = b""


def differences(shown: list[str], real: list[str]) -> list[str]:
    """Give how the lines shown differ from the real ones: nothing where they are the same but for the ellipses."""
    pattern = "".join("(?:.*\n)*?" if line == "…" else f"{_pattern(line)}\n" for line in shown)
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in real)):
        return []
    return list(difflib.unified_diff(shown, real, "README.md", "real", lineterm="", n=1))


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _pattern(line: str) -> str:
    """An `…` that the program prints itself is no word, so both are tried."""
    return re.escape(line).replace("…", "(?:…|[\\w.-]+)")
