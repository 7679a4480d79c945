"""Policy documents as AWS hands them over: read whole, or refused by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.aws.service_control_policies import MalformedPolicy, read_policy
from rootwarden.policies.service_control_policies import BlockVerdict, Level, MemberRootCalls
from tests.unit.given import MEMBER, ORGANIZATION_ID

SESSIONS = MemberRootCalls(MEMBER, ORGANIZATION_ID, "aws")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ("9" * 5000, "digits"),
        ("[]", "Statement"),
        ("{}", "Statement"),
        ('{"Statement": ["text"]}', "statement 1 takes an object"),
        ('{"Statement": {"Effect": "deny", "Action": "*", "Resource": "*"}}', "Effect Allow or Deny"),
        ('{"Statement": {"Effect": "Deny", "Resource": "*"}}', "exactly one of Action and NotAction"),
        ('{"Statement": {"Effect": "Deny", "Action": "*"}}', "exactly one of Resource and NotResource"),
        ('{"Statement": {"Effect": "Deny", "Action": {}, "Resource": "*"}}', "Action takes texts"),
        ('{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": 1}}', "Condition"),
    ],
)
def test_a_malformed_policy_is_named(document: str, said: str) -> None:
    with pytest.raises(MalformedPolicy, match=r"policy 'mine' \(p-1\) cannot be read: ") as refused:
        read_policy("p-1", "mine", document)

    assert said in str(refused.value)


_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["*", "iam:*", "[", "${aws:PrincipalArn}", "${", "arn:aws:iam::*:root", "true"]),
)
_VALUES = st.one_of(_TEXTS, st.lists(_TEXTS, max_size=3), st.booleans(), st.integers(), st.none())
_OPERATORS = st.one_of(
    st.text(max_size=10),
    st.sampled_from(["Null", "Bool", "ArnLike", "ForAllValues:StringNotLike", "StringEqualsIfExists", ":"]),
)
_KEYS = st.one_of(st.text(max_size=10), st.sampled_from(["aws:PrincipalArn", "aws:AssumedRoot"]))
_STATEMENTS = st.one_of(
    st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": _VALUES, "Resource": _VALUES},
        optional={
            "Sid": _VALUES,
            "Condition": st.dictionaries(_OPERATORS, st.dictionaries(_KEYS, _VALUES, max_size=2), max_size=2),
        },
    ),
    st.dictionaries(st.sampled_from(["Effect", "Action", "NotAction", "Resource", "Condition"]), _VALUES),
)
_DOCUMENTS = st.one_of(
    st.text(),
    st.fixed_dictionaries({"Statement": st.one_of(_STATEMENTS, st.lists(_STATEMENTS, max_size=3))}).map(
        json.dumps
    ),
    st.recursive(_VALUES, lambda inner: st.dictionaries(st.text(), inner)).map(json.dumps),
)


@given(_DOCUMENTS)
def test_no_document_makes_judging_fail(document: str) -> None:
    try:
        read = read_policy("p-1", "mine", document)
    except MalformedPolicy:
        return

    for finding in SESSIONS.judge([Level("r-ab12", (read,)), Level(MEMBER, (read,))]):
        assert finding.tasks
        assert (finding.verdict is BlockVerdict.BLOCKS) is not bool(finding.depends_on)
