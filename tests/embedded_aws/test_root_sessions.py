from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from embedded_aws.clock import VirtualClock
from embedded_aws.extensions import Extensions, installed_extensions
from embedded_aws.organizations.organization import Account, Organization, RootCredentials
from embedded_aws.organizations.state import OrganizationState
from embedded_aws.sts.root_sessions import task_policy

# One session for all tests: it reads the services' models only once.
SESSION = boto3.Session()
MANAGEMENT, HUB, MEMBER, NEW = "111122223333", "222233334444", "444455556666", "666677778888"
REGION = "us-east-1"
ORGANIZATION = Organization(
    organization_id="o-aa111bb222",
    management_account=Account(id=MANAGEMENT, name="management"),
    accounts=(
        Account(id=HUB, name="security"),
        Account(id=MEMBER, name="payments", root=RootCredentials(access_keys=1, password=True)),
        Account(id=NEW, name="new", refuses_assume_root_for=300),
    ),
)


@pytest.fixture
def extensions() -> Iterator[Extensions]:
    with (
        mock_aws(),
        VirtualClock(datetime(2026, 11, 1, tzinfo=UTC)) as clock,
        installed_extensions(OrganizationState(ORGANIZATION, clock)) as extensions,
    ):
        yield extensions


def _client(service: str, **keys: str) -> Any:
    return SESSION.client(service, region_name=REGION, **keys)  # type: ignore[call-overload] # service by name


def _assume_root(
    extensions: Extensions, target: str = MEMBER, task: str = "IAMAuditRootUserCredentials", **more: Any
) -> dict[str, str]:
    arn = f"arn:aws:iam::aws:policy/root-task/{task}"
    sts = _client("sts", **extensions.administrator(MANAGEMENT).for_boto3())
    answer = sts.assume_root(TargetPrincipal=target, TaskPolicyArn={"arn": arn}, **more)
    return {
        "aws_access_key_id": answer["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": answer["Credentials"]["SecretAccessKey"],
        "aws_session_token": answer["Credentials"]["SessionToken"],
    }


@pytest.mark.parametrize("target", [MEMBER, f"arn:aws:iam::{MEMBER}:root"])
def test_a_root_session_is_the_member_accounts_root(extensions: Extensions, target: str) -> None:
    identity = _client("sts", **_assume_root(extensions, target)).get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (MEMBER, f"arn:aws:iam::{MEMBER}:root")


def test_a_session_does_its_task_and_nothing_else(extensions: Extensions) -> None:
    iam = _client("iam", **_assume_root(extensions, task="IAMDeleteRootUserCredentials"))
    iam.delete_login_profile()
    for refused in (
        iam.get_account_summary,
        lambda: iam.list_access_keys(UserName="bob"),
        lambda: iam.delete_virtual_mfa_device(SerialNumber=f"arn:aws:iam::{MEMBER}:mfa/x"),
        lambda: iam.update_access_key(AccessKeyId="AKIA" + "A" * 16, Status="Inactive"),
    ):
        with pytest.raises(ClientError, match="explicit deny in a session policy"):
            refused()


def test_a_session_ends(extensions: Extensions) -> None:
    iam = _client("iam", **_assume_root(extensions, DurationSeconds=60))
    extensions.state.clock.advance(59)
    iam.get_account_summary()
    extensions.state.clock.advance(1)
    with pytest.raises(ClientError) as refused:
        iam.get_account_summary()
    assert refused.value.response["Error"]["Code"] == "ExpiredToken"


def test_a_key_without_its_session_token_is_worth_nothing(extensions: Extensions) -> None:
    keys = {**_assume_root(extensions), "aws_session_token": "another"}
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        _client("iam", **keys).get_account_summary()


def test_root_cannot_assume_root(extensions: Extensions) -> None:
    key = extensions.state.root_user(MEMBER).access_keys[0].id
    sts = _client("sts", aws_access_key_id=key, aws_secret_access_key=key)
    arn = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn={"arn": arn})


def test_a_root_access_key_serves_until_it_is_deleted(extensions: Extensions) -> None:
    key = extensions.state.root_user(MEMBER).access_keys[0].id
    owner = _client("iam", aws_access_key_id=key, aws_secret_access_key=key)
    assert owner.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    used = owner.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "iam"
    remover = _client("iam", **_assume_root(extensions, task="IAMDeleteRootUserCredentials"))
    remover.delete_access_key(AccessKeyId=key)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        owner.get_account_summary()


def test_a_new_account_refuses_for_a_while(extensions: Extensions) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        _assume_root(extensions, NEW)
    extensions.state.clock.advance(300)
    _assume_root(extensions, NEW)


@pytest.mark.parametrize("state", ["PENDING_ACTIVATION", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"])
def test_only_active_accounts_take_sessions(extensions: Extensions, state: str) -> None:
    extensions.state.set_state(MEMBER, state)
    with pytest.raises(ClientError, match="AccessDenied"):
        _assume_root(extensions)


def test_a_queue_is_unlocked_where_it_is(extensions: Extensions) -> None:
    owner = _client("sqs", **extensions.administrator(MEMBER).for_boto3())
    url = owner.create_queue(QueueName="locked", Attributes={"Policy": "{}"})["QueueUrl"]
    root = _client("sqs", **_assume_root(extensions, task="SQSUnlockQueuePolicy"))
    root.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    with pytest.raises(ClientError, match="AccessDenied"):
        root.delete_queue(QueueUrl=url)


def test_a_bucket_is_unlocked_where_it_is(extensions: Extensions) -> None:
    owner = _client("s3", **extensions.administrator(MEMBER).for_boto3())
    owner.create_bucket(Bucket="locked")
    owner.put_bucket_policy(Bucket="locked", Policy='{"Version": "2012-10-17", "Statement": []}')
    root = _client("s3", **_assume_root(extensions, task="S3UnlockBucketPolicy"))
    assert [bucket["Name"] for bucket in root.list_buckets()["Buckets"]] == ["locked"]
    root.delete_bucket_policy(Bucket="locked")
    with pytest.raises(ClientError, match="AccessDenied"):
        root.get_bucket_location(Bucket="locked")


def test_task_policies_are_those_of_their_partition() -> None:
    for name in ("IAMAuditRootUserCredentials", "SQSUnlockQueuePolicy"):
        statements = task_policy(f"arn:aws-us-gov:iam::aws:policy/root-task/{name}")
        assert "arn:aws-us-gov:" in str(statements)
        assert "arn:aws:" not in str(statements)
    assert task_policy("arn:aws:iam::aws:policy/root-task/Unknown") is None
    assert task_policy("arn:aws:iam::aws:policy/AdministratorAccess") is None
