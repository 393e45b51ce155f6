"""Where a configuration says a name of its own: the lines that define it, the words that refer to it, the arguments of
commands, and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.conf.tree import Statement, Tree, Word
from keepalived_upgrade.findings import Place
from keepalived_upgrade.model.commands import command_words
from keepalived_upgrade.model.config import Config

# kind → the top-level keywords that define a name of it.
KINDS: dict[str, tuple[bytes, ...]] = {
    "instance": (b"vrrp_instance",),
    "group": (b"vrrp_sync_group",),
    "servers": (b"virtual_server_group",),
    "script": (b"vrrp_script",),
    "file": (b"vrrp_track_file", b"track_file"),
    "process": (b"vrrp_track_process", b"track_process"),
    "bfd": (b"bfd_instance",),
}
# What has instances as its members.
GROUPS = (b"vrrp_sync_group", b"track_group")
# kind → the blocks whose lines begin with a name of it.
_TRACKS = {"script": b"track_script", "file": b"track_file", "process": b"track_process", "bfd": b"track_bfd"}
_PROGRAM = re.compile(rb"""["']?\s*[^\s"']*""")


@dataclass(frozen=True, slots=True)
class Reference:
    """A word that says the name of a definition. role: "member", "sync daemon", "servers" or "track"."""

    statement: Statement
    word: Word
    role: str


def definitions_of(config: Config, kind: str, name: bytes) -> list[Statement]:
    """Give the statements that define a name of a kind of KINDS."""
    return [s for s in config.tree.find_all(*KINDS[kind]) if s.args[:1] == (name,)]


def references_to(config: Config, kind: str, name: bytes) -> Iterator[Reference]:
    """Give every word that refers to a definition by its name; the arguments of commands are no references."""
    if kind == "instance":
        for line, word in (m for group in config.tree.find_all(*GROUPS) for m in member_words(group)):
            if word.value == name:
                yield Reference(line, word, "member")
        for line, word in sync_daemon_words(config.tree, name):
            yield Reference(line, word, "sync daemon")
    elif kind == "servers":
        for server in config.tree.find_all(b"virtual_server"):
            if server.args[:2] == (b"group", name):
                yield Reference(server, server.words[2], "servers")
    elif kind in _TRACKS:
        for owner in config.tree.find_all(b"vrrp_instance", b"vrrp_sync_group"):
            for line in owner.lines_in(_TRACKS[kind]):
                if line.keyword == name:
                    yield Reference(line, line.words[0], "track")


def member_words(group: Statement) -> Iterator[tuple[Statement, Word]]:
    """Give (line, word) for each member of a sync group or track group."""
    for line in group.lines_in(b"group"):
        for word in line.words:
            yield line, word


def members(group: Statement) -> list[Word]:
    """Give the words that name the members of a sync group."""
    return [word for _, word in member_words(group)]


def group_of(tree: Tree, instance: bytes) -> Statement | None:
    """Give the sync group that an instance is in (it may be in one only), or None."""
    for group in tree.find_all(b"vrrp_sync_group"):
        if group.args and any(word.value == instance for word in members(group)):
            return group
    return None


def sync_daemon_words(tree: Tree, name: bytes) -> Iterator[tuple[Statement, Word]]:
    """Give (line, word) where `lvs_sync_daemon INTERFACE INSTANCE` names the instance."""
    for defs in tree.find_all(b"global_defs"):
        for daemon in defs.find_all(b"lvs_sync_daemon"):
            yield from ((daemon, word) for word in daemon.words[2:] if word.value == name)


def comments_on(tree: Tree, name: bytes) -> Iterator[Place]:
    """Give the lines on which a comment mentions a name."""
    pattern = re.compile(rb"[#!][^\n]*(?<![\w])" + re.escape(name) + rb"(?![\w])")
    for path, source in sorted(tree.sources.items()):
        for match in pattern.finditer(source):
            yield Place(path, source.count(b"\n", 0, match.start()) + 1, 1)


def argument_pattern(name: bytes) -> re.Pattern[bytes]:
    """Give the expression that finds a name as an argument of a command, `NAME=VI_1` included; not inside a path."""
    return re.compile(rb"(?<![\w/.-])" + re.escape(name) + rb"(?![\w/.-])")


def program_end(command: bytes) -> int:
    """Give the offset in a command, its quote included, at which its program ends and the arguments begin."""
    match = _PROGRAM.match(command)
    return match.end() if match else 0


def named_arguments(config: Config, statement: Statement, name: bytes) -> Iterator[tuple[Word, int, int] | None]:
    """Give (word, start, end) of each place where a command's arguments say a name; bytes of the file word.path.

    None stands for one that cannot be pointed at, since the word is not written here as it is read.
    """
    pattern = argument_pattern(name)
    for index, word in enumerate(command_words(statement, config.release)):
        editable = word.literal and not statement.repeated
        text = config.tree.sources[word.path][word.start : word.end] if editable else word.value
        for match in pattern.finditer(text, program_end(text) if index == 0 else 0):
            yield (word, word.start + match.start(), word.start + match.end()) if editable else None


def lone_groups(config: Config) -> Iterator[tuple[Statement, bytes]]:
    """Give (group, instance) for each sync group that has one member only, those left out that are no instance."""
    names = {instance.args[0] for instance in config.instances() if instance.args}
    for group in config.tree.find_all(b"vrrp_sync_group"):
        there = dict.fromkeys(word.value for word in members(group) if word.value in names)
        if group.args and len(there) == 1:
            yield group, next(iter(there))
