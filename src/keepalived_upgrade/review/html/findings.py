"""What to know and decide, the new names, and the proofs."""

from __future__ import annotations

from collections import Counter

from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.names import Rename
from keepalived_upgrade.plan import Plan, Proof, Result
from keepalived_upgrade.review.html.diff import ShownFile
from keepalived_upgrade.review.html.markup import Child, Html, h
from keepalived_upgrade.review.html.texts import name_of, path_code, quoting, slug

TITLES = {
    Severity.DECISION: ("To decide", "before anything is written"),
    Severity.REVIEW: ("To look at", "before the upgrade"),
    Severity.INFO: ("Good to know", ""),
}
# More notes than this begin closed: they must not hide what has to be decided.
FOLDED = 8
# From so many on the browser lays out a finding when it comes near.
LARGE = 100


def findings_section(plan: Plan, files: tuple[ShownFile, ...]) -> Html:
    """Give the findings by severity, each with an anchor."""
    anchors = anchors_of(plan.findings)
    places = {file.change.path: file for file in files}
    groups = []
    for severity, (title, when) in TITLES.items():
        found = [
            (finding, anchor)
            for finding, anchor in zip(plan.findings, anchors, strict=True)
            if finding.severity is severity
        ]
        if not found:
            continue
        heading = h(
            "summary",
            h("h3", title, id=f"{severity.value}-title"),
            h("span", when, class_="quiet") if when else None,
            h("span", str(len(found)), class_="number"),
        )
        groups.append(
            h(
                "details",
                heading,
                (_finding(said, places) for said in _alike(found)),
                class_=f"severity {severity.value}",
                id=severity.value,
                open=severity is not Severity.INFO or len(found) <= FOLDED,
            )
        )
    return h(
        "section",
        h("h2", "Findings", id="findings-title"),
        _severities(plan) if len(groups) > 1 else None,
        groups or h("p", "Nothing to decide and nothing to look at."),
        id="findings",
        class_="large" if len(plan.findings) > LARGE else None,
        aria_labelledby="findings-title",
    )


def anchors_of(findings: tuple[Finding, ...]) -> list[str]:
    """Give an anchor for each finding: its id, and a number where several have the same."""
    seen: Counter[str] = Counter()
    anchors = []
    for finding in findings:
        name = slug("finding", finding.id)
        seen[name] += 1
        anchors.append(f"{name}.{seen[name]}")
    return anchors


def names_section(renames: tuple[Rename, ...]) -> Html | None:
    """Give the table of renames; None where there are none."""
    if not renames:
        return None
    rows = (
        h(
            "tr",
            h("th", h("code", name_of(rename.old)), scope="row"),
            h("td", rename.kind),
            h(
                "td",
                h(
                    "ul",
                    (h("li", h("code", name_of(n.name)), " ", h("span", n.role, class_="quiet")) for n in rename.new),
                    class_="plain",
                ),
            ),
            h("td", path_code(rename.migration)),
        )
        for rename in renames
    )
    head = h("tr", *(h("th", title, scope="col") for title in ("Old name", "Of", "New names", "Migration")))
    return _table_section("names", "Names", "Old names, and what they are now", head, rows)


def proofs_section(proofs: tuple[Proof, ...]) -> Html | None:
    """Give the table of proofs; None where none was tried."""
    if not proofs:
        return None
    signs = {Result.PASSED: "✓ passed", Result.FAILED: "✗ failed", Result.NOT_MADE: "○ not made"}
    rows = (
        h(
            "tr",
            h("th", proof.name, scope="row"),
            h("td", h("span", signs[proof.result], class_=f"tag {proof.result.value.replace(' ', '-')}")),
            h("td", quoting(proof.detail)),
        )
        for proof in proofs
    )
    head = h("tr", *(h("th", title, scope="col") for title in ("Proof", "Result", "What was found")))
    return _table_section("proofs", "Proofs", "What was proved, and what was not", head, rows)


def _table_section(anchor: str, title: str, caption: str, head: Html, rows: object) -> Html:
    table = h("table", h("caption", caption), h("thead", head), h("tbody", rows))  # type: ignore[arg-type]
    return h(
        "section",
        h("h2", title, id=f"{anchor}-title"),
        h("div", table, class_="table"),
        id=anchor,
        aria_labelledby=f"{anchor}-title",
    )


def _severities(plan: Plan) -> Html:
    boxes = (
        h(
            "label",
            h("input", type="checkbox", name="severity", value=severity.value, checked=True),
            " ",
            title,
        )
        for severity, (title, _) in TITLES.items()
        if any(finding.severity is severity for finding in plan.findings)
    )
    return h("fieldset", h("legend", "Show"), boxes, class_="choices", hidden=True)


def _alike(found: list[tuple[Finding, str]]) -> list[list[tuple[Finding, str]]]:
    """Put findings that say the same together, where the first of them stands."""
    groups: dict[tuple[str, str, str], list[tuple[Finding, str]]] = {}
    for finding, anchor in found:
        groups.setdefault((finding.id, finding.message, finding.cure), []).append((finding, anchor))
    return list(groups.values())


def _finding(said: list[tuple[Finding, str]], places: dict[str, ShownFile]) -> Html:
    """What is said, once, with all places where it is. Each keeps its anchor."""
    finding, anchor = said[0]
    links: list[Child] = []
    before = ""
    for number, (one, its_anchor) in enumerate(said):
        file = places.get(one.place.path)
        same = one.place.path == before and one.place.line
        where = path_code(str(one.place).removeprefix(f"{before}:") if same else str(one.place))
        before = one.place.path
        link = h("a", where, href=f"#{file.anchor_of_line(one.place.line)}") if file else where
        links += [", ", h("span", link, id=its_anchor)] if number else [link]
    return h(
        "article",
        h("h4", links, id=f"{anchor}-title"),
        h("p", quoting(finding.message)),
        h("p", h("b", "What to do:"), " ", quoting(finding.cure), class_="cure"),
        h("p", h("a", h("code", finding.id), href=f"#{anchor}"), class_="id"),
        class_="finding",
        id=anchor,
        aria_labelledby=f"{anchor}-title",
    )
