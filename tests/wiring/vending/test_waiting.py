"""The examples of docs/vending.md at work: account created → hardened → the pipeline goes on."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from embedded_aws.iam.roles import role_allows
from embedded_aws.organizations.organization import Account, RootCredentials
from local.aws import LocalAws
from local.scenarios.scenario import Scenario
from tests.wiring.vending.examples import BUS_ARN, EXAMPLES, VENDING
from tests.wiring.vending.pipeline import Pipeline

pytestmark = pytest.mark.long

EXEMPT = "555566667777"


def _account(number: int, *, refuses_for: int = 0) -> Account:
    root = RootCredentials(password=True, mfa_devices=1)
    return Account(id=f"{number:012}", name=f"new-{number}", refuses_assume_root_for=refuses_for, root=root)


def test_a_pipeline_goes_on_when_its_account_is_hardened(aws: LocalAws, pipeline: Pipeline) -> None:
    account = _account(700000000001)
    execution = pipeline.begin_waiting(account.id)
    Scenario(aws).create_account(account)

    aws.run_until_idle()

    end = pipeline.end_of(execution)
    assert (end["status"], json.loads(end["output"])["result"]) == ("SUCCEEDED", "hardened")
    assert not any(aws.posture(account.id).values())


def test_a_pipeline_that_comes_late_does_not_wait(aws: LocalAws, pipeline: Pipeline) -> None:
    account = _account(700000000002)
    Scenario(aws).create_account(account)
    aws.run_until_idle()
    assert set(pipeline.answers()) == {"SUCCEEDED"}

    end = pipeline.end_of(pipeline.begin_waiting(account.id))

    assert end["status"] == "SUCCEEDED"


def test_a_pipeline_waits_through_attempts_that_are_made_again(aws: LocalAws, pipeline: Pipeline) -> None:
    account = _account(700000000003, refuses_for=300)
    execution = pipeline.begin_waiting(account.id)
    Scenario(aws).create_account(account)
    aws.work_on_what_is_due()
    assert aws.outcomes[-1]["detail"]["result"] == "unreachable"
    assert pipeline.is_waiting(execution)

    aws.run_until_idle()

    assert pipeline.end_of(execution)["status"] == "SUCCEEDED"


def test_a_pipeline_fails_when_its_account_is_left_alone(aws: LocalAws, pipeline: Pipeline) -> None:
    execution = pipeline.begin_waiting(EXEMPT)
    Scenario(aws).announce_account(EXEMPT)

    aws.run_until_idle()

    end = pipeline.end_of(execution)
    assert (end["status"], end["error"]) == ("FAILED", "skipped")
    # moto drops the cause on its way to the execution.
    [answer] = [call for call in aws.extensions.calls if call.operation == "SendTaskFailure"]
    assert json.loads(answer.parameters["cause"])["reason"]["code"] == "exempt"


def test_a_pipeline_waits_for_its_own_account_only(aws: LocalAws, pipeline: Pipeline) -> None:
    execution = pipeline.begin_waiting("700000000004")
    Scenario(aws).create_account(_account(700000000005))
    Scenario(aws).fail_to_create_account()

    aws.run_until_idle()

    assert pipeline.is_waiting(execution)
    assert set(pipeline.answers()) == {"SUCCEEDED"}


def test_nothing_else_reaches_the_vending_account(aws: LocalAws) -> None:
    Scenario(aws).sign_in_as_root("444455556666")
    aws.run_until_idle()

    received = [r.event for r in aws.delivery.received if r.bus_arn == BUS_ARN]

    assert {event["detail-type"] for event in received} == {"Account Hardening Result"}
    assert not any(event["detail"]["willRetry"] for event in received)
    assert aws.lost_events == []


@pytest.mark.parametrize(
    ("role", "action", "resource", "may"),
    [
        ("Waiter", "dynamodb:UpdateItem", "Accounts", True),
        ("Waiter", "states:SendTaskSuccess", "*", False),
        ("Answerer", "dynamodb:UpdateItem", "Accounts", True),
        ("Answerer", "states:SendTaskSuccess", "*", True),
        ("Answerer", "states:SendTaskFailure", "*", True),
        ("Answerer", "dynamodb:DeleteItem", "Accounts", False),
    ],
)
def test_roles_may_make_the_calls_their_state_machines_make(
    aws: LocalAws, role: str, action: str, resource: str, *, may: bool
) -> None:
    roles = aws.client("iam", account=VENDING).list_roles()["Roles"]
    [arn] = [r["Arn"] for r in roles if f"wait-until-hardened-{role}-" in r["Arn"]]
    [table] = aws.client("dynamodb", account=VENDING).list_tables()["TableNames"]
    table_arn = f"arn:aws:dynamodb:us-east-1:{VENDING}:table/{table}"

    allowed = role_allows(arn, action=action, resource=resource.replace("Accounts", table_arn))

    assert allowed is may


@pytest.mark.parametrize("template", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_cfn_lint_finds_nothing(template: Path) -> None:
    # It comes without types.
    assert import_module("cfnlint.api").lint_file(template) == []
