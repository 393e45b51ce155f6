"""The excluded cure: the other family's addresses move to virtual_ipaddress_excluded of the same instance."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Outcome
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, show, with_comments

from .mixed import Mixed, say, sources_of
from .obstacles import cannot_cut

_REASON = "The other family is put on the interface without being part of the advert; one election stays."


def exclude(mixed: Mixed) -> Iterator[Outcome]:
    """Give the edits that move the lines, options and comments included, or the reason why they stay."""
    instance = mixed.statement
    if instance.find(b"use_vmac") is not None and mixed.context.target >= Release(2, 2, 0):
        yield say(
            "excluded-with-vmac",
            Severity.DECISION,
            instance,
            f"{show(mixed.name)} uses a VMAC: on {mixed.context.target} an excluded address of the other family "
            "lands on the base interface, not on the VMAC",
            f"Choose the split for this instance: --instance {show(mixed.name)}:mixed=split.",
        )
        return
    moving = mixed.four if mixed.native else mixed.six
    existing = instance.find(b"virtual_ipaddress_excluded")
    block = existing or instance.find(b"virtual_ipaddress") or instance
    fixed = next((line for line in moving if _lines(mixed, line) is None), None)
    if fixed is None and (_lines(mixed, block) is None or _before_brace(mixed, block) is None):
        fixed = block
    if fixed is not None:
        yield cannot_cut(fixed, instance, b"virtual_ipaddress_excluded")
        return
    source = mixed.tree.sources[instance.path]
    end = line_end_of(mixed.tree, instance.path)
    spans = [span for line in moving if (span := _lines(mixed, line)) is not None]
    text = b"".join(_ended(source[slice(*span)], end) for span in spans)
    yield from (mixed.edit(*span, b"", _REASON) for span in spans)
    yield _append(mixed, block, text) if existing is not None else _new_block(mixed, block, text, end)
    yield from _advise(mixed)


def _append(mixed: Mixed, block: Statement, text: bytes) -> Edit:
    at = _before_brace(mixed, block) or 0
    return mixed.edit(at, at, text, _REASON)


def _new_block(mixed: Mixed, behind: Statement, text: bytes, end: bytes) -> Edit:
    source = mixed.tree.sources[behind.path]
    _, at = _lines(mixed, behind) or (0, 0)
    indent = indent_of(mixed.tree, behind)
    new = indent + b"virtual_ipaddress_excluded {" + end + text + indent + b"}" + end
    return mixed.edit(at, at, _ended(source[:at], end)[at:] + new, _REASON)


def _lines(mixed: Mixed, statement: Statement) -> tuple[int, int] | None:
    """The lines of a statement that stands in the instance's file, is read once and shares its lines with none."""
    here = statement.editable and statement.path == mixed.statement.path
    return with_comments(mixed.tree, statement) if here else None


def _before_brace(mixed: Mixed, block: Statement) -> int | None:
    """Where the line of the `}` begins; None where something else stands on that line."""
    source = mixed.tree.sources[block.path]
    start = source.rfind(b"\n", 0, max(block.close, 0)) + 1
    return None if source[start : block.close].strip() else start


def _ended(text: bytes, end: bytes) -> bytes:
    return text if text.endswith(b"\n") else text + end


def _advise(mixed: Mixed) -> Iterator[Finding]:
    """What a person must know or decide about this cure."""
    name, kept, other = show(mixed.name), mixed.elected, mixed.ignored
    yield say(
        "excluded-on-all-routers",
        Severity.REVIEW,
        mixed.statement,
        f"{name} counts fewer addresses in its adverts now, so that a router with the old text does not understand one "
        f"with the new; and whether IPv{other} reaches the other routers is no longer part of the election",
        "Make this change on every router while all still run the old release, reload the backups before the master, "
        "then upgrade one router after the other.",
    )
    for line in sources_of(mixed.statement, other):
        yield say(
            "source-chooses-family",
            Severity.DECISION,
            line,
            f"the old release elected {name} over IPv{kept} and ignored this IPv{other} address; the new one takes "
            "the family of the instance from the first source, peer or address it meets",
            "Remove the line.",
        )
