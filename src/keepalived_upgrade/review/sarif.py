"""The plan as SARIF 2.1.0: findings and edits as results, edits with their fixes. No password is shown.

Regions are exact: bytes, and lines and columns in the encoding that `artifacts` names. A fix is one change of a plan,
and makes sense with all the others only; its description says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from keepalived_upgrade.edits import Change
from keepalived_upgrade.explanations import Explanation, find_explanation
from keepalived_upgrade.findings import Finding, Severity
from keepalived_upgrade.plan import FileChange, Plan
from keepalived_upgrade.review.masking import clean, hiding, mask, secret_spans
from keepalived_upgrade.review.regions import Positions

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "keepalivedUpgrade/v1"
_LEVELS = {Severity.DECISION: "error", Severity.REVIEW: "warning", Severity.INFO: "note"}
_EDIT_LEVEL = "warning"
_ONE_OF_MANY = "One change of an upgrade. Make all of them together: keepalived-upgrade upgrade --write."
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")

Json = dict[str, Any]


@hiding
def render_sarif(plan: Plan, *, folder: str = "") -> str:
    """Give the report; the same plan gives the same bytes.

    folder: the plan's root as seen from the checkout in which it is reviewed ("" when it lies outside of one). Paths
    are then relative to the checkout, which code scanning asks for; else to the root.
    """
    report = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(plan, folder).build()]}
    return json.dumps(report, indent=2, ensure_ascii=True) + "\n"


@dataclass(slots=True)
class _Run:
    plan: Plan
    folder: str
    positions: dict[str, Positions] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def build(self) -> Json:
        from keepalived_upgrade import __version__

        self.positions = {file.path: Positions(file) for file in self.plan.files if file.before is not None}
        results = [self._finding(finding) for finding in self.plan.findings]
        results += [result for file in self.plan.files for result in self._edits(file)]
        rules = sorted({result["ruleId"] for result in results})
        for result in results:
            result["ruleIndex"] = rules.index(result["ruleId"])
        levels = {result["ruleId"]: result["level"] for result in results}
        driver = {
            "name": "keepalived-upgrade",
            "semanticVersion": __version__,
            "rules": [_rule(id, levels[id]) for id in rules],
        }
        return {
            "tool": {"driver": driver},
            "originalUriBaseIds": {self._base: self._root()},
            "artifacts": [self._artifact(path, positions) for path, positions in self.positions.items()],
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {
                "source": str(self.plan.source),
                "target": str(self.plan.target),
                "proofs": [
                    {"name": proof.name, "result": proof.result.value, "detail": mask(clean(proof.detail))}
                    for proof in self.plan.proofs
                ],
            },
        }

    @property
    def _base(self) -> str:
        """The name of the folder that paths are relative to; the first is the one that GitHub gives to a checkout."""
        return "%SRCROOT%" if self.folder else "HOST"

    def _root(self) -> Json:
        if self.folder:
            return {"description": {"text": "The checkout that holds the copy of the host."}}
        uri = "file://" + quote(os.fsencode(self.plan.root.rstrip("/") + "/"))
        return {"uri": uri, "description": {"text": "The folder that stands for / of the host."}}

    def _location(self, path: str) -> Json:
        inside = path.lstrip("/")
        whole = f"{self.folder}/{inside}" if self.folder not in ("", ".") else inside
        return {"uri": quote(os.fsencode(whole)), "uriBaseId": self._base}

    def _artifact(self, path: str, positions: Positions) -> Json:
        return {"location": self._location(path), "encoding": positions.encoding}

    # -- results ------------------------------------------------------------------------------------------------

    def _finding(self, finding: Finding) -> Json:
        physical: Json = {"artifactLocation": self._location(finding.place.path)}
        if finding.place.line:
            physical["region"] = self._region_of(finding)
        text = f"{finding.message}\n{finding.cure}"
        return {
            "ruleId": finding.id,
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(text)},
            "locations": [{"physicalLocation": physical}],
            "partialFingerprints": self._fingerprint(finding.id, finding.place.path, _without_lines(text)),
        }

    def _region_of(self, finding: Finding) -> Json:
        """A place counts bytes. Where the file's text is not part of the plan, the line alone is exact."""
        positions = self.positions.get(finding.place.path)
        region = {"startLine": finding.place.line}
        if positions is not None and finding.place.column:
            region["startColumn"] = positions.column_in(finding.place.line, finding.place.column)
        return region

    def _edits(self, file: FileChange) -> Iterator[Json]:
        if file.before is None:
            yield self._new_file(file)
            return
        positions = self.positions[file.path]
        secrets = secret_spans(file.after)
        shift = 0
        for change in file.changes:
            begin = change.start + shift
            end = begin + len(change.new)
            shift += len(change.new) - (change.end - change.start)
            hidden = any(first < end and begin < last for first, last in secrets)
            region = positions.region(change.start, change.end)
            yield self._edit(file.path, change, region, positions.decode(change.new), hidden)

    def _edit(self, path: str, change: Change, region: Json, new: str, hidden: bool) -> Json:
        reasons = [f"{migration}: {reason}" for migration, reason in change.because]
        if hidden:
            reasons.append("The new text is not shown: it holds a password.")
        rule = change.because[0][0]
        location = self._location(path)
        result = {
            "ruleId": rule,
            "level": _EDIT_LEVEL,
            "message": {"text": _message("\n".join(reasons))},
            "locations": [{"physicalLocation": {"artifactLocation": location, "region": region}}],
            "partialFingerprints": self._fingerprint(rule, path, "\n".join([*reasons, "" if hidden else new])),
        }
        if not hidden:
            replacement = {"deletedRegion": region, "insertedContent": {"text": new}}
            result["fixes"] = [_fix(location, replacement)]
        return result

    def _new_file(self, file: FileChange) -> Json:
        """A new file is reported at the configuration, which is there to be shown."""
        content = Positions(file)
        text = content.decode(file.after)
        nowhere = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1, "byteOffset": 0, "byteLength": 0}
        result = self._edit(file.path, file.changes[0], nowhere, text, bool(secret_spans(file.after)))
        result["message"]["text"] = f"{_message(file.path)} is created. {result['message']['text']}"
        result["locations"] = [{"physicalLocation": {"artifactLocation": self._location(self.plan.config)}}]
        return result

    def _fingerprint(self, rule: str, path: str, text: str) -> dict[str, str]:
        """Name a result by what it says and where, without its line; repetitions are counted. No password is part of
        it: a short one could be guessed from the hash."""
        said = "\0".join((rule, path, mask(text)))
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self.seen[digest] += 1
        return {FINGERPRINT: f"{digest}:{self.seen[digest]}"}


