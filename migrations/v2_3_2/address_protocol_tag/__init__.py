"""Report that addresses carry a protocol tag in what `ip address` prints (2.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release

ID = "v2_3_2/address_protocol_tag"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Say it once, where keepalived sets any address."""
    blocks = (b"virtual_ipaddress", b"virtual_ipaddress_excluded", b"static_ipaddress")
    if any(statement.keyword in blocks for statement in config.tree.walk()):
        yield Finding(
            f"{ID}/output",
            Severity.INFO,
            Place(config.main),
            "on kernels from 5.18 `ip address` prints `proto keepalived` (or a number) in the line of each "
            "address that keepalived sets",
            "Check scripts and monitoring that match whole lines of `ip address`.",
        )


MIGRATION = Migration(
    id=ID,
    release=Release(2, 3, 2),
    covers=(("address-protocol-tag", "2.3.2"),),
    area="outputs",
    kind="reports",
    summary="Report the protocol tag in what ip address prints.",
    run=migrate,
)
