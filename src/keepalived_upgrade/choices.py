"""Choices kept in a file, `keepalived-upgrade.toml`, so that a second host or a second run decides alike.

The file is looked for beside the main configuration and nowhere else: it is then part of what is copied with the host,
and where the operator happens to stand does not decide anything.
"""

from __future__ import annotations

import os
import posixpath
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from keepalived_upgrade.catalogue import find_migration
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.migration import MIXED_KEYS, Choices, MixedChoice, check_mixed
from keepalived_upgrade.releases import resolve_release
from keepalived_upgrade.rewriting import show
from keepalived_upgrade.toml_text import comments_of, find_line, quote_key, quote_text, set_value

if TYPE_CHECKING:
    from keepalived_upgrade.site import Site

FILE = "keepalived-upgrade.toml"
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_MOST_BYTES = 1024 * 1024
_LISTS = ("only", "skip", "accept", "scripts")
_RELEASES = {"from": "source", "to": "target"}
_KEYS = (*MIXED_KEYS, *_LISTS, *_RELEASES, "instance")


@dataclass(frozen=True, slots=True)
class GivenChoices:
    """What was said, in a file or on the command line, and nothing else: what is None or not there was not said.

    mixed: key (`mixed`, `names`, `notify`, `ipv4-name`, `ipv6-name`) → value. instances: instance → such keys.
    only, skip, accept: as in Choices. scripts: more files to search. source, target: releases, as text.
    path: the file.
    """

    mixed: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[bytes, Mapping[str, str]] = field(default_factory=dict)
    only: tuple[str, ...] | None = None
    skip: tuple[str, ...] | None = None
    accept: tuple[str, ...] | None = None
    scripts: tuple[str, ...] | None = None
    source: str | None = None
    target: str | None = None
    path: str = ""

    def over(self, other: GivenChoices) -> GivenChoices:
        """Give these choices, and the other ones where nothing is said here. A list takes the other's place."""
        instances = {
            name: {**other.instances.get(name, {}), **self.instances.get(name, {})}
            for name in (*other.instances, *self.instances)
        }
        said = {
            one.name: getattr(self, one.name) if getattr(self, one.name) is not None else getattr(other, one.name)
            for one in fields(self)
        }
        said |= {"mixed": {**other.mixed, **self.mixed}, "instances": instances, "path": self.path or other.path}
        return GivenChoices(**said)

    def choices(self) -> Choices:
        """Give what an upgrade takes. Raises InputError for a value that is none of the choices."""
        default = _mixed(MixedChoice(), self.mixed)
        each = {name: _mixed(default, said) for name, said in self.instances.items()}
        only, skip, accept = (frozenset(said or ()) for said in (self.only, self.skip, self.accept))
        return Choices(default, each, only, skip, accept, self.path)


def _mixed(default: MixedChoice, said: Mapping[str, str]) -> MixedChoice:
    return replace(default, **{MIXED_KEYS[key]: value for key, value in said.items()})


def find_choices(site: Site) -> GivenChoices:
    """Give what the choices file of a site says, nothing where there is none. Raises InputError as read_choices."""
    path = posixpath.join(posixpath.dirname(site.config), FILE)
    shown = site.outer(path)
    if not os.path.lexists(shown):
        return GivenChoices()
    try:
        text = site.read(path)
    except OSError as error:
        raise _unreadable(shown, error) from error
    return replace(read_choices(text, shown), path=path)


