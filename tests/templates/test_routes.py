"""As what routes send, and whom that takes."""

import re
from typing import Any

import pytest

from tests.docs.page import Page
from tests.templates.synthesized import HUB, Deployment, synthesized

pytestmark = pytest.mark.long

_OTHER = "444455556666"
_ROUTES: list[dict[str, Any]] = [
    {"name": "Own", "to": {"queue": f"arn:aws:sqs:us-east-1:{HUB}:siem"}},
    {"name": "Theirs", "to": {"queue": f"arn:aws:sqs:us-east-1:{_OTHER}:siem"}},
    {"name": "Bus", "to": {"bus": f"arn:aws:events:us-east-1:{_OTHER}:event-bus/siem"}},
]
# Services that act for resources of any account.
_ON_BEHALF = {f"{service}.amazonaws.com" for service in ("events", "scheduler", "ssm", "states")}


@pytest.fixture(scope="module")
def routed() -> Deployment:
    return synthesized(routes=_ROUTES)


def test_only_a_queue_of_another_account_is_sent_to_as_a_role(routed: Deployment) -> None:
    """EventBridge asks for one there, and takes none for queues of the bus's own account."""
    targets = {
        target["Arn"]: target.get("RoleArn")
        for rule in routed.hub.properties("AWS::Events::Rule")
        for target in rule["Targets"]
        if ":siem" in str(target["Arn"])
    }
    own, theirs = (f"arn:aws:sqs:us-east-1:{account}:siem" for account in (HUB, _OTHER))
    assert targets[own] is None
    role = targets[theirs]["Fn::GetAtt"][0]
    [allowed] = routed.hub.statements(role)
    assert (allowed["Action"], allowed["Resource"]) == ("sqs:SendMessage", theirs)


def test_the_alarm_of_a_route_says_what_its_entry_says(routed: Deployment) -> None:
    """Nothing sends again what a target did not get."""
    said = {
        alarm["AlarmDescription"].partition(" is in ALARM because ")[2].partition(". Runbook: ")[0]
        for alarm in routed.hub.properties("AWS::CloudWatch::Alarm")
        if "/Routes/" in alarm["AlarmName"]
    }
    quote = " ".join(re.findall(r"^> (.+)$", Page("docs/runbook.md").section("Routes"), re.MULTILINE))
    assert said == {f"{quote[0].lower()}{quote[1:].removesuffix('.')}"}
    assert "send them back" not in quote


def test_a_role_is_taken_on_behalf_of_its_own_account_only(routed: Deployment) -> None:
    trusts = [
        statement
        for template in routed
        for role in template.properties("AWS::IAM::Role")
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"].get("Service") in _ON_BEHALF
    ]
    assert {trust["Principal"]["Service"] for trust in trusts} >= _ON_BEHALF - {"states.amazonaws.com"}
    for trust in trusts:
        assert "aws:SourceAccount" in trust["Condition"]["StringEquals"], trust
