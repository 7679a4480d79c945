"""What acts each time it is sent is sent once: a second answer would hide what the first did."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from rootctl.aws import AwsSession
from rootctl.errors import Hindered
from rootctl.hardening import Ending, Hardening, How
from rootctl.hub import Function, Hub
from rootctl.printed_commands import asked_with
from rootctl.requests import CarryingOut, Runbook
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference
from rootwarden.refusals import CallRefused

ENDPOINT = "https://lambda.us-east-1.amazonaws.com"
STACK = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>RootWardenHub</StackName>
<StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-06-01T22:00:00Z</CreationTime><Outputs><member>
<OutputKey>HardenAccountFunction</OutputKey><OutputValue>harden</OutputValue></member></Outputs></member>
</Stacks></DescribeStacksResult></DescribeStacksResponse>"""


class Network:
    """What a session sends, and how each request ends: by an answer, or by what is raised."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        self.session = AwsSession.begin(None, "us-east-1")
        self.sent = 0
        self.answer("cloudformation.DescribeStacks", lambda: _answer(200, STACK))

    def answer(self, call: str, ends: Callable[[], AWSResponse]) -> None:
        def send(**_: object) -> AWSResponse:
            self.sent += not call.startswith("cloudformation")
            return ends()

        handler: Any = send
        self.session.boto3.events.register_first(f"before-send.{call}", handler)


def _answer(status: int, body: str, code: str = "") -> AWSResponse:
    class Raw(io.BytesIO):
        def stream(self, *_args: object, **_named: object) -> Any:
            yield self.read()

    headers = HTTPHeaders.from_dict({"x-amzn-ErrorType": code} if code else {})
    return AWSResponse(ENDPOINT, status, headers, Raw(body.encode()))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


def drop() -> AWSResponse:
    raise ConnectionClosedError(endpoint_url=ENDPOINT)


def wait_too_long() -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=ENDPOINT)


@pytest.mark.parametrize("ends", [drop, wait_too_long, lambda: _answer(500, "{}", "ServiceException")])
def test_a_function_whose_answer_is_lost_is_not_asked_again(
    network: Network, ends: Callable[[], AWSResponse]
) -> None:
    network.answer("lambda.Invoke", ends)
    hub = Hub.find(network.session)

    with pytest.raises(Hindered, match=r"It is not known what was done: look again with --dry-run\."):
        CarryingOut(lambda request: hub.ask(Function.HARDEN_ACCOUNT, request)).do({})

    assert network.sent == 1


def test_an_account_whose_answer_is_lost_ends_as_unknown(network: Network) -> None:
    network.answer("lambda.Invoke", drop)
    hub = Hub.find(network.session)
    account = AccountReference(account_id=AccountId("444455556666"))

    preview = Ending.without(account, How.WOULD_REMOVE)

    with asked_with("second", "us-east-1", "ops"):
        [ending] = Hardening(lambda request: hub.ask(Function.HARDEN_ACCOUNT, request), {}).harden([preview])

    assert (ending.how, network.sent) == (How.UNKNOWN, 1)
    assert ending.reason
    audit = "rootctl audit --name-prefix second --region us-east-1 --profile ops 444455556666 shows it"
    assert audit in ending.reason.text


def test_what_was_throttled_was_not_begun_and_is_asked_again(network: Network) -> None:
    answers = [_answer(429, "{}", "TooManyRequestsException"), _answer(200, '{"result": "clean"}')]
    network.answer("lambda.Invoke", lambda: answers.pop(0))

    answer = Hub.find(network.session).ask(Function.HARDEN_ACCOUNT, {})

    assert (answer.text("result"), network.sent) == ("clean", 2)


def test_who_is_throttled_for_good_is_told(network: Network) -> None:
    network.answer("lambda.Invoke", lambda: _answer(429, "{}", "TooManyRequestsException"))

    with pytest.raises(CallRefused, match="TooManyRequestsException"):
        Hub.find(network.session).ask(Function.HARDEN_ACCOUNT, {})


def test_an_automation_is_started_once(network: Network) -> None:
    network.answer("ssm.StartAutomationExecution", drop)

    with pytest.raises(Hindered) as hindered:
        Runbook(Hub.find(network.session), "approve-harden").start({"account": "444455556666"})

    assert network.sent == 1
    assert "not known whether" in str(hindered.value)
    assert (
        "aws ssm describe-automation-executions --region us-east-1"
        " --filters Key=DocumentNamePrefix,Values=approve-harden" in str(hindered.value)
    )
