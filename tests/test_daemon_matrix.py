"""Everything that is upgraded here is put before every keepalived at hand: see daemon_matrix.py, which gives figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon_matrix import UNCHANGED, Subject, lost, prove, subjects
from keepalived_upgrade.plan import Result
from keepalived_upgrade.releases import Release

pytestmark = [pytest.mark.daemon, pytest.mark.netns]


@pytest.mark.parametrize("subject", list(subjects()), ids=lambda subject: f"{subject.kind}-{subject.name[-60:]}")
def test_the_new_text_gets_no_message_that_is_not_there_for_the_old_one(
    subject: Subject, daemon: tuple[Release, str]
) -> None:
    proof = prove(subject, *daemon)
    if daemon[0] == Release(2, 1, 5) and subject.name.endswith("never_closed"):
        # 2.1.5 itself dies of the old text, whose instance is not closed: nothing is proved, and that is said.
        assert proof is not None
        assert (proof.result, "(signal 11)" in proof.detail) == (Result.NOT_MADE, True)
    elif proof is None:
        assert daemon[0] < subject.since or daemon[0] <= subject.source
    elif proof.result is not Result.PASSED:
        assert proof.detail == UNCHANGED


def test_what_changes_and_what_does_not_is_both_met(keepalived: str, namespaces: None) -> None:
    """Else the test above would pass with nothing proved."""
    results = {prove(subject, Release(2, 2, 7), keepalived) for subject in subjects() if subject.kind == "hosts"}
    assert {proof.result for proof in results if proof} == {Result.PASSED}


def test_a_text_that_is_not_read_to_its_end_is_told_apart(keepalived: str, namespaces: None, tmp_path: Path) -> None:
    old, target = Release(1, 2, 13), Release(2, 2, 7)
    (tmp_path / "k.conf").write_text("global_defs {\n}\n")
    subject = Subject("real files", "k.conf", tmp_path, "/k.conf", old, old)
    assert lost(subject, target, keepalived) == ""
    assert "to its end" in lost(subject, target, "/bin/true")
