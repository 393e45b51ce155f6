"""Someone has changed the configuration by hand: infer what became of its names, and carry that into the dependents."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from shlex import quote

from keepalived_upgrade.carrying import plan_carrying
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.matching import Grade, Match, exchanged_names, match_names
from keepalived_upgrade.model.references import KINDS
from keepalived_upgrade.names import TOLD, NewName, Rename
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import show
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import Work, read_views

ID = "follow"
LIKELY = f"{ID}/likely"


def follow(
    old: Site,
    new: Site,
    release: Release,
    *,
    accept: Iterable[str] = (),
    scripts: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Plan how the dependents follow a configuration that was changed by hand; nothing is written.

    old: a site whose configuration is the text as it was; it may lie anywhere. new: the host as it is; only its
    dependents change. A sure match is carried; a likely one is a decision `follow/likely`, and carried once that is
    accepted; what is unsure or gone without a trace is a decision where a dependent mentions the name.
    The rest is as in `engine.upgrade`.
    """
    accept = frozenset(accept)
    before = read_views(Work(old), release)
    after = read_views(Work(new), release)
    matches = match_names(before, after)
    carried = [
        m for m in matches if m.new and (m.grade is Grade.SURE or (m.grade is Grade.LIKELY and LIKELY in accept))
    ]
    mentions = _mentions(new, (*before, *after), scripts)
    findings = [_finding(match, _place(before, match.kind, match.old), mentions(match.old)) for match in matches]
    findings += [_exchanged(after, name, other) for name, other in sorted(exchanged_names(before, after))]
    findings += _doubtful_includes(old, new, before, after)
    return plan_carrying(
        new,
        release,
        before=before,
        renames=[_rename(match, after) for match in carried],
        findings=findings,
        gone=[match.old for match in carried if match.kind in TOLD],
        accept=accept,
        scripts=scripts,
        progress=progress,
    )


def _rename(match: Match, after: Sequence[Config]) -> Rename:
    roles = [f"IPv{min(f)} half" if len(match.new) > 1 and len(f) == 1 else "new name" for f in match.families]
    names = [NewName(name, role) for name, role in zip(match.new, roles or ["new name"] * len(match.new), strict=True)]
    other = "group" if match.kind == "instance" else "instance"
    if match.old not in match.new and match.old in _defined(after, other):
        names.append(NewName(match.old, other))  # scripts are still called with it
    return Rename(match.kind, match.old, tuple(names), ID)


def _finding(match: Match, place: Place, mentioned: str) -> Finding:
    old, new = f"{match.kind} {show(match.old)}", " and ".join(show(name) for name in match.new)
    why = "; ".join(match.reasons)
    if not match.new:
        return _loose("gone", place, f"{old} is gone, and nothing has taken its place: {why}", match, mentioned)
    if match.grade is Grade.UNSURE:
        return _loose("unsure", place, f"{old} may have become {new}, unsure: {why}", match, mentioned)
    if match.grade is Grade.LIKELY:
        return Finding(
            LIKELY,
            Severity.DECISION if mentioned else Severity.REVIEW,
            place,
            f"{old} has likely become {new}: {why}",
            f"Accept it with --accept {LIKELY} if that is right; else leave it, and use `rename` for what is.",
        )
    cure = "Nothing, if that is right; `rename` carries another one."
    return Finding(f"{ID}/sure", Severity.INFO, place, f"{old} has surely become {new}: {why}", cure)


def _loose(what: str, place: Place, message: str, match: Match, mentioned: str) -> Finding:
    """What is not carried matters where a dependent still says the name."""
    if not mentioned:
        cure = "Nothing; no dependent that was found mentions it."
        return Finding(f"{ID}/{what}", Severity.REVIEW, place, message, cure)
    return Finding(
        f"{ID}/{what}",
        Severity.DECISION,
        place,
        f"{message}; {mentioned} still mentions it",
        f"Say what it became with `keepalived-upgrade rename {quote(show(match.old))} NEW`, or take it out of what "
        "mentions it, or accept this finding.",
    )


def _exchanged(after: Sequence[Config], name: bytes, other: bytes) -> Finding:
    return Finding(
        f"{ID}/exchanged",
        Severity.REVIEW,
        _place(after, "instance", name),
        f"{show(name)} now has just the addresses that {show(other)} had; what scripts do for {show(name)} is done for "
        "those now",
        "Check the scripts by hand if the names were exchanged; names that stay are not followed.",
    )


def _doubtful_includes(old: Site, new: Site, before: Sequence[Config], after: Sequence[Config]) -> Iterator[Finding]:
    """Files that the old text includes and that are hardly the old ones: read as they are now, or on another host."""
    now = {path for config in after for path in config.tree.sources}
    for config in before:
        for include in config.tree.includes:
            elsewhere = old.root != new.root and include.pattern.startswith(b"/")
            shared = [p for p in old.glob(include.pattern, posixpath.dirname(include.path)) if p in now]
            if elsewhere or (old.root == new.root and shared):
                where = f"below {old.root}, not {new.root}" if elsewhere else f"as it is now ({shared[0]})"
                yield Finding(
                    f"{ID}/include",
                    Severity.REVIEW,
                    Place(include.path, include.line),
                    f"what the old text includes here was read {where}; a change in it is not seen",
                    "Keep old includes beside the old text and include them by a relative path; then run again.",
                )


def _mentions(site: Site, views: Sequence[Config], scripts: Sequence[str]) -> Callable[[bytes], str]:
    """Give the function that tells where a dependent mentions a name first, or ""."""
    from keepalived_upgrade.dependents.carry import dependents_of
    from keepalived_upgrade.dependents.mentions import mention_pattern
    from keepalived_upgrade.dependents.places import usual_places

    files = dependents_of(views, site.read_if_there, site, scripts, usual_places(site)).files

    def first(name: bytes) -> str:
        pattern = mention_pattern({name: ()})
        for path in files:
            text = site.read_if_there(path) or b""
            if match := pattern.search(text):
                line = text.count(b"\n", 0, match.start()) + 1
                return f"{path}:{line}"
        return ""

    return first


def _defined(views: Sequence[Config], kind: str) -> set[bytes]:
    return {s.args[0] for config in views for s in config.tree.find_all(*KINDS[kind]) if s.args}


def _place(views: Sequence[Config], kind: str, name: bytes) -> Place:
    return next(_places(views, kind, name), Place(views[0].main))


def _places(views: Sequence[Config], kind: str, name: bytes) -> Iterator[Place]:
    for config in views:
        yield from (s.place for s in config.tree.find_all(*KINDS[kind]) if s.args[:1] == (name,))
