"""The two ways to deploy that the proof judges; between them every kind of permission is granted."""

from dataclasses import dataclass, replace
from pathlib import Path

from local.organization import Hub, Organization, load_organization

_EXAMPLE = Path(__file__).parents[2] / "local" / "organization.example.yaml"
_FEW_REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]
_RESERVED = "arn:aws:iam::222233334444:role/aws-reserved/sso.amazonaws.com"
OPERATORS = f"{_RESERVED}/AWSReservedSSO_Operators_0123456789abcdef"
APPROVERS = f"{_RESERVED}/AWSReservedSSO_Approvers_0123456789abcdef"
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
    """Return the other way: all in the management account, sweeps that enforce, Security Hub."""
    example = load_organization(_EXAMPLE)
    configuration = {
        **example.configuration,
        "forwarding_regions": _FEW_REGIONS,
        "sweep": {"mode": "enforce", "security_hub": True},
    }
    return Topology(
        words="management hub",
        organization=replace(
            example, hub=Hub(account=example.management_account.id), configuration=configuration
        ),
        enforces=True,
    )
