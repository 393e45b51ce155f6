"""The command `rename`."""

from __future__ import annotations

import os
from typing import Annotated

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
    Kind,
    NoDaemon,
    Patch,
    ReleaseOption,
    Root,
    Scripts,
    Write,
    make_progress,
)
from keepalived_upgrade.cli.plans import give_plan

EPILOG = (
    "Examples:  keepalived-upgrade rename VI_1 LAN  |  keepalived-upgrade rename GW GW_v4,GW_v6 --write  (the block "
    "was split by hand; references, arguments and scripts follow)  |  keepalived-upgrade rename chk_web chk_nginx "
    "--kind script --root /srv/backup/gw1 --release 2.2.7 --patch -"
)


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name as it is.")],
    new: Annotated[str, typer.Argument(metavar="NEW[,NEW…]", help="The new name; several if the block was split.")],
    config: ConfigFile = MAIN,
    root: Root = "/",
    release: ReleaseOption = "",
    kind: Annotated[
        Kind | None, typer.Option(help="What the name belongs to, where several things have it.", show_default=False)
    ] = None,
    scripts: Scripts = None,
    config_id: ConfigId = "",
    accept: Accept = None,
    check: Check = False,
    write: Write = False,
    patch: Patch = "",
    format: FormatOption = Format.TEXT,
    daemon: Daemon = "auto",
    no_daemon: NoDaemon = False,
    color: ColorOption = Color.AUTO,
) -> None:
    """Show what a new name changes in a configuration and its scripts; with --write, do it."""
    from keepalived_upgrade.detection import resolve_running
    from keepalived_upgrade.renaming import rename as plan_rename
    from keepalived_upgrade.site import Site

    site = Site.open(config, root, config_id)
    plan = plan_rename(
        site,
        resolve_running(site.root, release),
        os.fsencode(old),
        [os.fsencode(name) for name in new.split(",")],
        kind=kind.value if kind else "",
        accept=accept or (),
        scripts=scripts or (),
        daemon="" if no_daemon else daemon,
        progress=make_progress(),
    )
    give_plan(plan, patch=patch, format=format, color=color, write=write, check=check)
