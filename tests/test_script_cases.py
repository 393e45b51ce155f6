"""Every case script: what following the names makes of it, a second run, its syntax, and what it does when it is run.

A case is a folder cases_scripts/<language>/<situation>/ with the script before and after. Its case.toml says what is
not as usual: `names` (old → new; GW → GW_v4, GW_v6), how the script is called (`arguments`, `input`, `environment`,
`files`, `commands`), `findings` (id@line), `python = 2`, and what a person then changes: `decided` (old text, new text)
and `files_after`. `shape` tells the real situation that a case takes its shape from.
"""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.proofs.syntax import check_syntax
from script_harness import (
    BOTH,
    PATH,
    Call,
    Harness,
    Names,
    find_python2,
    follow,
    is_open,
    kept,
    says_names,
)

FOLDER = Path(__file__).with_name("cases_scripts")
CALLS = ("arguments", "input", "environment", "commands", "files")


@dataclass(frozen=True)
class Case:
    """A case as its folder tells it."""

    folder: Path

    def __str__(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        file = self.folder / "case.toml"
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    @cached_property
    def before(self) -> bytes:
        return next(self.folder.glob("before.*")).read_bytes()

    @cached_property
    def after(self) -> bytes:
        return next(self.folder.glob("after.*")).read_bytes()

    @cached_property
    def names(self) -> Names:
        given = self.settings.get("names")
        return BOTH if given is None else {k.encode(): tuple(n.encode() for n in v) for k, v in given.items()}

    @property
    def changes(self) -> bool:
        return self.before != self.after

    @property
    def is_trap(self) -> bool:
        return self.folder.parent.name == "traps"

    @property
    def python(self) -> int:
        """2, 3, or 0 for a shell script."""
        return int(self.settings.get("python", 3)) if self.folder.joinpath("before.py").exists() else 0

    def call(self, harness: Harness) -> Call:
        """How the script is called."""
        given = {key: self.settings[key] for key in CALLS if key in self.settings}
        program = (harness.python2[0], "-E", "-S") if self.python == 2 and harness.python2 else ()
        return Call(**{**given, "program": program, "arguments": tuple(given.get("arguments", Call().arguments))})

    def decided(self, after: bytes) -> bytes:
        """The script when a person has done what the findings ask for."""
        for old, new in self.settings.get("decided", ()):
            assert after.count(old.encode()) == 1, f"{old!r} stands {after.count(old.encode())} times in the result"
            after = after.replace(old.encode(), new.encode())
        return after

    def found(self) -> Iterator[str]:
        """The findings of the script, and of the files that it reads, as case.toml spells them."""
        for finding in follow(self.before, self.names)[0].findings:
            yield f"{finding.id}@{finding.place.line}"
        for path, text in self.settings.get("files", {}).items():
            for finding in follow_file(path, text.encode(), dict(self.names)).findings:
                yield f"{finding.id}@{path}:{finding.place.line}"


CASES = [Case(before.parent) for before in sorted(FOLDER.glob("*/*/before.*"))]
MAIN = [case for case in CASES if not case.is_trap]


@pytest.fixture(scope="module")
def harness(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    with Harness(tmp_path_factory.mktemp("root"), find_python2()) as running:
        yield running


def test_there_are_as_many_cases_as_were_asked_for() -> None:
    shell = [case for case in MAIN if not case.python]
    python = [case for case in MAIN if case.python]
    assert len(shell) >= 80
    assert len(python) >= 50
    assert len(CASES) - len(MAIN) >= 25
    for cases in (shell, python):
        assert 2 * sum("shape" in case.settings for case in cases) >= len(cases), "half of them are found situations"
        assert 2 * sum(case.changes for case in cases) >= len(cases), "half of them are rewritten"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_result_and_the_findings_are_those_of_the_case(case: Case) -> None:
    result, after = follow(case.before, case.names)
    assert after.decode("latin-1") == case.after.decode("latin-1")
    assert list(case.found()) == case.settings.get("findings", [])
    assert follow(after, case.names)[1] == after
    if case.is_trap:
        assert not case.changes
        assert all(finding.severity is Severity.INFO for finding in result.findings)
    else:
        assert case.changes or case.settings.get("findings") or "nothing" in case.settings, "why is this a case?"


@pytest.mark.parametrize("case", MAIN, ids=str)
def test_a_half_that_keeps_the_name_needs_no_second_run(case: Case) -> None:
    once = follow(case.before, kept(case.names))[1]
    assert follow(once, kept(case.names))[1] == once


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_result_parses(case: Case) -> None:
    for source in {case.before, case.after, case.decided(case.after)}:
        assert check_syntax(PATH, source) == ""
        if case.python:
            continue
        # What says sh may be run by either of them.
        for shell in ("bash",) if b"bash" in source.split(b"\n")[0] else ("sh", "bash", "dash"):
            assert shutil.which(shell), f"{shell} is not installed"
            done = subprocess.run([shell, "-n"], input=source, capture_output=True, check=False)
            assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.netns
@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_new_name_is_treated_as_the_old_one_was_and_all_others_as_before(case: Case, harness: Harness) -> None:
    if case.python == 2 and not harness.python2:
        pytest.skip("no Python 2 on this machine; its grammar reads the script in the test of its syntax")
    result = follow(case.before, case.names)[0]
    call = case.call(harness)
    after = case.decided(case.after)
    after_call = replace(call, files={**call.files, **case.settings.get("files_after", {})})
    harness.check(
        case.before,
        after,
        case.names,
        call,
        after_call=after_call,
        texts=case.is_trap or says_names(result) or "decided" in case.settings,
        new_names=not is_open(result) or "decided" in case.settings,
    )
    if case.python != 2 and "files_after" not in case.settings:
        check_kept(case, harness, call)


def check_kept(case: Case, harness: Harness, call: Call) -> None:
    """The same where the first half keeps the old name."""
    names = kept(case.names)
    result, after = follow(case.before, names)
    if not is_open(result):
        texts = case.is_trap or says_names(result)
        harness.check(case.before, after, names, call, states=("MASTER", "STOP"), texts=texts)


def test_no_script_is_there_twice() -> None:
    scripts = [case.before for case in CASES]
    assert len(set(scripts)) == len(scripts)
