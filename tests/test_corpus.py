"""Real configurations, read where they lie beside the checkout: every one is upgraded without a fault of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.plan import Result
from keepalived_upgrade.releases import parse_release
from keepalived_upgrade.site import Site

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "shared/corpus/configs").glob("*"))


@pytest.mark.skipif(not CONFIGS, reason="the corpus does not lie beside this checkout")
@pytest.mark.parametrize("target", ["2.2.7", "2.4.3"])
@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.name[-50:])
def test_a_real_configuration_upgrades_without_a_fault(config: Path, target: str, tmp_path: Path) -> None:
    folder = tmp_path / "etc/keepalived"
    folder.mkdir(parents=True)
    (folder / "keepalived.conf").write_bytes(config.read_bytes())
    site = Site.open("/etc/keepalived/keepalived.conf", root=tmp_path)
    plan = upgrade(site, parse_release("1.2.13"), parse_release(target), daemon="")
    assert [f for f in plan.findings if f.id.endswith("/failed")] == []
    assert [p for p in plan.proofs if p.result is Result.FAILED] == []
    assert plan.patch().count(b"diff --git") == len(plan.files)
    assert bool(plan.diff()) is bool(plan.files)
    assert plan.to_json()
