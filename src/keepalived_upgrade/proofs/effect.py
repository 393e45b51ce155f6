"""The effect proof: what the new text does under the target, against what the old text did under the source.

A difference is either the release's own, since the old text would show it under the target too; then it must be covered
by a finding, and becomes one where it is not. Or it comes from our rewriting; then a migration must have intended it,
else the proof fails.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Change
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.model.commands import commands
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.effect import effect_of
from keepalived_upgrade.model.effect_compare import Difference, align_facts, compare_facts, old_names
from keepalived_upgrade.model.effect_facts import Facts, facts_of
from keepalived_upgrade.model.effect_values import Effect, Problem, Surroundings
from keepalived_upgrade.names import Rename
from keepalived_upgrade.plan import Proof, Result

if TYPE_CHECKING:
    from keepalived_upgrade.migration import Migration

NAME = "effect"
_MOST_STATEMENTS = 50_000
# What no migration takes away: only a finding may say that it goes.
LOSSES = frozenset(("address", "route", "rule", "instance", "server", "script"))
# Migration → the kinds of difference that its rewriting makes. One that is not named here may make any but a loss.
INTENDED = {
    "rename": ("group", "command", "setting"),
    "v1_2_20/mixed_families": (
        *("family", "version", "auth", "secret", "group", "command", "address", "setting", "advert", "peer", "source"),
        "vmac",
    ),
    "v1_2_20/authentication": ("auth", "secret"),
    "v1_2_20/native_ipv6": ("family", "version"),
    "v1_2_20/lvs_sync_daemon_interface": ("setting",),
    "v1_2_20/comment_characters": (),
    "v2_0_0/global_tracking": ("track", "setting"),
    "v2_0_0/scripts_without_shell": ("command",),
    "v2_0_7/number_ranges": ("advert", "priority", "vrid", "setting", "real"),
    "v2_0_15/nb_get_retry": ("checker",),
    "v2_0_17/status_code": ("checker",),
    "v2_3_0/script_path_through_link": ("command",),
    "v2_3_2/ipv6_route_metric": ("route",),
}
# Kind of difference → catalogue entries that cause it: a finding of a migration that covers one of them covers it.
_MIXED = ("mixed-family-virtual-ipaddress", "mixed-family-split-into-two-instances")
_LINKED = "script-path-through-symlinked-directory-disabled"
CAUSES = {
    "address": (*_MIXED, "native-ipv6-forces-vrrp3", "vip-label-length", "duplicate-vip", "address-line-order"),
    "script": (_LINKED, "script-security-needs-user", "vrrp-script-fail-open", "scripts-exec-not-shell"),
    "stops": (*_MIXED, "vrid-duplicate", "strict-mode", "no-vip", "vrid-priority-strict-number"),
    "advert": ("advert-int-range", "advert-int-fraction-v2", "numeric-validation", "timer-and-decimal-syntax"),
    "auth": ("auth-with-v3-or-ipv6", "ipv6-only-without-native-ipv6", "native-ipv6-forces-vrrp3"),
    "checker": ("tcp-check-retry-default", "http-check-retry-semantics", "removed-nat-mask"),
    "command": ("scripts-exec-not-shell", _LINKED, "notify-script-set-twice", "notify-unquoted-arguments"),
    "family": ("family-chosen-by-first-address", "ipv6-only-without-native-ipv6", "native-ipv6-forces-vrrp3"),
    "group": ("sync-group-single-member", "sync-group-one-member", "sync-group-member-in-two"),
    "instance": ("instance-name-rules", "vrid-duplicate"),
    "priority": ("master-without-priority", "numeric-validation", "vrid-priority-strict-number"),
    "secret": ("auth-pass-quoted", "auth-pass-length", "auth-with-v3-or-ipv6", "ipv6-only-without-native-ipv6"),
    "states": ("notify-called-with-stop",),
    "track": ("sync-group-global-tracking", "sync-group-member-trackers-dropped"),
    "umask": ("process-umask",),
    "version": ("ipv6-only-without-native-ipv6", "native-ipv6-forces-vrrp3", "family-chosen-by-first-address"),
    "vmac": ("vmac-name-per-instance", "unicast-with-vmac"),
}
# Kind of difference → the line of its owner that it is about: (block, keyword).
_LINES = {"auth": (b"authentication", b"auth_type"), "secret": (b"authentication", b"auth_pass")}
_BLOCKS = frozenset((b"vrrp_instance", b"vrrp_sync_group", b"vrrp_script", b"virtual_server"))


class Reader(Protocol):
    """What is read of the host."""

    def read_if_there(self, path: str) -> bytes | None:
        """Give the text of a regular file, or None."""
        ...

    def resolve(self, path: str) -> str | None:
        """Give the path with all links followed; None when it leads nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """One reading of the configuration (by config id): the old text under source and target, the new under target."""

    before: Config
    untouched: Config
    after: Config


