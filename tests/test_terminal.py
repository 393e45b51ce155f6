"""The review in a terminal: what the first screen says, the diff, widths, colours, the pager, Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from commands import inside
from keepalived_upgrade import Choices, Release, Site, upgrade
from keepalived_upgrade.cli.again import command_again
from keepalived_upgrade.edits import Edit, Text
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import FileChange, Plan, Proof, Result
from keepalived_upgrade.review.cells import chop, expand, fold, fold_command, pad, paint, width_of
from keepalived_upgrade.review.markdown import render_markdown
from keepalived_upgrade.review.pairs import differing, pair_lines
from keepalived_upgrade.review.terminal import render_diff, render_report
from test_review import changed, created, make_plan

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
UPGRADE = ("upgrade", "--root", str(CORPORA / "director/root"), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon")


def director() -> Plan:
    site = Site.open("/etc/keepalived/keepalived.conf", root=CORPORA / "director/root")
    return upgrade(site, Release(1, 2, 13), Release(2, 2, 7), Choices(), daemon="")


def lines_of(plan: Plan, **options: object) -> list[str]:
    return render_report(plan, color=False, **options).splitlines()  # type: ignore[arg-type]


# -- the first screen ---------------------------------------------------------------------------------------------


def test_the_first_screen_says_files_changes_decisions_proofs_and_the_command_to_go_on_with() -> None:
    screen = lines_of(director(), width=80, command="keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7")[:24]
    text = "\n".join(screen)
    assert screen[0] == "keepalived 1.2.13 → 2.2.7"
    assert "  Files     2 files to change, 1 to create" in screen
    assert "            +21 −7  changed  /etc/keepalived/keepalived.conf" in screen
    assert "            v2_0_0/scripts_without_shell       2 changes in 2 files" in screen
    assert "  Findings  0 to decide, 4 to look at, 1 good to know" in screen
    assert "  Proofs    6 passed; not made: daemon" in screen
    assert "  Next      keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7 --write" in text


def test_an_open_decision_comes_before_the_diff_and_next_is_what_explains_it() -> None:
    found = (
        Finding("v1/y/z", Severity.DECISION, Place("/k", 1), "m", "c"),
        Finding("a/b", Severity.INFO, Place("/k"), "n", "d"),
    )
    lines = lines_of(make_plan(changed("/k", b"a\n", (0, 1, b"b")), findings=found))
    assert "  Next      keepalived-upgrade explain v1/y/z" in lines
    order = ["To decide before anything is written (1)", "/k  +1 −1", "Good to know (1)", "Names", "Proofs"]
    assert sorted(order, key=lines.index) == order
    assert lines[-1] == "  keepalived-upgrade explain v1/y/z"


def test_a_failed_proof_names_itself_and_offers_no_command() -> None:
    plan = make_plan(changed("/k", b"a\n", (0, 1, b"b")), proofs=(Proof("names", Result.FAILED, "bad"),))
    lines = lines_of(plan)
    assert lines[-1] == "Nothing was written, and --write refuses: a proof failed (names)."
    assert "  Proofs    0 passed; failed: names" in lines


def test_many_files_are_counted_on_the_first_screen_and_all_shown_below() -> None:
    lines = lines_of(make_plan(*(changed(f"/f{n:02}", b"a\n", (0, 1, b"b")) for n in range(20))))
    assert "            and 5 more, all of them below" in lines
    assert len([line for line in lines if re.match(r"/f\d\d", line)]) == 20


def test_without_a_command_the_plan_gives_one_and_a_writer_gets_none() -> None:
    plan = make_plan(changed("/k", b"a\n", (0, 1, b"b")))
    command = "keepalived-upgrade upgrade /etc/k.conf --root /r --from 1.2.13 --to 2.2.7 --write"
    assert f"  Next      {command}" in lines_of(plan)
    assert "Next" not in render_report(plan, color=False, writing=True)


def test_findings_that_say_the_same_are_said_once_with_all_their_places() -> None:
    places = (Place("/etc/a", 3, 1), Place("/etc/a", 12, 5), Place("/etc/b", 1, 1), Place("/etc/b"), Place("/etc/c"))
    found = tuple(Finding("a/b", Severity.REVIEW, place, "m", "c") for place in places)
    plan = make_plan(findings=(*found, Finding("a/b", Severity.REVIEW, Place("/etc/d", 1), "other", "c")))
    lines = lines_of(plan, width=80)
    at = lines.index("To look at first (6)")
    assert lines[at + 1 : at + 7] == [
        "  /etc/a:3:1, 12:5, /etc/b:1:1, /etc/b, /etc/c",
        "    m",
        "    → c",
        "      [a/b]",
        "  /etc/d:1",
        "    other",
    ]
    plain = lines_of(plan)
    assert plain.count("    → c") == 2
    assert [line for line in plain if line.endswith("  m")] == [f"  {place}  m" for place in places]
    text = render_markdown(plan)
    assert "- <code>/etc/a&#58;3&#58;1, 12&#58;5, /etc/b&#58;1&#58;1, /etc/b, /etc/c</code><br>m<br>→ c<br>" in text


# -- the diff -----------------------------------------------------------------------------------------------------


def test_each_change_has_its_own_reason_above_it_even_in_one_hunk() -> None:
    text = Text(b"a\nb\nc\nd\n")
    text.apply([Edit("/k", 0, 1, b"A", "v1/one", "First."), Edit("/k", 4, 5, b"C", "v1/two", "Second.")])
    plan = make_plan(FileChange("/k", b"a\nb\nc\nd\n", text.current, text.changes()))
    assert render_diff(plan, color=False).splitlines()[2:] == [
        "── v1/one  First.",
        " 1    - a",
        "    1 + A",
        " 2  2   b",
        "── v1/two  Second.",
        " 3    - c",
        "    3 + C",
        " 4  4   d",
    ]


def test_hunks_far_apart_say_the_block_they_stand_in_and_a_reason_is_not_repeated() -> None:
    body = b"".join(b"    line%d\n" % n for n in range(30))
    before = b"vrrp_instance GW {\n" + body + b"}\n"
    at, also = before.index(b"line8"), before.index(b"line20")
    lines = render_diff(make_plan(changed("/k", before, (at, at + 5, b"x"), (also, also + 6, b"y"))), color=False)
    assert lines.count("··· in vrrp_instance GW\n") == 2
    assert lines.count("── v1_2_20/x") == 1


def test_a_password_in_the_name_of_a_block_is_masked_there_too() -> None:
    before = b"x auth_pass hunter2 {\n" + b" a\n" * 9 + b"}\n"
    assert "hunter2" not in render_diff(make_plan(changed("/k", before, (40, 41, b"b"))), color=False)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (b"a\tb\n", b"a b\n", ["-a→      b", "+a·b"]),
        (b"a\n", b"a \n", ["-a", "+a·"]),
        (b"\ta\n", b"        a\n", ["-→       a", "+········a"]),
        (b"a\tb\n", b"a\tc\n", ["-a       b", "+a       c"]),
    ],
)
def test_tabs_and_blanks_are_visible_where_they_are_what_changed(before: bytes, after: bytes, shown: list[str]) -> None:
    text = render_diff(make_plan(changed("/k", before, (0, len(before), after))), color=False)
    assert [re.sub(r"^[ \d]+([-+]) ", r"\1", line) for line in text.splitlines()[3:]] == shown


def test_crlf_is_said_once_for_a_file_of_it_and_at_each_line_where_it_is_mixed() -> None:
    whole = render_diff(make_plan(changed("/k", b"a\r\nb\r\n", (0, 1, b"c"))), color=False)
    assert "CRLF" in whole
    assert "^M" not in whole
    mixed = render_diff(make_plan(changed("/k", b"a\r\nb\n", (1, 2, b""))), color=False)
    assert "a^M" in mixed


def test_only_what_differs_is_emphasised() -> None:
    text = render_diff(make_plan(changed("/k", b"    retry_count 3\n", (16, 17, b"5"))), color=True)
    assert "\x1b[31m    retry_count \x1b[0m\x1b[1;7;31m3\x1b[0m" in text
    assert "\x1b[1;7;32m5\x1b[0m" in text


def test_lines_pair_by_likeness_in_order_even_where_their_numbers_differ() -> None:
    assert pair_lines(["a GW", "group GW"], ["a GW_v4", "a GW_v6", "group GW_v4"]) == [(0, 0), (1, 2)]
    assert pair_lines(["nothing"], ["alike at all"]) == []
    assert pair_lines(["", "x"], ["", "x"]) == [(1, 1)]
    assert pair_lines([f"line {n}" for n in range(30)], [f"line {n}!" for n in range(30)])[7] == (7, 7)
    assert pair_lines(["a"] * 30, ["a"] * 31) == []


def test_a_very_long_line_is_not_compared_word_by_word() -> None:
    long = "a b " * 200
    assert differing(long, long + "c") == [(long, False)]


# -- widths -------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("ab \té漢字̈한ﾊ─🙂"), max_size=60)


@given(TEXTS, st.integers(2, 30))
def test_chopped_rows_fit_keep_every_character_and_begin_with_no_accent(text: str, width: int) -> None:
    rows = chop(expand([(text, "")]), width)
    assert all(width_of("".join(part for part, _ in row)) <= width for row in rows)
    joined = "".join(part for row in rows for part, _ in row)
    assert joined.replace(" ", "") == text.replace("\t", "").replace(" ", "")
    for row in rows[1:]:
        first = next((part for part, _ in row if part), "x")[0]
        assert cell_len(first) > 0


@given(TEXTS, st.integers(0, 30))
def test_folded_prose_fits_and_keeps_every_word(text: str, width: int) -> None:
    text = " ".join(text.split())
    lines = fold(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    if width >= 2:
        assert all(width_of(line) <= width for line in lines)


def test_wide_characters_count_two_cells_and_accents_none() -> None:
    assert width_of("漢字") == 4
    assert width_of("é") == 1
    assert pad([("漢", "")], 4) == [("漢", ""), ("  ", "")]
    assert expand([("漢\tx", "")]) == [("漢" + " " * 6 + "x", "")]
    assert paint([[("a", ""), ("  ", "")]], color=False) == "a\n"


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6), st.lists(TEXTS, min_size=1, max_size=6), st.integers(100, 140))
def test_side_by_side_keeps_its_line_down_the_middle_whatever_the_text(
    old: list[str], new: list[str], width: int
) -> None:
    before, after = "\n".join(old).encode(), "\n".join(new).encode()
    plan = make_plan(changed("/k", before, (0, len(before), after)))
    for color in (False, True):
        report = render_report(plan, color=color, width=width, side_by_side=True)
        report = re.sub(r"\x1b\[[\d;]*m", "", report)
        rows = [line for line in report.splitlines() if " │" in line]
        assert {width_of(line.partition(" │")[0]) for line in rows} <= {(width - 3) // 2}
        assert all(width_of(line) <= width for line in rows)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("two", [False, True])
def test_no_row_of_a_report_is_wider_than_the_terminal_but_a_command(width: int, two: bool) -> None:
    for line in lines_of(director(), width=width, side_by_side=two):
        # The command, and the root in it, are not broken: they are for pasting. How long the root is depends on the clone.
        assert width_of(line) <= width or "keepalived-upgrade upgrade" in line or "--root" in line, line


def test_side_by_side_shows_old_and_new_on_one_row_and_a_new_file_alone() -> None:
    rows = lines_of(director(), width=120, side_by_side=True)
    assert any(re.search(r" 2 -     delay_loop 0 +│  2 \+     delay_loop 1$", row) for row in rows)
    assert "    1 + #!/bin/sh" in rows
    assert not [row for row in lines_of(director(), width=80, side_by_side=True) if "│" in row]


# -- the command on a terminal ------------------------------------------------------------------------------------


class Terminal:
    """A child on a terminal of its own."""

    def __init__(self, *command: str, columns: int = 80, **environment: str) -> None:
        names = ("PAGER", "LESS", "NO_COLOR", "KEEPALIVED_UPGRADE_PAGER")
        base = {name: value for name, value in os.environ.items() if name not in names}
        environ = base | {"TERM": "xterm-256color", "COLUMNS": str(columns)} | environment
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.execve(command[0], command, environ)
        self.shown = ""
        self.status: int | None = None

    def send(self, text: str) -> None:
        os.write(self.handle, text.encode())

    def read_until(self, wanted: str, seconds: float = 20) -> str:
        end = time.monotonic() + seconds
        while wanted not in self.shown:
            assert time.monotonic() < end, f"{wanted!r} never came: {self.shown!r}"
            if not self._read(0.2):
                break
        assert wanted in self.shown, self.shown
        return self.shown

    def finish(self, seconds: float = 20) -> tuple[int, str]:
        end = time.monotonic() + seconds
        while self._read(0.2):
            assert time.monotonic() < end, self.shown
        _, status = os.waitpid(self.pid, 0)
        os.close(self.handle)
        return os.waitstatus_to_exitcode(status), self.shown.replace("\r\n", "\n")

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.handle], [], [], seconds)
        if not ready:
            return True
        try:
            part = os.read(self.handle, 65536)
        except OSError:
            return False
        self.shown += part.decode("utf-8", "replace")
        return bool(part)


def run_on_terminal(*words: str, columns: int = 80, **environment: str) -> tuple[int, str]:
    return Terminal(sys.executable, "-m", "keepalived_upgrade", *words, columns=columns, **environment).finish()


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A pager that writes down what it got."""
    file = tmp_path / "pager"
    file.write_text(f'#!/bin/sh\ncat >"{tmp_path}/paged"\necho "LESS=$LESS" >"{tmp_path}/less"\n')
    file.chmod(0o755)
    return file


