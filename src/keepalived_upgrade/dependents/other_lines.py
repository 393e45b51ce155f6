"""Files of lines that the system or a monitor reads: units, cron, sudoers, logrotate, monit, checks.

Nothing is rewritten: one line would become several. The cure gives the lines to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from keepalived_upgrade.dependents.mentions import Names, mention_pattern
from keepalived_upgrade.dependents.other_mentions import (
    Mention,
    find_mentions,
    joined,
    line_around,
    one_a_line,
    quotable,
    say,
    show,
    with_new_names,
)
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.findings import Finding, Severity

_COMMENT = re.compile(rb"^[ \t]*(?:#(?!include)|;|//)")
_SETTING = re.compile(rb"^[ \t]*([A-Za-z][\w-]*)[ \t]*=")
_TEXTS = frozenset((b"Description", b"Documentation"))
_UNITS = frozenset(
    (
        *(b"After", b"Before", b"Wants", b"Requires", b"Requisite", b"BindsTo", b"PartOf", b"Upholds", b"Conflicts"),
        *(b"Also", b"Alias", b"Unit", b"WantedBy", b"RequiredBy", b"OnFailure", b"OnSuccess", b"PropagatesReloadTo"),
    )
)
_COMMAND_LINE = re.compile(
    rb"^[ \t]*(?:command\[|UserParameter[ \t]*=|(?:extend|exec|pass|pass_persist|Exec)[ \t]|check_command|command_line)"
)
_OBJECT = re.compile(rb"^[ \t]*(?:object|apply|define|check|template)\b")

Form = tuple[str, str, str]


def follow_lines(path: str, source: bytes, names: Names, language: str) -> FollowResult:
    """Report the lines that mention old names, with what to write there. Raises nothing.

    language: systemd, cron, sudoers, logrotate, monit or monitoring.
    """
    return FollowResult((), one_a_line(_findings(path, source, names, language)))


def _findings(path: str, source: bytes, names: Names, language: str) -> Iterator[Finding]:
    done = -1
    for mention in find_mentions(source, names):
        if mention.start < done:
            continue
        line, done = line_around(source, mention.start)
        if _COMMENT.match(line):
            yield say(
                path, mention, f"{language}/comment", Severity.INFO, "said in a comment", "Reword it if it helps."
            )
            continue
        form, what, cure = _FORMS[language](line, mention)
        severity = Severity.INFO if form == "text" else Severity.REVIEW
        yield say(path, mention, f"{language}/{form}", severity, what, cure)


def _systemd(line: bytes, mention: Mention) -> Form:
    match = _SETTING.match(line)
    key = match.group(1) if match else b""
    if key in _TEXTS:
        return "text", "said in a description", "Reword it if it helps."
    if key.startswith(b"Exec"):
        note = "; several ExecStart= lines need Type=oneshot" if key == b"ExecStart" else ""
        return "command", "an argument of a command that a unit runs", _repeated(line, mention, note)
    if key in _UNITS:
        what = "part of the name of a unit"
        return "unit", what, _written(line, mention, _spread(line, mention, rb"[^\s=]+"), "and make that unit for each")
    if key in (b"Environment", b"PassEnvironment"):
        return (
            "value",
            "a value that a unit sets",
            f"See what reads it, and make that take {joined(mention.new, 'and')}.",
        )
    return "mention", "said in a unit", _repeated(line, mention, " where it names the instance")


def _cron(line: bytes, mention: Mention) -> Form:
    if re.match(rb"[ \t]*\w+[ \t]*=", line):
        both = joined(mention.new, "and")
        return "value", "a value that the table sets", f"See what reads it, and make that take {both}."
    return "command", "part of a command that cron runs", _repeated(line, mention)


def _sudoers(line: bytes, mention: Mention) -> Form:
    # A rule lists commands between commas, the first behind `=`; a comma, `=` or `:` inside one is written `\\,`.
    # `(root)` and `NOPASSWD:` hold for the commands after them too.
    item = rb"(?:(?<==)|(?<=,))[ \t]*(?:\([^)]*\)[ \t]*)?(?:[A-Z_]+:[ \t]*)*(?P<item>(?:[^,=:\\]|\\.)+)"
    written = _spread(line, mention, item, b", ")
    return "command", "an argument of a command that sudo allows", _written(line, mention, written)


def _logrotate(line: bytes, mention: Mention) -> Form:
    if line.lstrip().startswith((b"/", b'"/')):
        return "path", "part of the path of a log", _written(line, mention, _spread(line, mention, rb"[^\s{}]+"))
    return "command", "part of a command or setting", _repeated(line, mention)


def _monit(line: bytes, mention: Mention) -> Form:
    if _OBJECT.match(line):
        return "object", "checked by monit", f"Write the whole check for each of {joined(mention.new, 'and')}."
    return "mention", "said in a check of monit", _repeated(line, mention)


def _monitoring(line: bytes, mention: Mention) -> Form:
    if _COMMAND_LINE.match(line):
        inside = line.lstrip().startswith((b"check_command", b"command_line"))
        note = ", in an object of its own" if inside else ""
        return "command", "an argument of a check", _repeated(line, mention, note)
    if _OBJECT.match(line):
        return "object", "an object of the monitor", f"Write the whole object for each of {joined(mention.new, 'and')}."
    return "mention", "said in the configuration of a monitor", _repeated(line, mention)


_FORMS: dict[str, Callable[[bytes, Mention], Form]] = {
    "systemd": _systemd,
    "cron": _cron,
    "sudoers": _sudoers,
    "logrotate": _logrotate,
    "monit": _monit,
    "monitoring": _monitoring,
}


def _repeated(line: bytes, mention: Mention, note: str = "") -> str:
    """The cure that writes the line once for each new name."""
    both = joined(mention.new, "and")
    if not quotable(line):
        return f"Write the line once for each of {both}{note}."
    line = line.strip()
    added = [new for new in with_new_names(line, mention) if new != line]
    shown = " and ".join(f"`{show(new)}`" for new in added)
    return (
        f"Keep the line and add {shown}{note}." if mention.old in mention.new else f"Write {shown} in its place{note}."
    )


def _spread(line: bytes, mention: Mention, item: bytes, glue: bytes = b" ") -> bytes | None:
    """Give the line with its item (an expression) that holds the name written once for each new name."""
    for match in re.finditer(item, line):
        group = "item" if "item" in match.re.groupindex else 0
        text = match.group(group).rstrip()
        if mention_pattern({mention.old: ()}).search(text):
            begin = match.start(group)
            return line[:begin] + glue.join(with_new_names(text, mention)) + line[begin + len(text) :]
    return None


def _written(line: bytes, mention: Mention, written: bytes | None, note: str = "") -> str:
    both = joined(mention.new, "and")
    if written is None or not quotable(line):
        return f"Name {both} there, in its place."
    return f"Write `{show(written.strip())}`{', ' + note if note else ''}."
