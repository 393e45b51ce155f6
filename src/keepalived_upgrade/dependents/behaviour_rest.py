"""Smaller things that a script sees: exit statuses, addresses it takes away, dump and PID files, where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.dependents.behaviour_calls import CHECKS
from keepalived_upgrade.dependents.behaviour_files import Host
from keepalived_upgrade.dependents.behaviour_script import Hit, Script
from keepalived_upgrade.dependents.behaviour_settings import Settings
from keepalived_upgrade.dependents.behaviour_trace import Step
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.releases import Release

_STATUS = re.compile(
    rb"(?:^|[;&|{)]|\bthen\b|\belse\b|\bdo\b)[ \t]*exit[ \t]+(-\d{1,3}|\d{3})\b|\bsys\.exit\(\s*(-\d{1,3}|\d{3})\s*\)",
    re.M,
)
_ZERO_STATUS = re.compile(rb"(?:^|[;&|{)]|\bthen\b|\belse\b|\bdo\b)[ \t]*exit[ \t]+0\b|\bsys\.exit\(\s*0\s*\)", re.M)
_LOG_TEXT = re.compile(rb"Transition to MASTER|Now in FAULT|VRRP_Instance\\?\(|Entering (?:MASTER|BACKUP|FAULT) STATE")
_DUMP = re.compile(rb"/tmp/keepalived(?:_\w+)?\.(?:data|stats|json)\b")
_PID = re.compile(rb"/var/run/(?:keepalived|vrrp|checkers)\.pid\b")
_RELATIVE = re.compile(
    rb"(?:^|[;&|(]|\bthen\b|\bdo\b|\belse\b)[ \t]*(\.\.?/[\w./-]+)"
    rb"|(?<![<>&\d])>>?[ \t]*(\w[\w.-]*/?[\w.-]+)[ \t]*(?:$|[;&|])",
    re.M,
)
_STANDS = re.compile(rb"^[^#\n]*(?:\bcd[ \t]|os\.chdir|\bpushd\b)", re.M)
_ADDRESS = re.compile(rb"\bip\b[^\n]*\b(?:del|delete|flush)\b")
_COMMENT = re.compile(rb"^[ \t]*#")
_AT_STOP = (b"notify", b"notify_stop")


def check_status(script: Script) -> Iterator[Hit]:
    """Report exit statuses over 125 in checks: 1.4.x took them for success, 2.0.0 takes them for failure."""
    was_success = Release(1, 4, 0) <= script.before < Release(2, 0, 0)
    if not (was_success and facts.STATUS_OVER_125.is_new(script.before, script.after)):
        return
    if not any(call.event in CHECKS for call in script.new):
        return
    for line, match in _matches(script.source, _STATUS):
        number = int(match.group(1) or match.group(2)) % 256
        if number > 125:
            yield Hit(
                "exit-status",
                Severity.REVIEW,
                line,
                f"a check that ends with status {number} passed in {script.before}; from "
                f"{facts.STATUS_OVER_125.release} it fails, and the instance may go to FAULT",
                "Say `exit 1` where the check shall fail and `exit 0` where it shall pass.",
            )


def check_weight(script: Script) -> Iterator[Hit]:
    """Report `exit 0` in a misc_dynamic check: it left the weight as it was, and now sets it back."""
    if not facts.ZERO_RESETS_WEIGHT.is_new(script.before, script.after):
        return
    blocks = (call.statement.parent for call in script.new if call.event == b"misc_path")
    if not any(block is not None and block.find(b"misc_dynamic") is not None for block in blocks):
        return
    for line, _ in _matches(script.source, _ZERO_STATUS):
        yield Hit(
            "weight",
            Severity.REVIEW,
            line,
            "with misc_dynamic, status 0 left the weight as it was last set; from "
            f"{facts.ZERO_RESETS_WEIGHT.release} it sets back the weight of the configuration",
            "Where the weight shall stay, exit with that weight plus 2.",
        )


def check_addresses(script: Script, settings: Settings) -> Iterator[Hit]:
    """Report where a script takes away an address that keepalived sets."""
    if not facts.ADDRESS_WATCHED.is_new(script.before, script.after) or not _ADDRESS.search(script.source):
        return
    if script.language == "text":
        return
    calls = (call for call in script.new if call.state != b"STOP")  # then no router is master any more
    steps = {(s.line, s.column): s for call in calls for s in script.trace(call).steps}
    for step in steps.values():
        taken = _takes_away(step, settings)
        if taken:
            yield Hit(
                "removes-address",
                Severity.REVIEW,
                step.line,
                f"from {facts.ADDRESS_WATCHED.release} keepalived watches its addresses: when this command takes "
                f"{taken} away from a master, that goes to BACKUP, and then to MASTER again",
                "Leave the addresses of virtual_ipaddress to keepalived.",
                step.column,
            )


def _takes_away(step: Step, settings: Settings) -> str:
    words = [word.text for word in step.words if word is not None and not word.text.startswith(b"-")]
    if step.name.rpartition(b"/")[2] != b"ip" or words[:1] == [] or words[0] not in (b"a", b"addr", b"address"):
        return ""
    if words[1:2] == [b"flush"]:
        found = [word for word in words[2:] if word in settings.interfaces]
        return f"the addresses of {found[0].decode('utf-8', 'backslashreplace')}" if found else ""
    if words[1:2] in ([b"d"], [b"del"], [b"delete"]) and len(words) > 2:
        address = words[2].partition(b"/")[0].lower()
        return address.decode("utf-8", "backslashreplace") if address in settings.addresses else ""
    return ""


def check_sleep(script: Script) -> Iterator[Hit]:
    """Report a `sleep` at a stop: from 2.0.0 what runs then is killed after a second."""
    if not facts.STOP.is_new(script.before, script.after) or b"sleep" not in script.source:
        return
    for call in script.new:
        if call.state != b"STOP" or call.event not in _AT_STOP or call.kind != b"INSTANCE":
            continue
        steps = script.trace(call).steps
        last = max((at for at, step in enumerate(steps) if step.acts), default=0)
        for step in steps[:last]:
            first = step.words[0].text if step.words and step.words[0] is not None else b""
            if step.name == b"sleep" and step.certain and not step.background and re.fullmatch(rb"[1-9]\d*m?s?", first):
                yield Hit(
                    "slow-stop",
                    Severity.REVIEW,
                    step.line,
                    f"from {facts.STOP.release} a script that runs when keepalived stops is killed after one second; "
                    f"this one sleeps for {first.decode('ascii')} here, and what follows is not run",
                    "Do what matters first, or start the slow part as a process of its own (setsid, systemd-run).",
                    step.column,
                )


def check_outputs(script: Script, host: Host) -> Iterator[Hit]:
    """Report files of keepalived that a script reads and that changed their place, their mode or their text."""
    changed = [fact for fact in facts.DUMPS if fact.is_new(script.before, script.after)]
    for line, match in _matches(script.source, _DUMP) if changed else ():
        releases = " and ".join(sorted({str(fact.release) for fact in changed}))
        yield Hit(
            "dump-file",
            Severity.REVIEW,
            line,
            f"{match.group().decode('ascii')} changed in {releases}: its text, its mode (0600 from 2.0.10) or its "
            "folder ($TMPDIR from 2.2.5)",
            "Compare what the script looks for with a dump of the new release.",
        )
    for line, _ in _matches(script.source, _LOG_TEXT) if facts.LOG_TEXTS.is_new(script.before, script.after) else ():
        yield Hit(
            "log-text",
            Severity.REVIEW,
            line,
            f"keepalived's log changed in {facts.LOG_TEXTS.release}: it says `(NAME) Entering MASTER STATE`, without "
            "VRRP_Instance; Transition to MASTER and Now in FAULT are gone",
            "Look for the new text, or let a notify script tell the state.",
        )
    if facts.RUN_FOLDER.is_new(script.before, script.after) and host.site.resolve("/var/run") == "/var/run":
        for line, match in _matches(script.source, _PID):
            name = match.group().decode("ascii")
            yield Hit(
                "pid-file",
                Severity.REVIEW,
                line,
                f"from {facts.RUN_FOLDER.release} the PID files are in /run, and /var/run is a folder of its own here: "
                f"{name} is not written any more",
                f"Read {name.removeprefix('/var')} instead.",
            )


def check_folder(script: Script) -> Iterator[Hit]:
    """Note relative paths: from 1.3.2 a keepalived that was started with -n stays in the folder it was started in."""
    if not facts.CWD.is_new(script.before, script.after) or script.language != "shell" or _STANDS.search(script.source):
        return
    for line, match in _matches(script.source, _RELATIVE):
        path = (match.group(1) or match.group(2)).decode("utf-8", "backslashreplace")
        yield Hit(
            "relative-path",
            Severity.INFO,
            line,
            f"{path} was taken from /; from {facts.CWD.release} a keepalived that runs in the foreground (-n, as units "
            "of today start it) stays in the folder it was started in",
            "Write the whole path.",
        )


def _matches(source: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, re.Match[bytes]]]:
    for match in pattern.finditer(source):
        begin = source.rfind(b"\n", 0, match.start()) + 1
        at = next((i for i in range(1, (match.lastindex or 0) + 1) if match.group(i) is not None), 0)
        if not _COMMENT.match(source, begin) or b"\n" in source[begin : match.start(at)]:
            yield source.count(b"\n", 0, match.start(at)) + 1, match
