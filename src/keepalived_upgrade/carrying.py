"""A plan without an upgrade: renames that are already decided, carried through one site under one release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.edits import Text
from keepalived_upgrade.engine import compare_effects, make_plan, run_migrations
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.migration import Choices, Context, Migration
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.names import Rename, compose_renames
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import Work, files_on_disk, read_views

if TYPE_CHECKING:
    from keepalived_upgrade.model.effect_compare import Difference


def plan_carrying(
    site: Site,
    release: Release,
    *,
    passes: Sequence[Migration] = (),
    before: Sequence[Config] = (),
    renames: Iterable[Rename] = (),
    findings: Iterable[Finding] = (),
    gone: Iterable[bytes] = (),
    accept: Iterable[str] = (),
    scripts: Sequence[str] = (),
    daemon: str = "",
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Plan the carrying of renames; nothing is written.

    passes: what rewrites the configuration, if anything does; each may yield renames of its own. before: the
    configuration as it was named before, where the site does not hold it any more. gone: names that no script may
    test afterwards, unless the configuration has them. The rest is as in `engine.upgrade`.
    """
    from keepalived_upgrade.dependents.carry import carry_names, make_catcher
    from keepalived_upgrade.proofs.run import prove

    say = progress or (lambda text: None)
    choices = Choices(accept=frozenset(accept))
    work = Work(site)
    say(f"reading {site.config}")
    views = read_views(work, release)
    original = tuple(before) or views
    context = Context(release, release, choices, work, make_catcher(views, site, scripts))
    passed = run_migrations(work, passes, context, say)
    followed = compose_renames((*renames, *passed.renames))
    after = read_views(work, release)
    say("following names into scripts")
    carried = carry_names(work, original, after, followed, scripts)
    keep = work.suppressions.keep_findings
    found = [f for config in original for f in keep(config.tree.findings, [config])]
    found += [work.on_disk(f) for config in after for f in keep(config.tree.findings, [config])]
    found += [*findings, *passed.findings, *carried.findings]
    found += work.suppressions.report(files_on_disk(work, original, carried.files), load_migrations())

    def run_again(done: Work, again: Sequence[Migration], context: Context) -> tuple[str, ...]:
        """The passes and the dependents once more: neither may find anything left to change."""
        scratch = Work(done.site, {path: Text(text.current) for path, text in done.texts.items()})
        changed = list(run_migrations(scratch, again, context, lambda text: None).changed)
        carry_names(scratch, original, after, followed, scripts)
        left = scratch.changes() and not changed
        return (*changed, "names") if left else tuple(changed)

    say("proving")
    proofs = prove(work, original, after, passes, context, carried, followed, found, daemon, run_again, frozenset(gone))
    comparison: tuple[Difference, ...] = ()
    if passes:  # else the configuration stays as it is
        effect = compare_effects(work, original, after, passes, passed.changed, followed, found)
        found += effect.findings
        proofs.append(effect.proof)
        comparison = effect.comparison
    return make_plan(work, original, after, choices, passed, followed, found, proofs, comparison)
