"""Which language a file is in, and whose rules it is followed by. Parsers are imported only where a name is found."""

from __future__ import annotations

from keepalived_upgrade.dependents.globs import may_hold_patterns, tells_apart
from keepalived_upgrade.dependents.languages import language_of as language_of
from keepalived_upgrade.dependents.mentions import parts_of, says_any
from keepalived_upgrade.dependents.result import FollowResult

_CODE = frozenset(("perl", "ruby", "php", "lua", "javascript"))
_DATA = frozenset(("json", "toml", "ini", "environment"))
_LINES = frozenset(("systemd", "cron", "sudoers", "logrotate", "monit", "monitoring"))


_NOTHING = FollowResult()


def follow_file(path: str, source: bytes, names: dict[bytes, tuple[bytes, ...]], handed: bool = True) -> FollowResult:
    """Rewrite or report what a file says of the names. A file without a mention costs a few searches.

    handed: keepalived may hand the names to this script. Another one is searched for what takes a name to pieces only
    where it says a part of one: `${1%_*}` alone is in many scripts that have nothing to do with keepalived.
    """
    if source.find(b"\0", 0, 8192) >= 0:
        return _NOTHING
    mentioned = says_any(source, names)
    if not (
        mentioned
        or tells_apart(source, names)
        or ((handed or says_any(source, parts_of(tuple(names)))) and _may_take_to_pieces(path, source, names))
    ):
        return _NOTHING
    language = language_of(path, source)
    if language == "shell":
        from keepalived_upgrade.dependents.shell import follow_shell

        return follow_shell(path, source, names)
    if language == "python":
        from keepalived_upgrade.dependents.python import follow_python

        return follow_python(path, source, names)
    return _follow_other(path, source, names, language) if mentioned else FollowResult()


def _may_take_to_pieces(path: str, source: bytes, names: dict[bytes, tuple[bytes, ...]]) -> bool:
    """Tell whether a script depends on a name that it does not say."""
    language = language_of(path, source)
    if language == "shell":
        from keepalived_upgrade.dependents.shell_pieces import find_pieces

        return bool(find_pieces(source, names))
    if language == "python":
        from keepalived_upgrade.dependents.python_pieces import find_python_pieces

        return bool(find_python_pieces(source, names))
    return False


def _follow_other(path: str, source: bytes, names: dict[bytes, tuple[bytes, ...]], language: str) -> FollowResult:
    """Follow names through what is no shell and no Python."""
    if language == "yaml":
        from keepalived_upgrade.dependents.other_yaml import follow_yaml

        return follow_yaml(path, source, names)
    if language in _CODE:
        from keepalived_upgrade.dependents.other_code import follow_code

        return follow_code(path, source, names, language)
    if language in _DATA:
        from keepalived_upgrade.dependents.other_data import follow_data

        return follow_data(path, source, names, language)
    if language in _LINES:
        from keepalived_upgrade.dependents.other_lines import follow_lines

        return follow_lines(path, source, names, language)
    if language == "template":
        from keepalived_upgrade.dependents.other_template import follow_template

        return follow_template(path, source, names)
    from keepalived_upgrade.dependents.text import follow_text

    return follow_text(path, source, names)


def patterns(source: bytes, path: str) -> tuple[tuple[int, bytes], ...]:
    """Give (line, glob) of the patterns in a script that could catch a new name by accident."""
    if language_of(path, source) != "shell" or not may_hold_patterns(source):
        return ()
    from keepalived_upgrade.dependents.shell_listing import shell_patterns

    return shell_patterns(source)


def is_read(source: bytes, path: str) -> bool:
    """Tell whether a script can be read in time; what is no script counts as read."""
    from keepalived_upgrade.dependents.parsing import is_tangled

    language = language_of(path, source)
    return language not in ("shell", "python") or not is_tangled(language, source)


def tested_names(source: bytes, path: str) -> tuple[tuple[int, bytes], ...]:
    """Give (line, literal) of everything that a script compares with something."""
    language = language_of(path, source)
    if language == "shell":
        from keepalived_upgrade.dependents.shell_listing import tested_names as of_shell

        return of_shell(source)
    if language == "python":
        from keepalived_upgrade.dependents.python_tree import tested_names as of_python

        return of_python(source)
    return ()
