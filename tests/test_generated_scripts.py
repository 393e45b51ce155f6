"""Scripts at random, run before and after: where nobody is asked, each new name is treated as the old one was.

Longer: GENERATED=5000 python -m pytest tests/test_generated_scripts.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated_scripts import PythonScript, ShellScript
from script_harness import BOTH, Harness, follow, is_open, kept, says_names

pytestmark = pytest.mark.netns
NUMBER = int(os.environ.get("GENERATED", "0"))
PYTHON = b'#!/usr/bin/python3\nimport subprocess\ndef act(*words):\n    subprocess.call(["act", *map(str, words)])\n'


@pytest.fixture(scope="module")
def harness(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    with Harness(tmp_path_factory.mktemp("root")) as running:
        yield running


def check(source: bytes, harness: Harness) -> bool:
    """Tell whether a script was rewritten or left with nobody asked; then it must do what it did."""
    judged = False
    for names in (BOTH, kept(BOTH)):
        result, after = follow(source, names)
        assert follow(after, names)[1] == after
        if not is_open(result):
            harness.check(source, after, names, states=("MASTER", "STOP"), texts=says_names(result))
            judged = True
    return judged


@pytest.mark.parametrize("seed", range(4))
def test_shell_scripts_at_random_treat_each_new_name_as_the_old_one(seed: int, harness: Harness) -> None:
    random = Random(seed)
    assert sum(check(ShellScript(random).source(), harness) for _ in range(NUMBER or 40)) >= 3


@pytest.mark.parametrize("seed", range(4))
def test_python_scripts_at_random_treat_each_new_name_as_the_old_one(seed: int, harness: Harness) -> None:
    random = Random(seed)
    assert sum(check(PYTHON + PythonScript(random).source(), harness) for _ in range(NUMBER or 100)) >= 3


# Hypothesis draws the randomness itself, so that a script that fails is made as small as can be.
@settings(
    max_examples=NUMBER or 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.randoms(use_true_random=False))
def test_shell_scripts_that_hypothesis_builds(harness: Harness, random: Random) -> None:
    check(ShellScript(random).source(), harness)


@settings(
    max_examples=NUMBER or 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.randoms(use_true_random=False))
def test_python_scripts_that_hypothesis_builds(harness: Harness, random: Random) -> None:
    check(PYTHON + PythonScript(random).source(), harness)