@dataclass(frozen=True, slots=True)
class Outcome:
    """proof; findings: what the release does otherwise and nobody has said; comparison: every fact, old and new."""

    proof: Proof
    findings: tuple[Finding, ...] = ()
    comparison: tuple[Difference, ...] = ()


def prove_effect(
    views: Sequence[View],
    migrations: Iterable[Migration],
    changed: Collection[str],
    renames: Sequence[Rename],
    findings: Sequence[Finding],
    around: Surroundings,
    changes: Mapping[str, Sequence[Change]],
) -> Outcome:
    """Compare the effects of each view. migrations: those that ran; changed: ids of those that changed something;
    changes: path → what they changed in the old text."""
    size = max(sum(1 for _ in view.before.tree.walk()) for view in views)
    if size > _MOST_STATEMENTS:
        return Outcome(Proof(NAME, Result.NOT_MADE, f"{size:,} lines are more than the model reads"))
    try:
        return _prove(views, tuple(migrations), changed, renames, findings, around, changes)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        # A fault of the model must not take the plan away; it is told, and nothing is claimed.
        return Outcome(Proof(NAME, Result.NOT_MADE, f"the model failed ({type(error).__name__}: {error}); report it"))


def pair_views(before: Sequence[Config], untouched: Sequence[Config], after: Sequence[Config]) -> tuple[View, ...]:
    """Put together what was read for the same config id; a view that only one of them has is left out."""
    old = {config.config_id: config for config in untouched}
    new = {config.config_id: config for config in after}
    shared = [config for config in before if config.config_id in old and config.config_id in new]
    return tuple(View(config, old[config.config_id], new[config.config_id]) for config in shared)


def look_around(host: Reader, configs: Sequence[Config]) -> Surroundings:
    """Give what the files of the host tell: folders of scripts that are links, the account keepalived_script."""
    linked = set()
    for config in configs:
        for command in commands(config):
            folder = posixpath.dirname(command.argv[0]) if command.argv else b""
            path = folder.decode("utf-8", "surrogateescape")
            if path.startswith("/") and host.resolve(path) not in (None, posixpath.normpath(path)):
                linked.add(folder)
    accounts = host.read_if_there("/etc/passwd") or b""
    known = any(line.startswith(b"keepalived_script:") for line in accounts.splitlines())
    return Surroundings(script_user=True if known else None, linked=frozenset(linked))