def read_choices(source: str | os.PathLike[str] | bytes, path: str = "") -> GivenChoices:
    """Read a choices file.

    source: its path, or its bytes. path: what messages and the plan call it, if not source.
    Raises InputError, with the line, for what is no TOML, for keys and tables that are not known and for values that
    cannot be meant, and for a file that cannot be read.
    """
    if not isinstance(source, bytes):
        path = path or os.fspath(source)
        try:
            with Path(source).open("rb") as file:
                source = file.read(_MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error
    path = path or FILE
    text = _decode(source, path)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_toml(error, text, path) from error
    return _Reader(path, text).read(table)


def write_choices(choices: Choices | GivenChoices) -> str:
    """Give the text of a choices file: all that Choices decide, or what is said and nothing else.

    The same choices give the same text, and read_choices gives them back. Comments of an older file are not known
    here. Raises InputError for what TOML cannot hold, names that are no UTF-8, and for what could not be read back.
    """
    given = choices if isinstance(choices, GivenChoices) else _all_of(choices)
    lines = ["# Decided for `keepalived-upgrade upgrade`; options on its command line come first."]
    lines += [f"{where[0]} = {value}" for where, value in _settings(replace(given, instances={}))]
    for instance, mixed in sorted(given.instances.items()):
        lines += ["", f"[instance.{_quote(os.fsdecode(instance), quote_key)}]"]
        lines += [f"{key} = {_quote(mixed[key])}" for key in MIXED_KEYS if key in mixed]
    text = "\n".join(lines) + "\n"
    read_choices(text.encode())
    return text


def update_choices(text: str, choices: GivenChoices) -> tuple[str, bool]:
    """Give the text of a choices file that says these choices, and whether all else in it, comments too, was kept.

    text: of the file as it is, "" for none. It is written anew only where its form allows nothing else (a table in
    braces); comments within a list that changes are lost with it. Raises InputError as write_choices and read_choices.
    """
    whole = write_choices(choices)
    if not text.strip():
        return whole, True
    known = read_choices(text.encode(), choices.path)
    as_it_is = dict(_settings(known))
    updated = text
    for where, value in _settings(choices):
        if as_it_is.get(where) != value:
            updated = set_value(updated, where, value)
    try:
        said = read_choices(updated.encode(), choices.path)
    except InputError:
        return whole, False
    if dict(_settings(said)) != dict(_settings(choices)):
        return whole, False
    return updated, comments_of(text) == comments_of(updated)


def _settings(given: GivenChoices) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give each key, from the top, and its value as TOML writes it."""
    yield from (((key,), _quote(given.mixed[key])) for key in MIXED_KEYS if key in given.mixed)
    for key in _LISTS:
        said = getattr(given, key)
        if said is not None:
            yield (key,), f"[{', '.join(map(_quote, said))}]"
    for key, name in _RELEASES.items():
        if (release := getattr(given, name)) is not None:
            yield (key,), _quote(release)
    for instance, mixed in sorted(given.instances.items()):
        for key in MIXED_KEYS:
            if key in mixed:
                yield ("instance", os.fsdecode(instance), key), _quote(mixed[key])


def _all_of(choices: Choices) -> GivenChoices:
    def said(mixed: MixedChoice) -> dict[str, str]:
        return {key: getattr(mixed, name) for key, name in MIXED_KEYS.items()}

    only, skip, accept = (tuple(sorted(ids)) or None for ids in (choices.only, choices.skip, choices.accept))
    each = {name: said(mixed) for name, mixed in choices.instances.items()}
    return GivenChoices(said(choices.mixed), each, only, skip, accept)


def _quote(text: str, quote: Callable[[str], str] = quote_text) -> str:
    try:
        return quote(text)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{text.encode('utf-8', 'backslashreplace').decode()} cannot stand in a choices file: it is no UTF-8",
            cure="Rename it, or give the choice on the command line at each run.",
        ) from error


def report_choices(choices: Choices, findings: Sequence[Finding], instances: Collection[bytes]) -> Iterator[Finding]:
    """Say where the choices come from, and which of them meet nothing. All for information: what was decided for one
    host may find nothing to decide on the next one, or in a second run.

    findings: what there is to accept. instances: the names that there are.
    """
    place = Place(choices.origin)
    if choices.origin:
        yield Finding(
            "choices/read",
            Severity.INFO,
            place,
            "choices are taken from this file",
            "Leave them out with --no-choices.",
        )
    for name in sorted(set(choices.instances) - set(instances)):
        yield Finding(
            "choices/no-such-instance",
            Severity.INFO,
            place,
            f"a choice is made for the instance {show(name)}, and there is none of that name",
            _nearest(show(name), map(show, instances)),
        )
    decisions = {f.id for f in findings if f.severity is Severity.DECISION}
    for id in sorted(choices.accept - decisions):
        yield Finding(
            "choices/accepts-nothing",
            Severity.INFO,
            place,
            f"{id} is accepted, and there is no decision of that id",
            _nearest(id, decisions),
        )


def _nearest(word: str, words: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else "Nothing, if it is meant for another host or an earlier run."


def _decode(source: bytes, path: str) -> str:
    if len(source) > _MOST_BYTES:
        raise InputError("a choices file of over 1 MiB is not read", path=path, cure="Give the right file.")
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            "the choices are no UTF-8 text",
            path=path,
            line=source.count(b"\n", 0, error.start) + 1,
            cure="Save the file as UTF-8. A name that is no UTF-8 can be given with --instance only.",
        ) from error


def _no_toml(error: Exception, text: str, path: str) -> InputError:
    said = str(error) or "it is nested too deep"
    match = _AT.search(said)
    line = column = 0
    if match is not None:
        line, column = int(match.group(1) or text.count("\n") + 1), int(match.group(2) or 0)
        # Behind the word "key" the command line masks what may be a secret.
        said = said[: match.start()].replace("key", "name")
    cure = 'Write lines such as mixed = "excluded".'
    return InputError(f"this is no TOML: {said}", path=path, line=line, column=column, cure=cure)


def _unreadable(path: str, error: Exception) -> InputError:
    reason = f"the choices cannot be read: {getattr(error, 'strerror', None) or error}"
    return InputError(reason, path=path, cure="Correct the path or the rights, or use --no-choices.")


@dataclass(frozen=True, slots=True)
class _Reader:
    """One choices file, known to be TOML."""

    path: str
    text: str

    def read(self, table: dict[str, Any]) -> GivenChoices:
        self._check_keys(table, _KEYS, ())
        lists = {key: self._list(table[key], key) for key in _LISTS if key in table}
        for key in ("only", "skip"):
            for id in lists.get(key, ()):
                self._check(find_migration, id, (key,))
        if not all(path.startswith("/") for path in lists.get("scripts", ())):
            self._fail("scripts must be paths from /", ("scripts",), "Write them as the host sees them, inside --root.")
        given: dict[str, Any] = dict(lists)
        for key, name in _RELEASES.items():
            if key in table:
                given[name] = self._string(table[key], (key,))
                self._check(resolve_release, given[name], (key,))
        each = table.get("instance", {})
        if not isinstance(each, dict):
            self._fail("instance must be a table", ("instance",), 'Write [instance.NAME], then mixed = "…" below it.')
        instances = {name.encode(): self._mixed(said, ("instance", name)) for name, said in each.items()}
        mixed = {key: value for key, value in table.items() if key in MIXED_KEYS}
        return GivenChoices(self._mixed(mixed, ()), instances, path=self.path, **given)

    def _mixed(self, table: object, where: tuple[str, ...]) -> dict[str, str]:
        if not isinstance(table, dict):
            self._fail(
                f"{where[-1]} must be a table", where, f"Write [{'.'.join(map(quote_key, where))}] above its keys."
            )
        self._check_keys(table, tuple(MIXED_KEYS), where)
        for key, value in table.items():
            self._check(partial(check_mixed, key), self._string(value, (*where, key)), (*where, key))
        return table

    def _check_keys(self, table: Mapping[str, object], known: Sequence[str], where: tuple[str, ...]) -> None:
        for key in table:
            if key in known:
                continue
            import difflib

            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            cure = f"Did you mean {near[0]}? " if near else ""
            self._fail(f"{key!r} is not known here", (*where, key), f"{cure}Known are {', '.join(known)}.")

    def _string(self, value: object, where: tuple[str, ...]) -> str:
        if not isinstance(value, str):
            self._fail(f"{where[-1]} must be a text", where, f'Write {where[-1]} = "…", in quotes.')
        return value

    def _list(self, value: object, key: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self._fail(f"{key} must be a list of texts", (key,), f'Write {key} = ["…", "…"].')
        return tuple(value)

    def _check(self, check: Callable[[str], object], value: str, where: tuple[str, ...]) -> None:
        try:
            check(value)
        except InputError as error:
            self._fail(error.reason, where, error.cure)

    def _fail(self, reason: str, where: tuple[str, ...], cure: str) -> NoReturn:
        raise InputError(reason, path=self.path, line=find_line(self.text, where), cure=cure)
