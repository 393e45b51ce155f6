"""Templates: nothing is rewritten; a mention is said with what the template renders, for that would be undone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from keepalived_upgrade.dependents.languages import TEMPLATES
from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.other_mentions import find_mentions, joined, one_a_line, say
from keepalived_upgrade.dependents.result import FollowResult
from keepalived_upgrade.findings import Finding, Severity

# What is never closed is taken as an expression to the end of the file, so that its end is looked for once.
_PARTS = {
    "Jinja": re.compile(rb"(?P<comment>\{#.*?#\})|(?P<expression>\{\{.*?\}\}|\{%.*?%\}|\{[#{%].*)", re.DOTALL),
    "Go": re.compile(
        rb"(?P<comment>\{\{-?\s*+/\*(?:(?!\*/|\}\}).)*+\*/\s*+-?\}\})|(?P<expression>\{\{.*?\}\}|\{\{.*)", re.DOTALL
    ),
    "ERB": re.compile(rb"(?P<comment><%#.*?%>)|(?P<expression><%.*?%>|<%.*)", re.DOTALL),
}
_GO_LOOK = re.compile(rb"\{\{-?\s*(?:[.$]|range\b|end\b|with\b|if\s+(?:eq|\.)|key\b|getv\b|define\b)")


def follow_template(path: str, source: bytes, names: Names) -> FollowResult:
    """Report every mention: in the text that is rendered, in an expression, in a comment. Raises nothing."""
    return FollowResult((), one_a_line(_findings(path, source, names)))


def _findings(path: str, source: bytes, names: Names) -> Iterator[Finding]:
    engine, renders = _engine(path, source), _renders(path)
    parts = _PARTS[engine].finditer(source)
    part = next(parts, None)
    for mention in find_mentions(source, names):
        while part is not None and part.end() <= mention.start:
            part = next(parts, None)
        both = joined(mention.new, "and")
        if part is None or part.start() > mention.start:
            yield say(
                path,
                mention,
                "template/text",
                Severity.REVIEW,
                f"written by this {engine} template, which renders {renders}",
                f"Change the template as the file that it renders is changed: the next run would undo {both}.",
            )
        elif part.lastgroup == "comment":
            yield say(path, mention, "template/comment", Severity.INFO, "said in a comment", "Reword it if it helps.")
        else:
            yield say(
                path,
                mention,
                "template/expression",
                Severity.REVIEW,
                f"used in an expression of this {engine} template, which renders {renders}",
                f"Make the expression take {both}, and the data that the template is given.",
            )


def _engine(path: str, source: bytes) -> str:
    engine = TEMPLATES.get(posixpath.splitext(path)[1], "")
    if engine:
        return engine
    if b"<%" in source and b"{{" not in source:
        return "ERB"
    return "Go" if _GO_LOOK.search(source) else "Jinja"


def _renders(path: str) -> str:
    stem, ending = posixpath.splitext(posixpath.basename(path))
    return stem if ending in TEMPLATES and stem else posixpath.basename(path)
