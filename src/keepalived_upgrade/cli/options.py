"""What several commands take, and how they talk on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import typer

MAIN = "/etc/keepalived/keepalived.conf"


class Mixed(Enum):
    """Cures for an instance with both families."""

    SPLIT = "split"
    EXCLUDED = "excluded"


class NameStyle(Enum):
    """Names of the halves."""

    SUFFIX = "suffix"
    KEEP = "keep"


class Notify(Enum):
    """Where the hooks go."""

    FIRST = "first"
    BOTH = "both"
    GROUP = "group"


class Kind(Enum):
    """What a name belongs to; see model.references.KINDS."""

    INSTANCE = "instance"
    GROUP = "group"
    SERVERS = "servers"
    SCRIPT = "script"
    FILE = "file"
    PROCESS = "process"
    BFD = "bfd"


class Format(Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


class ReportFormat(Enum):
    """Output formats of a plan."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    SARIF = "sarif"


class Color(Enum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Root = Annotated[str, typer.Option("--root", metavar="DIR", help="The folder that stands for /: a copy of a host.")]
From = Annotated[
    str, typer.Option("--from", metavar="RELEASE", help="What the files were written for: 1.2.13, debian-jessie, el7 …")
]
To = Annotated[str, typer.Option("--to", metavar="RELEASE", help="What will run: 2.2.7, debian-bookworm …")]
ReleaseOption = Annotated[
    str,
    typer.Option("--release", metavar="RELEASE", help="What the host runs: 2.2.7, debian-bookworm … Else found out."),
]
ConfigFile = Annotated[str, typer.Argument(metavar="CONFIG", help="The main file, as the host sees it.")]
Scripts = Annotated[
    list[str] | None,
    typer.Option(
        "--scripts", metavar="PATH", help="More files (as if keepalived ran them) or folders to search for names."
    ),
]
ConfigId = Annotated[str, typer.Option(metavar="ID", help="The node's id for @ conditions (-i).")]
Accept = Annotated[list[str] | None, typer.Option(metavar="FINDING", help="Take this decision as made.")]
Check = Annotated[bool, typer.Option("--check", help="For CI: exit 1 if anything changes or is open.")]
Write = Annotated[bool, typer.Option("--write", help="Write all files or none; `undo` takes it back.")]
Patch = Annotated[str, typer.Option(metavar="FILE", help="Write a patch for review; - for standard output.")]
ColorOption = Annotated[Color, typer.Option(help="auto: on a terminal only, and not if NO_COLOR is set.")]
Daemon = Annotated[str, typer.Option("--daemon", metavar="PATH", help="The target's keepalived, for the daemon proof.")]
NoDaemon = Annotated[bool, typer.Option("--no-daemon", help="Make no daemon proof.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]


def clear_progress() -> None:
    """Take what progress left on the terminal's line away."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def make_progress() -> Callable[[str], None] | None:
    """Say on a terminal what is being done; say nothing elsewhere."""
    if not sys.stderr.isatty():
        return None

    from keepalived_upgrade.review.masking import clean

    def say(text: str) -> None:
        text = clean(text)
        sys.stderr.write(f"\r\x1b[K{text}" if text else "\r\x1b[K")
        sys.stderr.flush()

    return say
