"""A bucket and a queue whose policies lock everybody out, and a bucket that is in order."""

import json
from collections.abc import Mapping
from typing import Any

from local.aws import LocalAws

LOCKED_REGION = "eu-central-1"
LOCKED_BUCKET, LOCKED_QUEUE, OPEN_BUCKET = "media-archive-masters", "transcoding", "media-archive-thumbnails"


def lock(aws: LocalAws, account: str) -> None:
    """Create them in an account; who makes the mistake can no longer put it right."""
    here = aws.client("s3", account=account)
    here.create_bucket(Bucket=OPEN_BUCKET)
    here.put_bucket_policy(Bucket=OPEN_BUCKET, Policy=policy_of(_readers(account, OPEN_BUCKET)))
    there = aws.client("s3", account=account, region=LOCKED_REGION)
    place = {"LocationConstraint": LOCKED_REGION}
    there.create_bucket(Bucket=LOCKED_BUCKET, CreateBucketConfiguration=place)
    masters = f"arn:aws:s3:::{LOCKED_BUCKET}"
    policy = policy_of(_readers(account, LOCKED_BUCKET), _locking("s3:*", masters, f"{masters}/*"))
    there.put_bucket_policy(Bucket=LOCKED_BUCKET, Policy=policy)
    queue = f"arn:aws:sqs:{LOCKED_REGION}:{account}:{LOCKED_QUEUE}"
    aws.client("sqs", account=account, region=LOCKED_REGION).create_queue(
        QueueName=LOCKED_QUEUE, Attributes={"Policy": policy_of(_locking("sqs:*", queue))}
    )


def policy_of(*statements: Mapping[str, Any]) -> str:
    """Return a policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _readers(account: str, bucket: str) -> dict[str, Any]:
    return {
        "Sid": "PlayersRead",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def _locking(actions: str, *resources: str) -> dict[str, Any]:
    """Return the statement that was meant for everyone else, and forgot to say who that is."""
    return {
        "Sid": "OnlyTheArchivist",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": list(resources),
    }
