"""Least privilege of what a sweep runs: every permission is used, and no call was refused."""

import json

import pytest

from embedded_aws.iam.roles import statements_of
from local.aws import LocalAws
from local.scenarios import scenario_events as events
from local.scenarios.sweeping import Sweeping
from tests.accounts import CLEAN, HUB

pytestmark = pytest.mark.long


def test_every_granted_action_is_used_and_no_call_was_refused(aws: LocalAws, sweeping: Sweeping) -> None:
    letter = json.dumps(events.root_sign_in(account=CLEAN, time=aws.clock.now()))
    url = f"https://sqs.us-east-1.amazonaws.com/{CLEAN}/rootwarden-undelivered"
    aws.client("sqs", account=CLEAN).send_message(QueueUrl=url, MessageBody=letter)
    sweeping.by_hand("observe")
    sweeping.by_hand("enforce")
    for name in ("list_accounts", "collect_undelivered", "audit_accounts", "write_report"):
        [role] = [
            function["Role"]
            for function in aws.client("lambda", account=HUB).list_functions()["Functions"]
            if function["Handler"] == f"lambdas.{name}.handler"
        ]
        granted = {
            action
            for statement in statements_of(role)
            for action in (
                [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            )
            if not action.startswith(("logs:", "kms:"))
        }
        calls = [call for call in aws.calls if call.principal.role_arn == role]
        assert {action for call in calls for action in call.actions} == granted, name
        # An account may refuse the session, and AWS tells a member no other account's Regions.
        may_fail = {"AssumeRoot", "ListRegions"}
        refused = [call for call in calls if call.error_code and call.operation not in may_fail]
        assert refused == [], name
