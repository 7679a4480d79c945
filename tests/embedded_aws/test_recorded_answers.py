"""Every answer recorded from AWS, asked of the embedded AWS."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded_aws.extensions import Extensions
from embedded_aws.organizations.organization import Account, Organization, RootCredentials
from embedded_aws.sts.root_sessions import Credentials
from tests.embedded_aws.calling import client, session_keys
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID
from tests.stage import START

ORGANIZATION = Organization(
    organization_id=ORGANIZATION_ID,
    management_account=Account(id=MANAGEMENT, name="management"),
    accounts=(Account(id=HUB, name="security"), Account(id=MEMBER, name="payments")),
)
RECORDED = json.loads(Path(__file__).with_name("recorded_answers.json").read_text("utf-8"))
EVERYTHING = RootCredentials(password=True, access_keys=1, signing_certificates=1, mfa_devices=1)


class Situation:
    """An organization whose hub is IAM's delegated administrator, and who asks in it."""

    def __init__(self, extensions: Extensions) -> None:
        self.extensions = extensions
        self.caller = extensions.administrator(MANAGEMENT)
        self.target = MEMBER
        self.client("organizations").register_delegated_administrator(
            AccountId=HUB, ServicePrincipal="iam.amazonaws.com"
        )

    def client(self, service: str, credentials: Credentials | None = None, **more: Any) -> Any:
        return client(service, credentials or self.caller, **more)

    def ask_from(self, account: str) -> None:
        self.caller = self.extensions.administrator(account)

    def assume_root(self, task: str = "IAMAuditRootUserCredentials", **changes: Any) -> Any:
        endpoint = changes.pop("endpoint_url", None)
        policy = {"arn": f"arn:aws:iam::aws:policy/root-task/{task}"}
        asked = {"TargetPrincipal": self.target, "TaskPolicyArn": policy, **changes}
        return self.client("sts", endpoint_url=endpoint).assume_root(**asked)

    def root(self, task: str) -> Any:
        return client("iam", session_keys(self.assume_root(task)))

    def audit(self, operation: str, credentials: RootCredentials | None = None) -> Any:
        self.give(credentials)
        return getattr(self.root("IAMAuditRootUserCredentials"), operation)()

    def create_password(self, credentials: RootCredentials | None = None) -> Any:
        self.give(credentials)
        return self.root("IAMCreateRootUserPassword").create_login_profile()

    def give(self, credentials: RootCredentials | None) -> None:
        if credentials:
            self.extensions.state.root_user(MEMBER).give(credentials, START)

    def without(self, feature: str) -> "Situation":
        setattr(self.extensions.state.features, feature, False)
        return self

    def feature(self, operation: str, account: str) -> Any:
        self.ask_from(account)
        return getattr(self.client("iam"), operation)()


def _as_a_role_without_permission(situation: Situation) -> Any:
    role = f"arn:aws:iam::{MANAGEMENT}:role/idle"
    situation.extensions.enforce(role, [])
    situation.caller = situation.extensions.credentials_for(role, "session")
    return situation.assume_root()


def _from_an_ordinary_member(situation: Situation) -> Any:
    situation.ask_from(MEMBER)
    return situation.assume_root()


def _for_the_management_account(situation: Situation) -> Any:
    situation.target = MANAGEMENT
    return situation.assume_root()


