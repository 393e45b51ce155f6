"""explain and list: every id that a report can show is explained, and every migration explains itself in full."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepalived_upgrade.catalogue import load_migrations, read_text
from keepalived_upgrade.errors import InputError
from keepalived_upgrade.explanations import area_texts, explain, find_explanation, finding_texts, ids_to_explain
from keepalived_upgrade.migration import Migration
from keepalived_upgrade.proofs.effect import CAUSES, INTENDED, LOSSES
from keepalived_upgrade.review.prose import render_prose
from test_cli import inside

ROOT = Path(__file__).resolve().parents[1]
DIRECTOR = ROOT / "corpora/director/root"
PARTS = (
    "**What changed.**",
    "**Old form**",
    "**New form**",
    "**What the new release does with the old form.**",
    "**What the rewrite does.**",
    "**What it does not do.**",
    "**Evidence.**",
)


def ids_in_the_source() -> Iterator[tuple[str, str]]:
    """Every id written in the code as the first argument of a call that has a severity, and where it stands.

    An id that begins with `*/` is one that any migration can have, or one whose area another module names.
    """
    for folder in (ROOT / "src/keepalived_upgrade", ROOT / "migrations"):
        for file in sorted(folder.rglob("*.py")):
            if "cases" in file.parts or "review" in file.parts:
                continue
            tree = ast.parse(file.read_text(encoding="utf-8"))
            prefix = _prefix(file, tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and node.args and any("Severity." in ast.unparse(a) for a in node.args):
                    for what in _spelled(node.args[0], prefix):
                        yield what, f"{file.relative_to(ROOT)}:{node.lineno}"


def _prefix(file: Path, tree: ast.Module) -> str:
    """What stands before the last part of an id: the module's own constant, the migration's folder, or the language."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="ID" | "MIGRATION" | "AREA")], value=ast.Constant(value=str(value))):
                return value
    if "migrations" in file.parts and file.parent.parent.name.startswith("v"):
        return f"{file.parent.parent.name}/{file.parent.name}"
    return "names/shell" if file.name.startswith("shell") else "*"


def _spelled(node: ast.expr, prefix: str) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text if "/" in text else f"{prefix}/{text}"]
        case ast.IfExp(body=body, orelse=other):
            return [*_spelled(body, prefix), *_spelled(other, prefix)]
        case ast.JoinedStr(values=[ast.FormattedValue(value=first), ast.Constant(value=str(rest))]):
            return [f"{'*' if ast.unparse(first).startswith('migration') else prefix}{rest}"]
    return []


def is_explained(id: str) -> bool:
    """Tell whether there is a text; for `*/what`, in any area."""
    what = id.removeprefix("*")
    return find_explanation(id) is not None or (what != id and any(one.endswith(what) for one in ids_to_explain()))


def test_every_id_that_the_code_can_report_is_explained() -> None:
    found = dict(ids_in_the_source())
    assert {
        "conf/include-missing",
        "v1_2_20/mixed_families/no-peer",
        "names/shell/caught",
        "names/text/mention",
    } <= set(found)
    missing = {id: where for id, where in found.items() if not is_explained(id)}
    assert not missing, "add them to the migration's README.md (**Findings**) or to data/findings.toml"


@pytest.mark.parametrize("migration", load_migrations(), ids=lambda m: str(m.id))
def test_a_migration_says_all_of_what_there_is_to_know(migration: Migration) -> None:
    text = read_text(migration)
    positions = [text.find(part) for part in PARTS]
    assert -1 not in positions, dict(zip(PARTS, positions, strict=True))
    assert positions == sorted(positions), "in this order"
    assert str(migration.release) in text.splitlines()[0]


def test_every_finding_of_a_case_is_explained_by_its_migration() -> None:
    for migration in load_migrations():
        for case in (ROOT / "migrations" / migration.id / "cases").glob("*/case.toml"):
            for id in [w.partition("@")[0] for w in _findings(case) if w.startswith(migration.id)]:
                assert find_explanation(id), f"{case}: {id}"


def _findings(case: Path) -> list[str]:
    import tomllib

    return list(tomllib.loads(case.read_text(encoding="utf-8")).get("findings", []))


def test_texts_are_sentences_and_short() -> None:
    texts = dict(area_texts())
    for migration in load_migrations():
        texts |= {f"{migration.id}/{what}": text for what, text in finding_texts(migration).items()}
    for id, text in texts.items():
        assert text.endswith((".", "?")), id
        assert text[0].isupper() or text[0] in "`-", id
        assert 20 < len(text) < 400, id


def test_what_any_migration_can_say_is_found_under_each_of_them() -> None:
    found = find_explanation("v2_0_0/global_tracking/not-editable")
    assert found is not None
    assert found.text == area_texts()["*/not-editable"]
    assert found.migration is not None
    assert found.migration.id == "v2_0_0/global_tracking"
    assert find_explanation("v2_0_0/global_tracking/nothing") is None


