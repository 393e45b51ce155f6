"""All proofs over a finished piece of work, in the order in which the report shows them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.names import Rename
from keepalived_upgrade.plan import Proof, Result
from keepalived_upgrade.proofs.names import prove_names
from keepalived_upgrade.proofs.syntax import prove_scripts

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.carry import Carried
    from keepalived_upgrade.migration import Context, Migration
    from keepalived_upgrade.model.config import Config
    from keepalived_upgrade.work import Work


def prove(
    work: Work,
    original: Sequence[Config],
    after: Sequence[Config],
    migrations: Sequence[Migration],
    context: Context,
    carried: Carried,
    renames: Sequence[Rename],
    findings: Sequence[Finding],
    daemon: str,
    run_again: Callable[[Work, Sequence[Migration], Context], tuple[str, ...]],
    gone: frozenset[bytes] | None = None,
) -> list[Proof]:
    """Give every proof with its result. daemon: see engine.upgrade. gone: see proofs.names."""
    return [
        _round_trip(work),
        _second_run(run_again(work, migrations, context)),
        _re_parse(original, after),
        prove_scripts(_changed(work, after), {path: text.original for path, text in work.texts.items()}),
        prove_names(original, after, _texts(work, carried.files), work.suppressions.excuses, gone),
        _daemon(work, original, after, context, renames, findings, daemon),
    ]


def _round_trip(work: Work) -> Proof:
    """Untouched bytes are the original's: the composed changes, made on the original, give the new text."""
    for path, text in sorted(work.texts.items()):
        rebuilt, at = bytearray(), 0
        for change in text.changes():
            rebuilt += text.original[at : change.start] + change.new
            at = change.end
        rebuilt += text.original[at:]
        if bytes(rebuilt) != text.current or parse(text.current).source != text.current:
            return Proof("round trip", Result.FAILED, f"{path}: the edits do not add up to the new text")
    return Proof("round trip", Result.PASSED, "outside the edits every byte is the original's")


def _second_run(still: tuple[str, ...]) -> Proof:
    if still:
        return Proof("second run", Result.FAILED, f"run again, these would change more: {', '.join(still)}")
    return Proof("second run", Result.PASSED, "the migrations, run on the new text, change nothing")


def _re_parse(original: Sequence[Config], after: Sequence[Config]) -> Proof:
    """What stops the target's reader and did not stop the source's."""
    known = {finding.id for config in original for finding in config.tree.findings}
    for config in after:
        for finding in config.tree.findings:
            if finding.severity is Severity.DECISION and finding.id not in known:
                return Proof("re-parse", Result.FAILED, f"{finding.place}: {finding.message}")
    return Proof("re-parse", Result.PASSED, f"the new text reads under {after[0].release} without a new complaint")


def _texts(work: Work, files: Sequence[str]) -> Mapping[str, bytes]:
    texts = {path: work.read_if_there(path) for path in files}
    return {path: text for path, text in texts.items() if text is not None}


def _changed(work: Work, after: Sequence[Config]) -> Mapping[str, bytes]:
    """The scripts that the plan changes or creates."""
    configuration = {work.key(path) for config in after for path in config.tree.sources}
    texts = {path: text.current for path, text in work.texts.items() if text.current != text.original}
    texts |= {path: new.content for path, new in work.created.items()}
    return {path: text for path, text in sorted(texts.items()) if path not in configuration}


def _daemon(
    work: Work,
    original: Sequence[Config],
    after: Sequence[Config],
    context: Context,
    renames: Sequence[Rename],
    findings: Sequence[Finding],
    daemon: str,
) -> Proof:
    if not daemon:
        return Proof("daemon", Result.NOT_MADE, "left out by choice")
    if original[0].tree.sources == after[0].tree.sources:
        return Proof("daemon", Result.NOT_MADE, "the configuration does not change")
    import shutil

    from keepalived_upgrade.proofs.daemon import check_daemon, identify

    executable = shutil.which("keepalived", path="/usr/sbin:/usr/local/sbin:/sbin") if daemon == "auto" else daemon
    if executable is None:
        return Proof("daemon", Result.NOT_MADE, "no keepalived is installed here; name one with --daemon")
    release, reason = identify(executable)
    if release is None:
        return Proof("daemon", Result.NOT_MADE, reason)
    if release != context.target:
        other = f"{executable} is {release}, the target is {context.target}; name one of that release with --daemon"
        return Proof("daemon", Result.NOT_MADE, other)
    return check_daemon(
        executable,
        original[0].tree.sources,
        after[0].tree.sources,
        work.site.config,
        tuple(sorted(set(interfaces_of(original)) | set(interfaces_of(after)))),
        renames,
        findings,
    )


def interfaces_of(configs: Sequence[Config]) -> Iterator[bytes]:
    """The interfaces that a configuration names, for stand-ins."""
    for config in configs:
        for statement in config.tree.walk():
            parent = statement.parent.keyword if statement.parent is not None else b""
            words = [word.value for word in statement.words]
            if parent in (b"track_interface", b"linkbeat_interfaces", b"interfaces"):
                yield from words[:1]
            yield from (value for word, value in itertools.pairwise(words) if word in _BEFORE_INTERFACE)


_BEFORE_INTERFACE = frozenset((b"interface", b"dev", b"oif", b"iif", b"lvs_sync_daemon_interface", b"lvs_sync_daemon"))
