from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.calls import Call
from embedded_aws.sns import Message
from local.aws import LocalAws
from local.organization import Organization, organization_from
from local.scenarios.sweeping import Sweeping, SweepResult
from tests.accounts import EVERYONE, EXEMPT, ORGANIZATION
from tests.stage import Stage

EXPECTATION = {
    "principal": "arn:aws:iam::222233334444:role/Operator",
    "calls": ["sts:AssumeRoot"],
    "reason": "Weekly test, $.of what is left",
    "until": "2099-01-31",
}


@pytest.fixture(scope="package")
def organization() -> Organization:
    """One account of every kind; sweeps may enforce, and tell Security Hub."""
    document = {
        **ORGANIZATION,
        "configuration": {
            "forwarding_regions": ["us-east-1", "eu-west-1"],
            # An account's turn would depend on the tests before; tests/wiring/coverage proves what probes do.
            "coverage": {"other_regions": "never"},
            "sweep": {"mode": "enforce", "batch_size": 2, "security_hub": True},
            "expected": [EXPECTATION],
            "exemptions": [{"account": EXEMPT, "reason": "Being migrated", "until": "2027-01-31"}],
        },
    }
    return organization_from(document)


@pytest.fixture(scope="package")
def assembly(organization: Organization, assembly_of: Callable[[Organization], Path]) -> Path:
    return assembly_of(organization)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """A sweep of the untouched organization, and all that it did there."""

    result: SweepResult
    before: Mapping[str, Mapping[str, bool]]
    after: Mapping[str, Mapping[str, bool]]
    calls: list[Call]
    outcomes: list[dict[str, Any]]
    messages: list[Message]
    metrics: list[dict[str, Any]]
    logs: list[dict[str, Any]]
    files: Mapping[str, bytes]


Sweep = Callable[[Sweeping], SweepResult]


@pytest.fixture(scope="package")
def swept(stage: Stage, organization: Organization, assembly: Path) -> Callable[[Sweep], Swept]:
    """Let a sweep run once, for many tests to read; what is deployed is cleaned before the next test."""

    def run(sweep: Sweep) -> Swept:
        aws = stage.clean(organization, assembly)
        aws.state_machines.on_progress = lambda _: None
        sweeping = Sweeping(aws)
        before = {account: dict(aws.posture(account)) for account in EVERYONE}
        earlier = len(list(aws.calls))
        result = sweep(sweeping)
        return Swept(
            result=result,
            before=before,
            after={account: dict(aws.posture(account)) for account in EVERYONE},
            # Whoever comes first to an account deploys what waits there, as an administrator.
            calls=[call for call in list(aws.calls)[earlier:] if call.principal.kind != "administrator"],
            outcomes=list(aws.outcomes),
            messages=list(aws.messages),
            metrics=list(aws.metrics),
            logs=list(aws.logs),
            files=dict(sweeping.files(result.sweep_id)),
        )

    return run


@pytest.fixture(scope="package")
def audited(swept: Callable[[Sweep], Swept]) -> Swept:
    """A first sweep, which only looks."""
    return swept(lambda sweeping: sweeping.by_hand("observe"))


@pytest.fixture(scope="package")
def enforced(swept: Callable[[Sweep], Swept]) -> Swept:
    """A first sweep by the schedule, in the configured mode."""
    return swept(lambda sweeping: sweeping.by_schedule())


@pytest.fixture
def sweeping(aws: LocalAws) -> Sweeping:
    aws.state_machines.on_progress = lambda _: None
    return Sweeping(aws)
