import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from embedded_aws.calls import Call, Principal
from embedded_aws.cloudtrail import CloudTrail, record_of
from tests.embedded_aws.calling import call
from tests.embedded_aws.templates import MANAGEMENT, MEMBER

if TYPE_CHECKING:
    from embedded_aws.events.shape import Event

NOW = datetime(2024, 10, 25, 20, 52, 11, tzinfo=UTC)
ROOT = Principal(
    kind="root_session",
    account=MEMBER,
    arn=f"arn:aws:iam::{MEMBER}:root",
    access_key_id="ASIAROOTEXAMPLE",
    session_started=NOW,
)


def test_assume_root_is_logged_in_the_region_that_was_called() -> None:
    policy = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
    asked = {"TargetPrincipal": MEMBER, "TaskPolicyArn": policy}
    issued = {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": datetime(2024, 10, 25, 21, 7, 11, tzinfo=UTC),
    }
    event = record_of(call("sts", "AssumeRoot", parameters=asked), {"Credentials": issued}, 1)
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
    event = record_of(call("iam", "CreateLoginProfile", ROOT), answer, 1)
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
    identity = record_of(call("iam", "ListUsers", key), None, 1)["detail"]["userIdentity"]
    assert (identity["type"], identity["accessKeyId"]) == ("Root", "AKIAEXAMPLE")
    assert "sessionContext" not in identity


def test_a_failed_call_says_why_and_gives_nothing_away() -> None:
    refused = call("sts", "AssumeRoot", error_code="AccessDenied", error_message="no")
    detail = record_of(refused, None, 1)["detail"]
    assert (detail["errorCode"], detail["errorMessage"]) == ("AccessDenied", "no")
    assert detail["responseElements"] is None


IAM, OTHER = {"ServicePrincipal": "iam.amazonaws.com"}, {"ServicePrincipal": "ram.amazonaws.com"}


@pytest.mark.parametrize(
    ("made", "is_noticed"),
    [
        (call("sts", "AssumeRoot"), True),
        (call("sts", "AssumeRole"), False),
        (call("iam", "GetAccountSummary", ROOT), True),
        (call("iam", "GetAccountSummary"), False),
        (call("iam", "DisableOrganizationsRootSessions"), True),
        (call("iam", "ListOrganizationsFeatures"), False),
        (call("organizations", "DisableAWSServiceAccess", parameters=IAM), True),
        (call("organizations", "DisableAWSServiceAccess", parameters=OTHER), False),
        (call("organizations", "RegisterDelegatedAdministrator", parameters=IAM), True),
        (call("organizations", "DescribeAccount"), False),
    ],
)
def test_notices_what_the_system_must_see(made: Call, is_noticed: bool) -> None:  # noqa: FBT001 # a column
    delivered: list[Event] = []
    CloudTrail(delivered.append, MANAGEMENT).record(made, None)
    assert bool(delivered) is is_noticed
