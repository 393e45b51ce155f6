"""The page: complete without a script, safe with hostile names, good in a real browser."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from browser import Browser, Page
from keepalived_upgrade import Choices, Release, Site, upgrade
from keepalived_upgrade.cli import app
from keepalived_upgrade.cli.again import command_again
from keepalived_upgrade.edits import Change, Edit, Text
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.model.overview import Address, GroupOverview, Hook, InstanceOverview, Overview
from keepalived_upgrade.names import NewName, Rename
from keepalived_upgrade.plan import FileChange, Plan, Proof, Result
from keepalived_upgrade.review.html import diff, layout, markup, picture
from keepalived_upgrade.review.html.markup import h, verbatim
from keepalived_upgrade.review.html.texts import fit, fit_end
from keepalived_upgrade.review.marks import mark_words

ROOT = Path(__file__).resolve().parents[1]
CHECKS = (ROOT / "tests/page_checks.js").read_text(encoding="utf-8")
COMMAND = "keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7 --write"
VOID = {"br", "input", "link", "meta", "wbr"}
HOSTILE = "</script><img src=x onerror=window.hit=1>\x1b[31m\u202eevil\u2066\x00\r\n'\"&amp;{{7*7}}`"


class Outline(HTMLParser):
    """A page taken apart: elements with their attributes, and the text; complains of tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str, class_: str = "") -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and (not class_ or class_ in (attributes.get("class") or "").split())
        ]

    def text(self, *without: str) -> str:
        return "".join(data for tag, data in self.texts if tag not in ("style", "script", *without))


def change(path: str, before: bytes, *edits: tuple[int, int, bytes], migration: str = "v1_2_20/x") -> FileChange:
    text = Text(before)
    text.apply([Edit(path, start, end, new, migration, "Because of `that`.") for start, end, new in edits])
    return FileChange(path, before, text.current, text.changes())


def create(path: str, content: bytes) -> FileChange:
    why = (("v2_0_0/scripts_without_shell", "No shell runs it."),)
    return FileChange(path, None, content, (Change(0, 0, content, why),), 0o755, "root", "root")


def make_plan(*files: FileChange, **more: object) -> Plan:
    plan = Plan("/", "/etc/k.conf", Release(1, 2, 13), Release(2, 2, 7), files, (), (), ())
    return replace(plan, **more)  # type: ignore[arg-type]


def many_files(number: int = 500) -> Plan:
    """A plan of so many files: two changes in each, and findings."""
    body = b"".join(b"    line %d of a script that does something  # and says so\n" % n for n in range(60))
    head = b'case "$2" in\n    VLAN_%d) ip route replace 10.0.0.0/8 ;;\nesac\n'
    files, findings = [], []
    for n in range(number):
        one = head % n
        path = f"/etc/keepalived/site-{n // 25:02}/notify-{n:03}.sh"
        at = len(one) + len(body)
        name = b"VLAN_%d" % n
        edits = [
            (start + one.index(name), start + one.index(name) + len(name), name + b"_v4|" + name + b"_v6")
            for start in (0, at)
        ]
        files.append(change(path, one + body + one, *edits, migration=f"v1_2_20/m{n % 7}"))
        findings.append(Finding("names/shell", list(Severity)[n % 3], Place(path, 2, 5), f"VLAN_{n} is new", "Look."))
    return make_plan(*files, findings=tuple(findings))


@pytest.fixture(scope="module")
def gateway() -> Plan:
    site = Site.open("/etc/keepalived/keepalived.conf", root=ROOT / "corpora/gateway-2017/root")
    plan = upgrade(site, Release(1, 2, 13), Release(2, 2, 7), Choices(), daemon="")
    open_one = Finding(
        "names/test", Severity.DECISION, Place("/etc/keepalived/default-route", 11, 5), "decide `it`", "Do."
    )
    note = Finding("names/note", Severity.INFO, Place("/usr/bin/x"), "a note", "Nothing.")
    return replace(plan, findings=(open_one, *plan.findings, note), skipped=("v2_0_7/number_ranges",))


