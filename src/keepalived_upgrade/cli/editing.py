"""A change of a plan in the operator's editor: as whole lines, in a private file."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from keepalived_upgrade.selection import Unit


def with_whole_lines(unit: Unit, units: Iterable[Unit]) -> Unit:
    """Give the unit widened to whole lines, which read better; as it is where another of the units shares a line."""
    change, before = unit.change, unit.file.before
    if change is None or before is None:
        return unit
    start, end = before.rfind(b"\n", 0, change.start) + 1, change.end
    head = before[start : change.start] + change.new
    # It ends with a line already where whole lines are deleted, replaced, or put between two others.
    if head[-1:] not in (b"", b"\n") or before[end - 1 : end] not in (b"", b"\n"):
        end = before.find(b"\n", end) + 1 or len(before)
    for other in units:
        if other.number == unit.number or other.file.path != unit.file.path or other.change is None:
            continue
        if other.change.start <= end and start <= other.change.end:
            return unit
    return replace(unit, change=replace(change, start=start, end=end, new=head + before[change.end : end]))


def with_text(unit: Unit, text: bytes) -> Unit:
    """Give the unit with another new text."""
    if unit.change is None:
        change = replace(unit.file.changes[0], new=text)
        return replace(unit, file=replace(unit.file, after=text, changes=(change,)))
    return replace(unit, change=replace(unit.change, new=text))


def edit_text(text: bytes, path: str = "") -> bytes | None:
    """Let the operator's editor change a text in a private file; None where the editor cannot be run or fails.

    path: whose text it is; the editor takes its colours from the name.
    """
    from keepalived_upgrade.cli.terminal import leaving_interrupts

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="keepalived-upgrade-") as folder:
        file = Path(folder) / (path.rpartition("/")[2] or "change")
        file.write_bytes(text)
        try:
            # A shell, because $EDITOR may hold options; git does the same.
            command = ["/bin/sh", "-c", f'{editor} "$1"', "sh", str(file)]
            with subprocess.Popen(command) as running, leaving_interrupts():
                status = running.wait()
        except OSError:
            return None
        if status:
            return None
        return file.read_bytes()
