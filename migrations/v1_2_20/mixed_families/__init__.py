"""Give each address family an instance of its own (1.2.20).

Since commit 1e433b96 (first in 1.2.20) a vrrp_instance has one family and ignores addresses of the other one.
Evidence: shared facts `mixed-families.md`; seen on 1.2.13, 1.3.9, 2.0.20, 2.2.7 and 2.4.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.migration import Context, Migration, Outcome, Together
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release

from .adverts import advise_ipv6_only
from .advice import advise_same_name, advise_split
from .choose import choose_names
from .excluded import exclude
from .mixed import ID, Mixed, find_mixed
from .split import split


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Cure every instance that lists addresses of both families in virtual_ipaddress."""
    names = Counter(instance.args[:1] for instance in config.instances())
    taken = {s.args[0] for s in config.tree.find_all(b"vrrp_instance", b"vrrp_sync_group") if s.args}
    for instance in config.instances():
        mixed = find_mixed(config, context, instance)
        if mixed is None:
            yield from advise_ipv6_only(instance, context)
        elif names[instance.args[:1]] > 1:
            yield advise_same_name(mixed)
        elif mixed.name not in context.choices.untouched:
            yield Together(instance.place, tuple(_named(mixed.name, _cure(mixed, taken))))


def _named(name: bytes, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Give what cures an instance with its name, under which a review asks about it."""
    for outcome in outcomes:
        yield replace(outcome, names=(name,)) if isinstance(outcome, Edit) else outcome


def _cure(mixed: Mixed, taken: set[bytes]) -> Iterator[Outcome]:
    if mixed.choice.cure == "excluded":
        yield from exclude(mixed)
        return
    findings: list[Finding] = []
    names = choose_names(mixed, taken, findings)
    outcomes = list(split(mixed, names))
    yield from (*findings, *outcomes)
    if not all(isinstance(outcome, Finding) for outcome in outcomes):
        yield from advise_split(mixed, names)


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(
        ("mixed-family-virtual-ipaddress", "1.2.20"),
        ("family-chosen-by-first-address", "1.2.20"),
        ("mixed-family-split-into-two-instances", "1.2.20"),
        ("ipv6-only-without-native-ipv6", "1.2.20"),
        ("wire-address-count-mixed", "1.2.20"),
        ("ipv6-first-vip-link-local", "1.2.20"),
    ),
    area="vrrp",
    kind="rewrites",
    summary="Give each address family of a mixed vrrp_instance an instance of its own.",
    run=migrate,
)
