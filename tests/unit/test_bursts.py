"""Grouping: alert at once, one summary afterwards; a higher severity always alerts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lambdas.domain.activity.burst_grouping import BurstReference
from lambdas.domain.activity.bursts import BURST_LENGTH
from lambdas.domain.activity.outcomes import Actor
from lambdas.domain.activity.root_activity import ActorKind
from lambdas.domain.activity.severity import Severity
from lambdas.domain.claims import RetryLater
from lambdas.domain.outcomes import AccountReference
from tests.unit.fakes import NOON
from tests.unit.given import MEMBER, Assessment

ROOT = BurstReference(
    account=AccountReference(account_id=MEMBER, name="payments-prod"),
    actor=Actor(kind=ActorKind.CONSOLE_SESSION, arn=f"arn:aws:iam::{MEMBER}:root", access_key_id="ASIA1"),
    source_ip="192.0.2.0",
)
ELSEWHERE = BurstReference(account=ROOT.account, actor=ROOT.actor, source_ip="198.51.100.7")
MINUTE = timedelta(minutes=1)


def alerts(
    given: Assessment, event: str, severity: Severity = Severity.HIGH, whose: BurstReference = ROOT
) -> bool:
    return given.grouping.alerts(whose, event, severity)


def run_of_four(given: Assessment) -> None:
    for event in ("first", "second", "third", "fourth"):
        alerts(given, event)
        given.clock.move(MINUTE)


def test_a_burst_alerts_once_and_asks_for_one_summary() -> None:
    given = Assessment()

    answers = [alerts(given, event) for event in ("first", "second", "third")]

    assert answers == [True, False, False]
    assert len(given.reminders.sent) == 1
    assert given.reminders.sent[0][1].ends_at == NOON + BURST_LENGTH


def test_a_single_event_needs_no_summary() -> None:
    given = Assessment()

    alerts(given, "only")

    assert given.reminders.sent == []
    assert not given.grouping.summarise(ROOT, NOON)


def test_another_address_is_another_burst() -> None:
    given = Assessment()

    assert alerts(given, "here")
    assert alerts(given, "there", whose=ELSEWHERE)


def test_a_higher_severity_alerts_again_and_a_lower_does_not() -> None:
    given = Assessment()

    answers = [
        alerts(given, "looked", Severity.MEDIUM),
        alerts(given, "changed", Severity.CRITICAL),
        alerts(given, "looked again", Severity.MEDIUM),
        alerts(given, "changed again", Severity.CRITICAL),
    ]

    assert answers == [True, True, False, False]


def test_a_burst_in_which_everything_alerted_needs_no_summary() -> None:
    given = Assessment()
    alerts(given, "looked", Severity.MEDIUM)
    alerts(given, "changed", Severity.CRITICAL)
    given.clock.move(BURST_LENGTH)

    assert not given.grouping.summarise(ROOT, NOON)
    assert given.reminders.sent == []


def test_an_alert_replayed_alerts_again_and_counts_once() -> None:
    given = Assessment()
    alerts(given, "first")

    assert alerts(given, "first")
    assert not alerts(given, "second")
    given.clock.move(BURST_LENGTH)
    given.grouping.summarise(ROOT, NOON)
    assert given.bus.summaries[0].count == 2


def test_the_summary_says_what_happened_and_comes_once() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(BURST_LENGTH)

    assert given.grouping.summarise(ROOT, NOON)
    assert not given.grouping.summarise(ROOT, NOON)

    (summary,) = given.bus.summaries
    assert (summary.count, summary.highest) == (4, Severity.HIGH)
    assert (summary.first_at, summary.last_at) == (NOON, NOON + 3 * MINUTE)


def test_a_reminder_that_comes_early_comes_again() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(timedelta(minutes=10, seconds=59))

    with pytest.raises(RetryLater, match="the burst lasts until 12:15:00"):
        given.grouping.summarise(ROOT, NOON)


def test_a_burst_longer_than_a_reminder_can_wait_is_reminded_of_until_its_end() -> None:
    given = Assessment()
    for event in ("began", "refreshed"):
        given.grouping.alerts(ROOT, event, Severity.CRITICAL, lasts=timedelta(hours=12))

    for _ in range(47):
        given.clock.move(BURST_LENGTH)
        assert not given.grouping.summarise(ROOT, NOON)
        assert not alerts(given, f"refreshed at {given.clock()}", Severity.CRITICAL)
    given.clock.move(BURST_LENGTH)

    assert given.grouping.summarise(ROOT, NOON)
    assert [summary.count for summary in given.bus.summaries] == [49]
    assert len(given.reminders.sent) == 48


def test_another_sign_in_session_is_another_burst() -> None:
    given = Assessment()

    assert alerts(given, "here", whose=replace(ROOT, session="session/1"))
    assert alerts(given, "there", whose=replace(ROOT, session="session/2"))


def test_an_ended_burst_is_replaced_by_a_new_one_that_alerts() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(BURST_LENGTH)

    assert alerts(given, "the next day")
    assert [summary.count for summary in given.bus.summaries] == [4]
    assert not given.grouping.summarise(ROOT, NOON)


def test_a_summarised_burst_is_not_summarised_again_by_the_one_that_replaces_it() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(BURST_LENGTH)
    given.grouping.summarise(ROOT, NOON)
    given.clock.move(timedelta(hours=1))

    assert alerts(given, "an hour later")
    assert len(given.bus.summaries) == 1


def test_a_summary_nobody_heard_of_is_not_lost_with_the_burst_that_is_replaced() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(BURST_LENGTH)
    given.bus.failures = 1
    with pytest.raises(ConnectionError):
        alerts(given, "the next day")

    assert alerts(given, "the next day")
    assert [summary.count for summary in given.bus.summaries] == [4]


def test_a_summary_nobody_heard_of_is_published_by_the_next_reminder() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(BURST_LENGTH)
    given.bus.failures = 1
    with pytest.raises(ConnectionError):
        given.grouping.summarise(ROOT, NOON)

    assert given.grouping.summarise(ROOT, NOON)


def test_somebody_faster_costs_another_try() -> None:
    given = Assessment()
    alerts(given, "first")
    given.bursts.faster = 2

    assert not alerts(given, "second")
    assert given.bursts.load(ROOT.key)[0] is not None


def test_too_many_at_once_wait() -> None:
    given = Assessment()
    given.bursts.faster = 5

    with pytest.raises(RetryLater, match="too many events"):
        alerts(given, "first")


def test_a_reminder_is_asked_for_before_the_count_is_kept() -> None:
    given = Assessment()
    alerts(given, "first")
    given.bursts.faster = 5

    with pytest.raises(RetryLater):
        alerts(given, "second")

    assert given.reminders.sent
