"""Write script paths without linked directories (2.3.0).

From 2.3.0 every directory of the path as written must be a real one, or the script is disabled when it runs as root."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.commands import Command, commands
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import not_editable, show

ID = "v2_3_0/script_path_through_link"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Replace the folder of each script's path by its real path; the file's own name stays."""
    for command in commands(config):
        program = command.argv[0].decode("utf-8", "surrogateescape") if command.argv else ""
        if not program.startswith("/"):
            continue
        folder = posixpath.dirname(program)
        real = context.host.resolve(folder)
        if real is None:
            if folder in ("/bin", "/sbin"):
                yield _unknown(command, folder)
            continue
        if real == posixpath.normpath(folder):
            continue
        yield _replace(command, program, posixpath.join(real, posixpath.basename(program)))


def _replace(command: Command, program: str, real: str) -> Outcome:
    statement, word = command.statement, command.word
    old, new = program.encode("utf-8", "surrogateescape"), real.encode("utf-8", "surrogateescape")
    at = statement.text.find(old)
    if not statement.editable or at < 0:
        return not_editable(statement, ID, new)
    start = statement.start + at
    reason = f"{posixpath.dirname(program)} is a link; 2.3.0 disables scripts whose path goes through one."
    return Edit(word.path, start, start + len(old), new, ID, reason)


def _unknown(command: Command, folder: str) -> Finding:
    return Finding(
        f"{ID}/unknown-folder",
        Severity.REVIEW,
        command.statement.place,
        f"{folder} is not there below the root, so it is not known whether it is a link on the host; "
        f"if it is, 2.3.0 disables {show(command.string)}",
        f"On a host where {folder} is a link, write /usr{folder} instead.",
    )


MIGRATION = Migration(
    id=ID,
    release=Release(2, 3, 0),
    covers=(("script-path-through-symlinked-directory-disabled", "2.3.0"),),
    area="scripts",
    kind="rewrites",
    summary="Write script paths without linked directories.",
    run=migrate,
)
