"""`upgrade --interactive`: change by change, as `git add -p` asks; what makes sense only together is asked together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.cli.dialogue import PROSE, Dialogue
from keepalived_upgrade.cli.editing import edit_text, with_text, with_whole_lines
from keepalived_upgrade.grouping import groups_of, names_of, why_together
from keepalived_upgrade.review.masking import clean, mask
from keepalived_upgrade.review.summary import count
from keepalived_upgrade.selection import Unit, files_with, select, units_of

if TYPE_CHECKING:
    from keepalived_upgrade.plan import Plan, Proof
    from keepalived_upgrade.site import Site

Group = tuple[Unit, ...]
_KEYS = "ynamebwuq?"
_INTRODUCTION = (
    "Each change is shown with its reason: y takes it, n leaves it out, w says why it is needed, ? lists all answers. "
    "Nothing is written before the end."
)
_HELP = {
    "y": "take it",
    "n": "leave it out; says what then breaks",
    "a": "take it, and all further changes of {files}",
    "m": "take it, and all further changes of {migrations}",
    "e": "edit the new text first, in $VISUAL, $EDITOR or vi; it is checked again",
    "b": "go back to the change before",
    "w": "why: what the release changed, and what this rewrite does and does not do",
    "u": "leave it undecided and go on; you are asked again at the end",
    "q": "quit: nothing is written",
    "?": "this help",
}


@dataclass(slots=True)
class Review:
    """One walk through a plan.

    plan_without: makes the plan again, without these migrations, without the cures of these instances, and with this
    daemon. explain: gives a migration's text, "" where it has none. daemon: as for `upgrade`.
    """

    plan: Plan
    site: Site
    dialogue: Dialogue
    plan_without: Callable[[frozenset[str], frozenset[bytes], str], Plan]
    explain: Callable[[str], str]
    daemon: str = ""
    groups: tuple[Group, ...] = ()
    answers: dict[int, bool] = field(default_factory=dict)
    edited: dict[int, Unit] = field(default_factory=dict)

    def run(self) -> Plan | None:
        """Ask about every change, and give the plan of those taken; None when one was left undecided.

        Raises Quit.
        """
        self.groups = groups_of(self.plan, units_of(self.plan))
        if self.groups:
            self.dialogue.say()
            self.dialogue.say(_INTRODUCTION)
        at = 0
        while True:
            while at < len(self.groups):
                at = self._ask_about(at) if at not in self.answers else at + 1
            open_ones = [at for at in range(len(self.groups)) if at not in self.answers]
            if not open_ones and self._is_settled():
                return self._selected(self.answers, self.daemon)
            if not open_ones:
                at = self._back(len(self.groups))
                continue
            self.dialogue.say(f"{count(len(open_ones), 'change')} left undecided.", "bold")
            if self.dialogue.choose("Decide now", "yn", "y") == "n":
                return None
            at = open_ones[0]

    def refused(self) -> frozenset[str]:
        """Give the migrations of which no change is kept."""
        return self._left_out(self.answers)[0]

    def untouched(self) -> frozenset[bytes]:
        """Give the instances whose cure was left out."""
        return self._left_out(self.answers)[1]

    def beyond_choices(self) -> tuple[Unit, ...]:
        """Give the units whose fate no choice can say: edited, or left out while others of their migration are kept."""
        refused = self.refused()
        left = [unit for at, group in enumerate(self.groups) if not self.answers.get(at, True) for unit in group]
        return (*self.edited.values(), *(unit for unit in left if not refused & unit.migrations))

    def _ask_about(self, at: int) -> int:
        """Ask about one group; give the place of the next one to ask about."""
        group = self._current(at)
        self._show(group)
        what = "this change" if len(group) == 1 else f"these {len(group)} changes"
        while True:
            answer = self.dialogue.choose(f"({at + 1}/{len(self.groups)}) Take {what}", _KEYS[:-2] + "?")
            if answer == "b" and at:
                return self._back(at)
            if answer == "b":
                self.dialogue.say("This is the first change.")
            elif answer == "u":
                return at + 1
            elif answer == "w":
                self._say_why(group)
            elif answer == "e":
                self._edit(at)
                group = self._current(at)
            elif answer in "yam":
                self._take(at, answer)
                return at + 1
            elif answer == "n":
                if self._refuse(at):
                    return at + 1
            else:
                self._help(group)

    def _back(self, at: int) -> int:
        self.answers.pop(at - 1, None)
        return at - 1

    def _is_settled(self) -> bool:
        """Tell whether to go on. It is asked only where something was left out: the last change must not end it all."""
        out = sum(not taken for taken in self.answers.values())
        if not out:
            return True
        prompt = f"{count(len(self.groups) - out, 'change')} taken, {out} left out; b goes back. Go on"
        return self.dialogue.choose(prompt, "yb", "y") == "y"

    def _current(self, at: int) -> Group:
        return tuple(self.edited.get(unit.number, unit) for unit in self.groups[at])

    def _show(self, group: Group) -> None:
        dialogue = self.dialogue
        dialogue.show_files(files_with(group))
        dialogue.say()
        if len(group) > 1:
            names = any(migration.startswith("names/") for unit in group for migration in unit.migrations)
            why = ": a new name, and what follows it" if names else ""
            dialogue.say(f"These {len(group)} changes make sense only together{why}. Take all of them or none.")
            for reason in why_together(self.plan, group):
                dialogue.say(_plain(reason))

    def _take(self, at: int, answer: str) -> None:
        group = self.groups[at]
        paths, migrations = {unit.file.path for unit in group}, _migrations(group)
        self.answers[at] = True
        for further in range(at + 1, len(self.groups)):
            same_file = answer == "a" and any(unit.file.path in paths for unit in self.groups[further])
            if same_file or (answer == "m" and migrations & _migrations(self.groups[further])):
                self.answers.setdefault(further, True)

    def _refuse(self, at: int) -> bool:
        """Leave a group out once it was said what then breaks; tell whether it was left out."""
        self.dialogue.say("Left out, and what it would have done stays undone:")
        for migration in sorted(_migrations(self.groups[at])):
            if consequence := old_form(self.explain(migration)):
                self.dialogue.say(f"{migration}: {consequence}", head="  ")
        broken = self._broken({**self.answers, at: False})
        for proof in broken:
            self.dialogue.say(f"Without it the proof “{proof.name}” fails: {_plain(proof.detail)}", "bold red")
        if broken and self.dialogue.choose("Leave it out all the same", "yn", "n") != "y":
            return False
        self.answers[at] = False
        return True

    def _broken(self, answers: dict[int, bool]) -> tuple[Proof, ...]:
        """The proofs that fail for what is left; the daemon is asked at the end."""
        undecided = {at: answers.get(at, True) for at in range(len(self.groups))}
        return self._selected(undecided, "").failed_proofs()

    def _selected(self, answers: dict[int, bool], daemon: str) -> Plan:
        """Give the plan of what these answers take, with its proofs.

        What a migration wholly left out would have found is no finding either, so the plan is then made without it; and
        without the cure of an instance that is left out.
        """
        kept = [unit for at, group in enumerate(self.groups) if answers.get(at) for unit in group]
        if len(kept) == sum(map(len, self.groups)) and not self.edited:
            return self.plan
        refused, untouched = self._left_out(answers)
        without = frozenset(m for m in refused if not m.startswith("names/"))
        plan = self.plan_without(without, untouched, daemon) if without or untouched else self.plan
        again = {_key(unit): unit for unit in units_of(plan)}
        if not all(_key(unit) in again for unit in kept):
            plan = self.plan  # a later migration found another text: keep what was shown
            again = {_key(unit): unit for unit in units_of(plan)}
        if len(kept) == len(again) and not self.edited:
            return plan
        chosen = [replace(self.edited.get(unit.number, unit), number=again[_key(unit)].number) for unit in kept]
        return select(plan, self.site, chosen, daemon, untouched)

    def _left_out(self, answers: dict[int, bool]) -> tuple[frozenset[str], frozenset[bytes]]:
        """The migrations and the names of which these answers take no change."""
        every = [unit for group in self.groups for unit in group]
        taken = [unit for at, group in enumerate(self.groups) if answers.get(at, True) for unit in group]
        return _migrations(every) - _migrations(taken), frozenset(names_of(every)) - frozenset(names_of(taken))

    def _edit(self, at: int) -> None:
        group = self._current(at)
        unit = group[self._which(group)]
        whole = with_whole_lines(unit, [one for other in self.groups for one in other])
        text = whole.change.new if whole.change is not None else whole.file.after
        edited = edit_text(text, unit.file.path)
        if edited is None:
            self.dialogue.say("The editor ended with an error; the change stays as it was.")
        elif edited == text:
            self.dialogue.say("Nothing was edited.")
        else:
            self.edited[unit.number] = with_text(whole, edited)
            self._show(self._current(at))
            for proof in self._broken({**self.answers, at: True}):
                self.dialogue.say(f"With this text the proof “{proof.name}” fails: {_plain(proof.detail)}", "bold red")

    def _which(self, group: Group) -> int:
        if len(group) == 1:
            return 0
        for number, unit in enumerate(group, 1):
            place = f"{clean(unit.file.path)}:{unit.line}"
            self.dialogue.say(f"{place}  {_plain(unit.because[0][1])}", head=f"  {number}  ")
        while True:
            answer = self.dialogue.ask(f"Edit which of them [1-{len(group)}]? ")
            if answer.isdecimal() and 0 < int(answer) <= len(group):
                return int(answer) - 1

    def _say_why(self, group: Group) -> None:
        from keepalived_upgrade.review.prose import render_prose

        for migration in sorted(_migrations(group)):
            if text := self.explain(migration):
                width = min(PROSE, self.dialogue.width or PROSE)
                self.dialogue.show(f"\n{render_prose(text, color=self.dialogue.color, width=width)}\n")
        for migration, reason in dict.fromkeys(why for unit in group for why in unit.because):
            self.dialogue.say(f"{migration}: {_plain(reason)}")

    def _help(self, group: Group) -> None:
        files = ", ".join(dict.fromkeys(clean(unit.file.path) for unit in group))
        migrations = ", ".join(sorted(_migrations(group)))
        for key, text in _HELP.items():
            self.dialogue.say(text.format(files=files, migrations=migrations), head=f"  {key}  ")


def old_form(text: str) -> str:
    """Give the paragraph of a migration's text that says what the new release does with the old form, or ""."""
    _, _, rest = text.partition("**What the new release does with the old form.**")
    return " ".join(rest.partition("\n\n")[0].split())


def _migrations(group: Iterable[Unit]) -> frozenset[str]:
    return frozenset(migration for unit in group for migration in unit.migrations)


def _key(unit: Unit) -> tuple[str, int, int, bytes]:
    change = unit.change
    return (unit.file.path, change.start, change.end, change.new) if change else (unit.file.path, 0, 0, unit.file.after)


def _plain(text: str) -> str:
    return mask(clean(text))
