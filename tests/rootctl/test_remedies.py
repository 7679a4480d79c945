"""The words that say how to remedy a policy."""

import json
from typing import Any

import pytest

from rootctl.policy_survey import remedy
from rootwarden.aws.service_control_policies import read_policy
from rootwarden.policies.service_control_policies import Level, MemberRootCalls
from tests.unit.given import MEMBER, ORGANIZATION_ID, UNIT

ANY_ROOT = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
EXEMPTION = '"Null": {"aws:AssumedRoot": "true"}'


def remedies(policy_name: str = "policy", **elements: Any) -> str:
    """Return what is said of a policy that allows everything and denies what is said, all in one."""
    denied = {"Sid": "Denied", "Effect": "Deny", "Resource": "*", **elements}
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = read_policy("p-1", policy_name, json.dumps({"Statement": [allowed, denied]}))
    sessions = MemberRootCalls(MEMBER, ORGANIZATION_ID, "aws")
    return "\n".join(remedy(finding, "aws") for finding in sessions.judge([Level(UNIT, (policy,))]))


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({"Action": "*", "Condition": ANY_ROOT}, f"Add {EXEMPTION} to its Condition."),
        ({"Action": "iam:*"}, f"Add {EXEMPTION} to its Condition."),
        (
            {"Action": "*", "Condition": ANY_ROOT | {"Null": {"aws:PrincipalTag/x": "true"}}},
            'Add "aws:AssumedRoot": "true" to the "Null" of its Condition.',
        ),
        (
            {"Action": "*", "Condition": {"Null": {"aws:AssumedRoot": "false"}}},
            "Remove this statement, or detach",
        ),
        (
            {"Action": "*", "Condition": {"Bool": {"aws:AssumedRoot": "true"}}},
            "Remove this statement, or detach",
        ),
        (
            {"NotAction": ["iam:Get*", "iam:Delete*", "s3:*", "sqs:*"]},
            (
                'Add "iam:ListAccessKeys", "iam:ListSigningCertificates", "iam:ListMFADevices",'
                ' "iam:DeactivateMFADevice", "iam:CreateLoginProfile" to its NotAction'
            ),
        ),
        ({"NotAction": ["iam:*", "s3:*"]}, 'Add "sqs:*" to its NotAction'),
        ({"NotAction": "sts:*", "Condition": ELSEWHERE}, 'in us-east-1: add "iam:*" to its NotAction'),
        ({"NotAction": "iam:*", "Condition": ELSEWHERE}, "Works in the Regions this statement leaves alone"),
        ({"Action": "*", "Condition": {"Null": {"aws:SourceVpc": "true"}}}, "Depends on aws:SourceVpc"),
    ],
)
def test_the_smallest_change_is_said(elements: dict[str, Any], said: str) -> None:
    assert said in remedies(**elements)


def test_control_towers_root_control_has_a_parameter_for_it() -> None:
    said = remedies("aws-guardrails-AbCdEf", Sid="GRRESTRICTROOTUSER", Action="*", Condition=ANY_ROOT)

    assert "AWS-GR_RESTRICT_ROOT_USER with the parameter ExemptAssumeRoot" in said


def test_nobody_is_shown_to_edit_a_policy_of_control_towers() -> None:
    said = remedies("aws-guardrails-AbCdEf", NotAction="s3:*", Condition=ELSEWHERE)

    assert "belongs to Control Tower" in said
    assert EXEMPTION not in said
