"""What an id means: of a migration, of a finding, or of an area of findings.

A migration explains itself and its findings in its README.md; the rest stands in `data/findings.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from keepalived_upgrade.catalogue import find_migration, load_migrations, read_text
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.migration import Migration

_ENTRY = re.compile(r"^- ((?:`[a-z0-9-]+`(?:, )?)+): (.*?)(?=\n- |\n\n|\Z)", re.MULTILINE | re.DOTALL)
_FINDINGS = "**Findings**"


@dataclass(frozen=True, slots=True)
class Explanation:
    """id: in full. text: markdown. migration: the one that it belongs to, or None."""

    id: str
    text: str
    migration: Migration | None = None


def explain(id: str) -> Explanation:
    """Give what a migration, a finding or an area of findings is about.

    id: in full, or the last part of a migration's. Raises InputError when there is nothing of that name.
    """
    found = find_explanation(id)
    if found is not None:
        return found
    if id.count("/") > 1:
        raise InputError(f"there is no finding {id!r}", cure=f"`keepalived-upgrade explain {id.rpartition('/')[0]}`?")
    try:
        migration = find_migration(id)
    except InputError as error:
        raise InputError(f"there is no migration and no finding {id!r}", cure=_nearest(id)) from error
    return Explanation(migration.id, read_text(migration), migration)


def _nearest(id: str) -> str:
    import difflib

    known = ids_to_explain()
    near = [one for one in known if one.endswith(f"/{id}")] or difflib.get_close_matches(id, known, n=3, cutoff=0.5)
    all_of_them = "`keepalived-upgrade list` shows the migrations, and each report the ids of its findings."
    return f"Did you mean {' or '.join(near)}? {all_of_them}" if near else all_of_them


def find_explanation(id: str) -> Explanation | None:
    """Give the explanation of an id in full, or None."""
    texts = area_texts()
    if id in texts:
        return Explanation(id, texts[id])
    if id.startswith("effect/"):  # effect/address-lost, -gained and -changed share a text
        text = texts.get(id.rpartition("-")[0])
        return Explanation(id, text) if text else None
    owner, _, what = id.rpartition("/")
    for migration in load_migrations():
        if migration.id == id:
            return Explanation(id, read_text(migration), migration)
        if migration.id == owner:
            text = finding_texts(migration).get(what) or texts.get(f"*/{what}")
            return Explanation(id, text, migration) if text else None
    return None


def finding_texts(migration: Migration) -> dict[str, str]:
    """Give what the findings of a migration mean, by the last part of their ids."""
    _, _, listed = read_text(migration).partition(_FINDINGS)
    return {
        name: _sentence(text) for names, text in _ENTRY.findall(listed) for name in re.findall(r"`([a-z0-9-]+)`", names)
    }


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]


@cache
def area_texts() -> dict[str, str]:
    """Give the texts that belong to no migration, by id."""
    import tomllib

    file = Path(__file__).parent / "data" / "findings.toml"
    texts = tomllib.loads(file.read_text(encoding="utf-8"))
    return {id: " ".join(text.split()) for id, text in texts.items()}


def ids_to_explain() -> tuple[str, ...]:
    """Give every id that `explain` knows, sorted."""
    ids = {id for id in area_texts() if not id.startswith("*")}
    for migration in load_migrations():
        ids |= {migration.id, *(f"{migration.id}/{what}" for what in finding_texts(migration))}
    return tuple(sorted(ids))
