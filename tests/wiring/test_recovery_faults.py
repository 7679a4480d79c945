"""Every AWS call of opening and closing may fail, before or after it took effect: nothing stays open."""

import pytest

from local.aws import LocalAws
from local.scenarios.asking import ask
from tests.accounts import MEMBER
from tests.wiring.test_recovery import WHY, clean_member, let_it_end, opened, said, schedules

pytestmark = pytest.mark.long

__all__ = ["clean_member"]

OPENING = (
    ("organizations", "DescribeAccount"),
    ("dynamodb", "UpdateItem"),
    ("dynamodb", "GetItem"),
    ("dynamodb", "PutItem"),
    ("scheduler", "CreateSchedule"),
    ("sts", "AssumeRoot"),
    ("iam", "CreateLoginProfile"),
    ("events", "PutEvents"),
)
CLOSING = (
    ("dynamodb", "UpdateItem"),
    ("dynamodb", "GetItem"),
    ("events", "PutEvents"),
    ("scheduler", "DeleteSchedule"),
    ("dynamodb", "DeleteItem"),
)
before_and_after = pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])


def _fail_once(aws: LocalAws, service: str, operation: str, *, after_effect: bool) -> None:
    aws.extensions.faults.fail(
        operation, "AccessDeniedException", service=service, http=403, after_effect=after_effect
    )


@before_and_after
@pytest.mark.parametrize(("service", "operation"), OPENING)
def test_whichever_call_of_opening_fails_it_can_be_finished_and_it_ends(
    aws: LocalAws, service: str, operation: str, *, after_effect: bool
) -> None:
    _fail_once(aws, service, operation, after_effect=after_effect)

    answer = ask(aws, "open_recovery", hours=4, **WHY)

    assert answer["result"] == "failed"
    if aws.posture(MEMBER)["password"]:
        assert schedules(aws)
        assert len(ask(aws, "close_recovery", list=True)["windows"]) == 1
    aws.extensions.faults.clear()
    aws.clock.advance(120)
    again = opened(aws)
    assert again["result"] == "opened" or again["reason"]["code"] == "WindowOpen"
    assert aws.posture(MEMBER)["password"]
    assert "opened" in said(aws)
    let_it_end(aws)
    assert not any(aws.posture(MEMBER).values())
    assert (said(aws)[-1], schedules(aws), aws.dead_letters) == ("hardened", [], [])


@before_and_after
@pytest.mark.parametrize(("service", "operation"), CLOSING)
def test_whichever_call_of_closing_fails_the_window_ends(
    aws: LocalAws, service: str, operation: str, *, after_effect: bool
) -> None:
    opened(aws)
    _fail_once(aws, service, operation, after_effect=after_effect)

    let_it_end(aws)

    assert not any(aws.posture(MEMBER).values())
    assert said(aws)[-1] in {"hardened", "clean"}
    assert ask(aws, "close_recovery", list=True)["windows"] == []
    assert (schedules(aws), aws.dead_letters) == ([], [])


def test_a_schedule_left_by_a_run_that_stopped_is_set_anew_and_never_missing(aws: LocalAws) -> None:
    _fail_once(aws, "iam", "CreateLoginProfile", after_effect=False)
    ask(aws, "open_recovery", hours=4, **WHY)

    assert opened(aws)["result"] == "opened"

    operations = [call.operation for call in aws.calls if call.service == "scheduler"]
    assert operations == ["CreateSchedule", "CreateSchedule", "UpdateSchedule"]
