"""The command `schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepalived_upgrade.errors import InputError

FOLDER = Path(__file__).parents[1] / "data" / "schema"


def schema(
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="The command whose JSON is described.")] = "upgrade",
) -> None:
    """Print the JSON Schema (2020-12) of what a command gives with --format json."""
    known = sorted(file.stem for file in FOLDER.glob("*.json"))
    if command not in known:
        raise InputError(f"there is no schema for {command!r}", cure=f"Choose one of {', '.join(known)}.")
    typer.echo((FOLDER / f"{command}.json").read_text(encoding="utf-8"), nl=False)
