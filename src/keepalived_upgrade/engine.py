"""The upgrade: parse, run the migrations in release order, carry the renames, prove, and give a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.choices import report_choices
from keepalived_upgrade.conf.dialect import Dialect, dialect_of
from keepalived_upgrade.conf.reader import read_config
from keepalived_upgrade.edits import Change, Edit, NewFile, Text
from keepalived_upgrade.errors import OverlapError
from keepalived_upgrade.findings import Finding, Place, Severity, sort_findings
from keepalived_upgrade.migration import Choices, Context, Migration
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.names import Rename, compose_renames
from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.secrecy import defined_secrets
from keepalived_upgrade.site import Site
from keepalived_upgrade.suppression import Suppressions

Progress = Callable[[str], None]


@dataclass(slots=True)
class Work:
    """The texts on their way: what stands on disk (site), overlaid by what the migrations left.

    suppressions: what comments in the files leave out.
    """

    site: Site
    texts: dict[str, Text] = field(default_factory=dict)
    created: dict[str, NewFile] = field(default_factory=dict)
    suppressions: Suppressions = field(init=False)

    def __post_init__(self) -> None:
        self.suppressions = Suppressions(self.key, self.original_line)

    def key(self, path: str) -> str:
        """Give the path under which a file's text is kept: links followed."""
        return self.site.resolve(path) or path

    def read(self, path: str) -> bytes:
        """Give the current text. Raises OSError when there is none."""
        key = self.key(path)
        if key in self.created:
            return self.created[key].content
        if key in self.texts:
            return self.texts[key].current
        return self.site.read(path)

    def read_if_there(self, path: str) -> bytes | None:
        """Give the current text of a regular file, or None."""
        key = self.key(path)
        if key in self.created or key in self.texts:
            return self.read(path)
        return self.site.read_if_there(path)

    def exists(self, path: str) -> bool:
        """Tell whether a file is there or will be."""
        return path in self.created or self.site.exists(path)

    def resolve(self, path: str) -> str | None:
        """Give the path with all links followed inside the root; None when it leads nowhere."""
        return path if path in self.created else self.site.resolve(path)

    def is_executable(self, path: str) -> bool:
        """Tell whether the path is, or will be, a regular file with an x bit."""
        return bool(self.created[path].mode & 0o111) if path in self.created else self.site.is_executable(path)

    def glob(self, pattern: bytes, folder: str) -> list[str]:
        """Give the paths that match an include pattern."""
        return self.site.glob(pattern, folder)

    def kind(self, path: str) -> str:
        """Give what stands at the path; see Site.kind."""
        return self.site.kind(path)

    def original_line(self, path: str, at: int) -> int:
        """Give the line on disk, from 1, of byte `at` of the current text; 0 where an edit put it there."""
        text = self.texts.get(self.key(path)) or Text(self.read(path))
        origin = text.origin(at)
        return 0 if origin is None else text.original.count(b"\n", 0, origin) + 1

    def on_disk(self, finding: Finding) -> Finding:
        """Give a finding that was made on the current text with the line and column that it has on disk.

        What an edit put there is reported at the place of the edit.
        """
        place = finding.place
        text = self.texts.get(self.key(place.path))
        if text is None or not place.line:
            return finding
        lines = text.current.split(b"\n", place.line)
        at = text.place_of(sum(len(line) + 1 for line in lines[: place.line - 1]) + max(0, place.column - 1))
        line = text.original.count(b"\n", 0, at) + 1
        column = at - text.original.rfind(b"\n", 0, at) if place.column else 0
        return replace(finding, place=Place(place.path, line, column))

    def apply(self, edits: Iterable[Edit]) -> None:
        """Make edits over all files, or none of them. Raises OverlapError."""
        grouped: dict[str, list[Edit]] = {}
        for edit in edits:
            key = self.key(edit.path)
            grouped.setdefault(key, []).append(Edit(key, edit.start, edit.end, edit.new, edit.migration, edit.reason))
        changed: dict[str, Text] = {}
        for path, of_file in grouped.items():
            text = self.texts.get(path) or Text(self.site.read(path))
            changed[path] = text.copy()
            changed[path].apply(of_file)
        self.texts.update(changed)


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
    from keepalived_upgrade.model.overview import make_overview
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
    original = read_views(work, site.config, source, site.config_id)
    context = Context(source, target, choices, work, make_catcher(original, site, scripts))
    passed = run_migrations(work, chosen, context, say)
    keep = work.suppressions.keep_findings
    findings = [f for config in original for f in keep(config.tree.findings, [config])] + passed.findings
    renames = compose_renames(passed.renames)
    after = read_views(work, site.config, target, site.config_id)
    findings += map(work.on_disk, keep(_new_findings(original, after), after))
    findings += map(work.on_disk, keep(_lost_keywords(after, source, target), after))
    say("following names into scripts")
    carried = carry_names(work, original, after, renames, scripts)
    findings += carried.findings
    seen = check_scripts(site, original, after, renames)
    findings += work.suppressions.keep_of_scripts(seen, site.read_if_there)
    findings += work.suppressions.report(_on_disk(work, original, carried.files), load_migrations())
    findings += report_choices(choices, findings, {i.args[0] for c in original for i in c.instances() if i.args})
    say("proving")
    proofs = prove(work, original, after, chosen, context, carried, renames, findings, daemon, run_again)
    return Plan(
        root=site.root,
        config=site.config,
        source=source,
        target=target,
        files=file_changes(work),
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


def read_site(site: Site, release: Release) -> Config:
    """Read the configuration of a site as a release would on this node. Raises nothing; see `Config.tree.findings`."""
    return _read(site, site.config, release, site.config_id)


def _read(files: Site | Work, path: str, release: Release, config_id: bytes) -> Config:
    return Config(read_config(path, files.read(path), release, files, config_id), release, path, config_id)


def read_views(work: Work, path: str, release: Release, config_id: bytes) -> tuple[Config, ...]:
    """Read the configuration as each node would that its conditions tell apart; this node's view is the first."""

    def read_as(id: bytes) -> Config:
        return _read(work, path, release, id)

    first = read_as(config_id)
    others = sorted(first.tree.config_ids - {config_id})
    if first.tree.config_ids and b"" not in others and config_id in first.tree.config_ids:
        others.append(b"")
    return (first, *(read_as(id) for id in others))


def run_migrations(work: Work, migrations: Iterable[Migration], context: Context, say: Progress) -> Passed:
    """Run the migrations in order, each on the text the one before it left."""
    passed = Passed()
    views: tuple[Config, ...] = ()
    for migration in migrations:
        reading = max(context.source, _just_before(migration.release))
        if not views or views[0].release != reading:
            views = read_views(work, work.site.config, reading, work.site.config_id)
        say(f"migration {migration.id}")
        passed.ran.append(migration.id)
        if _run_one(work, migration, views, context, passed):
            passed.changed.append(migration.id)
            views = ()
    return passed


def run_again(work: Work, migrations: Iterable[Migration], context: Context) -> tuple[str, ...]:
    """Run the migrations on what they left, and give the ids of those that would still change something."""
    scratch = Work(work.site, {path: Text(text.current) for path, text in work.texts.items()}, dict(work.created))
    return tuple(run_migrations(scratch, migrations, context, lambda text: None).changed)


def file_changes(work: Work) -> tuple[FileChange, ...]:
    """Give the files that differ from what was read, and the new ones, in order of path."""
    changes = [
        FileChange(path, text.original, text.current, text.changes())
        for path, text in work.texts.items()
        if text.current != text.original
    ]
    for new in work.created.values():
        why = (Change(0, 0, new.content, ((new.migration, new.reason),)),)
        changes.append(FileChange(new.path, None, new.content, why, new.mode, new.owner, new.group))
    return tuple(sorted(changes, key=lambda change: change.path))


def _run_one(work: Work, migration: Migration, views: Sequence[Config], context: Context, passed: Passed) -> bool:
    """Run one migration over every view. Tells whether it changed anything."""
    edits: list[Edit] = []
    created: list[NewFile] = []
    findings: list[Finding] = []
    renames: list[Rename] = []
    try:
        for config in views:
            for outcome in work.suppressions.keep(migration.run(config, context), config, migration.id):
                match outcome:
                    case Edit():
                        edits.append(outcome)
                    case NewFile():
                        created.append(outcome)
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
    for new in created:
        work.created[new.path] = new
    passed.findings += findings
    passed.renames += dict.fromkeys(renames)
    return bool(edits or created)


def _on_disk(
    work: Work, original: Sequence[Config], dependents: Sequence[str]
) -> Iterator[tuple[str, bytes, Dialect | None]]:
    """Give path, text and dialect of every file as it was read."""
    for config in original:
        yield from ((path, text, dialect_of(config.release)) for path, text in config.tree.sources.items())
    yield from ((path, text, None) for path in dependents if (text := work.site.read_if_there(path)) is not None)


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
    known = {finding.id for config in before for finding in config.tree.findings}
    for config in after:
        yield from (finding for finding in config.tree.findings if finding.id not in known)


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
