"""Constants of a class in Python 3: `class Gate: NAME = "GW"`, used as `self.NAME`, `cls.NAME`, `Gate.NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from keepalived_upgrade.dependents.python3_tree import Tree

# What reaches an attribute by its name in a text.
_REFLECTION = frozenset(("getattr", "setattr", "delattr", "vars", "dir", "hasattr", "__dict__", "__getattr__"))


def attribute_uses(tree: Tree, assign: cst.Assign, name: str) -> list[cst.CSTNode] | None:
    """Give the attributes that read a constant of a class; None where something else may read or write it.

    The class has no base (an enumeration looks its values up, another class may override the constant), no class
    derives from it, the constant is written once, and each `.name` of the script is one of this class.
    """
    owner = next((node for node in tree.above(assign) if isinstance(node, cst.ClassDef)), None)
    if (
        owner is None
        or owner.bases
        or owner.keywords
        or owner.decorators
        or _is_reached_otherwise(tree, owner.name.value)
    ):
        return None
    reads: list[cst.CSTNode] = []
    for node in tree.every(cst.Attribute):
        if node.attr.value != name:
            continue
        whose = node.value.value if isinstance(node.value, cst.Name) else ""
        mine = whose == owner.name.value or (whose in ("self", "cls") and owner in tree.above(node))
        if not mine or isinstance(tree.parents[node], (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del)):
            return None
        reads.append(node)
    return reads


def _is_reached_otherwise(tree: Tree, owner: str) -> bool:
    """Tell whether the script reflects, derives a class from this one, or has two classes of its name."""
    classes = tree.every(cst.ClassDef)
    derived = any(base.value.value == owner for c in classes for base in c.bases if isinstance(base.value, cst.Name))
    reflects = any(node.value in _REFLECTION for node in tree.every(cst.Name))
    return derived or reflects or sum(c.name.value == owner for c in classes) > 1
