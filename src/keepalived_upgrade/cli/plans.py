"""What the commands that make a plan do with it: show it, give it as a patch, write it, and choose the exit status."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keepalived_upgrade.cli.options import Color, Format
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.plan import Plan


def give_plan(plan: Plan, *, patch: str, format: Format, color: Color, write: bool, check: bool) -> None:
    """Carry out what the options ask for. patch: a file, `-` for standard output, or "" for none.

    Raises InputError, what Plan.write raises, and typer.Exit with 1 where check found something.
    """
    if patch:
        _give_patch(plan, patch)
    if patch != "-":
        _print_plan(plan, format, color, write)
    if write:
        _write(plan)
    if check and (plan.files or any(f.severity.value != "info" for f in plan.findings)):
        raise typer.Exit(1)


def wants_color(color: Color) -> bool:
    """Tell whether to colour what goes to standard output."""
    terminal = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return color is Color.ALWAYS or (color is Color.AUTO and terminal)


def _give_patch(plan: Plan, where: str) -> None:
    from keepalived_upgrade.review.patch import holds_secret

    patch = plan.patch()
    if where == "-":
        sys.stdout.buffer.write(patch)
        sys.stdout.buffer.flush()
        return
    secret = holds_secret(patch)
    try:
        descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600 if secret else 0o644)
        with open(descriptor, "wb") as file:
            if secret:
                os.fchmod(file.fileno(), 0o600)
            file.write(patch)
    except OSError as error:
        raise InputError(
            f"the patch cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    note = " (it shows a password: readable by you only)" if secret else ""
    print(f"patch written to {where}{note}; try it with: git apply --check, or patch -p1 --dry-run", file=sys.stderr)


def _print_plan(plan: Plan, format: Format, color: Color, writing: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if format is Format.JSON:
        sys.stdout.write(plan.to_json())
        return
    import shutil

    from keepalived_upgrade.review.terminal import render_report

    columns = shutil.get_terminal_size().columns
    sys.stdout.write(render_report(plan, color=wants_color(color), width=columns, writing=writing))


def _write(plan: Plan) -> None:
    id = plan.write()
    if not id:
        print("There was nothing to write.", file=sys.stderr)
        return
    root = "" if plan.root == "/" else f" --root {plan.root}"
    bundle = Path(plan.root) / "var/lib/keepalived-upgrade/undo" / id
    print(f"Written. The old files are in {bundle}; `keepalived-upgrade undo{root}` puts them back.", file=sys.stderr)
