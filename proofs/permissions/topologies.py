"""The two ways to deploy that the proof judges; between them every kind of permission is granted."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.organization import Hub, Organization, load_organization

_EXAMPLE = Path(__file__).parents[2] / "local" / "organization.example.yaml"
_FEW_REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]
_RESERVED = "arn:aws:iam::222233334444:role/aws-reserved/sso.amazonaws.com"
OPERATORS = f"{_RESERVED}/AWSReservedSSO_Operators_0123456789abcdef"
APPROVERS = f"{_RESERVED}/AWSReservedSSO_Approvers_0123456789abcdef"
ANOTHER_TEAM = "444455556666"
_ON_DUTY = "arn:aws:iam::222233334444:role/OnDuty"


@dataclass(frozen=True, kw_only=True)
class Topology:
    """Where the hub is and what is configured; `words` say it to readers."""

    words: str
    organization: Organization
    enforces: bool


def delegated_hub() -> Topology:
    """Return the recommended way: a hub account of its own, sweeps that only look, approval."""
    example = load_organization(_EXAMPLE)
    configuration = {
        **example.configuration,
        "forwarding_regions": _FEW_REGIONS,
        "approval": {"approvers": [APPROVERS, _ON_DUTY]},
    }
    return Topology(
        words="delegated hub",
        organization=replace(example, configuration=configuration),
        enforces=False,
    )


def management_hub() -> Topology:
    """Return the other way: all in the management account, sweeps that enforce, Security Hub, routes."""
    example = load_organization(_EXAMPLE)
    hub = example.management_account.id
    configuration = {
        **example.configuration,
        "forwarding_regions": _FEW_REGIONS,
        "sweep": {"mode": "enforce", "security_hub": True},
        "routes": routes(hub),
    }
    return Topology(
        words="management hub",
        organization=replace(
            example,
            hub=Hub(account=hub),
            configuration=configuration,
            secrets={**example.secrets, **secrets_of_routes(hub)},
        ),
        enforces=True,
    )


def routes(hub: str) -> list[dict[str, Any]]:
    """Return one route of each kind that has a role, to targets that are another team's."""
    [secret] = secrets_of_routes(hub)
    https = {"url": "https://tickets.example.com/events", "secret_arn": secret}
    targets = {
        "ToBus": {"bus": f"arn:aws:events:us-east-1:{ANOTHER_TEAM}:event-bus/security"},
        "ToHttps": {"https": https},
        "ToOpsgenie": {"opsgenie": secret},
        "ToPagerDuty": {"pagerduty": secret},
        "ToQueue": {"queue": f"arn:aws:sqs:us-east-1:{ANOTHER_TEAM}:security"},
    }
    return [{"name": name, "match": {"severity": ["critical"]}, "to": to} for name, to in targets.items()]


def secrets_of_routes(hub: str) -> dict[str, str]:
    """Return what the secrets hold that the routes name, by ARN."""
    return {f"arn:aws:secretsmanager:us-east-1:{hub}:secret:routes-AbCdEf": "key"}
