"""What keeps an instance from being cut, and how a person gets it out of the way."""

from __future__ import annotations

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.model.references import member_words
from keepalived_upgrade.rewriting import not_editable, show

from .hooks import hooks
from .mixed import ID, Mixed, say


def find_obstacle(mixed: Mixed) -> Statement | None:
    """Give the first statement that does not stand in the block where it is read, so that the block cannot be cut."""
    block = mixed.statement
    if not block.editable or not block.closes_here:
        return block
    for statement in block.walk():
        inside = statement.path == block.path and block.start <= statement.start <= block.close
        if not inside or not statement.editable:
            return statement
    return None


def find_group_obstacle(mixed: Mixed, group: Statement) -> Finding | None:
    """Give the decision for a sync group that cannot take both halves, in which the instance must stay whole."""
    for line, word in member_words(group):
        if word.value == mixed.name and (line.repeated or not word.literal):
            return _cannot_extend(mixed, group, line, line.why or "the line is read more than once")
    if mixed.choice.notify != "group" or not hooks(mixed):
        return None
    before = mixed.tree.sources[group.path][: max(group.close, 0)].rpartition(b"\n")[2]
    if not group.closes_here or before.strip():
        return _cannot_extend(mixed, group, group, "the `}` of the group has no line of its own in this file")
    return None


def _cannot_extend(mixed: Mixed, group: Statement, statement: Statement, why: str) -> Finding:
    name = show(mixed.name)
    message = (
        f"{name} is not split, and {mixed.context.target} ignores its addresses of one family: the sync group "
        f"{show(group.args[0])} would have to take both halves, but {why}"
    )
    cure = (
        f"Write {show(group.text)} out as a block of its own, one line for each member, then run again; or leave the "
        f"group as it is with --instance {name}:mixed=excluded."
    )
    return say("not-editable", Severity.DECISION, statement, message, cure)


def cannot_cut(statement: Statement, instance: Statement, new: bytes) -> Finding:
    """Give the decision for a statement that keeps an instance from being cut, with what really is in the way."""
    if not statement.editable:
        return not_editable(statement, ID, new)
    if statement.path != instance.path:
        why = f"it comes from {statement.path}, which other blocks may include as well"
        cure = f"Write its lines out in {show(instance.text)} in place of the include, then run again."
    elif statement.has_block and not statement.closes_here:
        why = "its block is not closed in this file"
        cure = "Close the block where it begins, then run again."
    else:
        why = "it shares its lines with other statements"
        cure = "Give it lines of its own, then run again."
    message = f"{show(instance.text)} cannot be cured: `{show(statement.text)}` must change, but {why}"
    return say("not-editable", Severity.DECISION, statement, message, cure)
