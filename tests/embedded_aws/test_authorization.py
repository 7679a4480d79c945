from typing import Any

import pytest

from embedded_aws.calls import Call, CallRefusedError, Principal
from embedded_aws.iam.authorization import Authorization, Need, NoRuleError
from embedded_aws.iam.policy_evaluation import UnknownPolicyElementError
from embedded_aws.sts.root_sessions import role_session
from tests.embedded_aws.calling import call
from tests.embedded_aws.templates import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID

ROLE = f"arn:aws:iam::{HUB}:role/harden"
SESSION = role_session(ROLE, "session")
AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
TABLE = f"arn:aws:dynamodb:eu-west-1:{HUB}:table/state"
SCHEDULER = {"iam:PassedToService": "scheduler.amazonaws.com"}
URL = f"https://sqs.eu-west-1.amazonaws.com/{MEMBER}/work"


def _call(service: str, operation: str, principal: Principal = SESSION, **parameters: Any) -> Call:
    return call(service, operation, principal, parameters=parameters)


def _at(service: str, resource: str, account: str = HUB) -> str:
    return f"arn:aws:{service}:eu-west-1:{account}:{resource}"


def _published(bus: str, source: str) -> Need:
    context = {"events:source": [source], "events:detail-type": ["Result"]}
    return Need("events:PutEvents", _at("events", f"event-bus/{bus}"), context)


@pytest.fixture
def authorization() -> Authorization:
    return Authorization(ORGANIZATION_ID, MANAGEMENT)