def _prove(
    views: Sequence[View],
    migrations: Sequence[Migration],
    changed: Collection[str],
    renames: Sequence[Rename],
    findings: Sequence[Finding],
    around: Surroundings,
    changes: Mapping[str, Sequence[Change]],
) -> Outcome:
    allowed, names = _allowed(changed), old_names(renames)
    every: set[Difference] = set()
    aligned: set[Difference] = set()
    wrong: set[Difference] = set()
    new: list[Finding] = []
    for view in views:
        effect = effect_of(view.after, around)
        old, now = facts_of(effect_of(view.before, around), secrets=True), facts_of(effect, names, secrets=True)
        total = compare_facts(old, now)
        of_release = set(total if _is_untouched(view) else compare_facts(old, _untouched_facts(view, around)))
        every |= set(total)
        aligned |= set(align_facts(old, now))
        ours = [d for d in total if d not in of_release and not _is_intended(d, allowed)]
        wrong |= {d for d in ours if not _is_decided(d, view.before, changed, findings)}
        own = [d for d in total if d in of_release and not _is_covered(d, view.before, migrations, findings)]
        new += _report(own, view, effect, changes)
    ordered = tuple(sorted(aligned))
    if wrong:
        told = "; ".join(d.sentence for d in sorted(wrong)[:5])
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        return Outcome(
            Proof(NAME, Result.FAILED, f"the rewriting does what nothing intends: {told}{more}"), (), ordered
        )
    detail = f"{len(every)} differences, each intended or reported" if every else "keepalived does the same as before"
    return Outcome(Proof(NAME, Result.PASSED, detail), tuple(dict.fromkeys(new)), ordered)


def _is_untouched(view: View) -> bool:
    """Whether no rewriting was made, so that every difference is the release's own."""
    return view.untouched.tree.sources == view.after.tree.sources


def _untouched_facts(view: View, around: Surroundings) -> Facts:
    return facts_of(effect_of(view.untouched, around), secrets=True)


def _allowed(changed: Collection[str]) -> tuple[frozenset[str], bool]:
    """The kinds that the migrations intend, and whether one ran that says nothing of it."""
    kinds = {kind for id in changed for kind in INTENDED.get(id, ())}
    return frozenset(kinds), any(id not in INTENDED for id in changed)


def _is_intended(difference: Difference, allowed: tuple[frozenset[str], bool]) -> bool:
    kinds, unknown = allowed
    if difference.kind == "stops":
        return not difference.new  # that it runs now is what it is all for
    if difference.kind in LOSSES and difference.change == "lost":
        return False
    return unknown or difference.kind in kinds


def _is_decided(difference: Difference, config: Config, changed: Collection[str], findings: Sequence[Finding]) -> bool:
    """Whether the migration that did it asks for a decision on it."""
    asked = [f for f in findings if f.severity is Severity.DECISION and f.id.rpartition("/")[0] in changed]
    return any(difference.kind == "stops" or _speaks_of(f, difference, config) for f in asked)


def _is_covered(
    difference: Difference, config: Config, migrations: Sequence[Migration], findings: Sequence[Finding]
) -> bool:
    """Whether a finding speaks of it already: of a migration for one of its causes, or of a keyword that is gone."""
    if difference.kind == "setting" and difference.change == "lost":
        return any(f.id == "keywords/lost" and f"`{difference.item}`" in f.message for f in findings)
    if difference.kind == "umask" and any(f.id == "scripts/umask" for f in findings):
        return True
    causes = CAUSES.get(difference.kind, ())
    ids = [m.id for m in migrations if any(id in causes for id, _ in m.covers)]
    of_them = [f for f in findings if f.id.rpartition("/")[0] in ids]
    return any(_speaks_of(f, difference, config) for f in of_them)


def _speaks_of(finding: Finding, difference: Difference, config: Config) -> bool:
    """Whether a finding names the owner, stands in its block, or is about the whole."""
    if not finding.place.line or difference.kind in ("states", "umask"):
        return True
    # GW2 does not speak of GW, nor does GW_v4.
    if re.search(rf"(?<![\w.-]){re.escape(difference.owner)}(?![\w-]|\.\w)", finding.message):
        return True
    block = _block(config, difference.owner)
    if block is None or finding.place.path != block.path:
        return False
    source = config.tree.sources.get(block.path, b"")
    last = source.count(b"\n", 0, block.close) + 1 if block.close >= 0 else block.line
    return block.line <= finding.place.line <= last


