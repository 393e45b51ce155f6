"""What the scripts that keepalived runs will see of the step from one release to another, besides names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from keepalived_upgrade.dependents.behaviour_calls import Call, calls_of
from keepalived_upgrade.dependents.behaviour_files import Host, Site, check_file
from keepalived_upgrade.dependents.behaviour_repeats import check_repeats
from keepalived_upgrade.dependents.behaviour_rest import (
    check_addresses,
    check_folder,
    check_outputs,
    check_sleep,
    check_status,
    check_weight,
)
from keepalived_upgrade.dependents.behaviour_script import Hit, Script, findings_of
from keepalived_upgrade.dependents.behaviour_settings import Settings, settings_of
from keepalived_upgrade.dependents.behaviour_states import check_states
from keepalived_upgrade.dependents.behaviour_writes import check_umask, check_user
from keepalived_upgrade.dependents.follow import language_of
from keepalived_upgrade.findings import Finding
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.names import Rename

_MOST_BYTES = 2 * 1024 * 1024
_MOST_PASSED_ON = 3
_MOST_OWNERS = 24


def check_scripts(
    site: Site, original: Sequence[Config], after: Sequence[Config], renames: Sequence[Rename]
) -> tuple[Finding, ...]:
    """Give what each script that keepalived runs must be looked at for. Reads scripts, runs none; raises nothing.

    original, after: the configuration as the source and as the target release read it.
    """
    before, target = original[0].release, after[0].release
    if before == target:
        return ()
    old_names = {new: rename.old for rename in renames for new in rename.names()}
    old = calls_of(original, {}, site.read_if_there)
    new = calls_of(after, old_names, site.read_if_there)
    settings, host = settings_of(after), Host(site)
    pending = list(dict.fromkeys(call.path for call in (*new, *old)))
    findings: list[Finding] = []
    seen: set[str] = set()
    for passing in range(_MOST_PASSED_ON):
        passed: list[tuple[bool, Call]] = []
        of_old, of_new = _by_path(old), _by_path(new)
        for path in pending:
            source = site.read_if_there(path)
            if source is None or len(source) > _MOST_BYTES or path in seen:
                continue
            seen.add(path)
            language = language_of(path, source) if b"\0" not in source[:8192] else "text"
            if language == "text" and not source.startswith(b"#!") and b"\0" not in source[:8192]:
                language = "shell"  # what a shell ran before 2.0.0
            script = Script(path, source, language, of_old.get(path, ()), of_new.get(path, ()), before, target)
            findings += findings_of(path, _check(script, settings, host))
            if passing + 1 < _MOST_PASSED_ON:
                passed += _passed_on(script, site)
        old += tuple(call for is_new, call in passed if not is_new)
        new += tuple(call for is_new, call in passed if is_new)
        pending = list(dict.fromkeys(call.path for _, call in passed))
    return tuple(findings)


def _by_path(calls: Sequence[Call]) -> dict[str, tuple[Call, ...]]:
    """The calls of each script, for the first instances and groups that it serves: a thousand alike tell no more."""
    found: dict[str, list[Call]] = {}
    owners: dict[str, set[bytes]] = {}
    for call in calls:
        served = owners.setdefault(call.path, set())
        if len(served) < _MOST_OWNERS:
            served.add(call.owner)
        if call.owner in served:
            found.setdefault(call.path, []).append(call)
    return {path: tuple(of_path) for path, of_path in found.items()}


def _check(script: Script, settings: Settings, host: Host) -> Iterator[Hit]:
    yield from check_file(script, settings, host)
    yield from check_umask(script, settings)
    yield from check_user(script, settings, host)
    yield from check_states(script)
    yield from check_repeats(script)
    yield from check_status(script)
    yield from check_weight(script)
    yield from check_addresses(script, settings)
    yield from check_sleep(script)
    yield from check_outputs(script, host)
    yield from check_folder(script)


def _passed_on(script: Script, site: Site) -> Iterator[tuple[bool, Call]]:
    """The calls of other scripts that get the words of keepalived: `exec /etc/keepalived/real.sh "$@"`."""
    if b"$@" not in script.source and b"$3" not in script.source and b"$*" not in script.source:
        return
    for is_new, calls in ((False, script.old), (True, script.new)):
        for call in calls:
            if not any(word is not None and word.origin == "state" for word in call.arguments):
                continue
            for step in script.trace(call).steps:
                path = step.name.decode("utf-8", "surrogateescape")
                if not path.startswith("/") or not any(w is not None and w.origin == "state" for w in step.words):
                    continue
                if path != script.path and site.read_if_there(path) is not None:
                    yield is_new, replace(call, path=path, arguments=step.words)
