"""What the functions send: outcomes to the bus, messages to topics, reminders to the queue."""

import json
from datetime import timedelta

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given

from rootwarden.activity.bursts import BURST_LENGTH, AlertedEvent, Burst
from rootwarden.aws.bursts_table import BurstReminders, read_reminder
from rootwarden.aws.event_bus import OutcomeBus, OutcomeNotAccepted
from rootwarden.aws.notifications import send_chat, send_email
from rootwarden.contract.activities import Severity
from rootwarden.messages.compose import compose
from rootwarden.messages.writing import write_email
from rootwarden.outcomes import Outcome
from rootwarden.refusals import CallRefused
from tests.unit.fakes import NOON, FakeClock, RootUser
from tests.unit.given import HUB, MEMBER, UNIT, Hardening
from tests.unit.log_lines import LogLines
from tests.unit.outcomes import OUTCOMES
from tests.unit.sample_events import envelope
from tests.unit.stories import hardened
from tests.unit.test_bursts import ROOT
from tests.unit.test_messages import on_the_bus

TOPIC = "arn:aws:sns:us-east-1:222233334444:alerts"
QUEUE = "https://sqs.us-east-1.amazonaws.com/222233334444/queue"


def test_an_outcome_is_put_on_the_bus() -> None:
    outcome, client = Hardening(user=RootUser()).harden(), boto3.client("events")
    entry = {
        "EventBusName": "rootwarden",
        "Source": "rootwarden",
        "DetailType": "Account Hardening Result",
        "Detail": json.dumps(outcome.to_detail()),
    }
    with Stubber(client) as stub:
        stub.add_response(
            "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": [entry]}
        )

        OutcomeBus(client, "rootwarden").publish(outcome)

        stub.assert_no_pending_responses()


REFUSED = {"ErrorCode": "InternalException", "ErrorMessage": "try again"}


@pytest.mark.parametrize("refusals", [1, 3])
def test_an_outcome_that_eventbridge_refuses_is_put_again(refusals: int) -> None:
    client, slept = boto3.client("events"), list[float]()
    with Stubber(client) as stub:
        for _ in range(refusals):
            stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [REFUSED]})
        stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})

        OutcomeBus(client, "rootwarden", sleep=slept.append).publish(Hardening(user=RootUser()).harden())

        stub.assert_no_pending_responses()
    assert slept == [0.2, 0.4, 0.8][:refusals]


def test_an_outcome_that_is_never_taken_is_in_the_log_and_rings_an_alarm(
    log: LogLines, capsys: pytest.CaptureFixture[str]
) -> None:
    client, outcome = boto3.client("events"), Hardening(user=RootUser()).harden()
    with Stubber(client) as stub:
        for _ in range(4):
            stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [REFUSED]})

        with pytest.raises(OutcomeNotAccepted, match="InternalException: try again"):
            OutcomeBus(client, "rootwarden", sleep=lambda _: None).publish(outcome)

        stub.assert_no_pending_responses()
    [line] = log.of("outcome not published")
    assert line.__dict__["detail"] == outcome.to_detail()
    [metric] = [each for each in capsys.readouterr().out.splitlines() if "OutcomesNotPublished" in each]
    assert json.loads(metric)["service"] == "outcome_bus"


def test_messages_go_to_their_topics_with_what_subscriptions_filter_by() -> None:
    client = boto3.client("sns")
    announcement = compose(on_the_bus(hardened()))
    assert announcement is not None
    email = write_email(announcement)
    attributes = {
        "severity": {"DataType": "String", "StringValue": "info"},
        "activity": {"DataType": "String", "StringValue": "account_hardening_result"},
        "account": {"DataType": "String", "StringValue": MEMBER},
        "unit": {"DataType": "String.Array", "StringValue": f'["{UNIT}"]'},
    }
    with Stubber(client) as stub:
        sent = {"TopicArn": TOPIC, "Subject": email.subject, "Message": email.body}
        stub.add_response("publish", {"MessageId": "1"}, {**sent, "MessageAttributes": attributes})
        stub.add_response("publish", {"MessageId": "2"}, {"TopicArn": TOPIC, "Message": "{}"})
        stub.add_client_error("publish", "KMSAccessDenied", "no key")
        send_email(client, TOPIC, announcement)
        send_chat(client, TOPIC, "{}")
        with pytest.raises(CallRefused, match="KMSAccessDenied: no key"):
            send_chat(client, TOPIC, "{}")


@pytest.mark.parametrize(
    ("later", "delay"),
    [(timedelta(0), 900), (timedelta(minutes=10), 300), (timedelta(hours=1), 0)],
)
def test_a_reminder_comes_back_as_the_event_that_was_sent(later: timedelta, delay: int) -> None:
    client, clock = boto3.client("sqs"), FakeClock()
    burst = Burst(
        opened_at=NOON,
        ends_at=NOON + BURST_LENGTH,
        last_at=NOON,
        count=2,
        acts={"api_call": AlertedEvent("first", Severity.HIGH)},
    )
    clock.move(later)
    sent: list[str] = []
    client.meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(params["MessageBody"])
    )
    with Stubber(client) as stub:
        expected = {"QueueUrl": QUEUE, "MessageBody": ANY, "DelaySeconds": delay}
        stub.add_response("send_message", {"MessageId": "1", "MD5OfMessageBody": "0"}, expected)

        BurstReminders(client, QUEUE, HUB, clock).remind(ROOT, burst)

    came = envelope(json.loads(sent[0]))
    assert (came.source, came.account_id) == ("rootwarden", HUB)
    assert read_reminder(came.detail) == (ROOT, NOON)


@given(OUTCOMES)
def test_mail_is_filtered_by_what_rules_match(outcome: Outcome) -> None:
    detail = outcome.to_detail()
    announcement = compose(on_the_bus(outcome))

    assert (announcement is None) == (detail["severity"] is None)
    if announcement:
        account = detail.get("account") or {"id": None}
        assert isinstance(account, dict)
        said = (detail["severity"], detail["activity"], account["id"])
        assert (announcement.severity, announcement.activity, announcement.account.account_id) == said
