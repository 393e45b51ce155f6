"""The usual places of a host where names of the configuration stand: found by kind, inside the root, and bounded.

`PLACES` lists them. Nothing here opens a file; what is no regular file is left to `Site`.
"""

from __future__ import annotations

import fnmatch
import os
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keepalived_upgrade.site import Site

# kind → patterns. `**` at the end is every file below. Where distributions differ, all of their places are listed.
PLACES: dict[str, tuple[str, ...]] = {
    "file of keepalived": ("/etc/keepalived/**",),
    "unit of systemd": (
        *("/etc/systemd/system/**", "/usr/local/lib/systemd/system/**", "/run/systemd/system/**"),
        *("/usr/lib/systemd/system/*", "/usr/lib/systemd/system/*.d/*", "/lib/systemd/system/*"),
    ),
    "init script": (
        *("/etc/init.d/*", "/etc/rc.d/init.d/*", "/etc/rc.local", "/etc/rc.d/rc.local", "/etc/init/*.conf"),
        *("/etc/sv/*/run", "/etc/inittab", "/etc/local.d/*"),
    ),
    "file of settings": ("/etc/default/*", "/etc/sysconfig/*", "/etc/conf.d/*", "/etc/environment"),
    "table or script of cron": (
        *("/etc/crontab", "/etc/anacrontab", "/etc/cron.d/*", "/etc/cron.hourly/*", "/etc/cron.daily/*"),
        *("/etc/cron.weekly/*", "/etc/cron.monthly/*", "/var/spool/cron/*", "/var/spool/cron/crontabs/*"),
    ),
    "rule of sudo": ("/etc/sudoers", "/etc/sudoers.d/*", "/etc/doas.conf"),
    "rule for logs": (
        *("/etc/logrotate.conf", "/etc/logrotate.d/*", "/etc/rsyslog.conf", "/etc/rsyslog.d/*"),
        *("/etc/syslog-ng/**", "/etc/logcheck/**"),
    ),
    "check of monit": ("/etc/monitrc", "/etc/monit.conf", "/etc/monit/**", "/etc/monit.d/*"),
    "check of Nagios or Icinga": (
        *("/etc/nagios/**", "/etc/nagios3/**", "/etc/nagios4/**", "/etc/icinga/**", "/etc/icinga2/**"),
        *("/etc/naemon/**", "/etc/nrpe.cfg", "/etc/nrpe.d/*", "/usr/local/nagios/etc/**"),
        *("/usr/local/nagios/libexec/*", "/usr/lib/nagios/plugins/*", "/usr/lib64/nagios/plugins/*"),
        *("/usr/local/lib/nagios/plugins/*", "/usr/lib/check_mk_agent/local/*", "/etc/check_mk/**"),
    ),
    "setting of Zabbix": ("/etc/zabbix/**", "/usr/lib/zabbix/**"),
    "rule or dashboard": (
        *("/etc/prometheus/**", "/etc/alertmanager/**", "/etc/vmalert/**", "/opt/prometheus/*"),
        *("/opt/prometheus/rules/*", "/etc/grafana/**", "/var/lib/grafana/dashboards/**"),
    ),
    "setting of a monitoring agent": (
        *("/etc/telegraf/**", "/etc/collectd.conf", "/etc/collectd.d/**", "/etc/collectd/**", "/etc/munin/**"),
        *("/etc/snmp/*", "/etc/datadog-agent/conf.d/**", "/etc/sensu/**", "/etc/consul.d/**"),
    ),
    "template": ("/etc/confd/**", "/etc/consul-template/**", "/etc/ansible/**"),
    "script of the host": (
        *("/usr/local/bin/*", "/usr/local/sbin/*", "/usr/local/libexec/*", "/root/bin/*", "/root/*.sh"),
        *("/etc/network/if-up.d/*", "/etc/network/if-down.d/*", "/etc/networkd-dispatcher/**"),
    ),
}
MOST_FILES = 20_000
MOST_BYTES = 1024 * 1024
# What a package manager or an editor left behind is read by nothing.
_LEFT_BEHIND = re.compile(r"(?:~|\.(?:dpkg-\w+|ucf-\w+|rpm(?:save|new|orig)|bak|old|orig|save|swp|pyc))$")
_OF_KEEPALIVED = re.compile(r"/keepalived[^/]*(?:/|$)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file at a usual place. path: as the host sees it; real: links followed; kind: what stands there."""

    path: str
    real: str
    kind: str

    def is_keepalived_s(self) -> bool:
        """Tell whether the path says that the file belongs to keepalived: `/etc/default/keepalived`."""
        return is_keepalived_s(self.path)


def is_keepalived_s(path: str) -> bool:
    """Tell whether a path says that the file belongs to keepalived."""
    return _OF_KEEPALIVED.search(path) is not None


def usual_places(site: Site) -> tuple[Candidate, ...]:
    """Give the paths at the usual places of a host, links last, at most MOST_FILES. Raises nothing."""
    found: dict[str, Candidate] = {}
    folder = posixpath.dirname(site.config)
    of_config = (f"{folder}/**",) if _OF_KEEPALIVED.search(folder) else ()
    for kind, patterns in PLACES.items():
        for pattern in (*of_config, *patterns) if kind == "file of keepalived" else patterns:
            for path in _matching(site, pattern):
                if len(found) >= MOST_FILES:
                    return _links_last(found.values())
                real = site.resolve(path)
                if real is not None and path not in found:
                    found[path] = Candidate(path, real, kind)
    return _links_last(found.values())


def _links_last(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(found, key=lambda candidate: candidate.path != candidate.real))


def of_keepalived(site: Site, candidates: Iterable[Candidate], fifos: Collection[bytes]) -> list[str]:
    """Give the files at usual places that are followed as a notify script is, not only searched.

    Those are files in a known language whose path says that they are keepalived's, and readers of its fifos.
    """
    from keepalived_upgrade.dependents.languages import language_of

    found: dict[str, str] = {}
    for candidate in candidates:
        if candidate.real in found or not (fifos or candidate.is_keepalived_s()):
            continue
        try:
            source = site.peek(candidate.path, MOST_BYTES)
        except OSError:
            continue
        theirs = candidate.is_keepalived_s() and language_of(candidate.path, source) != "text"
        if theirs or any(fifo in source for fifo in fifos):
            found[candidate.real] = candidate.path
    return list(found.values())


def _matching(site: Site, pattern: str) -> Iterator[str]:
    """Give the files that match a pattern, sorted; folders that are links are not walked into by `**`."""
    folder, _, last = pattern.rpartition("/")
    for base in _folders(site, folder):
        if last == "**":
            yield from _below(site, base)
        elif "*" in last:
            names = (entry.name for entry in _entries(site, base) if not entry.is_dir(follow_symlinks=False))
            yield from (f"{base}/{name}" for name in names if fnmatch.fnmatchcase(name, last))
        else:
            yield f"{base}/{last}"


def _folders(site: Site, folder: str) -> list[str]:
    """Give the folders that a pattern's folder stands for: `/etc/sv/*`."""
    above, _, last = folder.rpartition("/")
    if "*" not in folder:
        return [folder]
    names = [entry.name for entry in _entries(site, above) if entry.is_dir(follow_symlinks=False)]
    return [f"{above}/{name}" for name in names if fnmatch.fnmatchcase(name, last)]


def _below(site: Site, base: str) -> Iterator[str]:
    pending = [base]
    count = 0
    while pending and count < MOST_FILES:
        folder = pending.pop()
        entries = _entries(site, folder)
        pending += [f"{folder}/{e.name}" for e in reversed(entries) if e.is_dir(follow_symlinks=False)]
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                count += 1
                yield f"{folder}/{entry.name}"


def _entries(site: Site, folder: str) -> list[os.DirEntry[str]]:
    real = site.resolve(folder)
    if real is None:
        return []
    try:
        with os.scandir(site.outer(real)) as entries:
            named = [e for e in entries if not e.name.startswith(".") and not _LEFT_BEHIND.search(e.name)]
    except OSError:
        return []
    return sorted(named, key=lambda entry: entry.name)
