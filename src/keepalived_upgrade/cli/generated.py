"""The commands that print what is made from the command line itself: `completion`, `man` and `schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepalived_upgrade.errors import InputError

SCHEMAS = Path(__file__).parents[1] / "data" / "schema"


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the completion script for a shell. For bash: eval "$(keepalived-upgrade completion bash)"."""
    from keepalived_upgrade.cli.completion import SHELLS
    from keepalived_upgrade.cli.words import read_program

    if shell not in SHELLS:
        raise InputError(f"there is no completion for {shell!r}", cure=f"Choose one of {', '.join(SHELLS)}.")
    for line in SHELLS[shell](read_program()):
        typer.echo(line)


def manual() -> None:
    """Print the manual page keepalived-upgrade(1), for `man -l` or a folder man1."""
    from keepalived_upgrade.cli.manual import render_manual
    from keepalived_upgrade.cli.words import read_program

    for line in render_manual(read_program()):
        typer.echo(line)


def schema(
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="The command whose JSON is described.")] = "upgrade",
) -> None:
    """Print the JSON Schema (2020-12) of what a command gives with --format json."""
    known = sorted(file.stem for file in SCHEMAS.glob("*.json"))
    if command not in known:
        raise InputError(f"there is no schema for {command!r}", cure=f"Choose one of {', '.join(known)}.")
    typer.echo((SCHEMAS / f"{command}.json").read_text(encoding="utf-8"), nl=False)
