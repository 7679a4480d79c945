"""Service control policies, judged for the root sessions of one account."""

import json
from typing import Any

import pytest

from rootwarden.aws.service_control_policies import read_policy
from rootwarden.policies.service_control_policies import (
    BlockVerdict,
    Level,
    MemberRootCalls,
    Policy,
    PolicyFinding,
    SessionOpener,
    Task,
)
from rootwarden.root_credentials import CredentialKind
from tests.unit.given import MEMBER, ORGANIZATION_ID, UNIT

ROOT = "r-ab12"
SESSIONS = MemberRootCalls(MEMBER, ORGANIZATION_ID, "aws")
IN_SESSIONS = set(Task) - {Task.OPEN_SESSIONS}
IAM_TASKS = {Task.AUDIT, Task.DELETE, Task.PASSWORD_RECOVERY}
ANY_ROOT = {"aws:PrincipalArn": "arn:aws:iam::*:root"}
FULL_ACCESS = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: Any, name: str = "policy") -> Policy:
    return read_policy(f"p-{name}", name, json.dumps({"Version": "2012-10-17", "Statement": statements}))


def deny(condition: Any = None, **elements: Any) -> dict[str, Any]:
    """A statement that denies everything on the condition, unless told otherwise."""
    statement = {"Sid": "Denied", "Effect": "Deny", "Resource": "*", **elements}
    if "NotAction" not in elements:
        statement.setdefault("Action", "*")
    if "NotResource" in elements:
        del statement["Resource"]
    return statement | ({"Condition": condition} if condition else {})


def judge(*statements: Any, sessions: MemberRootCalls = SESSIONS) -> list[PolicyFinding]:
    """Judge one policy on an organizational unit where everything else is allowed."""
    full = policy(FULL_ACCESS, name="FullAWSAccess")
    unit = Level(UNIT, (full, policy(*statements)))
    return list(sessions.judge([Level(ROOT, (full,)), unit, Level(MEMBER, (full,))]))


def tasks(found: list[PolicyFinding], verdict: BlockVerdict) -> set[Task]:
    return {task for finding in found if finding.verdict is verdict for task in finding.tasks}


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"ArnLike": ANY_ROOT},
        {"ArnEquals": {"AWS:principalARN": ["arn:aws:iam::*:root", "arn:aws:iam::*:user/x"]}},
        {"StringLike": ANY_ROOT},
        {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{MEMBER}:root"}},
        {"ArnLikeIfExists": ANY_ROOT},
        {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}},
        {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/AWSControlTowerExecution"]}},
        {"ArnLike": ANY_ROOT, "Null": {"aws:AssumedRoot": "false"}},
        {"ArnLike": ANY_ROOT, "Bool": {"aws:AssumedRoot": True}},
        {"StringNotEquals": {"aws:PrincipalTag/team": "security"}},
        {"Null": {"aws:PrincipalTag/team": "true"}},
        {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-foreign000"}},
        {"StringNotEquals": {"aws:ResourceAccount": ["${aws:PrincipalOrgID}"]}},
        {"ForAnyValue:StringLike": ANY_ROOT},
    ],
)
def test_a_deny_that_root_sessions_meet_blocks_every_task(condition: Any) -> None:
    [finding] = judge(deny(condition))

    assert finding.verdict is BlockVerdict.BLOCKS
    assert set(finding.tasks) == IN_SESSIONS
    assert finding.statement
    assert finding.statement.label == "Denied"
    assert finding.attached_to == (UNIT,)


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": ANY_ROOT, "Null": {"aws:AssumedRoot": "true"}},
        {"ArnLike": ANY_ROOT, "Null": {"aws:assumedroot": True}},
        {"ArnLike": ANY_ROOT, "Bool": {"aws:AssumedRoot": "false"}},
        {"ArnLike": ANY_ROOT, "BoolIfExists": {"aws:AssumedRoot": "false"}},
        {"ArnLike": ANY_ROOT, "StringNotEquals": {"aws:AssumedRoot": "true"}},
        {"ArnLike": ANY_ROOT, "StringNotEqualsIfExists": {"aws:AssumedRoot": "true"}},
        # Nothing but wildcards that StringEquals takes literally.
        {"StringEquals": ANY_ROOT},
        {"StringNotLike": ANY_ROOT},
        {"ArnNotEquals": ANY_ROOT},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999999999999:root"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws-us-gov:iam::*:root"}},
        {"StringEquals": {"aws:PrincipalTag/team": "security"}},
        {"StringNotEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
        {"Bool": {"aws:ViaAWSService": "true"}},
        # One condition that fails is enough, whatever the others say.
        {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringNotLike": ANY_ROOT},
    ],
)
def test_a_deny_that_root_sessions_never_meet_is_harmless(condition: Any) -> None:
    assert judge(deny(condition)) == []


