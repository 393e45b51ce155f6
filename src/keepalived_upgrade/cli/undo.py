"""The command `undo`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import Color, Format, FormatOption, Root
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.writing import Bundle


def undo(
    id: Annotated[str, typer.Argument(metavar="ID", help="The bundle; the interrupted or last one if not given.")] = "",
    root: Root = "/",
    show_list: Annotated[bool, typer.Option("--list", help="List the bundles.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Show what the bundle's run changed, as a diff.")] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Complete an interrupted run instead of undoing it.")
    ] = False,
    prune: Annotated[
        int | None,
        typer.Option("--prune", metavar="N", min=0, help="Remove all but the newest N bundles; no interrupted one."),
    ] = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Put the files back as they were before --write, or before an interrupted write. It refuses what changed since."""
    if sum((show_list, show, finish, prune is not None)) > 1:
        raise InputError("--list, --show, --finish and --prune exclude each other", cure="Give one of them.")
    if id and (show_list or finish or prune is not None):
        raise InputError("only --show and undoing take an ID", cure="Leave it out.")
    if format is not Format.TEXT and not show_list:
        raise InputError("only --list has a format", cure="Leave --format out.")
    from keepalived_upgrade import writing

    if show_list:
        listed = _list(root, format)
        sys.stdout.write(listed)
        if not listed:
            print("There is nothing to undo: no upgrade was written here.", file=sys.stderr)
    elif show:
        from keepalived_upgrade.cli.terminal import page

        diff = _diff(root, id)
        if not (sys.stdout.isatty() and page(diff, "leaves")):
            sys.stdout.write(diff)
    elif finish:
        _say("written", writing.finish(root))
    elif prune is not None:
        _say("removed", writing.prune(root, prune))
    else:
        _say("restored", writing.undo(root, id))
        print("These files are as they were before the upgrade.", file=sys.stderr)


def _list(root: str, format: Format) -> str:
    from keepalived_upgrade.review.masking import clean
    from keepalived_upgrade.writing import list_bundles

    bundles = list_bundles(root)
    if format is Format.JSON:
        import json

        return json.dumps({"version": 1, "bundles": [_as_json(bundle) for bundle in bundles]}, indent=2) + "\n"
    lines = []
    for bundle in bundles:
        files = ", ".join(entry.path for entry in bundle.files)
        state = f"  interrupted while {bundle.state.value}" if bundle.interrupted else ""
        # rename and follow stay on one release.
        releases = " → ".join(dict.fromkeys((bundle.source, bundle.target)))
        lines.append(clean(f"{bundle.id}  {releases}  {files}{state}") + "\n")
    return "".join(lines)


def _as_json(bundle: Bundle) -> dict[str, object]:
    return {
        "id": bundle.id,
        "state": bundle.state.value,
        "interrupted": bundle.interrupted,
        "source": bundle.source,
        "target": bundle.target,
        "files": [
            {"path": entry.path, "status": "changed" if entry.before is not None else "new"} for entry in bundle.files
        ],
    }


def _diff(root: str, id: str) -> str:
    import shutil

    from keepalived_upgrade.cli.terminal import wants_color
    from keepalived_upgrade.review.masking import hide
    from keepalived_upgrade.review.terminal import render_files
    from keepalived_upgrade.secrecy import defined_secrets
    from keepalived_upgrade.writing import changes_of

    changes = changes_of(root, id)
    hide(defined_secrets(text for change in changes for text in (change.before or b"", change.after)))
    return render_files(changes, color=wants_color(Color.AUTO), width=shutil.get_terminal_size().columns)


def _say(what: str, things: tuple[str, ...]) -> None:
    from keepalived_upgrade.review.masking import clean

    for thing in things:
        print(clean(f"{what} {thing}"))
