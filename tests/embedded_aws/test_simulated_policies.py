import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import HUB

AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
OTHER = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"
ROOT = "arn:aws:iam::444455556666:root"


def decisions(aws: EmbeddedAws, role: str, **more: Any) -> list[tuple[str, str]]:
    answer = aws.client("iam", account=HUB).simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["sts:AssumeRoot", "iam:DeleteUser"], ResourceArns=[ROOT], **more
    )
    return [(r["EvalActionName"], r["EvalDecision"]) for r in answer["EvaluationResults"]]


def context(task_policy: str) -> dict[str, Any]:
    entry = {
        "ContextKeyName": "sts:TaskPolicyArn",
        "ContextKeyValues": [task_policy],
        "ContextKeyType": "string",
    }
    return {"ContextEntries": [entry]}


def test_a_role_is_judged_by_its_policies(aws: EmbeddedAws) -> None:
    client = aws.client("lambda", account=HUB)
    [role] = [f["Role"] for f in client.list_functions()["Functions"] if ".harden_account." in f["Handler"]]
    expected = [("sts:AssumeRoot", "allowed"), ("iam:DeleteUser", "implicitDeny")]
    assert decisions(aws, role, **context(AUDIT)) == expected
    assert decisions(aws, role, **context(OTHER))[0] == ("sts:AssumeRoot", "implicitDeny")


def test_several_resources_are_one_result_an_action_with_a_decision_for_each(aws: EmbeddedAws) -> None:
    client = aws.client("iam", account=HUB)
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:mine"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = client.create_role(RoleName="one-queue", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client.put_role_policy(RoleName="one-queue", PolicyName="p", PolicyDocument=json.dumps(document))
    queues = [f"arn:aws:sqs:us-east-1:{HUB}:mine", f"arn:aws:sqs:us-east-1:{HUB}:yours"]
    [result] = client.simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["sqs:SendMessage"], ResourceArns=queues
    )["EvaluationResults"]
    assert {
        each["EvalResourceName"]: each["EvalResourceDecision"] for each in result["ResourceSpecificResults"]
    } == dict(zip(queues, ["allowed", "implicitDeny"], strict=True))


def test_an_administrator_may_do_everything(aws: EmbeddedAws) -> None:
    role = f"arn:aws:iam::{HUB}:role/OrganizationAccountAccessRole"
    assert {decision for _, decision in decisions(aws, role)} == {"allowed"}


def test_a_role_that_is_not_there_is_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        decisions(aws, f"arn:aws:iam::{HUB}:role/nobody")
