"""What AWS says of resource types and actions, as it ships with cfn-lint and with CDK's command line."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOOTSTRAP = Path(__file__).parents[1] / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"
_STACKS = "cloudformation:"
_READING = re.compile("Describe|Get|List", re.IGNORECASE)
HANDLERS = ("create", "read", "update", "delete", "list")


@cache
def handler_actions(resource_type: str, handlers: tuple[str, ...] = HANDLERS) -> frozenset[str]:
    """Return the actions with which CloudFormation makes, reads, changes, deletes and lists a type."""
    # cfn-lint comes without types.
    manager = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    schema = manager.get_resource_schema("us-east-1", resource_type).schema
    declared = schema["handlers"]
    return frozenset(action for name in handlers for action in declared.get(name, {}).get("permissions", ()))


@cache
def resources_of(action: str) -> Mapping[str, str] | None:
    """Return the ARN formats of the resources an action knows, by kind; None: there is no such action.

    An action that knows none can be allowed on `*` only.
    """
    service, _, name = action.partition(":")
    known = _catalogue().get(service, {"Actions": {}, "Resources": {}})
    actions = {key.lower(): found for key, found in known["Actions"].items()}
    if name.lower() not in actions:
        return None
    kinds = {key.lower(): found for key, found in known["Resources"].items()}
    named = [kind.lower() for kind in actions[name.lower()].get("Resources", ())]
    return {kind: kinds[kind]["ARNFormats"][0] for kind in named}


@cache
def stack_actions() -> tuple[str, ...]:
    """Return what CDK's own deployment role may do with a stack, for stacks deployed without that role."""
    document = yaml.load(_BOOTSTRAP.read_text(encoding="utf-8"), Loader=_CloudFormationLoader)  # noqa: S506 - a safe one
    [policy] = document["Resources"]["DeploymentActionRole"]["Properties"]["Policies"]
    found = {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in _listed(statement["Action"])
    }
    # Reading, that role is allowed by a policy of AWS's own.
    every = _catalogue()["cloudformation"]["Actions"]
    found |= {f"{_STACKS}{name}" for name in every if _READING.match(name)}
    return tuple(sorted(each for each in found if each.startswith(_STACKS) and "stack" in _kinds(each)))


def _kinds(action: str) -> Mapping[str, str]:
    return resources_of(action) or {}


class _CloudFormationLoader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, whose values do not matter here, as nothing."""


_CloudFormationLoader.add_multi_constructor("!", lambda *_: None)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@cache
def _catalogue() -> dict[str, Any]:
    text = (files("cfnlint") / "data/AdditionalSpecs/Policies.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
