"""What a person must know or decide about an instance that is split."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.rewriting import show

from .adverts import advise_interval, advise_link_local, advise_unicast
from .hooks import hooks
from .mixed import Mixed, Names, say, sources_of


def advise_split(mixed: Mixed, names: Names) -> Iterator[Finding]:
    """Give the findings for a split."""
    instance = mixed.statement
    yield _advise_rolling(mixed, names)
    yield from advise_link_local(mixed, names)
    yield from advise_interval(mixed, names)
    yield from advise_unicast(mixed, names)
    yield from _advise_sources(mixed, names)
    yield from _advise_hooks(mixed, names)
    if mixed.native:
        yield say(
            "native-ipv6",
            Severity.REVIEW,
            instance,
            f"the old release elected {show(mixed.name)} over IPv6 with its own format of adverts; {show(names.four)} "
            "elects over IPv4 now",
            "Upgrade all routers in one go.",
        )
    if not instance.find(b"interface"):
        message, cure = "the instance names no interface", "Add `interface NAME`."
        yield say("no-interface", Severity.REVIEW, instance, message, cure)


def advise_same_name(mixed: Mixed) -> Finding:
    """Where two instances share a name, groups and scripts that say it mean nobody knows which."""
    return say(
        "same-name",
        Severity.DECISION,
        mixed.statement,
        f"there is another vrrp_instance {show(mixed.name)}, so this one, which has both families, was not changed",
        "Remove one of them, or give it a name of its own, then run again.",
    )


def _advise_rolling(mixed: Mixed, names: Names) -> Finding:
    return say(
        "rolling-upgrade",
        Severity.REVIEW,
        mixed.statement,
        f"while one router still runs the old release with {show(mixed.name)}, it and {show(names.four)}/"
        f"{show(names.six)} do not understand each other: both can be master, and IPv6 addresses can be doubled",
        "Stop keepalived on the backup, upgrade it, then stop it on the old master before starting the backup; or use "
        "--mixed excluded on both routers first, upgrade, and split afterwards.",
    )


def _advise_sources(mixed: Mixed, names: Names) -> Iterator[Finding]:
    ignored = sources_of(mixed.statement, mixed.ignored)
    if ignored:
        yield say(
            "source-was-ignored",
            Severity.REVIEW,
            ignored[0],
            f"{mixed.context.source} elected over IPv{mixed.elected} and ignored the IPv{mixed.ignored} sources and "
            f"peers of {show(mixed.name)}; {show(names.six if mixed.ignored == 6 else names.four)} uses them now",
            "Check that these addresses are still right.",
        )


def _advise_hooks(mixed: Mixed, names: Names) -> Iterator[Finding]:
    if not hooks(mixed):
        return
    if mixed.choice.notify == "group":
        yield say(
            "group-hooks",
            Severity.REVIEW,
            mixed.statement,
            f"the hooks are run for the group {show(names.group)} now: their first argument is GROUP, not INSTANCE",
            "Check that the scripts do not test the first argument for INSTANCE.",
        )
    elif mixed.choice.notify == "both":
        yield say(
            "hooks-twice",
            Severity.REVIEW,
            mixed.statement,
            "every hook runs twice for each transition, once for each half, and the two runs may overlap",
            "Check that the scripts can be run twice, or choose --notify first.",
        )