@pytest.fixture(scope="module")
def hostile() -> Plan:
    raw = os.fsencode(HOSTILE.replace("\x00", "")) + b"\xff\xfe\x00"
    path = "/etc/" + os.fsdecode(raw.replace(b"\x00", b""))
    instance = InstanceOverview(
        raw, raw, raw, raw, (Address(raw, None), Address(raw, 6, True)), (Hook(raw, raw, (path,)),)
    )
    after = replace(instance, name=raw + b"_v4")
    group = GroupOverview(raw, (raw, raw + b"_v4"), (Hook(raw, raw, ()),))
    return make_plan(
        change(path, raw + b"\nb\n", (0, 3, HOSTILE.encode())),
        create(path + "/new", raw),
        root=path,
        config=path,
        findings=tuple(Finding(f"{HOSTILE}/x", severity, Place(path, 1, 1), HOSTILE, HOSTILE) for severity in Severity),
        renames=(Rename("instance", raw, (NewName(raw + b"_v4", HOSTILE),), HOSTILE),),
        proofs=(Proof(HOSTILE, Result.FAILED, HOSTILE),),
        skipped=(HOSTILE,),
        overview_before=Overview((instance,), (group,)),
        overview_after=Overview((after,), (group,)),
    )


def test_the_page_says_everything_the_plan_says(gateway: Plan) -> None:
    page = Outline(gateway.to_html(COMMAND))
    text = re.sub(r"\s+", " ", page.text())
    for finding in gateway.findings:
        assert finding.message.replace("`", "") in text
        assert finding.cure.replace("`", "") in text
        assert finding.id in text
    for proof in gateway.proofs:
        assert proof.detail in text
    assert COMMAND in text
    assert "1 decision to take before this can be written." in text
    assert "Left out by choice: v2_0_7/number_ranges" in text
    assert "GW becomes GW_v4 and GW_v6" in text
    assert "Sync group GW_group of GW_v4, GW_v6." in text
    assert (
        "Instance GW on lan0, VRID 17, priority 150. Addresses: 192.0.2.1/24 dev lan0; 2001:db8:17::1/64 dev lan0."
        in text
    )
    assert len(page.all("svg")) == 2
    assert [a["data-path"] for a in page.all("details", "file")] == [c.path for c in gateway.files]
    assert len(page.all("article", "hunk")) == 3
    assert len(page.all("del")) == 4
    assert len(page.all("ins")) == 24
    assert [a["id"] for a in page.all("th") if a.get("id")] == [
        "migration-v1_2_20-mixed_families",
        "migration-names-shell",
    ]


def test_a_finding_leads_to_the_change_that_shows_its_line(gateway: Plan) -> None:
    targets = [a["href"] for a in Outline(gateway.to_html()).all("a")]
    assert "#file-1.1" in targets
    assert {"#finding-names-test.1", "#decision"} & set(targets)


def test_what_is_said_of_many_places_is_said_once_and_every_place_has_its_anchor() -> None:
    again = tuple(Finding("a/b", Severity.REVIEW, Place("/k", line), "m", "c") for line in (1, 5, 9))
    other = Finding("a/b", Severity.REVIEW, Place("/k", 7), "n", "c")
    page = make_plan(change("/k", b"x\n" * 9, (0, 1, b"y")), findings=(*again, other)).to_html()
    assert page.count('class="finding"') == 2
    assert page.count("<p>m</p>") == 1
    for number in (1, 2, 3):
        assert page.count(f'id="finding-a-b.{number}"') == 1
    assert page.count('id="finding-a-b.4"') == 1
    assert "/k:1, 5, 9m" in re.sub("<[^>]*>", "", page)


