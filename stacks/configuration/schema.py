"""Writes the JSON Schema of rootwarden.yaml into docs/: `python -m stacks.configuration.schema`."""

import json
from pathlib import Path
from typing import Any

from stacks.configuration.configuration import Configuration

PATH = Path(__file__).parents[2] / "docs" / "configuration.schema.json"


def schema_text() -> str:
    """Return the schema as it stands in the file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rootwarden.yaml",
        **_without_titles(Configuration.model_json_schema()),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_titles(value: Any) -> Any:
    """Leave out what only repeats a key."""
    if isinstance(value, dict):
        return {
            key: _without_titles(each)
            for key, each in value.items()
            if key != "title" or not isinstance(each, str)
        }
    return [_without_titles(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    PATH.write_text(schema_text(), encoding="utf-8")
