"""What the configuration settles for all scripts: the user, the umask, links, script security."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import family_of

DEFAULT_USER = b"keepalived_script"


@dataclass(frozen=True, slots=True)
class Settings:
    """script_user: b"" where none is written. addresses: those that keepalived sets, without their masks."""

    script_user: bytes
    umask: bool
    security: bool
    symlink_paths: bool
    addresses: frozenset[bytes]
    interfaces: frozenset[bytes]


def settings_of(configs: Iterable[Config]) -> Settings:
    """Give the settings of a configuration; where views of nodes differ, what any of them says."""
    users: list[bytes] = []
    seen: set[bytes] = set()
    addresses: set[bytes] = set()
    interfaces: set[bytes] = set()
    for config in configs:
        for statement in (child for block in config.tree.find_all(b"global_defs") for child in block.children):
            seen.add(statement.keyword)
            if statement.keyword == b"script_user" and statement.args:
                users.append(statement.args[0])
        for instance in config.instances():
            for block in instance.find_all(b"virtual_ipaddress", b"virtual_ipaddress_excluded"):
                words = (word.value for line in block.children for word in line.words)
                addresses |= {word.partition(b"/")[0].lower() for word in words if family_of(word) is not None}
            interface = instance.find(b"interface")
            interfaces |= set(interface.args[:1]) if interface is not None else set()
    return Settings(
        script_user=users[-1] if users else b"",
        umask=b"umask" in seen,
        security=b"enable_script_security" in seen,
        symlink_paths=b"use_symlink_paths" in seen,
        addresses=frozenset(addresses),
        interfaces=frozenset(interfaces),
    )


def user_of(settings: Settings, own: tuple[bytes, ...], accounts: Callable[[], frozenset[bytes] | None]) -> bytes:
    """Give the user a script runs as from 1.3.0 on: its own, script_user, keepalived_script if there is one, or root.

    accounts: gives None where the host's are not known; then the default is taken for root.
    """
    if own or settings.script_user:
        return own[0] if own else settings.script_user
    return DEFAULT_USER if DEFAULT_USER in (accounts() or ()) else b"root"
