"""Every rule of the synthesized templates: a sample event starts it, its near misses do not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import events_backends
from moto.sqs.models import sqs_backends

from embedded_aws.events.matching import matches
from local.aws import LocalAws
from tests.accounts import HUB, MANAGEMENT
from tests.wiring.sample_events import sample

HARDEN, ASSESS, FORGET = "HardenAccount", "AssessRootActivity", "ForgetAccount"
# Who joins is hardened; whether a member leaves by it, the other function says.
BOTH = f"{HARDEN} {ASSESS}"
REFUSED = "RefusedSessions"
# What these services write has rules that take read-only calls too.
_RULES_TAKE_READ_ONLY = ("aws.sts", "aws.signin")
# Starts a sweep, without a queue in between.
SWEEPS = "organization_stack_created"
_SAMPLES = Path(__file__).parent.parent / "events"

# Each sample event and the queue it must reach; None: it must reach no queue at all.
EXPECTED: dict[str, str | None] = {
    **dict.fromkeys(
        (
            "accept_handshake",
            "accept_handshake_all_features",
            "accept_handshake_foreign_organization",
            "accept_handshake_refused",
            "accept_handshake_transfer_responsibility",
        ),
        BOTH,
    ),
    **dict.fromkeys(
        (
            "account_joined_organization_api_call",
            "account_joined_organization_created",
            "account_joined_organization_invited",
            "account_joined_organization_management_account",
            "account_joined_organization_nested",
            "controltower_create_managed_account",
            "controltower_create_managed_account_failed",
            "controltower_enable_baseline",
            "controltower_enable_baseline_failed",
            "controltower_enable_baseline_foreign_organization",
            "controltower_enable_baseline_under_change",
            "controltower_enable_baseline_unit",
            "controltower_update_enabled_baseline",
            "controltower_update_managed_account",
            "create_account_result_failed",
            "create_account_result_govcloud",
            "create_account_result_in_progress",
            "create_account_result_malformed_account_id",
            "create_account_result_management_account",
            "create_account_result_succeeded",
            "create_account_result_without_account_id",
        ),
        HARDEN,
    ),
    **dict.fromkeys(
        ("account_departed_organization", "account_departed_organization_cleaned", "close_account_result"),
        FORGET,
    ),
    "assume_root_call_refused": REFUSED,
    **dict.fromkeys(
        (
            "create_account_result_from_member_account",
            "disable_trusted_access_other_service",
            "forwarding_rule_deleted_other_team",
            "hub_rule_put_by_vending",
            "iam_user_console_login",
            "organization_stack_created",
            "organization_stack_in_progress",
            "other_stack_created",
            "register_delegated_administrator_other_service",
            "iam_user_console_action",
            "iam_user_federated_session_call",
            "other_account_reads_bucket",
            "root_api_invoked_by_service",
            "root_api_service_event",
            "root_internal_call_without_session",
            "root_service_in_console_session",
            "service_assumes_role_named_root",
        ),
        None,
    ),
}


def _samples() -> Iterator[tuple[str, str | None]]:
    for path in sorted(_SAMPLES.glob("*.json")):
        yield path.stem, EXPECTED.get(path.stem, ASSESS)


def _queues_holding_messages() -> dict[str, int]:
    """Return how many messages each queue of the hub holds; of moto itself, as this is asked very often."""
    queues = sqs_backends[HUB]["us-east-1"].queues.values()
    return {queue.name: count for queue in queues if (count := queue.approximate_number_of_messages)}


@pytest.mark.parametrize(("name", "queue"), list(_samples()))
def test_a_sample_event_reaches_its_queue_and_no_other(aws: LocalAws, name: str, queue: str | None) -> None:
    event = sample(name)
    # A read-only call reaches rules of a member only where read-only calls are asked for, or as a probe.
    is_probe = event["detail"].get("eventName") == "GetAccountSummary"
    is_taken = event["source"] in _RULES_TAKE_READ_ONLY or is_probe
    read_only = event["detail"].get("readOnly") is True and not is_taken

    aws.deliver({**event, "region": "us-east-1"})

    arrived = _queues_holding_messages()
    if queue is None or read_only:
        assert arrived == {}
    else:
        for expected, (queue_name, count) in zip(queue.split(), sorted(arrived.items()), strict=True):
            assert f"{expected}Queue" in queue_name
            assert count == 1


@pytest.mark.parametrize("name", [SWEEPS, "organization_stack_in_progress", "other_stack_created"])
def test_only_the_organizations_stack_starts_a_sweep(aws: LocalAws, name: str) -> None:
    sweeps = aws.client("stepfunctions", account=HUB)
    machine = f"arn:aws:states:us-east-1:{HUB}:stateMachine:OrganizationSweep"
    before = len(sweeps.list_executions(stateMachineArn=machine)["executions"])

    aws.deliver({**sample(name), "region": "us-east-1"})

    begun = len(sweeps.list_executions(stateMachineArn=machine)["executions"]) - before
    assert begun == (1 if name == SWEEPS else 0)


@pytest.mark.parametrize("name", ["create_account_result_succeeded", "controltower_create_managed_account"])
@pytest.mark.parametrize("change", [{"source": "aws.ec2"}, {"detail-type": "AWS API Call via CloudTrail "}])
def test_another_source_or_detail_type_reaches_nothing(
    aws: LocalAws, name: str, change: dict[str, str]
) -> None:
    aws.deliver(sample(name, **change))

    assert _queues_holding_messages() == {}


def test_every_rule_of_every_template_is_started_by_some_sample(aws: LocalAws) -> None:
    matched = set()
    rules = list(_rules(aws))
    for name, _ in _samples():
        event = {**sample(name), "region": "us-east-1"}
        matched |= {rule["Name"] for account, rule in rules if _matches(account, rule, event)}
    ours = {rule["Name"] for _, rule in rules if '"source": ["rootwarden"]' in rule["EventPattern"]}
    assert {rule["Name"] for _, rule in rules} - matched == ours


def _rules(aws: LocalAws) -> Iterator[tuple[str, dict[str, Any]]]:
    for account in (MANAGEMENT, HUB, "444455556666"):
        events = aws.client("events", account=account)
        for bus in events.list_event_buses()["EventBuses"]:
            for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
                yield account, rule


def _matches(account: str, rule: dict[str, Any], event: dict[str, Any]) -> bool:
    bus = events_backends[account]["us-east-1"].event_buses[rule["EventBusName"]]
    return matches(bus.rules[rule["Name"]].event_pattern, event)
