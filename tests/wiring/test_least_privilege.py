"""Every action a role may do is one its function needs, seen at work; all else is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.answers.roles import statements_of
from local.embedded_aws import EmbeddedAws
from local.scenarios.scenario import Scenario
from tests.wiring.queues import put_in_queue
from tests.wiring.sample_events import HUB, MEMBER, sample

# What Lambda's service does with a function's role on its behalf, outside the handler's own calls.
_BY_LAMBDA = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
}
# Encryption happens inside the services that the function calls.
_BY_SERVICES = {"kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey*"}


# tests/sweep holds the same of what a sweep runs, at sweeps of every kind.
_SWEEP = ("list_accounts", "audit_accounts", "write_report")


def _functions(aws: EmbeddedAws) -> Iterator[dict[str, Any]]:
    functions = aws.client("lambda", account=HUB).list_functions()["Functions"]
    yield from (f for f in functions if f["Handler"].startswith("lambdas.handlers."))


def _everything_happens(aws: EmbeddedAws, happen: Callable[..., Any]) -> None:
    aws.slack.refuse_next(500)
    scenario = Scenario(aws)
    happen(sample("create_account_result_succeeded"))
    for _ in range(3):
        scenario.sign_in_as_root(MEMBER, succeeded=False)
    happen(sample("assume_root_call", region="us-east-1"))
    happen(sample("close_account_result"))
    for queue in ("HardenAccount", "AssessRootActivity", "ForgetAccount"):
        put_in_queue(aws, queue, "not JSON")
    aws.run_until_idle()


def test_every_granted_action_is_used_and_no_call_was_refused(
    aws: EmbeddedAws, happen: Callable[..., Any]
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
        calls = [call for call in aws.calls if call.principal.role_arn == function["Role"]]
        used = {action for call in calls for action in call.actions}
        assert granted - _BY_LAMBDA - _BY_SERVICES == used, function["Handler"]
        refused = [call for call in calls if call.error_code == "AccessDenied"]
        assert refused == [], function["Handler"]


@pytest.mark.parametrize(
    "task", ["IAMCreateRootUserPassword", "S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"]
)
def test_the_hardening_role_can_open_no_session_but_to_audit_and_delete(aws: EmbeddedAws, task: str) -> None:
    [role] = [f["Role"] for f in _functions(aws) if "harden_account" in f["Handler"]]
    sts = aws.client_of_role("sts", role)

    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_root(
            TargetPrincipal=MEMBER,
            TaskPolicyArn={"arn": f"arn:aws:iam::aws:policy/root-task/{task}"},
        )


def test_no_other_role_can_open_a_root_session(aws: EmbeddedAws) -> None:
    policy = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    for function in _functions(aws):
        if function["Handler"].split(".")[-2] in ("harden_account", "audit_accounts"):
            continue
        sts = aws.client_of_role("sts", function["Role"])
        with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
            sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=policy)
