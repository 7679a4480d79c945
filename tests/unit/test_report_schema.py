"""The schema of the report as others read it."""

import json
from typing import Any

from tests.report_schema import readers_validator, strict_validator
from tests.unit.report_given import KEY, Given, exposed, unreachable


def _with_one_field_more(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_one_field_more(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _with_one_field_more(each) for name, each in value.items()} | {"newField": "new"}


def test_a_reader_s_schema_takes_fields_that_a_later_version_adds() -> None:
    report = Given().sweep(exposed(1, KEY), unreachable(2))
    document = _with_one_field_more(json.loads(json.dumps(report.to_detail())))

    assert [error.json_path for error in readers_validator().iter_errors(document)] == []
    assert not strict_validator().is_valid(document)
