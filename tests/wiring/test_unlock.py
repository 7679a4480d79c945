"""Locked buckets and queues of a member account, asked about as operators ask the hub."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.scenarios import asking
from tests.accounts import HUB, MEMBER
from tests.wiring.locked import LOCKING, clear, locked_bucket, locked_queue

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(aws: LocalAws) -> Iterator[Ask]:
    """Ask a function, let everything that follows happen; the account has nothing left afterwards."""

    def answer(function: str, **request: object) -> dict[str, Any]:
        told = {"account": MEMBER, "action": "show", "reason": "locked out", "requestedBy": "anna", **request}
        answer = asking.ask(aws, function, **told)
        aws.run_until_idle()
        return answer

    yield answer
    clear()


def test_a_locked_bucket_is_opened_again(aws: LocalAws, ask: Ask) -> None:
    s3 = locked_bucket(aws)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_bucket_policy(Bucket="ledger")

    answer = ask("unlock_bucket", bucket="ledger", action="delete")

    assert (answer["result"], answer["resource"]["region"]) == ("deleted", "eu-west-1")
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="ledger")
    kept = aws.client("s3", account=HUB).get_object(
        Bucket=answer["evidence"]["bucket"], Key=answer["evidence"]["key"]
    )
    assert json.loads(kept["Body"].read())["policy"] == LOCKING
    [outcome] = aws.outcomes
    assert outcome["detail-type"] == "Resource Policy Unlock"
    assert outcome["detail"]["statements"] == answer["statements"]
    assert "bucket policy deleted" in str({message.channel: message for message in aws.messages}["email"])


def test_what_could_not_be_restored_is_said_after_what_was_deleted(aws: LocalAws, ask: Ask) -> None:
    locked_queue(aws)
    deleted = ask("unlock_queue", queue="orders", action="delete")
    aws.extensions.faults.fail("SetQueueAttributes", "InvalidAttributeValue")
    failed = ask(
        "unlock_queue", queue="orders", action="restore", evidence=deleted["evidence"]["key"], lockAgain=True
    )

    assert failed["reason"]["code"] == "InvalidAttributeValue"
    assert [outcome["detail"]["result"] for outcome in aws.outcomes] == ["deleted", "failed"]


@pytest.mark.long
def test_a_change_that_could_not_be_announced_is_announced_within_minutes(aws: LocalAws, ask: Ask) -> None:
    s3 = locked_bucket(aws)
    aws.extensions.faults.fail("PutEvents", "AccessDeniedException", http=403, times=None)
    assert ask("unlock_bucket", bucket="ledger", action="delete")["reason"]["code"] == "NotAnnounced"
    aws.extensions.faults.clear()
    aws.clock.advance(300)

    for _ in range(2):
        aws.fire_schedules()
        aws.run_until_idle()

    [outcome] = [each for each in aws.outcomes if each["detail-type"] == "Resource Policy Unlock"]
    assert (outcome["detail"]["result"], outcome["detail"]["requestedBy"]) == ("deleted", "anna")
    assert outcome["detail"]["reason"]["code"] == "NotAnnounced"
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="ledger")