def _fix(location: Json, replacement: Json) -> Json:
    changes = [{"artifactLocation": location, "replacements": [replacement]}]
    return {"description": {"text": _ONE_OF_MANY}, "artifactChanges": changes}


def _rule(id: str, level: str) -> Json:
    """A rule with the text that `explain` prints."""
    found = find_explanation(id) or _explain_area(id)
    text = found.text if found is not None else id
    own = found is not None and found.migration is not None and found.migration.id == id
    first = found.migration.summary if found is not None and found.migration is not None and own else text
    rule: Json = {
        "id": id,
        "shortDescription": {"text": first.split(". ")[0].rstrip(".") + "."},
        "fullDescription": {"text": first},
        "help": {"text": re.sub(r"\*\*|`", "", text), "markdown": text},
        "defaultConfiguration": {"level": level},
    }
    if found is not None and found.migration is not None:
        rule["properties"] = {"tags": [found.migration.area, f"keepalived {found.migration.release}"]}
    return rule


def _explain_area(id: str) -> Explanation | None:
    """Give what the nearest area around an id is about, where the id itself has no text."""
    while "/" in id:
        id = id.rpartition("/")[0]
        if found := find_explanation(id):
            return found
    return None


def _message(text: str) -> str:
    """A message of one line or more. What looks like a link of SARIF is not one."""
    return "\n".join(_LINK.sub(r"\\[", mask(clean(line))) for line in text.splitlines())


def _without_lines(text: str) -> str:
    """The numbers of lines in a message move when a line is added above."""
    return re.sub(r"(?<=:)\d+(:\d+)?\b|\bline \d+", "", text)
