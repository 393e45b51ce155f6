"""The commands `list` and `explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keepalived_upgrade.cli.options import Format, FormatOption, From, Root, To
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
    for migration in chosen:
        what = f"  [{outcomes[migration.id]}]" if outcomes is not None else ""
        typer.echo(f"{migration.id:<44} {migration.kind:<9} {migration.summary}{what}")
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
    import textwrap

    from keepalived_upgrade.explanations import explain as find

    found = find(id)
    migration = found.migration
    if migration is not None and migration.id == found.id:
        covered = ", ".join(f"{name} ({version})" for name, version in migration.covers)
        typer.echo(f"{found.text.rstrip()}\n\nMigration {migration.id}; covers {covered}.")
        return
    typer.echo(f"{found.id}\n")
    typer.echo(textwrap.fill(found.text, 100, break_long_words=False, break_on_hyphens=False))
    if migration is not None:
        typer.echo(f"\nIt comes from {migration.id}: {migration.summary}")
