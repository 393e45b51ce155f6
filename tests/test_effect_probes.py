"""The effect model against every observation of every release. `pytest -s` prints the table."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from agreement import Verdict, table, verdicts
from probe_categories import CATEGORIES
from probes import FOLDER

LISTED = Path(__file__).with_name("effect_disagreements.toml")
LEAST = 0.97
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the probes do not lie beside this checkout")


@pytest.fixture(scope="module")
def found() -> list[Verdict]:
    """All comparisons, made once."""
    return list(verdicts())


def listed() -> set[tuple[str, str]]:
    """The (probe, category) pairs whose disagreement has a reason."""
    entries = tomllib.loads(LISTED.read_text())["disagreement"]
    assert all(entry["reason"] for entry in entries)
    return {(probe, category) for entry in entries for probe in entry["probes"] for category in entry["categories"]}


def test_the_model_agrees_with_the_releases(found: list[Verdict]) -> None:
    print("\n" + table(found))
    right: dict[str, list[bool]] = defaultdict(list)
    for verdict in found:
        right[verdict.category].append(verdict.agrees)
    shares = {category: sum(of) / len(of) for category, of in right.items()}
    assert set(shares) == set(CATEGORIES)
    assert {category: share for category, share in shares.items() if share < LEAST} == {}


def test_every_observation_is_compared_in_some_category(found: list[Verdict]) -> None:
    assert len({(v.observation.probe, v.observation.build, v.observation.mode) for v in found}) == 13_746


def test_every_disagreement_is_listed_with_its_reason(found: list[Verdict]) -> None:
    wrong = {(v.observation.probe, v.category) for v in found if not v.agrees}
    assert wrong - listed() == set()


def test_nothing_is_listed_that_agrees(found: list[Verdict]) -> None:
    """A whole entry may cover several probes; each of its probes disagrees in one of its categories at least."""
    wrong = {(v.observation.probe, v.category) for v in found if not v.agrees}
    assert {probe for probe, _ in listed()} - {probe for probe, _ in wrong} == set()
    assert {category for _, category in listed()} - {category for _, category in wrong} == set()
