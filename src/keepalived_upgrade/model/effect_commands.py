"""What a release runs on an event: the words, through a shell or not, as whom, with which umask."""

from __future__ import annotations

import posixpath
import re

from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.effect_context import Making
from keepalived_upgrade.model.effect_nodes import Node
from keepalived_upgrade.model.effect_values import Action, Problem
from keepalived_upgrade.releases import Release

_STATES = (b"BACKUP", b"FAULT", b"MASTER")
_SIMPLE_ESCAPES = {b"a": b"\a", b"b": b"\b", b"E": b"\x1b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_USERLESS = frozenset((b"script", b"misc_path"))
_GENERIC = b"notify"
_USER = re.compile(rb"[A-Za-z0-9_.+@-]+\$?")


def action(
    making: Making, node: Node, appended: tuple[bytes, ...] = (), user: bytes = b"", group: bytes = b""
) -> Action | None:
    """Give what a script line makes the release run; None where it runs nothing.

    Up to 1.2.24 the words behind the command are dropped, from 1.3.0 they are user and group (catalogue:
    notify-unquoted-arguments). user, group: those of the whole, from `user` or `script_user`.
    """
    if not node.args:
        return None
    string = _command(making, node)
    words = node.args[1:] if making.since(1, 3, 0) and node.keyword not in _USERLESS else ()
    # Single quotes come out of the reader as plain words: what is user then stands behind the closing quote.
    if string is not None and making.since(2, 0, 6) and node.args[0].startswith(b"'"):
        words = tuple(_after_single_quote(node.text))
    if words:
        user, group = words[0], words[1] if len(words) > 1 else b""
        if not _is_user(making, user):
            making.note(node, Problem.ADVICE, b"user " + user, 0)
            if making.since(1, 3, 6):
                return None
            user = group = b""
    elif making.since(1, 3, 0) and not user:
        user, group = _default_user(making)
        if making.secure and not user and making.around.script_user is False and making.since(1, 3, 6):
            # catalogue: script-security-needs-user
            making.note(node, Problem.DROPPED, node.text, 0)
            return None
    if string is None:
        return None
    argv = _split(making, string, node.keyword)
    if argv is None or not _runs(making, node, argv, string):
        return None
    states = () if node.keyword != _GENERIC else _STATES + ((b"STOP",) if making.since(2, 0, 0) else ())
    return Action(
        node.keyword, argv, not making.since(2, 0, 0), user, group, appended, states, umask_of(making.release)
    )


def actions(
    making: Making, block: Node, keywords: tuple[bytes, ...], appended: tuple[bytes, ...]
) -> tuple[Action, ...]:
    """Give the commands of a block, one for each keyword: the last line counts, from 1.3.6 the first one."""
    found = []
    for keyword in keywords:
        lines = block.find_all(keyword)
        if not lines:
            continue
        line = lines[0] if making.since(1, 3, 6) else lines[-1]
        for other in lines:
            if other is not line:
                making.note(other, Problem.IGNORED, keyword, said=making.since(1, 3, 6))
        made = action(making, line, appended if keyword == _GENERIC else ())
        if made is not None:
            found.append(made)
    return tuple(sorted(found))


def umask_of(release: Release) -> bytes:
    """Give the umask of scripts (catalogue: process-umask)."""
    if release < Release(2, 0, 9):
        return b"0000"
    return b"0022" if release < Release(2, 0, 11) else b"0177"


def _command(making: Making, node: Node) -> bytes | None:
    """The command string; None where no command can be read."""
    if making.since(1, 2, 20):
        if making.since(2, 0, 6) and not node.quoted[1]:
            return _raw_argument(node.text)
        return _raw_quoted(node) if making.since(2, 0, 9) and b"\\" in node.text else node.args[0]
    if not node.quoted[1]:
        return node.args[0]
    if node.text.count(b'"') % 2:
        # Up to 1.2.19 the word before the missing quote is lost (corrections 4: a comment inside quotes makes one).
        return node.args[0].rpartition(b" ")[0]
    if len(node.args) > 1:
        # set_value joins everything up to the last quote of the line into a name that nothing has (probes e04, e06).
        return None
    return node.args[0]


def _raw_argument(text: bytes) -> bytes:
    """The second word as the shell-like splitting of 2.0.6 sees it: quotes may stand anywhere in it."""
    rest = text.split(None, 1)[1] if len(text.split(None, 1)) > 1 else b""
    match = re.match(rb"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""", rest, re.DOTALL)
    word = match.group() if match else rest
    if word[:1] == b"'" and word[-1:] == b"'" and len(word) > 1:
        return word[1:-1]
    return word


def _raw_quoted(node: Node) -> bytes:
    """The quoted second word with its backslashes: from 2.0.9 `\\"` does not end it."""
    match = re.search(rb'"((?:[^"\\]|\\.)*)"', node.text, re.DOTALL)
    return match.group(1) if match else node.args[0]


def _after_single_quote(text: bytes) -> list[bytes]:
    rest = text.partition(b"'")[2].partition(b"'")[2]
    return rest.split()


def _split(making: Making, string: bytes, keyword: bytes) -> tuple[bytes, ...] | None:
    """The words that are run. Up to 1.4.5 the shell reads the string, so it is one word here."""
    if not making.since(2, 0, 0):
        if keyword == _GENERIC:
            # The whole string is the file name (catalogue: generic-notify-literal-path).
            return None if b" " in string else (string,)
        return (string,)
    if not making.since(2, 0, 6):
        return None if keyword == _GENERIC and b" " in string else tuple(string.split())
    if not making.since(2, 3, 2):
        string = _unescape(string)
    return _quoted_words(string)


def _unescape(string: bytes) -> bytes:
    """The first pass up to 2.3.1: every escape is worked out."""
    return re.sub(rb"\\(.)", lambda match: _SIMPLE_ESCAPES.get(match.group(1), match.group(1)), string)


def _quoted_words(string: bytes) -> tuple[bytes, ...]:
    """Words split as keepalived does from 2.0.6: both quotes group and join, a backslash escapes."""
    words: list[bytes] = []
    word, quote, open_word, at = bytearray(), b"", False, 0
    while at < len(string):
        char = string[at : at + 1]
        at += 1
        if char == b"\\" and at < len(string):
            following = string[at : at + 1]
            word += _SIMPLE_ESCAPES.get(following, following)
            at += 1
            open_word = True
        elif quote:
            if char == quote:
                quote = b""
            else:
                word += char
        elif char in (b'"', b"'"):
            quote, open_word = char, True
        elif char.isspace():
            if open_word:
                words.append(bytes(word))
            word, open_word = bytearray(), False
        else:
            word += char
            open_word = True
    if open_word:
        words.append(bytes(word))
    return tuple(words)


def _runs(making: Making, node: Node, argv: tuple[bytes, ...], string: bytes) -> bool:
    """Whether the program can be run at all; what the release drops at start is a mistake that needs the host."""
    if not argv or (not making.since(1, 3, 0) and node.keyword not in NOTIFY):
        return bool(argv)
    program = argv[0].split(b" ", 1)[0] if not making.since(2, 0, 0) else argv[0]
    if making.since(2, 3, 0) and posixpath.dirname(program) in making.around.linked:
        # catalogue: script-path-through-symlinked-directory-disabled
        making.note(node, Problem.DISABLED, string, 0)
        return False
    programs = making.around.programs
    if programs is not None and program not in programs:
        making.note(node, Problem.DISABLED, string, 0)
        return False
    return True


def _is_user(making: Making, user: bytes) -> bool:
    if not _USER.fullmatch(user):
        return False
    return making.around.users is None or user in making.around.users


def _default_user(making: Making) -> tuple[bytes, bytes]:
    """script_user, or keepalived_script if there is one (catalogue: script-default-user), else nobody is named.

    1.3.3 to 1.3.5 looked for keepalived_script and ran as root all the same.
    """
    if making.script_user:
        return making.script_user[0], making.script_user[1] if len(making.script_user) > 1 else b""
    if not making.around.script_user or Release(1, 3, 3) <= making.release < Release(1, 3, 6):
        return b"", b""
    return b"keepalived_script", b""
