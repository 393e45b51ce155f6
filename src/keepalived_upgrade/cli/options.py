"""What several commands take, and how they talk on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import typer


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
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]


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
