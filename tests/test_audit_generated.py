"""What audit says of scripts at random, held against what they do when they run.

Longer: GENERATED=5000 python -m pytest tests/test_audit_generated.py
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from generated_scripts import PythonScript, ShellScript
from keepalived_upgrade.auditing import audit
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from test_dependents_shell import trace

NUMBER = int(os.environ.get("GENERATED", "0"))
# What runs the script: GW has gone, or GW and LAN have.
HOSTS = (("LAN", "X"), ("X",), ("GW_v4", "LAN"))
Trace = Callable[[bytes, str, str], object]


def trace_python(source: bytes, name: str, state: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Give what a script of Python calls `act` with."""
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


def check(folder: Path, source: bytes, names: tuple[str, ...], run: Trace) -> list[str]:
    """Hold each finding against the script as it runs; give the ids of the findings."""
    etc = folder / "etc/keepalived"
    etc.mkdir(parents=True, exist_ok=True)
    blocks = "".join(f"vrrp_instance {name} {{\n    notify /etc/keepalived/n\n}}\n" for name in names)
    (etc / "keepalived.conf").write_text(blocks)
    (etc / "n").write_bytes(source)
    found = audit(Site.open("/etc/keepalived/keepalived.conf", root=folder), Release(2, 2, 7))
    for finding in found:
        if finding.id in ("audit/waits-in-vain", "audit/left-over"):
            never_comes_true(source, finding, names, run)
        for name in forgotten(finding, names):
            for state in ("MASTER", "STOP"):
                assert not did(run(source, name, state)), (finding.message, name, state, source.decode())
    return [finding.id for finding in found]


def did(traced: object) -> bool:
    """Tell whether the script acted, otherwise than with an empty word from an array that lacks the name."""
    if isinstance(traced, tuple):
        return "act " in str(traced[0]).replace("act \n", "")
    return isinstance(traced, list) and any(isinstance(one, tuple) for one in traced)


def forgotten(finding: Finding, names: tuple[str, ...]) -> list[str]:
    """The names for which the finding says that nothing is done."""
    match = re.search(r"calls the script with (.*), which no test|no test accepts (\S+),", finding.message)
    said = (match.group(1) or match.group(2)).split(" and ") if match else []
    assert set(said) <= set(names)
    return said


def never_comes_true(source: bytes, finding: Finding, names: tuple[str, ...], run: Trace) -> None:
    """Another word in the place of the one that is waited for changes nothing."""
    lines = source.split(b"\n")
    if re.match(rb"[A-Z]=|[A-Z] = |declare", lines[finding.place.line - 1]):
        return  # a collection, of which more is done than this test
    start = sum(len(line) + 1 for line in lines[: finding.place.line - 1]) + finding.place.column - 1
    literal = re.search(r"waits for (.*), and no instance", finding.message)
    assert literal is not None
    word = re.compile(rb"[xu]?[\"']?(" + re.escape(literal.group(1).encode()) + rb")").match(source, start)
    if word is None:
        return  # the place is that of a variable which holds it, or of an expression
    other = source[: word.start(1)] + b"QQ" + source[word.end(1) :]
    for name in names:
        for state in ("MASTER", "STOP"):
            assert run(other, name, state) == run(source, name, state), (finding.message, name, source.decode())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_said_of_shell_scripts_at_random_is_true(seed: int, recorder: Path, tmp_path: Path) -> None:
    random = Random(seed)
    said = [
        id
        for number in range(NUMBER or 60)
        for id in check(
            tmp_path,
            ShellScript(random).source(),
            HOSTS[number % 3],
            lambda source, name, state: trace(source, name, state, "bash", recorder),
        )
    ]
    assert {"audit/left-over", "audit/waits-in-vain"} <= set(said) or len(said) >= 5


@pytest.mark.parametrize("seed", range(4))
def test_what_is_said_of_python_scripts_at_random_is_true(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    said = [
        id
        for number in range(NUMBER or 60)
        for id in check(
            tmp_path,
            b"#!/usr/bin/python3\n" + PythonScript(random).source(),
            HOSTS[number % 3],
            lambda source, name, state: trace_python(source, name, state, monkeypatch),
        )
    ]
    assert len(said) >= 5
