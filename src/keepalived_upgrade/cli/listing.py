"""The commands `list` and `explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import Color, Format, FormatOption, From, Root, To
from keepalived_upgrade.errors import InputError

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Migration

_VERSION = 1


def list_migrations(
    source: From = "",
    target: To = "",
    area: Annotated[str, typer.Option(metavar="AREA", help="Only those of an area, such as vrrp or checkers.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only those that do this, such as rewrites.")] = "",
    config: Annotated[
        str, typer.Option("--for", metavar="CONFIG", help="Only those that do something to this configuration.")
    ] = "",
    root: Root = "/",
    format: FormatOption = Format.TEXT,
) -> None:
    """List the migrations, or those between two releases, with the changes of keepalived that they cover."""
    from keepalived_upgrade.catalogue import load_migrations
    from keepalived_upgrade.releases import Release, resolve_release

    everything = load_migrations()
    _check("area", area, {migration.area for migration in everything})
    _check("kind", kind, {migration.kind for migration in everything})
    low = resolve_release(source) if source else Release(0, 0, 0)
    high = resolve_release(target) if target else Release(99, 0, 0)
    chosen = [
        migration
        for migration in everything
        if migration.applies(low, high) and area in ("", migration.area) and kind in ("", migration.kind)
    ]
    outcomes = _outcomes(config, root, source, target) if config else None
    if outcomes is not None:
        chosen = [migration for migration in chosen if migration.id in outcomes]
    if format is Format.JSON:
        _print_json(chosen, outcomes)
        return
    for line in _rows(chosen, outcomes):
        typer.echo(line)
    if outcomes is not None and not chosen:
        typer.echo("Nothing of this applies to the configuration.")


def _check(option: str, given: str, known: set[str]) -> None:
    if given and given not in known:
        raise InputError(
            f"--{option} {given}: there is no such {option}", cure=f"Choose one of {', '.join(sorted(known))}."
        )


def _outcomes(config: str, root: str, source: str, target: str) -> dict[str, str]:
    """Run the upgrade without proofs of the daemon, and give what each migration did, for those that did something."""
    from keepalived_upgrade.detection import resolve_releases
    from keepalived_upgrade.engine import upgrade
    from keepalived_upgrade.review.summary import count, summarise_passes
    from keepalived_upgrade.site import Site

    site = Site.open(config, root)
    low, high = resolve_releases(site.root, source or None, target or None)
    plan = upgrade(site, low, high, daemon="")
    changes = {one.migration: one.changes for one in summarise_passes(plan)}
    found: dict[str, str] = {}
    for id in plan.ran:
        said = sum(finding.id.rpartition("/")[0] == id for finding in plan.findings)
        parts = [count(number, noun) for number, noun in ((changes.get(id, 0), "change"), (said, "finding")) if number]
        if parts:
            found[id] = ", ".join(parts)
    return found


def _rows(chosen: list[Migration], outcomes: dict[str, str] | None) -> Iterator[str]:
    """One line each; on a terminal the summary is folded in its own column."""
    import shutil

    from keepalived_upgrade.review.cells import fold

    size = max((len(migration.id) for migration in chosen), default=0)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for migration in chosen:
        head = f"{migration.id:<{size}}  {migration.kind:<8}  "
        does = f"  [{outcomes[migration.id]}]" if outcomes is not None else ""
        first, *more = fold(f"{migration.summary}{does}", max(20, width - len(head)) if width else 0)
        yield head + first
        yield from (" " * len(head) + line for line in more)


def _print_json(chosen: list[Migration], outcomes: dict[str, str] | None) -> None:
    import json

    rows = [
        {
            "id": m.id,
            "release": str(m.release),
            "area": m.area,
            "kind": m.kind,
            "summary": m.summary,
            "covers": [{"id": id, "version": version} for id, version in m.covers],
            **({"does": outcomes[m.id]} if outcomes is not None else {}),
        }
        for m in chosen
    ]
    typer.echo(json.dumps({"version": _VERSION, "migrations": rows}, indent=2))


def explain(
    id: Annotated[str, typer.Argument(metavar="ID", help="A migration's id or its last part, or the id of a finding.")],
) -> None:
    """Say what a release changed and what the rewrite does and does not do, or what a finding means."""
    from keepalived_upgrade.explanations import explain as find

    found = find(id)
    migration = found.migration
    if migration is None:
        text = f"**{found.id}**\n\n{found.text}"
    elif migration.id == found.id:
        covered = ", ".join(f"{name} ({version})" for name, version in migration.covers)
        text = f"{found.text.rstrip()}\n\nMigration {migration.id}; covers {covered}."
    else:
        text = f"**{found.id}**\n\n{found.text}\n\nIt comes from {migration.id}: {migration.summary}"
    typer.echo(_for_reading(text), nl=False)


def _for_reading(text: str) -> str:
    """A text as a terminal shows it; elsewhere it stays the markdown that it is."""
    if not sys.stdout.isatty():
        return f"{text}\n"
    import shutil

    from keepalived_upgrade.cli.terminal import wants_color
    from keepalived_upgrade.review.prose import render_prose

    # Lines of prose over 100 columns are hard to read.
    return render_prose(text, color=wants_color(Color.AUTO), width=min(100, shutil.get_terminal_size().columns))
