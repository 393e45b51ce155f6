"""The command line: each command is a few lines over the library. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.errors import InputError, UpgradeError

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Choices, MixedChoice
    from keepalived_upgrade.plan import Plan

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Carry a keepalived configuration, and the scripts that know its names, from one release to another.",
    epilog="Exit status: 0 fine, 1 --check found something, 2 bad usage or input, 3 --write refused because a decision "
    "is open, 4 refused because a proof failed, 5 a fault of this program.",
)


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


def _version(wanted: bool) -> None:
    if wanted:
        from keepalived_upgrade import __version__

        typer.echo(f"keepalived-upgrade {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Hold the options that stand before a command."""


@app.command(
    epilog="Examples:  keepalived-upgrade upgrade --from debian-jessie --to debian-bookworm  |  "
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
    plan = plan_upgrade(site, begin, end, choices, scripts=scripts or (), daemon=chosen, progress=_progress())
    if patch:
        _give_patch(plan, patch)
    if patch != "-":
        _print_plan(plan, format, color, write)
    if write:
        _write(plan)
    if check and (plan.files or any(f.severity.value != "info" for f in plan.findings)):
        raise typer.Exit(1)


@app.command()
def undo(
    id: Annotated[str, typer.Argument(metavar="ID", help="The bundle; the last one if not given.")] = "",
    root: Root = "/",
    show_list: Annotated[bool, typer.Option("--list", help="List the bundles.")] = False,
) -> None:
    """Put the files back as they were before --write, or before an interrupted write."""
    from keepalived_upgrade.writing import list_bundles
    from keepalived_upgrade.writing import undo as take_back

    if show_list:
        for bundle in list_bundles(root):
            state = "" if bundle.done else "  interrupted while writing"
            typer.echo(f"{bundle.id}  {', '.join(str(entry['path']) for entry in bundle.files)}{state}")
        return
    for path in take_back(root, id):
        typer.echo(f"restored {path}")


@app.command("list")
def list_migrations(source: From = "", target: To = "", format: FormatOption = Format.TEXT) -> None:
    """List the migrations, or those between two releases, with the changes of keepalived that they cover."""
    from keepalived_upgrade.catalogue import load_migrations
    from keepalived_upgrade.releases import Release, resolve_release

    low = resolve_release(source) if source else Release(0, 0, 0)
    high = resolve_release(target) if target else Release(99, 0, 0)
    chosen = [migration for migration in load_migrations() if migration.applies(low, high)]
    if format is Format.TEXT:
        for migration in chosen:
            typer.echo(f"{migration.id:<44} {migration.kind:<9} {migration.summary}")
        return
    import json

    rows = [
        {
            "id": m.id,
            "release": str(m.release),
            "area": m.area,
            "kind": m.kind,
            "summary": m.summary,
            "covers": [{"id": id, "version": version} for id, version in m.covers],
        }
        for m in chosen
    ]
    typer.echo(json.dumps(rows, indent=2))


@app.command()
def explain(id: Annotated[str, typer.Argument(metavar="ID", help="A migration's id, or its last part.")]) -> None:
    """Say what a release changed, what the old form does there, and what the rewrite does and does not do."""
    from keepalived_upgrade.catalogue import find_migration, read_text

    migration = find_migration(id)
    typer.echo(read_text(migration).rstrip())
    covered = ", ".join(f"{name} ({version})" for name, version in migration.covers)
    typer.echo(f"\nMigration {migration.id}; covers {covered}.")


def main() -> None:
    """Run the command line. Bad input ends with a message and its status, never with a traceback."""
    try:
        app(prog_name="keepalived-upgrade")
    except UpgradeError as error:
        _fail(str(error), error.exit_status)
    except KeyboardInterrupt:
        _fail("interrupted; nothing was written", 130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # the last line of defence: no operator shall see a traceback
        if os.environ.get("KEEPALIVED_UPGRADE_DEBUG"):
            raise
        hint = "set KEEPALIVED_UPGRADE_DEBUG=1 to see where, and report it"
        _fail(f"a fault of this program ({type(error).__name__}: {error}); {hint}", 5)


def _fail(message: str, status: int) -> None:
    from keepalived_upgrade.review.masking import clean, mask

    lines = [mask(clean(line)) for line in message.splitlines()] or [""]
    print("keepalived-upgrade: " + "\n".join(lines), file=sys.stderr)
    sys.exit(status)


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


def _progress() -> Callable[[str], None] | None:
    """Say on a terminal what is being done; say nothing elsewhere."""
    if not sys.stderr.isatty():
        return None

    def say(text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}" if text else "\r\x1b[K")
        sys.stderr.flush()

    return say


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
