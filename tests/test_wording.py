"""The wording of the messages that an operator meets most, each produced by its situation.

Each says where, what is the case, why it matters and what to do. A text changed here is changed for every operator and
for every script that looks for it: read it aloud once more.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keepalived_upgrade import cli
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.plan import Plan
from test_cli import CORPORA

UPGRADE = ("upgrade", "--root", "gw1", "--from", "1.2.13", "--to", "2.2.7", "--no-daemon")
CONFIG, SCRIPT = Path("gw1/etc/keepalived/keepalived.conf"), Path("gw1/etc/keepalived/default-route")
CHOICES = Path("gw1/etc/keepalived/keepalived-upgrade.toml")


class Operator:
    """At a desk with a copy of the gateway in gw1/. Paths are shown as if the desk were /desk."""

    def __init__(self, desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.capsys, self.monkeypatch = desk, capsys, monkeypatch
        self.status = 0

    def run(self, *words: str) -> tuple[str, str]:
        """Give what a command prints to standard output and to standard error."""
        self.monkeypatch.setattr(sys, "argv", ["keepalived-upgrade", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        self.status = int(ended.value.code or 0)
        out = self.capsys.readouterr()
        return out.out.replace(str(self.desk), "/desk"), out.err.replace(str(self.desk), "/desk")

    def told(self, *words: str) -> str:
        """Give what a command says to standard error."""
        return self.run(*words)[1]

    def shown(self, id: str, *words: str) -> str:
        """Give a finding of the report, with its place and what to do."""
        lines = self.run(*UPGRADE, *words)[0].splitlines()
        assert f"      [{id}]" in lines
        end = lines.index(f"      [{id}]")
        begin = max(index for index in range(end) if lines[index].startswith("    → "))
        while begin and lines[begin - 1].startswith("  /"):
            begin -= 1
        return "\n".join(lines[begin : end + 1]) + "\n"

    def line(self, begins: str, *words: str) -> str:
        """Give the line of the report that begins so."""
        (line,) = (line for line in self.run(*UPGRADE, *words)[0].splitlines() if line.startswith(begins))
        return line


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "gw1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    return Operator(tmp_path, capsys, monkeypatch)


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


# -- What stops before anything is planned --------------------------------------------------------------------------


def test_no_configuration(operator: Operator) -> None:
    CONFIG.unlink()
    assert operator.told(*UPGRADE) == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/keepalived.conf: there is no such file\n"
        "  Give the path of keepalived.conf as the host sees it, and --root for a copy of a host.\n"
    )
    assert operator.status == 2


def test_no_release_is_said_or_found(operator: Operator) -> None:
    assert operator.told("upgrade", "--root", "gw1", "--to", "2.2.7") == (
        "keepalived-upgrade: /desk/gw1: nothing here tells for which release the configuration was written\n"
        "  Say it with --from, such as --from 1.2.13 or --from debian-jessie.\n"
    )
    assert operator.status == 2
    assert operator.told("upgrade", "--root", "gw1", "--from", "1.2.13") == (
        "keepalived-upgrade: /desk/gw1: nothing here tells which release will run\n"
        "  Say it with --to, such as --to 2.2.7 or --to debian-bookworm.\n"
    )


def test_a_release_that_is_none(operator: Operator) -> None:
    assert operator.told("upgrade", "--root", "gw1", "--from", "debian-jesse", "--to", "2.2.7") == (
        "keepalived-upgrade: 'debian-jesse' is no keepalived release and no distribution\n"
        "  Did you mean debian-jessie or debian-wheezy or debian-buster?\n"
    )
    assert operator.told("upgrade", "--root", "gw1", "--from", "2.2.7", "--to", "1.2.13") == (
        "keepalived-upgrade: 1.2.13 is older than 2.2.7\n  This tool only goes forward; exchange --from and --to.\n"
    )


def test_an_option_in_the_choices_file_that_is_none(operator: Operator) -> None:
    CHOICES.write_text('from = "1.2.13"\nmixd = "split"\n')
    assert operator.told(*UPGRADE) == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/keepalived-upgrade.toml:2: 'mixd' is not known here\n"
        "  Did you mean mixed? Known are mixed, names, notify, ipv4-name, ipv6-name, only, skip, accept, scripts, from, "
        "to, instance.\n"
    )
    CHOICES.write_text('mixed = "spilt"\n')
    assert operator.told(*UPGRADE) == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/keepalived-upgrade.toml:1: 'spilt' is no choice for mixed\n"
        "  Choose one of split, excluded.\n"
    )
    CHOICES.write_text("mixed = split\n")
    assert operator.told(*UPGRADE) == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/keepalived-upgrade.toml:1:9: this is no TOML: Invalid value\n"
        '  Write lines such as mixed = "excluded".\n'
    )


def test_a_word_that_is_no_command_no_option_and_no_id(operator: Operator) -> None:
    assert operator.told("upgarde").endswith("\nError: No such command 'upgarde'. Did you mean 'upgrade'?\n")
    assert operator.told("upgrade", "--form", "1.2.13").endswith(
        "\nError: No such option '--form'. (Did you mean one of: '--color', '--format', '--from'?)\n"
    )
    assert operator.told("explain", "umask") == (
        "keepalived-upgrade: there is no migration and no finding 'umask'\n"
        "  Did you mean effect/umask or scripts/umask? `keepalived-upgrade list` shows the migrations, and each report the ids of its "
        "findings.\n"
    )


# -- What the report says -------------------------------------------------------------------------------------------


def test_an_instance_is_split_and_a_script_follows(operator: Operator) -> None:
    assert operator.line("── v1_2_20/mixed_families  GW") == (
        "── v1_2_20/mixed_families  GW is split into GW_v4 and GW_v6: from 1.2.20 an instance has one family."
    )
    assert operator.line("── names/shell") == "── names/shell  GW is now GW_v4 and GW_v6."
    assert operator.shown("v1_2_20/mixed_families/rolling-upgrade") == (
        "  /etc/keepalived/keepalived.conf:8:1  while one router still runs the old release with GW, it and GW_v4/GW_v6 "
        "do not understand each other: both can be master, and IPv6 addresses can be doubled\n"
        "    → Stop keepalived on the backup, upgrade it, then stop it on the old master before starting the backup; or "
        "use --mixed excluded on both routers first, upgrade, and split afterwards.\n"
        "      [v1_2_20/mixed_families/rolling-upgrade]\n"
    )


def test_a_script_that_cannot_be_followed(operator: Operator) -> None:
    append(SCRIPT, "awk '$1 == \"GW\"' /etc/keepalived/peers\nMINE=GW\nexport MINE\n")
    assert operator.shown("names/shell/not-rewritten") == (
        "  /etc/keepalived/default-route:28:13  GW stands in an awk program or a value for it, which is not rewritten: it "
        "would know the old name only\n"
        "    → Change the program by hand so that it accepts each new name, then accept this finding.\n"
        "      [names/shell/not-rewritten]\n"
    )
    assert operator.shown("names/shell/not-followed") == (
        "  /etc/keepalived/default-route:29:6  GW is kept in the variable MINE, and nothing that is followed compares it\n"
        "    → Make what uses it accept GW_v4 and GW_v6, then accept this finding.\n"
        "      [names/shell/not-followed]\n"
    )


def test_a_script_or_a_file_that_is_not_there(operator: Operator) -> None:
    SCRIPT.unlink()
    append(CONFIG, "include conf.d/*.conf\n")
    assert operator.shown("names/script-missing") == (
        "  /etc/keepalived/default-route  the configuration runs this file; it is not there or cannot be read, so no name "
        "was looked for in it\n"
        "    → Correct the path; in a copy of a host, copy this file too. Then run again.\n"
        "      [names/script-missing]\n"
    )
    assert operator.shown("conf/include-missing") == (
        "  /etc/keepalived/keepalived.conf:28:1  nothing matches the include conf.d/*.conf; keepalived goes on without it\n"
        "    → Create the file, correct the path, or remove the line.\n"
        "      [conf/include-missing]\n"
    )


def test_a_brace_too_few_or_too_many(operator: Operator) -> None:
    whole = CONFIG.read_text()
    CONFIG.write_text(whole.rstrip().removesuffix("}"))
    assert operator.shown("conf/missing-brace") == (
        "  /etc/keepalived/keepalived.conf:8:1  the block that begins here is never closed, so that all that follows is "
        "read into it\n"
        "    → Add the `}` where the block should end.\n"
        "      [conf/missing-brace]\n"
    )
    CONFIG.write_text(whole + "}\n")
    assert operator.shown("conf/extra-brace") == (
        "  /etc/keepalived/keepalived.conf:28:1  a `}` closes nothing; what follows may be read in the wrong block\n"
        "    → Remove it, or add the `{` that is missing above.\n"
        "      [conf/extra-brace]\n"
    )


def make_daemon(text: str) -> str:
    """Make a program that answers in a daemon's place."""
    Path("keepalived").write_text(f"#!/bin/sh\n{text}")
    Path("keepalived").chmod(0o755)
    return str(Path("keepalived").resolve())


