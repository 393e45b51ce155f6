"""What the commands that make a plan do with it: show it, give it as a patch, write it, and choose the exit status."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keepalived_upgrade.cli.options import Color, Format, ReportFormat, clear_progress
from keepalived_upgrade.cli.outputs import write_output
from keepalived_upgrade.errors import InputError, Interrupted

if TYPE_CHECKING:
    from keepalived_upgrade.plan import Plan


def give_plan(
    plan: Plan,
    *,
    patch: str,
    html: str = "",
    svg: str = "",
    format: Format | ReportFormat,
    color: Color,
    write: bool,
    check: bool,
    limit: int = 60_000,
    side_by_side: bool = False,
    pager: bool = True,
    effect: bool = False,
    walked: bool = False,
) -> None:
    """Carry out what the options ask for. patch, html, svg: a file, `-` for standard output, or "" for none.

    walked: the operator has seen every change, and is asked what comes next.

    Raises InputError, what Plan.write raises, and typer.Exit with 1 where check found something.
    """
    from keepalived_upgrade.cli.again import command_again
    from keepalived_upgrade.cli.terminal import draw_report, show_report
    from keepalived_upgrade.review.masking import clean

    clear_progress()
    if patch:
        _give_patch(plan, patch)
    if html:
        _give("page", plan.to_html(command_again("--write")), html)
    again = clean(command_again())
    if svg:
        _give("picture", draw_report(plan, again), svg)
    free = "-" not in (patch, html, svg)
    if free and format.value == "text":
        show_report(
            plan,
            again,
            color,
            side_by_side=side_by_side,
            pager=pager,
            writing=write or walked,
            diff=not walked,
            effect=effect,
        )
    elif free:
        sys.stdout.write(_render(plan, format.value, again, limit, effect))
    if write:
        write_and_say(plan)
        remind(plan)
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
    secret = holds_secret(patch, plan.secrets)
    try:
        write_output(where, patch, private=secret)
    except OSError as error:
        raise InputError(
            f"the patch cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    note = " (it shows a password, so only you can read it)" if secret else ""
    print(
        f"patch written to {clean(where)}{note}; try it with: git apply --check, or patch -p1 --dry-run",
        file=sys.stderr,
    )


def _give(what: str, text: str, where: str) -> None:
    """Write a page or a picture."""
    from keepalived_upgrade.review.masking import clean

    data = text.encode()
    if where == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_output(where, data)
    except OSError as error:
        raise InputError(
            f"the {what} cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    print(f"{what} written to {clean(where)}; open it in a browser", file=sys.stderr)


def _render(plan: Plan, format: str, again: str, limit: int, effect: bool) -> str:
    if format == "json":
        return plan.to_json(effect=effect)
    if format == "sarif":
        from keepalived_upgrade.cli.terminal import below_here
        from keepalived_upgrade.review.sarif import render_sarif

        return render_sarif(plan, folder=below_here(plan.root))
    from keepalived_upgrade.review.markdown import render_markdown

    return render_markdown(plan, command=again, limit=limit)


def reminder(plan: Plan) -> str:
    """Give what must be done before keepalived reads the new files."""
    return f"keepalived must be {plan.target} when it next reads these files: upgrade it before a reload or restart."


def remind(plan: Plan) -> None:
    """Say it behind what was written, where files of another release were."""
    if plan.files and plan.source != plan.target:
        print(reminder(plan), file=sys.stderr)


def write_or_say(plan: Plan) -> str:
    """Write the plan and give the id of its bundle. Raises what Plan.write raises, and Interrupted where Ctrl-C came
    when all was written: it is then not true that nothing was."""
    from keepalived_upgrade.writing import list_bundles

    known = {bundle.id for bundle in list_bundles(plan.root)}
    try:
        return plan.write()
    except KeyboardInterrupt:
        if any(bundle.id not in known and not bundle.interrupted for bundle in list_bundles(plan.root)):
            cure = f"`{_undo(plan)}` puts the old ones back."
            raise Interrupted("interrupted after all files were written", cure=cure) from None
        raise


def write_and_say(plan: Plan) -> None:
    """Write the plan, and say what was written and what takes it back. Raises what Plan.write raises."""
    from keepalived_upgrade.cli.terminal import below_here
    from keepalived_upgrade.review.masking import clean

    id = write_or_say(plan)
    if not id:
        print("There was nothing to write.", file=sys.stderr)
        return
    bundle = Path(below_here(plan.root) or plan.root) / "var/lib/keepalived-upgrade/undo" / id
    said = f"Written. The old files are in {bundle}; `{_undo(plan)}` puts them back. keepalived was not restarted."
    print(clean(said), file=sys.stderr)


def _undo(plan: Plan) -> str:
    from keepalived_upgrade.cli.terminal import below_here

    root = below_here(plan.root) or plan.root
    return shlex.join(["keepalived-upgrade", "undo", *(() if root == "/" else ("--root", root))])
