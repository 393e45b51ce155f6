"""Every command keepalived would run, with its arguments and who gets told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.conf.grammar_scripts import USERS, WITHOUT_USER
from keepalived_upgrade.conf.script_words import BOTH_QUOTES, arguments_of
from keepalived_upgrade.conf.tree import Statement, Word
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release

NOTIFY = (
    b"notify",
    b"notify_master",
    b"notify_backup",
    b"notify_fault",
    b"notify_stop",
    b"notify_deleted",
    b"notify_master_rx_lower_pri",
)
# keyword → the block in which it names a command (None: any).
SCRIPT_KEYWORDS = frozenset(
    (
        *NOTIFY,
        b"script",
        b"misc_path",
        b"quorum_up",
        b"quorum_down",
        b"notify_up",
        b"notify_down",
        b"notify_fifo_script",
        b"vrrp_notify_fifo_script",
        b"lvs_notify_fifo_script",
        b"startup_script",
        b"shutdown_script",
    )
)
_BLOCKS = frozenset(
    (
        b"vrrp_instance",
        b"vrrp_sync_group",
        b"vrrp_script",
        b"MISC_CHECK",
        b"virtual_server",
        b"real_server",
        b"sorry_server",
        b"global_defs",
    )
)
# KEYWORD "PATH ARGUMENTS" USER GROUP without a quote or a backslash inside.
_PLAIN = re.compile(rb"""(\w+)[ \t]+(?:"([^"'\\]*)"|([^"'\\ \t]+))((?:[ \t]+[^"'\\ \t]+)*)""")
# Nothing need stand between a keyword and a quote: `script"/x"` is two words.
_BEHIND_KEYWORD = re.compile(rb"^\w*[ \t]*")


@dataclass(frozen=True, slots=True)
class Command:
    """event: the keyword (`notify_master`, `script`, …). word: where the command string is written.

    string: what keepalived takes as the command. argv: its words. owner: the instance, group, script or server it
    belongs to; block: the keyword of that block. appended: what keepalived adds (`<…>` stands for a varying word).
    shell: whether a shell runs it (releases below 2.0.0). user: the words after the command, or ().
    """

    event: bytes
    statement: Statement
    word: Word
    string: bytes
    argv: tuple[bytes, ...]
    owner: bytes
    block: bytes
    appended: tuple[bytes, ...]
    shell: bool
    user: tuple[bytes, ...]


def commands(config: Config) -> tuple[Command, ...]:
    """Give every command of the configuration, in order of reading."""
    return tuple(_commands(config))


def _commands(config: Config) -> Iterator[Command]:
    for statement in config.tree.walk():
        keyword, parent = statement.keyword, statement.parent
        if keyword not in SCRIPT_KEYWORDS or parent is None or parent.keyword not in _BLOCKS:
            continue
        if keyword == b"script" and parent.keyword != b"vrrp_script":
            continue
        words = statement.words
        if len(words) < 2:
            continue
        string, argv, user = read_command(statement.text, config.release)
        yield Command(
            event=keyword,
            statement=statement,
            word=words[1],
            string=string,
            argv=argv,
            owner=parent.args[0] if parent.args else b"",
            block=parent.keyword,
            appended=_appended(keyword, parent),
            shell=config.release < Release(2, 0, 0),
            user=user,
        )


def read_command(text: bytes, release: Release) -> tuple[bytes, tuple[bytes, ...], tuple[bytes, ...]]:
    """Give the command of a script line, its words without quotes, and the user and group that are written behind it.

    Plain lines are read at once, any other by its grammar (a hundred times slower); one that this cannot read is cut
    at its blanks, which is good enough to know which files it names.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        keyword, quoted, bare, behind = plain.groups()
        string = bare or quoted
        takes_user = release >= USERS and keyword not in WITHOUT_USER
        return string, tuple(string.split()), tuple(behind.split()[:2]) if takes_user else ()
    from keepalived_upgrade.conf.grammar_scripts import parse_script

    try:
        line = parse_script(text, release)
    except InputError:
        rest = _BEHIND_KEYWORD.sub(b"", text, count=1).strip(b"\"'")
        return rest, tuple(rest.split()), ()
    users = (part for part in (line.user, line.group) if part is not None)
    return line.string, line.argv, tuple(part.text.encode("latin-1") for part in users)


def command_words(statement: Statement, release: Release) -> tuple[Word, ...]:
    """Give the words of a script line that make up the command, without user and group; see `command_string`."""
    words = statement.words[1:]
    if not words or (release < Release(1, 3, 0) and not words[0].quoted):
        return words
    if release >= Release(2, 0, 6) and words[0].value.startswith(b"'"):
        last = next((i for i, word in enumerate(words) if word.value[-1:] == b"'" and (i or len(word.value) > 1)), 0)
        return words[: last + 1]
    return words[:1]


def split_command(string: bytes) -> tuple[bytes, ...]:
    """Give the words of a command as a shell, or keepalived from 2.0.6, takes them: quotes and escapes taken off."""
    return arguments_of(string, BOTH_QUOTES)


def _appended(keyword: bytes, parent: Statement) -> tuple[bytes, ...]:
    if keyword != b"notify":
        return ()
    kind = b"GROUP" if parent.keyword == b"vrrp_sync_group" else b"INSTANCE"
    return (kind, parent.args[0] if parent.args else b"", b"<STATE>", b"<PRIORITY>")
