"""Put everything that is upgraded here before every keepalived at hand: `python tests/daemon_matrix.py`, as root.

Each case of a migration (by that migration alone), each host of corpora/ and each real configuration beside the
checkout (by the whole upgrade) is upgraded to the release of each daemon that it may go to, and put before it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cases import CASES, CONFIG, choices_of, migration_of, name_of, settings_of
from keepalived_upgrade.catalogue import find_migration
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.migration import Choices
from keepalived_upgrade.plan import Plan, Proof, Result
from keepalived_upgrade.proofs.daemon import daemon_release, read_messages
from keepalived_upgrade.proofs.run import interfaces_of
from keepalived_upgrade.releases import Release, parse_release
from keepalived_upgrade.site import Site
from keepalived_upgrade.work import read_site

PROJECT = Path(__file__).resolve().parents[1]
HOSTS = sorted((PROJECT / "corpora").glob("*/"))
CONFIGS = sorted((PROJECT.parent / "shared/corpus/configs").glob("*"))
UNCHANGED = "the configuration does not change"


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to upgrade. since: the first release that it may go to. root: a folder; main: in it."""

    kind: str
    name: str
    root: Path
    main: str
    source: Release
    since: Release
    choices: Choices = field(default_factory=Choices)
    links: tuple[tuple[str, str], ...] = ()

    def plan(self, target: Release, daemon: str) -> Plan:
        """Upgrade it to a release, with that daemon's proof. A copy is made where it has links."""
        with tempfile.TemporaryDirectory() as folder:
            root = self.root
            if self.links:
                root = Path(folder) / "root"
                shutil.copytree(self.root, root)
                for link, to in self.links:
                    place = root / link.lstrip("/")
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.symlink_to(to)
            return upgrade(Site.open(self.main, root=root), self.source, target, self.choices, daemon=daemon)


def case_subject(case: Path) -> Subject:
    """Give a case as a subject."""
    settings = settings_of(case)
    return Subject(
        kind="cases",
        name=name_of(case),
        root=case / "before",
        main=settings.get("config", CONFIG),
        source=parse_release(settings["source"]),
        since=find_migration(migration_of(case)).release,
        choices=choices_of(case),
        links=tuple(settings.get("links", {}).items()),
    )


def subjects() -> Iterator[Subject]:
    """Give everything."""
    yield from map(case_subject, CASES)
    old = Release(1, 2, 13)
    for host in HOSTS:
        yield Subject("hosts", host.name, host / "root", CONFIG, old, old)
    for config in CONFIGS:
        yield Subject("real files", config.name, config.parent, f"/{config.name}", old, old)


def prove(subject: Subject, release: Release, executable: str) -> Proof | None:
    """Give the daemon's proof; None where the release is not one that the subject may go to."""
    if not subject.source < release or release < subject.since:
        return None
    plan = subject.plan(release, executable)
    (proof,) = (proof for proof in plan.proofs if proof.name == "daemon")
    return proof


def lost(subject: Subject, release: Release, executable: str) -> str:
    """Give why a daemon does not read what becomes of a subject to its end; "" if it does."""
    site = Site.open(subject.main, root=subject.root)
    config = read_site(site, release)
    interfaces = tuple(sorted(set(interfaces_of([config]))))
    return read_messages(executable, config.tree.sources, subject.main, interfaces).lost


def daemons_at_hand() -> dict[Release, str]:
    """Give the keepalived programs by release: the installed one, and those that tests/daemons has fetched."""
    installed = shutil.which("keepalived", path="/usr/sbin:/usr/local/sbin:/sbin")
    found = [installed, *(str(file) for file in sorted((PROJECT / ".cache/daemons").glob("*/keepalived")))]
    return {release: file for file in found if file and (release := daemon_release(file))}


def main() -> int:
    """Print the figures, and every proof that failed or was not made. The status is 1 if one failed."""
    daemons = daemons_at_hand()
    everything = list(subjects())
    jobs = [(subject, release) for subject in everything for release in sorted(daemons)]
    with ThreadPoolExecutor(4) as pool:
        proofs = list(pool.map(lambda job: prove(*job, daemons[job[1]]), jobs))
        same = [job for job, proof in zip(jobs, proofs, strict=True) if proof and proof.detail == UNCHANGED]
        reasons = list(pool.map(lambda job: lost(*job, daemons[job[1]]), same))
    unread = {(job[0].name, job[1]): why for job, why in zip(same, reasons, strict=True)}
    counts: dict[tuple[str, Release], Counter[str]] = defaultdict(Counter)
    for (subject, release), proof in zip(jobs, proofs, strict=True):
        result = "not its target" if proof is None else proof.result.value
        if why := unread.get((subject.name, release)):
            print(f"{release} {subject.name}: unchanged, and {why}")
        if (subject.name, release) in unread:
            result = "unchanged but not read to the end" if why else "unchanged"
        elif proof is not None and proof.result is not Result.PASSED:
            print(f"{release} {subject.name}: {proof.result.value}: {proof.detail}")
        counts[subject.kind, release][result] += 1
    for (kind, release), of in sorted(counts.items()):
        print(f"{kind:<11}{release!s:<7}" + ", ".join(f"{number} {result}" for result, number in sorted(of.items())))
    return int(any(of[Result.FAILED.value] for of in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
