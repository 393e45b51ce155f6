"""Names for the halves and the group: free in the configuration, and caught by no pattern of a script."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.model.references import group_of
from keepalived_upgrade.rewriting import show

from .hooks import hooks
from .mixed import Mixed, Names, say


def choose_names(mixed: Mixed, taken: set[bytes], findings: list[Finding]) -> Names:
    """Choose the names; what could not be as asked for is added to the findings. taken is extended."""
    choice = mixed.choice
    free = taken - {mixed.name}
    four = mixed.name
    if choice.names == "suffix":
        four = _choose(mixed, choice.ipv4, b"ip4", free, findings)
    six = _choose(mixed, choice.ipv6, b"ip6", free | {four}, findings)
    existing = group_of(mixed.tree, mixed.name)
    groups = {group.args[0] for group in mixed.tree.find_all(b"vrrp_sync_group") if group.args}
    group = existing.args[0] if existing else _choose_group(mixed, free | groups | {four, six})
    taken |= {four, six, group}
    return Names(mixed.name, four, six, group)


def _choose(mixed: Mixed, pattern: str, fallback: bytes, taken: set[bytes], findings: list[Finding]) -> bytes:
    wanted = pattern.replace("{name}", mixed.name.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    obstacles: list[str] = []
    for name in (wanted, *_others(mixed.name, fallback)):
        obstacle = _obstacle(mixed, name, taken)
        if not obstacle:
            if obstacles:
                message = f"the new instance is called {show(name)}: {'; '.join(obstacles)}"
                cure = "Give another pattern with --ipv4-name or --ipv6-name if you do not like it."
                findings.append(say("other-name", Severity.REVIEW, mixed.statement, message, cure))
            return name
        obstacles.append(obstacle)
    message = f"no name for a half of {show(mixed.name)} is safe: {'; '.join(obstacles[:3])}"
    cure = "Give a pattern with --ipv4-name and --ipv6-name that no script's pattern catches."
    findings.append(say("no-name", Severity.DECISION, mixed.statement, message, cure))
    return wanted


def _obstacle(mixed: Mixed, name: bytes, taken: set[bytes]) -> str:
    """What keeps a half from having this name, or ""."""
    if name in taken:
        return f"{show(name)} is taken by another instance or group"
    caught = mixed.context.catches(name, mixed.name)
    return f"a script's pattern would catch {show(name)} ({caught})" if caught else ""


def _others(name: bytes, fallback: bytes) -> Iterator[bytes]:
    yield name + b"_" + fallback
    yield name + b"-" + fallback
    yield fallback + b"_" + name
    yield fallback.upper() + b"_" + name


def _choose_group(mixed: Mixed, taken: set[bytes]) -> bytes:
    """Only where the group runs the hooks may it have the old name: a script that still tests the old name would
    else look served, and be called for no state at all."""
    names = [mixed.name] if mixed.choice.notify == "group" and hooks(mixed) else []
    names.append(mixed.name + b"_group")
    # One more than there are names taken: at least one is free.
    names += [mixed.name + b"_group_%d" % number for number in range(2, len(taken) + 3)]
    free = [name for name in names if name not in taken]
    return next((name for name in free if not mixed.context.catches(name, mixed.name)), free[0])
