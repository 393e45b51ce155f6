"""Keys of associative arrays: `declare -A DEV=([GW]=eth0)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from keepalived_upgrade.dependents.mentions import Names
from keepalived_upgrade.dependents.shell_steps import Step, change, instead_of, refuse
from keepalived_upgrade.dependents.shell_tree import text_of

if TYPE_CHECKING:
    from tree_sitter import Node

# A value that is a plain word can stand under several keys.
_ENTRY = re.compile(rb"""\[(["']?)([^\]"']+)\1\]=([^$`(]*)""")
_CURE = "Give each new name an entry by hand, where that keeps the meaning, then accept this finding."


def key_steps(source: bytes, array: Node, names: Names) -> Iterator[Step]:
    """Give what becomes of each old name that is a key of an array: the same value under each new name."""
    entries = [_ENTRY.fullmatch(text_of(element)) for element in array.children]
    keys = {entry.group(2) for entry in entries if entry}
    looked_up = not keys.isdisjoint(names) and _is_looked_up(source, array)
    for element in array.children:
        match = _ENTRY.fullmatch(text_of(element))
        if match is None or match.group(2) not in names:
            continue
        quote, old, value = match.groups()
        wanted = instead_of(old, names[old], keys)
        if not looked_up and (len(wanted) > 1 or _is_gone_through(source, array)):
            yield refuse(element, "is a key of an array that is stored to, counted or gone through", _CURE)
        else:
            yield change(element, b" ".join(b"[%s%s%s]=%s" % (quote, name, quote, value) for name in wanted), old)


def _is_looked_up(source: bytes, array: Node) -> bool:
    """Tell whether nothing but `${NAME[…]}` is done with the array: a key more changes nothing then."""
    variable = array.parent.child_by_field_name("name") if array.parent is not None else None
    if variable is None or not source.startswith(b"#!"):
        return False
    return _only_looked_up(source, re.escape(text_of(variable)))


@lru_cache(maxsize=8)
def _only_looked_up(source: bytes, name: bytes) -> bool:
    uses = re.findall(rb"(?<!\w)" + name + rb"(?!\w)", source)
    lookups = re.findall(rb"\$\{" + name + rb"\[(?![@*]\])[^\]]{0,500}+\](?:\}|:?[-+?])", source)
    declared = re.findall(rb"\bdeclare -\w*A\w*[ \t]+" + name + rb"[ \t]*(?:[;\n]|$)", source)
    return len(uses) == len(lookups) + len(declared) + 1


def _is_gone_through(source: bytes, array: Node) -> bool:
    """Tell whether the keys are used for something: `for dev in "${!MTU[@]}"` may list more than instances."""
    variable = array.parent.child_by_field_name("name") if array.parent is not None else None
    return variable is None or b"${!" + text_of(variable) + b"[" in source
