"""One principal's root sessions over many accounts are one incident, in which nothing graver goes quiet."""

import json
from datetime import timedelta
from typing import Any

import pytest

from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.bursts import BURST_LENGTH
from rootwarden.activity.outcomes import MOST_ACCOUNTS, ActivitySummary, Actor
from rootwarden.activity.root_activity import ActorKind
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Expectation
from rootwarden.events import AccountId
from rootwarden.messages.activity_message import summary_message
from rootwarden.messages.writing import write_email, write_slack
from rootwarden.outcomes import AccountReference
from tests.unit.fakes import NOON
from tests.unit.given import Assessment
from tests.unit.sample_events import sample
from tests.unit.test_activity_assessment import STRANGER, assess, refusal

ROLE = "arn:aws:iam::222233334444:role/SecurityOperator"
ACCOUNTS = [f"4444000000{number:02}" for number in range(25)]
ALERTED, COUNTED = ActivityVerdict.ALERTED, ActivityVerdict.COUNTED


def opening(
    account: str, name: str = "assume_root_call", session: str = STRANGER, role: str = ROLE, **changed: object
) -> dict[str, Any]:
    event = sample(name, eventID=f"{account} {session} {role}", **changed)
    event["detail"]["requestParameters"] = {
        **event["detail"]["requestParameters"],
        "targetPrincipal": account,
    }
    event["detail"]["userIdentity"]["arn"] = session
    event["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = role
    return event


def test_one_principals_sessions_in_many_accounts_are_one_incident() -> None:
    given = Assessment()

    verdicts = [
        assess(given, opening(account, sourceIPAddress=f"198.51.100.{number}"))
        for number, account in enumerate(ACCOUNTS)
    ]

    assert verdicts == [ALERTED, *24 * [COUNTED]]
    assert given.bus.alerts[0].account.account_id == ACCOUNTS[0]
    given.clock.move(BURST_LENGTH)
    [(reference, burst)] = given.reminders.sent
    given.grouping.summarise(reference, burst.opened_at)
    [summary] = given.bus.summaries
    assert (summary.count, summary.account_count) == (25, 25)
    assert summary.accounts == tuple(ACCOUNTS[:20])
    assert summary.actor is not None
    assert (summary.actor.arn, summary.account.account_id) == (ROLE, "222233334444")


def test_another_role_and_another_person_in_the_same_role_alert_at_once() -> None:
    given = Assessment()
    other_role = ROLE.replace("SecurityOperator", "Other")
    other_session = STRANGER.replace("SecurityOperator", "Other")

    verdicts = [
        assess(given, event)
        for account in ACCOUNTS[:3]
        for event in (
            opening(account),
            opening(account, session=f"{STRANGER}-another-person"),
            opening(account, session=other_session, role=other_role),
        )
    ]

    assert verdicts == [*3 * [ALERTED], *6 * [COUNTED]]
    assert len(given.reminders.sent) == 2


def test_a_session_that_can_set_a_password_alerts_for_each_account() -> None:
    given = Assessment()
    assess(given, opening(ACCOUNTS[0]))

    verdicts = [assess(given, opening(each, "assume_root_call_create_password")) for each in ACCOUNTS[1:4]]
    again = opening(ACCOUNTS[1], "assume_root_call_create_password")
    again["detail"]["eventID"] = "again"

    assert verdicts == 3 * [ALERTED]
    assert assess(given, again) is COUNTED
    assert assess(given, opening(ACCOUNTS[5])) is COUNTED


def test_what_strangers_sessions_do_alerts_for_each_account() -> None:
    given = Assessment()
    for number, account in enumerate(ACCOUNTS[:3]):
        key = f"ASIASESSION{number}"
        event = opening(account)
        event["detail"]["responseElements"]["credentials"]["accessKeyId"] = key
        assess(given, event)

        act = {**sample("root_session_api_call", eventID=f"act {number}"), "account": account}
        act["detail"]["userIdentity"] = {**act["detail"]["userIdentity"], "accessKeyId": key}
        assert assess(given, act) is ALERTED

    assert [alert.account.account_id for alert in given.bus.alerts] == [ACCOUNTS[0], *ACCOUNTS[:3]]


def test_our_stolen_role_alerts_for_each_account() -> None:
    given = Assessment()
    stolen = [
        sample("assume_root_call_own_role", eventID=account, requestParameters={"targetPrincipal": account})
        for account in ACCOUNTS[:3]
    ]

    assert [assess(given, event, attempt=2) for event in stolen] == 3 * [ALERTED]


def test_refusals_before_an_opened_session_hide_it_not_and_it_hides_no_refusal() -> None:
    given = Assessment()
    events = (refusal(1), opening(ACCOUNTS[0]), refusal(2), opening(ACCOUNTS[1]))

    assert [assess(given, event) for event in events] == [
        *2 * [ALERTED],
        *2 * [COUNTED],
    ]


@pytest.mark.parametrize(
    ("principal", "second"),
    [(ROLE, STRANGER), (STRANGER, f"{STRANGER}-another-person")],
    ids=["the expectation ends", "of one person alone"],
)
def test_an_expected_session_hides_none_that_nobody_expects(principal: str, second: str) -> None:
    expected = Expectation(
        principal=principal, calls=("sts:AssumeRoot",), reason="weekly test", until=NOON.date()
    )
    given = Assessment(expected=(expected,))
    given.clock.move(timedelta(hours=11, minutes=55))
    assess(given, opening(ACCOUNTS[0]))
    given.clock.move(timedelta(minutes=6 if principal == ROLE else 1))

    assert assess(given, opening(ACCOUNTS[1], session=second)) is ALERTED
    assert [alert.severity for alert in given.bus.alerts] == [Severity.LOW, Severity.HIGH]


@pytest.mark.parametrize(
    ("count", "in_words", "named"),
    [
        (1, "in 1 account", "000000000000"),
        (20, "in 20 accounts", "000000000019"),
        (21, "in 21 accounts", "000000000019, and 1 more"),
        (MOST_ACCOUNTS, f"in at least {MOST_ACCOUNTS} accounts", f"and at least {MOST_ACCOUNTS - 20} more"),
    ],
)
def test_a_message_names_twenty_accounts_and_says_how_many_more(
    count: int, in_words: str, named: str
) -> None:
    summary = ActivitySummary(
        account=AccountReference(account_id=AccountId("222233334444")),
        actor=Actor(kind=ActorKind.PRINCIPAL, arn=ROLE, access_key_id=None),
        source_ip=None,
        count=600,
        alerted=1,
        highest=Severity.HIGH,
        first_at=NOON,
        last_at=NOON,
        accounts=tuple(AccountId(f"{number:012}") for number in range(min(count, 20))),
        account_count=count,
    )

    announcement = summary_message(summary, "us-east-1")

    assert in_words in announcement.headline
    slack = json.dumps(write_slack(announcement))
    assert slack.count("0000000000") == min(count, 20)
    for shown in (write_email(announcement).body, slack):
        assert named in shown
