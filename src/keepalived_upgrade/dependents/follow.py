"""Which language a file is in, and whose rules it is followed by. Parsers are imported only where a name is found."""

from __future__ import annotations

import re

from keepalived_upgrade.dependents.globs import tells_apart
from keepalived_upgrade.dependents.result import FollowResult

_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-\S+\s+)*)?(?:\S*/)?([a-z]+)")
_SHELLS = frozenset((b"sh", b"bash", b"dash", b"ash", b"ksh"))
_SHELL_LOOK = re.compile(rb"^\s*(?:case\s.+\sin\s*$|if\s+\[|esac\b|fi\b|export\s+\w+=)", re.MULTILINE)


def language_of(path: str, source: bytes) -> str:
    """Give "shell", "python" or "text", by shebang, then ending, then look."""
    match = _SHEBANG.match(source)
    if match:
        program = match.group(1)
        return "shell" if program in _SHELLS else "python" if program == b"python" else "text"
    if path.endswith((".sh", ".bash")):
        return "shell"
    if path.endswith(".py"):
        return "python"
    return "shell" if _SHELL_LOOK.search(source) else "text"


def follow_file(path: str, source: bytes, names: dict[bytes, tuple[bytes, ...]]) -> FollowResult:
    """Rewrite or report what a file says of the names. A file without a mention costs one search."""
    mentioned = any(name in source for name in names)
    if not (mentioned or tells_apart(source, names)) or b"\0" in source[:8192]:
        return FollowResult()
    language = language_of(path, source)
    if language == "shell":
        from keepalived_upgrade.dependents.shell import follow_shell

        return follow_shell(path, source, names)
    if language == "python":
        from keepalived_upgrade.dependents.python import follow_python

        return follow_python(path, source, names)
    from keepalived_upgrade.dependents.text import follow_text

    return follow_text(path, source, names)


def patterns(source: bytes, path: str) -> tuple[tuple[int, bytes], ...]:
    """Give (line, glob) of the patterns in a script that could catch a new name by accident."""
    if language_of(path, source) != "shell" or not re.search(rb"[*?\[]", source):
        return ()
    from keepalived_upgrade.dependents.shell_listing import shell_patterns

    return shell_patterns(source)


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