def test_the_pager_is_chosen_as_git_does_and_gets_the_report_in_colour(pager: Path) -> None:
    status, shown = run_on_terminal(*UPGRADE, KEEPALIVED_UPGRADE_PAGER=str(pager), PAGER="false")
    assert status == 0
    assert "Files" not in shown
    assert "\x1b[1mkeepalived 1.2.13 → 2.2.7" in (pager.parent / "paged").read_text()
    assert (pager.parent / "less").read_text() == "LESS=FRXPs Space reads on, q leaves $\n"
    (pager.parent / "paged").unlink()
    run_on_terminal(*UPGRADE, PAGER=str(pager), LESS="S")
    assert (pager.parent / "paged").exists()
    assert (pager.parent / "less").read_text() == "LESS=S\n"


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("--no-pager",), {}),
        ((), {"KEEPALIVED_UPGRADE_PAGER": ""}),
        ((), {"KEEPALIVED_UPGRADE_PAGER": "cat"}),
        ((), {"KEEPALIVED_UPGRADE_PAGER": "/nowhere/no-such-pager"}),
        (("--format", "json"), {}),
    ],
)
def test_there_is_no_pager_where_none_is_wanted_or_found(
    words: tuple[str, ...], environment: dict[str, str], pager: Path
) -> None:
    status, shown = run_on_terminal(*UPGRADE, *words, **{"PAGER": str(pager), **environment})
    assert status == 0
    assert "1.2.13" in shown
    assert not (pager.parent / "paged").exists()


