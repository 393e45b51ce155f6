"""Keep accepting every status where an HTTP_GET url names none (2.0.17).

Up to 2.0.16 a url without status_code took any answer; from 2.0.17 it takes 200 to 299."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Migration, Outcome, Together
from keepalived_upgrade.model.config import Config
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, not_editable, whole_lines

ID = "v2_0_17/status_code"


def migrate(config: Config, context: Context) -> Iterator[Outcome]:
    """Add `status_code 100-599` to each url without one, and ask whether that is still wanted."""
    for url in config.tree.walk():
        parent = url.parent.keyword if url.parent is not None else b""
        if url.keyword != b"url" or parent not in (b"HTTP_GET", b"SSL_GET") or not url.has_block:
            continue
        if url.find(b"status_code") is not None:
            continue
        if url.repeated or not url.children or whole_lines(config.tree, url.children[-1]) is None:
            yield not_editable(url, ID, b"status_code 100-599")
            continue
        last = url.children[-1]
        end = line_end_of(config.tree, last.path)
        new = indent_of(config.tree, last) + b"status_code 100-599" + end
        reason = "Without it only 200 to 299 would be accepted."
        edit = Edit(last.path, last.line_end, last.line_end, new, ID, reason)
        any_status = Finding(
            f"{ID}/any-status",
            Severity.REVIEW,
            url.place,
            "this url goes on accepting any status, as it did; 2.0.17 on its own would accept 200 to 299 only",
            "Put the code that the real servers return there, if you want the check to be as strict as it looks.",
        )
        yield Together(url.place, (edit, any_status))


MIGRATION = Migration(
    id=ID,
    release=Release(2, 0, 17),
    covers=(("http-get-default-2xx", "2.0.17"),),
    area="checkers",
    kind="rewrites",
    summary="Keep accepting any status where a url names no status_code.",
    run=migrate,
)
