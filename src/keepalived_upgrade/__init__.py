"""Carry a keepalived configuration, and the scripts that know its names, from one release to another.

    from keepalived_upgrade import Release, Site, upgrade
    plan = upgrade(Site.open("/etc/keepalived/keepalived.conf"), Release(1, 2, 13), Release(2, 2, 7))
    print(plan.diff())
    plan.write()

Everything is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepalived_upgrade.conf.reader import parse
    from keepalived_upgrade.conf.tree import Statement, Tree, Word
    from keepalived_upgrade.edits import Edit
    from keepalived_upgrade.engine import upgrade
    from keepalived_upgrade.errors import UpgradeError
    from keepalived_upgrade.findings import Finding, Place, Severity
    from keepalived_upgrade.migration import Choices, Migration, MixedChoice
    from keepalived_upgrade.names import Rename
    from keepalived_upgrade.plan import FileChange, Plan, Proof, Result
    from keepalived_upgrade.releases import Release, parse_release
    from keepalived_upgrade.site import Site
    from keepalived_upgrade.writing import undo

__version__ = "0.1.0"

_WHERE = {
    "Choices": "migration",
    "Edit": "edits",
    "FileChange": "plan",
    "Finding": "findings",
    "Migration": "migration",
    "MixedChoice": "migration",
    "Place": "findings",
    "Plan": "plan",
    "Proof": "plan",
    "Release": "releases",
    "Rename": "names",
    "Result": "plan",
    "Severity": "findings",
    "Site": "site",
    "Statement": "conf.tree",
    "Tree": "conf.tree",
    "UpgradeError": "errors",
    "Word": "conf.tree",
    "parse": "conf.reader",
    "parse_release": "releases",
    "undo": "writing",
    "upgrade": "engine",
}
__all__ = [
    "Choices",
    "Edit",
    "FileChange",
    "Finding",
    "Migration",
    "MixedChoice",
    "Place",
    "Plan",
    "Proof",
    "Release",
    "Rename",
    "Result",
    "Severity",
    "Site",
    "Statement",
    "Tree",
    "UpgradeError",
    "Word",
    "parse",
    "parse_release",
    "undo",
    "upgrade",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
