"""No act hides a graver or another one of the same caller: neither a decoy before it, nor many of them."""

from dataclasses import replace
from typing import Any

import pytest

from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.bursts import BUDGET, BURST_LENGTH, MOST_ACTS
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.configured import Expectation
from rootwarden.messages.activity_message import alert_message, summary_message
from rootwarden.messages.message import WATCH
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, Assessment
from tests.unit.sample_events import record, sample
from tests.unit.test_activity_assessment import assess


def taken_down(event: str, **asked: str) -> dict[str, Any]:
    return sample(event, eventID=str(asked), requestParameters=asked)


@pytest.mark.parametrize(
    ("decoy", "real"),
    [
        (
            taken_down("forwarding_rule_disabled", name="StackSet-rootwarden-decoy"),
            taken_down("forwarding_rule_disabled", name="StackSet-rootwarden-forw-Rule-1ABCDEFGHIJKL"),
        ),
        (
            taken_down("forwarding_queue_purged", queueUrl=f"https://sqs.x/{MEMBER}/rootwarden-decoy"),
            taken_down("forwarding_queue_purged", queueUrl=f"https://sqs.x/{MEMBER}/rootwarden-undelivered"),
        ),
        (
            taken_down("detach_deny_root_policy", policyId="p-denyroot1", targetId="ou-ab12-sandbox1"),
            taken_down("detach_deny_root_policy", policyId="p-denyroot1", targetId="r-ab12"),
        ),
    ],
    ids=["rule", "queue", "target of a policy"],
)
def test_a_decoy_taken_down_first_hides_nothing_and_each_alert_puts_its_own_back(
    decoy: dict[str, Any], real: dict[str, Any]
) -> None:
    given = Assessment()
    verdicts = [assess(given, event) for event in (decoy, real)]
    again = real | {"detail": real["detail"] | {"eventID": "again"}}

    assert verdicts == 2 * [ActivityVerdict.ALERTED]
    assert assess(given, again) is ActivityVerdict.COUNTED
    first, second = given.bus.alerts
    assert first.activity is second.activity is Activity.WATCH_TAKEN_DOWN
    assert first.put_back != second.put_back or first.target != second.target

    given.clock.move(BURST_LENGTH)
    [(reference, burst)] = given.reminders.sent
    given.grouping.summarise(reference, burst.opened_at)
    [summary] = given.bus.summaries
    announced = summary_message(summary, "us-east-1")
    assert summary.activities == (Activity.WATCH_TAKEN_DOWN,)
    assert (announced.headline, announced.entry) == ("3 calls in one burst", WATCH)
    assert "rootctl doctor" in announced.next_steps[0]


def test_each_account_that_may_enter_members_as_root_alerts_and_is_named() -> None:
    given = Assessment()
    accounts = ["999900001111", "999900002222"]
    for account in accounts:
        asked = {"servicePrincipal": "iam.amazonaws.com", "accountId": account}
        assess(given, taken_down("register_delegated_administrator_stranger", **asked))
    assess(given, taken_down("disable_trusted_access", servicePrincipal="iam.amazonaws.com"))
    assess(given, "disable_root_sessions")

    assert [alert.target for alert in given.bus.alerts] == [*accounts, "iam.amazonaws.com", None]
    assert {alert.activity for alert in given.bus.alerts} == {Activity.PROTECTION_WEAKENED}
    assert ("Acted on", accounts[0]) in alert_message(given.bus.alerts[0], "us-east-1").facts


def refused(number: int, *, name: str = "StackSet-rootwarden-forw-Rule-1") -> dict[str, Any]:
    """A refused try of one role, under another session name and from another address each time."""
    event = sample(
        "forwarding_rule_deleted",
        eventID=f"refused {number}",
        errorCode="AccessDenied",
        sourceIPAddress=f"198.51.100.{number}",
        requestParameters={"name": name},
    )
    event["detail"]["userIdentity"]["arn"] += str(number)
    return event


def test_what_one_role_is_refused_under_many_session_names_is_one_alert_and_a_summary() -> None:
    given = Assessment()

    verdicts = [assess(given, refused(number)) for number in range(3)]

    assert verdicts == [ActivityVerdict.ALERTED, *2 * [ActivityVerdict.COUNTED]]
    # Another target is another act.
    assert assess(given, refused(3, name="StackSet-rootwarden-other")) is ActivityVerdict.ALERTED
    given.clock.move(BURST_LENGTH)
    [(reference, burst)] = given.reminders.sent
    given.grouping.summarise(reference, burst.opened_at)
    [summary] = given.bus.summaries
    assert (summary.count, summary.alerted, summary.source_ip) == (4, 2, None)
    assert summary.actor is not None
    assert summary.actor.arn == record(refused(0)).identity.role_arn


def test_what_one_role_is_refused_of_invented_accounts_has_an_end() -> None:
    given = Assessment()
    events = (
        sample(
            "accept_primary_email_update",
            eventID=str(number),
            errorCode="AccessDenied",
            requestParameters={"accountId": f"{number:012}"},
        )
        for number in range(MOST_ACTS + 5)
    )

    verdicts = [assess(given, event) for event in events]

    # Each account is an act, until there are too many: then the call is one.
    assert verdicts == [*(MOST_ACTS + 1) * [ActivityVerdict.ALERTED], *4 * [ActivityVerdict.COUNTED]]


