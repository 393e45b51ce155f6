"""What else in the configuration meets the halves: words, commands and comments that name the old instance, and taken
router ids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.model.commands import SCRIPT_KEYWORDS
from keepalived_upgrade.model.families import families_of
from keepalived_upgrade.model.references import argument_pattern, comments_on, sync_daemon_words
from keepalived_upgrade.rewriting import replace_word, show

from .mixed import ID, Mixed, Names, say


def rename_references(mixed: Mixed, names: Names) -> Iterator[Edit | Finding]:
    """Give the IPVS sync daemon the IPv4 half, and name the comments that mention the old instance."""
    for line, word in sync_daemon_words(mixed.tree, mixed.name):
        new = b'"' + names.four + b'"' if word.quoted else names.four
        yield replace_word(line, word, new, ID, names.reason)
    for place in comments_on(mixed.tree, mixed.name):
        text = f"a comment mentions {show(mixed.name)}, which is {names.both} now"
        yield Finding(f"{ID}/comment", Severity.INFO, place, text, "Reword it if it helps.")


def mentions(mixed: Mixed, names: Names) -> Iterator[Finding]:
    """Give the commands outside the instance that are handed its name, which goes away.

    Not those of a sync group with the same name: there the name means the group, which stays.
    """
    if names.four == mixed.name:
        return
    named = argument_pattern(mixed.name)
    for statement in mixed.tree.walk():
        if statement.keyword not in SCRIPT_KEYWORDS:
            continue
        owner, said = _owner(statement), b" ".join(statement.args)
        if owner.keyword == b"vrrp_sync_group" and owner.args[:1] == (mixed.name,):
            continue
        if _is_part(said, mixed.name):
            yield say(
                "command-names-instance",
                Severity.REVIEW,
                statement,
                f"this command is handed a text that {show(mixed.name)} is a part of, and it is no name of an instance "
                "any more",
                "Change it by hand if it names the instance; it was left alone.",
            )
        if owner is mixed.statement or not named.search(said):
            continue
        yield say(
            "command-names-instance",
            Severity.DECISION,
            statement,
            f"this command is handed {show(mixed.name)}, which is no name of an instance any more",
            f"Give it {show(names.four)}, or both halves, as the command needs it, then accept this finding.",
        )


def _is_part(said: bytes, name: bytes) -> bool:
    """`GW.$INST` and `up-GW`, which may or may not be names; a path is none."""
    part = re.compile(rb"(?<![\w/])" + re.escape(name) + rb"(?=[.-])|(?<=[.-])" + re.escape(name) + rb"(?![\w/])")
    return any(b"/" not in word and part.search(word) for word in re.split(rb"[\s\"']+", said))


def duplicate_vrid(mixed: Mixed) -> Iterator[Finding]:
    """Give a decision where the new half's router id is taken on its interface in its family: the target drops one."""
    mine = _network(mixed.statement)
    if None in mine:
        return
    new = mixed.ignored
    for other in mixed.config.instances():
        if other is mixed.statement or _network(other) != mine:
            continue
        families = families_of(other) | ({6} if other.find(b"native_ipv6") is not None else set())
        if new not in families:
            continue
        yield say(
            "router-id-taken",
            Severity.DECISION,
            mixed.statement,
            f"{show(b' '.join(other.args))} has the same virtual_router_id on the same interface with IPv{new} "
            f"addresses, and the IPv{new} half of {show(mixed.name)} would be a second one",
            "Give one of the two another virtual_router_id, on every router.",
        )


def _network(instance: Statement) -> tuple[bytes | None, bytes | None]:
    values = (instance.find(keyword) for keyword in (b"interface", b"virtual_router_id"))
    first, second = (value.args[0] if value is not None and value.args else None for value in values)
    return first, second


def _owner(statement: Statement) -> Statement:
    while statement.parent is not None:
        statement = statement.parent
    return statement
