"""How a report is shown on a terminal: its width and colours, and the pager."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from keepalived_upgrade.cli.options import Color

if TYPE_CHECKING:
    import subprocess

    from keepalived_upgrade.plan import Plan

# What git gives to less: leave if it fits on one screen, keep colours, leave the text on the screen.
_LESS = "FRX"
_WIDTH_OF_A_FILE = 160
_WIDTH_OF_A_PICTURE, _MOST_LINES = 100, 400


def show_report(
    plan: Plan,
    again: str,
    color: Color,
    *,
    side_by_side: bool,
    pager: bool,
    writing: bool,
    diff: bool = True,
    effect: bool = False,
) -> None:
    """Print the report of a plan, with a pager on a terminal. again: the command that made the plan.

    writing: the caller says itself what comes next. diff: False leaves it out. effect: with the table that compares
    what keepalived does before and after.
    """
    import shutil

    from keepalived_upgrade.review.diff_rows import SIDE_BY_SIDE
    from keepalived_upgrade.review.terminal import render_report

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((_WIDTH_OF_A_FILE, 24)).columns if terminal or side_by_side else 0
    if side_by_side and width < SIDE_BY_SIDE:
        print(f"Side by side needs {SIDE_BY_SIDE} columns, and here are {width}.", file=sys.stderr)
    text = render_report(
        plan,
        color=wants_color(color),
        width=width,
        side_by_side=side_by_side,
        writing=writing,
        command=again,
        diff=diff,
        root=below_here(plan.root),
    )
    if effect:
        from keepalived_upgrade.cli.effect import show_comparison

        text += show_comparison(plan)
    # A pager before --write would leave open whether leaving it stops the writing.
    if terminal and pager and not writing and page(text, "leaves"):
        return
    sys.stdout.write(text)


def draw_report(plan: Plan, again: str) -> str:
    """Give the report as a picture: as wide as $COLUMNS and at most as long as $LINES, whatever the terminal is."""
    from keepalived_upgrade.review.terminal import render_picture

    width, most = _size("COLUMNS", _WIDTH_OF_A_PICTURE, 40), _size("LINES", _MOST_LINES, 2)
    return render_picture(plan, width=width, most=most, command=again, root=below_here(plan.root))


def _size(name: str, usual: int, least: int) -> int:
    said = os.environ.get(name, "")
    return max(least, int(said)) if said.isdecimal() else usual


def below_here(root: str) -> str:
    """Give a root as seen from the working directory when it lies below it, else ""."""
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return ""
    return str(Path(root).relative_to(here)) if root != "/" and Path(root).is_relative_to(here) else ""


def wants_color(color: Color) -> bool:
    """Tell whether standard output gets colours: on a terminal, unless NO_COLOR is set (no-color.org) or it is dumb."""
    terminal = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return color is Color.ALWAYS or (color is Color.AUTO and terminal)


def page(text: str, leaving: str = "") -> bool:
    """Show the text in a pager, chosen as git does. False when there is none to be used.

    leaving: what leaving the pager leads to, for less to say.
    """
    import subprocess

    chosen = os.environ.get("KEEPALIVED_UPGRADE_PAGER", os.environ.get("PAGER", "less"))
    if chosen in ("", "cat"):
        return False
    prompt = f"Ps Space reads on, q {leaving} $" if leaving else ""
    environment = {"LESS": _LESS + prompt, **os.environ}
    try:
        with subprocess.Popen(["/bin/sh", "-c", chosen], stdin=subprocess.PIPE, env=environment) as process:
            return _feed(process, text)
    except OSError:
        return False


def _feed(process: subprocess.Popen[bytes], text: str) -> bool:
    """Give the text to the pager and wait for it."""
    with leaving_interrupts():
        with contextlib.suppress(BrokenPipeError):
            process.communicate(text.encode("utf-8", "backslashreplace"))
        # 126 and 127: the shell found no such program.
        return process.wait() not in (126, 127)


@contextlib.contextmanager
def leaving_interrupts() -> Iterator[None]:
    """Leave Ctrl-C to the program that is run meanwhile, a pager or an editor: less and vi take it themselves."""
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
