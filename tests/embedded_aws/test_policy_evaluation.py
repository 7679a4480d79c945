"""The policy evaluator, and what an independent simulator thinks of the same cases."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from embedded_aws.iam.policy_evaluation import (
    AccessRequest,
    Decision,
    UnknownPolicyElementError,
    Values,
    evaluate,
    validate,
)
from embedded_aws.sts.root_sessions import task_policy

ROOT = Path(__file__).parents[2]
HUB, MEMBER = "222233334444", "444455556666"
TASKS = "arn:aws:iam::aws:policy/root-task"
MEMBER_ROOT = f"arn:aws:iam::{MEMBER}:root"
TABLE = f"arn:aws:dynamodb:us-east-1:{HUB}:table/state"
BUS = f"arn:aws:events:us-east-1:{HUB}:event-bus/rootwarden"
QUEUE = f"arn:aws:sqs:us-east-1:{MEMBER}:locked"
OWN_TABLE = f"arn:aws:dynamodb:us-east-1:{MEMBER}:table/{MEMBER}-state"
OWNER = "${aws:PrincipalAccount}"
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ROLE = f"arn:aws:iam::{HUB}:role/harden"


class Case(NamedTuple):
    name: str
    statements: list[Any]
    action: str
    resource: str
    expected: str
    context: Mapping[str, Values] = MappingProxyType({})
    principal: str = ROLE


def _allow(action: str, resource: str, **condition: Any) -> list[Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return [{**statement, "Condition": condition} if condition else statement]


HARDEN = _allow(
    "sts:AssumeRoot",
    "arn:aws:iam::*:root",
    StringEquals={
        "sts:TaskPolicyArn": [
            f"{TASKS}/IAMAuditRootUserCredentials",
            f"{TASKS}/IAMDeleteRootUserCredentials",
        ]
    },
)


def _assume(name: str, task: str | None, expected: str, target: str = MEMBER_ROOT) -> Case:
    context = {"sts:TaskPolicyArn": f"{TASKS}/{task}"} if task else {}
    return Case(name, HARDEN, "sts:AssumeRoot", target, expected, context)


def _condition(key: str, actual: str | None) -> Callable[[str, str, str, str], Case]:
    def case(name: str, operator: str, wanted: str, expected: str) -> Case:
        statements = _allow("dynamodb:GetItem", TABLE, **{operator: {key: wanted}})
        context = {key: actual} if actual else {}
        return Case(name, statements, "dynamodb:GetItem", TABLE, expected, context)

    return case


_region = _condition("aws:RequestedRegion", "eu-west-1")
_absent = _condition("aws:PrincipalOrgID", None)
_as_role = _condition("aws:PrincipalArn", ROLE)


def _root_session(
    task: str, action: str, resource: str, expected: str, context: dict[str, str] | None = None
) -> Case:
    statements = [ALLOW_ALL, *(task_policy(f"{TASKS}/{task}") or ())]
    name = f"{task}: {action} on {resource} {'in' if expected == ALLOWED else 'out'}"
    return Case(name, statements, action, resource, expected, context or {}, MEMBER_ROOT)


def _on_table(name: str, expected: str, *statements: dict[str, Any]) -> Case:
    return Case(name, list(statements), "dynamodb:GetItem", TABLE, expected)


def _publish(name: str, operator: str, sources: list[str], expected: str, wanted: str = "rootwarden") -> Case:
    condition = {operator: {"events:source": wanted}}
    statements = _allow("events:PutEvents", BUS, **condition)
    return Case(name, statements, "events:PutEvents", BUS, expected, {"events:source": sources})


def _variable(name: str, pattern: str, expected: str) -> Case:
    statements, context = _allow("dynamodb:GetItem", pattern), {"aws:PrincipalAccount": MEMBER}
    return Case(name, statements, "dynamodb:GetItem", OWN_TABLE, expected, context, MEMBER_ROOT)


ALLOWED, DENIED, NOT_ALLOWED = "allowed", "explicitDeny", "implicitDeny"
AUDIT, DELETE = "IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials"
CREATE, BUCKET = "IAMCreateRootUserPassword", "S3UnlockBucketPolicy"
UNLOCK_QUEUE, LOCKED = "SQSUnlockQueuePolicy", "arn:aws:s3:::locked"
BOB, PHONE = f"arn:aws:iam::{MEMBER}:user/bob", f"arn:aws:iam::{MEMBER}:mfa/phone"
AS_ROOT = {"aws:PrincipalArn": MEMBER_ROOT, "aws:PrincipalAccount": MEMBER}
OWN_QUEUE = {**AS_ROOT, "aws:ResourceAccount": MEMBER}
FOREIGN_QUEUE = {**AS_ROOT, "aws:ResourceAccount": HUB}
ALLOW_ALL_BUT, ALLOW_ON_ALL_BUT = [{"Effect": "Allow", kind: "*"} for kind in ("Resource", "Action")]
CASES = [
    _assume("an allowed task", AUDIT, ALLOWED),
    _assume("another allowed task", DELETE, ALLOWED),
    _assume("a task not allowed", BUCKET, NOT_ALLOWED),
    _assume("no task", None, NOT_ALLOWED),
    Case("another action", HARDEN, "sts:AssumeRole", ROLE, NOT_ALLOWED),
    _on_table("wildcard in an action", ALLOWED, *_allow("dynamodb:*Item", TABLE)),
    _on_table("capitals in an action", ALLOWED, *_allow("DYNAMODB:getitem", TABLE)),
    _on_table("another table", NOT_ALLOWED, *_allow("dynamodb:GetItem", f"{TABLE}s")),
    _on_table("one character", ALLOWED, *_allow("dynamodb:GetItem", f"{TABLE[:-1]}?")),
    _on_table("a denial wins", DENIED, ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny"}),
    _on_table("NotAction", ALLOWED, {**ALLOW_ALL_BUT, "NotAction": "iam:*"}),
    _on_table("out by NotAction", NOT_ALLOWED, {**ALLOW_ALL_BUT, "NotAction": "dynamodb:*"}),
    _on_table("out by NotResource", NOT_ALLOWED, {**ALLOW_ON_ALL_BUT, "NotResource": TABLE}),
    _publish("our source", "ForAllValues:StringEquals", ["rootwarden"], ALLOWED),
    _publish("another source", "ForAllValues:StringEquals", ["aws.iam"], NOT_ALLOWED),
    _publish("another source as well", "ForAllValues:StringEquals", ["rootwarden", "aws.iam"], NOT_ALLOWED),
    _publish("our source among others", "ForAnyValue:StringEquals", ["rootwarden", "aws.iam"], ALLOWED),
    _publish("our source not among them", "ForAnyValue:StringEquals", ["aws.sts", "aws.iam"], NOT_ALLOWED),
    _publish("a source in capitals", "ForAllValues:StringEquals", ["ROOTWARDEN"], NOT_ALLOWED),
    # AWS's own examples for PutEvents compare so as well; whether it ever matches is not documented.
    _publish("a list without a set operator", "StringEquals", ["rootwarden"], NOT_ALLOWED),
    _publish("a list that is there", "Null", ["rootwarden"], ALLOWED, wanted="false"),
    _variable("a variable", f"arn:aws:dynamodb:*:{MEMBER}:table/{OWNER}-state", ALLOWED),
    _variable("a variable of other value", f"arn:aws:dynamodb:*:*:table/{OWNER}", NOT_ALLOWED),
    _variable("a variable too early", f"arn:aws:dynamodb:*:{OWNER}:*", NOT_ALLOWED),
    _region("StringLike", "StringLike", "eu-*", ALLOWED),
    _region("StringNotLike", "StringNotLike", "us-*", ALLOWED),
    _region("StringNotEquals", "StringNotEquals", "eu-west-1", NOT_ALLOWED),
    _region("StringEqualsIgnoreCase", "StringEqualsIgnoreCase", "EU-WEST-1", ALLOWED),
    _region("StringEquals takes wildcards literally", "StringEquals", "eu-*", NOT_ALLOWED),
    _absent("StringEquals of nothing", "StringEquals", "o-aa111bb222", NOT_ALLOWED),
    _absent("StringEqualsIfExists of nothing", "StringEqualsIfExists", "o-aa111bb222", ALLOWED),
    _absent("StringNotEquals of nothing", "StringNotEquals", "o-aa111bb222", ALLOWED),
    _absent("ForAllValues of nothing", "ForAllValues:StringEquals", "o-aa111bb222", ALLOWED),
    _absent("ForAnyValue of nothing", "ForAnyValue:StringNotEquals", "o-aa111bb222", NOT_ALLOWED),
    _absent("Null", "Null", "true", ALLOWED),
    _absent("not Null", "Null", "false", NOT_ALLOWED),
    _as_role("ArnLike", "ArnLike", "arn:*:iam::*:role/*", ALLOWED),
    _as_role("ArnLike keeps to its parts", "ArnLike", "arn:*:role/harden", NOT_ALLOWED),
    _root_session(AUDIT, "iam:GetAccountSummary", "*", ALLOWED),
    _root_session(AUDIT, "iam:ListAccessKeys", MEMBER_ROOT, ALLOWED),
    _root_session(AUDIT, "iam:ListAccessKeys", BOB, DENIED),
    _root_session(AUDIT, "iam:DeleteLoginProfile", MEMBER_ROOT, DENIED),
    _root_session(DELETE, "iam:DeleteLoginProfile", MEMBER_ROOT, ALLOWED),
    _root_session(DELETE, "iam:DeactivateMFADevice", MEMBER_ROOT, ALLOWED),
    _root_session(DELETE, "iam:GetAccountSummary", "*", DENIED),
    _root_session(DELETE, "iam:DeleteVirtualMFADevice", PHONE, DENIED),
    _root_session(DELETE, "iam:UpdateAccessKey", MEMBER_ROOT, DENIED),
    _root_session(CREATE, "iam:CreateLoginProfile", MEMBER_ROOT, ALLOWED),
    _root_session(CREATE, "iam:CreateUser", BOB, DENIED),
    _root_session(BUCKET, "s3:DeleteBucketPolicy", LOCKED, ALLOWED, AS_ROOT),
    _root_session(BUCKET, "s3:GetBucketPolicy", LOCKED, DENIED, {"aws:PrincipalArn": ROLE}),
    _root_session(BUCKET, "s3:GetBucketLocation", LOCKED, DENIED, AS_ROOT),
    _root_session(UNLOCK_QUEUE, "sqs:SetQueueAttributes", QUEUE, ALLOWED, AS_ROOT),
    _root_session(UNLOCK_QUEUE, "sqs:GetQueueAttributes", QUEUE, ALLOWED, OWN_QUEUE),
    _root_session(UNLOCK_QUEUE, "sqs:GetQueueAttributes", QUEUE, DENIED, FOREIGN_QUEUE),
    _root_session(UNLOCK_QUEUE, "sqs:DeleteQueue", QUEUE, DENIED, AS_ROOT),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_decides(case: Case) -> None:
    request = AccessRequest(case.action, case.resource, case.context)
    assert evaluate(case.statements, request) is Decision(case.expected)


@pytest.mark.parametrize("context", [{}, {"aws:PrincipalAccount": "*"}], ids=["no value", "*"])
def test_a_variable_is_no_wildcard(context: dict[str, str]) -> None:
    statements = _allow("dynamodb:GetItem", f"arn:aws:dynamodb:*:*:table/{OWNER}-state")
    request = AccessRequest("dynamodb:GetItem", OWN_TABLE, context)
    assert evaluate(statements, request) is Decision.IMPLICITLY_DENIED


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ({**ALLOW_ALL, "Condition": {"DateLessThan": {"aws:CurrentTime": "x"}}}, "DateLessThan"),
        ({**ALLOW_ALL, "Condition": {"StringEquals": {"aws:Strange": "x"}}}, "aws:Strange"),
        ({**ALLOW_ALL, "Principal": "*"}, "Principal"),
        ({**ALLOW_ALL, "Effect": "Perhaps"}, "Perhaps"),
        ({**ALLOW_ALL, "NotAction": "*"}, "Action"),
        ({"Effect": "Allow", "Action": "*"}, "Resource"),
    ],
)
def test_what_it_does_not_know_is_an_error(statement: dict[str, Any], named: str) -> None:
    with pytest.raises(UnknownPolicyElementError, match=named):
        validate([statement])


SIMULATE = """
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { readFileSync } from 'node:fs'
const answers = []
for (const simulation of JSON.parse(readFileSync(0))) answers.push(await runSimulation(simulation, {}))
console.log(JSON.stringify(answers))
"""


def test_an_independent_simulator_agrees() -> None:
    ran = subprocess.run(  # noqa: S603 # nothing in it comes from outside
        [ROOT / ".venv/bin/node", "--input-type=module", "--eval", SIMULATE],
        cwd=ROOT,
        input=json.dumps([_simulation(case) for case in CASES]),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(ran.stdout)
    found = {case.name: _opinion(answer) for case, answer in zip(CASES, answers, strict=True)}
    assert found == {case.name: case.expected for case in CASES}


def _simulation(case: Case) -> dict[str, Any]:
    resource, statements = case.resource, case.statements
    if case.action.startswith("iam:"):
        # The simulator takes no root user as resource of IAM's actions: a user stands in for it,
        # in the request and in the policies alike.
        resource = resource.replace(":root", ":user/root")
        statements = json.loads(json.dumps(statements).replace(":root", ":user/root"))
    return {
        "request": {
            "principal": case.principal,
            "action": case.action,
            "resource": {"resource": resource, "accountId": MEMBER},
            "contextVariables": dict(case.context),
        },
        "identityPolicies": [
            {"name": "policy", "policy": {"Version": "2012-10-17", "Statement": statements}}
        ],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }


def _opinion(answer: dict[str, Any]) -> str:
    results = [answer["result"]] if "result" in answer else answer.get("results", [])
    if len(results) != 1 or results[0]["ignoredContextKeys"]:
        return json.dumps(answer)
    opinions = {"Allowed": ALLOWED, "ExplicitlyDenied": DENIED, "ImplicitlyDenied": NOT_ALLOWED}
    return opinions[results[0]["analysis"]["identityAnalysis"]["result"]]