def test_ids_to_explain_are_all_explained_and_sorted() -> None:
    ids = ids_to_explain()
    assert list(ids) == sorted(ids)
    assert all(explain(id).text for id in ids)


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("v2_0_0/global_tracking/nothing", "explain v2_0_0/global_tracking"),
        ("mixed_famili", "v1_2_20/mixed_families"),
        ("conf/nothing", "list"),
    ],
)
def test_an_unknown_id_is_refused_with_what_is_near(id: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        explain(id)
    assert said in caught.value.cure


def test_explain_prints_a_migration_a_finding_and_an_area(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = inside(monkeypatch, capsys, "explain", "v1_2_20/mixed_families/no-peer")[1]
    assert out.startswith("**v1_2_20/mixed_families/no-peer**\n\nThe instance is unicast")
    assert "It comes from v1_2_20/mixed_families: Give each" in out
    out = inside(monkeypatch, capsys, "explain", "names/shell")[1]
    assert out.startswith("**names/shell**\n\nShell scripts.")
    assert "It comes from" not in out
    assert "covers nb-get-retry (2.0.15)" in inside(monkeypatch, capsys, "explain", "nb_get_retry")[1]


def test_list_filters_by_area_and_kind(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*words: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = json.loads(inside(monkeypatch, capsys, "list", "--format", "json", *words)[1])[
            "migrations"
        ]
        return rows

    assert {row["area"] for row in listed("--area", "checkers")} == {"checkers"}
    assert {row["kind"] for row in listed("--kind", "reports")} == {"reports"}
    assert len(listed("--kind", "reports")) + len(listed("--kind", "rewrites")) == len(listed())
    both = listed("--kind", "rewrites", "--area", "vrrp", "--from", "1.2.13", "--to", "1.2.20")
    assert {row["release"] for row in both} == {"1.2.20"}
    status, _, err = inside(monkeypatch, capsys, "list", "--area", "nothing")
    assert (status, "Choose one of checkers" in err) == (2, True)


def test_list_for_a_configuration_shows_what_would_do_something_and_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("list", "--for", "/etc/keepalived/keepalived.conf", "--from", "1.2.13", "--to", "2.2.7")
    out = inside(monkeypatch, capsys, *words, "--root", str(DIRECTOR))[1]
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "v1_2_20/native_ipv6" not in rows
    assert rows["v2_0_15/nb_get_retry"].endswith("[2 changes]")
    assert rows["v2_0_17/status_code"].endswith("[1 change, 1 finding]")
    (tmp_path / "etc/keepalived").mkdir(parents=True)
    (tmp_path / "etc/keepalived/keepalived.conf").write_text("global_defs {\n}\n")
    out = inside(monkeypatch, capsys, *words, "--root", str(tmp_path))[1]
    assert out == "Nothing of this applies to the configuration.\n"


def test_on_a_terminal_an_explanation_is_folded_with_its_headings_in_bold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = inside(monkeypatch, capsys, "explain", "mixed_families")[1]
    assert out.startswith("\x1b[1mmixed families (1.2.20)\x1b[0m\n\n\x1b[1mWhat changed.\x1b[0m Up to")
    plain = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert "**" not in plain
    assert "\n    vrrp_instance GW {\n        interface eth0\n" in plain
    assert all(len(line) <= 60 for line in plain.splitlines() if not line.startswith("    "))
    assert re.search(r"\n- `rolling-upgrade`: .*\n  \S", plain)
    monkeypatch.setenv("NO_COLOR", "1")
    assert inside(monkeypatch, capsys, "explain", "mixed_families")[1] == plain


def test_a_heading_that_is_folded_in_its_middle_loses_its_marks() -> None:
    assert render_prose("**a very long heading of it**", color=True, width=20) == "a very long\nheading of it\n"


def test_on_a_terminal_the_list_keeps_its_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = inside(monkeypatch, capsys, "list")[1].splitlines()
    assert len(plain) == len(load_migrations())
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    lines = inside(monkeypatch, capsys, "list")[1].splitlines()
    assert len(lines) > len(plain)
    assert all(len(line) <= 80 for line in lines)
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(plain).split())


def test_each_kind_of_difference_in_the_effect_is_explained() -> None:
    source = (ROOT / "src/keepalived_upgrade/model/effect_facts.py").read_text(encoding="utf-8")
    kinds = {
        *re.findall(r'into\.add\("(\w+)"', source),
        *re.findall(r'^        \(?"(\w+)"[:,] ', source, re.MULTILINE),
        *LOSSES,
        *CAUSES,
        *(kind for kinds in INTENDED.values() for kind in kinds),
    }
    assert len(kinds) > 30
    assert {kind for kind in kinds if find_explanation(f"effect/{kind}-lost") is None} == {
        "dev",
        "label",
        "brd",
        "scope",
    }
