"""Every command keepalived would run, with its arguments and who gets told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.conf.tree import Statement, Word
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
_BARE = re.compile(rb"""(?:[^\s"'\\]|\\.)+|"(?:[^"\\]|\\.)*"|'[^']*'""", re.DOTALL)


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
        string, user = command_string(statement, config.release)
        yield Command(
            event=keyword,
            statement=statement,
            word=words[1],
            string=string,
            argv=split_command(string),
            owner=parent.args[0] if parent.args else b"",
            block=parent.keyword,
            appended=_appended(keyword, parent),
            shell=config.release < Release(2, 0, 0),
            user=user,
        )


def command_string(statement: Statement, release: Release) -> tuple[bytes, tuple[bytes, ...]]:
    """Give the command and the user words of a script line.

    Up to 1.2.x all words are the command; from 1.3.0 only the first, which quotes make several, and then user and
    group. `'` quotes as well from 2.0.6.
    """
    words = statement.words[1:]
    if release < Release(1, 3, 0) and not words[0].quoted:
        return b" ".join(word.value for word in words), ()
    first = words[0]
    if release >= Release(2, 0, 6) and first.value.startswith(b"'"):
        return _single_quoted(statement.text), ()
    return first.value, tuple(word.value for word in words[1:])


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
    """Give the words of a command, quotes taken off; good enough to know which files it names."""
    return tuple(_unquote(match.group()) for match in _BARE.finditer(string))


def _single_quoted(text: bytes) -> bytes:
    begin = text.index(b"'")
    end = text.find(b"'", begin + 1)
    return text[begin + 1 : end] if end > 0 else text[begin + 1 :]


def _unquote(word: bytes) -> bytes:
    if len(word) > 1 and word[:1] in (b'"', b"'") and word[-1:] == word[:1]:
        return word[1:-1]
    return word.replace(b"\\", b"")


def _appended(keyword: bytes, parent: Statement) -> tuple[bytes, ...]:
    if keyword != b"notify":
        return ()
    kind = b"GROUP" if parent.keyword == b"vrrp_sync_group" else b"INSTANCE"
    return (kind, parent.args[0] if parent.args else b"", b"<STATE>", b"<PRIORITY>")
