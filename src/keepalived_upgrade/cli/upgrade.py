"""The command `upgrade`."""

from __future__ import annotations

import os
import sys
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import (
    MAIN,
    Check,
    Color,
    ColorOption,
    ConfigFile,
    ConfigId,
    Daemon,
    From,
    Mixed,
    NameStyle,
    NoDaemon,
    Notify,
    Patch,
    ReportFormat,
    Root,
    Scripts,
    To,
    Write,
    make_progress,
)
from keepalived_upgrade.cli.plans import give_plan
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.choices import GivenChoices
    from keepalived_upgrade.migration import Choices
    from keepalived_upgrade.plan import Plan
    from keepalived_upgrade.site import Site


EPILOG = (
    "Examples:  keepalived-upgrade upgrade --from debian-jessie --to debian-bookworm  |  "
    "keepalived-upgrade upgrade --root /srv/backup/gw1 --from 1.2.13 --to 2.2.7 --patch gw1.patch"
)


def upgrade(
    config: ConfigFile = MAIN,
    source: From = "",
    target: To = "",
    root: Root = "/",
    scripts: Scripts = None,
    mixed: Annotated[
        Mixed | None, typer.Option(help="How an instance with both families is cured.  [default: split]")
    ] = None,
    names: Annotated[
        NameStyle | None, typer.Option(help="keep: the IPv4 half keeps the name.  [default: suffix]")
    ] = None,
    ipv4_name: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="The IPv4 half's name.  [default: {name}_v4]")
    ] = None,
    ipv6_name: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="The IPv6 half's name.  [default: {name}_v6]")
    ] = None,
    notify: Annotated[
        Notify | None,
        typer.Option(help="Who runs the hooks: the IPv4 half, both halves, or the sync group.  [default: first]"),
    ] = None,
    instance: Annotated[
        list[str] | None,
        typer.Option("--instance", metavar="NAME:KEY=VALUE", help="Decide otherwise for one, e.g. GW:mixed=excluded."),
    ] = None,
    config_id: ConfigId = "",
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="Run this migration only.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="ID", help="Leave this migration out.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FINDING", help="Take this decision as made. An id that no decision has is noted, no error."
        ),
    ] = None,
    choices: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Choices, which options override, lists as a whole. "
            "[default: keepalived-upgrade.toml beside CONFIG, if any]",
        ),
    ] = "",
    no_choices: Annotated[bool, typer.Option("--no-choices", help="Read no choices file.")] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="Ask about each decision and each change; ? shows the answers.")
    ] = False,
    check: Check = False,
    write: Write = False,
    patch: Patch = "",
    html: Annotated[str, typer.Option(metavar="FILE", help="Write the report as a page; - for standard output.")] = "",
    svg: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Write the report as a picture, $COLUMNS wide and at most $LINES long; - for standard output.",
        ),
    ] = "",
    format: Annotated[
        ReportFormat,
        typer.Option("--format", help="markdown: a comment for a merge request; sarif: for code scanning."),
    ] = ReportFormat.TEXT,
    limit: Annotated[
        int, typer.Option(metavar="N", min=4000, help="How many characters a markdown comment may have.")
    ] = 60_000,
    effect: Annotated[bool, typer.Option("--effect", help="Show what keepalived does, before and after.")] = False,
    daemon: Daemon = "auto",
    no_daemon: NoDaemon = False,
    color: ColorOption = Color.AUTO,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Old and new beside each other, in 100 columns and more.")
    ] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page a long report.")] = False,
) -> None:
    """Show what an upgrade changes in a configuration and its scripts; with --write, do it."""
    from keepalived_upgrade.choices import GivenChoices
    from keepalived_upgrade.detection import resolve_releases
    from keepalived_upgrade.engine import upgrade as plan_upgrade
    from keepalived_upgrade.review.masking import hide
    from keepalived_upgrade.site import Site

    if interactive and check:
        raise InputError("--interactive and --check exclude each other", cure="Leave one of them out.")
    if (patch, html, svg).count("-") > 1:
        raise InputError(
            "of --patch -, --html - and --svg -, only one can have standard output", cure="Give a file to the others."
        )
    words = {"mixed": mixed, "names": names, "notify": notify, "ipv4-name": ipv4_name, "ipv6-name": ipv6_name}
    said = {key: word.value if isinstance(word, Enum) else word for key, word in words.items() if word is not None}
    line = GivenChoices(
        said,
        _instances(instance or []),
        only=tuple(only) if only else None,
        skip=tuple(skip) if skip else None,
        accept=tuple(accept) if accept else None,
        scripts=tuple(scripts) if scripts else None,
        source=source or None,
        target=target or None,
    )
    line.choices()  # what is wrong on the command line is said before any file is read
    site = Site.open(config, root, config_id)
    _heed_interrupted(site.root, write)
    known = _from_file(site, choices, no_choices)
    given = line.over(known)
    begin, end = resolve_releases(site.root, given.source, given.target)
    progress = make_progress()
    proving = "" if no_daemon else daemon

    def plan_with(choices: Choices, daemon: str = proving) -> Plan:
        more = given.scripts or ()
        made = plan_upgrade(site, begin, end, choices, scripts=more, daemon=daemon, progress=progress)
        if progress is not None:
            progress("")
        hide(made.secrets)
        return made

    give = partial(
        give_plan,
        patch=patch,
        html=html,
        svg=svg,
        format=format,
        color=color,
        limit=limit,
        effect=effect,
        side_by_side=side_by_side,
        pager=not no_pager,
    )
    if not interactive:
        give(plan_with(given.choices()), write=write, check=check)
        return
    from keepalived_upgrade.cli.dialogue import Dialogue
    from keepalived_upgrade.cli.session import Session

    Session(
        site,
        given,
        known,
        plan_with,
        partial(give, write=False, check=False, walked=True),
        proving,
        Dialogue.open(color, side_by_side),
        write=write,
        offers=format is ReportFormat.TEXT and not patch and not html,
        elsewhere="--no-choices was given" if no_choices else choices and f"the choices come from {choices}",
    ).run()


