"""A rename of the user's own, carried through the configuration and everything that depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from keepalived_upgrade.carrying import plan_carrying
from keepalived_upgrade.conf.tree import Statement, Word
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.calls import SPOKEN
from keepalived_upgrade.model.commands import NOTIFY, Command, command_words, commands
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.references import (
    KINDS,
    Reference,
    comments_on,
    definitions_of,
    member_words,
    named_arguments,
    references_to,
)
from keepalived_upgrade.names import TOLD, NewName, Rename
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import members_between, not_editable, quote_word, remove_lines, replace_word, show
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import Work, read_views

ID = "rename"
_REFUSED = frozenset(b" \t\r\n\"'#!{}$\\|;&()<>`*?[]/")


@dataclass(frozen=True, slots=True)
class Renaming:
    """old becomes new, one name or more. kind: of model.references.KINDS. shared: the other kind of instance and
    group that has the old name as well and keeps it, or ""."""

    kind: str
    old: bytes
    new: tuple[bytes, ...]
    shared: str = ""

    def reason(self) -> str:
        """Say why something changes."""
        return f"{show(self.old)} is now {' and '.join(show(name) for name in self.new)}."


def rename(
    site: Site,
    release: Release,
    old: bytes,
    new: Sequence[bytes],
    *,
    kind: str = "",
    accept: Iterable[str] = (),
    scripts: Sequence[str] = (),
    daemon: str = "auto",
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Plan a rename; nothing is written.

    new: one name, or several that a block was already split into by hand: then the definition of old is gone (or one
    of the new names is the old one), and only what refers to it changes. kind: "instance", "group", "servers",
    "script", "file", "process" or "bfd"; "" finds it out. The rest is as in `engine.upgrade`.
    Raises InputError where the names do not fit the configuration.
    """
    views = read_views(Work(site), release)
    renaming = choose_renaming(views, old, tuple(dict.fromkeys(new)), kind)
    own = Migration(
        id=ID,
        release=release,
        covers=(),
        area="names",
        kind="rewrites",
        summary=renaming.reason(),
        run=partial(_run, renaming),
    )
    gone = (old,) if renaming.kind in TOLD else ()
    return plan_carrying(
        site, release, passes=(own,), gone=gone, accept=accept, scripts=scripts, daemon=daemon, progress=progress
    )


def choose_renaming(views: Sequence[Config], old: bytes, new: tuple[bytes, ...], kind: str) -> Renaming:
    """Give the renaming that is meant. Raises InputError where it does not fit what the configuration defines."""
    _check_names(old, new)
    if kind and kind not in KINDS:
        raise InputError(f"--kind {kind} is no kind of name", cure=f"Choose one of {', '.join(KINDS)}.")
    kinds = [kind] if kind else list(KINDS)
    having = [k for k in kinds if _is_defined(views, k, old)]
    split = [k for k in kinds if all(_is_defined(views, k, name) for name in new)]
    chosen = having or split
    what = f"{kind} " if kind else ""
    if not chosen:
        raise InputError(
            f"the configuration defines no {what}{show(old)}, nor all of {_list(new)}",
            path=views[0].main,
            cure="Check the spelling; after a split by hand the new names must be defined already.",
        )
    if len(chosen) > 1:
        raise InputError(
            f"{show(old) if having else _list(new)} is the name of several things: {', '.join(chosen)}",
            path=views[0].main,
            cure=f"Say which with --kind, such as --kind {chosen[0]}.",
        )
    if having:
        _check_definition(views, chosen[0], old, new)
    others = [k for k in TOLD if chosen[0] in TOLD and k != chosen[0] and _is_defined(views, k, old)]
    return Renaming(chosen[0], old, new, others[0] if others else "")


def _check_names(old: bytes, new: tuple[bytes, ...]) -> None:
    if not old or not new or new == (old,):
        raise InputError("there is nothing to rename", cure="Give the old name and another one, such as VI_1 GW.")
    for name in new:
        if not name or _REFUSED & frozenset(name) or not name.decode("utf-8", "replace").isprintable():
            raise InputError(
                f"{show(name)!r} cannot be a name", cure="Use letters, digits, '_', '-' or '.', such as VI_lan."
            )


def _check_definition(views: Sequence[Config], kind: str, old: bytes, new: tuple[bytes, ...]) -> None:
    """The old name is still defined: it must become one free name, or be one of names that are all there."""
    if old in new:
        missing = [name for name in new if not _is_defined(views, kind, name)]
        if missing:
            raise InputError(
                f"{_list(missing)} is not defined",
                path=views[0].main,
                cure="Write the new blocks first, then run again.",
            )
        return
    if len(new) > 1:
        raise InputError(
            f"{show(old)} is still defined, and cannot become {_list(new)} by itself",
            path=views[0].main,
            cure=f"Split the block by hand first, so that {_list(new)} are defined; or give one new name.",
        )
    if _is_defined(views, kind, new[0]):
        raise InputError(
            f"{show(new[0])} is defined already",
            path=views[0].main,
            cure=f"Choose a free name; or remove the definition of {show(old)} if {show(new[0])} has taken its place.",
        )


def _is_defined(views: Sequence[Config], kind: str, name: bytes) -> bool:
    return any(definitions_of(config, kind, name) for config in views)


