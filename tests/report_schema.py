"""Whether a report keeps to its schema: a reader's way, and strictly, as we write it."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from schemas.outcomes import DOCS

_PATH = DOCS / "schemas" / "report.v1.json"


@cache
def readers_validator() -> Draft202012Validator:
    """Return what holds a report to the schema as it is shipped."""
    schema = json.loads(_PATH.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return _validator(schema)


@cache
def strict_validator() -> Draft202012Validator:
    """Return what also lets no field pass that the schema does not name."""
    return _validator(json.loads(_PATH.read_text(encoding="utf-8"), object_hook=_closed))


def _validator(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _closed(found: dict[str, Any]) -> dict[str, Any]:
    is_object = found.get("type") == "object" and "properties" in found
    return {"additionalProperties": False} | found if is_object else found