def test_a_pager_that_is_left_early_ends_without_a_complaint(tmp_path: Path) -> None:
    status, shown = run_on_terminal(*UPGRADE, PAGER="head -1", KEEPALIVED_UPGRADE_PAGER="head -1")
    assert (status, "Traceback" in shown) == (0, False)
    assert "keepalived 1.2.13 → 2.2.7" in shown


def test_writing_never_waits_behind_a_pager(tmp_path: Path, pager: Path) -> None:
    shutil.copytree(CORPORA / "director/root", tmp_path / "root")
    words = ("upgrade", "--root", str(tmp_path / "root"), *UPGRADE[3:], "--write")
    status, shown = run_on_terminal(*words, PAGER=str(pager))
    assert status == 0, shown
    assert "Written." in shown
    assert not (pager.parent / "paged").exists()


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_on_a_terminal_unless_it_is_not_wanted(
    words: tuple[str, ...], environment: dict[str, str], colored: bool
) -> None:
    _, shown = run_on_terminal(*UPGRADE, "--no-pager", *words, **environment)
    assert ("\x1b[1m" in shown) is colored


def test_side_by_side_is_said_to_need_more_columns(tmp_path: Path) -> None:
    _, shown = run_on_terminal(*UPGRADE, "--no-pager", "--side-by-side", columns=80)
    assert "Side by side needs 100 columns, and here are 80." in shown
    _, shown = run_on_terminal(*UPGRADE, "--no-pager", "--side-by-side", columns=140)
    assert " │ " in shown
    done = subprocess.run(
        [sys.executable, "-m", "keepalived_upgrade", *UPGRADE, "--side-by-side"],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
    )
    assert " │ " in done.stdout, "a file is wide enough"


