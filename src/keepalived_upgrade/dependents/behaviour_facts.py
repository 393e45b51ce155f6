"""What a script sees change from release to release: one table, each line with the entries of the catalogue it covers.

Where the catalogue is silent or coarser, the words say what was seen on a daemon or in keepalived's history.
"""

from __future__ import annotations

from dataclasses import dataclass

from keepalived_upgrade.releases import Release


@dataclass(frozen=True, slots=True)
class Fact:
    """release: the first that does so; until: the first that no longer does. covers: catalogue ids with versions."""

    release: Release
    covers: tuple[tuple[str, str], ...]
    until: Release | None = None

    def is_new(self, source: Release, target: Release) -> bool:
        """Tell whether the target does so and the source does not."""
        return self.holds(target) and not self.holds(source)

    def holds(self, release: Release) -> bool:
        """Tell whether a release does so."""
        return self.release <= release and (self.until is None or release < self.until)


# -- which calls there are, and with which words ---------------------------------------------------------------
# `notify` passes the priority as fourth word (keepalived's history; before every entry of the catalogue).
PRIORITY = Fact(Release(1, 1, 13), (("generic-notify-literal-path", "1.2.0"),))
FAULT_FROM_BACKUP = Fact(Release(1, 2, 14), (("notify-fault-from-backup", "1.2.14"),))
GROUP_ON_RELOAD = Fact(
    Release(1, 2, 20),
    (
        ("group-notify-on-reload", "1.2.20"),
        ("sync-group-notify-on-reload", "2.2.0"),
        ("reload-notify-changes", "2.0.17"),
    ),
    until=Release(2, 0, 17),
)
# `notify` and the FIFOs are told STOP; a script that runs then is killed after a second (seen on 2.2.7).
STOP = Fact(Release(2, 0, 0), (("notify-called-with-stop", "2.0.0"), ("scripts-die-with-child", "2.0.0")))
# An instance with `state MASTER` and a priority below 255 says BACKUP first (seen on 2.2.7; 1.4.5 goes straight on).
MASTER_STARTS_AS_BACKUP = Fact(
    Release(2, 0, 0),
    (
        ("instance-waits-for-first-script-run", "2.0.0"),
        ("sync-group-start-state", "2.0.0"),
        ("lower-priority-adverts", "2.0.0"),
    ),
)
MEMBER_STARTS_AS_BACKUP = Fact(Release(2, 0, 14), (("initial-backup-notify-in-groups", "2.0.14"),))
GROUP_STARTS_AS_BACKUP = Fact(Release(2, 0, 15), (("initial-backup-notify-in-groups", "2.0.14"),))
OWN_ARGUMENTS = Fact(Release(2, 0, 6), (("general-notify-arguments", "2.0.6"),))
RX_LOWER_PRI = Fact(Release(2, 0, 6), (("notify-fifo-new-lines", "2.0.6"),))
# Only with notify_deleted; without it a deleted instance is told FAULT (keepalived's history).
DELETED = Fact(Release(2, 1, 0), (("reload-notify-changes", "2.0.17"),))

# -- how a script is run ---------------------------------------------------------------------------------------
USER = Fact(Release(1, 3, 0), (("script-default-user", "1.3.0"),))
X_BIT = Fact(Release(1, 3, 0), (("notify-script-must-exist-at-start", "1.3.0"), ("vrrp-script-fail-open", "1.3.0")))
CWD = Fact(Release(1, 3, 2), (("script-cwd", "1.3.2"),))
FAILED_EXEC_IS_SUCCESS = Fact(Release(1, 4, 0), (("script-exec-failure-is-success", "1.4.0"),))
# Without libmagic, as Debian builds it, a file without `#!` is not run at all (seen on 2.2.7): execve, ENOEXEC.
NO_SHELL = Fact(Release(2, 0, 0), (("non-shebang-scripts", "2.0.0"), ("scripts-exec-not-shell", "2.0.0")))
STATUS_OVER_125 = Fact(Release(2, 0, 0), (("script-exit-status-126-255", "2.0.0"),))
ZERO_RESETS_WEIGHT = Fact(Release(2, 0, 19), (("misc-dynamic-exit0-weight", "2.0.19"),))
# 0000 up to 2.0.8, 0022 in 2.0.9 and 2.0.10, 0177 from 2.0.11 (still so in 2.2.7, seen, and 2.4.3).
UMASK = Fact(Release(2, 0, 11), (("process-umask", "2.0.9"),))
# $0 of a script that is called through a link names the file that the link leads to.
ZERO_IS_TARGET_1_3 = Fact(Release(1, 3, 6), (("script-path-resolved", "1.3.6"),), until=Release(1, 4, 0))
ZERO_IS_TARGET = Fact(Release(2, 3, 0), (("script-argv0-is-written-path", "2.3.0"),))

# -- what keepalived does beside the script --------------------------------------------------------------------
ADDRESS_WATCHED = Fact(Release(2, 0, 0), (("vip-removed-externally", "2.0.0"),))
RUN_FOLDER = Fact(Release(2, 0, 17), (("pid-files-run", "2.0.17"), ("pid-files-in-run", "2.1.0")))
LOG_TEXTS = Fact(Release(2, 0, 0), (("state-log-texts", "2.0.0"),))
DUMPS = (
    Fact(Release(1, 2, 20), (("signals-dump", "1.2.20"),)),
    Fact(Release(2, 0, 0), (("data-file-content", "2.0.0"),)),
    Fact(Release(2, 0, 10), (("data-files-mode", "2.0.10"),)),
    Fact(Release(2, 0, 11), (("json-rewrite", "2.0.11"),)),
    Fact(Release(2, 2, 5), (("output-files-follow-tmpdir", "2.2.5"),)),
    Fact(Release(2, 4, 0), (("data-dump-format", "2.4.0"), ("json-output", "2.4.0"))),
)


def facts() -> tuple[Fact, ...]:
    """Give every fact of the table."""
    return (*(value for value in globals().values() if isinstance(value, Fact)), *DUMPS)


def umask_of(release: Release) -> str:
    """Give the umask that scripts start with, as four octal digits."""
    return "0177" if UMASK.holds(release) else "0022" if release >= Release(2, 0, 9) else "0000"


def zero_is_target(release: Release) -> bool:
    """Tell whether $0 names the target of a link rather than the link."""
    return ZERO_IS_TARGET_1_3.holds(release) or ZERO_IS_TARGET.holds(release)