@pytest.mark.parametrize(
    ("condition", "depends_on"),
    [
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, {"aws:SourceIp"}),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, {"aws:MultiFactorAuthPresent"}),
        ({"Null": {"aws:SourceVpc": "true"}, "ArnLike": ANY_ROOT}, {"aws:SourceVpc"}),
        ({"ArnLike": {"aws:PrincipalArn": "*root"}}, {"aws:PrincipalArn"}),
        ({"StringSomething": ANY_ROOT}, {"aws:PrincipalArn"}),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:SourceVpc}:root"}}, {"aws:PrincipalArn"}),
        (
            {"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "vpce-1"}},
            {"aws:SourceVpc", "aws:SourceVpce"},
        ),
    ],
)
def test_a_condition_nobody_can_judge_is_named(condition: Any, depends_on: set[str]) -> None:
    [finding] = judge(deny(condition))

    assert finding.verdict is BlockVerdict.MAY_BLOCK
    assert set(finding.depends_on) == depends_on


@pytest.mark.parametrize(
    ("elements", "blocked"),
    [
        ({"Action": "iam:GetAccountSummary"}, {Task.AUDIT}),
        ({"Action": ["IAM:delete*", "ec2:*"]}, {Task.DELETE}),
        ({"Action": "iam:CreateLoginProfile"}, {Task.PASSWORD_RECOVERY}),
        ({"Action": "s3:PutBucketPolicy"}, {Task.UNLOCK_BUCKET}),
        ({"Action": "sqs:*Attributes"}, {Task.UNLOCK_QUEUE}),
        ({"NotAction": ["iam:*", "s3:*"]}, {Task.UNLOCK_QUEUE}),
        ({"Action": "iam:CreateAccessKey"}, set()),
        ({"Action": "iam:GetAccount[S]ummary"}, set()),
        ({"Action": "iam:*", "Resource": "arn:aws:iam::*:root"}, IAM_TASKS - {Task.AUDIT}),
        # Only removal of that kind takes these; nothing here calls GetLoginProfile.
        ({"Action": "iam:ListAccessKeys"}, {Task.DELETE}),
        ({"Action": "iam:GetLoginProfile"}, set()),
        ({"Action": "iam:*", "Resource": "arn:aws:iam::*:user/*"}, set()),
        ({"Action": "s3:*", "NotResource": "arn:aws:s3:::*"}, {Task.UNLOCK_BUCKET}),
        ({"Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:*"}, {Task.UNLOCK_QUEUE}),
        ({"Action": "s3:*BucketPolicy", "NotResource": "arn:aws:s3:::*"}, set()),
    ],
)
def test_only_the_tasks_that_call_an_action_are_hit(elements: dict[str, Any], blocked: set[Task]) -> None:
    found = judge(deny(**elements))

    assert tasks(found, BlockVerdict.BLOCKS) == blocked
    assert tasks(found, BlockVerdict.MAY_BLOCK) == set()


