"""The migrations that exist: found as folders, loaded once, in the order in which they run."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from keepalived_upgrade.errors import InputError
from keepalived_upgrade.migration import Migration


@cache
def load_migrations() -> tuple[Migration, ...]:
    """Give every migration by release, then passes that change how the text reads last, then by id."""
    import keepalived_upgrade.migrations as package

    found = []
    for folder in package.__path__:
        for init in sorted(Path(folder).glob("v*/*/__init__.py")):
            if (init.parent / "README.md").is_file():
                found.append(_load(init.parent))
    return tuple(sorted(found, key=lambda m: (m.release, m.last, m.id)))


def find_migration(id: str) -> Migration:
    """Give the migration with this id, or the only one whose last part it is. Raises InputError for none."""
    all_of_them = load_migrations()
    matches = [m for m in all_of_them if id in (m.id, m.id.rpartition("/")[2])]
    if len(matches) == 1:
        return matches[0]
    import difflib

    near = difflib.get_close_matches(id, [m.id for m in all_of_them], n=3, cutoff=0.3)
    raise InputError(
        f"there is no migration {id!r}",
        cure=("Did you mean " + " or ".join(near) + "? " if near else "") + "`keepalived-upgrade list` shows all.",
    )


def _load(folder: Path) -> Migration:
    name = f"{folder.parent.name}.{folder.name}"
    migration = importlib.import_module(f"keepalived_upgrade.migrations.{name}").MIGRATION
    if not isinstance(migration, Migration) or migration.id != name.replace(".", "/"):
        raise TypeError(f"{folder} must hold MIGRATION with the id {name.replace('.', '/')}")
    return migration


def read_text(migration: Migration) -> str:
    """Give the README of a migration: what `explain` prints."""
    import keepalived_upgrade.migrations as package

    for folder in package.__path__:
        readme = Path(folder) / migration.id / "README.md"
        if readme.is_file():
            return readme.read_text(encoding="utf-8")
    return migration.summary
