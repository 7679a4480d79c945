"""docs/configuration.md describes every key, with the default it has, and nothing else."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from rootwarden.contract.regions import DEFAULT_REGIONS, expanded
from stacks.configuration.reading import ConfigurationError, read_configuration
from stacks.configuration.schema import PATH, schema_text
from stacks.configuration.source import read_file
from tests.docs.page import PROJECT, Page, in_code, is_described
from tests.templates.synthesized import CONFIGURATION

PAGE = Page("docs/configuration.md")
KEYS = {in_code(row["key"])[0]: row for row in PAGE.table("All keys")}
SCHEMA = json.loads(schema_text())
_REQUIRED = {
    "management_account_id": "111122223333",
    "organization_id": "o-aa111bb222",
    "organization_root_id": "r-ab12",
    "hub_account_id": "222233334444",
    "hub_region": "us-east-1",
    "alert_emails": ["security@example.com"],
}


def _all_keys(schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield every key of an object of the JSON Schema."""
    for name, value in schema["properties"].items():
        inner = value.get("items", value)
        choices = [inner, *inner.get("anyOf", [])]
        reference = next((each["$ref"] for each in choices if "$ref" in each), "")
        kind = SCHEMA["$defs"].get(reference.rpartition("/")[2], inner)
        if "properties" in kind:
            yield from _all_keys(kind, f"{path}{name}{'[]' if inner is not value else ''}.")
        else:
            yield path + name


def test_every_key_is_documented_and_nothing_else() -> None:
    assert set(KEYS) == {key for key in _all_keys(SCHEMA) if is_described(key)}


def test_defaults_are_the_defaults() -> None:
    default = read_configuration({"rootwarden": _REQUIRED})
    for key, row in KEYS.items():
        if row["default"] in ("required", "none"):
            continue
        value: Any = default
        for name in key.split("."):
            value = getattr(value, name)
        documented = json.loads(in_code(row["default"])[0])
        if key == "forwarding_regions":
            documented = list(expanded(documented))
        assert documented == (list(value) if isinstance(value, tuple) else value)


def test_the_regions_that_default_stands_for_are_listed() -> None:
    [listed] = [line for line in PAGE.text.split("\n\n") if "stands for the 17 Regions" in line]
    assert set(DEFAULT_REGIONS) <= set(in_code(listed))


def test_what_is_required_is_missed() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": {}})
    missed = {mistake.key for mistake in refused.value.mistakes}
    assert missed == {key for key, row in KEYS.items() if row["default"] == "required" and "[" not in key}


def test_examples_are_accepted() -> None:
    for key, row in KEYS.items():
        if "[" not in key:
            example = in_code(row["example"])[0]
            text = json.loads(example) if example.startswith('"') else example
            read_configuration({"rootwarden": CONFIGURATION, f"rootwarden.{key}": text})


def test_overrides_are_accepted() -> None:
    [commands] = PAGE.blocks("Overriding a value", "sh")
    for command in commands.splitlines()[1:]:
        *_, option, argument = shlex.split(command)
        key, _, value = argument.partition("=")
        assert option == "-c"
        read_configuration({"rootwarden": {**CONFIGURATION, "slack": {}}, key: value})


def test_blocks_are_accepted(tmp_path: Path) -> None:
    for title in (
        "Exemptions",
        "Members",
        "Tags, boundary and path",
        "Slack through Amazon Q Developer",
        "Slack through an incoming webhook",
        "Microsoft Teams",
        "Routes",
        "Expectations",
    ):
        blocks = PAGE.blocks(title, "yaml")
        assert blocks
        for block in blocks:
            read_configuration({"rootwarden": {**CONFIGURATION, **_written(block, tmp_path)}})


def test_the_page_begins_with_a_file_that_can_be_deployed(tmp_path: Path) -> None:
    shown, *_ = PAGE.blocks("Configuration", "yaml")
    assert read_configuration({"rootwarden": _written(shown, tmp_path)})
    [comment, *_] = shown.splitlines()
    assert (PROJECT / comment.partition("$schema=")[2]) == PATH


def test_mistakes_look_as_shown(tmp_path: Path) -> None:
    [block] = PAGE.blocks("What a mistake looks like", "yaml")
    [shown] = PAGE.blocks("What a mistake looks like", "text")
    with pytest.raises(ConfigurationError) as refused:
        read_configuration({"rootwarden": _written(block, tmp_path)})
    assert str(refused.value) == shown.rstrip("\n")


def test_schema_for_editors_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == schema_text(), "run python -m stacks.configuration.schema"


def test_schema_for_editors_takes_what_can_be_deployed_and_refuses_mistakes() -> None:
    validator = Draft202012Validator(SCHEMA)
    Draft202012Validator.check_schema(SCHEMA)
    empty: dict[str, object] = {"forwarding_regions": None, "organization_root_id": None}
    for block in (CONFIGURATION, _REQUIRED, {**_REQUIRED, **empty}):
        assert list(validator.iter_errors(block)) == []
    [mistaken] = PAGE.blocks("What a mistake looks like", "yaml")
    wrong = {error.path[0] for error in validator.iter_errors(yaml.safe_load(mistaken))}
    assert {"management_account_id", "hub_account_id", "alert_emails", "exemptions"} <= wrong


def _written(text: str, directory: Path) -> dict[str, Any]:
    path = directory / "rootwarden.yaml"
    path.write_text(text, encoding="utf-8")
    values: Any = read_file(path)
    return dict(values)
