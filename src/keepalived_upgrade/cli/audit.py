"""The command `audit`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keepalived_upgrade.cli.options import (
    MAIN,
    ConfigFile,
    ConfigId,
    Format,
    FormatOption,
    ReleaseOption,
    Root,
    Scripts,
)

if TYPE_CHECKING:
    from keepalived_upgrade.auditing import Audit
    from keepalived_upgrade.findings import Finding
    from keepalived_upgrade.releases import Release
    from keepalived_upgrade.site import Site

EPILOG = (
    "Examples:  keepalived-upgrade audit  |  keepalived-upgrade audit --scripts /usr/local/sbin --notes  |  in CI:  "
    "keepalived-upgrade audit --root build/gw1 --release debian-bookworm --format json  |  in a crontab:  "
    "keepalived-upgrade audit >/run/audit 2>&1 || mail -s 'names on gw1' ops@example.org </run/audit  |  "
    "Exit status: 0 all is well, 1 something is wrong, 2 bad usage or input."
)


def audit(
    config: ConfigFile = MAIN,
    root: Root = "/",
    release: ReleaseOption = "",
    scripts: Scripts = None,
    config_id: ConfigId = "",
    accept: Annotated[list[str] | None, typer.Option(metavar="FINDING", help="Take this finding as a note.")] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Print notes, too: they say nothing is wrong.")] = False,
    format: FormatOption = Format.TEXT,
) -> None:
    """Find scripts that wait for a name which nothing has, and instances that a script forgot. For cron and CI."""
    from keepalived_upgrade.auditing import examine
    from keepalived_upgrade.detection import resolve_running
    from keepalived_upgrade.findings import Severity
    from keepalived_upgrade.site import Site

    site = Site.open(config, root, config_id)
    reading = resolve_running(site.root, release)
    audited = examine(site, reading, scripts or ())
    wrong = [f for f in audited.findings if f.severity is not Severity.INFO and f.id not in (accept or ())]
    if format is Format.JSON:
        _print_json(site, reading, audited, wrong)
    else:
        _print_text(audited, wrong, notes)
    if wrong:
        raise typer.Exit(1)


def _print_text(audited: Audit, wrong: list[Finding], notes: bool) -> None:
    from keepalived_upgrade.review.masking import clean, mask

    for finding in audited.findings if notes else wrong:
        mark = "" if finding in wrong else "note: "
        sys.stdout.write(
            f"{clean(str(finding.place))}: {mark}{mask(clean(finding.message))}\n"
            f"    → {mask(clean(finding.cure))}\n      [{finding.id}]\n"
        )
    missing = sum(1 for finding in audited.findings if finding.id == "names/script-missing")
    seen = f"{_count(len(audited.names), 'name')}, {_count(len(audited.scripts), 'script')}"
    seen += f", {missing} not there" if missing else ""
    left = len(audited.findings) - len(wrong)
    also = f"; {_count(left, 'note')}{'' if notes else ' (--notes shows)'}" if left else ""
    verdict = f"{len(wrong)} wrong" if wrong else "all is well"
    sys.stdout.write(f"{seen}: {verdict}{also}\n")


def _print_json(site: Site, release: Release, audited: Audit, wrong: list[Finding]) -> None:
    import json

    from keepalived_upgrade.review.masking import mask

    report: dict[str, Any] = {
        "version": 1,
        "release": str(release),
        "root": site.root,
        "config": site.config,
        "names": {name.decode("utf-8", "backslashreplace"): kind for name, kind in sorted(audited.names.items())},
        "scripts": list(audited.scripts),
        "wrong": len(wrong),
        "findings": [
            {
                "id": f.id,
                "severity": f.severity.value,
                "wrong": f in wrong,
                "path": f.place.path,
                "line": f.place.line,
                "column": f.place.column,
                "message": mask(f.message),
                "cure": mask(f.cure),
            }
            for f in audited.findings
        ],
    }
    sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=True) + "\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
