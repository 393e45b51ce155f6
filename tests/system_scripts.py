"""Follow common words through every script of a system, read only, and say what became of them.

Run: python tests/system_scripts.py [--word WORD]… [--seconds N] [--show N] [--seed N] [PATH]…
Nothing is written and nothing is run but shells with `-n`. Exit status 1 where something is wrong: a crash, a rewritten
script that does not parse, a second run that changes something, a file that takes too long.
"""

from __future__ import annotations

import argparse
import ast
import collections
import difflib
import random
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keepalived_upgrade.dependents.follow import follow_file, language_of
from keepalived_upgrade.dependents.mentions import mention_pattern
from keepalived_upgrade.dependents.python_tree import parse_python
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import apply_edits

PLACES = ("/usr/bin", "/usr/sbin", "/etc")
WORDS = ("start", "status", "eth0", "default", "root", "version", "all", "name", "help", "yes")
LANGUAGES = ("shell", "python")
_MOST_BYTES = 2 * 1024 * 1024
_SLOW = 1.0  # seconds for each 64 kB, of which every file has one
_SHELLS = {b"bash": "bash", b"dash": "dash", b"ksh": "ksh", b"zsh": "zsh"}


@dataclass(slots=True)
class Outcome:
    """What became of the mentions in the files of one language."""

    files: int = 0
    hits: collections.Counter[str] = field(default_factory=collections.Counter)
    edits: list[tuple[str, bytes, int, str]] = field(default_factory=list)
    silent: list[tuple[str, bytes, int, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)


def find_scripts(places: Sequence[str]) -> Iterator[tuple[Path, str, bytes]]:
    """Give path, language and text of every shell and Python script below the places; links are not followed."""
    for place in places:
        root = Path(place)
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
                continue
            try:
                text = path.read_bytes()
            except OSError:
                continue
            language = language_of(str(path), text) if b"\0" not in text[:8192] else ""
            if language in LANGUAGES:
                yield path, language, text


def follow_words(path: str, language: str, text: bytes, words: Sequence[bytes], outcome: Outcome) -> None:
    """Follow each word on its own, as one name that becomes two, and as one that becomes another."""
    outcome.files += 1
    for word in words:
        if word not in text:
            continue
        for new in ((word + b"_v4", word + b"_v6"), (word + b"_v4",)):
            _follow(path, language, text, {word: new}, outcome, count=len(new) > 1)


def _follow(
    path: str, language: str, text: bytes, names: dict[bytes, tuple[bytes, ...]], outcome: Outcome, count: bool
) -> None:
    (word,) = names
    about = f"{path} ({word.decode()} -> {len(names[word])})"
    begin = time.process_time()
    try:
        result = follow_file(path, text, names)
        after = apply_edits(text, result.edits)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        outcome.wrong.append(f"{about}: crash: {type(error).__name__}: {error}")
        return
    seconds = time.process_time() - begin
    outcome.slowest = sorted([*outcome.slowest, (seconds, about)], reverse=True)[:5]
    if seconds > _SLOW * max(1, len(text) / 65536):
        outcome.wrong.append(f"{about}: takes {seconds:.1f} s for {len(text)} bytes")
    if result.edits:
        outcome.wrong += [f"{about}: {what}" for what in _check(path, language, text, after, names)]
    if count:
        _count(path, text, names, result, outcome)


def _check(
    path: str, language: str, before: bytes, after: bytes, names: dict[bytes, tuple[bytes, ...]]
) -> Iterator[str]:
    if _parses(language, before) and not _parses(language, after):
        yield "does not parse any more"
    again = follow_file(path, after, names)
    if again.edits:
        yield f"a second run changes it: {again.edits[0]}"


def _parses(language: str, text: bytes) -> bool:
    if language == "python":
        return _compiles(text) or not parse_python(text).has_error
    shebang = text.split(b"\n", 1)[0].split(b"/")[-1].split()[-1:] if text.startswith(b"#!") else []
    shell = _SHELLS.get(shebang[0], "sh") if shebang else "bash"
    return subprocess.run([shell, "-n"], input=text, capture_output=True, check=False).returncode == 0


def _compiles(text: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _count(
    path: str, text: bytes, names: dict[bytes, tuple[bytes, ...]], result: FollowResult, outcome: Outcome
) -> None:
    """Sort each mention into edits, findings by severity and kind, and what needs no word."""
    (word,) = names
    found = {(f.place.line, f.place.column): f for f in result.findings}
    lines = {f.place.line for f in result.findings}
    for match in mention_pattern(names).finditer(text):
        line = text.count(b"\n", 0, match.start()) + 1
        column = match.start() - text.rfind(b"\n", 0, match.start())
        finding = found.get((line, column))
        if any(e.start <= match.start() and match.end() <= e.end for e in result.edits):
            outcome.hits["edit"] += 1
        elif finding is not None:
            outcome.hits[f"finding: {finding.id.rpartition('/')[2]} ({finding.severity.value})"] += 1
        elif line in lines:
            outcome.hits["finding: same line"] += 1
        else:
            outcome.hits["right as it is"] += 1
            outcome.silent.append((path, word, line, text.split(b"\n")[line - 1].decode("utf-8", "replace")))
    if result.edits:
        before, after = (
            text.decode("latin-1").split("\n"),
            apply_edits(text, result.edits).decode("latin-1").split("\n"),
        )
        for hunk in _hunks(before, after):
            outcome.edits.append((path, word, *hunk))


def _hunks(before: list[str], after: list[str]) -> Iterator[tuple[int, str]]:
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        shown = list(difflib.unified_diff(before[first[1] : last[2]], after[first[3] : last[4]], lineterm="", n=3))
        yield first[1] + 1, "\n".join(shown[3:])


def run(places: Sequence[str], words: Sequence[str], seconds: float = 0, seed: int = 1) -> dict[str, Outcome]:
    """Follow the words through the scripts, in a random order; for so many seconds of CPU a language, 0: through all."""
    outcomes = {language: Outcome() for language in LANGUAGES}
    scripts = list(find_scripts(places))
    random.Random(seed).shuffle(scripts)
    for language in LANGUAGES:
        begin = time.process_time()
        for path, _, text in (script for script in scripts if script[1] == language):
            if seconds and time.process_time() - begin > seconds:
                break
            follow_words(str(path), language, text, [w.encode() for w in words], outcomes[language])
    return outcomes


def report(outcomes: dict[str, Outcome], show: int, seed: int) -> int:
    """Print the shares, what is wrong, and a sample of edits to look at. Gives the exit status."""
    for language, outcome in outcomes.items():
        hits = sum(outcome.hits.values())
        print(f"{language}: {outcome.files} files, {hits} mentions")
        for what, number in outcome.hits.most_common():
            print(f"  {number:6} {number / hits:6.1%}  {what}")
        for seconds, about in outcome.slowest:
            print(f"  {seconds:.2f} s  {about}")
        for what in outcome.wrong:
            print(f"  WRONG {what}")
        sample = random.Random(seed)
        for path, word, line, hunk in sample.sample(outcome.edits, min(show, len(outcome.edits))):
            print(f"--- {path}:{line} {word.decode()}\n{hunk}")
        for path, word, line, text in sample.sample(outcome.silent, min(show, len(outcome.silent))):
            print(f"silent {path}:{line} {word.decode()}: {text.strip()[:160]}")
    return int(any(outcome.wrong for outcome in outcomes.values()))


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", default=PLACES)
    parser.add_argument("--word", action="append")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0)
    given = parser.parse_args()
    return report(run(given.paths, given.word or WORDS, given.seconds, given.seed), given.show, given.seed)


if __name__ == "__main__":
    sys.exit(main())
