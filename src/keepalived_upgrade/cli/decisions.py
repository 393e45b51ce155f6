"""The questions that an upgrade leaves to the operator, each with what its answers mean: cure, names, hooks; and what
must be accepted before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.choices import GivenChoices
from keepalived_upgrade.cli.dialogue import Dialogue, Quit
from keepalived_upgrade.migration import MIXED_KEYS, Choices
from keepalived_upgrade.review.masking import clean, mask, show
from keepalived_upgrade.review.summary import count, group_findings, places_in_short

if TYPE_CHECKING:
    from keepalived_upgrade.findings import Finding
    from keepalived_upgrade.plan import Plan

MIXED = "v1_2_20/mixed_families"
Answers = dict[bytes, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """key: of MIXED_KEYS. text: what is asked. answers: key → (value, what follows from it)."""

    key: str
    text: str
    answers: dict[str, tuple[str, str]]


CURE = Question(
    "mixed",
    "{name} holds IPv4 and IPv6 addresses, and from keepalived 1.2.20 an instance has one family. What becomes of it?",
    {
        "s": (
            "split",
            "two instances in one sync group. Each family has an election of its own, and the names change. A router "
            "that still runs the old release does not understand it",
        ),
        "x": (
            "excluded",
            "one instance, name and election as before; the IPv6 addresses are no longer in the advert. Old and new "
            "routers understand each other: choose it while they are upgraded one after the other",
        ),
    },
)
NAMES = Question(
    "names",
    "What shall the halves of {name} be called?",
    {
        "s": ("suffix", "{ipv4} and {ipv6}. Nobody takes one for the other; scripts are changed to know both"),
        "k": ("keep", "{name} and {ipv6}. What nobody remembers still finds {name}, and sees IPv4 only"),
    },
)
NOTIFY = Question(
    "notify",
    "Who runs the notify scripts of {name}?",
    {
        "f": ("first", "the IPv4 half. Each script runs once for a transition, as before"),
        "t": ("both", "both halves. Each script runs twice, and must not mind"),
        "g": ("group", "the sync group. Each script runs once, and is called with GROUP and the group's name"),
    },
)
_QUESTIONS = (CURE, NAMES, NOTIFY)


@dataclass(slots=True)
class Decisions:
    """Asks what is not said yet. given: what is said, in a file or on the command line; plan_with: makes a plan."""

    given: GivenChoices
    plan_with: Callable[[Choices], Plan]
    dialogue: Dialogue

    def ask(self) -> Answers:
        """Ask how each instance with both families is cured, and give what was answered. Raises Quit."""
        plan = self._when_split()
        names = list(dict.fromkeys(rename.old for rename in plan.renames if rename.migration == MIXED))
        instances = plan.overview_before.instances if plan.overview_before is not None else ()
        hooks = {one.name: any(hook.event.startswith(b"notify") for hook in one.hooks) for one in instances}
        answers: Answers = {}
        at = 0
        while at < len(names):
            name = names[at]
            said = self._ask_instance(name, hooks.get(name, True), answers, bool(at))
            if said is None:
                at -= 1
                answers.pop(names[at], None)
                continue
            answers[name] = said
            at += 1
            others = names[at:]
            # An instance without hooks was not asked who runs them, so its answers say nothing of those that have some.
            split = {**self._said(name), **said}.get("mixed") == "split"
            whole = not split or hooks.get(name, True) or not any(hooks.get(other, True) for other in others)
            if at == 1 and said and others and whole and self._same_for(others, said):
                answers |= {other: self._unsaid(other, said) for other in others}
                at = len(names)
        return {name: said for name, said in answers.items() if said}

    def _when_split(self) -> Plan:
        """The plan in which every instance with both families is split, and so renamed."""
        choices = self.given.choices()
        split = {name: replace(choice, cure="split") for name, choice in choices.instances.items()}
        return self.plan_with(replace(choices, mixed=replace(choices.mixed, cure="split"), instances=split))

    def _said(self, name: bytes) -> Mapping[str, str]:
        """What was said of an instance, before this run or for all."""
        return {**self.given.mixed, **self.given.instances.get(name, {})}

    def _unsaid(self, name: bytes, answers: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in answers.items() if key not in self._said(name)}

    def _same_for(self, others: list[bytes], said: Mapping[str, str]) -> bool:
        words = ", ".join(said.values())
        listed = ", ".join(clean(show(name)) for name in others)
        self.dialogue.say(f"{count(len(others), 'more instance')} with both families: {listed}")
        return self.dialogue.choose(f"The same for {'it' if len(others) == 1 else 'them'} ({words})", "yn", "y") == "y"

    def _ask_instance(self, name: bytes, hooks: bool, so_far: Answers, can_go_back: bool) -> dict[str, str] | None:
        """Ask what is not said yet of one instance; None to go back to the one before."""
        said: dict[str, str] = {}
        asked: list[Question] = []
        at = 0
        known = self._said(name)
        while True:
            cure = {**known, **said}.get("mixed", "split")
            due = [q for q in _QUESTIONS if q.key not in known and (q is CURE or cure == "split")]
            due = [q for q in due if hooks or q is not NOTIFY]
            if at >= len(due):
                break
            answer = self._ask_one(due[at], name, said, so_far, bool(at) or can_go_back)
            if answer is None and not at:
                return None
            if answer is None:
                at -= 1
                said.pop(due[at].key, None)
                continue
            said[due[at].key] = answer
            asked.append(due[at])
            at += 1
        if not asked and known:
            words = ", ".join(known[key] for key in MIXED_KEYS if key in known)
            where = f"in {clean(self.given.path)}" if self.given.path else "on the command line"
            self.dialogue.say(f"{clean(show(name))}: {words}, as it is said {where}.")
        return said

    def _ask_one(
        self, question: Question, name: bytes, said: Mapping[str, str], so_far: Answers, back: bool
    ) -> str | None:
        shown = clean(show(name))
        choice = self._choices(so_far, name, said).mixed_for(name)
        words = {"name": shown, "ipv4": choice.ipv4.format(name=shown), "ipv6": choice.ipv6.format(name=shown)}
        value = getattr(choice, MIXED_KEYS[question.key])
        usual = next(key for key, (answer, _) in question.answers.items() if answer == value)
        self.dialogue.say()
        self.dialogue.say(question.text.format(**words), "bold")
        for key, (answer, means) in question.answers.items():
            self.dialogue.say(f"{answer}: {means.format(**words)}.", head=f"  {key}  ")
        previews = [f"p{key}" for key in question.answers]
        self.dialogue.say("show what it changes.", head=f"  {', '.join(previews)}  ")
        self.dialogue.say("go back." if back else "quit: nothing is written.", head="  b  " if back else "  q  ")
        keys = ",".join([*question.answers, *previews, *["b"] * back, "q"])
        while True:
            typed = self.dialogue.ask(f"{shown} [{keys}; Enter: {usual}]? ").lower() or usual
            if typed == "q":
                raise Quit
            if typed == "b" and back:
                return None
            key = typed[1:].strip() if typed.startswith("p") else typed
            if key not in question.answers:
                continue
            answer = question.answers[key][0]
            if not typed.startswith("p"):
                return answer
            self._preview(self._choices(so_far, name, {**said, question.key: answer}), name)

    def _preview(self, choices: Choices, name: bytes) -> None:
        from keepalived_upgrade.grouping import groups_of, names_of
        from keepalived_upgrade.selection import files_with, units_of

        plan = self.plan_with(choices)
        groups = groups_of(plan, units_of(plan))
        shown = [unit for group in groups if name in names_of(group) for unit in group]
        self.dialogue.show_files(files_with(shown))

    def _choices(self, so_far: Answers, name: bytes, said: Mapping[str, str]) -> Choices:
        return GivenChoices(instances={**so_far, name: said}).over(self.given).choices()


def ask_open(plan: Plan, dialogue: Dialogue, explain: Callable[[str], str]) -> frozenset[str]:
    """Ask about each decision that is open, and give the ids of those accepted. explain: gives a finding's text.

    Raises Quit.
    """
    by_id: dict[str, list[Finding]] = {}
    for finding in plan.decisions():
        by_id.setdefault(finding.id, []).append(finding)
    if by_id:
        dialogue.say()
        dialogue.say(f"{count(len(plan.decisions()), 'decision')} to take before anything is written:", "bold")
    return frozenset(id for id, findings in by_id.items() if _is_accepted(id, findings, dialogue, explain))


def _is_accepted(id: str, findings: list[Finding], dialogue: Dialogue, explain: Callable[[str], str]) -> bool:
    for finding, places in group_findings(findings):
        dialogue.say()
        dialogue.say(clean(places_in_short(places)), "bold")
        dialogue.say(mask(clean(finding.message)), head="  ")
        dialogue.say(mask(clean(finding.cure)), head="  → ")
    what = "it" if len(findings) == 1 else f"all {len(findings)}"
    dialogue.say(f"accept {what}: you have seen to it, or it does not matter here.", head="  a  ")
    dialogue.say(f"leave {what} open: then nothing is written.", head="  o  ")
    dialogue.say("why this must be decided.", head="  w  ")
    while (answer := dialogue.choose(clean(id), "aow")) == "w":
        dialogue.say(explain(id) or "There is no more to say of it than that.")
    return answer == "a"
