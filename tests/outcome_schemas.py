"""Whether outcomes keep to the schemas that docs/events.md promises."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from schemas.outcomes import path


@cache
def validator(detail_type: str) -> Draft202012Validator:
    """Return what holds a detail to the schema as it is shipped."""
    schema = json.loads(path(detail_type).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def breaches(outcomes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what in the events is not as their schemas say."""
    return [
        f"{outcome['detail-type']} {error.json_path}: {error.message}"
        for outcome in outcomes
        for error in validator(outcome["detail-type"]).iter_errors(outcome["detail"])
    ]
