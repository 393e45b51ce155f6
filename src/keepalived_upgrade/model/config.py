"""What a configuration means: its instances, groups, servers and scripts, read from the effective tree."""

from __future__ import annotations

from dataclasses import dataclass

from keepalived_upgrade.conf.tree import Statement, Tree
from keepalived_upgrade.releases import Release


@dataclass(frozen=True, slots=True)
class Config:
    """tree: what the release would read (includes, conditions, definitions, sequences expanded).

    release: whose dialect it was read under. main: path of the main file. config_id: for `@id` conditions.
    """

    tree: Tree
    release: Release
    main: str
    config_id: bytes = b""

    def instances(self) -> list[Statement]:
        """Give the vrrp_instance blocks in order."""
        return self.tree.find_all(b"vrrp_instance")
