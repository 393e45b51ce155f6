"""Imports point one way."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "keepalived_upgrade"
MIGRATIONS = PACKAGE.parents[1] / "migrations"
# What a layer may import, from the bottom up. Values (edits, findings, …) stand below everything.
VALUES = {"errors", "findings", "edits", "names", "releases", "secrecy"}
ALLOWED = {
    "conf": VALUES | {"conf"},
    "model": VALUES | {"conf", "model"},
    "migrations": VALUES | {"conf", "model", "migration", "rewriting", "migrations"},
    "dependents": VALUES | {"conf", "model", "dependents"},
    "proofs": VALUES | {"conf", "model", "dependents", "proofs", "plan"},
    "review": VALUES | {"migration", "catalogue", "explanations", "plan", "review"},
    "writing": VALUES | {"plan", "site", "writing"},
    "site": {"errors", "inside"},
    "inside": set(),
}


def _imports(file: Path) -> set[str]:
    """The parts of the package that a module imports, those for type checking left out."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    parts = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node not in typing_only
            and (node.module or "").startswith("keepalived_upgrade.")
        ):
            parts.add((node.module or "").split(".")[1])
    return parts


def test_imports_point_one_way() -> None:
    wrong = []
    for layer, allowed in ALLOWED.items():
        folder = MIGRATIONS if layer == "migrations" else PACKAGE / layer
        files = folder.rglob("*.py") if folder.is_dir() else PACKAGE.glob(f"{layer}*.py")
        for file in files:
            if "cases" in file.parts:
                continue
            wrong += [f"{file}: {part}" for part in _imports(file) - allowed]
    assert not wrong


def test_no_module_grows_over_its_size() -> None:
    long = [
        f"{file}: {lines} lines"
        for folder, most in ((PACKAGE, 400), (MIGRATIONS, 400))
        for file in folder.rglob("*.py")
        if "cases" not in file.parts and (lines := len(file.read_text(encoding="utf-8").splitlines())) > most
    ]
    assert not long