def test_the_same_plan_gives_the_same_page_and_no_password(gateway: Plan) -> None:
    assert gateway.to_html(COMMAND) == gateway.to_html(COMMAND)
    secret = make_plan(
        change("/k", b"auth_pass hun#er2{x\n", (10, 19, b'"hun#er2{x"')),
        create("/s", b"#!/bin/sh\nauth_pass hunter2\n"),
        findings=(Finding("a/b", Severity.REVIEW, Place("/k"), "auth_pass hunter2", "auth_pass hunter2"),),
        proofs=(Proof("names", Result.FAILED, "auth_pass hunter2"),),
    )
    assert not re.search("hun#|hunter2|er2", secret.to_html())
    assert "auth_pass <mark>&quot;</mark>********" in secret.to_html()


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(gateway: Plan) -> None:
    page = Outline(gateway.to_html())
    (policy,) = [a["content"] or "" for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (source,) = [text for of, text in page.texts if of == tag]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "style", "action", "srcdoc"} & set(attributes), tag
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))


def test_hostile_names_and_contents_stay_text(hostile: Plan, gateway: Plan) -> None:
    page = hostile.to_html(HOSTILE)
    outline = Outline(page)
    assert not {"img", "svg", "b"} - {"svg", "b"} & {tag for tag, _ in outline.elements}
    assert {tag for tag, _ in outline.elements} <= {tag for tag, _ in Outline(gateway.to_html()).elements} | {"tbody"}
    assert len(outline.all("script")) == 1
    assert all(char.isprintable() or char in "\n\t" for char in page)
    page.encode("utf-8")
    assert r"^[[31m\u202eevil\u2066" in outline.text()
    assert "^@" in outline.text()


def test_only_the_markup_module_makes_markup() -> None:
    for file in Path(markup.__file__).parent.glob("*.py"):
        if file.name == "markup.py":
            continue
        made = [
            node
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Html"
        ]
        assert not made, file


def test_markup_refuses_what_could_run_or_leave_the_page() -> None:
    assert h("p", "<&>", [None, h("br")], title='"', hidden=False, open=True).markup == (
        '<p title="&quot;" open>&lt;&amp;&gt;<br></p>'
    )
    for wrong in ({"onclick": "x"}, {"style": "x"}, {"src": "x"}, {"href": "http://x"}, {"href": "javascript:x"}):
        with pytest.raises(ValueError, match="not for this page"):
            h("a", **wrong)
    with pytest.raises(ValueError, match="cannot stand in"):
        verbatim("script", "'</script>'")


def test_the_summary_says_what_comes_next() -> None:
    one = change("/k", b"a\n", (0, 1, b"b"))
    failed = Proof("names", Result.FAILED, "bad")
    not_made = Proof("daemon", Result.NOT_MADE, "none")

    def text(plan: Plan) -> str:
        return Outline(plan.to_html()).text()

    assert "A proof failed: this cannot be written." in text(make_plan(one, proofs=(failed,)))
    assert "Ready to write, once you have read it: 1 proof not made." in text(make_plan(one, proofs=(not_made,)))
    assert "Ready to write, once you have read it." in text(make_plan(one))
    assert "plan.write()" in text(make_plan(one))
    assert "There is nothing to write." in text(make_plan())
    assert "No file changes." in text(make_plan())


def test_lines_say_what_is_odd_about_their_end_and_where_they_were() -> None:
    plan = make_plan(change("/k", b"one\r\ntwo\nlast", (0, 1, b"O"), (9, 13, b"end")), create("/empty", b""))
    page = Outline(plan.to_html())
    assert "^M" in page.text()
    assert " (no line break at the end)" in page.text()
    assert [a["data-o"] for a in page.all("del")] == ["1", "3"]
    assert [a["data-n"] for a in page.all("ins")] == ["1", "3"]


def test_a_large_file_begins_closed_and_one_without_end_is_cut_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"".join(b"line %d\n" % n for n in range(900))
    file = change(
        "/k", text, *((n, n + 4, b"LINE") for n in range(0, len(text) - 9, 1) if text[n - 1 : n + 4] == b"\nline")
    )
    assert "open" not in Outline(make_plan(file).to_html()).all("details", "file")[0]
    monkeypatch.setattr(diff, "MOST", 100)
    page = Outline(make_plan(file).to_html())
    assert "1 more change of this file: too many for a page; see --patch." in page.text()
    assert page.all("article", "hunk") == []
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert all((a["href"] or "")[1:] in ids for a in page.all("a"))


