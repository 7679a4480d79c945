"""A call as a service gets it, and clients that make some, for tests of the embedded AWS."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from embedded_aws.calls import Call, Principal
from embedded_aws.extensions import Extensions
from embedded_aws.sts.root_sessions import Credentials
from tests.embedded_aws.templates import MANAGEMENT, MEMBER
from tests.stage import START

# One session for all tests: it reads the services' models only once.
_SESSION: Any = boto3.Session()
ADMINISTRATOR = Principal(
    kind="administrator",
    account=MANAGEMENT,
    arn=f"arn:aws:sts::{MANAGEMENT}:assumed-role/Admin/jo",
    role_arn=f"arn:aws:iam::{MANAGEMENT}:role/Admin",
    access_key_id="ASIACALLEREXAMPLE",
)


def call(
    service: str = "iam", operation: str = "GetUser", principal: Principal = ADMINISTRATOR, **changes: Any
) -> Call:
    described: dict[str, Any] = {
        "time": START,
        "account": principal.account,
        "region": "eu-west-1",
        "partition": "aws",
        "parameters": {},
    }
    return Call(service=service, operation=operation, principal=principal, **described | changes)


def client(
    service: str, credentials: Credentials | Mapping[str, str], region: str = "us-east-1", **more: Any
) -> Any:
    """Return a client that acts with credentials, or with keys that a session's answer gave."""
    keys = credentials.for_boto3() if isinstance(credentials, Credentials) else credentials
    config = Config(retries={"total_max_attempts": 1})
    return _SESSION.client(service, region_name=region, config=config, **keys, **more)


def session_keys(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys of a session that STS gave."""
    return {
        "aws_access_key_id": answer["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": answer["Credentials"]["SecretAccessKey"],
        "aws_session_token": answer["Credentials"]["SessionToken"],
    }


def assume_root(
    extensions: Extensions, target: str = MEMBER, task: str = "IAMAuditRootUserCredentials", **more: Any
) -> dict[str, str]:
    """Return the keys of a root session that an administrator of the management account opened."""
    policy = {"arn": f"arn:aws:iam::aws:policy/root-task/{task}"}
    sts = client("sts", extensions.administrator(MANAGEMENT))
    return session_keys(sts.assume_root(TargetPrincipal=target, TaskPolicyArn=policy, **more))