def _run(renaming: Renaming, config: Config, context: Context) -> Iterator[Outcome]:
    if renaming.old not in renaming.new:
        for statement in definitions_of(config, renaming.kind, renaming.old):
            yield _replace(renaming, statement, statement.words[1], renaming.new[0])
    for reference in references_to(config, renaming.kind, renaming.old):
        yield from _reference(renaming, config, reference)
    for command in commands(config):
        yield from _command(renaming, config, command)
    for place in comments_on(config.tree, renaming.old):
        text = f"a comment mentions {show(renaming.old)}: {renaming.reason()}"
        yield Finding(f"{ID}/comment", Severity.INFO, place, text, "Reword it if it helps.")
    kept = (NewName(renaming.old, renaming.shared),) if renaming.shared and renaming.old not in renaming.new else ()
    new = tuple(NewName(name, "new name") for name in renaming.new)
    yield Rename(renaming.kind, renaming.old, (*new, *kept), ID)


def _replace(renaming: Renaming, statement: Statement, word: Word, new: bytes) -> Edit | Finding:
    spelled = b'"' + new + b'"' if word.quoted else quote_word(new)
    return replace_word(statement, word, spelled, ID, renaming.reason())


def _reference(renaming: Renaming, config: Config, reference: Reference) -> Iterator[Outcome]:
    if reference.role == "member":
        yield from _member(renaming, config, reference)
        return
    if renaming.old in renaming.new:
        return
    yield _replace(renaming, reference.statement, reference.word, renaming.new[0])
    if len(renaming.new) > 1:
        yield Finding(
            f"{ID}/one-of-several",
            Severity.REVIEW,
            reference.statement.place,
            f"only one name can stand here; {show(renaming.new[0])}, the first one given, takes the place of "
            f"{show(renaming.old)}",
            "Give the new names in another order if another one belongs here.",
        )


def _member(renaming: Renaming, config: Config, reference: Reference) -> Iterator[Outcome]:
    """The new names take the old one's place, but for those that are members already."""
    line, word = reference.statement, reference.word
    group = line.parent.parent if line.parent is not None else None
    present = {other.value for _, other in member_words(group)} if group is not None else set()
    missing = [name for name in renaming.new if name == renaming.old or name not in present]
    if not word.literal or line.repeated:
        yield not_editable(line, ID, b" ".join(renaming.new))
    elif missing and missing != [renaming.old]:
        text = members_between(config.tree, line).join(missing)
        yield Edit(word.path, word.start, word.end, text, ID, renaming.reason())
    elif not missing and len(line.words) == 1:
        yield remove_lines(config.tree, line, ID, renaming.reason())
    elif not missing:
        source = config.tree.sources[word.path]
        start = len(source[: word.start].rstrip(b" \t")) if word is not line.words[0] else word.start
        end = word.end if word is not line.words[0] else line.words[1].start
        yield Edit(word.path, start, end, b"", ID, renaming.reason())


def _command(renaming: Renaming, config: Config, command: Command) -> Iterator[Outcome]:
    old, statement = renaming.old, command.statement
    spans = list(named_arguments(config, statement, old))
    if spans and not _means_the_other(renaming, command):
        yield from _arguments(renaming, command, spans)
        return
    from keepalived_upgrade.dependents.mentions import mention_pattern

    said = b" ".join(word.value for word in command_words(statement, config.release))
    if mention_pattern({old: renaming.new}).search(said) and not _means_the_other(renaming, command):
        yield Finding(
            f"{ID}/command-mentions",
            Severity.REVIEW,
            statement.place,
            f"this command mentions {show(old)}, not as an argument of its own; it was left alone",
            f"Change it by hand if it means the {renaming.kind}.",
        )


def _means_the_other(renaming: Renaming, command: Command) -> bool:
    """An instance and a group of the same name: in the hooks of the one that stays the name means that one."""
    return bool(renaming.shared) and command.block in KINDS[renaming.shared] and command.owner == renaming.old


def _arguments(
    renaming: Renaming, command: Command, spans: Sequence[tuple[Word, int, int] | None]
) -> Iterator[Outcome]:
    old, new = renaming.old, renaming.new
    if old in new and command.owner not in new:
        return
    chosen = new[0] if len(new) == 1 else command.owner
    # A check that is handed `redis` means the service, whatever an instance is called; MASTER is a state.
    elsewhere = (
        renaming.kind not in TOLD
        or command.event not in NOTIFY
        or (renaming.shared and command.block not in KINDS[renaming.kind])
    )
    doubtful = old in SPOKEN or elsewhere
    if chosen not in new or doubtful:
        why = (
            "it cannot be told whether it means the name"
            if doubtful
            else f"it can be handed one name only, and {show(old)} is now {_list(new)}"
        )
        yield Finding(
            f"{ID}/argument",
            Severity.DECISION,
            command.statement.place,
            f"this command is handed {show(old)}; {why}",
            "Change it by hand where it must be, or accept this finding if it is right as it stands.",
        )
        return
    for span in spans:
        if span is None:
            yield not_editable(command.statement, ID, chosen)
        elif chosen != old:
            word, start, end = span
            yield Edit(word.path, start, end, chosen, ID, renaming.reason())


def _list(names: Sequence[bytes]) -> str:
    return ", ".join(show(name) for name in names)