def test_a_migration_with_many_changes_is_told_in_short() -> None:
    plan = make_plan(*(replace(change(f"/f{n}", b"a\n", (0, 1, b"b")), path=f"/f{n}") for n in range(20)))
    many = [
        replace(f, changes=(replace(f.changes[0], because=(("m/x", f"reason {n}"),)),))
        for n, f in enumerate(plan.files)
    ]
    text = Outline(make_plan(*many).to_html()).text()
    assert "… and 8 more" in text
    assert "… and 17 more reasons" in text


def instance(name: bytes, *addresses: Address, hooks: tuple[Hook, ...] = ()) -> InstanceOverview:
    return InstanceOverview(name, b"lan0", b"17", b"", addresses, hooks)


def test_the_picture_draws_what_changes_and_names_what_stays() -> None:
    hook = Hook(b"notify", b"/n.sh", ("/n.sh",))
    check = Hook(b"track_script c", b"killall -0 x", ())
    four = [Address(b"192.0.2.%d" % n, 4) for n in range(12)]
    before = Overview((instance(b"A", *four, hooks=(hook, check)), instance(b"B"), instance(b"C", hooks=(hook,))), ())
    after = Overview(
        (instance(b"A", *four[:3], Address(b"x", None, True), hooks=(hook, check)), *before.instances[1:]), ()
    )
    files = (change("/n.sh", b"a\n", (0, 1, b"b")),)
    section = picture.picture_section(make_plan(*files, overview_before=before, overview_after=after))
    assert section is not None
    text = Outline(section.markup).text()
    assert "A changes" in text
    assert "C stays, its scripts change" in text
    assert "1 instance stays as before" in text
    assert "… and 5 more addresses" in text
    assert "killall -0 x" in text
    assert "excluded" in text
    assert section.markup.count('class="arrow tracked"') == 2
    assert picture.picture_section(make_plan(overview_before=before, overview_after=before)) is None
    assert picture.picture_section(make_plan()) is None


def test_a_picture_too_large_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST_BOXES", 2)
    monkeypatch.setattr(picture, "MOST_SCENES", 1)
    names = [b"%d" % n for n in range(6)]
    group = GroupOverview(b"G", tuple(names[:4]), ())
    before = Overview(tuple(instance(name) for name in names), (group,))
    after = Overview(tuple(instance(name, Address(b"::1", 6)) for name in names), (group,))
    section = picture.picture_section(make_plan(overview_before=before, overview_after=after))
    assert section is not None
    text = Outline(section.markup).text()
    assert "0, 1, 2 and 3 change" in text
    assert "2 more instances not drawn" in text
    assert "2 more changes of this kind: too many to draw." in text


def test_several_that_become_many_share_a_title() -> None:
    split = [
        Rename("instance", b"%d" % n, (NewName(b"%d_v4" % n, ""), NewName(b"%d_v6" % n, "")), "m") for n in range(3)
    ]
    group = GroupOverview(b"G", (b"0", b"1", b"2"), ())
    before = Overview(tuple(instance(b"%d" % n) for n in range(3)), (group,))
    after = Overview(tuple(instance(name) for r in split for name in r.names()), ())
    section = picture.picture_section(make_plan(renames=tuple(split), overview_before=before, overview_after=after))
    assert section is not None
    assert "0, 1 and 2 become 0_v4, 0_v6, 1_v4 and 3 more" in section.markup
    gone = Overview((), ())
    alone = picture.picture_section(make_plan(overview_before=Overview((), (group,)), overview_after=gone))
    assert alone is not None
    assert "A sync group changes" in alone.markup


def test_both_ways_to_dark_have_the_same_colours() -> None:
    style = (Path(markup.__file__).parent / "style.css").read_text(encoding="utf-8")
    by_system, by_choice = re.findall(r"color-scheme: dark;(.*?)\}", style, re.DOTALL)
    assert by_system.split() == by_choice.split()
    assert by_system.count("--") > 20


