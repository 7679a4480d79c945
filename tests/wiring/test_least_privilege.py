"""Every action a role may do is one its function needs, seen at work; all else is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from embedded_aws.iam.roles import statements_of
from local.aws import LocalAws
from local.scenarios.asking import ask
from local.scenarios.scenario import Scenario
from rootwarden.contract.functions import Caller
from tests.accounts import HUB, MEMBER
from tests.wiring.locked import clear, locked_bucket, locked_queue
from tests.wiring.queues import put_in_queue
from tests.wiring.sample_events import sample

pytestmark = pytest.mark.long

# What Lambda's service does with a function's role on its behalf, outside the handler's own calls.
_BY_LAMBDA = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
}
# Lambda leaves an asynchronous invocation that keeps failing with the function's dead letters.
_BY_LAMBDA_OF = {"close_recovery": {"sqs:SendMessage"}}
# What is made to fail below. Services say that they refuse in words of their own, so any other error counts.
# A schedule whose time has come may be gone before its function deletes it.
_MAY_FAIL = {
    ("AssumeRoot", "Throttled"),
    ("CreateSchedule", "ConflictException"),
    ("DeleteSchedule", "ResourceNotFoundException"),
}
# Encryption happens inside the services that the function calls.
_BY_SERVICES = {"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey*"}


# tests/wiring/sweep holds the same of what a sweep runs.
_SWEEP = ("list_accounts", "collect_undelivered", "audit_accounts", "write_report")


def _functions(aws: LocalAws) -> Iterator[dict[str, Any]]:
    functions = aws.client("lambda", account=HUB).list_functions()["Functions"]
    yield from (f for f in functions if f["Handler"].startswith("lambdas."))


def _everything_happens(aws: LocalAws, happen: Callable[..., Any]) -> None:
    aws.slack.refuse_next(500)
    scenario = Scenario(aws)
    happen(sample("create_account_result_succeeded"))
    for _ in range(3):
        scenario.sign_in_as_root(MEMBER, succeeded=False)
    happen(sample("assume_root_call", region="us-east-1"))
    aws.state.set_state(MEMBER, "SUSPENDED")
    happen(sample("close_account_result"))
    aws.state.set_state(MEMBER, "ACTIVE")
    for queue in ("HardenAccount", "AssessRootActivity", "ForgetAccount"):
        put_in_queue(aws, queue, "not JSON")
    _a_window_opens_and_closes(aws)
    _policies_are_deleted_and_restored(aws)
    aws.run_until_idle()


def _a_window_opens_and_closes(aws: LocalAws) -> None:
    window = {"account": MEMBER, "hours": 1, "reason": "lost MFA device", "requestedBy": "alice"}
    # Undone, so that the opening function deletes what it began.
    aws.extensions.faults.fail("AssumeRoot", "Throttled")
    ask(aws, "open_recovery", **window)
    # Left as it is, so that the next request sets the end anew.
    aws.extensions.faults.fail("CreateLoginProfile", "AccessDenied")
    ask(aws, "open_recovery", **window)
    assert ask(aws, "open_recovery", **window)["result"] == "opened"
    aws.clock.advance(3700)
    aws.run_until_idle()


def _policies_are_deleted_and_restored(aws: LocalAws) -> None:
    locked_bucket(aws)
    locked_queue(aws)
    asked = {"account": MEMBER, "reason": "locked out", "requestedBy": "anna"}
    for function, named in (("unlock_bucket", {"bucket": "ledger"}), ("unlock_queue", {"queue": "orders"})):
        deleted = ask(aws, function, action="delete", **asked, **named)
        back = {"action": "restore", "evidence": deleted["evidence"]["key"], "lockAgain": True}
        assert ask(aws, function, **back, **asked, **named)["result"] == "restored"
        assert ask(aws, function, Caller.SCHEDULE, begun=True)["result"] == "nothing_begun"
    clear()


def test_every_granted_action_is_used_and_no_call_was_refused(
    aws: LocalAws, happen: Callable[..., Any]
) -> None:
    _everything_happens(aws, happen)

    for function in _functions(aws):
        if function["Handler"].split(".")[-2] in _SWEEP:
            continue
        granted = {
            action
            for statement in statements_of(function["Role"])
            for action in (
                [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            )
        }
        granted -= _BY_LAMBDA_OF.get(function["Handler"].split(".")[-2], set())
        calls = [call for call in aws.calls if call.principal.role_arn == function["Role"]]
        used = {action for call in calls for action in call.actions}
        assert granted - _BY_LAMBDA - _BY_SERVICES == used, function["Handler"]
        failed = {(call.operation, call.error_code) for call in calls if call.error_code}
        assert failed <= _MAY_FAIL, function["Handler"]


_AUDIT, _DELETE, _PASSWORD, _BUCKET, _QUEUE = (
    "IAMAuditRootUserCredentials",
    "IAMDeleteRootUserCredentials",
    "IAMCreateRootUserPassword",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
)
_MAY_OPEN = {
    ("harden_account", _AUDIT),
    ("harden_account", _DELETE),
    ("audit_accounts", _AUDIT),
    ("open_recovery", _PASSWORD),
    ("unlock_bucket", _BUCKET),
    ("unlock_queue", _QUEUE),
}


@pytest.mark.parametrize("task", [_AUDIT, _DELETE, _PASSWORD, _BUCKET, _QUEUE])
def test_each_role_can_open_the_root_sessions_of_its_function_and_no_others(aws: LocalAws, task: str) -> None:
    policy = {"arn": f"arn:aws:iam::aws:policy/root-task/{task}"}
    opened = set()
    for function in _functions(aws):
        sts = aws.client_of_role("sts", function["Role"])
        try:
            sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=policy)
        except sts.exceptions.ClientError as refused:
            assert "AccessDenied" in str(refused)  # noqa: PT017 - one role may, the others may not
        else:
            opened.add((function["Handler"].split(".")[-2], task))
    assert opened == {each for each in _MAY_OPEN if each[1] == task}


def test_the_opening_role_lets_schedules_do_nothing_but_close_windows(aws: LocalAws) -> None:
    role = next(f["Role"] for f in _functions(aws) if "open_recovery" in f["Handler"])
    elsewhere = next(f["Role"] for f in _functions(aws) if "harden_account" in f["Handler"])
    scheduler = aws.client_of_role("scheduler", role)

    for name, target in ((f"rootwarden-recovery-{MEMBER}", elsewhere), ("another", role)):
        with pytest.raises(scheduler.exceptions.ClientError, match="AccessDenied"):
            scheduler.create_schedule(
                Name=name,
                GroupName="rootwarden-recovery",
                ScheduleExpression="rate(1 hour)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": "arn:aws:lambda:us-east-1:222233334444:function:any", "RoleArn": target},
            )
