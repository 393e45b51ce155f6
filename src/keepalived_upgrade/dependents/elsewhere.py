"""Files of the host that are not keepalived's, searched for names: one finding a file, where the name is surely ours.

A name such as `eth1` or `web` stands everywhere in /etc. So a mention counts only where something beside it says that
it is keepalived's. Nothing but the label matchers of Prometheus is rewritten here: for more, give the file with
--scripts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.other_mentions import Mention, find_mentions, joined, show
from keepalived_upgrade.dependents.places import MOST_BYTES, MOST_FILES, Candidate
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Place, Severity

if TYPE_CHECKING:
    from keepalived_upgrade.site import Site

_MOST_BYTES_OF_ALL = 128 * 1024 * 1024
_MOST_LINES = 12
_MOST_CURES = 4
_HINT = rb"(?i:keepalived|vrrp|\biname\b)"
# `VI_1`, `web_2`, `LB_WEB`: nobody calls anything else so.
_DISTINCTIVE = re.compile(rb"(?=.*_)(?=.*[0-9A-Z])")
_COMMENT = re.compile(rb"[ \t]*(?:#|//|;|--)")


@dataclass(frozen=True, slots=True)
class Context:
    """What tells that a mention is keepalived's. paths: what the configuration names; hints: also its words."""

    names: Names
    paths: frozenset[bytes]
    hints: re.Pattern[bytes]

    @classmethod
    def of(cls, names: Names, paths: frozenset[bytes]) -> Context:
        """Make the context. paths: the files, scripts and fifos that the configuration names."""
        known = [re.escape(path) for path in sorted(paths, reverse=True)]
        return cls(names, paths, re.compile(b"|".join([_HINT, *known])))

    def mentions(self, source: bytes, whole: bool = False) -> list[Mention]:
        """Give the mentions that are keepalived's. whole: the file is, so all of them are."""
        found = list(find_mentions(source, self.names))
        if not found or whole:
            return found
        spans = [(mention.start, mention.end) for mention in found]
        # A name does not vouch for itself: an instance called vrrp.
        hinted = [
            hint.start()
            for hint in self.hints.finditer(source)
            if not any(start < hint.end() and hint.start() < end for start, end in spans)
        ]
        lines = {source.count(b"\n", 0, at) + 1 for at in hinted}
        return [mention for mention in found if self._is_ours(source, mention, lines)]

    def names_in_path(self, candidate: Candidate) -> list[Mention]:
        """Give the names that a file is called after: `vrrp@GW.service`; `GW.conf`, which is read as `$2.conf`.

        A file that the configuration names is called as it likes.
        """
        path = candidate.path.encode("utf-8", "surrogateescape")
        return [] if path in self.paths else self.mentions(path.rpartition(b"/")[2], candidate.is_keepalived_s())

    @staticmethod
    def _is_ours(source: bytes, mention: Mention, lines: Collection[int]) -> bool:
        if _DISTINCTIVE.match(mention.old):
            return True
        if re.search(rb"[A-Z]", mention.old):
            return bool(lines)
        around = source[mention.start - 1 : mention.start] + source[mention.end : mention.end + 1]
        return mention.line in lines and not set(around) & set(b"-.")


class Comments(Protocol):
    """What comments in the files leave out; see suppression.py."""

    def search(self, path: str, source: bytes) -> None:
        """Take note of a file."""
        ...

    def leaves_out(self, source: bytes, finding: Finding) -> bool:
        """Tell whether a comment leaves out this finding of one line, or of the file itself."""
        ...


def search_elsewhere(
    site: Site,
    candidates: Sequence[Candidate],
    context: Context,
    known: Collection[str],
    comments: Comments | None = None,
) -> FollowResult:
    """Search files at usual places. Gives the edits of rules, and at most one finding a file and reason.

    known: the files that were followed already, links resolved. comments: what leaves lines out.
    """
    edits: list[Edit] = []
    findings: list[Finding] = []
    closed: list[str] = []
    searched = set(known)
    total = 0
    for number, candidate in enumerate(candidates):
        findings += _called_after(candidate, context, site, comments)
        if candidate.real in searched:
            continue
        searched.add(candidate.real)
        try:
            source = site.peek(candidate.path, MOST_BYTES)
        except PermissionError:
            closed.append(candidate.path)
            continue
        except OSError:
            continue  # a fifo, a device, something gone or too large to be written by hand
        total += len(source)
        if total > _MOST_BYTES_OF_ALL:
            findings.append(_too_many(candidate, len(candidates) - number))
            break
        if mention_pattern(context.names).search(source) and b"\0" not in source[:8192]:
            result = _search(candidate, source, context, comments)
            edits += result.edits
            findings += result.findings
    if len(candidates) >= MOST_FILES:
        findings.append(_too_many(candidates[-1], 0))
    if closed:
        findings.append(_unreadable(closed))
    return FollowResult(tuple(edits), tuple(findings))


