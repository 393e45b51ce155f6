"""The command `upgrade`."""

from __future__ import annotations

import os
import sys
from enum import Enum
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
    from keepalived_upgrade.choices import GivenChoices
    from keepalived_upgrade.plan import Plan
    from keepalived_upgrade.site import Site


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
    config_id: Annotated[str, typer.Option(metavar="ID", help="The node's id for @ conditions (-i).")] = "",
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
    check: Annotated[bool, typer.Option("--check", help="For CI: exit 1 if anything changes or is open.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write all files or none; `undo` takes it back.")] = False,
    patch: Annotated[str, typer.Option(metavar="FILE", help="Write a patch for review; - for standard output.")] = "",
    html: Annotated[str, typer.Option(metavar="FILE", help="Write the report as a page; - for standard output.")] = "",
    format: FormatOption = Format.TEXT,
    daemon: Annotated[
        str, typer.Option(metavar="PATH", help="The target's keepalived, for the daemon proof.")
    ] = "auto",
    no_daemon: Annotated[bool, typer.Option("--no-daemon", help="Make no daemon proof.")] = False,
    color: Annotated[Color, typer.Option(help="auto: on a terminal only.")] = Color.AUTO,
) -> None:
    """Show what an upgrade changes in a configuration and its scripts; with --write, do it."""
    from keepalived_upgrade.choices import GivenChoices
    from keepalived_upgrade.detection import resolve_releases
    from keepalived_upgrade.engine import upgrade as plan_upgrade
    from keepalived_upgrade.site import Site

    if patch == html == "-":
        raise InputError("--patch - and --html - both want standard output", cure="Give a file to one of them.")
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
    given = line.over(_from_file(site, choices, no_choices))
    begin, end = resolve_releases(site.root, given.source, given.target)
    plan = plan_upgrade(
        site,
        begin,
        end,
        given.choices(),
        scripts=given.scripts or (),
        daemon="" if no_daemon else daemon,
        progress=make_progress(),
    )
    if patch:
        _give_patch(plan, patch)
    if html:
        _give_page(plan, html)
    if "-" not in (patch, html):
        _print_plan(plan, format, color, write)
    if write:
        _write(plan)
    if check and (plan.files or any(f.severity.value != "info" for f in plan.findings)):
        raise typer.Exit(1)


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


def _give_page(plan: Plan, where: str) -> None:
    from keepalived_upgrade.cli.again import command_again

    page = plan.to_html(command_again("--write")).encode()
    if where == "-":
        sys.stdout.buffer.write(page)
        sys.stdout.buffer.flush()
        return
    try:
        Path(where).write_bytes(page)
    except OSError as error:
        raise InputError(
            f"the page cannot be written: {error.strerror}", path=where, cure="Give another file."
        ) from error
    print(f"page written to {where}; open it in a browser", file=sys.stderr)


def _print_plan(plan: Plan, format: Format, color: Color, writing: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if format is Format.JSON:
        sys.stdout.write(plan.to_json())
        return
    import shutil

    from keepalived_upgrade.review.terminal import render_report

    terminal = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    wanted = color is Color.ALWAYS or (color is Color.AUTO and terminal)
    sys.stdout.write(render_report(plan, color=wanted, width=shutil.get_terminal_size().columns, writing=writing))


def _write(plan: Plan) -> None:
    id = plan.write()
    if not id:
        print("There was nothing to write.", file=sys.stderr)
        return
    root = "" if plan.root == "/" else f" --root {plan.root}"
    bundle = Path(plan.root) / "var/lib/keepalived-upgrade/undo" / id
    print(f"Written. The old files are in {bundle}; `keepalived-upgrade undo{root}` puts them back.", file=sys.stderr)
