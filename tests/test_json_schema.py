"""JSON with a published schema, and every format the same for the same input."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import ValidationError

from json_schemas import FOLDER, check_json
from keepalived_upgrade.edits import Change
from keepalived_upgrade.plan import FileChange, Proof, Result
from test_review import changed, created, make_plan

ROOT = Path(__file__).resolve().parents[1]
HOST = ROOT / "corpora/director/root"
UPGRADE = ("upgrade", "--root", str(HOST), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon")


def run(*words: str, **environment: str) -> str:
    command = [sys.executable, "-m", "keepalived_upgrade", *words]
    environ = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environ, timeout=60).stdout


@pytest.mark.parametrize("command", sorted(file.stem for file in FOLDER.glob("*.json")))
def test_a_schema_is_printed_as_it_is_packaged(command: str) -> None:
    assert run("schema", command) == (FOLDER / f"{command}.json").read_text(encoding="utf-8")


def test_upgrade_is_the_schema_that_is_asked_for_without_a_name() -> None:
    assert run("schema") == run("schema", "upgrade")


def test_a_report_of_everything_a_plan_can_hold_fits() -> None:
    proofs = tuple(Proof(result.value, result, "") for result in Result)
    odd = FileChange("/etc/caf\udce9", None, b"", (Change(0, 0, b"", (("v1_2_20/x", "Why."),)),), 0o600, "root", "root")
    plan = make_plan(changed("/etc/k", b"a\n", (0, 1, b"b")), created("/n", b"x"), odd, proofs=proofs)
    check_json(json.loads(plan.to_json()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("source", "1.2"),
        ("root", "relative"),
        ("proofs", [{"name": "x", "result": "maybe", "detail": ""}]),
    ],
)
def test_the_schema_refuses_what_is_not_version_1(field: str, value: object) -> None:
    report = json.loads(run(*UPGRADE, "--format", "json"))
    check_json(report)
    with pytest.raises(ValidationError):
        check_json(report | {field: value})


def test_the_list_fits_its_schema_with_and_without_a_configuration() -> None:
    everything = json.loads(run("list", "--format", "json"))
    check_json(everything, "list")
    words = ("--from", "1.2.13", "--to", "2.2.7", "--root", str(HOST), "--for", "/etc/keepalived/keepalived.conf")
    mine = json.loads(run("list", "--format", "json", *words))
    check_json(mine, "list")
    assert {one["id"] for one in mine["migrations"]} < {one["id"] for one in everything["migrations"]}
    assert all(one["does"] for one in mine["migrations"])


@pytest.mark.parametrize("format", ["text", "json", "markdown", "sarif"])
def test_every_format_is_the_same_byte_for_byte_whatever_the_hash_seed(format: str) -> None:
    outputs = {run(*UPGRADE, "--format", format, PYTHONHASHSEED=seed) for seed in ("0", "1", "77", "4242")}
    assert len(outputs) == 1
    assert outputs.pop()


def test_a_copy_of_the_host_at_another_place_gives_the_same_but_for_the_root(tmp_path: Path) -> None:
    shutil.copytree(HOST, tmp_path / "copy")
    here = run(*UPGRADE, "--format", "json")
    there = run("upgrade", "--root", str(tmp_path / "copy"), *UPGRADE[3:], "--format", "json")
    assert here.replace(str(HOST), "ROOT") == there.replace(str(tmp_path / "copy"), "ROOT")
