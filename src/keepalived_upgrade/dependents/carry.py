"""Carry the renames into everything that depends on the configuration's names."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import mention_pattern
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.names import TOLD, Rename, names_by_old

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.discovery import Discovered
    from keepalived_upgrade.dependents.places import Candidate
    from keepalived_upgrade.model.config import Config
    from keepalived_upgrade.site import Site
    from keepalived_upgrade.work import Work

_MOST_FILES = 100_000
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Carried:
    """files: the dependents that were searched. findings: what was not rewritten and why."""

    files: tuple[str, ...]
    findings: tuple[Finding, ...]


def carry_names(
    work: Work, original: Sequence[Config], after: Sequence[Config], renames: Sequence[Rename], scripts: Sequence[str]
) -> Carried:
    """Rewrite the dependents for the renames: edits go into `work`, everything else becomes a finding.

    Names that keepalived tells no script are only looked for: a `haproxy` in a script is the program, not the check.
    """
    from keepalived_upgrade.dependents.configured import definitions_naming, paths_known
    from keepalived_upgrade.dependents.elsewhere import Context, search_elsewhere
    from keepalived_upgrade.dependents.places import usual_places
    from keepalived_upgrade.dependents.text import follow_text
    from keepalived_upgrade.dependents.together import follow_files

    configs = (*original, *after)
    table, untold = names_by_old(r for r in renames if r.kind in TOLD), names_by_old(renames)
    untold = {old: new for old, new in untold.items() if old not in table}
    places = usual_places(work.site) if renames else ()
    found = dependents_of(configs, work.read_if_there, work.site, scripts, places)
    if not renames:
        return Carried(found.files, found.findings)
    notes = [*found.findings, *definitions_naming(after, {**table, **untold})]
    texts, find = _read_all(work, found.files)
    for path, result in follow_files(texts, dict(table), find, found.handed) if table else ():
        notes += _keep(work, path, texts[path], result, renames)
    for path, text in texts.items():
        notes += _keep(work, path, text, follow_text(path, text, untold, told=False), renames) if untold else ()
    known = {work.key(path) for path in (*found.files, *_sources(configs))}
    work.suppressions.rename(renames)
    paths = paths_known(configs)
    for names in filter(None, (table, untold)):
        elsewhere = search_elsewhere(work.site, places, Context.of(names, paths), known, work.suppressions)
        notes += elsewhere.findings
        # A label that says an instance is no name that scripts are not told.
        for path in dict.fromkeys(edit.path for edit in elsewhere.edits if names is table):
            edits = FollowResult(tuple(edit for edit in elsewhere.edits if edit.path == path))
            notes += _keep(work, path, work.read(path), edits, renames)
    return Carried(found.files, tuple(dict.fromkeys(notes)))


def _read_all(work: Work, files: Sequence[str]) -> tuple[dict[str, bytes], Callable[[str], str | None]]:
    """Read the files, each once whatever links lead to it, and give the function that finds one by another path."""
    texts: dict[str, bytes] = {}
    known: dict[str, str] = {}
    for path in files:
        source = work.read_if_there(path)
        if source is not None and known.setdefault(work.key(path), path) == path:
            texts[path] = source

    def find(path: str) -> str | None:
        return known.get(work.key(path), None if work.exists(path) else "")

    return texts, find


def _keep(work: Work, path: str, source: bytes, result: FollowResult, renames: Sequence[Rename]) -> tuple[Finding, ...]:
    """Make the edits that no comment in the file leaves out, and give the findings that none does."""
    edits, left = work.suppressions.keep_followed(path, source, result, renames)
    if edits:
        work.apply(_named(edits, source, renames))
    return tuple(left)


def _named(edits: Sequence[Edit], source: bytes, renames: Sequence[Rename]) -> Iterator[Edit]:
    """Give the edits with the old names that they are made for: those of which they take or put some name.

    What is spelled otherwise (`GW\\.1`) is made for none, and so goes together with all.
    """
    owners: dict[bytes, dict[bytes, None]] = {}
    for rename in renames:
        for name in (rename.old, *rename.names()):
            owners.setdefault(name, {})[rename.old] = None
    pattern = mention_pattern(dict.fromkeys(owners, ()))
    for edit in edits:
        said = pattern.findall(source[edit.start : edit.end] + b"\n" + edit.new)
        yield replace(edit, names=tuple(dict.fromkeys(old for name in said for old in owners[name])))


def make_catcher(configs: Sequence[Config], site: Site, scripts: Sequence[str]) -> Callable[[bytes, bytes], str]:
    """Give the function that tells where a pattern in a dependent would catch a new name but not the old one.

    The scripts are read only when it is first asked.
    """
    from keepalived_upgrade.dependents.follow import patterns
    from keepalived_upgrade.dependents.places import usual_places

    known: list[tuple[str, int, bytes]] | None = None

    def catches(new: bytes, old: bytes) -> str:
        nonlocal known
        if known is None:
            known = []
            for path in dependents_of(configs, site.read_if_there, site, scripts, usual_places(site)).files:
                text = site.read_if_there(path)
                if text is not None:
                    known += [(path, line, pattern) for line, pattern in patterns(text, path)]
        for path, line, pattern in known:
            shown = os.fsdecode(pattern)
            # A lone * is the arm for everything else: it catches what no arm names, the old name's place is above it.
            if shown.strip("*") and _matches(new, shown) and not _matches(old, shown):
                return f"{path}:{line}: {shown}"
        return ""

    return catches


def _matches(name: bytes, pattern: str) -> bool:
    return fnmatch.fnmatchcase(os.fsdecode(name), pattern)


def dependents_of(
    configs: Iterable[Config],
    read: Callable[[str], bytes | None],
    site: Site,
    scripts: Sequence[str],
    places: Sequence[Candidate] = (),
) -> Discovered:
    """Give the files that depend on the configurations, and what could not be searched.

    read: gives a file's bytes, None where there is none. scripts: more files and folders to search. places: the usual
    ones, where they are to be searched for what keepalived runs.
    """
    from keepalived_upgrade.dependents.configured import fifos
    from keepalived_upgrade.dependents.discovery import Discovered, find_dependents
    from keepalived_upgrade.dependents.places import of_keepalived
    from keepalived_upgrade.model.commands import commands

    configs = tuple(configs)
    configuration = _sources(configs)
    argvs = [tuple(os.fsdecode(word) for word in command.argv) for config in configs for command in commands(config)]
    given, below, findings = _expand(scripts, site)
    given += of_keepalived(site, places, fifos(configs))
    extra, searched = ([path for path in paths if path not in configuration] for paths in (given, below))
    found = find_dependents(dict.fromkeys(argvs), read, extra, searched, site.leads)
    files = tuple(path for path in found.files if path not in configuration)
    return Discovered(files, (*findings, *found.findings), found.handed)


def _sources(configs: Iterable[Config]) -> set[str]:
    return {path for config in configs for path in config.tree.sources}


def _expand(scripts: Sequence[str], site: Site) -> tuple[list[str], list[str], list[Finding]]:
    """Give the regular files that the --scripts paths name, those that they hold, and what cannot be searched.

    A file whose path says that it is keepalived's counts as named.
    """
    from keepalived_upgrade.dependents.places import is_keepalived_s

    named: list[str] = []
    held: list[str] = []
    findings: list[Finding] = []
    for given in scripts:
        path = site.inside(given)
        kind = site.kind(path)
        if kind not in ("file", "executable", "directory"):
            findings.append(
                Finding(
                    "names/no-such-file",
                    Severity.REVIEW,
                    Place(path),
                    "this path was given with --scripts, and there is no file or folder there",
                    "Correct the path; it is taken as the host sees it, inside --root.",
                )
            )
            continue
        below, closed = _walk(path, site) if kind == "directory" else ([path], [])
        for one in below:
            (named if one == path or is_keepalived_s(one) else held).append(one)
        closed += [one for one in below if site.read_if_there(one) is None]
        if closed or len(below) >= _MOST_FILES:
            findings.append(_not_searched(path, closed))
    return named, held, findings


def _not_searched(given: str, closed: Sequence[str]) -> Finding:
    more = f" and {len(closed) - _MOST_SHOWN} more" if len(closed) > _MOST_SHOWN else ""
    shown = ", ".join(closed[:_MOST_SHOWN]) + more
    why = f"{shown} cannot be read, or is over 64 MiB" if closed else f"it holds more than {_MOST_FILES:,} files"
    return Finding(
        "names/not-searched",
        Severity.REVIEW,
        Place(given),
        f"not all of what --scripts names was searched for names: {why}",
        "Run as a user who can read it." if closed else "Name the folders that matter.",
    )


def _walk(path: str, site: Site) -> tuple[list[str], list[str]]:
    """Give the regular files below a folder, at most so many, and the folders that cannot be read."""
    found: list[str] = []
    closed: list[str] = []

    pending = [site.resolve(path) or path]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(site.outer(folder)) as entries:
                names = sorted((entry.name, entry) for entry in entries)
        except OSError:
            closed.append(folder)
            continue
        below = []
        for name, entry in names:
            if entry.is_dir(follow_symlinks=False):
                below.append(f"{folder.rstrip('/')}/{name}")
            elif entry.is_file(follow_symlinks=False):
                found.append(f"{folder.rstrip('/')}/{name}")
            if len(found) >= _MOST_FILES:
                return found, closed
        pending += reversed(below)
    return found, closed
