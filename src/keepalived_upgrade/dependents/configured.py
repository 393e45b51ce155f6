"""What the configuration itself names of the host: the scripts it runs, and the fifos it writes names into."""

from __future__ import annotations

from collections.abc import Iterable

from keepalived_upgrade.dependents.leads import SYSTEM_BYTES
from keepalived_upgrade.model.commands import commands
from keepalived_upgrade.model.config import Config

_FIFOS = (b"notify_fifo", b"vrrp_notify_fifo", b"lvs_notify_fifo")


def fifos(configs: Iterable[Config]) -> frozenset[bytes]:
    """Give the paths of the fifos: what reads one is a dependent as a notify script is."""
    statements = (s for config in configs for s in config.tree.walk() if s.keyword in _FIFOS)
    return frozenset(s.args[0] for s in statements if s.args and s.args[0].startswith(b"/"))


def paths_known(configs: Iterable[Config]) -> frozenset[bytes]:
    """Give the paths of the configuration's files and fifos, and of scripts that are none of the system's programs."""
    configs = tuple(configs)
    files = {path.encode("utf-8", "surrogateescape") for config in configs for path in config.tree.sources}
    words = {word for config in configs for command in commands(config) for word in command.argv}
    return (
        fifos(configs) | files | {word for word in words if word.count(b"/") > 1 and not word.startswith(SYSTEM_BYTES)}
    )
