import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.environment import EmbeddedAws
from tests.embedded_aws.calling import client, session_keys
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER

Deploy = Callable[..., EmbeddedAws]
AUDIT = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
UNIT, ROOT = "ou-ab12-11111111", "r-ab12"
DENY_ROOT = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
}


def attach(aws: EmbeddedAws, target: str, statement: dict[str, Any], *, enabled: bool = True) -> None:
    organizations = aws.client("organizations", account=MANAGEMENT)
    if enabled:
        organizations.enable_policy_type(RootId=ROOT, PolicyType="SERVICE_CONTROL_POLICY")
    content = json.dumps({"Version": "2012-10-17", "Statement": statement})
    policy = organizations.create_policy(
        Content=content, Description="", Name="policy", Type="SERVICE_CONTROL_POLICY"
    )
    organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=target)


def summary(aws: EmbeddedAws, account: str) -> dict[str, Any]:
    sts = aws.client("sts", account=HUB)
    aws.client("organizations", account=MANAGEMENT).register_delegated_administrator(
        AccountId=HUB, ServicePrincipal="iam.amazonaws.com"
    )
    keys = session_keys(sts.assume_root(TargetPrincipal=account, TaskPolicyArn=AUDIT))
    return dict(client("iam", keys).get_account_summary()["SummaryMap"])


@pytest.mark.parametrize("target", [MEMBER, UNIT, ROOT])
def test_a_root_session_is_refused_what_a_policy_on_its_path_denies(deployed: Deploy, target: str) -> None:
    aws = deployed()
    attach(aws, target, DENY_ROOT)
    with pytest.raises(ClientError) as refused:
        summary(aws, MEMBER)
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"] == (
        f"User: arn:aws:iam::{MEMBER}:root is not authorized to perform: iam:GetAccountSummary on"
        f" resource: arn:aws:iam::{MEMBER}:root with an explicit deny in a service control policy"
    )


@pytest.mark.parametrize(
    ("target", "statement", "enabled"),
    [
        ("555566667777", DENY_ROOT, True),
        (MEMBER, DENY_ROOT, False),
        (MEMBER, {**DENY_ROOT, "Action": "s3:*"}, True),
        (MEMBER, {**DENY_ROOT, "Condition": {"Null": {"aws:AssumedRoot": "true"}}}, True),
    ],
    ids=["another account", "policies off", "other actions", "root sessions let through"],
)
def test_what_is_not_denied_goes_through(
    deployed: Deploy, target: str, statement: dict[str, Any], *, enabled: bool
) -> None:
    aws = deployed()
    attach(aws, target, statement, enabled=enabled)
    assert summary(aws, MEMBER)["AccountPasswordPresent"] == 1


def test_a_policy_that_is_not_understood_refuses(deployed: Deploy) -> None:
    aws = deployed()
    attach(aws, MEMBER, {**DENY_ROOT, "Condition": {"StringEquals": {"aws:Unheard": "x"}}})
    with pytest.raises(ClientError, match=r"aws:Unheard is unknown"):
        summary(aws, MEMBER)


def test_administrators_are_nobody_s_business_here(deployed: Deploy) -> None:
    aws = deployed()
    attach(aws, ROOT, {**DENY_ROOT, "Condition": {}})
    assert aws.client("sqs", account=MEMBER).list_queues()