def test_texts_are_cut_where_they_can_be_spared() -> None:
    assert fit("short", 5) == "short"
    assert fit("a-very-long-name.sh", 9) == "a-ve…e.sh"
    assert fit("日本語の名前です", 7) == "日…す"
    assert fit_end("192.0.2.1/24 dev lan0 label x", 18) == "192.0.2.1/24 dev…"
    assert fit_end("2001:db8:1111:2222::1/64 dev lan0", 12) == "2001:d… lan0"


def test_words_that_differ_are_marked_and_signs_between_them_too() -> None:
    assert mark_words("    GW)", "    GW_v4)") == [("    ", False), ("GW", True), (")", False)]
    assert mark_words("a one-two b", "a three-four b") == [("a ", False), ("one-two", True), (" b", False)]
    assert mark_words("alpha", "beta gamma") == [("alpha", False)]


def test_the_command_of_the_page_is_the_one_given_with_write(tmp_path: Path) -> None:
    root = ROOT / "corpora/gateway-2017/root"
    given = ["upgrade", "--root", str(root), "--from", "1.2.13", "--to", "2.2.7", "--mixed", "excluded", "--no-daemon"]
    given += ["--instance", "A B:mixed=split", "--skip", "number_ranges", "/etc/keepalived/keepalived.conf"]
    file = tmp_path / "page.html"
    done = CliRunner().invoke(app, [*given, "--html", str(file), "--color", "never", "--check"])
    assert done.exit_code == 1, done.output
    page = Outline(file.read_text(encoding="utf-8"))
    assert (
        f"upgrade --from 1.2.13 --to 2.2.7 --root {root} --mixed excluded --instance 'A B:mixed=split' "
        "--skip number_ranges --no-daemon --write /etc/keepalived/keepalived.conf"
    ) in page.text()
    printed = CliRunner().invoke(app, [*given, "--html", "-"])
    assert printed.stdout.startswith("<!DOCTYPE html>")
    assert printed.stdout.rstrip().endswith("</html>")
    refused = CliRunner().invoke(app, [*given, "--html", str(tmp_path / "no/such")])
    assert "the page cannot be written" in str(refused.exception)
    both = CliRunner().invoke(app, [*given, "--html", "-", "--patch", "-"])
    assert "only one can have standard output" in str(both.exception)


def test_an_argument_that_looks_like_an_option_stays_an_argument(tmp_path: Path) -> None:
    (tmp_path / "-odd.conf").write_bytes(b"")
    given = ["upgrade", "--root", str(tmp_path), "--from", "1.2.13", "--to", "2.2.7", "--no-daemon", "--html", "-"]
    given += ["--", "-odd.conf"]
    assert "There is nothing to write." in CliRunner().invoke(app, given).stdout
    (tmp_path / "-odd.conf").write_bytes(b"vrrp_instance A {\n  virtual_ipaddress {\n    192.0.2.1\n    ::1\n  }\n}\n")
    assert "--write -- -odd.conf" in re.sub("<[^>]*>", "", CliRunner().invoke(app, given).stdout)


def test_there_is_no_command_to_give_again_outside_a_command() -> None:
    assert command_again("--write") == ""


# In a browser


