"""The JSON Schema of cdk.json, for editors: `python -m stacks.configuration.schema` writes it into docs/."""

import json
from pathlib import Path
from typing import Any

from stacks.configuration.configuration import Configuration
from stacks.configuration.reading import BLOCK

PATH = Path(__file__).parents[2] / "docs" / "configuration.schema.json"


def schema_text() -> str:
    """Return the schema as it stands in the file."""
    block = _without_titles(Configuration.model_json_schema())
    definitions = block.pop("$defs")
    context = {"type": "object", "properties": {BLOCK: block}}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cdk.json of rootwarden",
        "type": "object",
        "properties": {"context": context},
        "$defs": definitions,
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
