"""Which language a file is in: by a template's ending, then the shebang, then the ending, the place, and the look."""

from __future__ import annotations

import posixpath
import re

_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-\S+\s+)*)?(?:\S*/)?([a-z]+)")
_PROGRAMS = {
    **dict.fromkeys((b"sh", b"bash", b"dash", b"ash", b"ksh"), "shell"),
    b"python": "python",
    b"perl": "perl",
    b"ruby": "ruby",
    b"php": "php",
    b"lua": "lua",
    b"luajit": "lua",
    b"node": "javascript",
    b"nodejs": "javascript",
}
_ENDINGS = {
    **dict.fromkeys((".sh", ".bash"), "shell"),
    ".py": "python",
    **dict.fromkeys((".pl", ".pm"), "perl"),
    ".rb": "ruby",
    ".php": "php",
    ".lua": "lua",
    **dict.fromkeys((".js", ".mjs", ".cjs"), "javascript"),
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    ".json": "json",
    ".toml": "toml",
    ".ini": "ini",
    **dict.fromkeys((".service", ".timer", ".path", ".socket", ".target", ".mount"), "systemd"),
}
TEMPLATES = {
    **dict.fromkeys((".j2", ".jinja", ".jinja2"), "Jinja"),
    ".erb": "ERB",
    **dict.fromkeys((".tmpl", ".tpl", ".gotmpl", ".ctmpl"), "Go"),
}
_PLACES = (
    (re.compile(r"/systemd/.*\.conf$"), "systemd"),
    (re.compile(r"/etc/(?:crontab|anacrontab|cron\.d/[^/]+)$|/var/spool/cron/"), "cron"),
    (re.compile(r"/etc/sudoers(?:$|\.d/)"), "sudoers"),
    (re.compile(r"/etc/(?:default|sysconfig|conf\.d)/|/etc/environment$"), "environment"),
    (re.compile(r"/etc/telegraf/.*\.conf$"), "toml"),
    (re.compile(r"/etc/(?:munin|grafana)/"), "ini"),
    (re.compile(r"/etc/monit"), "monit"),
    (re.compile(r"/etc/logrotate\.(?:d/|conf$)"), "logrotate"),
    (re.compile(r"/(?:nagios|icinga|naemon|nrpe)[^/]*(?:/|$)"), "monitoring"),
    (re.compile(r"/zabbix[^/]*/|/etc/collectd|/etc/snmp/"), "monitoring"),
)
_SHELL_LOOK = re.compile(
    rb"^[ \t]*+(?:case[ \t].+[ \t]in[ \t\r]*$|if[ \t]++\[|esac\b|fi\b|export[ \t]++\w++=)", re.MULTILINE
)
_TEMPLATE_LOOK = re.compile(rb"\{\{|\{%|<%")
_SECTION = re.compile(rb"^\[[^\]\n]+\][ \t]*\r?$", re.MULTILINE)
_SETTING = re.compile(rb"^[ \t]*[\w.-]+[ \t]*=", re.MULTILINE)


def language_of(path: str, source: bytes) -> str:
    """Give the language of a file, "text" for none that is known. Raises nothing.

    A template comes first: `notify.sh.j2` begins as a shell script does, and is none.
    """
    ending = posixpath.splitext(path)[1]
    if ending in TEMPLATES or ("/templates/" in path and _TEMPLATE_LOOK.search(source)):
        return "template"
    match = _SHEBANG.match(source)
    if match:
        return _PROGRAMS.get(match.group(1), "text")
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    place = next((language for pattern, language in _PLACES if pattern.search(path)), "")
    if place:
        return place
    if source.startswith(b"<?php"):
        return "php"
    if _SHELL_LOOK.search(source):
        return "shell"
    return "ini" if _SECTION.search(source) and _SETTING.search(source) else "text"
