"""`upgrade --interactive`: change by change, as `git add -p` asks; what makes sense only together is asked together."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Place
from keepalived_upgrade.review.summary import places_in_short
from keepalived_upgrade.selection import Unit, select, together, units_of

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Choices
    from keepalived_upgrade.plan import Plan
    from keepalived_upgrade.site import Site

HELP = """\
  y  take this change, and all that it goes with
  n  leave it out, and all that it goes with; says what then breaks
  a  take this and all further changes of this file
  m  take this and all further changes of this migration
  e  edit the new text first (in $VISUAL or $EDITOR); it is checked again
  b  go back to the change before
  w  why: what the release changed, and what this rewrite does
  u  leave it undecided and go on
  q  quit: nothing is written
  ?  this help
"""


class Quit(Exception):
    """The operator wants to stop; nothing is written."""


@dataclass(slots=True)
class Review:
    """One walk through a plan. ask gives the answer to a prompt (EOFError where nobody answers), say prints.

    show gives a unit's diff for the terminal; explain gives a migration's text, or "" where it has none.
    """

    plan: Plan
    site: Site
    ask: Callable[[str], str]
    say: Callable[[str], None]
    show: Callable[[Unit], str]
    explain: Callable[[str], str]
    daemon: str = ""
    units: list[Unit] = field(default_factory=list)
    answers: dict[int, bool] = field(default_factory=dict)

    def run(self) -> Plan | None:
        """Ask about every change, and give the plan of those taken; None when the operator quit or left one open."""
        self.units = list(units_of(self.plan))
        groups = together(self.plan, self.units)
        at = 0
        while at < len(self.units):
            unit = self.units[at]
            if unit.number in self.answers:
                at += 1
                continue
            at = self._ask_about(at, groups[unit.number])
        open_ones = [unit for unit in self.units if unit.number not in self.answers]
        if open_ones:
            self.say(f"{_count(len(open_ones), 'change')} left undecided; nothing is written.")
            return None
        return self.selected()

    def selected(self) -> Plan:
        """Give the plan of what was taken so far, with its proofs."""
        if all(self.answers.get(unit.number) for unit in self.units) and self.units == list(units_of(self.plan)):
            return self.plan
        return select(self.plan, self.site, [u for u in self.units if self.answers.get(u.number)], self.daemon)

    def _ask_about(self, at: int, group: frozenset[int]) -> int:
        """Ask about one change; give the place of the next one to ask about."""
        unit = self.units[at]
        self.say(self.show(unit))
        if len(group) > 1:
            self.say(self._together(group))
        while True:
            answer = self.ask(f"({at + 1}/{len(self.units)}) Take this change [y,n,a,m,e,b,w,u,q,?]? ").strip()[:1]
            if answer == "q":
                raise Quit
            if answer == "b":
                return self._back(at, group)
            if answer == "u":
                return at + 1
            if answer == "w":
                self.say("\n".join(filter(None, map(self.explain, sorted(unit.migrations)))) or _reasons(unit))
            elif answer == "e":
                self._edit(at)
            elif answer in ("y", "a", "m"):
                self._take(unit, answer, group)
                return at + 1
            elif answer == "n" and self._refuse(group):
                return at + 1
            elif answer != "n":
                self.say(HELP)

    def _take(self, unit: Unit, answer: str, group: frozenset[int]) -> None:
        groups = together(self.plan, self.units)
        taken = set(group)
        for other in self.units[unit.number :]:
            same_file = answer == "a" and other.file.path == unit.file.path
            if same_file or (answer == "m" and other.migrations & unit.migrations):
                taken |= groups[other.number]
        self.answers |= dict.fromkeys(taken, True)

    def _refuse(self, group: frozenset[int]) -> bool:
        """Leave a group out once it was said what then breaks; tell whether it was left out."""
        kept = [unit for unit in self.units if unit.number not in group and self.answers.get(unit.number, True)]
        broken = select(self.plan, self.site, kept, self.daemon).failed_proofs()
        for proof in broken:
            self.say(f"Without it the proof “{proof.name}” fails: {proof.detail}")
        if broken and self.ask("Leave it out all the same [y,N]? ").strip()[:1] != "y":
            return False
        self.answers |= dict.fromkeys(group, False)
        return True

    def _back(self, at: int, group: frozenset[int]) -> int:
        """Forget the answer to the change before this one, and to what it goes with."""
        groups = together(self.plan, self.units)
        before = next((u for u in reversed(self.units[:at]) if u.number not in group), None)
        if before is None:
            self.say("This is the first change.")
            return at
        for number in groups[before.number]:
            self.answers.pop(number, None)
        return min(groups[before.number])

    def _together(self, group: frozenset[int]) -> str:
        others = [self.units[number] for number in sorted(group)]
        places = places_in_short(list(dict.fromkeys(Place(unit.file.path, unit.line) for unit in others)))
        return f"Belongs together, and is taken or left out together: {_count(len(group), 'change')} ({places})"

    def _edit(self, at: int) -> None:
        unit = self.units[at]
        text = unit.change.new if unit.change is not None else unit.file.after
        edited = edit_text(text)
        if edited is None:
            self.say("The editor ended with an error; the change stays as it was.")
        elif edited != text:
            self.units[at] = _with_text(unit, edited)
            self.say(self.show(self.units[at]))
            kept = [one for one in self.units if self.answers.get(one.number, True)]
            for proof in select(self.plan, self.site, kept, self.daemon).failed_proofs():
                self.say(f"With this text the proof “{proof.name}” fails: {proof.detail}")


def review(site: Site, choices: Choices, plan_with: Callable[[Choices], Plan], daemon: str) -> Plan:
    """Ask on the terminal about every decision and every change, and give the plan of what was taken.

    Raises InputError where nobody can answer, and typer.Exit with 1 where the operator quit or left a change open.
    """
    import typer

    from keepalived_upgrade.catalogue import find_migration, read_text
    from keepalived_upgrade.cli.decisions import ask_choices
    from keepalived_upgrade.cli.terminal import show_diff

    def ask(prompt: str) -> str:
        try:
            return input(prompt)
        except EOFError as error:
            raise InputError("--interactive asks, and nobody answers", cure="Run it on a terminal.") from error

    def explain(id: str) -> str:
        return "" if id.startswith("names/") else read_text(find_migration(id))

    plan = plan_with(ask_choices(choices, plan_with, ask, print))
    walk = Review(plan, site, ask, print, lambda unit: show_diff(replace(plan, files=(unit.alone(),))), explain, daemon)
    try:
        taken = walk.run()
    except Quit:
        print("Nothing was written.")
        raise typer.Exit(1) from None
    if taken is None:
        raise typer.Exit(1)
    return taken


def edit_text(text: bytes) -> bytes | None:
    """Let the operator's editor change a text in a private file; None where the editor cannot be run or fails."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="keepalived-upgrade-") as folder:
        path = Path(folder) / "change"
        path.write_bytes(text)
        try:
            # A shell, because $EDITOR may hold options; git does the same.
            done = subprocess.run(["sh", "-c", f'{editor} "$1"', "sh", str(path)], check=False)
        except OSError:
            return None
        if done.returncode:
            return None
        return path.read_bytes()


def _with_text(unit: Unit, text: bytes) -> Unit:
    if unit.change is None:
        change = replace(unit.file.changes[0], new=text)
        return replace(unit, file=replace(unit.file, after=text, changes=(change,)))
    return replace(unit, change=replace(unit.change, new=text))


def _reasons(unit: Unit) -> str:
    return "\n".join(f"{migration}: {reason}" for migration, reason in unit.because)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
