"""The notify lines: their arguments get the new name, or the lines move to the sync group."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.conf.tree import Statement
from keepalived_upgrade.edits import Edit
from keepalived_upgrade.model.commands import NOTIFY
from keepalived_upgrade.model.references import argument_pattern, members, program_end
from keepalived_upgrade.rewriting import line_end_of, with_comments

from .mixed import Mixed, Names

_HOOKS = (*NOTIFY, b"smtp_alert")


def hooks(mixed: Mixed) -> list[Statement]:
    """Give the notify lines of the instance."""
    return mixed.statement.find_all(*_HOOKS)


def name_in_hooks(mixed: Mixed, name: bytes, reason: str) -> Iterator[Edit]:
    """Give the edits that put a name in place of the old one among the arguments: `"x.sh GW MASTER"`."""
    pattern = argument_pattern(mixed.name)
    for hook in hooks(mixed):
        for match in pattern.finditer(hook.text, _arguments(hook)):
            start = hook.start + match.start()
            yield mixed.edit(start, start + len(mixed.name), name, reason)


def hooks_collide(mixed: Mixed, group: Statement) -> bool:
    """Tell whether the group, or another member of it, has a hook of a kind that the instance has too."""
    others = {word.value for word in members(group)} - {mixed.name}
    owners = [group, *(i for i in mixed.config.instances() if i.args and i.args[0] in others)]
    ours = {hook.keyword for hook in hooks(mixed)}
    return any(ours & {child.keyword for child in owner.children} for owner in owners)


def hooks_for_group(mixed: Mixed, names: Names) -> bytes:
    """Give the notify lines, comments included, as the sync group gets them."""
    source = mixed.tree.sources[mixed.statement.path]
    parts = []
    for hook in hooks(mixed):
        span = with_comments(mixed.tree, hook) or (hook.start, hook.end)
        text = source[slice(*span)]
        if names.group != mixed.name:
            # The group is what changes state, so it is what an argument must name.
            at = hook.start - span[0] + _arguments(hook)
            text = text[:at] + argument_pattern(mixed.name).sub(lambda _: names.group, text[at:])
        parts.append(text if text.endswith(b"\n") else text + line_end_of(mixed.tree, hook.path))
    return b"".join(parts)


def _arguments(hook: Statement) -> int:
    """Give the offset in the hook's text at which the arguments of its command begin."""
    if len(hook.words) < 2:
        return len(hook.text)
    start = hook.words[1].start - hook.start
    return start + program_end(hook.text[start:])
