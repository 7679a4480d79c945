"""Values given on the command line: `cdk deploy -c rootwarden.hub_region=eu-west-1`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCK = "rootwarden"

# Everything else is JSON. An account id read as JSON would lose its leading zeros.
_TEXTS = frozenset(
    {
        "management_account_id",
        "organization_id",
        "organization_root_id",
        "hub_account_id",
        "hub_region",
        "control_tower_home_region",
        "coverage.other_regions",
        "slack.workspace_id",
        "slack.channel_id",
        "slack.webhook_secret_arn",
        "sweep.mode",
        "sweep.schedule",
    }
)


def configured_block(context: Mapping[str, object]) -> object:
    """Return the `rootwarden` block of the CDK context with the dotted overrides laid over it."""
    block = context.get(BLOCK, {})
    prefix = f"{BLOCK}."
    for key in sorted(context):
        if key.startswith(prefix) and isinstance(block, dict):
            name = key.removeprefix(prefix)
            block = _with(block, name.split("."), _decoded(name, context[key]))
    return block


def _decoded(name: str, value: object) -> object:
    if not isinstance(value, str) or (name in _TEXTS and value != "null"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _with(block: Mapping[str, object], path: list[str], value: object) -> dict[str, object]:
    first, *rest = path
    if not rest:
        return {**block, first: value}
    inner = block.get(first, {})
    return {**block, first: _with(inner if isinstance(inner, dict) else {}, rest, value)}
