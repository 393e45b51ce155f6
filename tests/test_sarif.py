"""SARIF 2.1.0: valid by the official schema, with fixes that are exact and prints that survive a shift of lines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError

from json_schemas import check_sarif
from keepalived_upgrade import Choices, Release, Site, upgrade
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.review import sarif
from test_review import changed, created, edited_files, make_plan

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
Json = dict[str, Any]


def report_of(plan: Plan, folder: str = "") -> Json:
    """The only run; conftest.py validates every report."""
    run: Json = json.loads(sarif.render_sarif(plan, folder=folder))["runs"][0]
    return run


def host_plan(name: str = "director", root: Path | None = None) -> Plan:
    site = Site.open("/etc/keepalived/keepalived.conf", root=root or CORPORA / name / "root")
    return upgrade(site, Release(1, 2, 13), Release(2, 2, 7), Choices(), daemon="")


def fixes_of(run: Json, path: str) -> list[Json]:
    replacements = []
    for result in run["results"]:
        for fix in result.get("fixes", ()):
            for change in fix["artifactChanges"]:
                if unquote_to_bytes(change["artifactLocation"]["uri"]) == path.lstrip("/").encode():
                    replacements += change["replacements"]
    return replacements


def apply_by_bytes(before: bytes, replacements: list[Json], encoding: str) -> bytes:
    for one in sorted(replacements, key=lambda r: r["deletedRegion"]["byteOffset"], reverse=True):
        region = one["deletedRegion"]
        end = region["byteOffset"] + region["byteLength"]
        before = before[: region["byteOffset"]] + one["insertedContent"]["text"].encode(encoding) + before[end:]
    return before


def apply_by_lines(before: bytes, replacements: list[Json], encoding: str) -> bytes:
    text = before.decode(encoding)
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    for one in sorted(replacements, key=lambda r: r["deletedRegion"]["byteOffset"], reverse=True):
        region = one["deletedRegion"]
        first = starts[region["startLine"] - 1] + region["startColumn"] - 1
        last = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:first] + one["insertedContent"]["text"] + text[last:]
    return text.encode(encoding)


def encoding_of(run: Json, path: str) -> str:
    found = [
        a["encoding"] for a in run["artifacts"] if unquote_to_bytes(a["location"]["uri"]) == path.lstrip("/").encode()
    ]
    return str(found[0])


def test_the_validator_is_one_that_can_fail() -> None:
    report = json.loads(sarif.render_sarif(make_plan()))
    check_sarif(report)
    report["runs"][0]["results"] = [{"level": "error"}]
    with pytest.raises(ValidationError, match="message"):
        check_sarif(report)


@pytest.mark.parametrize("host", ["director", "gateway-2017"])
def test_the_fixes_of_a_host_make_the_upgrade_by_bytes_and_by_lines(host: str) -> None:
    plan = host_plan(host)
    run = report_of(plan)
    compared = 0
    for file in plan.files:
        if file.before is None or b"auth_pass" in b"".join(change.new for change in file.changes):
            continue
        fixes, encoding = fixes_of(run, file.path), encoding_of(run, file.path)
        if len(fixes) != len(file.changes):  # one shows a password
            continue
        assert apply_by_bytes(file.before, fixes, encoding) == file.after
        assert apply_by_lines(file.before, fixes, encoding) == file.after
        compared += 1
    assert compared


@settings(max_examples=60, deadline=None)
@given(edited_files(), st.sampled_from([b"", b"\xc3\xa9", b"\xe9", "漢字".encode(), b"\r"]))
def test_any_edit_of_any_bytes_is_told_exactly(change: FileChange, odd: bytes) -> None:
    before = (change.before or b"").replace(b"b", odd)
    cuts = sorted({0, len(before) // 3, len(before) // 2, len(before)})
    edits = [(a, b, odd + b"\nx") for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    file = changed("/f", before, *edits)
    run = report_of(make_plan(file))
    fixes = fixes_of(run, "/f")
    if not file.changes:
        assert not fixes
        return
    assert apply_by_bytes(before, fixes, encoding_of(run, "/f")) == file.after
    assert apply_by_lines(before, fixes, encoding_of(run, "/f")) == file.after


def test_latin_1_is_named_where_a_text_is_no_utf_8() -> None:
    run = report_of(make_plan(changed("/a", b"caf\xe9\n", (0, 1, b"C")), changed("/b", "é\n".encode(), (2, 2, b"x"))))
    assert [artifact["encoding"] for artifact in run["artifacts"]] == ["ISO-8859-1", "UTF-8"]
    assert fixes_of(run, "/b")[0]["deletedRegion"]["startColumn"] == 2


def test_a_finding_keeps_its_place_severity_and_cure() -> None:
    findings = (
        Finding("conf/include-missing", Severity.DECISION, Place("/etc/k", 2, 4), "é is odd", "Look."),
        Finding("names/shell/mention", Severity.REVIEW, Place("/etc/other", 7, 3), "m", "c"),
        Finding("names/text", Severity.INFO, Place("/etc/k"), "m", "c"),
    )
    plan = make_plan(changed("/etc/k", "aé\néééx\n".encode(), (0, 1, b"b")), findings=findings)
    first, second, third, _ = report_of(plan)["results"]
    assert (first["level"], second["level"], third["level"]) == ("error", "warning", "note")
    assert first["message"]["text"] == "é is odd\nLook."
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 3}, "column 4 in bytes stands in the second character's end"
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}, "the text is not in the plan"
    assert "region" not in third["locations"][0]["physicalLocation"]


def test_each_result_has_a_rule_that_says_what_it_means() -> None:
    run = report_of(host_plan())
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({result["ruleId"] for result in run["results"]})
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule in rules:
        assert len(rule["help"]["text"]) > 20, rule["id"]
        assert rule["help"]["text"] != rule["id"]
    assert "**What changed.**" in next(r for r in rules if r["id"] == "v2_0_15/nb_get_retry")["help"]["markdown"]


def test_an_id_without_a_text_is_explained_by_its_area_and_one_without_that_by_itself() -> None:
    finding = Finding("names/shell/brand-new", Severity.INFO, Place("/k"), "m", "c")
    plan = make_plan(changed("/k", b"a\n", (0, 1, b"b")), findings=(finding,))
    first, second = report_of(plan)["tool"]["driver"]["rules"]
    assert first["help"]["text"].startswith("Shell scripts.")
    assert second["help"]["text"] == "v1_2_20/x"


def test_prints_survive_lines_added_above_and_tell_repetitions_apart(tmp_path: Path) -> None:
    shutil.copytree(CORPORA / "director/root", tmp_path / "root")
    before = report_of(host_plan(root=tmp_path / "root"))["results"]
    for file in ("keepalived.conf", "conf.d/web.conf"):
        path = tmp_path / "root/etc/keepalived" / file
        path.write_bytes(b"# a comment\n\n# another\n" + path.read_bytes())
    after = report_of(host_plan(root=tmp_path / "root"))["results"]

    def prints(results: list[Json]) -> list[str]:
        return [result["partialFingerprints"][sarif.FINGERPRINT] for result in results]

    assert [r["locations"] for r in before] != [r["locations"] for r in after]
    assert prints(before) == prints(after)
    assert len(set(prints(before))) == len(before)


def test_a_fix_that_would_show_a_password_is_left_out_and_said() -> None:
    run = report_of(host_plan())
    text = json.dumps(run)
    conf = (CORPORA / "director/root/etc/keepalived/keepalived.conf").read_text()
    secrets = [line.split()[1].strip('"') for line in conf.splitlines() if line.strip().startswith("auth_pass")]
    assert secrets
    assert not [secret for secret in secrets if secret in text]
    hidden = [
        result
        for result in run["results"]
        if "The new text is not shown: it holds a password." in result["message"]["text"]
    ]
    assert [result["ruleId"] for result in hidden] == ["v1_2_20/comment_characters"]
    assert "fixes" not in hidden[0]


def test_only_the_change_at_the_password_is_hidden_not_its_neighbours() -> None:
    before = b"auth_pass hun#er2\nretry 3\n"
    plan = make_plan(
        changed("/k", before, (10, 17, b'"hun#er2"'), (18, 23, b"again")), created("/n", b"password x1y2z3\n")
    )
    run = report_of(plan)
    other = make_plan(changed("/k", before.replace(b"hun", b"fun"), (10, 17, b'"fun#er2"')))
    (same,) = report_of(other)["results"]
    assert same["partialFingerprints"] == run["results"][0]["partialFingerprints"], "no password in a hash"
    assert [("fixes" in result) for result in run["results"]] == [False, True, False]
    assert "er2" not in json.dumps(run)
    assert "x1y2z3" not in json.dumps(run)


@pytest.mark.parametrize(
    ("folder", "expected", "base"),
    [
        ("", "etc/a%20b%23/c%25%C3%A9", "HOST"),
        ("hosts/gw 1", "hosts/gw%201/etc/a%20b%23/c%25%C3%A9", "%SRCROOT%"),
        (".", "etc/a%20b%23/c%25%C3%A9", "%SRCROOT%"),
    ],
)
def test_paths_are_relative_uris_with_a_base(folder: str, expected: str, base: str) -> None:
    run = report_of(make_plan(changed("/etc/a b#/c%é", b"a\n", (0, 1, b"b"))), folder)
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": expected, "uriBaseId": base}
    assert not urlsplit(location["uri"]).scheme
    root = run["originalUriBaseIds"][base]
    if base == "HOST":
        assert unquote_to_bytes(urljoin(root["uri"], location["uri"])) == "file:///r/etc/a b#/c%é".encode()
    else:
        assert "uri" not in root


def test_a_new_file_is_reported_at_the_configuration_and_its_fix_creates_it() -> None:
    run = report_of(make_plan(created("/etc/n.sh", b"#!/bin/sh\n:\n")))
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "etc/k.conf"
    assert result["message"]["text"].startswith("/etc/n.sh is created. ")
    assert apply_by_bytes(b"", fixes_of(run, "/etc/n.sh"), "utf-8") == b"#!/bin/sh\n:\n"


def test_hostile_names_stay_text() -> None:
    hostile = "[click](https://example.org) \x1b[31m\nauth_pass hunter2"
    finding = Finding("conf/definition", Severity.REVIEW, Place("/etc/k", 1, 1), hostile, "Do it.")
    (result,) = report_of(make_plan(findings=(finding,)))["results"]
    assert result["message"]["text"].startswith(r"\[click](https://example.org) ^[[31m")
    assert "hunter2" not in json.dumps(result)
    assert "\x1b" not in result["message"]["text"]
