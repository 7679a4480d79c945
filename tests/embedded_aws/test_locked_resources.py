"""Buckets and queues keep out whom their policies deny, stay in their Regions, and never keep out root."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.extensions import Extensions
from tests.embedded_aws.calling import assume_root, client
from tests.embedded_aws.templates import MANAGEMENT, MEMBER

_OTHER = "666677778888"


def _deny(**elements: Any) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", **elements}
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


def _administrator(
    extensions: Extensions, service: str, account: str = MEMBER, region: str = "eu-west-1"
) -> Any:
    return client(service, extensions.administrator(account), region)


def _root(extensions: Extensions, service: str, task: str, region: str = "eu-west-1") -> Any:
    return client(service, assume_root(extensions, task=task), region)


def _bucket(extensions: Extensions, name: str = "ledger", region: str = "eu-west-1") -> Any:
    owner = _administrator(extensions, "s3", region=region)
    owner.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    return owner


def test_a_locked_bucket_refuses_its_account_and_not_a_root_session(extensions: Extensions) -> None:
    owner = _bucket(extensions)
    owner.put_bucket_policy(Bucket="ledger", Policy=_deny())

    for refused in (owner.get_bucket_policy, owner.delete_bucket_policy, owner.list_objects_v2):
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            refused(Bucket="ledger")
    root = _root(extensions, "s3", "S3UnlockBucketPolicy")
    assert json.loads(root.get_bucket_policy(Bucket="ledger")["Policy"])["Statement"][0]["Effect"] == "Deny"
    root.delete_bucket_policy(Bucket="ledger")
    owner.list_objects_v2(Bucket="ledger")


def test_a_locked_queue_refuses_its_account_and_not_a_root_session(extensions: Extensions) -> None:
    owner = _administrator(extensions, "sqs")
    url = owner.create_queue(QueueName="orders", Attributes={"Policy": _deny(Action="SQS:*")})["QueueUrl"]

    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        owner.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    root = _root(extensions, "sqs", "SQSUnlockQueuePolicy")
    root.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Attributes" not in root.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    owner.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])


@pytest.mark.parametrize(
    ("elements", "is_refused"),
    [
        ({"Principal": None, "NotPrincipal": {"AWS": f"arn:aws:iam::{MEMBER}:root"}}, True),
        ({"Principal": {"AWS": MEMBER}}, True),
        ({"Principal": {"AWS": _OTHER}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
        ({"Condition": {"ArnNotEquals": {"aws:SourceArn": "arn:aws:s3:::x"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-aa111bb222"}}}, False),
        ({"Resource": "arn:aws:s3:::ledger/*"}, False),
    ],
)
def test_whom_a_policy_denies(extensions: Extensions, elements: dict[str, Any], is_refused: bool) -> None:  # noqa: FBT001 - a parameter of the table
    owner = _bucket(extensions)
    owner.put_bucket_policy(Bucket="ledger", Policy=_deny(**elements))

    if is_refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            owner.get_bucket_policy(Bucket="ledger")
    else:
        owner.get_bucket_policy(Bucket="ledger")


def test_somebody_elses_bucket_is_closed(extensions: Extensions) -> None:
    _bucket(extensions)

    with pytest.raises(ClientError, match="no resource-based policy allows"):
        _administrator(extensions, "s3", MANAGEMENT).get_bucket_policy(Bucket="ledger")


def test_buckets_are_listed_with_their_regions_page_by_page_when_asked_with_a_parameter(
    extensions: Extensions,
) -> None:
    for name, region in (("ledger-a", "eu-west-1"), ("ledger-b", "us-west-2"), ("other", "eu-west-1")):
        _bucket(extensions, name, region)
    root = _root(extensions, "s3", "S3UnlockBucketPolicy", region="us-east-1")

    assert [bucket.get("BucketRegion") for bucket in root.list_buckets()["Buckets"]] == [None] * 3
    pages = root.get_paginator("list_buckets").paginate(Prefix="ledger", PaginationConfig={"PageSize": 1})
    listed = [(b["Name"], b["BucketRegion"]) for page in pages for b in page["Buckets"]]
    assert listed == [("ledger-a", "eu-west-1"), ("ledger-b", "us-west-2")]


def test_a_bucket_is_to_be_asked_for_where_it_is(extensions: Extensions) -> None:
    _bucket(extensions)
    elsewhere = _administrator(extensions, "s3", region="us-west-2")
    said: list[Any] = []

    def note(response: Any, **_: object) -> None:
        said.append(response[1])

    elsewhere.meta.events.register_first("needs-retry.s3", note)

    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        elsewhere.get_bucket_policy(Bucket="ledger")

    redirect, answer = said
    assert redirect["Error"]["Code"] == "PermanentRedirect"
    assert redirect["ResponseMetadata"]["HTTPStatusCode"] == 301
    assert redirect["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "eu-west-1"
    assert answer["Error"]["Code"] == "NoSuchBucketPolicy"
    assert "HeadBucket" not in [call.operation for call in extensions.calls]
