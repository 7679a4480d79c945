"""Where a second person must approve, rootctl asks for that instead, and can wait for it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.organization import Organization, organization_from
from rootctl.errors import Exit, Hindered
from rootctl.parallel import Results
from rootctl.requests import ApprovalRun, CarryingOut
from rootwarden.events import Fields
from tests.accounts import CLEAN, EXPOSED, HUB, ORGANIZATION, REASON
from tests.rootctl.conftest import program, run
from tests.rootctl.drilled import drilling, missing
from tests.wiring.locked import REGION, clear, locked_bucket, locked_queue

pytestmark = pytest.mark.long

_APPROVER = f"arn:aws:iam::{HUB}:role/approvers"
_OPEN = ("recovery", "open", CLEAN, "--hours", "4", "--yes", *REASON)


@pytest.fixture(scope="module")
def operated() -> Organization:
    """The organization whose hub asks for approval."""
    return organization_from(ORGANIZATION | {"configuration": {"approval": {"approvers": [_APPROVER]}}})


@pytest.fixture
def decide(aws: LocalAws) -> Iterator[Callable[[str, str], None]]:
    """Let the approver decide, and the automation do what follows."""

    def decide(execution: str, signal: str) -> None:
        aws.run_until_idle()
        approver = aws.client_of_role("ssm", _APPROVER)
        approver.send_automation_signal(AutomationExecutionId=execution, SignalType=signal)
        aws.run_until_idle()

    yield decide
    clear()


def executions(aws: LocalAws) -> list[str]:
    client = aws.client("ssm", account=HUB)
    found = client.describe_automation_executions()["AutomationExecutionMetadataList"]
    return [execution["AutomationExecutionId"] for execution in found]


def test_a_window_waits_for_its_approval(aws: LocalAws, decide: Callable[[str, str], None]) -> None:
    answer, code = program(*_OPEN)

    assert (answer["result"], code) == ("approval_requested", Exit.DONE)
    assert f"--automation-execution-id {answer['automationExecutionId']}" in answer["approveCommand"]
    assert not aws.posture(CLEAN)["password"]

    decide(answer["automationExecutionId"], "Approve")

    assert aws.posture(CLEAN)["password"]
    [window] = program("recovery", "list")[0]["windows"]
    assert window["approvedBy"] != []


@pytest.mark.usefixtures("aws")
def test_people_are_shown_what_the_approver_types() -> None:
    result = run(*_OPEN)

    assert "aws ssm send-automation-signal --signal-type Approve --region us-east-1" in result.stdout


@pytest.mark.parametrize(("signal", "code"), [("Approve", Exit.DONE), ("Reject", Exit.FAILED)])
def test_waiting_ends_with_what_came_of_it(
    aws: LocalAws,
    decide: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    signal: str,
    code: Exit,
) -> None:
    before = set(executions(aws))

    def meanwhile(_seconds: float) -> None:
        [new] = set(executions(aws)) - before
        decide(new, signal)

    monkeypatch.setattr("rootctl.requests.sleep", meanwhile)
    result = run(*_OPEN, "--wait")

    assert result.exit_code == code
    assert "send-automation-signal" in result.stderr
    if code == Exit.DONE:
        assert "is open until" in result.stdout
    else:
        assert "Nothing was done" in result.stderr
    assert aws.posture(CLEAN)["password"] is (code == Exit.DONE)


_NOT_YET = "No output available yet because the step is not successfully executed"
_BEGUN = {"StepName": "Act", "StepStatus": "Failed", "ExecutionStartTime": "2026-06-01T22:00:00Z"}
_NEVER_BEGUN = {"StepName": "Act", "StepStatus": "Pending"}


@pytest.mark.parametrize("outputs", [{}, {"Act.Payload": []}, {"Act.Payload": [_NOT_YET]}])
@pytest.mark.parametrize(
    ("status", "message", "step", "why", "became"),
    [
        ("Failed", "It crashed.", _BEGUN, "It crashed", "What its function did until then is in its log"),
        ("Cancelled", None, _BEGUN, "Cancelled", "What its function did until then is in its log"),
        ("Failed", "Rejected by omar", _NEVER_BEGUN, "Rejected by omar", "Nothing was done."),
        ("TimedOut", None, _NEVER_BEGUN, "TimedOut", "Nothing was done."),
    ],
)
def test_what_did_not_end_well_says_whether_anything_was_begun(
    status: str,
    message: str | None,
    step: dict[str, str],
    why: str,
    became: str,
    outputs: dict[str, list[str]],
) -> None:
    ended = {"AutomationExecutionStatus": status, "Outputs": outputs, "StepExecutions": [step]}
    if message:
        ended["FailureMessage"] = message
    ssm = SimpleNamespace(get_automation_execution=lambda **_: {"AutomationExecution": ended})

    with pytest.raises(Hindered) as hindered:
        ApprovalRun(ssm, "4711", "us-east-1").wait()

    assert f"Automation 4711: {why}. {became}" in str(hindered.value)


def test_ctrl_c_after_the_approval_says_that_it_was_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    step = {"StepName": "Act", "ExecutionStartTime": 0}
    execution = {"AutomationExecutionStatus": "InProgress", "StepExecutions": [step]}
    ssm = SimpleNamespace(get_automation_execution=lambda **_: {"AutomationExecution": execution})
    monkeypatch.setattr("rootctl.requests.sleep", press_ctrl_c)

    with pytest.raises(KeyboardInterrupt, match="4711 was approved, and goes on"):
        ApprovalRun(ssm, "4711", "us-east-1").wait()


def test_a_second_ctrl_c_says_how_to_look(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    results = Results[str, object](done={}, unfinished=("",))
    monkeypatch.setattr("rootctl.requests.at_once", lambda *_args, **_options: results)

    with pytest.raises(KeyboardInterrupt, match="look again with --dry-run"):
        CarryingOut(lambda _request: Fields({})).do({})
    monkeypatch.setattr("rootctl.commands.recovery.Runbook.before", lambda *_: None)
    assert "rootctl recovery list tells" in run(*_OPEN).stderr
    assert not any(aws.posture(CLEAN).values())


def press_ctrl_c(_seconds: float) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_waiting_says_that_the_automation_goes_on(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootctl.requests.sleep", press_ctrl_c)
    result = run(*_OPEN, "--wait")

    assert result.exit_code == Exit.INTERRUPTED
    assert f"{executions(aws)[0]} still waits for its approval" in result.stderr


@pytest.mark.parametrize("region", [(), ("--resource-region", REGION)], ids=["looked_for", "named"])
@pytest.mark.parametrize(
    ("kind", "name", "lock"), [("bucket", "ledger", locked_bucket), ("queue", "orders", locked_queue)]
)
def test_a_policy_waits_for_its_approval(
    aws: LocalAws,
    decide: Callable[[str, str], None],
    kind: str,
    name: str,
    lock: Callable[[LocalAws], object],
    region: tuple[str, ...],
) -> None:
    lock(aws)
    asked = ("--via-hub", *region, *REASON)
    unlock = ("unlock", kind, EXPOSED, name, *asked)
    assert program(*unlock, "--dry-run")[0]["result"] == "shown"

    answer, _ = program(*unlock, "--yes")
    decide(answer["automationExecutionId"], "Approve")

    [outcome] = [o for o in aws.outcomes if o["detail-type"] == "Resource Policy Unlock"]
    assert outcome["detail"]["result"] == "deleted"
    restore = ("restore", outcome["detail"]["evidence"]["key"], "--yes", "--lock-again", *asked)
    restored, _ = program(*restore)
    decide(restored["automationExecutionId"], "Approve")
    assert aws.outcomes[-1]["detail"]["result"] == "restored"

    before = executions(aws)
    again, code = program(*restore)
    assert (again["result"], code, executions(aws)) == ("unchanged", Exit.DONE, before)


@pytest.mark.usefixtures("decide")
def test_a_new_policy_cannot_be_approved(aws: LocalAws, tmp_path: Path) -> None:
    locked_bucket(aws)
    statement = {"Effect": "Allow", "Principal": {"AWS": EXPOSED}, "Action": "s3:*", "Resource": "*"}
    (tmp_path / "new.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    before = executions(aws)

    result = run(
        "unlock",
        "bucket",
        EXPOSED,
        "ledger",
        "--policy",
        str(tmp_path / "new.json"),
        "--via-hub",
        "--yes",
        *REASON,
    )

    assert result.exit_code == Exit.USAGE
    assert "leave out --policy" in result.stderr
    assert executions(aws) == before


def test_a_drill_waits_for_its_approval(
    aws: LocalAws,
    decide: Callable[[str, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = set(executions(aws))

    def meanwhile(_seconds: float) -> None:
        [new] = set(executions(aws)) - before
        decide(new, "Approve")

    monkeypatch.setattr("rootctl.requests.sleep", meanwhile)

    record, code = drilling(aws, tmp_path, monkeypatch)(CLEAN)

    assert (missing(record), code) == ([], Exit.DONE)
    assert "send-automation-signal" in record["error"]
    assert not any(aws.posture(CLEAN).values())


def test_an_interrupted_drill_withdraws_its_request(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_seconds: float) -> None:
        aws.run_until_idle()
        raise KeyboardInterrupt

    monkeypatch.setattr("rootctl.requests.sleep", interrupted)

    answer, code = drilling(aws, tmp_path, monkeypatch)(CLEAN)

    assert code == Exit.INTERRUPTED
    assert "The request for approval is withdrawn. Nothing is left open." in answer["error"]
    execution = executions(aws)[0]
    approver = aws.client_of_role("ssm", _APPROVER)
    with pytest.raises(ClientError, match="InvalidAutomationSignal"):
        approver.send_automation_signal(AutomationExecutionId=execution, SignalType="Approve")
    aws.run_until_idle()
    assert not any(aws.posture(CLEAN).values())
