"""Carry a keepalived configuration, and the scripts that know its names, from one release to another.

    from keepalived_upgrade import Release, Site, upgrade
    plan = upgrade(Site.open("/etc/keepalived/keepalived.conf"), Release(1, 2, 13), Release(2, 2, 7))
    print(plan.diff())
    plan.write()

Everything is imported when it is first used.
"""

from __future__ import annotations

# Said here and not by typing, whose import takes longer than all before the program's first line (see start.py).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from keepalived_upgrade.auditing import audit
    from keepalived_upgrade.choices import GivenChoices, find_choices, read_choices, write_choices
    from keepalived_upgrade.conf.grammar import parse_address, parse_track
    from keepalived_upgrade.conf.grammar_definitions import parse_definition, parse_sequence
    from keepalived_upgrade.conf.grammar_routes import parse_route, parse_rule
    from keepalived_upgrade.conf.grammar_scripts import parse_script
    from keepalived_upgrade.conf.reader import parse
    from keepalived_upgrade.conf.tree import Statement, Tree, Word
    from keepalived_upgrade.edits import Edit
    from keepalived_upgrade.engine import upgrade
    from keepalived_upgrade.errors import UpgradeError
    from keepalived_upgrade.findings import Finding, Place, Severity
    from keepalived_upgrade.following import follow
    from keepalived_upgrade.migration import Choices, Migration, MixedChoice
    from keepalived_upgrade.model.config import Config
    from keepalived_upgrade.model.instances import (
        Instance,
        RealServer,
        SyncGroup,
        VirtualServer,
        instances_of,
        sync_groups_of,
        virtual_servers_of,
    )
    from keepalived_upgrade.names import Rename
    from keepalived_upgrade.plan import FileChange, Plan, Proof, Result
    from keepalived_upgrade.releases import Release, parse_release
    from keepalived_upgrade.renaming import rename
    from keepalived_upgrade.site import Site
    from keepalived_upgrade.work import read_site
    from keepalived_upgrade.writing import undo

__version__ = "0.1.0"

_WHERE = {
    "Choices": "migration",
    "Config": "model.config",
    "Edit": "edits",
    "FileChange": "plan",
    "Finding": "findings",
    "GivenChoices": "choices",
    "Instance": "model.instances",
    "Migration": "migration",
    "MixedChoice": "migration",
    "Place": "findings",
    "Plan": "plan",
    "Proof": "plan",
    "RealServer": "model.instances",
    "Release": "releases",
    "Rename": "names",
    "Result": "plan",
    "Severity": "findings",
    "Site": "site",
    "Statement": "conf.tree",
    "SyncGroup": "model.instances",
    "Tree": "conf.tree",
    "UpgradeError": "errors",
    "VirtualServer": "model.instances",
    "Word": "conf.tree",
    "audit": "auditing",
    "find_choices": "choices",
    "follow": "following",
    "instances_of": "model.instances",
    "parse": "conf.reader",
    "parse_address": "conf.grammar",
    "parse_definition": "conf.grammar_definitions",
    "parse_release": "releases",
    "parse_route": "conf.grammar_routes",
    "parse_rule": "conf.grammar_routes",
    "parse_script": "conf.grammar_scripts",
    "parse_sequence": "conf.grammar_definitions",
    "parse_track": "conf.grammar",
    "read_choices": "choices",
    "read_site": "work",
    "rename": "renaming",
    "sync_groups_of": "model.instances",
    "undo": "writing",
    "upgrade": "engine",
    "virtual_servers_of": "model.instances",
    "write_choices": "choices",
}
__all__ = [
    "Choices",
    "Config",
    "Edit",
    "FileChange",
    "Finding",
    "GivenChoices",
    "Instance",
    "Migration",
    "MixedChoice",
    "Place",
    "Plan",
    "Proof",
    "RealServer",
    "Release",
    "Rename",
    "Result",
    "Severity",
    "Site",
    "Statement",
    "SyncGroup",
    "Tree",
    "UpgradeError",
    "VirtualServer",
    "Word",
    "audit",
    "find_choices",
    "follow",
    "instances_of",
    "parse",
    "parse_address",
    "parse_definition",
    "parse_release",
    "parse_route",
    "parse_rule",
    "parse_script",
    "parse_sequence",
    "parse_track",
    "read_choices",
    "read_site",
    "rename",
    "sync_groups_of",
    "undo",
    "upgrade",
    "virtual_servers_of",
    "write_choices",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
