"""The functions take anything a queue may hold: nothing raises, and no message is lost."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lambdas import assess_root_activity, forget_account, harden_account, notify
from rootwarden.aws import clients
from tests.unit.invocations import AnyOrganization, batch, context, failed
from tests.unit.log_lines import LogLines, captured_log
from tests.unit.outcomes import OUTCOMES
from tests.unit.sample_events import NAMES, sample
from tests.unit.state_table import StateTables
from tests.unit.test_envelope import JSON
from tests.unit.test_messages import as_event
from tests.unit.test_settings import ENVIRONMENT

FUNCTIONS = [harden_account, assess_root_activity, forget_account, notify]
DONE = (
    "account handled",
    "root activity assessed",
    "burst ended",
    "account forgotten",
    "no notification needed",
    "notification sent",
    "message skipped",
)
NOT_DONE = ("message failed", "message put off")


class NoRootSessions:
    """STS where the features are off; moto has no AssumeRoot at all."""

    class meta:  # noqa: N801 - botocore's name
        partition = "aws"

    def assume_root(self, **_: object) -> None:
        message = "Root credentials management feature is not enabled"
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "AssumeRoot")


@pytest.fixture(scope="module", autouse=True)
def functions(state_tables: StateTables) -> Iterator[None]:
    """The functions in an account of moto's, with STS and Organizations answering as needed."""
    table = state_tables.create()
    sqs, sns, events = boto3.client("sqs"), boto3.client("sns"), boto3.client("events")
    events.create_event_bus(Name="rootwarden")
    environment = ENVIRONMENT | {
        "STATE_TABLE_NAME": table.name,
        "QUEUE_URL": sqs.create_queue(QueueName="queue")["QueueUrl"],
        "ALERT_TOPIC_ARN": sns.create_topic(Name="alerts")["TopicArn"],
        "CHAT_TOPIC_ARN": sns.create_topic(Name="chat")["TopicArn"],
    }
    environment.pop("SLACK_WEBHOOK_SECRET_ARN")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(clients, "sts", NoRootSessions)
        patch.setattr(clients, "organizations", AnyOrganization)
        yield
    for function in FUNCTIONS:
        function._function.cache_clear()  # noqa: SLF001 - it was made in this environment


def invoke(function: ModuleType, *bodies: str, attempt: int = 2) -> tuple[list[int], LogLines]:
    with captured_log() as log:
        response = function.handler(batch(*bodies, attempt=attempt), context())
    return failed(response), log


def nothing_is_lost(function: ModuleType, *bodies: str) -> list[int]:
    """Invoke and check that each message is either done or to be tried again, and that the log says which."""
    to_try_again, log = invoke(function, *bodies)

    assert len(set(to_try_again)) == len(to_try_again)
    assert len(log.of(*NOT_DONE)) == len(to_try_again)
    assert len(log.of(*DONE)) == len(bodies) - len(to_try_again)
    assert all(log.whys("message failed"))
    return to_try_again


by_function = pytest.mark.parametrize(
    "function", FUNCTIONS, ids=lambda function: function.__name__.rpartition(".")[2]
)
EVENTS = st.sampled_from(NAMES).map(sample)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A sample event of which some values were replaced or taken away."""
    event = copy.deepcopy(draw(EVENTS))
    for _ in range(draw(st.integers(1, 4))):
        place: Any = event
        while True:
            name = draw(st.sampled_from(sorted(place)))
            if not (isinstance(place[name], dict) and place[name] and draw(st.booleans())):
                break
            place = place[name]
        if draw(st.booleans()):
            del place[name]
        else:
            place[name] = draw(JSON)
        if not event:
            break
    return event


@pytest.mark.long
@by_function
@given(bodies=st.lists(st.text(max_size=40) | JSON.map(json.dumps), min_size=1, max_size=5))
def test_no_body_is_lost(function: ModuleType, bodies: list[str]) -> None:
    assert len(nothing_is_lost(function, *bodies)) == len(bodies)


@pytest.mark.long
@by_function
@given(events=st.lists(mutated(), min_size=1, max_size=3))
def test_no_mutated_event_is_lost(function: ModuleType, events: list[dict[str, Any]]) -> None:
    nothing_is_lost(function, *(json.dumps(event) for event in events))


@pytest.mark.long
@by_function
def test_no_sample_is_lost_whatever_queue_it_is_in(function: ModuleType) -> None:
    for first in range(0, len(NAMES), 10):
        nothing_is_lost(function, *(json.dumps(sample(name)) for name in NAMES[first : first + 10]))


@given(outcome=OUTCOMES)
def test_every_outcome_is_told_or_needs_nobody(outcome: Any) -> None:
    assert nothing_is_lost(notify, json.dumps(as_event(outcome))) == []


@by_function
def test_a_malformed_message_is_logged_with_its_field(function: ModuleType) -> None:
    event = sample("root_api_long_term_key") | {"account": "4444-5555-6666"}

    to_try_again, log = invoke(function, json.dumps(event))

    assert to_try_again == [0]
    assert log.whys("message failed") == ["account takes an account id of 12 digits, found '4444-5555-6666'"]


@by_function
def test_one_bad_message_keeps_no_good_one_back(function: ModuleType) -> None:
    not_closed = {"closeAccountStatus": {"accountId": "444455556666", "state": "FAILED"}}
    good = {
        harden_account: sample("create_account_result_failed"),
        assess_root_activity: sample("root_password_updated"),
        forget_account: sample("close_account_result", serviceEventDetails=not_closed),
    }
    body = json.dumps(good.get(function) or quiet_outcome())

    assert nothing_is_lost(function, "bad", body, "bad") == [0, 2]


def quiet_outcome() -> dict[str, Any]:
    detail = {
        "account": {"id": "444455556666"},
        "result": "clean",
        "trigger": {"eventId": "1", "eventName": "CreateAccountResult", "source": "aws.organizations"},
        "attempt": 1,
        "willRetry": False,
        "occurredAt": "2026-06-01T12:00:00Z",
        "removed": [],
        "failures": [],
    }
    return sample("close_account_result") | {"detail-type": "Account Hardening Result", "detail": detail}


def test_a_duplicate_is_skipped_with_that_reason() -> None:
    body = json.dumps(sample("root_check_mfa") | {"id": "seen twice"})
    invoke(assess_root_activity, body)

    to_try_again, log = invoke(assess_root_activity, body)

    assert to_try_again == []
    assert [record.__dict__["reason"] for record in log.of("message skipped")] == ["duplicate"]


def test_an_account_that_cannot_be_entered_ends_in_the_dead_letter_queue_not_nowhere() -> None:
    body = json.dumps(sample("create_account_result_succeeded"))

    for attempt, said in ((1, "message put off"), (8, "message failed")):
        to_try_again, log = invoke(harden_account, body, attempt=attempt)
        assert to_try_again == [0]
        assert "Root credentials management feature is not enabled" in log.whys(said)[0]


IMPORT = """
import boto3, os
assert not [name for name in os.environ if name.startswith(("POWERTOOLS", "STATE", "QUEUE"))]
def refuse(*_, **__): raise SystemExit("a client was created at import")
boto3.client = boto3.resource = refuse
import {names}
"""


def test_importing_the_functions_creates_no_client_and_needs_no_environment() -> None:
    names = ", ".join(function.__name__ for function in FUNCTIONS)

    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", IMPORT.format(names=names)],
        env={"AWS_REGION": "us-east-1", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
