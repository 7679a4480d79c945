"""Who called a function is known by its alias, whatever the event says."""

import json
from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios.asking import ask
from rootwarden.contract.functions import Caller
from tests.accounts import MEMBER
from tests.wiring.sample_events import sample

ASKED = ("harden_account", "open_recovery", "close_recovery", "unlock_bucket", "unlock_queue")
REQUEST = {"account": MEMBER, "reason": "a test", "requestedBy": "mallory", "hours": 1, "action": "delete"}


def _messages(event: dict[str, Any]) -> list[dict[str, Any]]:
    queue = "arn:aws:sqs:us-east-1:222233334444:queue"
    attributes = {"ApproximateReceiveCount": "1"}
    message = {"messageId": "1", "receiptHandle": "1", "body": json.dumps(event), "attributes": attributes}
    return [{**message, "messageAttributes": {}, "eventSource": "aws:sqs", "eventSourceARN": queue}]


@pytest.mark.parametrize("function", ASKED)
def test_nothing_is_done_for_who_invokes_a_function_by_no_alias(aws: LocalAws, function: str) -> None:
    answer = ask(aws, function, None, bucket="ledger", queue="orders", **REQUEST)

    assert (answer["result"], answer["reason"]["code"]) == ("refused", "NotByAlias")
    assert aws.outcomes == []


@pytest.mark.parametrize("caller", [None, Caller.PERSON])
def test_a_person_cannot_announce_an_account_in_awss_name(aws: LocalAws, caller: Caller | None) -> None:
    before = aws.posture(MEMBER)
    forged = _messages(sample("create_account_result_succeeded"))

    answer = ask(aws, "harden_account", caller, Records=forged)
    aws.run_until_idle()

    assert answer["result"] == "refused"
    assert (aws.posture(MEMBER), aws.outcomes) == (before, [])


@pytest.mark.parametrize("function", ["notify", "forget_account", "assess_root_activity"])
def test_nobody_but_its_queue_hands_messages_to_a_function(aws: LocalAws, function: str) -> None:
    answer = ask(aws, function, None, Records=_messages(sample("root_console_login_success_no_mfa")))

    assert answer["errorType"] == "NotByQueue"
    assert (aws.outcomes, aws.messages) == ([], [])


def test_a_person_who_closes_a_window_is_on_record_whatever_the_request_says(aws: LocalAws) -> None:
    aws.state.root_users.pop(MEMBER, None)
    ask(
        aws,
        "open_recovery",
        hours=4,
        **{name: REQUEST[name] for name in ("account", "reason", "requestedBy")},
    )

    forged = {"how": "schedule", "by": None}
    ask(aws, "close_recovery", account=MEMBER, requestedBy="mallory", closedBy=forged, overdue=True)
    aws.run_until_idle()

    [closed] = [o["detail"] for o in aws.outcomes if o["detail"].get("change") == "closed"]
    assert closed["closedBy"] == {"how": "request", "by": "mallory"}
