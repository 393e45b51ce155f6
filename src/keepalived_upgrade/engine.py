"""The upgrade: parse, run the migrations in release order, carry the renames, prove, and give a plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.choices import report_choices
from keepalived_upgrade.edits import Edit, NewFile, Text
from keepalived_upgrade.errors import OverlapError
from keepalived_upgrade.findings import Finding, Place, Severity, sort_findings
from keepalived_upgrade.migration import Choices, Context, Migration
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.names import Rename, compose_renames
from keepalived_upgrade.plan import Plan, Proof
from keepalived_upgrade.releases import Release
from keepalived_upgrade.secrecy import defined_secrets
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import Work, files_on_disk, read_views

if TYPE_CHECKING:
    from keepalived_upgrade.model.effect_compare import Difference
    from keepalived_upgrade.proofs.effect import Outcome

Progress = Callable[[str], None]


@dataclass(slots=True)
class Passed:
    """What the migrations said besides their edits, and which of them ran and changed something."""

    findings: list[Finding] = field(default_factory=list)
    renames: list[Rename] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def upgrade(
    site: Site,
    source: Release | None = None,
    target: Release | None = None,
    choices: Choices | None = None,
    *,
    scripts: Sequence[str] = (),
    daemon: str = "auto",
    progress: Progress | None = None,
) -> Plan:
    """Plan the upgrade of a site; nothing is written.

    source, target: the releases; what is None is found out from the host, or asked for (InputError).
    scripts: more files and folders to search for names. daemon: path of a keepalived of the target release for
    the proof, "auto" for the installed one where its release fits, "" for none. progress: told what is being done.
    Raises InputError for bad input; anything wrong with one file or one migration becomes a finding.
    """
    from keepalived_upgrade.dependents.behaviour import check_scripts
    from keepalived_upgrade.dependents.carry import carry_names, make_catcher
    from keepalived_upgrade.proofs.run import prove

    say = progress or (lambda text: None)
    choices = choices or Choices()
    if source is None or target is None:
        from keepalived_upgrade.detection import resolve_releases

        source, target = resolve_releases(
            site.root, None if source is None else str(source), None if target is None else str(target)
        )
    chosen, skipped = choose_migrations(source, target, choices)
    work = Work(site)
    say(f"reading {site.config}")
    original = read_views(work, source)
    context = Context(source, target, choices, work, make_catcher(original, site, scripts))
    passed = run_migrations(work, chosen, context, say)
    keep = work.suppressions.keep_findings
    findings = [f for config in original for f in keep(config.tree.findings, [config])] + passed.findings
    renames = compose_renames(passed.renames)
    after = read_views(work, target)
    findings += map(work.on_disk, keep(_new_findings(original, after), after))
    findings += map(work.on_disk, keep(_lost_keywords(after, source, target), after))
    say("following names into scripts")
    carried = carry_names(work, original, after, renames, scripts)
    findings += carried.findings
    seen = check_scripts(site, original, after, renames)
    findings += work.suppressions.keep_of_scripts(seen, site.read_if_there)
    say("proving")
    proofs = prove(work, original, after, chosen, context, carried, renames, findings, daemon, run_again)
    effect = compare_effects(work, original, after, chosen, passed.changed, renames, findings)
    findings += keep(effect.findings, original)
    findings += work.suppressions.report(files_on_disk(work, original, carried.files), load_migrations())
    findings += report_choices(choices, findings, {i.args[0] for c in original for i in c.instances() if i.args})
    return make_plan(
        work, original, after, choices, passed, renames, findings, (*proofs, effect.proof), effect.comparison, skipped
    )


def make_plan(
    work: Work,
    original: Sequence[Config],
    after: Sequence[Config],
    choices: Choices,
    passed: Passed,
    renames: tuple[Rename, ...],
    findings: list[Finding],
    proofs: Iterable[Proof],
    comparison: tuple[Difference, ...] = (),
    skipped: tuple[str, ...] = (),
) -> Plan:
    """Give the plan of finished work, as `Plan` explains its parts; decisions that are taken become notes."""
    from keepalived_upgrade.model.overview import make_overview

    site = work.site
    return Plan(
        root=site.root,
        config=site.config,
        source=original[0].release,
        target=after[0].release,
        files=work.changes(),
        findings=accept_findings(sort_findings(findings), choices),
        renames=renames,
        proofs=tuple(proofs),
        read=site.hashes(),
        ran=tuple(passed.ran),
        skipped=skipped,
        overview_before=make_overview(original[0], site.resolve),
        overview_after=make_overview(after[0], work.resolve),
        modes=site.modes(),
        globs=site.globs(),
        comparison=comparison,
        secrets=defined_secrets(text for config in (*original, *after) for text in config.tree.sources.values()),
    )


def choose_migrations(
    source: Release, target: Release, choices: Choices
) -> tuple[tuple[Migration, ...], tuple[str, ...]]:
    """Give the migrations to run between two releases, in order, and the ids of those left out by choice.

    Raises InputError when --only or --skip names a migration that does not exist.
    """
    from keepalived_upgrade.catalogue import find_migration

    only = {find_migration(id).id for id in choices.only}
    skip = {find_migration(id).id for id in choices.skip}
    due = [m for m in load_migrations() if m.applies(source, target)]
    chosen = tuple(m for m in due if m.id not in skip and (not only or m.id in only))
    return chosen, tuple(m.id for m in due if m not in chosen)


def run_migrations(work: Work, migrations: Iterable[Migration], context: Context, say: Progress) -> Passed:
    """Run the migrations in order, each on the text the one before it left."""
    passed = Passed()
    views: tuple[Config, ...] = ()
    for migration in migrations:
        reading = max(context.source, _just_before(migration.release))
        if not views or views[0].release != reading:
            views = read_views(work, reading)
        say(f"migration {migration.id}")
        passed.ran.append(migration.id)
        if _run_one(work, migration, views, context, passed):
            passed.changed.append(migration.id)
            views = ()
    return passed


def run_again(work: Work, migrations: Iterable[Migration], context: Context) -> tuple[str, ...]:
    """Run the migrations on what they left, and give the ids of those that would still change something.

    One that changed something and now fails is among them: what it left is not what it takes.
    """
    did = {id for text in work.texts.values() for change in text.changes() for id, _ in change.because}
    scratch = Work(work.site, {path: Text(text.current) for path, text in work.texts.items()}, dict(work.created))
    passed = run_migrations(scratch, migrations, context, lambda text: None)
    failed = {finding.id.removesuffix("/failed") for finding in passed.findings}
    return tuple(dict.fromkeys((*passed.changed, *sorted(failed & did))))


def _run_one(work: Work, migration: Migration, views: Sequence[Config], context: Context, passed: Passed) -> bool:
    """Run one migration over every view. Tells whether it changed anything."""
    edits: list[Edit] = []
    created: dict[str, NewFile] = {}
    findings: list[Finding] = []
    renames: list[Rename] = []
    try:
        for config in views:
            for outcome in work.suppressions.keep(migration.run(config, context), config, migration.id):
                match outcome:
                    case Edit():
                        edits.append(outcome)
                    case NewFile():
                        if created.setdefault(outcome.path, outcome) != outcome:
                            raise OverlapError(f"it makes {outcome.path} twice, with different texts")
                    case Rename():
                        renames.append(outcome)
                    case Finding():
                        findings.append(outcome)
        edits = list(dict.fromkeys(edits))
        findings = list(map(work.on_disk, findings))
        work.apply(edits)
    except (OverlapError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        # One failing migration must not stop the rest of the report; it blocks the writing instead.
        passed.findings.append(_failure(migration, work.site.config, error))
        return False
    work.created |= created
    passed.findings += findings
    passed.renames += dict.fromkeys(renames)
    return bool(edits or created)


def compare_effects(
    work: Work,
    original: Sequence[Config],
    after: Sequence[Config],
    migrations: Sequence[Migration],
    changed: Collection[str],
    renames: Sequence[Rename],
    findings: Sequence[Finding],
) -> Outcome:
    """Make the effect proof. migrations: those that ran; changed: the ids of those that changed something."""
    from keepalived_upgrade.proofs.effect import look_around, pair_views, prove_effect

    site = work.site
    untouched = read_views(Work(site), after[0].release) if changed else after
    views = pair_views(original, untouched, after)
    texts = {path: work.texts.get(work.key(path)) for config in original for path in config.tree.sources}
    changes = {path: text.changes() for path, text in texts.items() if text is not None}
    return prove_effect(views, migrations, changed, renames, findings, look_around(work, original), changes)


def _failure(migration: Migration, path: str, error: Exception) -> Finding:
    return Finding(
        f"{migration.id}/failed",
        Severity.DECISION,
        Place(path),
        f"this migration failed and changed nothing ({type(error).__name__}: {error})",
        f"Report it; meanwhile make the change by hand (`keepalived-upgrade explain {migration.id}`) "
        f"and run with --skip {migration.id}.",
    )


def _just_before(release: Release) -> Release:
    """Give a release below this one and above every other: the text is read as it was before the change."""
    if release.patch:
        return Release(release.major, release.minor, release.patch - 1)
    return Release(release.major, release.minor - 1, 99) if release.minor else Release(release.major - 1, 99, 99)


def _new_findings(before: Sequence[Config], after: Sequence[Config]) -> Iterator[Finding]:
    """What the target finds broken in the new text and the source did not in the old: reported, never hidden."""
    known = {(finding.id, finding.message) for config in before for finding in config.tree.findings}
    for config in after:
        yield from (found for found in config.tree.findings if (found.id, found.message) not in known)


def _lost_keywords(after: Sequence[Config], source: Release, target: Release) -> Iterator[Finding]:
    """Keywords that the target does not know any more and no migration replaced."""
    from keepalived_upgrade.model.keywords import is_lost

    if source == target:
        return
    for config in after:
        for statement in config.tree.walk():
            if is_lost(statement, source, target):
                yield Finding(
                    "keywords/lost",
                    Severity.REVIEW,
                    statement.place,
                    f"{target} does not know `{statement.keyword.decode('utf-8', 'backslashreplace')}` here, which "
                    f"{source} does; it is reported as unknown and has no effect",
                    "Remove it, or look up what has taken its place; a block of it closes the block around it.",
                )


def accept_findings(findings: Sequence[Finding], choices: Choices) -> tuple[Finding, ...]:
    """Turn decisions that the operator has taken (--accept) into notes."""
    return tuple(
        Finding(f.id, Severity.INFO, f.place, f"accepted: {f.message}", f.cure)
        if f.severity is Severity.DECISION and f.id in choices.accept
        else f
        for f in findings
    )
