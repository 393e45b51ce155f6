"""Whatever call fails, and wherever the process dies: after recovery all files are old or all are new.

Each test counts the calls of a run that goes well, then repeats the run once for each of them; `pytest -s` prints the
numbers. As another user than root the files are one's own; everything else is the same.
"""

from __future__ import annotations

import ast
import errno
import functools
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import keepalived_upgrade.writing
from faults import (
    ERRORS,
    KILLED,
    MODULES,
    Trap,
    counting,
    failing,
    failing_then_killing,
    in_child,
    killing,
    short_writes,
    trapped,
)
from hosts import ACTS, HOME, Act, Host, memory
from keepalived_upgrade.errors import WriteError
from keepalived_upgrade.writing import State, finish, list_bundles, pending, undo, write_plan

by_turns = itertools.cycle((undo, finish))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    # In memory where files have attributes there (Linux 6.6): the same calls, but some thousand runs wait for no disk.
    with tempfile.TemporaryDirectory(dir=memory() or tmp_path) as folder:
        yield Host.make(Path(folder, "host"))


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> Act:
    return ACTS[request.param]


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system on which two names cannot change places."""

    def refuse(folder: int, one: str, other: str) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("keepalived_upgrade.writing.folders.rename_exchange", refuse)


def recover(host: Host) -> None:
    """Do what an operator does: undo or finish, by turns, what was interrupted; then nothing lies about any more."""
    with trapped(counting):  # which leaves out the syncing
        if pending(host.root) is not None:
            with pytest.raises(WriteError, match="interrupted") as caught:
                write_plan(host.plan)
            assert "--finish" in caught.value.cure
            way = next(by_turns)
            way(host.root)
            assert host.side() == ("old" if way is undo else "new")
        check_at_rest(host)


def check_at_rest(host: Host) -> None:
    side = host.side()
    assert side in ("old", "new"), side
    assert [bundle.state for bundle in list_bundles(host.root)] == ([State.WRITTEN] if side == "new" else [])
    if side == "new":
        undo(host.root)
    else:
        # Also this run removes what a run left that ended before its first change.
        with pytest.raises(WriteError, match="nothing to undo"):
            undo(host.root)
    assert host.side() == "old"
    assert list((host.root / HOME / "undo").iterdir()) == []


def run_with(host: Host, act: Act, trap: Trap) -> None:
    """Run with a fault: what is said of the files must be true. Then recover."""
    host.reset()
    said = ""
    with trapped(trap):
        try:
            act.do(host)
        except WriteError as error:
            said = error.reason
            assert error.cure
    if not said:
        assert host.side() == act.ends
        assert pending(host.root) is None
    elif "all old files are in place" in said:
        assert host.side() == "old"
    elif "may be neither" not in said:
        assert host.side().startswith(act.begins)
        assert (pending(host.root) is None) == (act.begins != "neither")
    recover(host)


@pytest.mark.parametrize("error", ERRORS, ids=[errno.errorcode[error] for error in ERRORS])
def test_each_call_fails_in_turn(host: Host, act: Act, error: int) -> None:
    points = act.points(host)
    for point in range(len(points)):
        run_with(host, act, failing(point, error))
    print(f"\n{len(points)} calls failed")


def test_each_call_reports_an_error_though_it_was_made(host: Host, act: Act) -> None:
    points = act.points(host)
    for point in range(len(points)):
        run_with(host, act, failing(point, errno.EIO, after=True))
    print(f"\n{len(points)} calls failed after they were made")


def test_from_each_call_on_all_of_its_kind_fail(host: Host, act: Act) -> None:
    points = act.points(host)
    for point in range(len(points)):
        run_with(host, act, failing(point, errno.ENOSPC, on=True))
    print(f"\n{len(points)} calls failed for good")


def test_the_process_is_killed_before_each_call(host: Host, act: Act) -> None:
    points = act.points(host)
    for point in range(len(points)):
        host.reset()
        assert in_child(lambda: act.do(host), killing(point)) == KILLED
        recover(host)
    print(f"\n{len(points)} points killed")


@pytest.mark.parametrize("name", ["write", "undo"])
def test_without_exchange_each_call_fails_in_turn_and_the_process_is_killed(
    host: Host, no_exchange: None, name: str
) -> None:
    act = ACTS[name]
    points = act.points(host)
    for point in range(len(points)):
        run_with(host, act, failing(point, errno.EIO))
        host.reset()
        assert in_child(lambda: act.do(host), killing(point)) == KILLED
        recover(host)
    print(f"\n{len(points)} calls failed, {len(points)} points killed")


def test_killed_and_killed_again_while_recovering(host: Host) -> None:
    """A sample of the pairs: every 13th point of the writing, every 11th of both recoveries."""
    act, pairs = ACTS["write"], 0
    for point in range(0, len(act.points(host)), 13):
        for way in (undo, finish):
            again = functools.partial(way, host.root)
            for second in itertools.count(point % 11, 11):
                host.reset()
                assert in_child(lambda: act.do(host), killing(point)) == KILLED
                if pending(host.root) is None or in_child(again, killing(second)) != KILLED:
                    break
                recover(host)
                pairs += 1
    print(f"\n{pairs} pairs killed")
    assert pairs > 300


@pytest.mark.parametrize("name", ["write", "undo"])
def test_killed_while_it_goes_back_from_a_failure(host: Host, name: str) -> None:
    """A sample of the pairs: every 11th failing call and the last 12, each with every 9th point after it."""
    act, pairs = ACTS[name], 0
    points = len(act.points(host))
    for point in sorted({*range(0, points, 11), *range(points - 12, points)}):
        for death in itertools.count(point + 1 + point % 9, 9):
            host.reset()
            ended = in_child(lambda: act.do(host), failing_then_killing(point, death))
            recover(host)
            if ended != KILLED:
                assert ended in (0, 2)
                break
            pairs += 1
    print(f"\n{pairs} pairs of a failure and a kill")
    assert pairs > 100


def test_writes_that_take_half_of_what_they_are_given_go_on(host: Host, act: Act) -> None:
    act.prepare(host)
    with trapped(short_writes) as names:
        act.do(host)
    assert names.count("write") > 5
    check_at_rest(host)


def test_the_modules_reach_the_system_through_what_the_traps_see_alone() -> None:
    folder = Path(keepalived_upgrade.writing.__file__).parent
    assert {file.stem for file in folder.glob("*.py")} == {*MODULES, "__init__", "bundles", "failures"}
    effects = {"open", "unlink", "mkdir", "rename", "replace", "read_text", "read_bytes", "write_text", "write_bytes"}
    effects |= {"touch", "rmdir", "chmod", "stat", "lstat", "exists", "is_file", "is_dir", "iterdir", "glob", "resolve"}
    found: list[Any] = []
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                found.append((file.name, node.lineno, "open"))
            if isinstance(node, ast.ImportFrom) and node.module in ("os", "fcntl"):
                found.append((file.name, node.lineno, "from os import"))
            if isinstance(node, ast.Import) and node.names[0].name in ("shutil", "tempfile", "subprocess", "io"):
                found.append((file.name, node.lineno, node.names[0].name))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in effects:
                owner = node.func.value
                if not (isinstance(owner, ast.Name) and owner.id == "os") and not isinstance(owner, ast.Constant):
                    found.append((file.name, node.lineno, node.func.attr))
    assert [what for what in found if what[2] not in ("glob", "resolve")] == []
    # Those two are Site's, which traps see as well.
    assert len(found) == 2