def test_the_proof_with_the_daemon_is_not_made(operator: Operator) -> None:
    assert operator.line("  not made  daemon") == "  not made  daemon: left out by choice"
    daemon = make_daemon("echo 'Keepalived v2.0.10 (11/12,2018)' >&2\n")
    out, _ = operator.run(*UPGRADE[:-1], "--daemon", daemon)
    assert (
        "  not made  daemon: /desk/keepalived is 2.0.10, the target is 2.2.7; name one of that release with --daemon\n"
    ) in out
    assert "  Proofs    6 passed; not made: daemon\n" in out


def test_what_to_do_next(operator: Operator) -> None:
    out, _ = operator.run(*UPGRADE)
    assert out.endswith(
        "\n1.2.13 → 2.2.7: 2 files to change, 0 to create.\n"
        "--interactive asks about each change instead; `keepalived-upgrade undo` takes back what was written.\n"
        "Nothing was written. --write writes all files or none:\n"
        "  keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7 --root gw1 --no-daemon --write\n"
    )
    append(SCRIPT, "awk '$1 == \"GW\"' /etc/keepalived/peers\n")
    out, _ = operator.run(*UPGRADE)
    assert out.endswith(
        "\n--interactive asks about each of them, and --accept ID takes one as decided.\n"
        "Nothing was written. 1 decision to take before --write; about the first:\n"
        "  keepalived-upgrade explain names/shell/not-rewritten\n"
    )