@pytest.fixture(scope="module")
def gateway_file(gateway: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "gateway.html"
    file.write_text(gateway.to_html(COMMAND), encoding="utf-8")
    return file


@pytest.fixture
def page(browser: Browser, gateway_file: Path) -> Iterator[Page]:
    opened = browser.open(gateway_file)
    yield opened
    assert opened.complaints() == []
    opened.close()


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_passes_the_checks_at_every_width_and_in_both_themes(
    browser: Browser, gateway_file: Path, width: int, dark: bool
) -> None:
    page = browser.open(gateway_file, width=width, dark=dark)
    for layout_ in ("unified", "side"):
        page.run(f"document.querySelector('[name=layout][value={layout_}]').click()")
        page.run("for (const d of document.querySelectorAll('details')) d.open = true")
        assert page.run(OVERFLOW) <= 0
        assert page.run(CHECKS) == []
    page.run("document.querySelector('[name=group][value=migration]').click()")
    assert page.run(CHECKS) == []
    assert page.complaints() == []
    page.close()


def test_the_checks_find_what_is_wrong(page: Page) -> None:
    page.run(
        "document.querySelector('main').insertAdjacentHTML('beforeend', "
        "'<h4 id=main>x</h4><a href=#nowhere></a><table></table><p class=bad>pale</p>');"
        "document.querySelector('p.bad').style.color = '#bbb'"
    )
    found = " ".join(page.run(CHECKS))
    for wrong in ("id main stands 2 times", "a link to nowhere", "no caption", "no name", "contrast"):
        assert wrong in found


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_contents_neither_run_nor_break_the_page(
    browser: Browser, hostile: Plan, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(hostile.to_html(HOSTILE), encoding="utf-8")
    page = browser.open(file, width=width)
    page.run("for (const d of document.querySelectorAll('details')) d.open = true")
    page.run("document.querySelector('[name=group][value=migration]').click()")
    assert page.run("typeof window.hit") == "undefined"
    assert page.run("document.querySelectorAll('img, main script, iframe').length") == 0
    assert page.run(OVERFLOW) <= 0
    assert page.run(CHECKS) == []
    assert page.complaints() == []
    page.close()


def test_without_javascript_findings_and_diffs_are_there(browser: Browser, gateway_file: Path) -> None:
    page = browser.open(gateway_file, script=False)
    shown = "document.querySelector('main').innerText"
    text = page.run(shown)
    assert "while one router still runs the old release" in text
    assert "vrrp_instance GW_v6 {" in text
    assert page.run("document.documentElement.dataset.layout ?? ''") == ""
    assert page.run("document.querySelector('.toolbar').checkVisibility()") is False
    assert page.run("[...document.querySelectorAll('button')].some((b) => b.checkVisibility())") is False
    assert page.run(OVERFLOW) <= 0
    assert page.complaints() == []
    page.close()


SHOWN = "[...document.querySelectorAll('{}')].filter((e) => e.checkVisibility()).length"


def test_the_filter_leaves_what_holds_the_text(page: Page) -> None:
    page.press("/")
    assert page.run("document.activeElement.id") == "filter"
    page.call("Input.insertText", text="default-route.log")
    assert page.run(SHOWN.format(".hunk")) == 1
    assert page.run(SHOWN.format(".leaf")) == 1
    assert page.run(SHOWN.format(".finding")) == 0
    assert page.run("document.querySelector('#status').textContent") == "1 change of 3 and 0 findings of 6"
    page.press("Escape")
    assert page.run(SHOWN.format(".hunk")) == 3
    assert page.run(SHOWN.format(".finding")) == 6
    assert page.run("document.querySelector('#status').textContent") == ""


def test_the_filter_takes_paths_and_migrations(page: Page) -> None:
    page.press("/")
    page.call("Input.insertText", text="/etc/keepalived/KEEPALIVED.conf")
    assert page.run(SHOWN.format(".hunk")) == 2
    page.press("Escape", "/")
    page.call("Input.insertText", text="names/shell")
    assert page.run(SHOWN.format(".hunk")) == 1


def test_findings_can_be_shown_by_severity(page: Page) -> None:
    page.run("document.querySelector('[name=severity][value=review]').click()")
    assert page.run(SHOWN.format(".finding")) == 4
    assert "4 findings of 6" in page.run("document.querySelector('#status').textContent")
    page.run("location.hash = '#finding-v1_2_20-mixed_families-rolling-upgrade.1'")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run(SHOWN.format(".finding")) == 6


def test_keys_move_between_changes_and_findings(page: Page) -> None:
    focused = "document.activeElement.id"
    page.press("j")
    assert page.run(focused) == "file-1.1"
    page.press("j", "j", "j")
    assert page.run(focused) == "file-2.2"
    box = "document.activeElement.getBoundingClientRect().top"
    assert 0 <= page.run(box) < 900
    page.press("k")
    assert page.run(focused) == "file-2.1"
    page.run("document.querySelector('#file-1').open = false")
    page.press("k")
    assert page.run(focused) == "file-1.1"
    assert page.run("document.querySelector('#file-1').open") is True
    page.press("n", "n")
    assert page.run(focused).startswith("finding-")
    assert page.run("document.activeElement.className") == "finding"


def test_keys_change_layout_grouping_and_theme(page: Page) -> None:
    page.press("u")
    columns = "getComputedStyle(document.querySelector('.run')).gridTemplateColumns.split(' ').length"
    assert page.run(columns) == 2
    left, right = page.run(
        "['del', 'ins'].map((tag) => document.querySelector(`#file-1 ${tag}`).getBoundingClientRect()).map((b) => [b.left, b.top])"
    )
    assert left[1] == right[1]
    assert left[0] < right[0]
    assert page.run("document.querySelectorAll('.c').length === document.querySelectorAll('.c .again').length")
    page.press("g")
    assert page.run("[...document.querySelectorAll('#by-migration h3')].map((h) => h.textContent)") == [
        "names/shell",
        "v1_2_20/mixed_families",
    ]
    assert page.run(SHOWN.format(".hunk")) == 3
    page.press("j")
    assert page.run("document.activeElement.closest('#by-migration') !== null")
    page.press("g", "u")
    assert page.run("document.querySelectorAll('#files .hunk').length") == 3
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.run(ground)
    page.press("t", "t")
    assert page.run("document.documentElement.dataset.theme") == "dark"
    assert page.run(ground) != light
    page.press("t", "o")
    assert page.run("document.querySelector('#theme').textContent") == "Theme: system"
    assert page.run(SHOWN.format(".hunk")) == 0


def test_help_opens_and_single_keys_can_be_turned_off(page: Page) -> None:
    page.press("?")
    assert page.run("document.querySelector('#help').open") is True
    assert page.run(SHOWN.format("#help tbody tr")) == 11
    page.press("Escape")
    assert page.run("document.querySelector('#help').open") is False
    page.run("document.querySelector('#keys-on').click()")
    page.press("j")
    assert page.run("document.activeElement.className") != "hunk"
    page.run("document.querySelector('#keys-on').click()")
    page.press("j")
    assert page.run("document.activeElement.className") == "hunk"


def test_the_first_tab_offers_to_skip_and_focus_can_be_seen(page: Page) -> None:
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().top") >= 0
    page.press("Tab")
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_browser_hears_landmarks_tables_and_changed_lines(page: Page) -> None:
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {node["role"]["value"] for node in nodes if not node.get("ignored")}
    assert {
        "banner",
        "navigation",
        "main",
        "contentinfo",
        "search",
        "region",
        "deletion",
        "insertion",
        "table",
        "rowheader",
    } <= roles
    assert {"image", "article", "heading", "status"} <= roles
    said = json.dumps(nodes)
    assert "removed, line 11: " in said
    assert "added, line 11: " in said


def test_on_paper_nothing_is_closed_and_nothing_is_in_the_way(page: Page) -> None:
    page.run("for (const d of document.querySelectorAll('.file')) d.open = false")
    page.call("Emulation.setEmulatedMedia", media="print")
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run(SHOWN.format(".hunk")) == 3
    assert page.run(SHOWN.format(".toolbar, nav, .tools")) == 0
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run("document.querySelector('.file').open") is False


def test_five_hundred_files_make_a_small_page_that_opens(browser: Browser, tmp_path: Path) -> None:
    text = many_files().to_html(COMMAND)
    assert len(text.encode()) < 5_000_000
    file = tmp_path / "many.html"
    file.write_text(text, encoding="utf-8")
    page = browser.open(file)  # how long that takes is measured by tests/bench/bench.py
    assert page.run("document.querySelectorAll('.hunk').length") == 1000
    assert page.run("document.querySelectorAll('.next li').length") == 10
    assert page.run(OVERFLOW) <= 0
    page.press("j")
    assert page.run("document.activeElement.id") == "file-1.1"
    assert page.complaints() == []
    page.close()