PASSWORD = RootCredentials(password=True)
USER_POLICY = {"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
ASKING: dict[str, Callable[[Situation], Any]] = {
    "AssumeRoot at the global endpoint": lambda s: s.assume_root(endpoint_url="https://sts.amazonaws.com"),
    "AssumeRoot for 901 seconds": lambda s: s.assume_root(DurationSeconds=901),
    "AssumeRoot with another policy than a task policy": lambda s: s.assume_root(TaskPolicyArn=USER_POLICY),
    "AssumeRoot for a user": lambda s: s.assume_root(TargetPrincipal=f"arn:aws:iam::{MEMBER}:user/someone"),
    "AssumeRoot with an empty task policy": lambda s: s.assume_root(TaskPolicyArn={}),
    "AssumeRoot without permission": _as_a_role_without_permission,
    "AssumeRoot from an ordinary member": _from_an_ordinary_member,
    "AssumeRoot for the management account": _for_the_management_account,
    "AssumeRoot to unlock a bucket with root sessions off": lambda s: s.without("root_sessions").assume_root(
        "S3UnlockBucketPolicy"
    ),
    "AssumeRoot to unlock a queue with root sessions off": lambda s: s.without("root_sessions").assume_root(
        "SQSUnlockQueuePolicy"
    ),
    "AssumeRoot to audit with root credentials management off": lambda s: s.without(
        "root_credentials_management"
    ).assume_root(),
    "AssumeRoot with trusted access removed": lambda s: s.without("trusted_access").assume_root(),
    "GetLoginProfile without a password": lambda s: s.audit("get_login_profile"),
    "CreateLoginProfile with a password there already": lambda s: s.create_password(PASSWORD),
    "GetLoginProfile with a password": lambda s: s.audit("get_login_profile", PASSWORD),
    "CreateLoginProfile without a password": lambda s: s.create_password(),
    "GetUser in a root session": lambda s: s.audit("get_user"),
    "ListAccessKeys without any": lambda s: s.audit("list_access_keys"),
    "ListSigningCertificates without any": lambda s: s.audit("list_signing_certificates"),
    "ListMFADevices without any": lambda s: s.audit("list_mfa_devices"),
    "GetAccountSummary without any root credentials": lambda s: s.audit("get_account_summary"),
    "GetAccountSummary with all root credentials": lambda s: s.audit("get_account_summary", EVERYTHING),
    "ListOrganizationsFeatures with trusted access removed": lambda s: s.without("trusted_access").feature(
        "list_organizations_features", MANAGEMENT
    ),
    "ListOrganizationsFeatures from an ordinary member": lambda s: s.feature(
        "list_organizations_features", MEMBER
    ),
    "EnableOrganizationsRootSessions from the delegated administrator": lambda s: s.feature(
        "enable_organizations_root_sessions", HUB
    ),
    "EnableOrganizationsRootCredentialsManagement from the delegated administrator": lambda s: s.feature(
        "enable_organizations_root_credentials_management", HUB
    ),
    "DisableOrganizationsRootSessions from the delegated administrator": lambda s: s.feature(
        "disable_organizations_root_sessions", HUB
    ),
    "DisableOrganizationsRootCredentialsManagement from the delegated administrator": lambda s: s.feature(
        "disable_organizations_root_credentials_management", HUB
    ),
    "DisableAWSServiceAccess with a delegated administrator": lambda s: s.client(
        "organizations"
    ).disable_aws_service_access(ServicePrincipal="iam.amazonaws.com"),
}


@pytest.fixture
def situation(extensions: Extensions) -> Situation:
    return Situation(extensions)


def _name(recorded: dict[str, Any]) -> str:
    return f"{recorded['operation']} {recorded['when']}"


def test_every_recorded_answer_is_asked_for() -> None:
    assert set(map(_name, RECORDED["answers"])) == set(ASKING)


@pytest.mark.parametrize("recorded", RECORDED["answers"], ids=_name)
def test_answers_as_recorded(situation: Situation, recorded: dict[str, Any]) -> None:
    try:
        answer = ASKING[_name(recorded)](situation)
    except ClientError as error:
        answer = error.response
    expected = json.loads(_filled_in(json.dumps(recorded), situation))

    if "output" in expected:
        del answer["ResponseMetadata"]
        found = json.loads(json.dumps(answer, default=_in_utc))
        if "SummaryMap" in found:
            flags = expected["output"]["SummaryMap"]
            found["SummaryMap"] = {name: found["SummaryMap"][name] for name in flags}
        assert found == expected["output"]
    else:
        found = {
            "code": answer["Error"]["Code"],
            "message": answer["Error"]["Message"],
            "http": answer["ResponseMetadata"]["HTTPStatusCode"],
            "reason": answer.get("Reason"),
        }
        expected = {key: expected[key] for key in found if key in expected}
        assert {key: found[key] for key in expected} == expected


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _filled_in(text: str, situation: Situation) -> str:
    principal = situation.caller.principal
    for name, value in (
        ("caller", principal.arn),
        ("target", situation.target),
        ("account", principal.account),
    ):
        text = text.replace(f"{{{name}}}", value)
    return text
