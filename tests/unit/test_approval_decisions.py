"""Who approved, whatever AWS calls the members of a decision; nobody, where that is not certain."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.approval.approvals import UnclearDecisions, approvers
from tests.unit.approval_given import HUB, JANE, OMAR

USER = f"arn:aws:iam::{HUB}:user/omar"


@pytest.mark.parametrize(
    "shape",
    [
        {"approver": OMAR, "decision": "Approve"},
        {"approver": OMAR, "decision": "Approved", "comment": "go ahead", "time": 1750000000},
        {"Decision": "APPROVE", "Principal": OMAR, "Comment": ""},
        [{"approver": OMAR, "decision": "Approve"}],
        {OMAR: "Approve"},
        {OMAR: {"decision": "Approve", "comment": None}},
        {"approver": OMAR, "decision": "Approve", "comment": f"as agreed with {JANE}"},
    ],
)
def test_one_approval(shape: object) -> None:
    assert [principal.arn for principal in approvers([json.dumps(shape)])] == [OMAR]


@pytest.mark.parametrize(
    "shape",
    [
        [{"approver": OMAR, "decision": "Approve"}, {"approver": USER, "decision": "Approve"}],
        {OMAR: "Approve", USER: "Approve"},
    ],
)
def test_two_approvals_in_one_text(shape: object) -> None:
    assert [principal.arn for principal in approvers([json.dumps(shape)])] == [OMAR, USER]


def test_two_approvals_in_two_texts() -> None:
    texts = [json.dumps({"approver": arn, "decision": "Approve"}) for arn in (OMAR, USER)]
    assert [principal.arn for principal in approvers(texts)] == [OMAR, USER]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Approve",
        "{",
        "[" * 100_000,
        json.dumps("Approve"),
        json.dumps(OMAR),
        json.dumps({}),
        json.dumps([]),
        json.dumps([[]]),
        json.dumps({"decision": "Approve"}),
        json.dumps({"approver": OMAR}),
        json.dumps({"approver": "omar", "decision": "Approve"}),
        json.dumps({"approver": f"arn:aws:iam::{HUB}:root", "decision": "Approve"}),
        json.dumps({"approver": OMAR, "decision": "Reject"}),
        json.dumps({"approver": OMAR, "decision": "Reject", "comment": "Approve"}),
        json.dumps({"approver": OMAR, "decision": "Approve", "comment": JANE}),
        json.dumps({"approver": {"arn": OMAR}, "decision": "Approve"}),
        json.dumps({OMAR: "Approve", "note": "Approve"}),
        json.dumps([{"approver": OMAR, "decision": "Approve"}, None]),
    ],
)
def test_unclear_is_nobody(text: str) -> None:
    with pytest.raises(UnclearDecisions):
        approvers([text])


def test_no_decision_is_nobody() -> None:
    with pytest.raises(UnclearDecisions):
        approvers([])


def test_one_unclear_decision_spoils_the_rest() -> None:
    with pytest.raises(UnclearDecisions):
        approvers([json.dumps({"approver": OMAR, "decision": "Approve"}), "{}"])


texts = st.sampled_from(["Approve", "Reject", "approved", "", OMAR, JANE, USER]) | st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(values.map(json.dumps) | st.text(max_size=20), max_size=3))
def test_nobody_approves_who_is_not_named_in_the_decisions(decisions: list[str]) -> None:
    try:
        found = approvers(decisions)
    except UnclearDecisions:
        return
    everything = json.dumps(list(map(json.loads, decisions)))
    assert found
    assert all(json.dumps(principal.arn) in everything for principal in found)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3), st.sampled_from([OMAR, USER]))
def test_a_comment_never_adds_an_approver(rest: dict[str, Any], arn: str) -> None:
    decision = {**rest, "approver": arn, "decision": "Approve"}
    try:
        found = approvers([json.dumps(decision)])
    except UnclearDecisions:
        return
    assert [principal.arn for principal in found] == [arn]