@pytest.mark.parametrize(
    ("action", "kinds"),
    [
        ("iam:ListAccessKeys", {CredentialKind.ACCESS_KEY}),
        ("iam:GetAccessKeyLastUsed", {CredentialKind.ACCESS_KEY}),
        ("iam:ListMFADevices", {CredentialKind.MFA_DEVICE}),
        ("iam:ListSigningCertificates", {CredentialKind.SIGNING_CERTIFICATE}),
        ("iam:Delete*", set(CredentialKind) - {CredentialKind.MFA_DEVICE}),
    ],
)
def test_a_deny_of_a_listing_stops_removing_that_kind_alone(action: str, kinds: set[CredentialKind]) -> None:
    [finding] = judge(deny(Action=action))

    assert finding.tasks == (Task.DELETE,)
    assert set(finding.kinds) == kinds


PATH = (ROOT, UNIT)
UNIT_PATH = f"{ORGANIZATION_ID}/{ROOT}/{UNIT}/"


@pytest.mark.parametrize(
    ("operator", "value", "is_blocked"),
    [
        ("ForAnyValue:StringEquals", UNIT_PATH, True),
        ("ForAnyValue:StringLike", f"{ORGANIZATION_ID}/{ROOT}/*", True),
        ("ForAnyValue:StringLike", f"{ORGANIZATION_ID}/*/ou-ab12-99999999/*", False),
        ("ForAllValues:StringNotLike", f"{UNIT_PATH}*", False),
    ],
)
def test_the_path_of_the_account_itself_is_known(operator: str, value: str, *, is_blocked: bool) -> None:
    sessions = MemberRootCalls(MEMBER, ORGANIZATION_ID, "aws", PATH)
    found = judge(deny({operator: {"aws:PrincipalOrgPaths": value}}), sessions=sessions)

    assert [finding.verdict for finding in found] == [BlockVerdict.BLOCKS] * is_blocked


@pytest.mark.parametrize(
    ("elements", "verdict"),
    [
        ({"Action": "sts:AssumeRoot"}, BlockVerdict.BLOCKS),
        ({"Action": "sts:*", "Resource": "arn:aws:iam::*:root"}, BlockVerdict.BLOCKS),
        ({"NotAction": ["iam:*", "s3:*", "sqs:*"]}, BlockVerdict.BLOCKS),
        ({"condition": {"ArnLike": ANY_ROOT}}, None),
        ({"condition": {"Null": {"aws:AssumedRoot": "false"}}}, None),
        ({"Action": "iam:*"}, None),
        (
            {
                "Action": "sts:AssumeRoot",
                "condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/a*"}},
            },
            BlockVerdict.MAY_BLOCK,
        ),
    ],
)
def test_what_keeps_the_hub_from_opening_any_session(
    elements: dict[str, Any], verdict: BlockVerdict | None
) -> None:
    full = policy(FULL_ACCESS, name="FullAWSAccess")
    levels = [Level(ROOT, (full,)), Level(MEMBER, (full, policy(deny(**elements))))]
    found = list(SessionOpener(MEMBER, ORGANIZATION_ID, "aws", (ROOT,)).judge(levels))

    assert [finding.verdict for finding in found] == ([verdict] if verdict else [])
    assert {task for finding in found for task in finding.tasks} <= {Task.OPEN_SESSIONS}


def test_an_allow_list_without_assume_root_keeps_the_hub_from_opening_any_session() -> None:
    allowed = policy({"Effect": "Allow", "Action": ["iam:*", "s3:*", "sqs:*"], "Resource": "*"})
    [finding] = SessionOpener(MEMBER, ORGANIZATION_ID, "aws").judge([Level(ROOT, (allowed,))])

    assert (finding.verdict, finding.tasks) == (BlockVerdict.BLOCKS, (Task.OPEN_SESSIONS,))


def test_of_resource_control_policies_what_denies_buckets_and_queues_is_found() -> None:
    denied = policy(deny(Principal="*"), name="rcp")
    [finding] = SESSIONS.judge_resources([Level(ROOT, (denied,)), Level(MEMBER, ())])

    assert finding.tasks == (Task.UNLOCK_BUCKET, Task.UNLOCK_QUEUE)


def test_a_deny_on_some_buckets_only_may_block() -> None:
    [finding] = judge(deny(Action=["s3:*", "sqs:*"], Resource="arn:aws:s3:::audit-logs*"))

    assert finding.verdict is BlockVerdict.MAY_BLOCK
    assert finding.tasks == (Task.UNLOCK_BUCKET,)
    assert finding.depends_on == ("Resource",)


ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}


