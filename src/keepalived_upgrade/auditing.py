"""Compare the names that a configuration defines with those its dependents wait for. Nothing is migrated."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from keepalived_upgrade.dependents.arriving import Script, read_scripts
from keepalived_upgrade.dependents.carry import dependents_of
from keepalived_upgrade.dependents.follow import language_of
from keepalived_upgrade.dependents.operands import Tested
from keepalived_upgrade.dependents.places import usual_places
from keepalived_upgrade.findings import Finding, Place, Severity, sort_findings
from keepalived_upgrade.model.calls import SPOKEN, calls_of
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.model.references import GROUPS, group_of, member_words
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import show
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import Work, read_views

ID = "audit"
_WORD = re.compile(rb"[A-Za-z_][\w.-]*\w")
_TELLING = re.compile(rb"[^*?]")


@dataclass(frozen=True, slots=True)
class Audit:
    """names: of the instances and groups, each with its kind. scripts: the dependents that were found."""

    names: Mapping[bytes, str]
    scripts: tuple[str, ...]
    findings: tuple[Finding, ...]


def audit(site: Site, release: Release, scripts: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Give what is wrong between the names of a configuration and its dependents; nothing is written.

    scripts: more files and folders to search. A finding of severity info is a note; every other one says that
    something is wrong. All views of `@id` conditions count as one configuration.
    """
    return examine(site, release, scripts).findings


def examine(site: Site, release: Release, scripts: Sequence[str] = ()) -> Audit:
    """Do what `audit` does, and tell what was looked at, too."""
    views = read_views(Work(site), release)
    names = names_of(views)
    dependents = dependents_of(views, site.read_if_there, site, scripts, usual_places(site))
    calls = dict.fromkeys(call for config in views for call in calls_of(config))
    found = read_scripts({path: site.read_if_there(path) or b"" for path in dependents.files}, calls, names)
    findings = [Finding(f.id, Severity.INFO, f.place, f.message, f.cure) for f in dependents.findings]
    findings += _members(views, names)
    for script in found:
        findings += _Judge(script, names, views).findings()
    return Audit(names, dependents.files, sort_findings(findings))


def names_of(views: Iterable[Config]) -> dict[bytes, str]:
    """Give name → "instance" or "group" for every one that is defined; a name of both counts as an instance."""
    views = tuple(views)
    names: dict[bytes, str] = {}
    for keyword, kind in ((b"vrrp_sync_group", "group"), (b"vrrp_instance", "instance")):
        defined = (s for config in views for s in config.tree.find_all(keyword))
        names |= {statement.args[0]: kind for statement in defined if statement.args}
    return names