# -- Writing --------------------------------------------------------------------------------------------------------


def number(text: str) -> str:
    """Give a text with the number of an undo bundle as N."""
    return re.sub(r"\b\d{4}-\d{8}-\d{6}\b", "N", text)


def test_written_and_nothing_to_write(operator: Operator) -> None:
    assert number(operator.told(*UPGRADE, "--write")) == (
        "Written. The old files are in gw1/var/lib/keepalived-upgrade/undo/N; `keepalived-upgrade undo --root gw1` puts "
        "them back. keepalived was not restarted.\n"
        "keepalived must be 2.2.7 when it next reads these files: upgrade it before a reload or restart.\n"
    )
    assert operator.told(*UPGRADE, "--write") == "There was nothing to write.\n"
    assert operator.run(*UPGRADE)[0].endswith(
        "\n1.2.13 → 2.2.7: 0 files to change, 0 to create.\nThere is nothing to write.\n"
    )
    assert operator.status == 0


def test_writing_is_refused_while_a_decision_is_open(operator: Operator) -> None:
    append(SCRIPT, "awk '$1 == \"GW\"' /etc/keepalived/peers\n")
    assert operator.told(*UPGRADE, "--write") == (
        "keepalived-upgrade: /etc/keepalived/default-route:28:13: nothing was written: this must be decided first: GW "
        "stands in an awk program or a value for it, which is not rewritten: it would know the old name only\n"
        "  Change the program by hand so that it accepts each new name, then accept this finding. "
        "`--accept names/shell/not-rewritten` takes it as decided.\n"
    )
    assert operator.status == 3
    append(SCRIPT, "awk '$1 == \"GW\"' /etc/keepalived/routes\n")
    assert "nothing was written: 2 things must be decided first, one of them: GW" in operator.told(*UPGRADE, "--write")


def test_writing_is_refused_when_a_proof_failed(operator: Operator, namespaces: None) -> None:
    daemon = make_daemon(
        "case $1 in --version) echo 'Keepalived v2.2.7 (01/16,2022)' ;;\n"
        '*) for file; do :; done; grep -q GW_v6 "$file" && echo \'(GW_v6) Unknown keyword\'; tail -n 1 "$file" ;; esac\n'
    )
    assert operator.told(*UPGRADE[:-1], "--daemon", daemon, "--write") == (
        "keepalived-upgrade: nothing was written: the proof 'daemon' failed: the new text gets: (GW_v6) Unknown keyword\n"
        "  Mend that place by hand, or leave the change out with --skip or --interactive, then run again.\n"
    )
    assert operator.status == 4
    assert b"GW_v4" not in SCRIPT.read_bytes()


