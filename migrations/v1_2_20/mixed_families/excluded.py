"""The excluded cure: the other family's addresses move to virtual_ipaddress_excluded of the same instance."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Tree
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.migration import Context, Outcome
from keepalived_upgrade.releases import Release
from keepalived_upgrade.rewriting import indent_of, line_end_of, show

from .advice import advise_excluded
from .halves import ID, Mixed, cannot_cut, with_comment

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
        if not line.editable or line.path != instance.path or with_comment(tree, line) is None:
            yield cannot_cut(line, instance, b"virtual_ipaddress_excluded")
            return
    source = tree.sources[instance.path]
    existing = instance.find(b"virtual_ipaddress_excluded")
    block = existing or instance.find(b"virtual_ipaddress") or instance
    span = with_comment(tree, block)
    # Appending needs a closing brace on a line of its own, in a block that is written here and read once.
    inside = source.rfind(b"\n", 0, max(block.close, 0)) + 1
    if not block.editable or block.path != instance.path or span is None or source[inside : block.close].strip():
        yield cannot_cut(block, instance, b"virtual_ipaddress_excluded")
        return
    end = line_end_of(tree, instance.path)
    spans = [moved for line in moving if (moved := with_comment(tree, line)) is not None]
    text = b"".join(_whole(source[slice(*span)], end) for span in spans)
    for gone in spans:
        yield Edit(instance.path, *gone, b"", ID, _REASON)
    if existing is not None:
        yield Edit(instance.path, inside, inside, text, ID, _REASON)
    else:
        indent = indent_of(tree, block)
        new = indent + b"virtual_ipaddress_excluded {" + end + text + indent + b"}" + end
        yield Edit(instance.path, span[1], span[1], new, ID, _REASON)
    yield from advise_excluded(mixed)


def _whole(line: bytes, end: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + end
