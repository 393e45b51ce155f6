"""Predefined definitions: `$_PWD`, `$_INSTANCE`, `$_HASH` and `$_BANG` have a value that is known here, `$_RANDOM` and
`${_ENV NAME}` have none (set_std_definitions, lib/parser.c 2266 at v2.4.3; facts: lexical rules 6 and 8)."""

from __future__ import annotations

import posixpath
import re
from functools import cache

from keepalived_upgrade.conf.definitions import Definition
from keepalived_upgrade.conf.dialect import Dialect

_REASONS = {
    b"_PWD": "the value is the directory of this file, which is not known here",
    b"_INSTANCE": "the value is the id of the node (`-i`, else its name), which was not given",
    b"_ENV": "the value depends on the environment of keepalived, so what keepalived reads here can't be known",
    b"_RANDOM": "the value is random, so what keepalived reads here can't be known",
}


def known_values(dialect: Dialect, config_id: bytes | None) -> dict[bytes, Definition]:
    """Give the definitions that hold in every file: `_INSTANCE` where the node's id is known, `_HASH`, `_BANG`."""
    values = {b"_HASH": b"#", b"_BANG": b"!"}
    if config_id:
        values[b"_INSTANCE"] = config_id
    return {name: _define(name, value) for name, value in values.items() if name in dialect.predefined}


def set_folder(definitions: dict[bytes, Definition], dialect: Dialect, path: str) -> None:
    """Make `_PWD` the directory of the file that is read now; a relative path does not tell it."""
    if b"_PWD" not in dialect.predefined:
        return
    if path.startswith("/"):
        folder = posixpath.dirname(path).encode("utf-8", "surrogateescape")
        definitions[b"_PWD"] = _define(b"_PWD", folder)
    else:
        definitions.pop(b"_PWD", None)


def find_unknowable(text: bytes, dialect: Dialect) -> list[tuple[bytes, str]]:
    """Give (what is written, why its value is not known) for each predefined name that an expanded text still holds."""
    if b"$" not in text or not dialect.predefined:
        return []
    return [(m.group(), _REASONS[m.group(1) or m.group(2)]) for m in _pattern(dialect).finditer(text)]


def hide_unknowable(text: bytes, dialect: Dialect) -> bytes:
    """Give a text of the same length in which the braces and blanks of those uses are no braces and blanks.

    keepalived puts a value there before it looks for braces and words.
    """
    if b"${_" not in text or not dialect.predefined:
        return text
    return _pattern(dialect).sub(lambda match: b"x" * len(match.group()), text)


def _define(name: bytes, value: bytes) -> Definition:
    # Written in no file: a first use is counted already, so that no word ever points at it.
    return Definition(name, value, "", 0, 0, 0, uses=1)


@cache
def _pattern(dialect: Dialect) -> re.Pattern[bytes]:
    """Uses of the names without a value: group 1 or 2 is the name. _RANDOM takes [min [max]], _ENV exactly a name."""
    numbers = rb"(?:[ \t]+[0-9]+){0,2}" if b"_ENV" in dialect.predefined else rb"(?:[ \t]+[0-9]+)*"
    parameters = {b"_RANDOM": numbers, b"_ENV": rb"[ \t]+\w+"}
    names = sorted(dialect.predefined & _REASONS.keys())
    braced = b"|".join(name + rb"(?=" + parameters.get(name, b"") + rb"[ \t]*\})" for name in names)
    plain = b"|".join(name for name in names if name != b"_ENV")
    behind = rb"(?=[ \t,)]|$)" if dialect.loose_names else rb"(?=[ \t]|$)"
    return re.compile(rb"\$\{(" + braced + rb")[^}]*\}|\$(" + plain + rb")" + behind)
