"""IAM's simulator answers one result an action, and in it one for each resource."""

import boto3
import pytest
from botocore.stub import Stubber

from rootctl.checks.access import SimulatedPermissions

ROLE = "arn:aws:iam::222233334444:role/Admin"
QUEUES = ["arn:aws:sqs:us-east-1:222233334444:a", "arn:aws:sqs:us-east-1:222233334444:b"]


@pytest.mark.parametrize(
    ("together", "each", "denied"),
    [
        ("allowed", ("allowed", "allowed"), []),
        ("allowed", ("allowed", "implicitDeny"), ["sqs:SendMessage"]),
        ("explicitDeny", ("allowed", "allowed"), ["sqs:SendMessage"]),
        ("implicitDeny", (), ["sqs:SendMessage"]),
        ("allowed", (), []),
    ],
)
def test_an_action_is_allowed_only_on_every_resource(
    together: str, each: tuple[str, ...], denied: list[str]
) -> None:
    client = boto3.client("iam")
    result = {
        "EvalActionName": "sqs:SendMessage",
        "EvalResourceName": "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}",
        "EvalDecision": together,
        "ResourceSpecificResults": [
            {"EvalResourceName": queue, "EvalResourceDecision": decision}
            for queue, decision in zip(QUEUES, each, strict=False)
        ],
    }
    with Stubber(client) as stub:
        stub.add_response("simulate_principal_policy", {"EvaluationResults": [result], "IsTruncated": False})
        found = SimulatedPermissions(client, ROLE).denied(["sqs:SendMessage"], QUEUES)
    assert found == denied
