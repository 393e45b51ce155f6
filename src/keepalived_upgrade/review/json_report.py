"""The plan as JSON: files with their edits, findings, renames, proofs. No file's content, no password."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.review.masking import mask

if TYPE_CHECKING:
    from keepalived_upgrade.model.effect_compare import Difference

VERSION = 1


def render_json(plan: Plan, *, effect: bool = False) -> str:
    """Give the report; the same plan gives the same bytes. The README names the fields. effect: the comparison too."""
    report: dict[str, Any] = {
        "version": VERSION,
        "source": str(plan.source),
        "target": str(plan.target),
        "root": plan.root,
        "config": plan.config,
        "files": [_file(change) for change in plan.files],
        "findings": [
            {
                "id": f.id,
                "severity": f.severity.value,
                "path": f.place.path,
                "line": f.place.line,
                "column": f.place.column,
                "message": mask(f.message),
                "cure": mask(f.cure),
            }
            for f in plan.findings
        ],
        "renames": [
            {
                "kind": rename.kind,
                "old": _text(rename.old),
                "new": [{"name": _text(new.name), "role": new.role} for new in rename.new],
                "migration": rename.migration,
            }
            for rename in plan.renames
        ],
        "proofs": [{"name": p.name, "result": p.result.value, "detail": mask(p.detail)} for p in plan.proofs],
        "ran": list(plan.ran),
        "skipped": list(plan.skipped),
    }
    if effect:
        report["effect"] = [
            fact_as_json(fact) | {"old": masked(fact.old), "new": masked(fact.new)} for fact in plan.comparison
        ]
    return json.dumps(report, indent=2, ensure_ascii=True) + "\n"


def fact_as_json(fact: Difference) -> dict[str, Any]:
    """Give what a fact is about: kind, owner, item."""
    return {"kind": fact.kind, "owner": mask(fact.owner), "item": mask(fact.item)}


def masked(values: tuple[str, ...]) -> list[str]:
    """Give values without passwords."""
    return [mask(value) for value in values]


def _file(change: FileChange) -> dict[str, Any]:
    before = change.before or b""
    return {
        "path": change.path,
        "status": "new" if change.before is None else "changed",
        "mode": f"{change.mode:04o}" if change.before is None else None,
        "edits": [
            {"migration": migration, "reason": mask(reason), "line": before.count(b"\n", 0, one.start) + 1}
            for one in change.changes
            for migration, reason in one.because
        ],
    }


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
