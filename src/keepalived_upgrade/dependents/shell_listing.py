"""What a shell script asks for: its patterns, and the literals that it compares with something."""

from __future__ import annotations

from keepalived_upgrade.dependents.shell_tree import (
    case_patterns,
    comparisons,
    is_pattern,
    literal_value,
    parse_shell,
    prefix_of,
    walk,
)
from keepalived_upgrade.dependents.shell_variables import constants


def shell_patterns(source: bytes) -> tuple[tuple[int, bytes], ...]:
    """Give (line, glob) of every pattern with a wildcard in case arms and `[[ == ]]`."""
    root = parse_shell(source)
    found = []
    for node in walk(root):
        if node.type == "case_item":
            found += [(p, literal_value(p)) for p in case_patterns(node) if is_pattern(p)]
    found += [(c.literal, literal_value(c.literal)) for c in comparisons(root) if c.double and is_pattern(c.literal)]
    return tuple((node.start_point[0] + 1, glob) for node, glob in found if glob is not None)


def tested_names(source: bytes) -> tuple[tuple[int, bytes], ...]:
    """Give (line, literal) of every literal that case arms, `[ ]`, `[[ ]]` and `test` compare with something."""
    root = parse_shell(source)
    nodes = [p for node in walk(root) if node.type == "case_item" for p in case_patterns(node)]
    found = []
    for node in nodes:
        if not is_pattern(node):
            found.append((node, literal_value(node)))
    for compared in comparisons(root):
        value, prefix = literal_value(compared.literal), prefix_of(compared)
        if value is not None and not (compared.double and is_pattern(compared.literal)):
            found.append((compared.literal, value[len(prefix) :]))
    for node, value in constants(root).values():
        found.append((node, value))
    return tuple(sorted((node.start_point[0] + 1, value) for node, value in found if value))
