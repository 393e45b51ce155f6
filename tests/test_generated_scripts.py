"""Scripts at random, run before and after: where nobody is asked, each new name is treated as the old one was.

Longer: GENERATED=5000 python -m pytest tests/test_generated_scripts.py
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from generated_scripts import PythonScript, ShellScript
from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity
from test_dependents_shell import BOTH, trace

NUMBER = int(os.environ.get("GENERATED", "0"))
Trace = Callable[[bytes, str, str], object]


def check(source: bytes, run: Trace) -> bool:
    """Tell whether a script was rewritten or left with nobody asked; then it must do what it did."""
    result = follow_file("/x", source, BOTH)
    if any(finding.severity is Severity.DECISION for finding in result.findings):
        return False
    after = apply_edits(source, result.edits)
    assert follow_file("/x", after, BOTH).edits == ()
    for state in ("MASTER", "STOP"):
        before = run(source, "GW", state)
        for name in ("GW_v4", "GW_v6"):
            assert run(after, name, state) == before, (name, state, source.decode(), after.decode())
        for name in ("LAN", "X", ""):
            assert run(after, name, state) == run(source, name, state), (name, state, source.decode(), after.decode())
    return True


def trace_python(source: bytes, name: str, state: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    done: list[object] = []
    monkeypatch.setattr(sys, "argv", ["x", "INSTANCE", name, state, "100"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(source, "script", "exec"), {"act": lambda *words: done.append(words)})
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            done.append(type(error))
    return done


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `act`, which says how it was called, and the grep that the scripts need."""
    folder = tmp_path_factory.mktemp("recorder")
    (folder / "act").write_text('#!/bin/sh\necho "act $*"\n')
    (folder / "act").chmod(0o755)
    (folder / "grep").symlink_to("/usr/bin/grep")
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_shell_scripts_at_random_treat_each_new_name_as_the_old_one(seed: int, recorder: Path) -> None:
    random = Random(seed)
    judged = [
        check(ShellScript(random).source(), lambda source, name, state: trace(source, name, state, "bash", recorder))
        for _ in range(NUMBER or 60)
    ]
    assert sum(judged) >= 5


@pytest.mark.parametrize("seed", range(4))
def test_python_scripts_at_random_treat_each_new_name_as_the_old_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    judged = [
        check(
            b"#!/usr/bin/python3\n" + PythonScript(random).source(),
            lambda source, name, state: trace_python(source, name, state, monkeypatch),
        )
        for _ in range(NUMBER or 150)
    ]
    assert sum(judged) >= 5
