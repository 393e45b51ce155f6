"""Report instances that share virtual_router_id, interface and family (1.2.20, commit d964fbd9)."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.families import families_of
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import show

ID = "v1_2_20/duplicate_router_id"
# The releases from the first up to the second do not notice.
BLIND = Release(1, 3, 6), Release(2, 0, 6)


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Name every instance whose place another one before it has taken."""
    taken: dict[tuple[bytes, int, int], Statement] = {}
    for instance in config.instances():
        place = _place(instance)
        if place is None or taken.setdefault(place, instance) is instance:
            continue
        first, second = (show(b" ".join(block.args)) for block in (taken[place], instance))
        what = "both run, and disturb each other" if BLIND[0] <= context.target < BLIND[1] else "VRRP does not start"
        yield Finding(
            f"{ID}/duplicate",
            Severity.DECISION,
            instance.place,
            f"{second} has virtual_router_id {place[1]} on {show(place[0])} with IPv{place[2]}, as {first} has (line "
            f"{taken[place].line}): with {context.source} the second one never came up, with {context.target} {what}",
            f"Give {second} another id, on all its routers in one go, or delete it.",
        )


def _place(instance: Statement) -> tuple[bytes, int, int] | None:
    """Interface, router id and family. Which family a mixed one has is decided elsewhere; the elected one counts."""
    interface, vrid = instance.find(b"interface"), instance.find(b"virtual_router_id")
    if interface is None or vrid is None or not interface.args or not vrid.args or not vrid.args[0].isdigit():
        return None
    six = families_of(instance) == {6} or instance.find(b"native_ipv6") is not None
    return interface.args[0], int(vrid.args[0]), 6 if six else 4


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(("vrid-duplicate", "1.2.20"),),
    area="vrrp",
    kind="reports",
    summary="Report instances with the same virtual_router_id on one interface.",
    run=migrate,
)