def test_a_file_changes_while_the_plan_is_made(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else edits it."""

    def edit(self: Plan) -> tuple[Finding, ...]:
        append(SCRIPT, "# more\n")
        return ()

    monkeypatch.setattr(Plan, "decisions", edit)
    assert operator.told(*UPGRADE, "--write") == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/default-route: the file changed since it was read\n"
        "  Run the upgrade again; what it shows may have changed.\n"
    )
    assert operator.status == 2
    assert b"GW_v4" not in SCRIPT.read_bytes()


def test_another_run_is_writing(operator: Operator) -> None:
    operator.run(*UPGRADE, "--write")
    with Path("gw1/var/lib/keepalived-upgrade/lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate()
        lock.write("process 4711 on gw1, since 2026-03-01 02:00:00 UTC")
        lock.flush()
        assert operator.told("undo", "--root", "gw1") == (
            "keepalived-upgrade: /desk/gw1/var/lib/keepalived-upgrade/lock: another run is writing here (process 4711 on "
            "gw1, since 2026-03-01 02:00:00 UTC)\n"
            "  Wait for it to end.\n"
        )
    assert operator.status == 2


def test_a_file_with_two_names(operator: Operator) -> None:
    os.link(SCRIPT, "other-name")
    assert operator.told(*UPGRADE, "--write") == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/default-route: the file has a second hard link, which would keep the "
        "old text\n"
        f"  Find the other name (`find / -xdev -inum {SCRIPT.stat().st_ino}`) and make it a file or a symbolic link.\n"
    )
    assert operator.status == 2


def test_a_patch_and_one_that_shows_a_password(operator: Operator) -> None:
    assert operator.told(*UPGRADE, "--patch", "gw1.patch") == (
        "patch written to gw1.patch; try it with: git apply --check, or patch -p1 --dry-run\n"
    )
    CONFIG.write_text(CONFIG.read_text().replace("gw17pass", "gw#17"))
    assert operator.told(*UPGRADE, "--patch", "gw1.patch") == (
        "patch written to gw1.patch (it shows a password, so only you can read it); try it with: git apply --check, or "
        "patch -p1 --dry-run\n"
    )
    assert stat.S_IMODE(Path("gw1.patch").stat().st_mode) == 0o600


# -- Going back -----------------------------------------------------------------------------------------------------


def test_undone_and_nothing_to_undo(operator: Operator) -> None:
    operator.run(*UPGRADE, "--write")
    assert operator.run("undo", "--root", "gw1")[0] == (
        "restored /etc/keepalived/default-route\nrestored /etc/keepalived/keepalived.conf\n"
    )
    assert operator.told("undo", "--root", "gw1") == (
        "keepalived-upgrade: /desk/gw1/var/lib/keepalived-upgrade/undo: there is nothing to undo\n"
        "  No upgrade was written here, or it was undone already.\n"
    )
    assert operator.status == 2


def test_undo_is_refused_when_a_file_changed_since(operator: Operator) -> None:
    operator.run(*UPGRADE, "--write")
    append(SCRIPT, "# more\n")
    assert number(operator.told("undo", "--root", "gw1")) == (
        "keepalived-upgrade: /desk/gw1/etc/keepalived/default-route: the file changed since the upgrade, and what is new in it would be lost\n"
        "  Keep what you want of it elsewhere, put back what the bundle holds (`cp "
        "/desk/gw1/var/lib/keepalived-upgrade/undo/N/0.old /desk/gw1/etc/keepalived/default-route`), then run this again.\n"
    )
    assert operator.status == 2


# -- On a terminal --------------------------------------------------------------------------------------------------


def test_ctrl_c_while_the_plan_is_made(operator: Operator) -> None:
    slow = (
        "import pathlib, time\nfrom keepalived_upgrade import engine, start\n"
        "def wait(*given):\n    pathlib.Path('asked').touch()\n    time.sleep(60)\n"
        "engine.run_migrations = wait\nstart.main()\n"
    )
    command = [sys.executable, "-c", slow, *UPGRADE, "--write"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 60
        while not Path("asked").exists() and time.monotonic() < until:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert said == "keepalived-upgrade: interrupted; nothing was written, every file is as it was\n"
    assert running.returncode == 130
    assert b"GW_v4" not in SCRIPT.read_bytes()


def test_questions_where_nobody_answers() -> None:
    command = [sys.executable, "-m", "keepalived_upgrade", "upgrade", "--root", str(CORPORA / "gateway-2017/root")]
    command += ["--from", "1.2.13", "--to", "2.2.7", "--no-daemon", "--interactive"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.stderr.endswith("keepalived-upgrade: --interactive asks, and nobody answers\n  Run it on a terminal.\n")
    assert done.returncode == 2
