"""`upgrade --interactive` from its first question to the last: nothing is written before all of them are answered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import typer

from keepalived_upgrade.cli.dialogue import Dialogue, Quit
from keepalived_upgrade.cli.interactive import Review
from keepalived_upgrade.cli.saving import Answers, ask_saving, cannot_save, excused
from keepalived_upgrade.review.cells import fold_command
from keepalived_upgrade.review.masking import clean
from keepalived_upgrade.review.summary import next_step

if TYPE_CHECKING:
    from keepalived_upgrade.choices import GivenChoices
    from keepalived_upgrade.migration import Choices
    from keepalived_upgrade.plan import FileChange, Plan
    from keepalived_upgrade.site import Site


@dataclass(slots=True)
class Session:
    """given: what is said before the first question, known: what the site's choices file says of it.

    plan_with: makes a plan under choices and with a daemon. give: shows the plan as the options ask. write: --write
    was given. elsewhere: where the choices came from if not from the site's file, "" for that.
    offers: whether to ask about writing and saving; not where the plan goes to a file.
    """

    site: Site
    given: GivenChoices
    known: GivenChoices
    plan_with: Callable[[Choices, str], Plan]
    give: Callable[[Plan], None]
    daemon: str
    dialogue: Dialogue
    write: bool = False
    offers: bool = True
    elsewhere: str = ""
    answers: Answers = field(default_factory=lambda: Answers({}))

    def run(self) -> None:
        """Ask, show, save and write. Raises typer.Exit with 1 where the operator quit or left a change open."""
        try:
            plan, repeatable = self._decide()
            self.give(plan)
            saved = self._ask_saving(self.answers.to_save()) if self.answers.to_save() else None
            write = self.write or (self.offers and self._ask_writing(plan))
        except Quit:
            self.dialogue.say("Nothing was written, every file is as it was.")
            raise typer.Exit(1) from None
        self._act(plan, saved, write, repeatable)

    def _decide(self) -> tuple[Plan, bool]:
        """Ask about everything. Gives the plan of what was taken, and whether choices alone make it again."""
        from keepalived_upgrade.cli.decisions import MIXED, Decisions, ask_open
        from keepalived_upgrade.cli.terminal import below_here
        from keepalived_upgrade.engine import accept_findings
        from keepalived_upgrade.migration import Choices
        from keepalived_upgrade.review.terminal import render_summary

        first = self.plan_with(self.given.choices(), "")
        if first.files or first.decisions():
            root = below_here(first.root)
            self.dialogue.show(render_summary(first, color=self.dialogue.color, width=self.dialogue.width, root=root))
        self.answers = Answers(Decisions(self.given, lambda c: self.plan_with(c, ""), self.dialogue).ask())

        def plan_without(ids: frozenset[str], untouched: frozenset[bytes], daemon: str) -> Plan:
            choices = replace(self.answers, skip=ids).over(self.given).choices()
            return self.plan_with(replace(choices, untouched=untouched), daemon)

        plan = plan_without(frozenset(), frozenset(), self.daemon)
        walk = Review(plan, self.site, self.dialogue, plan_without, _explain, self.daemon)
        taken = walk.run()
        if taken is None:
            raise Quit
        skip = frozenset(id for id in walk.refused() if not id.startswith("names/"))
        accept = ask_open(taken, self.dialogue, _explain)
        untouched = walk.untouched()
        out = self.answers.instances if MIXED in skip else untouched
        instances = {name: said for name, said in self.answers.instances.items() if name not in out}
        self.answers = Answers(instances, skip, accept, untouched)
        findings = accept_findings(taken.findings, Choices(accept=accept))
        return replace(taken, findings=findings), not walk.beyond_choices()

    def _ask_saving(self, answers: Answers) -> FileChange | None:
        if not self.offers:
            return None
        if reason := self.elsewhere or cannot_save(self.site):
            excused(reason, answers, self.dialogue)
            return None
        return ask_saving(self.site, self.known, answers, self.dialogue)

    def _ask_writing(self, plan: Plan) -> bool:
        from keepalived_upgrade.cli.plans import reminder

        if not plan.files or plan.decisions() or plan.failed_proofs():
            self.dialogue.say()
            self.dialogue.say(next_step(plan).text, "bold red" if plan.files else "")
            return False
        self.dialogue.say()
        self.dialogue.say(reminder(plan))
        what = "this file" if len(plan.files) == 1 else f"these {len(plan.files)} files, all or none"
        return self.dialogue.choose(f"Write {what}", "yn", "n") == "y"

    def _act(self, plan: Plan, saved: FileChange | None, write: bool, repeatable: bool) -> None:
        from keepalived_upgrade.cli.again import command_again
        from keepalived_upgrade.cli.plans import remind, write_and_say, write_or_say

        if write:
            files = (*plan.files, *((saved,) if saved is not None else ()))
            write_and_say(replace(plan, files=tuple(sorted(files, key=lambda file: file.path))))
            if self.write:  # else it was said before the question
                remind(plan)
            return
        if saved is not None:
            write_or_say(replace(plan, files=(saved,), findings=(), proofs=(), read=(), modes=(), globs=()))
            print(clean(f"Saved {self.site.outer(saved.path)}. No other file was written."), file=sys.stderr)
        elif self.offers and plan.files:
            self.dialogue.say("Nothing was written, every file is as it was.")
        if not plan.files or not self.offers:
            return
        said = self.answers if saved is None else Answers({}, accept=self.answers.accept)
        words = said.options()
        again = command_again(*words, "--write") if repeatable else command_again("--interactive", "--write")
        self.dialogue.say("To write it later:")
        width = self.dialogue.width and self.dialogue.width - 2
        self.dialogue.show("".join(f"  {line}\n" for line in fold_command(clean(again), width)))


def _explain(id: str) -> str:
    from keepalived_upgrade.explanations import find_explanation

    found = find_explanation(id)
    return found.text if found is not None else ""
