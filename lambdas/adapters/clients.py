"""boto3 clients: created at first use, kept for the life of the function, with one retry policy.

Standard retries cover throttling and AWS's passing failures; the time limits keep one hanging call
from eating a function's time.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=20)
# For callers that try again themselves.
ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


@cache
def sts() -> "STSClient":
    """Return the STS client of the function's Region.

    The regional endpoint is botocore's default; the global one does not know AssumeRoot.
    """
    return boto3.client("sts", config=CONFIG)


@cache
def organizations() -> "OrganizationsClient":
    """Return the Organizations client."""
    return boto3.client("organizations", config=CONFIG)


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client."""
    return boto3.client("dynamodb", config=CONFIG)


@cache
def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    return boto3.client("events", config=CONFIG)


@cache
def events_in(region: str) -> "EventBridgeClient":
    """Return a Region's EventBridge client."""
    return boto3.client("events", region_name=region, config=CONFIG)


@cache
def s3() -> "S3Client":
    """Return the S3 client."""
    return boto3.client("s3", config=CONFIG)


@cache
def sqs() -> "SQSClient":
    """Return the SQS client."""
    return boto3.client("sqs", config=CONFIG)


@cache
def sns() -> "SNSClient":
    """Return the SNS client."""
    return boto3.client("sns", config=CONFIG)


@cache
def secretsmanager() -> "SecretsManagerClient":
    """Return the Secrets Manager client."""
    return boto3.client("secretsmanager", config=CONFIG)


@cache
def ssm() -> Any:
    """Return the Systems Manager client."""
    return boto3.client("ssm", config=CONFIG)


@cache
def own_iam() -> "IAMClient":
    """Return the IAM client of the function's own role."""
    return boto3.client("iam", config=CONFIG)


def iam(access_key_id: str, secret_access_key: str, session_token: str) -> "IAMClient":
    """Return an IAM client that signs with a root session's credentials."""
    return boto3.client(
        "iam",
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        config=CONFIG,
    )


def s3_as(access_key_id: str, secret_access_key: str, session_token: str, region: str) -> "S3Client":
    """Return a Region's S3 client that signs with a root session's credentials."""
    return boto3.client(
        "s3",
        region_name=region,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        config=CONFIG,
    )


def sqs_as(access_key_id: str, secret_access_key: str, session_token: str, region: str) -> "SQSClient":
    """Return a Region's SQS client that signs with a root session's credentials."""
    return boto3.client(
        "sqs",
        region_name=region,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
        config=CONFIG,
    )


def queue_regions(partition: str) -> list[str]:
    """Return every Region of a partition that has SQS, whether or not an account takes part in it."""
    return boto3.Session().get_available_regions("sqs", partition_name=partition)
