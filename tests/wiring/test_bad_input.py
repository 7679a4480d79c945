"""What cannot be understood or must not be acted on ends as a skip or a dead letter, with the reason."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.aws import LocalAws
from tests.accounts import HUB, MEMBER
from tests.wiring.queues import put_in_queue
from tests.wiring.sample_events import sample

Happen = Callable[..., list[dict[str, Any]]]


def test_an_event_that_announces_nobody_ends_as_a_skip(aws: LocalAws, happen: Happen) -> None:
    [outcome] = happen(sample("create_account_result_management_account"))

    assert outcome["detail"]["result"] == "skipped"
    assert outcome["detail"]["reason"]["code"] == "management_account"
    assert not any(call.service in {"sts", "iam"} for call in aws.calls)
    assert aws.dead_letters == []


def test_an_announcement_without_a_usable_account_id_is_a_dead_letter_with_the_field_logged(
    aws: LocalAws, happen: Happen
) -> None:
    event = sample("create_account_result_malformed_account_id")

    assert happen(event) == []

    [letter] = aws.dead_letters
    assert json.loads(letter.body)["id"] == event["id"]
    assert _reasons(aws)
    assert all("accountId" in reason for reason in _reasons(aws))


def test_a_masked_name_is_replaced_by_the_one_organizations_knows(happen: Happen) -> None:
    event = sample("create_account_result_succeeded")
    assert event["detail"]["serviceEventDetails"]["createAccountStatus"]["accountName"] == "****"

    assert happen(event)[0]["detail"]["account"]["name"] == "payments-prod"


def test_an_announcement_that_another_account_claims_to_make_is_not_acted_on(
    aws: LocalAws, happen: Happen
) -> None:
    forged = sample("create_account_result_succeeded", account=MEMBER)

    assert happen(forged) == []
    assert any(aws.posture(MEMBER).values())


def test_an_announcement_forged_past_the_rules_is_skipped_as_foreign(aws: LocalAws) -> None:
    put_in_queue(aws, "HardenAccount", json.dumps(sample("create_account_result_succeeded", account=MEMBER)))

    aws.run_until_idle()

    assert aws.outcomes[0]["detail"]["reason"]["code"] == "foreign_account"
    assert any(aws.posture(MEMBER).values())


def test_a_member_cannot_put_an_outcome_on_the_bus(aws: LocalAws) -> None:
    events = aws.client("events", account=MEMBER)
    entry = {
        "EventBusName": f"arn:aws:events:us-east-1:{HUB}:event-bus/rootwarden",
        "Source": "rootwarden",
        "DetailType": "Account Hardening Result",
        "Detail": "{}",
    }

    answer = events.put_events(Entries=[entry])

    assert answer["FailedEntryCount"] == 1
    assert aws.outcomes == []


@pytest.mark.parametrize(
    ("queue", "body"),
    [
        ("HardenAccount", "not JSON"),
        ("AssessRootActivity", "not JSON"),
        ("ForgetAccount", "not JSON"),
        ("Notify", "not JSON"),
        ("Notify", "[" * 100_000),
    ],
)
def test_a_body_nobody_can_read_is_a_dead_letter_with_the_reason_logged(
    aws: LocalAws, queue: str, body: str
) -> None:
    put_in_queue(aws, queue, body)

    aws.run_until_idle()

    [letter] = aws.dead_letters
    assert letter.body == body
    assert f"{queue}DeadLetters" in letter.queue
    assert _reasons(aws)
    assert aws.outcomes == []


def test_leaving_before_the_announcement_arrives_is_a_skip(aws: LocalAws, happen: Happen) -> None:
    aws.state.leave(MEMBER)

    outcomes = happen(sample("account_departed_organization"), sample("create_account_result_succeeded"))

    results = [o["detail"].get("reason", {}).get("code") for o in outcomes if "result" in o["detail"]]
    # Said once while it is tried again, because Organizations may only not know it yet; and in the end.
    assert results == ["not_in_organization"] * 2
    assert not any(call.operation == "AssumeRoot" for call in aws.calls)


def test_a_bad_message_does_not_hold_up_the_good_ones_beside_it(aws: LocalAws, happen: Happen) -> None:
    put_in_queue(aws, "AssessRootActivity", "not JSON")

    [outcome] = happen(sample("root_console_login_failure"))

    assert outcome["detail"]["activity"] == "sign_in_failed"
    assert len(aws.dead_letters) == 1


def _reasons(aws: LocalAws) -> list[str]:
    return [line["why"] for line in aws.logs if line.get("message") == "message failed"]
