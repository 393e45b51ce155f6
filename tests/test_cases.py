"""Every case of every migration: result, second run, what no edit touches, re-parse. Daemons: test_daemon_matrix.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases import CASES, MIGRATIONS, choices_of, lay_out, name_of, plan_case, settings_of
from keepalived_upgrade.catalogue import find_migration, load_migrations
from keepalived_upgrade.conf.reader import parse
from keepalived_upgrade.findings import Severity
from keepalived_upgrade.plan import Plan, Result


def _files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def _result(root: Path, plan: Plan) -> dict[str, bytes]:
    """The files of the host as the plan leaves them, links left out."""
    files = {str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file() and not _linked(f, root)}
    return files | {change.path.lstrip("/"): change.after for change in plan.files}


def _linked(file: Path, root: Path) -> bool:
    return any(part.is_symlink() for part in (file, *file.parents) if part != root and root in part.parents)


def test_every_migration_has_cases_that_change_and_one_that_does_not() -> None:
    for migration in load_migrations():
        cases = sorted((MIGRATIONS / migration.id / "cases").iterdir())
        same = [case for case in cases if _files(case / "before") == _files(case / "after")]
        assert same, f"{migration.id} has no case that must change nothing"
        assert len(cases) >= 2, migration.id
        if migration.kind == "rewrites":
            assert len(same) < len(cases), f"{migration.id} has no case that changes something"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case_gives_the_expected_files_and_findings(case: Path, tmp_path: Path) -> None:
    settings = settings_of(case)
    root = lay_out(case, tmp_path / "root")
    plan = plan_case(root, settings, choices_of(case))
    expected = _files(case / "after")
    result = _result(root, plan)
    assert {k: v.decode("latin-1") for k, v in result.items()} == {k: v.decode("latin-1") for k, v in expected.items()}
    # What the release does otherwise by itself (`effect/…`) is of the whole upgrade, not of this migration alone.
    own = [f for f in plan.findings if not f.id.startswith("effect/")]
    found = [f.id for f in own if f.severity is not Severity.INFO]
    wanted = [text.partition("@")[0] for text in settings.get("findings", [])]
    assert sorted(set(found)) == sorted(set(wanted)), [str(f) for f in plan.findings]
    places = {f"{f.id}@{f.place.line}" for f in plan.findings}
    assert {text for text in settings.get("findings", []) if "@" in text} <= places
    failed = [p for p in plan.proofs if p.result is Result.FAILED]
    assert not failed or settings.get("proof_fails"), failed


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case_run_again_on_its_result_changes_nothing(case: Path, tmp_path: Path) -> None:
    root = lay_out(case, tmp_path / "root", "after")
    assert plan_case(root, settings_of(case), choices_of(case)).files == ()


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case_reads_back_byte_for_byte(case: Path) -> None:
    for text in (*_files(case / "before").values(), *_files(case / "after").values()):
        assert parse(text).source == text


def test_every_migration_can_be_explained() -> None:
    for migration in load_migrations():
        assert find_migration(migration.id) is migration
        assert migration.summary.endswith(".")
        assert migration.covers, f"{migration.id} covers no entry of the catalogue"
