"""The command `follow`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import (
    MAIN,
    Accept,
    Check,
    Color,
    ColorOption,
    ConfigId,
    Format,
    FormatOption,
    Patch,
    ReleaseOption,
    Root,
    Scripts,
    Write,
    make_progress,
)
from keepalived_upgrade.cli.plans import give_plan

if TYPE_CHECKING:
    from keepalived_upgrade.site import Site

EPILOG = (
    "Examples:  keepalived-upgrade follow /root/keepalived.conf.before  |  git show HEAD~1:keepalived.conf >/tmp/old; "
    "keepalived-upgrade follow /tmp/old /etc/keepalived/keepalived.conf --write  |  "
    "keepalived-upgrade follow old.conf --root /srv/backup/gw1 --release 2.2.7 --accept follow/likely --patch -"
)


def follow(
    old: Annotated[str, typer.Argument(metavar="OLD.conf", help="The main file as it was; it may lie anywhere.")],
    new: Annotated[str, typer.Argument(metavar="NEW.conf", help="The main file as it is, as the host sees it.")] = MAIN,
    root: Root = "/",
    release: ReleaseOption = "",
    scripts: Scripts = None,
    config_id: ConfigId = "",
    accept: Accept = None,
    check: Check = False,
    write: Write = False,
    patch: Patch = "",
    format: FormatOption = Format.TEXT,
    color: ColorOption = Color.AUTO,
) -> None:
    """After a change by hand: show what the scripts must follow, and how sure that is; with --write, do it."""
    from keepalived_upgrade.detection import resolve_running
    from keepalived_upgrade.following import follow as plan_follow
    from keepalived_upgrade.site import Site

    site = Site.open(new, root, config_id)
    plan = plan_follow(
        _open_old(old, site),
        site,
        resolve_running(site.root, release),
        accept=accept or (),
        scripts=scripts or (),
        progress=make_progress(),
    )
    give_plan(plan, patch=patch, format=format, color=color, write=write, check=check)


def _open_old(old: str, site: Site) -> Site:
    """The old file is looked for on the host first, then on this machine."""
    from keepalived_upgrade.site import Site

    id = site.config_id.decode("utf-8", "surrogateescape")
    here = site.root != "/" and not site.exists(site.inside(old)) and Path(old).exists()
    return Site.open(old, "/" if here else site.root, id)
