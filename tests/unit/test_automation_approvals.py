"""What Systems Manager has on record, read defensively; and each approval used once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rootwarden.approval.approvals import ApprovalCode, NotApproved
from rootwarden.aws.automation_approvals import AutomationApprovals, approvals
from rootwarden.aws.state_table import StateTable
from rootwarden.refusals import CallRefused
from rootwarden.requests import Approved
from tests.unit.approval_given import ASKED, DOCUMENT, EXECUTION, JANE, OMAR, decision, request
from tests.unit.fake_state import FakeClaims
from tests.unit.fakes import FakeClock

APPROVE_STEP = {
    "StepName": "Approve",
    "Action": "aws:approve",
    "StepStatus": "Success",
    "Outputs": {"ApprovalStatus": ["Approved"], "ApproverDecisions": [decision(OMAR)]},
}
RECORD = {
    "AutomationExecutionId": EXECUTION,
    "DocumentName": DOCUMENT,
    "DocumentVersion": "1",
    "AutomationExecutionStatus": "InProgress",
    "Mode": "Auto",
    "ExecutedBy": JANE,
    "Parameters": {name: [str(value)] for name, value in ASKED.items()},
    "StepExecutions": [APPROVE_STEP, {"StepName": "Act", "Action": "aws:invokeLambdaFunction"}],
    "StepExecutionsTruncated": False,
    "Targets": [],
    "ResolvedTargets": {"ParameterValues": [], "Truncated": False},
}


class Ssm:
    """Systems Manager with one execution on record, or an error."""

    def __init__(self, error: str | None = None, **changes: Any) -> None:
        self.error = error
        self.record = {name: value for name, value in {**RECORD, **changes}.items() if value is not None}

    def get_automation_execution(self, *, AutomationExecutionId: str) -> Mapping[str, Any]:  # noqa: N803
        assert AutomationExecutionId == EXECUTION
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "GetAutomationExecution")
        return {"AutomationExecution": self.record}


def approvals_with(ssm: Ssm) -> AutomationApprovals:
    return AutomationApprovals(ssm=ssm, claims=FakeClaims(FakeClock()), document=DOCUMENT)


def refusal(ssm: Ssm) -> str:
    with pytest.raises(NotApproved) as caught:
        approvals_with(ssm).check(request())
    return caught.value.code


def test_approved_as_recorded() -> None:
    for ssm in (Ssm(), Ssm(Targets=None, ResolvedTargets=None)):
        assert approvals_with(ssm).check(request()) == Approved(JANE, (OMAR,))


def test_an_approval_is_used_once(
    table: StateTable, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootwarden.aws.clients.ssm", Ssm)
    twice = approvals(DOCUMENT, table)
    twice.check(request())
    clock.move(timedelta(hours=23))
    with pytest.raises(NotApproved) as caught:
        twice.check(request())
    assert caught.value.code == ApprovalCode.USED


def test_a_refused_request_uses_nothing_up() -> None:
    same = approvals_with(Ssm())
    with pytest.raises(NotApproved):
        same.check(request(hours=12))
    assert same.check(request())


def test_without_a_document_nothing_needs_approval(table: StateTable) -> None:
    assert approvals(None, table).check(request()) is None


def test_an_unknown_automation_approves_nothing() -> None:
    assert refusal(Ssm("AutomationExecutionNotFoundException")) == ApprovalCode.NOT_GIVEN


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_what_aws_refuses_is_no_approval_and_says_so(code: str) -> None:
    with pytest.raises(CallRefused) as caught:
        approvals_with(Ssm(code)).check(request())
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("DocumentName", ApprovalCode.ANOTHER_REQUEST),
        ("DocumentVersion", ApprovalCode.ANOTHER_REQUEST),
        ("AutomationExecutionStatus", ApprovalCode.USED),
        ("Mode", ApprovalCode.USED),
        ("ExecutedBy", ApprovalCode.UNCLEAR),
        ("Parameters", ApprovalCode.ANOTHER_REQUEST),
        ("StepExecutions", ApprovalCode.NOT_GIVEN),
    ],
)
def test_a_record_that_lacks_something_approves_nothing(member: str, code: ApprovalCode) -> None:
    assert refusal(Ssm(**{member: None})) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"Mode": "Interactive"},
        {"ParentAutomationExecutionId": EXECUTION},
        {"StepExecutionsTruncated": True},
        {"Targets": [{"Key": "ParameterValues", "Values": ["444455556666"]}]},
        {"TargetLocations": [{"Accounts": ["444455556666"]}]},
        {"AutomationSubtype": "ChangeRequest"},
        {"AssociationId": "8dfe3659-4309-493a-8755-0123456789ab"},
        {"OpsItemId": "oi-0123456789ab"},
        {"ChangeRequestName": "Nightly"},
    ],
)
def test_automations_that_run_in_an_unusual_way_approve_nothing(changes: dict[str, Any]) -> None:
    assert refusal(Ssm(**changes)) == ApprovalCode.USED


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{**APPROVE_STEP, "Action": "aws:executeScript"}],
        [APPROVE_STEP, APPROVE_STEP],
        [{**APPROVE_STEP, "Outputs": {}}],
        [{**APPROVE_STEP, "Outputs": {"ApprovalStatus": ["Approved", "Approved"]}}],
    ],
)
def test_only_one_approve_step_counts(steps: list[dict[str, Any]]) -> None:
    assert refusal(Ssm(StepExecutions=steps)) == ApprovalCode.NOT_GIVEN


def test_a_list_is_not_the_value_that_was_asked_for() -> None:
    parameters = {**RECORD["Parameters"], "account": ["444455556666", "777788889999"]}  # type: ignore[dict-item]
    assert refusal(Ssm(Parameters=parameters)) == ApprovalCode.ANOTHER_REQUEST
