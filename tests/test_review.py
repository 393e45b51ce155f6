"""The plan shown: a patch that git and patch take, a report that hostile names cannot break, JSON without secrets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalived_upgrade.edits import Change, Edit, Text
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.names import NewName, Rename
from keepalived_upgrade.plan import FileChange, Plan, Proof, Result
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.patch import holds_secret, write_patch
from keepalived_upgrade.review.terminal import render_report

WHY = (("v1_2_20/x", "Because of\nthat."),)


def make_plan(*files: FileChange, findings: tuple[Finding, ...] = (), proofs: tuple[Proof, ...] = ()) -> Plan:
    rename = Rename("instance", b"GW", (NewName(b"GW_v4", "IPv4 half"), NewName(b"GW_\x1b[31m", "IPv6 half")), "m")
    release = Release(1, 2, 13)
    return Plan("/r", "/etc/k.conf", release, Release(2, 2, 7), files, findings, (rename,), proofs, skipped=("v1/y",))


def changed(path: str, before: bytes, *edits: tuple[int, int, bytes]) -> FileChange:
    text = Text(before)
    text.apply([Edit(path, start, end, new, *WHY[0]) for start, end, new in edits])
    return FileChange(path, before, text.current, text.changes())


def created(path: str, content: bytes, mode: int = 0o755) -> FileChange:
    return FileChange(path, None, content, (Change(0, 0, content, WHY),), mode, "root", "root")


def apply_with(tool: list[str], plan: Plan, folder: Path) -> dict[str, bytes]:
    for change in plan.files:
        if change.before is not None:
            file = folder / change.path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(change.before)
    done = subprocess.run(tool, input=plan.patch(), cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (done.stderr, done.stdout, plan.patch())
    return {"/" + str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


TOOLS = {"git": ["git", "apply", "--whitespace=nowarn", "-"], "patch": ["patch", "-p1", "--binary", "--quiet"]}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_patch_is_taken_with_new_files_odd_names_and_odd_line_ends(tool: str, tmp_path: Path) -> None:
    plan = make_plan(
        changed("/etc/a b.conf", b"one\ntwo\nthree\n", (4, 7, b"2")),
        changed("/etc/crlf", b"a\r\nb\r\n", (3, 4, b"B")),
        changed("/etc/none", b"a\nlast", (2, 6, b"end")),
        changed("/etc/end", b"a\nlast", (6, 6, b"\n")),
        changed("/etc/latin", b"caf\xe9\n", (0, 0, b"\xff")),
        created("/etc/new.sh", b"#!/bin/sh\n:\n"),
    )
    result = apply_with(TOOLS[tool], plan, tmp_path)
    assert result == {change.path: change.after for change in plan.files}
    if tool == "git":
        assert (tmp_path / "etc/new.sh").stat().st_mode & 0o111


def test_a_name_that_needs_quotes_is_quoted_as_git_does(tmp_path: Path) -> None:
    plan = make_plan(changed('/etc/q"\té', b"a\n", (0, 1, b"b")))
    assert apply_with(TOOLS["git"], plan, tmp_path)['/etc/q"\té'] == b"b\n"


def test_each_hunk_says_which_migration_and_why_on_its_heading() -> None:
    text = b"".join(b"line %d\n" % n for n in range(40))
    plan = make_plan(changed("/etc/k", text, (0, 1, b"L"), (len(text) - 3, len(text) - 1, b"X")))
    heads = [line for line in plan.patch().decode().splitlines() if line.startswith("@@")]
    assert heads == ["@@ -1,4 +1,4 @@ v1_2_20/x: Because of that.", "@@ -37,4 +37,4 @@ v1_2_20/x: Because of that."]


@st.composite
def edited_files(draw: st.DrawFn) -> FileChange:
    before = draw(st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"c c\n"]), max_size=25).map(b"".join))
    before += draw(st.sampled_from([b"", b"tail"]))
    cuts = sorted(
        draw(st.lists(st.integers(0, len(before)), min_size=2, max_size=8, unique=True)) if len(before) > 8 else []
    )
    new = st.sampled_from([b"", b"x", b"y\n", b"\nz", b"p\nq\n"])
    return changed("/f", before, *((a, b, draw(new)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)))


@settings(max_examples=40, deadline=None)
@given(edited_files())
def test_any_composed_edit_gives_a_patch_that_makes_it(change: FileChange) -> None:
    import tempfile

    if change.before == change.after or not change.after or not change.before:
        return
    with tempfile.TemporaryDirectory() as folder:
        assert apply_with(TOOLS["git"], make_plan(change), Path(folder))["/f"] == change.after


def test_the_report_shows_everything_and_nothing_hostile_reaches_the_terminal() -> None:
    findings = (
        Finding(
            "a/b", Severity.DECISION, Place("/etc/[/etc/x]\x1b", 3, 1), "decide\x1b[2J auth_pass hunter2", "Do [it]."
        ),
        Finding("a/c", Severity.INFO, Place("/etc/k"), "note", "Nothing."),
    )
    proofs = (Proof("names", Result.FAILED, "bad"), Proof("daemon", Result.NOT_MADE, "none"))
    before = b"\tauth_pass hunter2\n\x1b[31mred [bold]\ncafe\nx\n"
    plan = make_plan(
        changed("/etc/k", before, (21, 24, b"RED"), (35, 39, b"tea")),
        created("/n", b"x"),
        findings=findings,
        proofs=proofs,
    )
    for color in (False, True):
        text = render_report(plan, color=color, width=60)
        assert "\x1b[2J" not in text
        assert "hunter2" not in text
        assert "[bold]" in text
        assert "To decide before anything is written (1)" in text
        assert "left out by choice: v1/y" in text
        assert "a proof failed" in text
    assert "\x1b" not in render_report(plan, color=False, width=60)
    assert "\x1b[" in render_report(plan, color=True, width=60)
    assert "(no line break at the end)" in plan.diff()


def test_a_changed_line_shows_no_password_but_that_it_is_quoted_now() -> None:
    before = b"auth_pass hun#er2{x\nb\n"
    plan = make_plan(changed("/etc/k", before, (10, 19, b'"hun#er2{x"')))
    assert "hun" not in plan.diff()
    assert "auth_pass ********" in plan.diff()
    assert 'auth_pass "********"' in plan.diff()
    assert b'"hun#er2{x"' in write_patch(plan)


def test_the_summary_says_what_comes_next() -> None:
    open_one = (Finding("a/b", Severity.DECISION, Place("/k"), "m", "c"),)
    one = changed("/k", b"a\n", (0, 1, b"b"))
    assert "1 decision to take" in render_report(make_plan(one, findings=open_one), color=False, width=80)
    assert "--write writes all files" in render_report(make_plan(one), color=False, width=80)
    assert "nothing to write" in render_report(make_plan(), color=False, width=80)


def test_json_is_stable_and_holds_no_password() -> None:
    finding = Finding("a/b", Severity.REVIEW, Place("/k", 2, 1), "auth_pass hunter2 x", "c")
    plan = make_plan(changed("/k", b"a\nb\n", (2, 3, b"c")), created("/n", b"x"), findings=(finding,))
    report = json.loads(plan.to_json())
    assert plan.to_json() == plan.to_json()
    assert "hunter2" not in plan.to_json()
    assert report["files"][0]["edits"] == [{"migration": "v1_2_20/x", "reason": "Because of\nthat.", "line": 2}]
    assert report["files"][1]["status"] == "new"
    assert report["renames"][0]["new"][0] == {"name": "GW_v4", "role": "IPv4 half"}
    assert report["findings"][0]["severity"] == "review"
    assert holds_secret(b"auth_pass x")
