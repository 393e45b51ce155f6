"""Names for the halves and the group: free in the configuration, and caught by no pattern of a script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, MixedChoice
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.references import group_of
from keepalived_upgrade.rewriting import show

from .halves import Mixed, hooks


@dataclass(frozen=True, slots=True)
class Names:
    """four, six: the halves. group: the sync group they are in, the old instance's or a new one."""

    four: bytes
    six: bytes
    group: bytes


def choose_names(
    config: Config,
    context: Context,
    mixed: Mixed,
    choice: MixedChoice,
    taken: set[bytes],
    findings: list[Finding],
    id: str,
) -> Names:
    """Choose the names; what could not be as asked for is added to the findings. taken is extended."""
    free = taken - {mixed.name}
    four = mixed.name
    if choice.names == "suffix":
        four = _choose(context, mixed, choice.ipv4, b"ip4", free, findings, id)
    six = _choose(context, mixed, choice.ipv6, b"ip6", free | {four}, findings, id)
    existing = group_of(config.tree, mixed.name)
    groups = {s.args[0] for s in config.tree.find_all(b"vrrp_sync_group") if s.args}
    group = existing.args[0] if existing else _choose_group(context, mixed, choice, free | groups | {four, six})
    taken |= {four, six, group}
    return Names(four, six, group)


def _choose(
    context: Context,
    mixed: Mixed,
    pattern: str,
    fallback: bytes,
    taken: set[bytes],
    findings: list[Finding],
    id: str,
) -> bytes:
    wanted = pattern.replace("{name}", mixed.name.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    obstacles: list[str] = []
    for name in (wanted, *_others(mixed.name, fallback)):
        caught = context.catches(name, mixed.name)
        if name in taken:
            obstacles.append(f"{show(name)} is taken by another instance or group")
        elif caught:
            obstacles.append(f"a script's pattern would catch {show(name)} ({caught})")
        else:
            if obstacles:
                findings.append(
                    Finding(
                        f"{id}/other-name",
                        Severity.REVIEW,
                        mixed.statement.place,
                        f"the new instance is called {show(name)}: {'; '.join(obstacles)}",
                        "Give another pattern with --ipv4-name or --ipv6-name if you do not like it.",
                    )
                )
            return name
    findings.append(
        Finding(
            f"{id}/no-name",
            Severity.DECISION,
            mixed.statement.place,
            f"no name for a half of {show(mixed.name)} is safe: {'; '.join(obstacles[:3])}",
            "Give a pattern with --ipv4-name and --ipv6-name that no script's pattern catches.",
        )
    )
    return wanted


def _others(name: bytes, fallback: bytes) -> Iterator[bytes]:
    yield name + b"_" + fallback
    yield name + b"-" + fallback
    yield fallback + b"_" + name
    yield fallback.upper() + b"_" + name


def _choose_group(context: Context, mixed: Mixed, choice: MixedChoice, taken: set[bytes]) -> bytes:
    """Only where the group runs the hooks may it have the old name: a script that still tests the old name would
    else look served, and be called for no state at all."""
    names = [mixed.name] if choice.notify == "group" and hooks(mixed) else []
    names.append(mixed.name + b"_group")
    # One more than there are names taken: at least one is free.
    names += [mixed.name + b"_group_%d" % number for number in range(2, len(taken) + 3)]
    free = [name for name in names if name not in taken]
    return next((name for name in free if not context.catches(name, mixed.name)), free[0])
