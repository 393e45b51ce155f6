"""What the commands that make a plan do with it: show it, give it as a patch, write it, and choose the exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keepalived_upgrade.cli.options import Color, Format, ReportFormat
from keepalived_upgrade.cli.outputs import write_output
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.plan import Plan


def give_plan(
    plan: Plan,
    *,
    patch: str,
    html: str = "",
    format: Format | ReportFormat,
    color: Color,
    write: bool,
    check: bool,
    limit: int = 60_000,
    side_by_side: bool = False,
    pager: bool = True,
) -> None:
    """Carry out what the options ask for. patch, html: a file, `-` for standard output, or "" for none.

    Raises InputError, what Plan.write raises, and typer.Exit with 1 where check found something.
    """
    from keepalived_upgrade.cli.again import command_again
    from keepalived_upgrade.cli.terminal import show_report
    from keepalived_upgrade.review.masking import clean

    if patch:
        _give_patch(plan, patch)
    if html:
        _give_page(plan, html)
    again = clean(command_again())
    free = "-" not in (patch, html)
    if free and format.value == "text":
        show_report(plan, again, color, side_by_side=side_by_side, pager=pager, writing=write)
    elif free:
        sys.stdout.write(_render(plan, format.value, again, limit))
    if write:
        _write(plan)
    if check and (plan.files or any(f.severity.value != "info" for f in plan.findings)):
        raise typer.Exit(1)


def _give_patch(plan: Plan, where: str) -> None:
    from keepalived_upgrade.review.masking import clean
    from keepalived_upgrade.review.patch import holds_secret

    patch = plan.patch()
    if where == "-":
        sys.stdout.buffer.write(patch)
        sys.stdout.buffer.flush()
        return
    secret = holds_secret(patch)
    try:
        write_output(where, patch, private=secret)
    except OSError as error:
        raise InputError(
            f"the patch cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    note = " (it shows a password: readable by you only)" if secret else ""
    print(
        f"patch written to {clean(where)}{note}; try it with: git apply --check, or patch -p1 --dry-run",
        file=sys.stderr,
    )


def _give_page(plan: Plan, where: str) -> None:
    from keepalived_upgrade.cli.again import command_again
    from keepalived_upgrade.review.masking import clean

    page = plan.to_html(command_again("--write")).encode()
    if where == "-":
        sys.stdout.buffer.write(page)
        sys.stdout.buffer.flush()
        return
    try:
        write_output(where, page)
    except OSError as error:
        raise InputError(
            f"the page cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    print(f"page written to {clean(where)}; open it in a browser", file=sys.stderr)


def _render(plan: Plan, format: str, again: str, limit: int) -> str:
    if format == "json":
        return plan.to_json()
    if format == "sarif":
        from keepalived_upgrade.review.sarif import render_sarif

        return render_sarif(plan, folder=_below_here(plan.root))
    from keepalived_upgrade.review.markdown import render_markdown

    return render_markdown(plan, command=again, limit=limit)


def _below_here(root: str) -> str:
    """Give a root as seen from the working directory, which in CI is the checkout; "" when it lies elsewhere."""
    here = Path.cwd()
    return Path(root).relative_to(here).as_posix() if Path(root).is_relative_to(here) else ""


def _write(plan: Plan) -> None:
    id = plan.write()
    if not id:
        print("There was nothing to write.", file=sys.stderr)
        return
    root = "" if plan.root == "/" else f" --root {plan.root}"
    bundle = Path(plan.root) / "var/lib/keepalived-upgrade/undo" / id
    print(f"Written. The old files are in {bundle}; `keepalived-upgrade undo{root}` puts them back.", file=sys.stderr)
