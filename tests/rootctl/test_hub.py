"""Finding the hub and asking its functions: an answer, or one line that says what to do."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.response import StreamingBody

from local.aws import LocalAws
from rootctl.aws import AwsSession
from rootctl.checks.access import hub
from rootctl.checks.context import CallerIdentity, DoctorContext, Status
from rootctl.errors import Exit
from rootctl.hub import Function, FunctionFailed, Hub, NoHub
from rootwarden.events import AccountId
from tests.accounts import CLEAN, HUB, MANAGEMENT
from tests.rootctl.conftest import run
from tests.stage import START


class AnsweringLambda:
    """Lambda that answers an invocation as said."""

    def __init__(self, payload: bytes, **besides: str) -> None:
        self._answer = {"Payload": StreamingBody(io.BytesIO(payload), len(payload)), **besides}

    def invoke(self, **_request: object) -> dict[str, Any]:
        return self._answer


def hub_with(payload: bytes, **besides: str) -> Hub:
    functions: Any = AnsweringLambda(payload, **besides)
    session = AwsSession.begin(None, "us-east-1")
    return Hub(session, {Function.HARDEN_ACCOUNT: "harden"}, functions=functions, status="CREATE_COMPLETE")


def hub_that_is(status: str, *outputs: str) -> Hub:
    """Find the hub of a stack in a status, with these outputs."""
    described = [{"OutputKey": name, "OutputValue": "x"} for name in outputs]
    stack = {"StackStatus": status, "Outputs": described} if outputs else {"StackStatus": status}
    client = SimpleNamespace(describe_stacks=lambda **_: {"Stacks": [stack]})
    session: Any = SimpleNamespace(name_prefix="", region="us-east-1", client=lambda *_args, **_named: client)
    return Hub.find(session)


@pytest.mark.parametrize(
    ("status", "outputs"),
    [
        ("ROLLBACK_COMPLETE", ()),
        ("ROLLBACK_COMPLETE", ("BusName",)),
        ("ROLLBACK_IN_PROGRESS", ()),
        ("CREATE_IN_PROGRESS", ()),
        ("CREATE_FAILED", ("BusName",)),
        ("DELETE_IN_PROGRESS", ("BusName",)),
        ("DELETE_FAILED", ("BusName",)),
        ("REVIEW_IN_PROGRESS", ()),
        ("CREATE_COMPLETE", ()),
    ],
)
def test_a_stack_that_is_no_hub_is_said_with_its_status(status: str, outputs: tuple[str, ...]) -> None:
    with pytest.raises(NoHub, match=f"RootWardenHub in us-east-1 is {status}") as found:
        hub_that_is(status, *outputs)

    assert "older than" not in str(found.value)
    assert "describe-stack-events --region us-east-1 --stack-name RootWardenHub" in str(found.value)


@pytest.mark.parametrize(
    ("status", "judged"),
    [
        ("CREATE_COMPLETE", Status.OK),
        ("UPDATE_COMPLETE", Status.OK),
        ("UPDATE_ROLLBACK_COMPLETE", Status.OK),
        ("UPDATE_IN_PROGRESS", Status.UNKNOWN),
        ("UPDATE_ROLLBACK_FAILED", Status.WRONG),
        ("UPDATE_FAILED", Status.WRONG),
    ],
)
def test_a_hub_whose_update_did_not_end_well_still_answers_and_is_named(status: str, judged: Status) -> None:
    found = hub_that_is(status, "BusName")
    context = DoctorContext(found.session, found.session, lambda: START)
    vars(context).update(hub=found, caller=CallerIdentity("arn", AccountId(HUB)))

    [result] = hub(context)

    assert found.output("BusName") == "x"
    assert result.status is judged
    assert judged is Status.OK or status in result.text
    assert ("its last update was rolled back" in result.text) is (status == "UPDATE_ROLLBACK_COMPLETE")


@pytest.mark.usefixtures("aws")
def test_every_part_is_named_by_an_output() -> None:
    hub = Hub.find(AwsSession.begin(None, None))

    assert hub.output("BusName") == "rootwarden"
    assert hub.output("SweepMachineArn").endswith(":stateMachine:OrganizationSweep")
    for function in Function:
        assert hub.output(function).startswith("RootWardenHub-")
    for name in ("HardenAccount", "AssessRootActivity", "ForgetAccount", "Notify"):
        assert "deadLetters" in hub.output(f"{name}Queues")


@pytest.mark.usefixtures("aws")
def test_the_wrong_region_is_named() -> None:
    result = run("audit", CLEAN, "--via-hub", "--region", "eu-west-1")

    assert result.exit_code == Exit.FAILED
    assert "no stack RootWardenHub" in result.stderr
    assert f"arn:aws:sts::{HUB}:" in result.stderr
    assert "in eu-west-1" in result.stderr
    assert "--region" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_wrong_account_is_named(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.extensions.administrator(MANAGEMENT).for_boto3().items():
        monkeypatch.setenv(name.upper(), value)

    result = run("audit", CLEAN, "--via-hub")

    assert result.exit_code == Exit.FAILED
    assert f"arn:aws:sts::{MANAGEMENT}:" in result.stderr


def test_what_may_not_be_asked_is_shown_with_the_permission(aws: LocalAws) -> None:
    aws.extensions.faults.fail("DescribeStacks", "AccessDenied", http=403, times=None)

    result = run("audit", CLEAN, "--via-hub")

    assert result.exit_code == Exit.FAILED
    assert "cloudformation:DescribeStacks" in result.stderr


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "UnrecognizedClientException"])
def test_a_region_that_is_not_enabled_is_said(aws: LocalAws, code: str) -> None:
    aws.extensions.faults.fail("DescribeStacks", code, http=403, times=None)

    result = run("recovery", "list", "--region", "me-south-1")

    assert f"{code}: " in result.stderr
    assert "asked in me-south-1" in result.stderr
    assert "Sign in again" in result.stderr
    assert "has not enabled that Region" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_hub_older_than_rootctl_is_to_be_deployed_again() -> None:
    with pytest.raises(NoHub, match="has no output NotifyQueues: it is older than this rootctl"):
        hub_with(b"{}").output("NotifyQueues")


@pytest.mark.parametrize(
    ("payload", "besides", "said"),
    [
        (
            b'{"errorType":"KeyError","errorMessage":"x"}',
            {"FunctionError": "Unhandled"},
            "harden failed: KeyError: x",
        ),
        (
            b'{"errorMessage":"Task timed out."}',
            {"FunctionError": "Unhandled"},
            "failed: Task timed out. What it",
        ),
        (b"{}", {"FunctionError": "Unhandled"}, "does not say why"),
        (b"<html>", {}, "nothing that can be read"),
        (b"[]", {}, "nothing that can be read"),
    ],
)
def test_a_function_that_gives_no_answer_is_said(payload: bytes, besides: dict[str, str], said: str) -> None:
    with pytest.raises(FunctionFailed, match=said):
        hub_with(payload, **besides).ask(Function.HARDEN_ACCOUNT, {})


@pytest.mark.parametrize(
    "command",
    ["audit --all", "harden --all --yes", "plan --now", "redrive --members --yes"],
)
def test_who_may_not_ask_the_hub_is_told_once(aws: LocalAws, command: str) -> None:
    aws.extensions.faults.fail("Invoke", "AccessDeniedException", http=403, times=None)
    try:
        result = run(*command.split())
    finally:
        aws.extensions.faults.clear()

    assert (result.exit_code, result.stdout) == (Exit.FAILED, "")
    [*_, stopped] = result.stderr.splitlines()
    assert stopped.startswith("rootctl: Invoke: AccessDeniedException")
    assert "with lambda:InvokeFunction allowed on this function" in stopped