def _report(
    differences: Sequence[Difference], view: View, effect: Effect, changes: Mapping[str, Sequence[Change]]
) -> Iterator[Finding]:
    """One finding for each owner and kind of what the release does otherwise."""
    grouped: dict[tuple[str, str, str], list[Difference]] = defaultdict(list)
    for difference in differences:
        grouped[difference.owner, difference.kind, difference.change].append(difference)
    target, source = view.after.release, view.before.release
    for (owner, kind, change), of in sorted(grouped.items()):
        told = "; ".join(d.sentence for d in of[:6]) + (f"; and {len(of) - 6} more" if len(of) > 6 else "")
        yield Finding(
            f"effect/{kind}-{change}",
            _severity(kind, change),
            _place(view.before, owner, kind),
            f"{target} does otherwise than {source}, {_migrations(view.before, owner, changes)}: "
            f"{told}{_why(kind, effect)}",
            _CURES.get(kind, "Check that this is wanted, or write out what the old release did."),
        )


_CURES = {
    "stops": "Correct the line before the upgrade: the target does not run with it.",
    "address": "Find the line and correct it, or add the address by hand; without it the target does not answer there.",
    "secret": "All routers of the instance must have the same one, or none: change them in one go.",
    "umask": "Set umask in global_defs, or in the scripts, where the files they write are read by others.",
    "states": "Look what the script does with a state that it does not know, such as STOP.",
    "command": "Check what is run under the target, and write the command so that it is what is meant.",
}


def _severity(kind: str, change: str) -> Severity:
    if (kind in LOSSES | {"command"} and change == "lost") or (kind == "stops" and change == "gained"):
        return Severity.DECISION
    # Where a script minds a new state or another umask, a finding of its own says so on its line.
    if kind in ("setting", "states", "umask") or (kind == "stops" and change == "lost"):
        return Severity.INFO
    return Severity.REVIEW


def _why(kind: str, effect: Effect) -> str:
    if kind != "stops":
        return ""
    first = next((m for m in effect.mistakes if m.problem is Problem.STOPS), None)
    if first is None:
        return ""
    line = f"line {first.line}: " if first.line else ""
    return f" ({line}{first.subject.decode('utf-8', 'backslashreplace')})"


def _migrations(config: Config, owner: str, changes: Mapping[str, Sequence[Change]]) -> str:
    """What the migrations have to do with a difference: those that changed the owner's block are named."""
    block = _block(config, owner)
    spans = [(s.path, s.line_start, s.line_end) for s in block.walk()] if block is not None else []
    if block is not None and block.closes_here:
        spans.append((block.path, block.start, block.close))
    touching = [
        change
        for path, start, end in spans
        for change in changes.get(path, ())
        if change.start < end and start < change.end
    ]
    ids = sorted({id for change in touching for id, _ in change.because})
    if not ids:
        return "and no migration changes that"
    return f"with or without what {' and '.join(ids)} change{'s' if len(ids) == 1 else ''} there"


def _place(config: Config, owner: str, kind: str) -> Place:
    """Where the owner is written, or its line that a kind is about; the main file where it is no block."""
    block = _block(config, owner)
    if block is None:
        return Place(config.main)
    line: Statement | None = block
    for keyword in _LINES.get(kind, ()):
        line = line.find(keyword) if line is not None else None
    return (line or block).place


def _block(config: Config, owner: str) -> Statement | None:
    name = owner.partition(" real_server ")[0]
    blocks = (statement for statement in config.tree.statements if statement.keyword in _BLOCKS)
    return next((block for block in blocks if _name(block) == name), None)


def _name(statement: Statement) -> str:
    words = statement.args if statement.keyword == b"virtual_server" else statement.args[:1]
    return b" ".join(words).decode("utf-8", "backslashreplace")
