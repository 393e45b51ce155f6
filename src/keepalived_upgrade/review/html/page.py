"""The page: head, contents, summary, and the sections in the order in which one decides."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files as resources

from keepalived_upgrade.findings import Severity
from keepalived_upgrade.plan import Plan, Result
from keepalived_upgrade.review.cells import command_words
from keepalived_upgrade.review.html.diff import (
    ShownFile,
    changes_section,
    migrations_section,
    shown_files,
)
from keepalived_upgrade.review.html.findings import anchors_of, findings_section, names_section, proofs_section
from keepalived_upgrade.review.html.markup import Child, Html, h, verbatim
from keepalived_upgrade.review.html.picture import picture_section
from keepalived_upgrade.review.html.texts import count, path_code, quoting
from keepalived_upgrade.review.html.tree import file_tree
from keepalived_upgrade.review.masking import clean, hiding

MOST_DECISIONS = 10
_KEYS = (
    ("j", "next change"),
    ("k", "previous change"),
    ("n", "next finding"),
    ("p", "previous finding"),
    ("/", "filter"),
    ("u", "unified or side by side"),
    ("g", "by file or by migration"),
    ("o", "open or close all files"),
    ("t", "light, dark, or as the system"),
    ("?", "this help"),
    ("Esc", "leave the filter or the help"),
)


@hiding
def render_html(plan: Plan, command: str = "") -> str:
    """Give the page; the same plan gives the same text. command: the command line that writes the plan."""
    files = shown_files(plan)
    sections = {
        "summary": ("Summary", _summary(plan, files, command)),
        "picture": ("Before and after", picture_section(plan)),
        "findings": ("Findings", findings_section(plan, files)),
        "changes": ("Changes", changes_section(files)),
        "migrations": ("Migrations", migrations_section(plan, files)),
        "names": ("Names", names_section(plan.renames)),
        "proofs": ("Proofs", proofs_section(plan.proofs)),
    }
    shown = {anchor: (title, section) for anchor, (title, section) in sections.items() if section is not None}
    title = f"keepalived {plan.source} → {plan.target}"
    body = h(
        "body",
        h("a", "Skip to the review", href="#main", class_="skip"),
        _header(plan, title),
        h(
            "div",
            _contents(shown, files),
            h("main", _toolbar(), (section for _, section in shown.values()), id="main", tabindex=-1),
            class_="columns",
        ),
        h("footer", h("p", "Made by keepalived-upgrade. Passwords are masked; nothing on this page was written.")),
        _help(),
    )
    return "<!DOCTYPE html>\n" + h("html", _head(title), body, lang="en").markup + "\n"


def _head(title: str) -> Html:
    style, script = _read("style.css"), _read("script.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return h(
        "head",
        h("meta", charset="utf-8"),
        h("meta", http_equiv="Content-Security-Policy", content=policy),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="color-scheme", content="light dark"),
        h("title", title),
        # An empty icon: else a browser asks the host of the page for one.
        h("link", rel="icon", href="data:,"),
        verbatim("style", style),
        verbatim("script", script),
    )


def _read(name: str) -> str:
    return resources("keepalived_upgrade.review.html").joinpath(name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _header(plan: Plan, title: str) -> Html:
    root = (" on the copy in ", path_code(plan.root)) if plan.root != "/" else ()
    return h(
        "header",
        h("div", h("h1", title), h("p", path_code(plan.config), *root)),
        h(
            "div",
            h("button", "Theme: system", type="button", id="theme", title="Key: t"),
            h("button", "Keys", type="button", id="keys", title="Key: ?", aria_haspopup="dialog"),
            class_="tools",
            hidden=True,
        ),
        class_="top",
    )


def _contents(sections: dict[str, tuple[str, Html]], files: tuple[ShownFile, ...]) -> Html:
    links = (h("li", h("a", title, href=f"#{anchor}")) for anchor, (title, _) in sections.items())
    return h(
        "nav",
        h("h2", "Contents", class_="unseen", id="contents-title"),
        h("ul", links, class_="sections"),
        (h("h3", "Files"), file_tree(files)) if files else None,
        aria_labelledby="contents-title",
    )


def _toolbar() -> Html:
    """Everything here needs the script, which takes `hidden` away."""
    return h(
        "div",
        h("label", "Filter", for_="filter", class_="unseen"),
        h("input", type="search", id="filter", placeholder="Filter by path, text, migration", autocomplete="off"),
        _switch("layout", "Layout", (("unified", "Unified"), ("side", "Side by side"))),
        _switch("group", "Group", (("file", "By file"), ("migration", "By migration"))),
        h("button", "Close all", type="button", id="fold"),
        h("p", id="status", role="status"),
        class_="toolbar",
        role="search",
        aria_label="Filter and layout",
        hidden=True,
    )


def _switch(name: str, legend: str, choices: tuple[tuple[str, str], ...]) -> Html:
    radios = (
        h(
            "label",
            h("input", type="radio", name=name, value=value, checked=number == 0),
            h("span", text),
        )
        for number, (value, text) in enumerate(choices)
    )
    return h("fieldset", h("legend", legend, class_="unseen"), radios, class_="switch", id=f"{name}-switch")


def _help() -> Html:
    rows = (h("tr", h("th", h("kbd", key), scope="row"), h("td", what)) for key, what in _KEYS)
    return h(
        "dialog",
        h("h2", "Keys", id="help-title"),
        h("table", h("caption", "Single keys on this page", class_="unseen"), h("tbody", rows)),
        h("label", h("input", type="checkbox", id="keys-on", checked=True), " Single keys are on", class_="keys-on"),
        h("button", "Close", type="button", id="close-help"),
        id="help",
        aria_labelledby="help-title",
    )


def _summary(plan: Plan, files: tuple[ShownFile, ...], command: str) -> Html:
    verdict, kind = _verdict(plan)
    left_out = ", ".join(map(clean, plan.skipped))
    new = sum(file.is_new for file in files)
    findings = {severity: sum(f.severity is severity for f in plan.findings) for severity in Severity}
    proofs = {result: sum(p.result is result for p in plan.proofs) for result in Result}
    facts = (
        ("Files", f"{len(files) - new} to change", f"{new} to create"),
        ("Lines", f"{sum(f.added for f in files)} added", f"{sum(f.removed for f in files)} removed"),
        (
            "Findings",
            f"{findings[Severity.DECISION]} to decide",
            f"{findings[Severity.REVIEW]} to look at, {findings[Severity.INFO]} to know",
        ),
        (
            "Proofs",
            f"{proofs[Result.PASSED]} passed",
            f"{proofs[Result.FAILED]} failed, {proofs[Result.NOT_MADE]} not made",
        ),
    )
    return h(
        "section",
        h("h2", "Summary", class_="unseen", id="summary-title"),
        h("p", verdict, class_=f"verdict {kind}"),
        h("dl", (h("div", h("dt", name), h("dd", h("b", first), " ", h("span", rest))) for name, first, rest in facts)),
        h("p", f"Left out by choice: {left_out}", class_="left-out") if left_out else None,
        _next(plan, command),
        id="summary",
        aria_labelledby="summary-title",
    )


def _verdict(plan: Plan) -> tuple[str, str]:
    if plan.failed_proofs():
        return "A proof failed: this cannot be written.", "bad"
    if plan.decisions():
        return f"{count(len(plan.decisions()), 'decision')} to take before this can be written.", "bad"
    if plan.files:
        open_ends = [
            f"{count(number, noun)} {what}"
            for number, noun, what in (
                (sum(f.severity is Severity.REVIEW for f in plan.findings), "finding", "to look at"),
                (sum(p.result is Result.NOT_MADE for p in plan.proofs), "proof", "not made"),
            )
            if number
        ]
        return f"Ready to write, once you have read it{': ' if open_ends else ''}{', '.join(open_ends)}.", "good"
    return "There is nothing to write.", "good"


def _in_words(command: str) -> list[Child]:
    """Give a command that breaks between its words only, never within an option."""
    parts: list[Child] = []
    for word in command_words(command):
        parts += [" ", h("span", word, class_="word")] if parts else [h("span", word, class_="word")]
    return parts


def _next(plan: Plan, command: str) -> Html | None:
    """What to do now: the decisions first, then the one command."""
    if plan.failed_proofs():
        failed = (h("li", f"{proof.name}: ", quoting(proof.detail)) for proof in plan.failed_proofs())
        return h("div", h("h3", "Next"), h("p", "See what failed, and why:"), h("ul", failed), class_="next")
    decisions: list[Html] = [
        h("li", h("a", path_code(str(f.place)), href=f"#{anchor}"), " ", quoting(f.message))
        for f, anchor in zip(plan.findings, anchors_of(plan.findings), strict=True)
        if f.severity is Severity.DECISION
    ]
    if not decisions and not plan.files:
        return None
    say = "Nothing was written yet. This writes all files or none:"
    if decisions:
        say = "Take each decision as its text says, or accept it by its id with --accept; then:"
    return h(
        "div",
        h("h3", "Next"),
        h("ol", decisions[:MOST_DECISIONS]) if decisions else None,
        h("p", h("a", "all decisions", href="#decision")) if len(decisions) > MOST_DECISIONS else None,
        h("p", say),
        h(
            "div",
            h("pre", h("code", _in_words(command or "plan.write()")), tabindex=0),
            h("button", "Copy", type="button", id="copy", hidden=True),
            class_="command",
        ),
        class_="next",
    )