class TestRegionDenies:
    def test_the_usual_exception_for_global_services_leaves_the_iam_tasks_alone(self) -> None:
        found = judge(deny(ELSEWHERE, NotAction=["iam:*", "sts:*", "s3:ListAllMyBuckets"]))

        assert tasks(found, BlockVerdict.BLOCKS) == set()
        assert tasks(found, BlockVerdict.MAY_BLOCK) == {Task.UNLOCK_BUCKET, Task.UNLOCK_QUEUE}

    def test_without_it_the_iam_tasks_are_blocked(self) -> None:
        assert tasks(judge(deny(ELSEWHERE)), BlockVerdict.BLOCKS) == IAM_TASKS

    def test_iam_is_called_in_us_east_1(self) -> None:
        allowed = {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}}

        assert tasks(judge(deny(allowed, NotAction="sqs:*")), BlockVerdict.BLOCKS) == set()
        assert tasks(judge(deny(allowed, NotAction="sqs:*")), BlockVerdict.MAY_BLOCK) == {Task.UNLOCK_BUCKET}

    @pytest.mark.parametrize(
        ("partition", "verdict"),
        [
            ("aws-us-gov", BlockVerdict.HARMLESS),
            ("aws-cn", BlockVerdict.BLOCKS),
            ("aws-elsewhere", BlockVerdict.MAY_BLOCK),
        ],
    )
    def test_each_partition_has_its_own_region_for_iam(self, partition: str, verdict: BlockVerdict) -> None:
        sessions = MemberRootCalls(MEMBER, ORGANIZATION_ID, partition)
        allowed = {"StringNotEquals": {"aws:RequestedRegion": "us-gov-west-1"}}
        found = judge(deny(allowed, Action="iam:*"), sessions=sessions)

        assert {finding.verdict for finding in found} == {verdict} - {BlockVerdict.HARMLESS}


class TestAllowLists:
    FULL = policy(FULL_ACCESS, name="FullAWSAccess")

    def findings(self, *statements: Any) -> list[PolicyFinding]:
        unit = Level(UNIT, (policy(*statements, name="allow-list"),))
        return list(SESSIONS.judge([Level(ROOT, (self.FULL,)), unit, Level(MEMBER, (self.FULL,))]))

    def test_a_level_that_allows_less_blocks_the_rest(self) -> None:
        [finding] = self.findings({"Effect": "Allow", "Action": ["iam:*", "s3:*"], "Resource": "*"})

        assert finding.verdict is BlockVerdict.BLOCKS
        assert finding.statement is None
        assert finding.tasks == (Task.UNLOCK_QUEUE,)
        assert finding.attached_to == (UNIT,)
        assert [each.name for each in finding.policies] == ["allow-list"]

    def test_statements_of_a_level_add_up(self) -> None:
        found = self.findings(
            {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        )

        assert found == []

    def test_a_conditional_allow_that_cannot_be_judged_is_named(self) -> None:
        condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        [finding] = self.findings({**FULL_ACCESS, "Condition": condition})

        assert finding.verdict is BlockVerdict.MAY_BLOCK
        assert finding.depends_on == ("aws:SourceIp",)

    def test_a_conditional_allow_for_root_sessions_is_enough(self) -> None:
        assert self.findings({**FULL_ACCESS, "Condition": {"Bool": {"aws:AssumedRoot": "true"}}}) == []

    def test_a_level_with_no_policy_at_all_blocks_everything(self) -> None:
        [finding] = SESSIONS.judge([Level(ROOT, (self.FULL,)), Level(MEMBER, ())])

        assert finding.policies == ()
        assert set(finding.tasks) == IN_SESSIONS


def test_a_policy_attached_twice_is_one_finding() -> None:
    denied = policy(FULL_ACCESS, deny())
    [finding] = SESSIONS.judge([Level(ROOT, (denied,)), Level(MEMBER, (denied,))])

    assert finding.attached_to == (ROOT, MEMBER)
