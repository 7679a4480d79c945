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


def test_an_administrator_may_do_everything(aws: EmbeddedAws) -> None:
    role = f"arn:aws:iam::{HUB}:role/OrganizationAccountAccessRole"
    assert {decision for _, decision in decisions(aws, role)} == {"allowed"}


def test_a_role_that_is_not_there_is_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(ClientError, match="NoSuchEntity"):
        decisions(aws, f"arn:aws:iam::{HUB}:role/nobody")
