"""Policies of buckets and queues: changed when a second person approves, shown to whoever may ask."""

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from local.aws import LocalAws
from tests.wiring.approval.people import MEMBER, Person, answer_to, invoke

BUCKET, QUEUE = "payments-ledger", "payments-orders"


def lock(resource: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def bucket(aws: LocalAws) -> Iterator[str]:
    """A bucket whose policy locks everybody but root out."""
    client = aws.client("s3", account=MEMBER)
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_policy(Bucket=BUCKET, Policy=lock(f"arn:aws:s3:::{BUCKET}"))
    yield BUCKET
    s3_backends[MEMBER]["aws"].delete_bucket(BUCKET)


@pytest.fixture
def queue(aws: LocalAws) -> Iterator[str]:
    """A queue whose policy locks everybody but root out."""
    client = aws.client("sqs", account=MEMBER)
    policy = lock(f"arn:aws:sqs:us-east-1:{MEMBER}:{QUEUE}")
    yield str(client.create_queue(QueueName=QUEUE, Attributes={"Policy": policy})["QueueUrl"])
    sqs_backends[MEMBER]["us-east-1"].queues.pop(QUEUE)


def is_locked(bucket: str) -> bool:
    policy = s3_backends[MEMBER]["aws"].buckets[bucket].policy
    return bool(policy)


def test_a_policy_is_deleted_and_restored_when_approved(
    aws: LocalAws, bucket: str, jane: Person, omar: Person
) -> None:
    # When its deletion is approved
    deletion = jane.ask("unlock_bucket", bucket=bucket, action="delete")
    assert is_locked(bucket)
    omar.approve(deletion)

    # Then it is gone, and kept as evidence
    deleted = answer_to(aws, deletion)
    assert (deleted["result"], is_locked(bucket)) == ("deleted", False)
    [outcome] = [o["detail"] for o in aws.outcomes if o["detail-type"] == "Resource Policy Unlock"]
    assert (outcome["requestedBy"], outcome["approvedBy"]) == (jane.arn, [omar.arn])

    # When its return is approved, though it locks
    evidence = deleted["evidence"]["key"]
    restoring = {"bucket": bucket, "action": "restore", "evidence": evidence, "lockAgain": "true"}
    restoration = jane.ask("unlock_bucket", **restoring)
    omar.approve(restoration)

    # Then it is back
    assert (answer_to(aws, restoration)["result"], is_locked(bucket)) == ("restored", True)


def test_a_queues_policy_is_deleted_when_approved(
    aws: LocalAws, queue: str, jane: Person, omar: Person
) -> None:
    execution = jane.ask("unlock_queue", queue=queue, action="delete")
    omar.approve(execution)
    assert answer_to(aws, execution)["result"] == "deleted"


def test_nobody_approves_their_own_request(aws: LocalAws, bucket: str, omar: Person) -> None:
    execution = omar.ask("unlock_bucket", bucket=bucket, action="delete")
    omar.approve(execution)
    assert answer_to(aws, execution)["reason"]["code"] == "ApprovedByTheSamePerson"
    assert is_locked(bucket)


@pytest.mark.parametrize("action", ["delete", "put", "restore"])
def test_who_may_invoke_the_function_changes_nothing(aws: LocalAws, bucket: str, action: str) -> None:
    members = {"put": {"policy": lock("*")}, "restore": {"evidence": "unlocks/x"}}.get(action, {})
    answer = invoke(aws, "unlock_bucket", bucket=bucket, action=action, **members)
    assert (answer["result"], answer["reason"]["code"]) == ("refused", "ApprovalRequired")
    assert is_locked(bucket)


def test_looking_needs_no_approval(aws: LocalAws, bucket: str, queue: str) -> None:
    assert invoke(aws, "unlock_bucket", bucket=bucket, action="show")["result"] == "shown"
    assert invoke(aws, "unlock_queue", queue=queue, action="show")["result"] == "shown"


def test_a_new_policy_is_no_parameter(bucket: str, jane: Person) -> None:
    with pytest.raises(ClientError, match="InvalidAutomationExecutionParametersException"):
        jane.ask("unlock_bucket", bucket=bucket, action="put", policy=lock("*"))
