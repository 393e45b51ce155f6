"""The command `upgrade`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import (
    MAIN,
    Accept,
    Check,
    Color,
    ColorOption,
    ConfigFile,
    ConfigId,
    Daemon,
    Format,
    FormatOption,
    From,
    Mixed,
    NameStyle,
    NoDaemon,
    Notify,
    Patch,
    Root,
    Scripts,
    To,
    Write,
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
    config: ConfigFile = MAIN,
    source: From = "",
    target: To = "",
    root: Root = "/",
    scripts: Scripts = None,
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
    config_id: ConfigId = "",
    only: Annotated[list[str] | None, typer.Option(metavar="ID", help="Run this migration only.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="ID", help="Leave this migration out.")] = None,
    accept: Accept = None,
    check: Check = False,
    write: Write = False,
    patch: Patch = "",
    format: FormatOption = Format.TEXT,
    daemon: Daemon = "auto",
    no_daemon: NoDaemon = False,
    color: ColorOption = Color.AUTO,
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
    plan = plan_upgrade(site, begin, end, choices, scripts=scripts or (), daemon=chosen, progress=make_progress())
    give_plan(plan, patch=patch, format=format, color=color, write=write, check=check)


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
