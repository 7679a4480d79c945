"""Which statements lock an account out, and that "harmless" is never said of one that does."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedded_aws.iam.policy_evaluation import Decision
from embedded_aws.iam.resource_policies import Caller, Question
from embedded_aws.iam.resource_policies import judge as decide
from rootwarden.policies.locks import LockJudge, LockVerdict, StatementVerdict
from rootwarden.unlocking.requests import Resource, ResourceKind
from tests.unit.given import HUB, MEMBER, ORGANIZATION_ID
from tests.unit.unlock_given import LEDGER, deny, policy

ROOT = f"arn:aws:iam::{MEMBER}:root"
ADMIN = f"arn:aws:iam::{MEMBER}:role/admin"
QUEUE = Resource(
    kind=ResourceKind.QUEUE, name="orders", arn=f"arn:aws:sqs:eu-west-1:{MEMBER}:orders", region="eu-west-1"
)
NEEDED = {
    ResourceKind.BUCKET: ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    ResourceKind.QUEUE: ("sqs:GetQueueAttributes", "sqs:SetQueueAttributes"),
}


def judge(document: str, resource: Resource = LEDGER) -> tuple[StatementVerdict, ...]:
    return LockJudge(account_id=MEMBER, organization_id=ORGANIZATION_ID, resource=resource).judge(document)


def only(statement: Any, resource: Resource = LEDGER) -> StatementVerdict:
    [verdict] = judge(json.dumps({"Version": "2012-10-17", "Statement": statement}), resource)
    return verdict


def when(operator: str, key: str, value: object) -> dict[str, Any]:
    return deny(Condition={operator: {key: value}})


LOCKS = {
    "everything": deny(),
    "everything but reading objects": deny(Action=None, NotAction="s3:GetObject"),
    "every resource": deny(Resource="*"),
    "no resource named": deny(Resource=None),
    "wildcards in actions, in any case": deny(Action=["S3:put*", "s3:Delete?ucketPolicy"]),
    "the account": deny(Principal={"AWS": MEMBER}),
    "the account by its root": deny(Principal={"AWS": ROOT}),
    "everyone not root": deny(Principal=None, NotPrincipal={"AWS": [ROOT]}),
    "everyone not elsewhere": deny(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{HUB}:role/admin"}),
    "everyone whose ARN is not root's": when("ArnNotEquals", "aws:PrincipalArn", ROOT),
    "a mistyped organization": when("StringNotEquals", "aws:PrincipalOrgID", "o-zz999zz999"),
    "calls that are encrypted": when("Bool", "aws:SecureTransport", "true"),
    "the caller's ARN taken for a service's": when("ArnNotEquals", "aws:SourceArn", ADMIN),
    "what only uploads say": when("StringNotEquals", "s3:x-amz-server-side-encryption", "aws:kms"),
    "another account's people": when("StringNotEquals", "aws:PrincipalAccount", HUB),
    "another Region": when("StringNotEquals", "aws:RequestedRegion", "us-east-1"),
}
MAY_LOCK = {
    "one role": deny(Principal={"AWS": ADMIN}),
    "everyone but one role": deny(Principal=None, NotPrincipal={"AWS": [ROOT, ADMIN]}),
    "somebody deleted": deny(Principal={"AWS": "AROAEXAMPLEID"}),
    "a canonical user": deny(Principal={"CanonicalUser": "79a59df900b949e5"}),
    "nobody named": deny(Principal=None),
    "both ways to name": deny(NotPrincipal={"AWS": ADMIN}),
    "unreadable principals": deny(Principal={"AWS": [1]}),
    "no principals": deny(Principal={}),
    "a network": when("StringNotEquals", "aws:SourceVpce", "vpce-1"),
    "addresses": when("NotIpAddress", "aws:SourceIp", "192.0.2.0/24"),
    "everyone whose ARN is not a role's": when("ArnNotEquals", "aws:PrincipalArn", ADMIN),
    "users": when("StringEquals", "aws:PrincipalType", "User"),
    "tags": when("StringNotEquals", "aws:PrincipalTag/team", "platform"),
    "an operator yet to come": when("StringSounds", "aws:PrincipalAccount", MEMBER),
    "a variable": deny(Resource="arn:aws:s3:::${aws:PrincipalTag/bucket}"),
    "putting alone": deny(Action="s3:PutBucketPolicy"),
    "looking alone": deny(Action="s3:GetBucketPolicy"),
    "no effect": {"Principal": "*", "Action": "s3:*", "Resource": "*"},
    "both ways to name actions": deny(NotAction="s3:GetObject"),
    "no statement": "deny",
}
HARMLESS = {
    "what is allowed": deny(Effect="Allow"),
    "objects": deny(Resource=f"{LEDGER.arn}/*"),
    "another bucket": deny(Resource="arn:aws:s3:::other"),
    "all but this bucket": deny(Resource=None, NotResource=LEDGER.arn),
    "reading objects": deny(Action="s3:GetObject"),
    "another account": deny(Principal={"AWS": f"arn:aws:iam::{HUB}:root"}),
    "a service": deny(Principal={"Service": "cloudtrail.amazonaws.com"}),
    "everyone but everyone": deny(Principal=None, NotPrincipal="*"),
    "calls that are not encrypted": when("Bool", "aws:SecureTransport", "false"),
    "old encryption": when("NumericLessThan", "s3:TlsVersion", 1.2),
    "other organizations": when("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION_ID),
    "other accounts": when("StringNotEquals", "aws:PrincipalAccount", [MEMBER, HUB]),
    "whoever is not of the account": when("StringNotLike", "aws:PrincipalArn", f"arn:aws:iam::{MEMBER}:*"),
    "root": when("ArnLike", "aws:PrincipalArn", ROOT),
    "services' calls": when("Bool", "aws:PrincipalIsAWSService", "true"),
}


@pytest.mark.parametrize("what", LOCKS)
def test_denied_to_everyone_for_certain_it_locks(what: str) -> None:
    verdict = only(LOCKS[what])

    assert verdict.verdict is LockVerdict.LOCKS
    assert (verdict.who, verdict.conditions) == ("everyone in the account but root", ())
    assert verdict.why.endswith(": only root can change the policy.")


@pytest.mark.parametrize("what", MAY_LOCK)
def test_what_is_not_certain_may_lock(what: str) -> None:
    assert only(MAY_LOCK[what]).verdict is LockVerdict.MAY_LOCK


@pytest.mark.parametrize("what", HARMLESS)
def test_what_takes_nothing_away_is_harmless(what: str) -> None:
    assert only(HARMLESS[what]).verdict is LockVerdict.HARMLESS


def test_a_queue_is_locked_where_its_attributes_cannot_be_set() -> None:
    locking = only(deny(Action="SQS:*", Resource=QUEUE.arn), QUEUE)
    assert locking.verdict is LockVerdict.LOCKS
    assert locking.actions == ("sqs:SetQueueAttributes", "sqs:RemovePermission", "sqs:GetQueueAttributes")
    assert only(deny(Action="sqs:SendMessage", Resource=QUEUE.arn), QUEUE).verdict is LockVerdict.HARMLESS


SETTING, REMOVING = "sqs:SetQueueAttributes", "sqs:RemovePermission"


@pytest.mark.parametrize(
    ("elements", "verdict"),
    [
        ({"Action": SETTING, "Sid": "Office"}, LockVerdict.MAY_LOCK),
        ({"Action": SETTING}, LockVerdict.LOCKS),
        ({"Action": [SETTING, REMOVING], "Sid": "Office"}, LockVerdict.LOCKS),
        ({"Action": REMOVING, "Sid": "Office"}, LockVerdict.MAY_LOCK),
    ],
)
def test_a_queue_s_statement_with_a_sid_can_be_taken_away_by_that(
    elements: dict[str, Any], verdict: LockVerdict
) -> None:
    found = only(deny(Resource=QUEUE.arn, **elements), QUEUE)

    assert found.verdict is verdict
    assert ("; it leaves sqs:" in found.why) is (verdict is LockVerdict.MAY_LOCK)


def test_a_queue_is_locked_where_taking_statements_away_is_denied_elsewhere() -> None:
    setting, removing = (deny(Action=each, Sid=each[4:], Resource=QUEUE.arn) for each in (SETTING, REMOVING))
    locked = judge(policy(setting, removing), QUEUE)

    assert [verdict.verdict for verdict in locked] == ["locks", "locks"]


def test_statements_that_deny_a_part_each_lock_together() -> None:
    put, delete, read = (deny(Action=f"s3:{action}BucketPolicy") for action in ("Put", "Delete", "Get"))

    assert [verdict.verdict for verdict in judge(policy(put, delete, read))] == ["locks", "locks", "may_lock"]
    assert [verdict.verdict for verdict in judge(policy(put, read))] == ["may_lock", "may_lock"]


def test_a_verdict_says_what_it_depends_on() -> None:
    verdict = only(deny(Sid="Office", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))

    assert (verdict.sid, verdict.number, verdict.conditions) == ("Office", 1, ("aws:SourceVpce",))
    assert "depends on aws:SourceVpce, which nobody knows beforehand" in verdict.why


def test_an_unknown_organization_makes_no_verdict_certain() -> None:
    judge = LockJudge(account_id=MEMBER, organization_id=None, resource=LEDGER)
    [verdict] = judge.judge(policy(when("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION_ID)))

    assert (verdict.verdict, verdict.conditions) == (LockVerdict.MAY_LOCK, ("aws:PrincipalOrgID",))


@pytest.mark.parametrize("document", ["", "[]", "{}", "null", "[" * 100_000, '{"Statement": [[]]}'])
def test_a_policy_that_cannot_be_read_may_lock(document: str) -> None:
    assert [verdict.verdict for verdict in judge(document)] == [LockVerdict.MAY_LOCK]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_ELEMENTS = (
    *("Effect", "Principal", "NotPrincipal", "Action", "NotAction"),
    *("Resource", "NotResource", "Condition", "Sid"),
)
_ODD_STATEMENTS = st.dictionaries(st.sampled_from(_ELEMENTS), _JSON, max_size=6).map(
    lambda odd: {**deny(), **odd}
)


@given(_JSON | st.builds(lambda found: {"Statement": found}, _JSON | st.lists(_ODD_STATEMENTS, max_size=3)))
def test_no_json_is_too_odd_to_be_judged(document: Any) -> None:
    for verdict in judge(json.dumps(document)):
        assert verdict.why


def _some(*values: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=3)


_ARNS = (ADMIN, ROOT, f"arn:aws:iam::{MEMBER}:user/eve", f"arn:aws:iam::{HUB}:root")
_PRINCIPALS = st.just("*") | st.fixed_dictionaries({"AWS": _some("*", MEMBER, HUB, *_ARNS)})
_OPERATORS = st.sampled_from(
    [
        f"{quantifier}{name}{suffix}"
        for quantifier in ("", "ForAllValues:", "ForAnyValue:")
        for name in (
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "ArnLike",
            "ArnNotEquals",
        )
        for suffix in ("", "IfExists")
    ]
)
_PATTERNS = _some("*", *_ARNS, MEMBER, HUB, f"arn:aws:iam::{MEMBER}:role/*", "arn:aws:iam::*:user/?*")
_CONDITIONS = st.dictionaries(
    _OPERATORS,
    st.dictionaries(
        st.sampled_from(["aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:SourceVpce"]),
        _PATTERNS | _some(ORGANIZATION_ID, "o-*"),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
) | st.sampled_from(
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Null": {"aws:AssumedRoot": "true"}},
        {"Null": {"aws:PrincipalArn": "false"}},
    ]
)


@st.composite
def _statements(draw: st.DrawFn, resource: Resource) -> dict[str, Any]:
    def either(name: str, values: st.SearchStrategy[Any]) -> dict[str, Any]:
        return {draw(st.sampled_from([name, f"Not{name}"])): draw(values)}

    needed = NEEDED[resource.kind]
    service = needed[0].partition(":")[0]
    return {
        "Effect": draw(st.sampled_from(["Deny", "Deny", "Allow"])),
        **either("Principal", _PRINCIPALS),
        **either("Action", _some("*", f"{service}:*", f"{service}:Get*", f"{service}:?et*", *needed)),
        **either("Resource", _some("*", resource.arn, f"{resource.arn}/*", resource.arn[:-1] + "?")),
        "Condition": draw(_CONDITIONS),
    }


@pytest.mark.parametrize("resource", [LEDGER, QUEUE], ids=lambda resource: str(resource.kind))
@pytest.mark.parametrize("who", ["role/admin", "role/other", "user/eve"])
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_is_judged_harmless_denies_no_administrator_the_policy(
    data: st.DataObject, who: str, resource: Resource
) -> None:
    document = policy(*data.draw(st.lists(_statements(resource), min_size=1, max_size=3)))
    arn = f"arn:aws:iam::{MEMBER}:{who}"
    context = {
        "aws:PrincipalAccount": MEMBER,
        "aws:PrincipalArn": arn,
        "aws:PrincipalOrgID": ORGANIZATION_ID,
    }
    verdicts = {verdict.verdict for verdict in judge(document, resource)}
    decisions = {
        decide(
            document,
            Question(
                caller=Caller(account=MEMBER, arn=arn), action=action, resource=resource.arn, context=context
            ),
        )
        for action in NEEDED[resource.kind]
    }

    if verdicts == {LockVerdict.HARMLESS}:
        assert Decision.EXPLICITLY_DENIED not in decisions
    if LockVerdict.LOCKS in verdicts:
        assert Decision.EXPLICITLY_DENIED in decisions