@dataclass(slots=True)
class _Judge:
    """One script, held against the names."""

    script: Script
    names: Mapping[bytes, str]
    views: Sequence[Config]

    def findings(self) -> Iterator[Finding]:
        """Give what is wrong with the script, and notes."""
        tests = self.script.reading.tests
        clear = [test for test in tests if self._is_clear(test)]
        unclear = [test for test in tests if not self._is_clear(test)]
        missed = self._missed(clear)
        waiting = [test for test in clear if not self._can_match(test)]
        if not missed:  # `*_v6)` asks for a kind of names, of which there need not be one
            waiting = [test for test in waiting if not (test.pattern and test.literal[:1] in (b"*", b"?", b"["))]
        for test in waiting:
            yield self._waits(test, missed)
        if not waiting:
            for name, place in missed.items():
                yield from self._not_handled(clear, name, place)
        yield from self._never_arriving(unclear)
        yield from self._look_alikes(unclear)
        unread = self.script.reading.unread
        if unread is not None and self.script.called:
            yield self._say(
                "unreadable",
                Severity.INFO if unread else Severity.REVIEW,
                unread,
                f"{'from here on ' if unread else ''}the script cannot be read, so it was not audited",
                "Look for names by hand.",
            )

    def _is_clear(self, test: Tested) -> bool:
        """Tell whether an operand surely holds a name, and all that can arrive in it is known."""
        arriving = [self.script.given.get(word) for word in test.operand.words]
        known = test.operand.certain and all(a is not None and not a.open for a in arriving)
        return known and any(a is not None and a.is_name for a in arriving)

    def _can_match(self, test: Tested) -> bool:
        """Tell whether a test can ever be true. Options, and words that keepalived says itself, are no names."""
        literal = _literal(test)
        if not re.search(rb"[A-Za-z0-9]", literal) or literal.startswith(b"-") or literal in SPOKEN:
            return True
        given = self.script.given
        values = {value for word in test.operand.words if word in given for value in given[word].values}
        return any(_accepts(test, value) for value in values | test.operand.also | self.names.keys())

    def _missed(self, clear: Sequence[Tested]) -> dict[bytes, Place]:
        """The names that arrive and that no test accepts, in a script that does nothing for all names."""
        reading = self.script.reading
        if not clear or reading.general or reading.opaque or self.script.sourced:
            return {}
        words = sorted({word for test in clear for word in test.operand.words if self.script.given[word].is_name})
        arriving = {v: place for word in words for v, place in self.script.given[word].values.items()}
        telling = [test for test in clear if _TELLING.search(test.literal)]
        return {
            value: place
            for value, place in arriving.items()
            if value in self.names and not any(_accepts(test, value) for test in telling)
        }

    def _waits(self, test: Tested, missed: Mapping[bytes, Place]) -> Finding:
        """A script that waits for a name that nothing has."""
        old = show(_literal(test))
        what = f"this waits for {old}, and no instance or group is called so"
        if not missed:
            cure = "Remove it, or correct the name; accept it if the script serves other hosts, too."
            return self._say("left-over", Severity.REVIEW, test.start, f"{what}; it never comes true", cure)
        new = [show(name) for name in missed]
        command = f"keepalived-upgrade rename {quote(old)} {quote(','.join(new))}"
        return self._say(
            "waits-in-vain",
            Severity.DECISION,
            test.start,
            f"{what}; keepalived calls the script with {' and '.join(new)}, which no test in it accepts",
            f"If {old} was renamed, `{command}` carries that into the scripts; "
            "`keepalived-upgrade follow OLD.conf NEW.conf` finds out what became of each name.",
        )

    def _not_handled(self, clear: Sequence[Tested], name: bytes, place: Place) -> Iterator[Finding]:
        """A name for which nothing is done, while others of its kind are asked for by name."""
        siblings = [
            (test.start, other)
            for test in clear
            for other, kind in self.names.items()
            if kind == self.names[name] and _TELLING.search(test.literal) and _accepts(test, other)
        ]
        if not siblings:
            return
        start, other = min(siblings)
        # A fifo tells of every name, and members of one group change together: one hook may do for all.
        together = self._group(name) is not None and self._group(name) in {self._group(o) for _, o in siblings}
        lines = any(word.source == "line" for test in clear for word in test.operand.words)
        yield self._say(
            "not-handled",
            Severity.INFO if together or lines else Severity.REVIEW,
            start,
            f"{show(other)} is handled here, and no test accepts {show(name)}, which arrives here, too ({place})",
            f"Handle {show(name)}, or do not run the script for it; accept this if nothing is to be done.",
        )

    def _group(self, name: bytes) -> bytes | None:
        found = [group_of(config.tree, name) for config in self.views]
        return next((group.args[0] for group in found if group is not None), None)

    def _never_arriving(self, unclear: Sequence[Tested]) -> Iterator[Finding]:
        """A name that is defined, asked for in a word in which keepalived hands over none."""
        for test in unclear:
            arriving = [self.script.given.get(word) for word in test.operand.words]
            told = all(a is None or not (a.open or a.is_name or _literal(test) in a.values) for a in arriving)
            arguments = all(word.source == "argument" for word in test.operand.words)
            if not (self.script.called and arriving and told and arguments and test.operand.certain):
                continue
            if not test.pattern and _literal(test) in self.names:
                yield self._say(
                    "never-arrives",
                    Severity.INFO,
                    test.start,
                    f"this waits for {show(test.literal)}, and keepalived hands over no name in this argument",
                    "Check the command in the configuration: `notify` adds the name, notify_master does not.",
                )

    def _look_alikes(self, unclear: Sequence[Tested]) -> Iterator[Finding]:
        """Where it cannot be told what is compared: words that look like a name which stands beside them."""
        script = self.script
        words = {test.literal: test.start for test in reversed(unclear) if not test.pattern}
        if language_of(script.path, script.source) not in ("shell", "python"):
            words = {match.group(): match.start() for match in reversed(list(_WORD.finditer(script.source)))}
        shapes = {_shape(n): n for n in self.names if n in words and len(re.findall(rb"[A-Za-z]", n)) > 1}
        for word, start in words.items():
            like = shapes.get(_shape(word))
            if like is not None and word not in self.names and word not in SPOKEN:
                yield self._say(
                    "looks-like-a-name",
                    Severity.INFO,
                    start,
                    f"{show(word)} looks like {show(like)}, which is an instance or group, and nothing is called so",
                    "Look whether it means a name.",
                )

    def _say(self, what: str, severity: Severity, start: int, message: str, cure: str) -> Finding:
        return Finding(f"{ID}/{what}", severity, self.script.place(start), message, cure)


def _literal(test: Tested) -> bytes:
    """What is compared; a name of the fifo stands in quotes, which a script may compare, too."""
    lines = any(word.source == "line" for word in test.operand.words)
    return test.literal.strip(b'"') if lines else test.literal


def _accepts(test: Tested, value: bytes) -> bool:
    if not test.pattern:
        return _literal(test) == value
    return fnmatch.fnmatchcase(value.decode("latin-1"), _literal(test).decode("latin-1").replace("[^", "[!"))


def _shape(name: bytes) -> bytes:
    """VI_1 and VI_20 have one shape."""
    return re.sub(rb"\d+", b"0", name)


def _members(views: Iterable[Config], names: Mapping[bytes, str]) -> Iterator[Finding]:
    """Members of groups that no instance is called."""
    for group in (group for config in views for group in config.tree.find_all(*GROUPS)):
        for line, word in member_words(group):
            if names.get(word.value) != "instance":
                yield Finding(
                    f"{ID}/no-such-member",
                    Severity.REVIEW,
                    line.place,
                    f"{show(word.value)} is a member of {show(b' '.join(group.args))}, and no instance is called so",
                    "Correct the name, or remove it from the group.",
                )
