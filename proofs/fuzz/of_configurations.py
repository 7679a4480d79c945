"""Configurations as people may write them by mistake: used, or refused with every mistake named."""

import json
from functools import cache
from typing import Any

from proofs.fuzz.strangers import Stranger
from stacks.configuration.reading import ConfigurationError, read_configuration

_BLOCK = {
    "management_account_id": "111122223333",
    "organization_id": "o-aa111bb222",
    "organization_root_id": "r-ab12",
    "hub_account_id": "222233334444",
    "hub_region": "us-east-1",
    "alert_emails": ["security@example.com"],
    "slack": {"workspace_id": "T0123ABCD", "channel_id": "C0123ABCD"},
    "exemptions": [{"account": "555566667777", "reason": "Being migrated", "until": "2999-01-31"}],
    "forwarding_regions": ["us-east-1", "eu-west-1"],
    "member_organizational_units": ["ou-ab12-11111111"],
    "recovery": {"max_hours": 12},
    "sweep": {"schedule": "rate(1 day)", "mode": "observe", "batch_size": 50},
    "approval": {"approvers": ["arn:aws:iam::222233334444:role/OnDuty"], "minimum": 1},
    "protecting_policies": ["p-denyroot1"],
}


@cache
def _keys() -> tuple[str, ...]:
    block = {key: value for key, value in _BLOCK.items() if isinstance(value, dict)}
    return (*_BLOCK, *(f"{key}.{inner}" for key, value in block.items() for inner in value))


def written(stranger: Stranger) -> Any:
    """Write a context of CDK: the block changed, or a key of it overridden on the command line."""
    context = {"rootwarden": stranger.changed(_BLOCK)}
    if stranger.chance(0.3):
        context[f"rootwarden.{stranger.random.choice(_keys())}"] = json.dumps(stranger.value())
    return context


def read(context: Any) -> None:
    """Read one."""
    try:
        read_configuration(context)
    except ConfigurationError as error:
        if not error.mistakes:
            raise AssertionError("refused without a mistake named") from error
