"""What the configuration itself names of the host: the scripts it runs, and the fifos it writes names into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from keepalived_upgrade.dependents.leads import SYSTEM_BYTES
from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.model.commands import commands
from keepalived_upgrade.model.config import Config

_FIFOS = (b"notify_fifo", b"vrrp_notify_fifo", b"lvs_notify_fifo")


def fifos(configs: Iterable[Config]) -> frozenset[bytes]:
    """Give the paths of the fifos: what reads one is a dependent as a notify script is."""
    statements = (s for config in configs for s in config.tree.walk() if s.keyword in _FIFOS)
    return frozenset(s.args[0] for s in statements if s.args and s.args[0].startswith(b"/"))


def definitions_naming(configs: Iterable[Config], names: Names) -> Iterator[Finding]:
    """Give a finding for each definition whose value mentions an old name: what it is expanded in is not looked at."""
    mentions = mention_pattern(names)
    for definition in (one for config in configs for one in config.tree.definitions):
        match = mentions.search(definition.value)
        if match is not None:
            old, new = match.group(), b" and ".join(names[match.group()])
            yield Finding(
                "names/configuration/definition",
                Severity.REVIEW,
                Place(definition.path, definition.line),
                f"the definition ${_show(definition.name)} mentions {_show(old)}, and the configuration now calls it "
                f"{_show(new)}",
                "Check where it is used, and change it by hand where it names the instance.",
            )


def _show(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")


def paths_known(configs: Iterable[Config]) -> frozenset[bytes]:
    """Give the paths of the configuration's files and fifos, and of scripts that are none of the system's programs."""
    configs = tuple(configs)
    files = {path.encode("utf-8", "surrogateescape") for config in configs for path in config.tree.sources}
    words = {word for config in configs for command in commands(config) for word in command.argv}
    return (
        fifos(configs) | files | {word for word in words if word.count(b"/") > 1 and not word.startswith(SYSTEM_BYTES)}
    )
