"""The answers of a dialogue, saved beside the configuration, so that the next run or host decides alike."""

from __future__ import annotations

import grp
import os
import posixpath
import pwd
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.choices import FILE, GivenChoices, update_choices
from keepalived_upgrade.cli.dialogue import Dialogue
from keepalived_upgrade.edits import Change
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.migration import MIXED_KEYS
from keepalived_upgrade.plan import FileChange
from keepalived_upgrade.review.masking import clean, show

if TYPE_CHECKING:
    from keepalived_upgrade.site import Site

_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Answers:
    """What an operator said in a dialogue. instances: name → key of MIXED_KEYS → value; skip: migrations of which no
    change was taken; accept: ids of findings; untouched: instances whose cure was refused, which is not saved.

    What was accepted holds for what was seen; on another host the same id would be another matter, so it is not saved.
    """

    instances: Mapping[bytes, Mapping[str, str]]
    skip: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()
    untouched: frozenset[bytes] = frozenset()

    def to_save(self) -> Answers:
        """Give what can be saved."""
        return replace(self, accept=frozenset())

    def __bool__(self) -> bool:
        return bool(self.instances or self.skip or self.accept)

    def over(self, given: GivenChoices) -> GivenChoices:
        """Give what was said before with these answers, each for its own instance."""
        lists = {
            key: tuple(sorted({*(getattr(given, key) or ()), *said})) if said else None
            for key, said in (("skip", self.skip), ("accept", self.accept))
        }
        return GivenChoices(instances=self.instances, **lists).over(given)  # type: ignore[arg-type]

    def for_all(self, given: GivenChoices) -> GivenChoices | None:
        """Give the same with the answers as the default; None where they do not hold for every instance."""
        different = {tuple(sorted(said.items())) for said in self.instances.values()}
        if len(different) != 1 or self.untouched:
            return None
        choices = replace(self, instances={}).over(given)
        choices = GivenChoices(dict(different.pop())).over(choices)
        known = choices.choices()
        apart = {
            name: said
            for name, said in self.instances.items()
            if any(getattr(known.mixed_for(name), MIXED_KEYS[key]) != value for key, value in said.items())
        }
        return GivenChoices(instances=apart).over(choices)

    def options(self) -> list[str]:
        """Give the words of a command line that say the same."""
        words = []
        for name, said in self.instances.items():
            shown = os.fsdecode(name)
            words += [word for key, value in said.items() for word in ("--instance", f"{shown}:{key}={value}")]
        words += [word for id in sorted(self.skip) for word in ("--skip", id)]
        return words + [word for id in sorted(self.accept) for word in ("--accept", id)]


def ask_saving(site: Site, known: GivenChoices, answers: Answers, dialogue: Dialogue) -> FileChange | None:
    """Ask whether to save the answers, and give the choices file as it is to be; None for no.

    known: what the file says. Raises Quit, and InputError where the file cannot be read.
    """
    path = posixpath.join(posixpath.dirname(site.config), FILE)
    choices = _ask_how(known, answers, dialogue)
    if choices is None:
        return None
    before = site.read(path) if os.path.lexists(site.outer(path)) else None
    try:
        text, kept = update_choices((before or b"").decode(), choices)
    except InputError as error:
        dialogue.say(f"The answers cannot be saved: {clean(error.reason)} {clean(error.cure)}", "bold red")
        return None
    if before is not None and text.encode() == before:
        dialogue.say(f"{clean(site.outer(path))} says all of this already.")
        return None
    dialogue.say(f"{clean(site.outer(path))} will hold:")
    dialogue.show("".join(f"    {show(line.encode())}\n" for line in text.splitlines()))
    if not kept:
        dialogue.say("Comments of the file as it is now are lost: what changes stands around them.", "bold red")
    if dialogue.choose("Save it", "yn", "y") == "n":
        return None
    return _change(site, path, before, text.encode())


def _ask_how(known: GivenChoices, answers: Answers, dialogue: Dialogue) -> GivenChoices | None:
    each, everywhere = answers.over(known), answers.for_all(known)
    names = ", ".join(clean(show(name)) for name in answers.instances)
    dialogue.say()
    dialogue.say("Save these answers, so that the next run and the next host decide alike without asking?", "bold")
    dialogue.say("no", head="  n  ")
    if answers.instances:
        dialogue.say(f"yes, for {names} alone", head="  i  ")
        if everywhere is not None:
            dialogue.say("yes, for every instance with both families", head="  d  ")
    else:
        dialogue.say("yes", head="  y  ")
    keys = "ny" if not answers.instances else "ni" if everywhere is None else "nid"
    answer = dialogue.choose("Save", keys, "n")
    return None if answer == "n" else everywhere if answer == "d" else each


def _change(site: Site, path: str, before: bytes | None, after: bytes) -> FileChange:
    change = Change(0, len(before or b""), after, (("choices/saved", "The answers of a dialogue."),))
    if before is not None:
        return FileChange(site.resolve(path) or path, before, after, (change,))
    status = site.status(site.config)
    owner, group = _names(status.st_uid if status else os.geteuid(), status.st_gid if status else os.getegid())
    return FileChange(path, None, after, (change,), _MODE, owner, group)


def _names(uid: int, gid: int) -> tuple[str, str]:
    """The names of a user and a group; those of root where they have none."""
    owner = group = "root"
    with suppress(KeyError):
        owner = pwd.getpwuid(uid).pw_name
    with suppress(KeyError):
        group = grp.getgrgid(gid).gr_name
    return owner, group


def cannot_save(site: Site) -> str:
    """Give why the choices file cannot be written, or "" where it seems that it can."""
    folder = site.outer(posixpath.dirname(site.config))
    if os.access(folder, os.W_OK | os.X_OK):
        return ""
    return f"{folder} cannot be written by this user"


def excused(reason: str, answers: Answers, dialogue: Dialogue) -> None:
    """Say why the answers are not saved, and which options say the same."""
    import shlex

    dialogue.say()
    dialogue.say(f"These answers cannot be saved: {clean(reason)}. These options say the same:")
    dialogue.show(f"    {clean(shlex.join(answers.options()))}\n")
