"""The command `undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from keepalived_upgrade.cli.options import Root


def undo(
    id: Annotated[str, typer.Argument(metavar="ID", help="The bundle; the last one if not given.")] = "",
    root: Root = "/",
    show_list: Annotated[bool, typer.Option("--list", help="List the bundles.")] = False,
) -> None:
    """Put the files back as they were before --write, or before an interrupted write."""
    from keepalived_upgrade.writing import list_bundles
    from keepalived_upgrade.writing import undo as take_back

    if show_list:
        for bundle in list_bundles(root):
            state = "" if bundle.done else "  interrupted while writing"
            typer.echo(f"{bundle.id}  {', '.join(str(entry['path']) for entry in bundle.files)}{state}")
        return
    for path in take_back(root, id):
        typer.echo(f"restored {path}")
