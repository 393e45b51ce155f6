"""The work on a site: the texts on their way through the migrations, and what they say to each node and release."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from keepalived_upgrade.conf.dialect import Dialect, dialect_of
from keepalived_upgrade.conf.reader import read_config
from keepalived_upgrade.edits import Change, Edit, NewFile, Text, apply_edits
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.screening import Screened
from keepalived_upgrade.plan import FileChange
from keepalived_upgrade.releases import Release
from keepalived_upgrade.site import Site
from keepalived_upgrade.suppression import Suppressions

# The configuration is read once for each id that its conditions name: eight of them, and more as it is smaller.
_MOST_VIEWS = 8
_MOST_READ = 512 * 1024


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

    def original_line(self, path: str, source: bytes, at: int) -> int:
        """Give the line on disk, from 1, of byte `at` of the current text, or of that on disk; 0 where an edit put it.

        source: which of the two.
        """
        text = self.texts.get(self.key(path)) or Text(self.read(path))
        origin = at if source == text.original else text.origin(at)
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
            grouped.setdefault(key, []).append(replace(edit, path=key))
        changed: dict[str, Text] = {}
        created: dict[str, NewFile] = {}
        for path, of_file in grouped.items():
            if path in self.created:  # a name in a wrapper script that an earlier migration wrote
                new = self.created[path]
                names = dict.fromkeys(
                    (*new.names, *((edit.migration, name) for edit in of_file for name in edit.names))
                )
                created[path] = replace(new, content=apply_edits(new.content, of_file), names=tuple(names))
                continue
            text = self.texts.get(path) or Text(self.site.read(path))
            changed[path] = text.copy()
            changed[path].apply(of_file)
        self.texts |= changed
        self.created |= created

    def changes(self) -> tuple[FileChange, ...]:
        """Give the files that differ from what was read, and the new ones, in order of path."""
        changes = [
            FileChange(path, text.original, text.current, text.changes())
            for path, text in self.texts.items()
            if text.current != text.original
        ]
        for new in self.created.values():
            why = (Change(0, 0, new.content, ((new.migration, new.reason),), new.names),)
            changes.append(FileChange(new.path, None, new.content, why, new.mode, new.owner, new.group))
        return tuple(sorted(changes, key=lambda change: change.path))


def read_site(site: Site, release: Release) -> Config:
    """Read the configuration of a site as a release would on this node. Raises nothing; see `Config.tree.findings`."""
    return _read(site, site, release, site.config_id)


def read_views(work: Work, release: Release) -> tuple[Config, ...]:
    """Read the configuration as each node would that its conditions tell apart; this node's view is the first."""
    own = work.site.config_id
    first = _read(work, work.site, release, own)
    most = max(_MOST_VIEWS, _MOST_READ // max(1, sum(map(len, first.tree.sources.values()))))
    views = {own: first}
    while len(views) <= most:  # what one node includes may ask for further ids
        asked = {id for view in views.values() for id in view.tree.config_ids}
        # b"" stands for a node that no condition names, where this one is named.
        nodes = [*sorted(asked - {own})[:most], *([b""] if own in asked else ())]
        left = [id for id in dict.fromkeys(nodes) if id not in views]
        if not left:
            break
        views |= {id: _read(work, work.site, release, id) for id in left}
    named = {id for view in views.values() for id in view.tree.config_ids}
    if not named - {own} <= views.keys():
        first.tree.findings.append(_too_many_ids(work.site.config, len(named), most))
    return tuple(views.values())


def _read(files: Site | Work, site: Site, release: Release, config_id: bytes) -> Config:
    path = site.config
    screened = Screened(files, posixpath.dirname(path))
    return Config(read_config(path, files.read(path), release, screened, config_id), release, path, config_id)


def files_on_disk(
    work: Work, original: Sequence[Config], dependents: Sequence[str]
) -> Iterator[tuple[str, bytes, Dialect | None]]:
    """Give path, text and dialect of every file as it was read."""
    for config in original:
        yield from ((path, text, dialect_of(config.release)) for path, text in config.tree.sources.items())
    yield from ((path, text, None) for path in dependents if (text := work.site.read_if_there(path)) is not None)


def _too_many_ids(path: str, count: int, most: int) -> Finding:
    return Finding(
        "conf/too-many-ids",
        Severity.DECISION,
        Place(path),
        f"its conditions name {count} ids of nodes; it was read as {most} of them and this node would",
        "Run with --config-id on each of the other nodes and compare what changes.",
    )
