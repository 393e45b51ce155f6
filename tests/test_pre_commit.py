"""The hooks for pre-commit: each runs a command that exists, and the one for upgrades fails while there is work."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from keepalived_upgrade.cli.words import read_program

ROOT = Path(__file__).resolve().parents[1]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def run_hook(id: str, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a hook as pre-commit does: its entry and the user's arguments, without file names, in the checkout."""
    (hook,) = [hook for hook in HOOKS if hook["id"] == id]
    program, *words = shlex.split(hook["entry"])
    assert program == "keepalived-upgrade"
    command = [sys.executable, "-m", "keepalived_upgrade", *words, *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_each_hook_has_what_pre_commit_asks_for() -> None:
    for hook in HOOKS:
        assert {"id", "name", "description", "entry", "language"} <= set(hook)
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False


@pytest.mark.parametrize(
    "hook", [hook for hook in HOOKS if hook["id"] != "keepalived-audit"], ids=lambda h: str(h["id"])
)
def test_each_hook_runs_a_command_with_options_that_exist(hook: dict[str, Any]) -> None:
    _, name, *options = shlex.split(hook["entry"])
    commands = {command.name: command for command in read_program().commands}
    known = {spelling for option in commands[name].options for spelling in option.names}
    assert set(options) <= known


def test_the_upgrade_hook_fails_until_the_upgrade_is_written(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpora/director/root", tmp_path / "host")
    (tmp_path / "host/etc/keepalived/conf.d").chmod(0o755)
    args = ("--root", "host", "--from", "1.2.13", "--to", "2.2.7")
    done = run_hook("keepalived-upgrade", tmp_path, *args)
    assert done.returncode == 1
    assert "keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7 --root host --no-daemon --write" in done.stdout
    config = tmp_path / "host/etc/keepalived/keepalived.conf"
    config.write_text("global_defs {\n    router_id r1\n}\n")
    assert run_hook("keepalived-upgrade", tmp_path, *args).returncode == 0
