"""The family and the VRRP version of an instance."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.model.config import Config


@lru_cache(4096)
def family_of(word: bytes) -> int | None:
    """Give 4 or 6 for an address with or without prefix length, None for anything else (`default6` is 6)."""
    if word == b"default6":
        return 6
    try:
        return ipaddress.ip_interface(word.decode("ascii", "replace")).version
    except ValueError:
        return None


def families_of(instance: Statement) -> set[int]:
    """Give the families that stand in virtual_ipaddress."""
    families = (family_of(line.keyword) for line in instance.lines_in(b"virtual_ipaddress"))
    return {family for family in families if family is not None}


def speaks_v3(config: Config, instance: Statement) -> bool:
    """Tell whether an instance certainly speaks VRRPv3 from 1.2.20 on: IPv6 alone, or told so.

    An instance with both families does not count: which of them it will have is decided elsewhere.
    """
    families = families_of(instance)
    if families == {6} or (instance.find(b"native_ipv6") is not None and families != {4, 6} and 4 not in families):
        version = instance.find(b"version", b"vrrp_version")
        return version is None or version.args != (b"2",)
    if families == {4, 6}:
        return False
    version = instance.find(b"version", b"vrrp_version")
    if version is None:
        for defs in config.tree.find_all(b"global_defs"):
            version = defs.find(b"vrrp_version") or version
    return version is not None and version.args == (b"3",)