SLOW = """
import sys, time
import keepalived_upgrade.engine, keepalived_upgrade.writing
def wait(*given, progress=None, **options):
    (progress or (lambda text: None))("proving")
    print("waiting", flush=True)
    time.sleep(30)
keepalived_upgrade.engine.upgrade = wait
keepalived_upgrade.writing.undo = wait
from keepalived_upgrade.cli import main
main()
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [(UPGRADE, "interrupted; nothing was written, every file is as it was"), (("undo",), "Run undo again")],
)
def test_ctrl_c_says_that_nothing_was_written(words: tuple[str, ...], said: str) -> None:
    terminal = Terminal(sys.executable, "-c", SLOW, *words)
    terminal.read_until("waiting")
    terminal.send("\x03")
    status, shown = terminal.finish()
    assert status == 130
    assert said in shown
    assert "Traceback" not in shown


def test_ctrl_c_while_files_are_written_puts_them_back(tmp_path: Path) -> None:
    shutil.copytree(CORPORA / "director/root", tmp_path / "root")
    files = {f: f.read_bytes() for f in (tmp_path / "root").rglob("*") if f.is_file()}
    code = (
        "import os, signal\nreal = os.fsync\n"
        "def fsync(descriptor):\n    real(descriptor)\n    os.fsync = real\n    os.kill(os.getpid(), signal.SIGINT)\n"
        "os.fsync = fsync\nfrom keepalived_upgrade.cli import main\nmain()\n"
    )
    words = ("upgrade", "--root", str(tmp_path / "root"), *UPGRADE[3:], "--write")
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert "every file is as it was" in done.stderr
    assert {f: f.read_bytes() for f in (tmp_path / "root").rglob("*") if f.is_file() and f.name != "lock"} == files


@pytest.mark.parametrize("words", [(*UPGRADE, "--format", "sarif"), ("list",)])
def test_a_reader_that_goes_away_gets_no_complaint_and_no_success(words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "keepalived_upgrade", *words]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_the_command_to_go_on_with_is_the_one_that_was_given() -> None:
    words = (
        *UPGRADE,
        "--instance",
        "GW x:mixed=excluded",
        "--skip",
        "native_ipv6",
        "--scripts",
        "/a b",
        "--mixed",
        "split",
    )
    done = subprocess.run(
        [sys.executable, "-m", "keepalived_upgrade", *words, "--color", "never", "--check", "--no-pager"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  Next")]
    for word in (
        "--mixed split",
        "--instance 'GW x:mixed=excluded'",
        "--skip native_ipv6",
        "--scripts '/a b'",
        "--no-daemon",
    ):
        assert word in line
    assert line.endswith(" --write")
    for shown_only in ("--color", "--check", "--no-pager"):
        assert shown_only not in line


def test_a_new_file_says_its_mode_and_owner() -> None:
    assert "/n  new, mode 0755, root:root, +1" in lines_of(make_plan(created("/n", b"x\n")))


# -- the same in this process, so that coverage sees it -----------------------------------------------------------


def test_every_format_is_printed_by_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(CORPORA)
    words = ("upgrade", "--root", "director/root", *UPGRADE[3:])
    assert inside(monkeypatch, capsys, *words, "--format", "json")[1].startswith('{\n  "version": 1,')
    assert inside(monkeypatch, capsys, *words, "--format", "markdown", "--limit", "4000")[1].startswith("## keepalived")
    sarif = inside(monkeypatch, capsys, *words, "--format", "sarif")[1]
    assert '"uri": "director/root/etc/keepalived/keepalived.conf"' in sarif
    monkeypatch.chdir("/usr")
    sarif = inside(
        monkeypatch, capsys, "upgrade", "--root", str(CORPORA / "director/root"), *UPGRADE[3:], "--format", "sarif"
    )[1]
    assert f'"uri": "file://{CORPORA}/director/root/"' in sarif


@pytest.mark.parametrize(
    ("pager", "paged", "printed"),
    [("cat >paged", True, False), ("true", False, False), ("/nowhere/pager", False, True), ("", False, True)],
)
def test_the_pager_takes_the_report_or_it_is_printed(
    pager: str,
    paged: bool,
    printed: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEEPALIVED_UPGRADE_PAGER", pager)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    handler = signal.getsignal(signal.SIGINT)
    _, out, _ = inside(monkeypatch, capsys, *UPGRADE)
    assert signal.getsignal(signal.SIGINT) is handler
    assert (tmp_path / "paged").exists() is paged
    assert ("keepalived 1.2.13" in out) is printed


def test_without_a_shell_there_is_no_pager(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def none(*given: object, **options: object) -> None:
        raise OSError(2, "no such file")

    monkeypatch.delenv("KEEPALIVED_UPGRADE_PAGER", raising=False)
    monkeypatch.setenv("PAGER", "less")
    monkeypatch.setattr(subprocess, "Popen", none)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "keepalived 1.2.13" in inside(monkeypatch, capsys, *UPGRADE)[1]


def test_side_by_side_in_too_few_columns_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "needs 100 columns, and here are 80" in inside(monkeypatch, capsys, *UPGRADE, "--side-by-side")[2]


@pytest.mark.parametrize(("words", "said"), [(UPGRADE, "nothing was written"), (("undo",), "Run undo again")])
def test_an_interrupt_is_said_and_clears_what_progress_left(
    words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*given: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("keepalived_upgrade.engine.upgrade", stop)
    monkeypatch.setattr("keepalived_upgrade.writing.undo", stop)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    status, _, err = inside(monkeypatch, capsys, *words)
    assert status == 130
    assert err.rpartition("\r\x1b[K")[2].startswith("keepalived-upgrade: interrupted")
    assert said in err


def test_progress_is_gone_before_the_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert inside(monkeypatch, capsys, *UPGRADE)[2].endswith("\r\x1b[K")


def test_there_is_no_command_to_repeat_outside_of_one() -> None:
    assert command_again() == ""


def test_a_hunk_after_a_closed_block_says_no_block() -> None:
    before = b"a {\n b\n}\n    stray\n    lines\n    here\n    x\n    y\n"
    at = before.index(b"    y") + 4
    assert "··· in" not in render_diff(make_plan(changed("/k", before, (at, at + 1, b"z"))), color=False)
    assert "··· in" not in render_diff(make_plan(changed("/k", b" a\n" * 9, (24, 25, b"z"))), color=False)


def test_the_configuration_that_was_named_is_named_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = inside(monkeypatch, capsys, *UPGRADE, "/etc/keepalived/keepalived.conf")[1]
    assert "--no-daemon /etc/keepalived/keepalived.conf --write" in out


def test_a_patch_on_standard_output_is_all_that_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = inside(monkeypatch, capsys, *UPGRADE, "--patch", "-")[1]
    assert out.startswith("diff --git ")
    assert "Next" not in out


def test_a_reader_that_is_gone_ends_the_run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def gone(*given: object, **options: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("keepalived_upgrade.engine.upgrade", gone)
    monkeypatch.setattr(os, "dup2", lambda *given: None)
    assert inside(monkeypatch, capfd, *UPGRADE)[0] == 141


@pytest.mark.parametrize("width", [0, 20, 38, 60, 80, 500])
def test_a_folded_command_is_the_same_to_a_shell(width: int) -> None:
    words = ["keepalived-upgrade", "upgrade", "--root", "/srv/a b/it's", "--from", "1.2.13", "--write", "--", "-x"]
    lines = fold_command(shlex.join(words), width)
    done = subprocess.run(
        ["sh", "-c", 'printf "%s\\n" ' + "\n".join(lines)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == words
    assert not any(line.endswith("--root \\") for line in lines)
    assert width in (0, 20) or all(len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("key", "status", "said"), [("\x03", 130, "interrupted; nothing was written"), ("\x04", 1, "Nothing was written")]
)
@pytest.mark.parametrize("answers", [0, 1, 3, 4, 5, 6])
def test_leaving_a_dialogue_at_any_question_leaves_every_file(
    tmp_path: Path, answers: int, key: str, status: int, said: str
) -> None:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "root")
    files = {file: file.read_bytes() for file in (tmp_path / "root").rglob("*") if file.is_file()}
    words = ("upgrade", "--root", str(tmp_path / "root"), *UPGRADE[3:], "--interactive")
    terminal = Terminal(sys.executable, "-m", "keepalived_upgrade", *words, KEEPALIVED_UPGRADE_PAGER="cat")
    dialogue = (
        *(("Enter: s]? ", "s"), ("be called?", "k"), ("Who runs", "f"), ("Take these", "y")),
        *(("Save [", "d"), ("Save it", "y"), ("Write these", "y")),
    )
    for prompt, answer in dialogue[:answers]:
        terminal.read_until(prompt)
        terminal.read_until("]? ")
        terminal.shown = ""
        terminal.send(answer + "\n")
    terminal.read_until(dialogue[answers][0])
    terminal.send(key)
    ended, shown = terminal.finish()
    assert ended == status
    assert said in shown
    assert "Traceback" not in shown
    assert {file: file.read_bytes() for file in (tmp_path / "root").rglob("*") if file.is_file()} == files
