"""Events that an account could not send: a sweep brings them in, late and once, and says so."""

import json
from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios import scenario_events as events
from local.scenarios.scenario import Scenario
from local.scenarios.sweeping import Sweeping, SweepResult
from rootwarden.contract.functions import Caller
from tests.accounts import CLEAN, EXPOSED, HUB, MANAGEMENT

pytestmark = pytest.mark.long

_A_DAY = 24 * 3600
_QUEUE = f"https://sqs.us-east-1.amazonaws.com/{CLEAN}/rootwarden-undelivered"


@pytest.fixture
def waiting(aws: LocalAws) -> LocalAws:
    """A sign-in that the bus refused, as it did not know the account yet."""
    # The account joined long before: it is no newcomer's event.
    aws.clock.advance(_A_DAY)
    aws.state.not_known_yet.add(CLEAN)
    Scenario(aws).sign_in_as_root(CLEAN)
    aws.run_until_idle()
    assert [(letter.queue, letter.reason.partition(":")[0]) for letter in aws.dead_letters] == [
        ("rootwarden-undelivered", "NO_PERMISSIONS")
    ]
    assert aws.outcomes == []
    aws.state.not_known_yet.clear()
    aws.clock.advance(3 * _A_DAY)
    return aws


def _check(result: SweepResult) -> dict[str, Any]:
    [check] = [each for each in (result.report or {})["checks"] if each["check"] == "undelivered"]
    return dict(check)


def _alerts(aws: LocalAws) -> list[dict[str, Any]]:
    return [each["detail"] for each in aws.outcomes if each["detail-type"] == "Root Activity Alert"]


def _completed(aws: LocalAws) -> dict[str, Any]:
    found = [each["detail"] for each in aws.outcomes if each["detail-type"] == "Sweep Completed"]
    return dict(found[-1]["undelivered"])


def test_a_sweep_brings_in_what_the_bus_refused_and_it_alerts_once(
    waiting: LocalAws, sweeping: Sweeping
) -> None:
    result = sweeping.by_hand("observe")

    [alert] = _alerts(waiting)
    assert (alert["account"]["id"], alert["activity"]) == (CLEAN, "sign_in_succeeded")
    assert alert["collected"]
    assert waiting.dead_letters == []
    check = _check(result)
    assert check["status"] == "fail"
    assert f"1 event could not be sent to the hub: {CLEAN} in us-east-1; 1 brought in" in check["text"]
    assert "the oldest is 3 days old; why: NO_PERMISSIONS" in check["text"]
    assert _completed(waiting) == {"accounts": 1, "found": 1, "sent": 1, "left": 0, "notLookedAt": 0}
    assert {"UndeliveredInMembers": 1.0}.items() <= _metrics(waiting).items()
    # The account's administrator could have written it: it does not prove that the account forwards.
    assert result.row(CLEAN)["lastRootEventAt"] is None

    again = _check(sweeping.by_hand("observe"))
    assert again["status"] == "pass"
    assert len(_alerts(waiting)) == 1


def test_an_event_that_could_not_be_deleted_is_brought_in_again_and_known(
    waiting: LocalAws, sweeping: Sweeping
) -> None:
    waiting.extensions.faults.fail("DeleteMessage", "AccessDenied", times=1, service="sqs")
    first = sweeping.by_hand("observe")
    assert "(AccessDenied)" in _check(first)["text"]
    waiting.clock.advance(_A_DAY)

    sweeping.by_hand("observe")

    assert len(_alerts(waiting)) == 1
    assert waiting.dead_letters == []
    assert [log for log in waiting.logs if log.get("reason") == "duplicate"]


def test_an_account_brings_in_no_events_but_its_own(aws: LocalAws, sweeping: Sweeping) -> None:
    forged = [
        events.root_sign_in(account=EXPOSED, time=aws.clock.now()),
        {**events.close_account_result(account=EXPOSED, **_management(aws)), "account": CLEAN},
        events.create_account_result(account=EXPOSED, **_management(aws)),
    ]
    for event in forged:
        aws.client("sqs", account=CLEAN).send_message(QueueUrl=_QUEUE, MessageBody=json.dumps(event))

    result = sweeping.by_hand("observe")

    assert _completed(aws) == {"accounts": 1, "found": 3, "sent": 0, "left": 3, "notLookedAt": 0}
    text = _check(result)["text"]
    assert "it names another account than the one whose queue it waits in (2)" in text
    assert "no rule of the hub puts it on a queue (1)" in text
    assert "it does not say why, so EventBridge may not have written it (3)" in text
    assert _alerts(aws) == []


@pytest.mark.parametrize(("asked", "sent"), [({"dryRun": True}, 0), ({"dryRun": False}, 1), ({}, 1)])
def test_a_person_who_asks_says_whether_it_is_brought_in(
    waiting: LocalAws, asked: dict[str, bool], sent: int
) -> None:
    client = waiting.client("lambda", account=HUB)
    [function] = [
        each["FunctionName"]
        for each in client.list_functions()["Functions"]
        if "collect_undelivered" in each["Handler"]
    ]
    account = {"id": CLEAN, "name": "search-prod", "state": "ACTIVE"}
    sweep = {"sweepId": "by-hand", "startedAt": "2026-06-10T00:00:00Z", "mode": "observe"}

    answer = client.invoke(
        FunctionName=f"{function}:{Caller.PERSON}",
        Payload=json.dumps({"BatchInput": sweep, "Items": [account], **asked}),
    )

    found = json.loads(answer["Payload"].read())
    assert (found["found"], found["sent"]) == (1, sent)


def test_only_the_hubs_own_role_takes_events_out(waiting: LocalAws) -> None:
    operator = waiting.client("sqs", account=HUB)
    attributes = operator.get_queue_attributes(QueueUrl=_QUEUE, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "1"
    for account in (HUB, EXPOSED, MANAGEMENT):
        with pytest.raises(operator.exceptions.ClientError, match="AccessDenied"):
            waiting.client("sqs", account=account).receive_message(QueueUrl=_QUEUE)


def test_a_function_that_fails_keeps_no_account_from_being_audited(
    waiting: LocalAws, sweeping: Sweeping
) -> None:
    client = waiting.client("lambda", account=HUB)
    [function] = [
        each for each in client.list_functions()["Functions"] if "collect_undelivered" in each["Handler"]
    ]
    name, environment = function["FunctionName"], function["Environment"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    result = sweeping.by_hand("observe")
    client.update_function_configuration(FunctionName=name, Environment=environment)

    assert (result.status, result.row(EXPOSED)["result"]) == ("SUCCEEDED", "exposed")
    assert _check(result)["status"] == "unknown"
    assert len(waiting.dead_letters) == 1


def _management(aws: LocalAws) -> dict[str, Any]:
    return {"management": MANAGEMENT, "time": aws.clock.now()}


def _metrics(aws: LocalAws) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in aws.metrics:
        found |= {name: value[0] for name, value in line.items() if isinstance(value, list)}
    return found
