"""The excluded cure: the other family's addresses move to virtual_ipaddress_excluded of the same instance."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Tree
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Outcome
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, not_editable, show

from .halves import Mixed, with_comment

ID = "v1_2_20/mixed_families"
_REASON = "The other family is put on the interface without being part of the advert; one election stays."


def exclude(tree: Tree, context: Context, mixed: Mixed) -> Iterator[Outcome]:
    """Give the edits that move the lines, options and comments included, or the reason why they stay."""
    instance = mixed.statement
    if instance.find(b"use_vmac") is not None and context.target >= Release(2, 2, 0):
        yield Finding(
            f"{ID}/excluded-with-vmac",
            Severity.DECISION,
            instance.place,
            f"{show(mixed.name)} uses a VMAC: on {context.target} an excluded address of the other family "
            "lands on the base interface, not on the VMAC",
            f"Choose the split for this instance: --instance {show(mixed.name)}:mixed=split.",
        )
        return
    moving = mixed.four if mixed.native else mixed.six
    for line in moving:
        if line.repeated or line.path != instance.path or not line.literal:
            yield not_editable(line, ID, b"virtual_ipaddress_excluded")
            return
    spans = [with_comment(tree, line) for line in moving]
    source = tree.sources[instance.path]
    if any(span is None for span in spans):
        yield not_editable(instance, ID, b"one address a line")
        return
    text = b"".join(_whole(source[slice(*span)], line_end_of(tree, instance.path)) for span in spans if span)
    for span in spans:
        if span is not None:
            yield Edit(instance.path, *span, b"", ID, _REASON)
    existing = instance.find(b"virtual_ipaddress_excluded")
    if existing is not None:
        start = source.rfind(b"\n", 0, existing.close) + 1
        yield Edit(instance.path, start, start, text, ID, _REASON)
        return
    block = instance.find(b"virtual_ipaddress")
    if block is None or (span := with_comment(tree, block)) is None:
        yield not_editable(instance, ID, b"virtual_ipaddress_excluded")
        return
    indent, end = indent_of(tree, block), line_end_of(tree, instance.path)
    new = indent + b"virtual_ipaddress_excluded {" + end + text + indent + b"}" + end
    yield Edit(instance.path, span[1], span[1], new, ID, _REASON)


def _whole(line: bytes, end: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + end
