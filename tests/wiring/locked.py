"""A bucket and a queue of a member account that lock everybody out but root."""

import json
from typing import Any

from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from local.aws import LocalAws
from tests.accounts import MEMBER

_STATEMENT = {"Sid": "Office", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
LOCKING = json.dumps({"Version": "2012-10-17", "Statement": [_STATEMENT]})
REGION = "eu-west-1"
_QUEUE = "orders"


def locked_bucket(aws: LocalAws, name: str = "ledger", region: str = REGION) -> Any:
    """Create a locked bucket; returns the S3 client of the account's administrator there."""
    s3 = aws.client("s3", account=MEMBER, region=region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_bucket_policy(Bucket=name, Policy=LOCKING)
    return s3


def locked_queue(aws: LocalAws, region: str = REGION) -> str:
    """Create a locked queue, orders; returns its URL."""
    sqs = aws.client("sqs", account=MEMBER, region=region)
    url: str = sqs.create_queue(QueueName=_QUEUE, Attributes={"Policy": LOCKING})["QueueUrl"]
    return url


def clear() -> None:
    """Delete the member account's buckets, and its queues of that name, as nobody in it could."""
    buckets = s3_backends[MEMBER]["aws"]
    for name in list(buckets.buckets):
        buckets.buckets[name].keys.clear()
        buckets.delete_bucket(name)
    for backend in sqs_backends[MEMBER].values():
        backend.queues.pop(_QUEUE, None)
