"""Completion scripts and the manual: made from the command line itself, taken by the real shells and readers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import _need
from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.cli.completion import SHELLS
from keepalived_upgrade.cli.manual import _text, render_manual
from keepalived_upgrade.cli.words import Command, Parameter, Program, read_program
from test_cli import inside
from test_terminal import Terminal


@pytest.fixture(scope="module")
def program() -> Program:
    return read_program()


@pytest.fixture(params=list(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    _need(shutil.which(request.param) is not None, f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture
def script(shell: str, program: Program, tmp_path: Path) -> Path:
    file = tmp_path / f"completion.{shell}"
    file.write_text("".join(f"{line}\n" for line in SHELLS[shell](program)))
    return file


def complete_in_bash(script: Path, *words: str) -> list[str]:
    """Call the function as bash does, with the words as bash cuts them."""
    code = (
        'source "$1"; shift; compopt() { :; }; COMP_WORDS=(keepalived-upgrade "$@"); COMP_CWORD=$#; '
        '_keepalived_upgrade; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    command = ["bash", "-c", code, "bash", str(script), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=script.parent)
    assert not done.stderr
    return sorted(done.stdout.split())


def complete_in_fish(script: Path, *words: str) -> list[str]:
    line = " ".join(("keepalived-upgrade", *words))
    command = ["fish", "--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', str(script), line]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=script.parent)
    assert not done.stderr
    return sorted(line.partition("\t")[0] for line in done.stdout.splitlines())


CALLS = {"bash": complete_in_bash, "fish": complete_in_fish}


def test_the_shell_reads_its_script_without_a_complaint(script: Path, shell: str) -> None:
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", list(CALLS))
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("up",), ["upgrade"]),
        (("upgrade", "--from", "debian-j"), ["debian-jessie"]),
        (("upgrade", "--from", "1.2.13", "--to", "debian-bo"), ["debian-bookworm"]),
        (("upgrade", "--format", ""), ["json", "markdown", "sarif", "text"]),
        (("upgrade", "--side"), ["--side-by-side"]),
        (("upgrade", "--skip", "v2_0_0/g"), ["v2_0_0/global_tracking"]),
        (("upgrade", "--accept", "v1_2_20/mixed_families/no-"), ["no-interface", "no-name", "no-peer"]),
        (("upgrade", "--instance", ""), []),
        (("list", "--kind", "re"), ["reports", "rewrites"]),
        (("explain", "names/shell/un"), ["names/shell/unreadable", "names/shell/unsafe"]),
        (("completion", ""), ["bash", "fish", "zsh"]),
        (("schema", "u"), ["upgrade"]),
    ],
)
def test_words_are_completed_by_where_they_stand(
    shell: str, words: tuple[str, ...], expected: list[str], program: Program, tmp_path: Path
) -> None:
    _need(shutil.which(shell) is not None, f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text("".join(f"{line}\n" for line in SHELLS[shell](program)))
    found = [word.rpartition("/")[2] if "no-" in words[-1] else word for word in CALLS[shell](script, *words)]
    assert found == expected


@pytest.mark.parametrize("shell", list(CALLS))
def test_files_and_folders_are_completed_where_they_are_meant(shell: str, program: Program, tmp_path: Path) -> None:
    _need(shutil.which(shell) is not None, f"{shell} is not installed")
    (tmp_path / "zz folder").mkdir()
    (tmp_path / "zzfile").write_text("")
    script = tmp_path / "script"
    script.write_text("".join(f"{line}\n" for line in SHELLS[shell](program)))
    both = " ".join(CALLS[shell](script, "upgrade", "zz"))
    assert "folder" in both
    assert "zzfile" in both
    folders = " ".join(CALLS[shell](script, "upgrade", "--root", "zz"))
    assert "folder" in folders
    assert "zzfile" not in folders


def test_bash_completes_after_an_equals_sign(program: Program, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("".join(f"{line}\n" for line in SHELLS["bash"](program)))
    assert complete_in_bash(script, "upgrade", "--mixed", "=") == ["excluded", "split"]
    assert complete_in_bash(script, "upgrade", "--mixed", "=", "ex") == ["excluded"]


START = {
    "bash": (("--norc", "--noprofile", "-i"), "source '{script}'; PS1='ready> '\n"),
    "zsh": (("-f", "-i"), "autoload -U compinit; compinit -u -D; source '{script}'; PS1='ready> '\n"),
    "fish": (("--no-config", "-i"), "source '{script}'; function fish_prompt; echo 'ready> '; end\n"),
}


def test_the_tab_key_completes_in_a_real_shell(shell: str, script: Path) -> None:
    words, start = START[shell]
    terminal = Terminal(shutil.which(shell) or "", *words, columns=200, HOME=str(script.parent))
    terminal.send(start.format(script=script))
    terminal.read_until("ready> ")
    time.sleep(0.3)
    terminal.shown = ""
    terminal.send("keepalived-upgrade upgr\t--from debian-boo\t")
    shown = terminal.read_until("debian-bookworm")
    terminal.send("\x15exit\n")
    terminal.finish()
    assert "upgrade" in shown


def test_completing_starts_no_python(script: Path) -> None:
    text = script.read_text()
    assert "python" not in text.replace("names/python", "")
    assert "$(keepalived-upgrade" not in text


def test_every_option_of_every_command_is_in_every_script_and_in_the_manual(program: Program) -> None:
    manual = "\n".join(render_manual(program))
    names = {command.name for command in program.commands}
    assert {"upgrade", "undo", "list", "explain", "schema", "completion", "man"} <= names
    for command in program.commands:
        assert f".SS {_text(command.name)}" in manual
        for option in command.options:
            for name in option.names:
                assert f"\\fB{_text(name)}\\fR" in manual
                assert all(name.lstrip("-") in "\n".join(script(program)) for script in SHELLS.values())
        for parameter in (*command.options, *command.arguments):
            assert parameter.help, f"{command.name} {parameter.metavar} has no help"
    for migration in load_migrations():
        assert all(migration.id in "\n".join(script(program)) for script in SHELLS.values())


def test_hostile_help_breaks_no_script(tmp_path: Path, shell: str) -> None:
    odd = Parameter(("--odd",), "WORD", 'It\'s [a] "$(touch x)" `touch x`: \\ \n.x', ("a", "b"))
    command = Command("up", odd.help, (odd,), (Parameter((), "FILE", odd.help),))
    script = tmp_path / "script"
    script.write_text("".join(f"{line}\n" for line in SHELLS[shell](Program(odd.help, odd.help, (odd,), (command,)))))
    done = subprocess.run([shell, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert not (tmp_path / "x").exists()
    assert "rror" not in done.stderr.replace("command not found", "")


# -- the manual ---------------------------------------------------------------------------------------------------


@pytest.fixture
def page(program: Program, tmp_path: Path) -> Path:
    file = tmp_path / "keepalived-upgrade.1"
    file.write_text("".join(f"{line}\n" for line in render_manual(program)), encoding="ascii")
    return file


def test_groff_reads_the_manual_without_a_warning(page: Path) -> None:
    _need(shutil.which("groff") is not None, "groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-P-cbou", str(page)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    for heading in ("NAME", "SYNOPSIS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES"):
        assert f"\n{heading}\n" in done.stdout
    assert "--side-by-side" in done.stdout
    assert "The main file, as the host sees it." in " ".join(done.stdout.split())


def test_mandoc_finds_nothing_but_the_missing_date(page: Path) -> None:
    _need(shutil.which("mandoc") is not None, "mandoc is not installed")
    done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", str(page)], capture_output=True, text=True, check=False)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
    assert complaints == []


def test_roff_reads_nothing_of_a_text_as_its_own() -> None:
    assert _text(".x") == "\\&.x"
    assert _text("'x") == "\\&'x"
    assert _text("a\\b-c…") == "a\\eb\\-c\\[u2026]"


def test_an_epilog_without_examples_is_a_paragraph() -> None:
    command = Command("x", "Do.", (), (), "See the rest.")
    assert "See the rest." in list(render_manual(Program("Help.\n\nMore.", "Exit status: 0 fine.", (), (command,))))


def test_the_commands_print_what_is_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "complete -F" in inside(monkeypatch, capsys, "completion", "bash")[1]
    assert inside(monkeypatch, capsys, "man")[1].startswith(".TH KEEPALIVED\\-UPGRADE 1")
    assert json.loads(inside(monkeypatch, capsys, "schema", "list")[1])["title"].startswith("keepalived-upgrade list")
    status, _, err = inside(monkeypatch, capsys, "completion", "tcsh")
    assert (status, "Choose one of bash, zsh, fish" in err) == (2, True)
    status, _, err = inside(monkeypatch, capsys, "schema", "undo")
    assert (status, "Choose one of audit, effect, list, upgrade" in err) == (2, True)


def test_help_is_as_quick_as_it_was() -> None:
    """Nothing that only completion and the manual need is imported for --help."""
    code = "import sys, keepalived_upgrade.cli; print([m for m in sys.modules if m.startswith('keepalived_upgrade.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for module in ("completion'", "manual'", "words'", "catalogue'", "review."):
        assert module not in done.stdout
