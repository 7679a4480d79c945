"""Policies of buckets, queues and organizations, as accounts may hold them: judged, or called unreadable."""

import json
from typing import Any

from proofs.fuzz.inertness import visible
from proofs.fuzz.strangers import Stranger
from rootctl.output import printable
from rootwarden.events import AccountId
from rootwarden.policies.locks import LockJudge
from rootwarden.policies.service_control_policies import Level, MemberRootCalls, Policy, advice
from rootwarden.policies.statements import read_statement, statements_in
from rootwarden.unlocking.requests import Resource, ResourceKind

_MEMBER, _ORGANIZATION = AccountId("444455556666"), "o-aa111bb222"
_BUCKET = Resource(kind=ResourceKind.BUCKET, name="ledger", arn="arn:aws:s3:::ledger", region="eu-west-1")
_QUEUE = Resource(
    kind=ResourceKind.QUEUE,
    name="orders",
    arn="arn:aws:sqs:eu-west-1:444455556666:orders",
    region="eu-west-1",
)
_STATEMENTS: tuple[dict[str, Any], ...] = (
    {"Sid": "Office", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
    {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": ["arn:aws:iam::444455556666:root"]},
        "Action": ["s3:*", "sqs:SetQueueAttributes"],
        "Resource": ["arn:aws:s3:::ledger", "arn:aws:s3:::ledger/*"],
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-aa111bb222"}},
    },
    {
        "Effect": "Deny",
        "NotAction": "iam:*",
        "NotResource": "arn:aws:s3:::other",
        "Principal": {"AWS": "*", "Service": "s3.amazonaws.com"},
        "Condition": {
            "Bool": {"aws:SecureTransport": False},
            "NumericLessThan": {"s3:TlsVersion": 1.2},
            "ArnNotLikeIfExists": {"aws:PrincipalArn": "arn:aws:iam::*:root"},
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-aa111bb222/r-ab12/*"]},
            "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
            "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
            "Null": {"aws:TokenIssueTime": "true"},
        },
    },
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
)


def written(stranger: Stranger) -> str:
    """Write a policy's text."""
    if stranger.chance(0.03):
        return stranger.text()
    chosen = [stranger.random.choice(_STATEMENTS) for _ in range(stranger.random.choice((1, 1, 2, 3)))]
    return json.dumps(stranger.changed({"Version": "2012-10-17", "Statement": chosen}))


def judge(policy: str) -> None:
    """Judge one as a bucket's, a queue's and an organization's."""
    for resource in (_BUCKET, _QUEUE):
        for organization in (_ORGANIZATION, None):
            judged = LockJudge(account_id=_MEMBER, organization_id=organization, resource=resource).judge(
                policy
            )
            for verdict in judged:
                json.dumps(verdict.to_detail())
                visible(
                    printable(f"{verdict.sid} {verdict.who} {verdict.actions} {verdict.why}"),
                    "rootctl",
                )
    try:
        statements = [
            read_statement(n, found) for n, found in enumerate(statements_in(json.loads(policy)), 1)
        ]
    except (ValueError, RecursionError):
        return  # What reads policies says so: the policy is named, and nothing is judged.
    level = Level("r-ab12", (Policy("p-1", "one", tuple(statements)),))
    for path in (None, ("r-ab12",)):
        sessions = MemberRootCalls(_MEMBER, _ORGANIZATION, "aws", path)
        for finding in (*sessions.judge([level]), *sessions.judge_resources([level])):
            visible(printable(", ".join(finding.depends_on)), "rootctl preflight")
    advice(policy)
