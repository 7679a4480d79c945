"""Recovery windows that need approval: asked by one person, approved by another, opened once."""

from typing import Any

import pytest

from local.aws import LocalAws
from tests.wiring.approval.people import (
    APPROVERS,
    MEMBER,
    Person,
    answer_to,
    documents,
    execution_of,
    invoke,
)

TASK = "open_recovery"


def refusal(answer: dict[str, Any]) -> str:
    assert answer["result"] == "refused"
    return str(answer["reason"]["code"])


def root_was_touched(aws: LocalAws) -> bool:
    return any(call.operation == "AssumeRoot" for call in aws.calls)


def test_a_window_opens_when_a_second_person_approves(aws: LocalAws, jane: Person, omar: Person) -> None:
    # Given that Jane asks for a window
    execution = jane.ask(TASK, hours="4")

    # Then approvers are told every parameter, and nothing is done yet
    assert execution_of(aws, execution)["AutomationExecutionStatus"] == "Waiting"
    [asked] = [message for message in aws.messages if execution in (message.subject or "")]
    assert all(line in asked.body for line in (f"account: {MEMBER}", "hours: 4", "reason: ticket 4711"))
    assert not root_was_touched(aws)

    # When Omar approves
    omar.approve(execution)

    # Then it is open, and everybody hears who asked and who approved
    assert answer_to(aws, execution)["result"] == "opened"
    assert root_was_touched(aws)
    [outcome] = [o["detail"] for o in aws.outcomes if o["detail-type"] == "Recovery Window Change"]
    assert (outcome["window"]["openedBy"], outcome["approvedBy"]) == (jane.arn, [omar.arn])


@pytest.mark.parametrize("asking_as", ["operator", "approver"])
def test_nobody_approves_their_own_request(aws: LocalAws, jane: Person, asking_as: str) -> None:
    # Given somebody who operates and is an approver, too, by another permission set
    approving = Person(aws, APPROVERS, jane.name)
    execution = (jane if asking_as == "operator" else approving).ask(TASK, hours="4")
    # When they approve what they asked for, which AWS does not mind
    approving.approve(execution)
    # Then the function does
    assert refusal(answer_to(aws, execution)) == "ApprovedByTheSamePerson"
    assert not root_was_touched(aws)


def test_a_rejection_ends_it(aws: LocalAws, jane: Person, omar: Person) -> None:
    execution = jane.ask(TASK, hours="4")
    omar.approve(execution, "Reject")
    assert execution_of(aws, execution)["AutomationExecutionStatus"] == "Failed"
    assert not root_was_touched(aws)
    assert refusal(invoke(aws, TASK, hours=4, automationExecutionId=execution)) == "NotApproved"


def test_who_may_invoke_the_function_gains_nothing_by_it(aws: LocalAws, jane: Person) -> None:
    waiting = jane.ask(TASK, hours="4")
    unknown = "00000000-0000-0000-0000-000000000000"
    assert refusal(invoke(aws, TASK, hours=4)) == "ApprovalRequired"
    assert refusal(invoke(aws, TASK, hours=4, automationExecutionId=unknown)) == "NotApproved"
    assert refusal(invoke(aws, TASK, hours=4, automationExecutionId=waiting)) == "NotApproved"
    assert refusal(invoke(aws, TASK, hours=4, automationExecutionId="x")) == "MalformedRequest"
    assert not root_was_touched(aws)


def test_an_approval_is_used_once_and_by_its_own_automation(
    aws: LocalAws, jane: Person, omar: Person
) -> None:
    execution = jane.ask(TASK, hours="4")
    omar.approve(execution)
    assert answer_to(aws, execution)["result"] == "opened"
    again = {"hours": 4, "automationExecutionId": execution}
    assert refusal(invoke(aws, TASK, **again)) == "ApprovalUsed"


def test_an_approval_cannot_be_taken_for_another_request_while_it_runs(
    aws: LocalAws, jane: Person, omar: Person
) -> None:
    # Given an approved automation that has not invoked the function yet
    execution = jane.ask(TASK, hours="4")
    omar.ssm.send_automation_signal(AutomationExecutionId=execution, SignalType="Approve")
    # When somebody else is faster, with other parameters, and with the same
    changed = invoke(aws, TASK, hours=12, automationExecutionId=execution)
    elsewhere = invoke(aws, "unlock_bucket", bucket="b-1", action="delete", automationExecutionId=execution)
    same = invoke(aws, TASK, hours=4, automationExecutionId=execution)
    # Then only what was approved is done, once; the automation itself comes too late
    assert refusal(changed) == refusal(elsewhere) == "AnotherRequestApproved"
    assert same["result"] == "opened"
    aws.run_until_idle()
    assert refusal(answer_to(aws, execution)) == "ApprovalUsed"


def test_an_edited_runbook_approves_nothing(aws: LocalAws, jane: Person, omar: Person) -> None:
    # Given a runbook that somebody made tell approvers something harmless
    name = documents(aws)[TASK]
    content = jane.ssm.get_document(Name=name)["Content"].replace("opens a recovery window", "does nothing")
    version = jane.ssm.update_document(Name=name, Content=content, DocumentVersion="$LATEST")
    latest = version["DocumentDescription"]["DocumentVersion"]
    jane.ssm.update_document_default_version(Name=name, DocumentVersion=latest)
    try:
        execution = jane.ask(TASK, hours="4")
        omar.approve(execution)
    finally:
        jane.ssm.update_document_default_version(Name=name, DocumentVersion="1")
    # Then its approval counts for nothing
    assert refusal(answer_to(aws, execution)) == "AnotherRequestApproved"


def test_nobody_knows_whether_it_was_approved_while_aws_does_not_answer(
    aws: LocalAws, jane: Person, omar: Person
) -> None:
    aws.extensions.faults.fail("GetAutomationExecution", "InternalServerError", http=500, times=None)
    execution = jane.ask(TASK, hours="4")
    omar.approve(execution)
    aws.extensions.faults.clear()
    answer = answer_to(aws, execution)
    assert (answer["result"], answer["reason"]["code"]) == ("failed", "InternalServerError")
    assert not root_was_touched(aws)
