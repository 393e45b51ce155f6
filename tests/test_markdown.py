"""The comment for a merge request: folded, limited in size, and nothing in it that the host could have made."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from keepalived_upgrade import Choices, Release, Site, upgrade
from keepalived_upgrade.findings import Finding, Place, Severity
from keepalived_upgrade.plan import Plan, Proof, Result
from keepalived_upgrade.review.markdown import LIMIT, code, prose, render_markdown
from test_review import changed, created, make_plan

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
READER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
OURS = {"<code>", "</code>", "<br>"}


def tokens_of(text: str) -> list[Token]:
    """All tokens, those inside of lines too."""
    found: list[Token] = []
    for token in READER.parse(text):
        found.append(token)
        found += token.children or []
    return found


def director() -> Plan:
    site = Site.open("/etc/keepalived/keepalived.conf", root=CORPORA / "director/root")
    return upgrade(site, Release(1, 2, 13), Release(2, 2, 7), Choices(), daemon="")


def test_the_summary_comes_first_then_decisions_then_folded_findings_then_the_diff() -> None:
    findings = (
        Finding("a/b", Severity.DECISION, Place("/etc/k", 3, 1), "m1", "c1"),
        Finding("a/c", Severity.INFO, Place("/etc/k"), "m2", "c2"),
    )
    text = render_markdown(make_plan(changed("/etc/k", b"a\n", (0, 1, b"b")), findings=findings))
    parts = [
        "## keepalived 1.2.13 → 2.2.7",
        "| **Files** | 1 file to change, 0 to create |",
        "### To decide before anything is written (1)",
        "<details><summary>Good to know (1)</summary>",
        "<details open><summary><code>/etc/k</code> +1 −1</summary>",
        "```diff\n@@ -1,1 +1,1 @@\n# v1_2_20/x: Because of^Jthat.\n-a\n+b\n```",
    ]
    assert sorted(parts, key=text.index) == parts
    assert text.count("<details") == text.count("</details>")


def test_a_host_reads_as_a_table_lists_and_one_fence_for_each_file() -> None:
    plan = director()
    tokens = tokens_of(render_markdown(plan))
    kinds = [token.type for token in tokens]
    assert kinds.count("table_open") == 1
    assert kinds.count("fence") == len(plan.files)
    assert all(token.info == "diff" for token in tokens if token.type == "fence")
    assert kinds.count("list_item_open") == len(plan.findings)


def test_the_diff_holds_every_changed_line_and_no_password() -> None:
    plan = director()
    text = render_markdown(plan)
    assert "\n+vrrp_instance OUTSIDE_v6 {\n" in text
    assert '\n+        auth_pass "********"\n' in text
    conf = (CORPORA / "director/root/etc/keepalived/keepalived.conf").read_text()
    secret = next(line.split()[1] for line in conf.splitlines() if line.strip().startswith("auth_pass"))
    assert secret not in text


HOSTILE = (
    "</details><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](https://example.org) ![y](z)",
    "`code` **bold** _em_ ~~no~~ | cell",
    "@everyone #123 !4 ~label :tada: $1$",
    "https://example.org www.example.org a@example.org",
    "\x1b[31m\n\n# heading\n```\nfence",
    "&lt;b&gt; \\",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_stays_text_wherever_it_stands(hostile: str) -> None:
    finding = Finding("a/b", Severity.DECISION, Place(f"/etc/{hostile}", 1, 1), f"x {hostile} y", f"Do {hostile}")
    plan = make_plan(
        changed(f"/etc/{hostile}", hostile.encode() + b"\n", (0, 1, b"``````")),
        findings=(finding,),
        proofs=(Proof("names", Result.FAILED, hostile),),
    )
    text = render_markdown(plan, command=f"keepalived-upgrade upgrade {hostile!r}")
    for token in tokens_of(text):
        assert token.type not in ("link_open", "image", "em_open", "s_open", "code_inline"), token
        if token.type == "html_inline":
            assert token.content in OURS
        if token.type == "html_block":
            assert re.fullmatch(
                r"(</details>|<details( open)?><summary>(<code>[^<>]*</code>)?[^<>]*</summary>)", token.content.strip()
            ), token.content
    headings = re.findall(r"^#+ .*", re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.M | re.S), re.M)
    assert headings == ["## keepalived 1.2.13 → 2.2.7", "### To decide before anything is written (1)"]
    assert "\x1b" not in text
    assert not re.search(r"(?<![\w`+-])@everyone", re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.M | re.S))


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_comes_back_from_code_and_prose_as_it_was(text: str) -> None:
    from keepalived_upgrade.review.masking import clean, mask

    inline = READER.parseInline(f"a {code(text)} z")[0].children or []
    assert {t.content for t in inline if t.type == "html_inline"} <= OURS
    shown = "".join(t.content for t in inline if t.type in ("text", "text_special"))
    assert shown == f"a {clean(text)} z"
    inline = READER.parseInline(f"a {prose(text)} z")[0].children or []
    assert {t.type for t in inline} <= {"text", "text_special", "html_inline"}
    shown = "".join(t.content for t in inline if t.type in ("text", "text_special"))
    assert shown.replace("\u200b", "").replace("`", "") == f"a {mask(clean(text)).replace('`', '')} z"


def test_backticks_of_a_message_become_code_and_an_odd_one_stays() -> None:
    assert prose("Add `fe80::1` here.") == "Add <code>fe80&#58;&#58;1</code> here."
    assert prose("a ` b") == "a &#96; b"
    assert prose("`a` and ` b") == "<code>a</code> and &#96; b"


def test_the_fence_is_longer_than_any_run_of_backticks_in_the_diff() -> None:
    text = render_markdown(make_plan(changed("/k", b"x ````` y\n", (0, 1, b"z"))))
    assert "\n``````diff\n" in text
    (fence,) = [token for token in tokens_of(text) if token.type == "fence"]
    assert "-x ````` y" in fence.content


def test_a_large_plan_is_cut_at_the_limit_and_says_what_was_left_out_and_how_to_see_it() -> None:
    files = [
        changed(f"/etc/f{n:03}", b"".join(b"%d line\n" % i for i in range(50)), (0, 60, b"new\n")) for n in range(200)
    ]
    findings = tuple(
        Finding("a/b", severity, Place("/etc/f001", n + 1), f"message {n} " * 20, "cure " * 20)
        for n in range(60)
        for severity in (Severity.DECISION, Severity.INFO)
    )
    plan = make_plan(*files, findings=findings)
    for limit in (4_000, 20_000, LIMIT):
        text = render_markdown(plan, command="keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7", limit=limit)
        assert limit * 0.35 < len(text) <= limit
        assert text.count("<details") == text.count("</details>")
        fences = [line for line in text.splitlines() if line.startswith("```")]
        assert len(fences) % 2 == 0
        assert "**Left out**, since this comment may have" in text
        assert text.rstrip().endswith(
            "without `--format markdown`: <code>keepalived-upgrade upgrade --from 1.2.13 --to 2.2.7</code>"
        )
        assert len(re.findall(r"^- <code>", text, re.M)) + _left_out_findings(text) == len(findings)
    assert "**Left out**" not in render_markdown(plan, limit=1_000_000)


def _left_out_findings(text: str) -> int:
    return sum(
        int(number)
        for number in re.findall(r"(\d+) findings? (?:to decide|good to know)", text.partition("**Left out**")[2])
    )


@pytest.mark.parametrize("long", ["/etc/" + "<" * 4_000, "/etc/" + "a" * 4_000, "/" + "_" * 700])
def test_long_names_do_not_break_the_limit(long: str) -> None:
    finding = Finding("a/b", Severity.DECISION, Place(long, 1, 1), long, long)
    plan = make_plan(
        created(long, b"x\n"), *(created(f"{long}{n}", b"x\n") for n in range(50)), findings=(finding,) * 3
    )
    for command in ("keepalived-upgrade upgrade " + "--scripts x " * 2_000, ""):
        text = render_markdown(replace(plan, root=long), command=command, limit=4_000)
        assert len(text) <= 4_000
        assert "the command that made this comment" in text


def test_an_entry_that_is_too_large_does_not_keep_the_others_out() -> None:
    large = Finding("a/b", Severity.INFO, Place("/a"), "x" * 5_000, "c")
    small = Finding("a/c", Severity.INFO, Place("/b"), "small", "c")
    text = render_markdown(make_plan(findings=(large, small)), limit=6_000)
    assert "<br>small<br>" in text
    assert "1 finding good to know." in text


def test_what_was_skipped_and_a_missing_last_line_break_are_said() -> None:
    text = render_markdown(make_plan(changed("/k", b"a", (0, 1, b"b"))))
    assert "| **Left out by choice** | <code>v1/y</code> |" in text
    assert "-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n" in text
