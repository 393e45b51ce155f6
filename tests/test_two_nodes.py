"""Two routers with failover, before and after the upgrade, against the effect model: see two_nodes.py.

This is a part of it: both texts of every host with every keepalived at hand, all at once, since they mostly wait.
`python tests/two_nodes.py` plays the other choices of an upgrade too.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from daemon_matrix import HOSTS
from keepalived_upgrade.releases import Release
from node_effect import expected_addresses
from two_nodes import old_effect, pair_of, play

CATEGORIES = ("addresses", "calls", "order of calls", "routes", "rules", "states")
pytestmark = [pytest.mark.daemon, pytest.mark.netns]


def test_what_two_routers_do_is_what_the_model_says(daemons: dict[Release, str]) -> None:
    jobs = [(host, side, release) for host in HOSTS for side in ("before", "after") for release in daemons]
    with ThreadPoolExecutor(len(jobs)) as pool:
        played = list(pool.map(lambda job: play(job[0], job[1], daemons[job[2]], job[2]), jobs))
    wrong = {
        (host.name, side, str(release)): [(v.category, v.where, v.seen, v.said) for v in verdicts if not v.agrees]
        for (host, side, release), (verdicts, _) in zip(jobs, played, strict=True)
    }
    assert {job: verdicts for job, verdicts in wrong.items() if verdicts} == {}
    counts = Counter(verdict.category for verdicts, _ in played for verdict in verdicts)
    assert min(counts[name] for name in CATEGORIES) >= len(jobs)


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_after_the_upgrade_every_address_of_the_old_release_is_there(
    host: Path, keepalived: str, namespaces: None
) -> None:
    """What the model expects of the new text is what the old text gave, and not less."""
    with pair_of(host, "after", keepalived, Release(2, 2, 7)) as pair:
        old = expected_addresses(old_effect(host), True)
        assert {address[:3] for address in old} <= {a[:3] for a in expected_addresses(pair.master.effect, True)}
