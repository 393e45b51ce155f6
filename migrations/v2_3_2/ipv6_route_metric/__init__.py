"""Write out the metric of IPv6 virtual_routes, which 2.3.2 does not take away without it."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import family_of
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import not_editable

ID = "v2_3_2/ipv6_route_metric"
# What the kernel gives an IPv6 route that names none.
METRIC = b"metric 1024"
_NAMES = (b"metric", b"priority")
_REASON = "From 2.3.2 an IPv6 route without a metric stays when the instance leaves MASTER; the kernel gives it 1024."


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Add the metric to every IPv6 route of an instance that has none."""
    for instance in config.instances():
        for block in instance.find_all(b"virtual_routes"):
            for line in block.children:
                words = [word.value for word in line.words]
                if any(family_of(word) == 6 for word in words) and not any(name in words for name in _NAMES):
                    yield _add(line)


def _add(line: Statement) -> Outcome:
    """The metric stands behind the last word, or before the first nexthop."""
    values = [word.value for word in line.words]
    last = line.words[values.index(b"nexthop") - 1 if b"nexthop" in values[1:] else -1]
    if not last.literal or line.repeated:
        return not_editable(line, ID, METRIC)
    return Edit(last.path, last.end, last.end, b" " + METRIC, ID, _REASON)


MIGRATION = Migration(
    id=ID,
    release=Release(2, 3, 2),
    covers=(("ipv6-routes-not-removed", "2.3.2"),),
    area="vrrp",
    kind="rewrites",
    summary="Write out the metric of IPv6 virtual_routes, which stay without it.",
    run=migrate,
)
