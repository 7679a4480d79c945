"""Which automation approves which request: the one that asked for exactly that, once, by two people."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.approval.approvals import ApprovalCode, NotApproved, execution_id
from rootwarden.approval.automations import check_approval, from_automation
from rootwarden.events import Fields, MalformedEvent
from rootwarden.requests import Approved, NoApprovals, read_request, with_approval
from tests.unit.approval_given import ASKED, DOCUMENT, EXECUTION, JANE, OMAR, automation, decision, request

ADA = OMAR.replace("omar", "ada")
SERVICE = "arn:aws:sts::222233334444:assumed-role/AWSServiceRoleForAmazonSSM/StateManagerService"
BOTH = Approved(JANE, (OMAR,))


def refusal(asked: Fields | None = None, **changes: Any) -> ApprovalCode:
    with pytest.raises(NotApproved) as caught:
        check_approval(automation(**changes), asked or request(), document=DOCUMENT)
    assert caught.value.text
    return ApprovalCode(caught.value.code)


def test_a_second_persons_approval_counts() -> None:
    assert check_approval(automation(), request(), document=DOCUMENT) == BOTH


def test_several_approve() -> None:
    approved = check_approval(
        automation(decisions=(decision(OMAR), decision(ADA))), request(), document=DOCUMENT
    )
    assert approved.approved_by == (OMAR, ADA)


@pytest.mark.parametrize(
    "decisions",
    [
        (decision(JANE),),
        (decision(OMAR), decision(JANE)),
        (decision(OMAR), decision(OMAR)),
        (decision(JANE.replace("Operators", "Approvers")),),
    ],
)
def test_nobody_approves_what_they_asked_for_or_twice(decisions: tuple[str, ...]) -> None:
    assert refusal(decisions=decisions) is ApprovalCode.SAME_PERSON


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": "rootwarden-unlock-bucket-0a1b2c3d"}, ApprovalCode.ANOTHER_REQUEST),
        ({"document": ""}, ApprovalCode.ANOTHER_REQUEST),
        ({"version": "2"}, ApprovalCode.ANOTHER_REQUEST),
        ({"approval": None}, ApprovalCode.NOT_GIVEN),
        ({"approval": "Waiting"}, ApprovalCode.NOT_GIVEN),
        ({"approval": "Rejected"}, ApprovalCode.NOT_GIVEN),
        ({"approval": "Approved\nRejected"}, ApprovalCode.NOT_GIVEN),
        ({"status": "Success"}, ApprovalCode.USED),
        ({"status": "Cancelled"}, ApprovalCode.USED),
        ({"is_simple": False}, ApprovalCode.USED),
        ({"executed_by": ""}, ApprovalCode.UNCLEAR),
        ({"executed_by": "arn:aws:iam::222233334444:root"}, ApprovalCode.UNCLEAR),
        ({"executed_by": SERVICE}, ApprovalCode.UNCLEAR),
        ({"decisions": (decision(SERVICE),)}, ApprovalCode.UNCLEAR),
        ({"decisions": ()}, ApprovalCode.UNCLEAR),
        ({"decisions": ("{}",)}, ApprovalCode.UNCLEAR),
        ({"decisions": (decision(OMAR, "Reject"),)}, ApprovalCode.UNCLEAR),
    ],
)
def test_other_automations_approve_nothing(changes: dict[str, Any], code: ApprovalCode) -> None:
    assert refusal(**changes) is code


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "777788889999"},
        {"account": None},
        {"hours": 12},
        {"hours": None},
        {"reason": "lost MFA device "},
        {"dryRun": True},
        {"removeRecentlyUsed": 1},
    ],
)
def test_only_what_was_approved_is_approved(changes: dict[str, object]) -> None:
    assert refusal(request(**changes)) is ApprovalCode.ANOTHER_REQUEST


def test_a_parameter_the_request_leaves_out_is_a_difference() -> None:
    parameters = {**automation().parameters, "lockAgain": "true"}
    assert refusal(parameters=parameters) is ApprovalCode.ANOTHER_REQUEST
    check_approval(automation(parameters=parameters), request(lockAgain=True), document=DOCUMENT)


def test_what_says_nothing_makes_no_difference() -> None:
    parameters = {**automation().parameters, "lockAgain": "false", "evidence": ""}
    assert check_approval(automation(parameters=parameters), request(), document=DOCUMENT) == BOTH
    assert check_approval(automation(), request(lockAgain=False, evidence=""), document=DOCUMENT) == BOTH


@pytest.mark.parametrize("value", [["444455556666"], {"id": "444455556666"}, 4.0])
def test_a_member_no_parameter_can_hold_is_malformed(value: object) -> None:
    with pytest.raises(MalformedEvent):
        check_approval(automation(), request(account=value), document=DOCUMENT)


@given(st.sampled_from(sorted(ASKED)), st.text() | st.integers() | st.booleans())
def test_no_other_value_passes(name: str, value: object) -> None:
    if value != ASKED[name] and str(value) != str(ASKED[name]):
        assert refusal(request(**{name: value})) is ApprovalCode.ANOTHER_REQUEST


def test_request_names_its_automation() -> None:
    assert execution_id(request()) == EXECUTION
    with pytest.raises(NotApproved) as caught:
        execution_id(request(automationExecutionId=None))
    assert caught.value.code == ApprovalCode.REQUIRED


@pytest.mark.parametrize("value", ["", "x", EXECUTION.upper(), f"{EXECUTION}\n", "0" * 36, 7, ["x"]])
def test_what_is_no_execution_id_is_malformed(value: object) -> None:
    with pytest.raises(MalformedEvent):
        execution_id(request(automationExecutionId=value))


def test_without_configuration_nothing_needs_approval() -> None:
    assert NoApprovals().check(Fields({})) is None


class Given:
    """Approves everything."""

    def check(self, request: Fields) -> Approved | None:
        assert request.has("automationExecutionId")
        return BOTH


def test_an_approved_request_was_asked_by_whom_aws_says() -> None:
    asked = read_request(request().value)
    approved, approved_by = with_approval(Given(), asked)
    assert (approved.requested_by, approved_by) == (JANE, (OMAR,))
    assert (approved.account_id, approved.fields) == (asked.account_id, asked.fields)


def test_what_is_only_tried_needs_no_approval() -> None:
    asked = read_request(request(dryRun=True, automationExecutionId=None).value)
    assert with_approval(Given(), asked) == (asked, ())
    asked = read_request(request().value)
    assert with_approval(NoApprovals(), asked) == (asked, ())


@pytest.mark.parametrize(
    ("handed_over", "asked"),
    [
        ({"hours": "4", "lockAgain": "true", "region": ""}, {"hours": 4, "lockAgain": True}),
        ({"hours": 4, "lockAgain": False}, {"hours": 4, "lockAgain": False}),
        ({"hours": "four", "lockAgain": "yes"}, {"hours": "four", "lockAgain": "yes"}),
        ({"reason": "4"}, {"reason": "4"}),
    ],
)
def test_what_an_automation_hands_over_becomes_a_request(
    handed_over: dict[str, object], asked: dict[str, object]
) -> None:
    execution = {"automationExecutionId": EXECUTION}
    assert from_automation({**handed_over, **execution}) == {**asked, **execution}


def test_other_requests_stay_as_they_are() -> None:
    assert from_automation({"hours": "4", "region": ""}) == {"hours": "4", "region": ""}
