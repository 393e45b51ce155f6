"""Move lvs_sync_daemon_interface to lvs_sync_daemon in global_defs (1.2.20, commit df408d81).

The word `inst` before the instance exists from 2.1.0, the word `id` from 1.2.24."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome, Together
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, remove_lines, show

ID = "v1_2_20/lvs_sync_daemon_interface"
REASON = "The IPVS sync daemon is set for the whole of keepalived from 1.2.20."


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Move the first; the later ones never counted."""
    given = [(i, line) for i in config.instances() for line in i.find_all(b"lvs_sync_daemon_interface") if line.args]
    if given and not given[0][0].args:
        yield Finding(
            f"{ID}/without-name",
            Severity.DECISION,
            given[0][0].place,
            "this instance has no name, and lvs_sync_daemon must give that of the instance it follows",
            "Name the instance, then run again.",
        )
    elif given:
        yield Together(given[0][1].place, tuple(_move(config, context, given)))


def _move(config: Config, context: Context, given: list[tuple[Statement, Statement]]) -> Iterator[Outcome]:
    instance, first = given[0]
    existing = [d for defs in config.tree.find_all(b"global_defs") for d in defs.find_all(b"lvs_sync_daemon")]
    removed = [remove_lines(config.tree, line, ID, REASON) for _, line in given]
    yield from removed
    if any(isinstance(outcome, Finding) for outcome in removed):
        return
    for other, line in given[1:]:
        if line.args != first.args:
            yield Finding(
                f"{ID}/second",
                Severity.REVIEW,
                line.place,
                f"{show(b' '.join(other.args))} names another interface for the IPVS sync daemon; there is one daemon, "
                f"and it goes on with {show(first.args[0])}",
                "Check which of the two was meant.",
            )
    for line in existing:
        if line.args[:1] != first.args[:1] or instance.args[0] not in line.args:
            yield Finding(
                f"{ID}/already-global",
                Severity.DECISION,
                line.place,
                f"this line, which the old release did not know, counts from 1.2.20; {show(instance.args[0])} named "
                f"{show(first.args[0])} for the IPVS sync daemon",
                "Write the interface and the instance that are meant, then accept this finding.",
            )
    if not existing:
        yield _add(config, _line(instance, first, context.target))


def _line(instance: Statement, line: Statement, target: Release) -> bytes:
    words = [b"lvs_sync_daemon", line.args[0]]
    words += [b"inst", instance.args[0]] if target >= Release(2, 1, 0) else [instance.args[0]]
    vrid = instance.find(b"virtual_router_id")
    if vrid is not None and vrid.args:
        # Old nodes use the VRID as sync id, and the old keyword does not fill it in any more.
        words += [b"id", vrid.args[0]] if target >= Release(1, 2, 24) else [vrid.args[0]]
    return b" ".join(words)


def _add(config: Config, line: bytes) -> Edit:
    """Put the line at the end of global_defs, or of a new one before everything else."""
    end = line_end_of(config.tree, config.main)
    for defs in config.tree.find_all(b"global_defs"):
        source = config.tree.sources[defs.path]
        start = source.rfind(b"\n", 0, defs.close) + 1
        if defs.close >= 0 and not defs.repeated and not source[start : defs.close].strip():
            outer = indent_of(config.tree, defs)
            inner = indent_of(config.tree, defs.children[-1]) if defs.children else outer + b"    "
            return Edit(defs.path, start, start, inner + line + line_end_of(config.tree, defs.path), ID, REASON)
    new = b"global_defs {" + end + b"    " + line + end + b"}" + end + end
    at = config.tree.statements[0].line_start if config.tree.statements[0].path == config.main else 0
    return Edit(config.main, at, at, new, ID, REASON)


MIGRATION = Migration(
    id=ID,
    release=Release(1, 2, 20),
    covers=(
        ("lvs-sync-daemon", "1.2.20"),
        ("lvs-sync-daemon-interface-instance", "1.2.20"),
    ),
    area="lvs",
    kind="rewrites",
    summary="Move lvs_sync_daemon_interface to lvs_sync_daemon in global_defs.",
    run=migrate,
)
