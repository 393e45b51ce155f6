"""The tool that follows words through the scripts of a system, on a few of this machine's and on scripts of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import system_scripts

SHELL = '#!/bin/sh\n# start\ncase "$1" in\nstart) act ;;\nesac\necho start\nS=start\nact $S >/run/start\n'
PYTHON = '#!/usr/bin/python3\nimport sys\nif sys.argv[1] == "start":\n    act("start")\n'


def test_every_mention_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(SHELL)
    (tmp_path / "b.py").write_text(PYTHON)
    (tmp_path / "c").write_bytes(b"#!/bin/sh\nstart\0")
    (tmp_path / "link").symlink_to("a")
    outcomes = system_scripts.run([str(tmp_path)], ["start"])
    shell, python = outcomes["shell"], outcomes["python"]
    assert (shell.files, python.files) == (1, 1)
    assert sum(shell.hits.values()) == SHELL.count("start")
    assert shell.hits["edit"] == python.hits["edit"] == 1
    assert shell.hits["finding: not-followed (decision)"] == 1
    assert not shell.wrong + python.wrong
    assert system_scripts.report(outcomes, 5, 1) == 0


def test_what_is_wrong_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text(SHELL)

    def crash(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(system_scripts, "follow_file", crash)
    outcomes = system_scripts.run([str(tmp_path)], ["start"])
    assert outcomes["shell"].wrong
    assert system_scripts.report(outcomes, 0, 1) == 1


def test_scripts_of_this_system_are_followed_without_harm() -> None:
    """A sample only: the tool itself goes through all of them."""
    outcomes = system_scripts.run(system_scripts.PLACES, ["start", "status", "yes", "root"], seconds=3)
    assert outcomes["shell"].files
    slow = " takes "
    assert not [what for outcome in outcomes.values() for what in outcome.wrong if slow not in what]
