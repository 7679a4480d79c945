"""The objects of the configuration: what is refused in each, and what follows from it."""

from typing import Any

import pytest

from stacks.configuration.blocks import Approval
from stacks.configuration.configuration import Configuration
from stacks.configuration.reading import ConfigurationError, Mistake, read_configuration
from tests.templates.synthesized import CONFIGURATION, HUB, MANAGEMENT

USER, ROLE = f"arn:aws:iam::{HUB}:user/people/omar", f"arn:aws:iam::{HUB}:role/Approvers"
SESSION = f"arn:aws:sts::{HUB}:assumed-role/Approvers/omar@example.com"


def read(**changes: Any) -> Configuration:
    return read_configuration({"rootwarden": {**CONFIGURATION, **changes}})


def mistakes(changes: dict[str, Any]) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read(**changes)
    return caught.value.mistakes


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sweep", "daily"),
        ("sweep.schedule", {"schedule": "every day"}),
        ("sweep.schedule", {"schedule": "rate(1 days)"}),
        ("sweep.schedule", {"schedule": "rate(5 days)"}),
        ("sweep.schedule", {"schedule": "rate(30 minutes)"}),
        ("sweep.schedule", {"schedule": "cron(0 5 ? * MON *)"}),
        ("sweep.schedule", {"schedule": "cron(0 24 * * ? *)"}),
        ("sweep.mode", {"mode": "destroy"}),
        ("sweep.batch_size", {"batch_size": 0}),
        ("sweep.max_concurrency", {"max_concurrency": 101}),
        ("sweep.requests_per_second", {"requests_per_second": 601}),
        ("sweep.requests_per_second", {"requests_per_second": 8}),
        ("sweep.requests_per_second", {"batch_size": 500, "max_concurrency": 20}),
        ("sweep.report_retention_days", {"report_retention_days": 7}),
        ("sweep.object_lock", {"object_lock": "yes"}),
        ("sweep.security_hub", {"security_hub": 1}),
        ("sweep.batchsize", {"batchsize": 10}),
        ("approval", []),
        ("approval.approvers", {"approvers": USER}),
        ("approval.approvers", {"approvers": [USER, USER]}),
        ("approval.approvers", {"approvers": [f"{USER}{number}" for number in range(11)]}),
        ("approval.approvers", {"minimum": 1}),
        ("approval.approvers[0]", {"approvers": ["omar"]}),
        ("approval.approvers[0]", {"approvers": ["*"]}),
        ("approval.approvers[0]", {"approvers": [f"arn:aws:iam::{HUB}:root"]}),
        ("approval.approvers[0]", {"approvers": [f"arn:aws:iam::{HUB}:role/*"]}),
        ("approval.approvers[1]", {"approvers": [USER, f"arn:aws:iam::{MANAGEMENT}:user/omar"]}),
        ("approval.minimum", {"approvers": [USER], "minimum": 2}),
        ("approval.minimum", {"approvers": [USER], "minimum": 0}),
        ("approval.minimum", {"approvers": [USER], "minimum": "1"}),
        ("approval.approver", {"approver": USER}),
        ("coverage", "weekly"),
        ("coverage.other_regions", {"other_regions": "daily"}),
        ("coverage.other_regions", {"other_regions": True}),
        ("coverage.regions", {"regions": "weekly"}),
    ],
)
def test_value_is_refused_by_its_key(key: str, value: object) -> None:
    [mistake] = mistakes({key.split(".", maxsplit=1)[0]: value})
    assert mistake.key == key
    assert mistake.found
    assert mistake.takes


def test_mistakes_of_the_sweep_are_reported_with_all_others() -> None:
    found = mistakes({"hub_region": "nowhere", "sweep": {"mode": "fast", "requests_per_second": 0}})
    keys = [mistake.key for mistake in found]
    assert {"hub_region", "sweep.mode", "sweep.requests_per_second"} <= set(keys)


def test_the_slowest_pace_at_which_batches_are_through_in_time() -> None:
    size = {"batch_size": 60, "max_concurrency": 3}
    assert read(sweep={**size, "requests_per_second": 3}).sweep.requests_per_second_of_a_worker == 1
    [mistake] = mistakes({"sweep": {**size, "requests_per_second": 2}})
    assert mistake.takes.startswith("at least 3, so that 3 workers at once")


def test_values_of_the_sweep_can_be_overridden_one_by_one() -> None:
    overrides = {"mode": "enforce", "schedule": "rate(12 hours)", "batch_size": "25", "object_lock": "true"}
    context = {f"rootwarden.sweep.{key}": value for key, value in overrides.items()}
    sweep = read_configuration({"rootwarden": CONFIGURATION, **context}).sweep
    assert (sweep.mode, sweep.schedule, sweep.batch_size) == ("enforce", "rate(12 hours)", 25)
    assert (sweep.object_lock, sweep.max_concurrency) == (True, 10)


def test_an_empty_object_needs_no_approval() -> None:
    assert not read(approval={}).approval.is_required
    assert not read(approval={"approvers": []}).approval.is_required


def test_one_of_several_approves_unless_more_are_asked_for() -> None:
    assert read(approval={"approvers": [USER, ROLE]}).approval == Approval(approvers=(USER, ROLE), minimum=1)
    assert read(approval={"approvers": [USER, SESSION], "minimum": 2}).approval == Approval(
        approvers=(USER, SESSION), minimum=2
    )