def _search(candidate: Candidate, source: bytes, context: Context, comments: Comments | None) -> FollowResult:
    from keepalived_upgrade.dependents.follow import follow_file
    from keepalived_upgrade.dependents.languages import language_of

    ours = {mention.line: mention for mention in reversed(context.mentions(source, candidate.is_keepalived_s()))}
    if not ours:
        return FollowResult()
    names = dict(context.names)
    language = language_of(candidate.path, source)
    if language in ("shell", "python", "text"):
        lines = source.split(b"\n")
        told = {line: "" for line in sorted(ours) if not _COMMENT.match(lines[line - 1])}
        edits: tuple[Edit, ...] = ()
    else:
        result = follow_file(candidate.path, source, names)
        edits = result.edits
        told = {}
        for finding in result.findings:
            if finding.place.line in ours and finding.severity is not Severity.INFO:
                told.setdefault(finding.place.line, finding.cure.removesuffix(", then accept this finding."))
    if comments is not None:
        comments.search(candidate.path, source)
        one = {line: _group(candidate, language, {line: cure}, ours) for line, cure in told.items()}
        told = {line: cure for line, cure in told.items() if not comments.leaves_out(source, one[line])}
    if not told:
        return FollowResult(edits)
    return FollowResult(edits, (_group(candidate, language, told, ours),))


def _group(candidate: Candidate, language: str, told: dict[int, str], ours: dict[int, Mention]) -> Finding:
    """One finding for a file, with its lines."""
    shown = [str(line) for line in list(told)[:_MOST_LINES]]
    more = f" and {len(told) - _MOST_LINES} more" if len(told) > _MOST_LINES else ""
    names = {ours[line].old: ours[line].new for line in told}
    called = "; ".join(f"{show(old)} is now {joined(new, 'and')}" for old, new in names.items())
    first = min(told)
    cures = dict.fromkeys(f"Line {line}: {cure.removesuffix('.')}." for line, cure in told.items() if cure)
    cure = " ".join(list(cures)[:_MOST_CURES])
    if language in ("shell", "python"):
        cure = f"Give it with --scripts {candidate.path}, so that it is rewritten, or change it by hand."
    return Finding(
        f"names/places/{language}",
        Severity.REVIEW,
        Place(candidate.path, first, ours[first].column),
        f"this {candidate.kind} mentions names that change, on line{'s' if len(told) > 1 else ''} "
        f"{', '.join(shown)}{more} ({called})",
        cure or "Change it by hand where it names the instance.",
    )


def _called_after(candidate: Candidate, context: Context, site: Site, comments: Comments | None) -> Iterator[Finding]:
    mention = next(iter(context.names_in_path(candidate)), None)
    if mention is None:
        return
    finding = Finding(
        "names/places/file-name",
        Severity.REVIEW,
        Place(candidate.path),
        f"this {candidate.kind} is called after {show(mention.old)}, which is now {joined(mention.new, 'and')}",
        f"Make one for each of {joined(mention.new, 'and')} where something makes its name from the instance's.",
    )
    source = b""
    with suppress(OSError):
        source = site.peek(candidate.path, MOST_BYTES)
    if comments is not None:
        comments.search(candidate.path, source)
    if comments is None or not comments.leaves_out(source, finding):
        yield finding


def _too_many(candidate: Candidate, left: int) -> Finding:
    return Finding(
        "names/places/too-many",
        Severity.REVIEW,
        Place(candidate.path),
        f"the usual places hold more than is searched ({left or 'some'} files from here on were left out)",
        "Give the folders that matter with --scripts.",
    )


def _unreadable(paths: list[str]) -> Finding:
    shown = ", ".join(paths[:_MOST_LINES]) + (
        f" and {len(paths) - _MOST_LINES} more" if len(paths) > _MOST_LINES else ""
    )
    return Finding(
        "names/places/unreadable",
        Severity.REVIEW,
        Place(paths[0]),
        f"files at usual places cannot be read by this user, and were not searched for names: {shown}",
        "Run as root, or search them by hand.",
    )
