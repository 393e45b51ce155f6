"""The cases of the migrations: what a case.toml says, and how a case becomes a host and a plan."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.migration import Choices, MixedChoice
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import parse_release
from keepalived_upgrade.site import Site

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
CASES = sorted(MIGRATIONS.glob("v*/*/cases/*/"))
CONFIG = "/etc/keepalived/keepalived.conf"
_FIELDS = {"mixed": "cure", "names": "names", "notify": "notify", "ipv4": "ipv4", "ipv6": "ipv6"}


def name_of(case: Path) -> str:
    """Give `v1_2_20/mixed_families/plain`."""
    return f"{migration_of(case)}/{case.name}"


def migration_of(case: Path) -> str:
    """Give the id of the migration that it is a case of."""
    return f"{case.parts[-4]}/{case.parts[-3]}"


def settings_of(case: Path) -> dict[str, Any]:
    """Read its case.toml."""
    return tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))


def choices_of(case: Path) -> Choices:
    """Give the choices of its case.toml, with its migration alone."""
    mixed = {_FIELDS[option]: value for option, value in settings_of(case).get("choices", {}).items()}
    return Choices(mixed=MixedChoice(**mixed), only=frozenset({migration_of(case)}))


def lay_out(case: Path, root: Path, side: str = "before") -> Path:
    """Put one side of it, with its links, into a new folder; give the folder."""
    shutil.copytree(case / side, root, symlinks=True)
    for link, target in settings_of(case).get("links", {}).items():
        place = root / link.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    return root


def plan_case(root: Path, settings: Mapping[str, Any], choices: Choices) -> Plan:
    """Plan the upgrade of a host by the settings of a case."""
    return upgrade(
        Site.open(settings.get("config", CONFIG), root=root),
        parse_release(settings["source"]),
        parse_release(settings["target"]),
        choices,
        scripts=settings.get("scripts", ()),
        daemon="",
    )
