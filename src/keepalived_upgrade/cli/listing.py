"""The commands `list` and `explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from keepalived_upgrade.cli.options import Format, FormatOption, From, To


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


def explain(id: Annotated[str, typer.Argument(metavar="ID", help="A migration's id, or its last part.")]) -> None:
    """Say what a release changed, what the old form does there, and what the rewrite does and does not do."""
    from keepalived_upgrade.catalogue import find_migration, read_text

    migration = find_migration(id)
    typer.echo(read_text(migration).rstrip())
    covered = ", ".join(f"{name} ({version})" for name, version in migration.covers)
    typer.echo(f"\nMigration {migration.id}; covers {covered}.")
