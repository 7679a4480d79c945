import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from embedded_aws.calls import Call, Principal
from embedded_aws.cloudtrail import CloudTrail, record_of

if TYPE_CHECKING:
    from embedded_aws.events.shape import Event

MANAGEMENT, MEMBER = "111122223333", "444455556666"
NOW = datetime(2024, 10, 25, 20, 52, 11, tzinfo=UTC)
ADMINISTRATOR = Principal(
    kind="administrator",
    account=MANAGEMENT,
    arn=f"arn:aws:sts::{MANAGEMENT}:assumed-role/Admin/jo",
    role_arn=f"arn:aws:iam::{MANAGEMENT}:role/Admin",
    access_key_id="ASIACALLEREXAMPLE",
)
ROOT = Principal(
    kind="root_session",
    account=MEMBER,
    arn=f"arn:aws:iam::{MEMBER}:root",
    access_key_id="ASIAROOTEXAMPLE",
    session_started=NOW,
)


def _call(service: str, operation: str, principal: Principal = ADMINISTRATOR, **more: Any) -> Call:
    described: dict[str, Any] = {
        "time": NOW,
        "account": principal.account,
        "region": "eu-west-1",
        "partition": "aws",
        "parameters": {},
    }
    return Call(service=service, operation=operation, principal=principal, **described | more)


def test_assume_root_is_logged_in_the_region_that_was_called() -> None:
    policy = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
    asked = {"TargetPrincipal": MEMBER, "TaskPolicyArn": policy}
    issued = {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": datetime(2024, 10, 25, 21, 7, 11, tzinfo=UTC),
    }
    event = record_of(_call("sts", "AssumeRoot", parameters=asked), {"Credentials": issued}, 1)
    detail = event["detail"]
    assert (event["source"], event["account"], event["region"]) == ("aws.sts", MANAGEMENT, "eu-west-1")
    assert detail["requestParameters"] == {"targetPrincipal": MEMBER, "taskPolicyArn": policy}
    assert detail["responseElements"] == {
        "credentials": {
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionToken": "token",
            "expiration": "Oct 25, 2024, 9:07:11 PM",
        }
    }
    assert detail["userIdentity"]["sessionContext"]["assumedRoot"] == "true"
    assert detail["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "Admin"
    assert detail["readOnly"] is True
    json.dumps(event)


def test_calls_inside_a_root_session_look_like_root() -> None:
    answer = {"LoginProfile": {"CreateDate": NOW, "PasswordResetRequired": False}}
    event = record_of(_call("iam", "CreateLoginProfile", ROOT), answer, 1)
    assert (event["account"], event["region"]) == (MEMBER, "us-east-1")
    assert event["detail"]["userIdentity"] == {
        "type": "Root",
        "principalId": MEMBER,
        "arn": f"arn:aws:iam::{MEMBER}:root",
        "accountId": MEMBER,
        "accessKeyId": "ASIAROOTEXAMPLE",
        "sessionContext": {
            "attributes": {"creationDate": "2024-10-25T20:52:11Z", "mfaAuthenticated": "false"},
            "assumedRoot": "true",
        },
    }
    assert event["detail"]["responseElements"] == {
        "loginProfile": {"createDate": "Oct 25, 2024 8:52:11 PM", "passwordResetRequired": False}
    }
    assert event["detail"]["readOnly"] is False


def test_a_root_access_key_has_no_session() -> None:
    key = Principal(kind="root_key", account=MEMBER, arn=ROOT.arn, access_key_id="AKIAEXAMPLE")
    identity = record_of(_call("iam", "ListUsers", key), None, 1)["detail"]["userIdentity"]
    assert (identity["type"], identity["accessKeyId"]) == ("Root", "AKIAEXAMPLE")
    assert "sessionContext" not in identity


def test_a_failed_call_says_why_and_gives_nothing_away() -> None:
    call = _call("sts", "AssumeRoot", error_code="AccessDenied", error_message="no")
    detail = record_of(call, None, 1)["detail"]
    assert (detail["errorCode"], detail["errorMessage"]) == ("AccessDenied", "no")
    assert detail["responseElements"] is None


IAM, OTHER = {"ServicePrincipal": "iam.amazonaws.com"}, {"ServicePrincipal": "ram.amazonaws.com"}


@pytest.mark.parametrize(
    ("call", "is_noticed"),
    [
        (_call("sts", "AssumeRoot"), True),
        (_call("sts", "AssumeRole"), False),
        (_call("iam", "GetAccountSummary", ROOT), True),
        (_call("iam", "GetAccountSummary"), False),
        (_call("iam", "DisableOrganizationsRootSessions"), True),
        (_call("iam", "ListOrganizationsFeatures"), False),
        (_call("organizations", "DisableAWSServiceAccess", parameters=IAM), True),
        (_call("organizations", "DisableAWSServiceAccess", parameters=OTHER), False),
        (_call("organizations", "RegisterDelegatedAdministrator", parameters=IAM), True),
        (_call("organizations", "DescribeAccount"), False),
    ],
)
def test_notices_what_the_system_must_see(call: Call, is_noticed: bool) -> None:  # noqa: FBT001 # a column
    delivered: list[Event] = []
    CloudTrail(delivered.append).record(call, None)
    assert bool(delivered) is is_noticed
