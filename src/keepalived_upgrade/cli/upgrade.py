"""The command `upgrade`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import (
    Color,
    From,
    Mixed,
    NameStyle,
    Notify,
    ReportFormat,
    Root,
    To,
    make_progress,
)
from keepalived_upgrade.cli.plans import give_plan
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Choices, MixedChoice


EPILOG = (
    "Examples:  keepalived-upgrade upgrade --from debian-jessie --to debian-bookworm  |  "
    "keepalived-upgrade upgrade --root /srv/backup/gw1 --from 1.2.13 --to 2.2.7 --patch gw1.patch"
)


def upgrade(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="The main file, as the host sees it.")] = (
        "/etc/keepalived/keepalived.conf"
    ),
    source: From = "",
    target: To = "",
    root: Root = "/",
    scripts: Annotated[
        list[str] | None,
        typer.Option("--scripts", metavar="PATH", help="More files or folders to search for names. May be repeated."),
    ] = None,
    mixed: Annotated[Mixed, typer.Option(help="How an instance with both families is cured.")] = Mixed.SPLIT,
    names: Annotated[NameStyle, typer.Option(help="keep: the IPv4 half keeps the name.")] = NameStyle.SUFFIX,
    ipv4_name: Annotated[str, typer.Option(metavar="PATTERN", help="The IPv4 half's name.")] = "{name}_v4",
    ipv6_name: Annotated[str, typer.Option(metavar="PATTERN", help="The IPv6 half's name.")] = "{name}_v6",
    notify: Annotated[
        Notify, typer.Option(help="Who runs the hooks: the IPv4 half, both halves, or the sync group.")
    ] = Notify.FIRST,
    instance: Annotated[
        list[str] | None,
        typer.Option("--instance", metavar="NAME:KEY=VALUE", help="Decide otherwise for one, e.g. GW:mixed=excluded."),
    ] = None,
    config_id: Annotated[str, typer.Option(metavar="ID", help="The node's id for @ conditions (-i).")] = "",
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="Run this migration only.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="ID", help="Leave this migration out.")] = None,
    accept: Annotated[list[str] | None, typer.Option(metavar="FINDING", help="Take this decision as made.")] = None,
    check: Annotated[bool, typer.Option("--check", help="For CI: exit 1 if anything changes or is open.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write all files or none; `undo` takes it back.")] = False,
    patch: Annotated[str, typer.Option(metavar="FILE", help="Write a patch for review; - for standard output.")] = "",
    format: Annotated[
        ReportFormat,
        typer.Option("--format", help="markdown: a comment for a merge request; sarif: for code scanning."),
    ] = ReportFormat.TEXT,
    limit: Annotated[
        int, typer.Option(metavar="N", min=4000, help="How many characters a markdown comment may have.")
    ] = 60_000,
    daemon: Annotated[
        str, typer.Option(metavar="PATH", help="The target's keepalived, for the daemon proof.")
    ] = "auto",
    no_daemon: Annotated[bool, typer.Option("--no-daemon", help="Make no daemon proof.")] = False,
    color: Annotated[Color, typer.Option(help="auto: on a terminal only, and not if NO_COLOR is set.")] = Color.AUTO,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Old and new beside each other, in 100 columns and more.")
    ] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page a long report.")] = False,
) -> None:
    """Show what an upgrade changes in a configuration and its scripts; with --write, do it."""
    from keepalived_upgrade.detection import resolve_releases
    from keepalived_upgrade.engine import upgrade as plan_upgrade
    from keepalived_upgrade.migration import MixedChoice
    from keepalived_upgrade.site import Site

    default = MixedChoice(mixed.value, names.value, notify.value, ipv4_name, ipv6_name)
    choices = _choices(default, instance or [], only or [], skip or [], accept or [])
    site = Site.open(config, root, config_id)
    begin, end = resolve_releases(site.root, source or None, target or None)
    chosen = "" if no_daemon else daemon
    progress = make_progress()
    plan = plan_upgrade(site, begin, end, choices, scripts=scripts or (), daemon=chosen, progress=progress)
    if progress is not None:
        progress("")
    give_plan(
        plan,
        patch=patch,
        format=format,
        color=color,
        write=write,
        check=check,
        limit=limit,
        side_by_side=side_by_side,
        pager=not no_pager,
    )


def _choices(
    default: MixedChoice, instances: list[str], only: list[str], skip: list[str], accept: list[str]
) -> Choices:
    from dataclasses import replace

    from keepalived_upgrade.migration import Choices

    fields = {"mixed": "cure", "names": "names", "notify": "notify", "ipv4-name": "ipv4", "ipv6-name": "ipv6"}
    each: dict[bytes, MixedChoice] = {}
    for given in instances:
        name, colon, rest = given.rpartition(":")
        key, equals, value = rest.partition("=")
        if not (colon and equals and name) or key not in fields:
            raise InputError(
                f"--instance {given} cannot be read",
                cure=f"Write NAME:KEY=VALUE, where KEY is one of {', '.join(fields)}; e.g. GW:mixed=excluded.",
            )
        raw = os.fsencode(name)
        each[raw] = replace(each.get(raw, default), **{fields[key]: value})
    return Choices(default, each, frozenset(only), frozenset(skip), frozenset(accept))
