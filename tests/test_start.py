"""Ctrl-C at any point: from the first line of the program to its last, with a sentence and no traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keepalived_upgrade import start
from keepalived_upgrade.cli.plans import write_and_say
from keepalived_upgrade.errors import Interrupted
from keepalived_upgrade.plan import Plan

HOST = Path(__file__).resolve().parents[1] / "corpora/gateway-2017/root"
# The program as its script in bin/ runs it, with a sign of life when it begins to import the rest of itself.
PROGRAM = """
import os, sys
class Sign:
    def find_spec(self, name, path=None, target=None):
        if name == "keepalived_upgrade.cli":
            os.write(2, b"begun\\n")
sys.meta_path.insert(0, Sign())
from keepalived_upgrade.start import main
main()
"""


def run_until(moment: Callable[[subprocess.Popen[bytes]], object], root: Path) -> tuple[int, str]:
    words = ["upgrade", "--root", str(root), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon", "--write"]
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    moment(program)
    program.send_signal(signal.SIGINT)
    assert program.stderr is not None
    said = program.stderr.read().decode()
    return program.wait(), said


def is_old(root: Path) -> bool:
    return all((root / f.relative_to(HOST)).read_bytes() == f.read_bytes() for f in HOST.rglob("*") if f.is_file())


def test_a_signal_at_any_time_is_answered_and_its_answer_is_true(tmp_path: Path) -> None:
    """Over twice the time that a run takes here, from its first line on."""
    begun = time.monotonic()
    shutil.copytree(HOST, tmp_path / "whole")
    run_until(lambda program: program.wait(), tmp_path / "whole")
    takes = time.monotonic() - begun
    answers = set()
    for number in range(16):
        root = tmp_path / str(number)
        shutil.copytree(HOST, root)

        def wait(program: subprocess.Popen[bytes], after: float = 2 * takes * number / 16) -> None:
            assert program.stderr is not None
            assert program.stderr.readline() == b"begun\n"
            time.sleep(after)

        status, said = run_until(wait, root)
        assert "Traceback" not in said
        if "nothing was written" in said:
            assert status in (130, -signal.SIGINT)  # Python itself ends so where the signal came within an exec()
            assert is_old(root)
        else:
            assert "Written." in said or "after all files were written" in said
            assert not is_old(root)
        answers.add(said.splitlines()[0][:40])
    assert len(answers) > 1


def test_the_first_moments_are_answered_without_the_rest(capfd: pytest.CaptureFixture[str]) -> None:
    child = os.fork()
    if not child:
        start.leave(signal.SIGINT, None)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    assert capfd.readouterr().err == f"keepalived-upgrade: {start.SAID}\n"


@pytest.mark.parametrize("ignored", [True, False])
def test_the_handler_is_set_unless_interrupts_are_ignored(ignored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("keepalived_upgrade.cli.main", lambda: seen.append(signal.getsignal(signal.SIGINT)))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
    try:
        start.main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIG_IGN if ignored else start.leave]


def test_before_its_first_line_only_what_python_has_loaded_is_loaded() -> None:
    code = (
        "import sys; known = set(sys.modules); import keepalived_upgrade.start; print(sorted(set(sys.modules) - known))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['__future__', 'keepalived_upgrade', 'keepalived_upgrade.start']\n"


def test_an_interrupt_behind_the_writing_does_not_say_that_nothing_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keepalived_upgrade import Release, Site, upgrade

    shutil.copytree(HOST, tmp_path / "root")
    site = Site.open("/etc/keepalived/keepalived.conf", root=tmp_path / "root")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    write = Plan.write

    def interrupted_late(plan: Plan) -> str:
        write(plan)
        raise KeyboardInterrupt

    def interrupted_early(plan: Plan) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(Plan, "write", interrupted_early)
    with pytest.raises(KeyboardInterrupt):
        write_and_say(plan)
    monkeypatch.setattr(Plan, "write", interrupted_late)
    with pytest.raises(Interrupted, match="after all files were written"):
        write_and_say(plan)