def _heed_interrupted(root: str, write: bool) -> None:
    """Refuse to write over an interrupted run; a dry run only says that it reads files old and new mixed."""
    from keepalived_upgrade.errors import WriteError
    from keepalived_upgrade.review.masking import clean
    from keepalived_upgrade.writing import refuse_interrupted

    try:
        refuse_interrupted(root)
    except WriteError as error:
        if write:
            raise
        print(f"note: {clean(error.reason)}. {clean(error.cure)}", file=sys.stderr)


def _instances(words: list[str]) -> dict[bytes, dict[str, str]]:
    """Give what --instance says. Raises InputError for what cannot be read or meant."""
    from keepalived_upgrade.migration import MIXED_KEYS, check_mixed

    each: dict[bytes, dict[str, str]] = {}
    for given in words:
        name, colon, rest = given.rpartition(":")
        key, equals, value = rest.partition("=")
        if not (colon and equals and name) or key not in MIXED_KEYS:
            raise InputError(
                f"--instance {given} cannot be read",
                cure=f"Write NAME:KEY=VALUE, where KEY is one of {', '.join(MIXED_KEYS)}; e.g. GW:mixed=excluded.",
            )
        try:
            check_mixed(key, value)
        except InputError as error:
            raise InputError(f"--instance {given}: {error.reason}", cure=error.cure) from error
        each.setdefault(os.fsencode(name), {})[key] = value
    return each


def _from_file(site: Site, file: str, none: bool) -> GivenChoices:
    """Give what the choices file says: the given one, or that of the site."""
    from keepalived_upgrade.choices import GivenChoices, find_choices, read_choices

    if file and none:
        raise InputError("--choices and --no-choices exclude each other", cure="Leave one of them out.")
    if none:
        return GivenChoices()
    return read_choices(file) if file else find_choices(site)