@pytest.mark.parametrize(
    ("asked", "needs"),
    [
        (
            _call("sts", "AssumeRoot", TargetPrincipal=MEMBER, TaskPolicyArn={"arn": AUDIT}),
            [Need("sts:AssumeRoot", f"arn:aws:iam::{MEMBER}:root", {"sts:TaskPolicyArn": AUDIT})],
        ),
        (_call("sts", "AssumeRole", RoleArn=ROLE), [Need("sts:AssumeRole", ROLE)]),
        (
            _call("cloudformation", "DescribeStackSet", StackSetName="forwarding", CallAs="SELF"),
            [Need("cloudformation:DescribeStackSet", _at("cloudformation", "stackset/forwarding"))],
        ),
        (_call("iam", "GetRole", RoleName="x"), [Need("iam:GetRole", f"arn:aws:iam::{HUB}:role/x")]),
        (
            _call("organizations", "DescribeAccount", AccountId=MEMBER),
            [
                Need(
                    "organizations:DescribeAccount",
                    f"arn:aws:organizations::111122223333:account/{ORGANIZATION_ID}/{MEMBER}",
                )
            ],
        ),
        (_call("organizations", "ListAccounts"), [Need("organizations:ListAccounts")]),
        (
            _call("organizations", "EnableAWSServiceAccess", ServicePrincipal="iam.amazonaws.com"),
            [
                Need(
                    "organizations:EnableAWSServiceAccess",
                    "*",
                    {"organizations:ServicePrincipal": "iam.amazonaws.com"},
                )
            ],
        ),
        (_call("dynamodb", "GetItem", TableName="state"), [Need("dynamodb:GetItem", TABLE)]),
        (_call("dynamodb", "GetItem", TableName=TABLE), [Need("dynamodb:GetItem", TABLE)]),
        (
            _call("dynamodb", "Query", TableName="state", IndexName="by_day"),
            [Need("dynamodb:Query", f"{TABLE}/index/by_day")],
        ),
        (
            _call(
                "dynamodb",
                "TransactWriteItems",
                TransactItems=[
                    {"Put": {"TableName": "state"}},
                    {"ConditionCheck": {"TableName": "state"}},
                ],
            ),
            [Need("dynamodb:PutItem", TABLE), Need("dynamodb:ConditionCheckItem", TABLE)],
        ),
        (
            _call("dynamodb", "BatchWriteItem", RequestItems={"state": []}),
            [Need("dynamodb:BatchWriteItem", TABLE)],
        ),
        (
            _call(
                "events",
                "PutEvents",
                Entries=[
                    {"Source": "rootwarden", "DetailType": "Result", "EventBusName": "rootwarden"},
                    {"Source": "x", "DetailType": "Result"},
                ],
            ),
            [_published("rootwarden", "rootwarden"), _published("default", "x")],
        ),
        (
            _call("sqs", "SendMessageBatch", QueueUrl=URL),
            [Need("sqs:SendMessage", _at("sqs", "work", MEMBER))],
        ),
        (_call("sqs", "GetQueueUrl", QueueName="q"), [Need("sqs:GetQueueUrl", _at("sqs", "q"))]),
        (
            _call("sns", "Publish", TopicArn=_at("sns", "alerts")),
            [Need("sns:Publish", _at("sns", "alerts"))],
        ),
        (
            _call("secretsmanager", "GetSecretValue", SecretId="webhook"),
            [Need("secretsmanager:GetSecretValue", _at("secretsmanager", "secret:webhook"))],
        ),
        (_call("kms", "Decrypt", KeyId="k"), [Need("kms:Decrypt", _at("kms", "key/k"))]),
        (
            _call("s3", "HeadObject", Bucket="reports", Key="a/b"),
            [Need("s3:GetObject", "arn:aws:s3:::reports/a/b")],
        ),
        (_call("s3", "ListBuckets"), [Need("s3:ListAllMyBuckets")]),
        (
            _call("stepfunctions", "StartExecution", stateMachineArn=_at("states", "stateMachine:s")),
            [Need("states:StartExecution", _at("states", "stateMachine:s"))],
        ),
        (
            _call("scheduler", "CreateSchedule", Name="end", Target={"RoleArn": ROLE}),
            [
                Need("scheduler:CreateSchedule", _at("scheduler", "schedule/default/end")),
                Need("iam:PassRole", ROLE, SCHEDULER),
            ],
        ),
        (
            _call("cloudwatch", "PutMetricData", Namespace="rootwarden"),
            [Need("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "rootwarden"})],
        ),
        (
            _call("ssm", "GetParameter", Name="/a/b"),
            [Need("ssm:GetParameter", _at("ssm", "parameter/a/b"))],
        ),
        (
            _call("ssm", "GetParameter", Name="plain"),
            [Need("ssm:GetParameter", _at("ssm", "parameter/plain"))],
        ),
        (
            _call("lambda", "Invoke", FunctionName="f"),
            [Need("lambda:InvokeFunction", _at("lambda", "function:f"))],
        ),
    ],
    ids=lambda value: f"{value.service} {value.operation}" if isinstance(value, Call) else "",
)
def test_knows_what_a_call_needs(authorization: Authorization, asked: Call, needs: list[Need]) -> None:
    assert authorization.needs(asked) == needs


@pytest.mark.parametrize(
    "asked",
    [
        _call("ec2", "RunInstances"),
        _call("s3", "PutBucketTagging", Bucket="b"),
        _call("events", "PutRule", Name="r"),
        _call("kms", "Decrypt", KeyId="alias/ours"),
    ],
    ids=lambda asked: f"{asked.service} {asked.operation}",
)
def test_what_it_cannot_judge_it_refuses(authorization: Authorization, asked: Call) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    authorization.enforce(ROLE, [statement])
    with pytest.raises(NoRuleError):
        authorization.needs(asked)
    with pytest.raises(CallRefusedError, match=r"embedded_aws/iam/authorization.py"):
        authorization.check(asked, is_member=True)


def test_an_enforced_role_does_what_its_policies_allow(authorization: Authorization) -> None:
    allowed = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}
    authorization.enforce(ROLE, [allowed])
    authorization.check(_call("dynamodb", "GetItem", TableName="state"), is_member=True)
    with pytest.raises(CallRefusedError) as refused:
        authorization.check(_call("dynamodb", "PutItem", TableName="state"), is_member=True)
    assert (refused.value.code, refused.value.http) == ("AccessDeniedException", 400)
    assert refused.value.message == (
        f"User: arn:aws:sts::{HUB}:assumed-role/harden/session is not authorized to perform: "
        f"dynamodb:PutItem on resource: {TABLE} "
        "because no identity-based policy allows the dynamodb:PutItem action"
    )


@pytest.mark.parametrize("is_member", [True, False])
def test_conditions_see_the_organization(authorization: Authorization, *, is_member: bool) -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    authorization.enforce(ROLE, [statement])
    with pytest.raises(CallRefusedError) as refused:
        authorization.check(_call("dynamodb", "ListTables"), is_member=is_member)
    assert ("explicit deny" in refused.value.message) is is_member


def test_nobody_else_is_judged(authorization: Authorization) -> None:
    someone = Principal(kind="administrator", account=HUB, arn="arn", role_arn=ROLE + "s")
    authorization.check(_call("ec2", "RunInstances", someone), is_member=True)


def test_policies_it_does_not_understand_are_refused_at_once(authorization: Authorization) -> None:
    with pytest.raises(UnknownPolicyElementError):
        authorization.enforce(ROLE, [{"Effect": "Allow", "Action": "*"}])
