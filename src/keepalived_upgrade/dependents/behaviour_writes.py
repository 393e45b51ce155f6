"""What a script writes and which rights it needs, against the umask and the user that the new release gives it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents import behaviour_facts as facts
from keepalived_upgrade.dependents.behaviour_files import Host
from keepalived_upgrade.dependents.behaviour_script import Hit, Script
from keepalived_upgrade.dependents.behaviour_settings import Settings, user_of
from keepalived_upgrade.dependents.behaviour_trace import Step
from keepalived_upgrade.dependents.shell_tree import literal_value, text_of, walk
from keepalived_upgrade.findings import Severity

if TYPE_CHECKING:
    from tree_sitter import Node

_LOOK = re.compile(rb">|\btee\b|\btouch\b|\bmkdir\b|\bmakedirs\b|\bopen\(|\bmkfifo\b|\binstall\b")
_SET_ONCE = re.compile(rb"^[ \t]*(?:export[ \t]+|readonly[ \t]+)?(\w+)=[\"']?([\w./@:+-]+)[\"']?[ \t]*(?:#.*)?$", re.M)
_OWN_UMASK = re.compile(rb"^[^#\n]*\b(?:os\.)?umask\b", re.M)
_OPENED = re.compile(rb"\bopen\(\s*[rbu]?([\"'])([^\"'\n]+)\1\s*,\s*[\"'][wax]")
_MADE = re.compile(rb"\bos\.(mkdir|makedirs|mkfifo)\(\s*([\"'])([^\"'\n]+)\2")
_NOT_FILES = (b"/dev/", b"/proc/", b"/sys/", b"&")
_ROOT_ONLY = tuple(b"/etc/ /run/ /var/run/ /var/log/ /var/lib/ /var/lock/ /proc/sys/ /sys/ /root/".split())
_LOGS = re.compile(rb"\.log$|^/var/log/")
_ROOT_PROGRAMS = frozenset(
    b"iptables ip6tables ipvsadm arptables ebtables nft conntrackd arping modprobe ipset tc ifup ifdown".split()
)
_CHANGES = frozenset(b"add a del delete d replace change flush set start stop restart reload -w --write".split())
_CHANGERS = frozenset(b"ip systemctl service sysctl route ifconfig".split())
_MAKERS = (b"mkdir", b"touch", b"tee", b"mkfifo", b"install")


@dataclass(frozen=True, slots=True)
class Write:
    """A file or folder that the script makes or opens for writing. how: `>`, `>>`, or the command's name."""

    path: bytes
    how: bytes
    line: int


def check_umask(script: Script, settings: Settings) -> Iterator[Hit]:
    """Report what a script creates that others must read, where scripts get another umask than before."""
    if not facts.UMASK.is_new(script.before, script.after) or settings.umask or not _LOOK.search(script.source):
        return
    if _OWN_UMASK.search(script.source):
        return
    old, new = facts.umask_of(script.before), facts.umask_of(script.after)
    writes = [write for write in writes_of(script) if not write.path.startswith(_NOT_FILES)]
    for write in writes:
        folder = write.how in (b"mkdir", b"makedirs")
        log = bool(_LOGS.search(write.path))
        if log and not folder and any(not _LOGS.search(other.path) for other in writes):
            continue
        what = (
            "a folder made here gets mode 0600, and nobody but root can enter it"
            if folder
            else ("a file made here gets mode 0600, and nobody but its owner can read it")
        )
        yield Hit(
            "umask",
            Severity.INFO if log and not folder else Severity.REVIEW,
            write.line,
            f"from {facts.UMASK.release} scripts run with umask {new} ({old} in {script.before}): {what}",
            "Say `umask 022` at the top of the script, or `umask 0022` in global_defs for all of them.",
        )


def check_user(script: Script, settings: Settings, host: Host) -> Iterator[Hit]:
    """Report what needs root in a script that the new release runs as somebody else."""
    if not facts.USER.is_new(script.before, script.after):
        return
    users = {user_of(settings, call.user, host.accounts) for call in script.new} - {b"root", b"0"}
    if not users:
        return
    user = sorted(users)[0]
    shown = user.decode("utf-8", "backslashreplace")
    why = f"from {facts.USER.release} this script runs as {shown}, no longer as root"
    cure = "Say `script_user root` in global_defs or name the user after the script, or give that user the right."
    for step in {(s.line, s.column): s for call in script.new for s in script.trace(call).steps}.values():
        if needs_root(step):
            message = f"{why}: it is not allowed to `{step.text}`"
            yield Hit("user-command", Severity.DECISION, step.line, message, cure, step.column)
    for write in writes_of(script) if _LOOK.search(script.source) else ():
        if write.path.startswith(_ROOT_ONLY) and not host.may_write(write.path, user):
            path = write.path.decode("utf-8", "backslashreplace")
            yield Hit("user-path", Severity.REVIEW, write.line, f"{why}: it may not write {path}", cure)


def needs_root(step: Step) -> bool:
    """Tell whether a command changes the network, the firewall or a service. What goes through sudo is not asked."""
    name = step.name.rpartition(b"/")[2]
    words = {word.text for word in step.words if word is not None}
    return name in _ROOT_PROGRAMS or (name in _CHANGERS and bool(words & _CHANGES))


def writes_of(script: Script) -> Iterator[Write]:
    """Give what a script writes, as far as the paths are known."""
    if script.language == "python":
        for pattern, how, path in ((_OPENED, 0, 2), (_MADE, 1, 3)):
            for match in pattern.finditer(script.source):
                line = script.source.count(b"\n", 0, match.start()) + 1
                yield Write(match.group(path), match.group(how) if how else b"open", line)
    if script.language != "shell":
        return
    names = _constants(script.source)
    for node in walk(script.root()):
        if node.type == "file_redirect":
            operator = next((text_of(child) for child in node.children if text_of(child)[:1] in (b">", b"&")), b"")
            target = node.child_by_field_name("destination")
            if operator in (b">", b">>", b">|", b"&>", b"&>>") and target is not None:
                yield from _written(target, operator, names)
        elif node.type == "command":
            name = text_of(node.child_by_field_name("name") or node).rpartition(b"/")[2]
            if name in _MAKERS:
                words = [n for n in node.children_by_field_name("argument") if not text_of(n).startswith(b"-")]
                for word in words[-1:] if name == b"install" else words:
                    yield from _written(word, name, names)


def _written(node: Node, how: bytes, names: dict[bytes, bytes]) -> Iterator[Write]:
    path = literal_value(node)
    if path is None:
        text = text_of(node).strip(b'"')
        match = re.match(rb"\$\{?(\w+)\}?", text)
        known = names.get(match.group(1)) if match else None
        path = known + text[match.end() :] if match and known else None
    if path is not None and path.startswith(b"/"):
        yield Write(posixpath.normpath(path), how, node.start_point[0] + 1)


def _constants(source: bytes) -> dict[bytes, bytes]:
    """Variables that are set once, to plain text."""
    found: dict[bytes, list[bytes]] = {}
    for match in _SET_ONCE.finditer(source):
        found.setdefault(match.group(1), []).append(match.group(2))
    return {name: values[0] for name, values in found.items() if len(set(values)) == 1}
