"""All dependents of a configuration, followed together: what one file sets, another one that reads it may test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from keepalived_upgrade.dependents.follow import follow_file
from keepalived_upgrade.dependents.languages import language_of
from keepalived_upgrade.dependents.leads import may_source
from keepalived_upgrade.dependents.result import FollowResult


def follow_files(
    texts: Mapping[str, bytes],
    names: dict[bytes, tuple[bytes, ...]],
    find: Callable[[str], str | None],
    handed: Collection[str],
) -> Iterator[tuple[str, FollowResult]]:
    """Give each file with what becomes of the names in it, in order. Raises nothing.

    find: gives the key in texts of a path that a file names, "" where nothing is there, None where something else is.
    handed: the files that keepalived may hand the names to.
    """
    joined: dict[str, FollowResult] = {}
    if any(name in text for text in texts.values() for name in names):
        languages = {path: language_of(path, text) for path, text in texts.items()}
        shells = {path for path, language in languages.items() if language == "shell"}
        if any(may_source(texts[path]) for path in shells):
            from keepalived_upgrade.dependents.shell_joined import follow_sourced

            joined |= follow_sourced(texts, shells, names, find)
        pythons = {path for path, language in languages.items() if language == "python"}
        if len(pythons) > 1:
            from keepalived_upgrade.dependents.python3_joined import follow_imported

            joined |= follow_imported(texts, pythons, names, find)
    for path, text in texts.items():
        yield path, joined[path] if path in joined else follow_file(path, text, names, path in handed)
