"""The picture of a report: what it shows stands in its cells, whatever the text is."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from keepalived_upgrade.cli.terminal import below_here, draw_report
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.cells import Row
from keepalived_upgrade.review.svg import CELL, LINE, render_svg
from keepalived_upgrade.review.terminal import render_picture
from keepalived_upgrade.site import Site
from test_cli import CORPORA, FROM_TO, inside

SVG = "{http://www.w3.org/2000/svg}"


def draw(*rows: Row, width: int = 40, most: int = 99, command: str = "c") -> ET.Element:
    return ET.fromstring(render_svg(rows, command=command, title="t", description="d", width=width, most=most))


def texts(picture: ET.Element) -> list[tuple[str, int, str]]:
    """Give (text, cell where it begins, classes) of all texts below the heading, in order."""
    found = list(picture.iter(f"{SVG}text"))
    left = float(found[0].get("x", ""))
    return [(one.text or "", round((float(one.get("x", "")) - left) / CELL), one.get("class", "")) for one in found][1:]


def test_each_text_begins_at_its_cell_and_is_as_wide_as_its_cells() -> None:
    picture = draw([("ab", "bold"), ("   cd  e ", "red")], [("", ""), ("x", "bold yellow")])
    assert texts(picture) == [("ab", 0, "bold"), ("cd  e", 5, "red"), ("x", 0, "bold yellow")]
    lengths = [one.get("textLength") for one in picture.iter(f"{SVG}text")][1:]
    assert lengths == [f"{2 * CELL:.1f}", f"{5 * CELL:.0f}", None]


def test_wide_characters_and_accents_keep_what_stands_behind_them_in_its_cell() -> None:
    assert texts(draw([("日本x", ""), ("e\u0301f", "")])) == [
        ("日", 0, ""),
        ("本", 2, ""),
        ("x", 4, ""),
        ("e\u0301", 5, ""),
        ("f", 6, ""),
    ]


def test_a_long_line_goes_on_below_and_a_long_report_is_counted() -> None:
    assert [text for text, _, _ in texts(draw([("abcdefgh", "")], width=3))] == ["abc", "def", "gh"]
    picture = draw(*[[(str(number), "")] for number in range(9)], most=4)
    assert [text for text, _, _ in texts(picture)][:3] == ["0", "1", "2"]
    assert "".join(text for text, _, _ in texts(picture)[3:]) == "…and 6 lines more"
    assert float(draw(*[[("x", "")]] * 9).get("height", "")) - float(picture.get("height", "")) == 5 * LINE


def test_what_is_reversed_has_a_ground_in_its_colour() -> None:
    picture = draw([("a", ""), ("bc", "bold reverse red"), ("·", "reverse")])
    assert texts(picture) == [("a", 0, ""), ("bc", 1, "bold over"), ("·", 3, "over")]
    grounds = [(one.get("class"), one.get("width")) for one in picture.iter(f"{SVG}rect")][1:]
    assert grounds == [("rred", f"{2 * CELL:.1f}"), ("rtext", f"{CELL:.1f}")]


def test_hostile_texts_stay_text() -> None:
    hostile = "</text><script>alert(1)</script>&amp;\"'"
    picture = ET.fromstring(
        render_svg([[(hostile, "")]], command=hostile, title=hostile, description=hostile, width=90, most=9)
    )
    assert {one.tag for one in picture.iter()} == {
        f"{SVG}{name}" for name in ("svg", "title", "desc", "style", "rect", "path", "text")
    }
    assert texts(picture)[0][0] == hostile
    assert picture.findtext(f"{SVG}title") == hostile


def test_the_picture_says_in_words_what_it_shows(tmp_path: Path) -> None:
    site = Site.open("/etc/keepalived/keepalived.conf", root=CORPORA / "gateway-2017/root")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    text = render_picture(plan, width=90, most=20, root="gw1")
    assert text == render_picture(plan, width=90, most=20, root="gw1")
    picture = ET.fromstring(text)
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby", "").split() == [one.get("id") for one in picture if one.get("id")]
    assert "keepalived 1.2.13 → 2.2.7" in (picture.findtext(f"{SVG}title") or "")
    assert picture.findtext(f"{SVG}desc") == (
        "2 files to change, 0 to create. Findings: 0 to decide, 2 to look at, 2 good to know. "
        "Proofs: 6 passed; not made: daemon."
    )
    assert "gw17pass" not in text


def test_a_picture_goes_to_a_file_or_to_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CORPORA / "gateway-2017/root", tmp_path / "gw1")
    monkeypatch.chdir(tmp_path)
    words = ("upgrade", "--root", "gw1", *FROM_TO)
    status, out, err = inside(monkeypatch, capsys, *words, "--svg", "up.svg")
    assert status == 0
    assert out.startswith("keepalived 1.2.13 → 2.2.7")
    assert "picture written to up.svg; open it in a browser" in err
    text = (tmp_path / "up.svg").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert inside(monkeypatch, capsys, *words, "--svg", "-")[1] == text
    status, _, err = inside(monkeypatch, capsys, *words, "--svg", "none/up.svg")
    assert status == 2
    assert "none/up.svg: the picture cannot be written: No such file or directory" in err
    status, _, err = inside(monkeypatch, capsys, *words, "--svg", "-", "--patch", "-")
    assert (status, "only one can have standard output" in err) == (2, True)


@pytest.mark.parametrize(
    ("said", "wide", "long"),
    [({}, 100, 400), ({"COLUMNS": "80", "LINES": "30"}, 80, 30), ({"COLUMNS": "wide", "LINES": "0"}, 100, 2)],
)
def test_width_and_length_are_what_the_environment_says(
    said: dict[str, str], wide: int, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    site = Site.open("/etc/keepalived/keepalived.conf", root=CORPORA / "gateway-2017/root")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), daemon="")
    picture = ET.fromstring(draw_report(plan, "c"))
    assert float(picture.get("width", "")) == pytest.approx(wide * CELL + 36, abs=1)
    lines = round((float(picture.get("height", "")) - 76) / LINE)
    assert lines == long if long < 400 else 100 < lines < long


def test_a_root_is_called_as_it_is_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert below_here(str(tmp_path / "a/b")) == "a/b"
    assert below_here("/") == ""
    assert below_here(str(tmp_path.parent)) == ""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert below_here(str(tmp_path)) == ""
