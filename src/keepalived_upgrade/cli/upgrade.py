"""The command `upgrade`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import (
    Color,
    Format,
    FormatOption,
    From,
    Mixed,
    NameStyle,
    Notify,
    Root,
    To,
    make_progress,
)
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Choices, MixedChoice
    from keepalived_upgrade.plan import Plan


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
    format: FormatOption = Format.TEXT,
    effect: Annotated[bool, typer.Option("--effect", help="Show what keepalived does, before and after.")] = False,
    daemon: Annotated[
        str, typer.Option(metavar="PATH", help="The target's keepalived, for the daemon proof.")
    ] = "auto",
    no_daemon: Annotated[bool, typer.Option("--no-daemon", help="Make no daemon proof.")] = False,
    color: Annotated[Color, typer.Option(help="auto: on a terminal only.")] = Color.AUTO,
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
    if patch:
        _give_patch(plan, patch)
    if patch != "-":
        _print_plan(plan, format, color, write, effect)
    if write:
        _write(plan)
    if check and (plan.files or any(f.severity.value != "info" for f in plan.findings)):
        raise typer.Exit(1)


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


def _give_patch(plan: Plan, where: str) -> None:
    from keepalived_upgrade.review.patch import holds_secret

    patch = plan.patch()
    if where == "-":
        sys.stdout.buffer.write(patch)
        sys.stdout.buffer.flush()
        return
    secret = holds_secret(patch)
    try:
        descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600 if secret else 0o644)
        with open(descriptor, "wb") as file:
            if secret:
                os.fchmod(file.fileno(), 0o600)
            file.write(patch)
    except OSError as error:
        raise InputError(
            f"the patch cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    note = " (it shows a password: readable by you only)" if secret else ""
    print(f"patch written to {where}{note}; try it with: git apply --check, or patch -p1 --dry-run", file=sys.stderr)


def _print_plan(plan: Plan, format: Format, color: Color, writing: bool, effect: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if format is Format.JSON:
        sys.stdout.write(plan.to_json(effect=effect))
        return
    import shutil

    from keepalived_upgrade.review.terminal import render_report

    terminal = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    wanted = color is Color.ALWAYS or (color is Color.AUTO and terminal)
    sys.stdout.write(render_report(plan, color=wanted, width=shutil.get_terminal_size().columns, writing=writing))
    if effect:
        from keepalived_upgrade.cli.effect import show_comparison

        sys.stdout.write(show_comparison(plan))


def _write(plan: Plan) -> None:
    id = plan.write()
    if not id:
        print("There was nothing to write.", file=sys.stderr)
        return
    root = "" if plan.root == "/" else f" --root {plan.root}"
    bundle = Path(plan.root) / "var/lib/keepalived-upgrade/undo" / id
    print(f"Written. The old files are in {bundle}; `keepalived-upgrade undo{root}` puts them back.", file=sys.stderr)
