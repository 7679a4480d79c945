"""The guard rail that rootwarden itself attaches leaves root sessions alone."""

import json
from typing import Any

from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from rootwarden.aws.service_control_policies import read_policy
from rootwarden.policies.service_control_policies import (
    BlockVerdict,
    Level,
    MemberRootCalls,
    PolicyFinding,
    Task,
)
from stacks.constructs.deny_root import DenyRoot
from tests.unit.given import MEMBER, ORGANIZATION_ID, UNIT

FULL_ACCESS = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def shipped_statements() -> list[dict[str, Any]]:
    stack = Stack(App(), "Stack")
    DenyRoot(stack, "DenyRoot", name="rootwarden-deny-root", organizational_units=[UNIT])
    [policy] = Template.from_stack(stack).find_resources("AWS::Organizations::Policy").values()
    return list(resolved(policy["Properties"]["Content"])["Statement"])


def resolved(value: Any) -> Any:
    """Fill in the partition, as CloudFormation does."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(resolved(part) for part in parts)
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case dict():
            return {key: resolved(each) for key, each in value.items()}
        case list():
            return [resolved(each) for each in value]
    return value


def judge(statements: list[dict[str, Any]]) -> list[PolicyFinding]:
    document = json.dumps({"Version": "2012-10-17", "Statement": [FULL_ACCESS, *statements]})
    level = Level(UNIT, (read_policy("p-1", "rootwarden-deny-root", document),))
    return list(MemberRootCalls(MEMBER, ORGANIZATION_ID, "aws").judge([level]))


def test_it_is_harmless_because_it_exempts_root_sessions() -> None:
    statements = shipped_statements()

    assert judge(statements) == []

    del statements[0]["Condition"]["Null"]
    [finding] = judge(statements)
    assert finding.verdict is BlockVerdict.BLOCKS
    assert set(finding.tasks) == set(Task) - {Task.OPEN_SESSIONS}
