"""Queues of other accounts: whom their policies let in, and to do what."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.templates import (
    Stack,
    allow,
    att,
    event,
    queue,
    queue_policy,
    role,
    rule,
    write_assembly,
)
from tests.stage import START

OWNER, OTHER = "444455556666", "222233334444"
ROLE = f"arn:aws:iam::{OTHER}:role/fetcher"
ARN = f"arn:aws:sqs:us-east-1:{OWNER}:letters"
URL = f"https://sqs.us-east-1.amazonaws.com/{OWNER}/letters"
_OF_ROLE = {"ArnEquals": {"aws:PrincipalArn": ROLE}}


def _statement(**more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
        "Resource": ARN,
        "Condition": _OF_ROLE,
        **more,
    }


@pytest.fixture
def fetcher(organization: Any, tmp_path: Any) -> Any:
    """Return a client of a role that may take letters out of any queue of that name."""
    allowed = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], "arn:aws:sqs:*:*:letters")
    fetching = role("lambda.amazonaws.com", allowed)
    fetching["Properties"]["RoleName"] = "fetcher"
    stacks = [
        Stack(name="Owner", account=OWNER, resources={"Letters": queue(QueueName="letters")}),
        Stack(name="Other", account=OTHER, resources={"Fetcher": fetching}),
    ]
    assembly = write_assembly(tmp_path / "cdk.out", *stacks)
    with EmbeddedAws(organization, assembly=assembly, start=START) as aws:
        aws.deploy()
        aws.client("sqs", account=OWNER).send_message(QueueUrl=URL, MessageBody="a letter")

        def sqs(*statements: dict[str, Any]) -> Any:
            policy = json.dumps({"Statement": list(statements)})
            aws.client("sqs", account=OWNER).set_queue_attributes(QueueUrl=URL, Attributes={"Policy": policy})
            return aws.client_of_role("sqs", ROLE)

        yield sqs


def test_a_queue_gives_its_letters_to_whom_its_policy_lets_in(fetcher: Any) -> None:
    sqs = fetcher(_statement())
    [letter] = sqs.receive_message(QueueUrl=URL)["Messages"]
    sqs.delete_message(QueueUrl=URL, ReceiptHandle=letter["ReceiptHandle"])
    assert letter["Body"] == "a letter"
    assert "Messages" not in sqs.receive_message(QueueUrl=URL)


def test_a_queue_keeps_its_letters_from_everyone_else(fetcher: Any) -> None:
    for refusing in (
        [],
        [_statement(Condition={"ArnEquals": {"aws:PrincipalArn": f"{ROLE}s"}})],
        [_statement(Principal={"AWS": "arn:aws:iam::999999999999:root"})],
        [_statement(Action="sqs:GetQueueAttributes")],
        [_statement(), _statement(Effect="Deny")],
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            fetcher(*refusing).receive_message(QueueUrl=URL)


def test_a_queue_that_is_not_there_is_not_the_callers_own_of_that_name(fetcher: Any) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        fetcher(_statement()).receive_message(QueueUrl=URL.replace(OWNER, "111122223333"))


_SENDING = allow("sqs:SendMessage", ARN)


@pytest.mark.parametrize(
    ("sender", "admits", "code"),
    [
        (role("events.amazonaws.com", _SENDING), {"AWS": f"arn:aws:iam::{OTHER}:root"}, None),
        (role("events.amazonaws.com"), {"AWS": f"arn:aws:iam::{OTHER}:root"}, "NO_PERMISSIONS"),
        (role("events.amazonaws.com", _SENDING), {"Service": "events.amazonaws.com"}, "NO_PERMISSIONS"),
        (None, {"Service": "events.amazonaws.com"}, "NO_PERMISSIONS"),
    ],
)
def test_a_rule_sends_to_it_as_a_role_which_it_must_admit(
    deployed: Any, sender: dict[str, Any] | None, admits: dict[str, str], code: str | None
) -> None:
    statement = _statement(Action="sqs:SendMessage", Principal=admits, Condition={})
    policy = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": [{"Ref": "Letters"}], "PolicyDocument": {"Statement": [statement]}},
    }
    target = {"Arn": ARN, "DeadLetterConfig": {"Arn": att("Dead")}}
    resources = {"Dead": queue(), "DeadPolicy": queue_policy("Dead"), "Rule": rule(target)}
    if sender:
        resources |= {"Role": sender, "Rule": rule({**target, "RoleArn": att("Role")})}
    owned = {"Letters": queue(QueueName="letters"), "Policy": policy}
    aws = deployed(
        Stack(name="Owner", account=OWNER, resources=owned), Stack(account=OTHER, resources=resources)
    )

    aws.deliver(event(account=OTHER))

    letters = aws.client("sqs", account=OWNER).receive_message(QueueUrl=URL).get("Messages", [])
    assert [letter.reason.partition(":")[0] for letter in aws.dead_letters] == ([code] if code else [])
    assert len(letters) == (0 if code else 1)
