"""The questions that an upgrade leaves to the operator, each with what its answers mean: cure, names, hooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Choices, MixedChoice
    from keepalived_upgrade.plan import Plan

MIXED = "v1_2_20/mixed_families"


@dataclass(frozen=True, slots=True)
class Question:
    """field: of MixedChoice. text: what is asked. answers: key → (value, what follows from it); the first is usual."""

    field: str
    text: str
    answers: dict[str, tuple[str, str]]


CURE = Question(
    "cure",
    "{name} holds IPv4 and IPv6 addresses, and the new release takes one family in an instance.",
    {
        "s": ("split", "two instances in one sync group; each family has an election of its own, names change"),
        "x": (
            "excluded",
            "one instance and one election as before; the other family's addresses are not in the advert. "
            "Old and new routers understand each other: choose it while they are upgraded one after the other",
        ),
    },
)
NAMES = Question(
    "names",
    "What shall the halves of {name} be called?",
    {
        "s": ("suffix", "{ipv4} and {ipv6}: nobody takes one for the other; scripts are changed to know both"),
        "k": ("keep", "{name} and {ipv6}: what nobody remembers still finds {name}, and sees IPv4 only"),
    },
)
NOTIFY = Question(
    "notify",
    "Who runs the notify scripts of {name}?",
    {
        "f": ("first", "the IPv4 half: each script runs once for a transition, as before"),
        "b": ("both", "both halves: each script runs twice; it must not mind"),
        "g": ("group", "the sync group: each script runs once, and is called with GROUP and the group's name"),
    },
)


def ask_choices(
    choices: Choices, plan_with: Callable[[Choices], Plan], ask: Callable[[str], str], say: Callable[[str], None]
) -> Choices:
    """Ask how each instance with both families is cured, and give the choices with the answers.

    plan_with: makes the plan under other choices, to find the instances and for previews. An empty answer keeps what
    the choices say already.
    """
    for name in _mixed_instances(choices, plan_with):

        def preview(choice: MixedChoice, so_far: Choices = choices, name: bytes = name) -> Plan:
            return plan_with(_with(so_far, name, choice))

        choice = _ask_one(CURE, name, choices.mixed_for(name), preview, ask, say)
        if choice.cure == "split":
            for question in (NAMES, NOTIFY):
                choice = _ask_one(question, name, choice, preview, ask, say)
        choices = _with(choices, name, choice)
    return choices


def _mixed_instances(choices: Choices, plan_with: Callable[[Choices], Plan]) -> list[bytes]:
    """The instances with both families: all that are renamed when every one is split."""
    split = {name: replace(choice, cure="split") for name, choice in choices.instances.items()}
    plan = plan_with(replace(choices, mixed=replace(choices.mixed, cure="split"), instances=split))
    return list(dict.fromkeys(rename.old for rename in plan.renames if rename.migration == MIXED))


def _with(choices: Choices, name: bytes, choice: MixedChoice) -> Choices:
    return replace(choices, instances={**choices.instances, name: choice})


def _folded(answer: str) -> str:
    """An answer in the terminal's width, its further lines below its text."""
    import shutil

    from keepalived_upgrade.review.cells import fold

    return "  " + "\n     ".join(fold(answer, shutil.get_terminal_size().columns - 5))


def _ask_one(
    question: Question,
    name: bytes,
    choice: MixedChoice,
    preview: Callable[[MixedChoice], Plan],
    ask: Callable[[str], str],
    say: Callable[[str], None],
) -> MixedChoice:
    from keepalived_upgrade.cli.terminal import show_diff

    shown = name.decode("utf-8", "backslashreplace")
    words = {"name": shown, "ipv4": choice.ipv4.format(name=shown), "ipv6": choice.ipv6.format(name=shown)}
    usual = next(key for key, (value, _) in question.answers.items() if value == getattr(choice, question.field))
    say("\n" + question.text.format(**words))
    for key, (value, means) in question.answers.items():
        say(_folded(f"{key}  {value}: {means.format(**words)}"))
    keys = ",".join(key.upper() if key == usual else key for key in question.answers)
    while True:
        answer = ask(f"{shown} [{keys}; p and a letter to preview]? ").strip().lower() or usual
        key = answer[1:].strip()[:1] if answer.startswith("p") else answer[:1]
        if key not in question.answers:
            continue
        chosen = replace(choice, **{question.field: question.answers[key][0]})
        if not answer.startswith("p"):
            return chosen
        say(show_diff(preview(chosen)))