def tried_on(account: str, event: str = "start_primary_email_update") -> dict[str, Any]:
    """A refused call about an account, by a person of one role."""
    return sample(
        event,
        eventID=f"{event} of {account}",
        errorCode="AccessDenied",
        requestParameters={"accountId": account},
    )


def test_what_one_role_is_refused_of_an_account_hides_nothing_about_another() -> None:
    given = Assessment()
    accounts = [MEMBER, "555566667777", "666677778888"]

    verdicts = [assess(given, tried_on(account)) for account in accounts]

    assert verdicts == 3 * [ActivityVerdict.ALERTED]
    assert [alert.account.account_id for alert in given.bus.alerts] == accounts
    assert {alert.severity for alert in given.bus.alerts} == {Severity.MEDIUM}


def test_a_refused_call_that_is_high_hides_no_lesser_one() -> None:
    given = Assessment()
    high = tried_on(MEMBER, "accept_primary_email_update")
    guard = sample("put_console_authorization_configuration", errorCode="AccessDenied")

    verdicts = [assess(given, event) for event in (high, tried_on("555566667777"), guard)]

    assert verdicts == 3 * [ActivityVerdict.ALERTED]
    assert [alert.severity for alert in given.bus.alerts] == ["high", "medium", "medium"]


def test_an_account_has_few_alerts_on_what_it_is_refused_of_invented_accounts() -> None:
    given = Assessment()

    verdicts = [assess(given, tried_on(f"{number:012}")) for number in range(BUDGET + 5)]

    assert verdicts == [*BUDGET * [ActivityVerdict.ALERTED], *5 * [ActivityVerdict.COUNTED]]


def test_what_one_role_is_refused_hides_neither_its_deeds_nor_its_refused_sessions() -> None:
    given = Assessment()
    role = refused(0)["detail"]["userIdentity"]
    deed = sample("forwarding_rule_deleted", userIdentity=role)
    session = sample("assume_root_call_refused", userIdentity=role) | {"account": MEMBER}

    verdicts = [assess(given, event) for event in (refused(0), deed, session)]

    assert verdicts == 3 * [ActivityVerdict.ALERTED]


def test_what_sessions_of_a_root_key_are_refused_under_many_names_is_one_alert() -> None:
    given = Assessment()
    verdicts = []
    for number in range(2):
        event = sample("root_federated_session_call", eventID=str(number), errorCode="AccessDenied")
        event["detail"]["userIdentity"]["arn"] += str(number)
        verdicts.append(assess(given, event))

    assert verdicts == [ActivityVerdict.ALERTED, ActivityVerdict.COUNTED]


@pytest.mark.parametrize(
    ("decoy", "real"),
    [
        (
            taken_down("trail_stopped_by_administrator", name="decoy"),
            sample(
                "trail_stopped_by_administrator",
                eventID="real",
                eventName="DeleteTrail",
                requestParameters={"name": "real"},
            ),
        ),
        (
            taken_down("trail_stopped_by_administrator", name="decoy"),
            taken_down("trail_stopped_by_administrator", name="real"),
        ),
        (
            sample("put_console_authorization_configuration", eventName="PutResourcePermissionStatement"),
            sample(
                "put_console_authorization_configuration",
                eventName="DeleteConsoleAuthorizationConfiguration",
                eventID="real",
            ),
        ),
    ],
    ids=["call on a trail", "trail", "sign-in guard"],
)
def test_a_harmless_high_act_hides_no_other_of_the_same_caller(
    decoy: dict[str, Any], real: dict[str, Any]
) -> None:
    given = Assessment()

    assert [assess(given, event) for event in (decoy, real)] == 2 * [ActivityVerdict.ALERTED]
    assert {alert.severity for alert in given.bus.alerts} == {Severity.HIGH}
    again = {**real, "detail": {**real["detail"], "eventID": "again"}}
    assert assess(given, again) is ActivityVerdict.COUNTED


def test_high_acts_under_invented_names_alert_only_so_often() -> None:
    given = Assessment()
    verdicts = [
        assess(given, taken_down("trail_stopped_by_administrator", name=f"invented-{number}"))
        for number in range(MOST_ACTS + 3)
    ]

    alerted = (MOST_ACTS + 1) * [ActivityVerdict.ALERTED]
    assert verdicts == [*alerted, ActivityVerdict.COUNTED, ActivityVerdict.COUNTED]


def flooded(given: Assessment) -> None:
    """Let a caller alert as often as one may, and once more."""
    for number in range(MOST_ACTS + 2):
        assess(given, taken_down("trail_stopped_by_administrator", name=f"invented-{number}"))


def test_a_flood_of_high_acts_hides_no_critical_one_of_the_same_call() -> None:
    given = Assessment()
    flooded(given)
    organizations = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/organization"

    verdict = assess(given, taken_down("trail_stopped_by_administrator", name=organizations))

    assert verdict is ActivityVerdict.ALERTED
    assert given.bus.alerts[-1].severity is Severity.CRITICAL


def test_a_flood_of_expected_acts_hides_none_that_nobody_expects() -> None:
    stopped = record("trail_stopped_by_administrator")
    expected = Expectation(
        principal=stopped.identity.arn or "",
        calls=("cloudtrail:StopLogging",),
        reason="a test",
        until=NOON.date(),
    )
    given = Assessment(expected=(expected,))
    flooded(given)
    given.assessor = replace(given.assessor, expected=())

    assert assess(given, "trail_stopped_by_administrator") is ActivityVerdict.ALERTED
    assert given.bus.alerts[-1].severity is Severity.HIGH
