"""Grouping: alert at once, one summary afterwards; what is bad and different always alerts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rootwarden.activity.acts import Act, BurstReference
from rootwarden.activity.bursts import BUDGET, BURST_LENGTH, MOST_ACTS
from rootwarden.activity.outcomes import MOST_ACCOUNTS, MOST_NAMED, ActivitySummary, Actor
from rootwarden.activity.root_activity import ActorKind
from rootwarden.claims import RetryLater
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference
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
    given: Assessment,
    event: str,
    severity: Severity = Severity.HIGH,
    whose: BurstReference = ROOT,
    act: str | None = None,
    length: timedelta = BURST_LENGTH,
) -> bool:
    stands_out = severity.rank >= Severity.HIGH.rank
    shown = Act(event=event, name=act or severity.value, severity=severity, stands_out=stands_out)
    return given.grouping.alerts(whose, shown, length=length)


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


def test_another_address_or_incident_is_another_burst() -> None:
    given = Assessment()
    incidents = [replace(ROOT, incident=f"aws login#session/{number}") for number in (1, 2)]

    for number, whose in enumerate((ROOT, ELSEWHERE, *incidents)):
        assert alerts(given, f"event {number}", whose=whose)


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
    given.clock.move(timedelta(hours=1))
    assert alerts(given, "an hour later")
    assert len(given.bus.summaries) == 1


def test_a_reminder_that_comes_early_is_sent_again() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(timedelta(minutes=10, seconds=59))

    assert not given.grouping.summarise(ROOT, NOON)
    assert [reference for reference, _ in given.reminders.sent] == [ROOT, ROOT]
    assert given.bus.summaries == []


def test_a_burst_longer_than_a_reminder_can_wait_is_reminded_of_until_its_end() -> None:
    given = Assessment()
    for event in ("began", "refreshed"):
        alerts(given, event, Severity.CRITICAL, length=timedelta(hours=12))

    for _ in range(47):
        given.clock.move(BURST_LENGTH)
        assert not given.grouping.summarise(ROOT, NOON)
        assert not alerts(given, f"refreshed at {given.clock()}", Severity.CRITICAL)
    given.clock.move(BURST_LENGTH)

    assert given.grouping.summarise(ROOT, NOON)
    assert [summary.count for summary in given.bus.summaries] == [49]
    assert len(given.reminders.sent) == 48


def test_an_ended_burst_is_replaced_by_a_new_one_that_alerts() -> None:
    given = Assessment()
    run_of_four(given)
    given.clock.move(BURST_LENGTH)

    assert alerts(given, "the next day")
    assert [summary.count for summary in given.bus.summaries] == [4]
    assert not given.grouping.summarise(ROOT, NOON)


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


def test_another_event_that_is_faster_costs_another_try() -> None:
    given = Assessment()
    alerts(given, "first")
    given.bursts.faster = 2

    assert not alerts(given, "second")
    assert given.bursts.kept[ROOT.key].count == 2


def test_too_many_at_once_wait() -> None:
    given = Assessment()
    given.bursts.faster = 5

    with pytest.raises(RetryLater, match="too many events"):
        alerts(given, "first")


def test_a_critical_act_waits_for_no_count() -> None:
    given = Assessment()
    given.bursts.faster = 1000

    assert alerts(given, "first", Severity.CRITICAL)


def test_a_reminder_is_asked_for_before_the_count_is_kept() -> None:
    given = Assessment()
    alerts(given, "first")
    given.bursts.faster = 5

    with pytest.raises(RetryLater):
        alerts(given, "second")

    assert given.reminders.sent


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.HIGH])
def test_each_different_act_that_is_bad_alerts_once(severity: Severity) -> None:
    given = Assessment()
    acts = ["signed in", "made a key", "made a key", "signed in", "stopped the trail"]

    answers = [alerts(given, f"event {n}", severity, act=act) for n, act in enumerate(acts)]

    assert answers == [True, True, False, False, True]
    given.clock.move(BURST_LENGTH)
    given.grouping.summarise(ROOT, NOON)
    assert (given.bus.summaries[0].count, given.bus.summaries[0].alerted) == (5, 3)


def test_a_flood_of_cheap_acts_hides_no_critical_one() -> None:
    given = Assessment()
    for number in range(1000):
        alerts(given, f"cheap {number}", Severity.MEDIUM)

    assert alerts(given, "worse", Severity.CRITICAL, act="made a key")
    assert given.bursts.kept[ROOT.key].count == 1001


def test_however_many_different_acts_come_each_alerts_once_and_the_burst_stays_small() -> None:
    given = Assessment()
    many = MOST_ACTS + 20

    first = [alerts(given, f"first {n}", Severity.CRITICAL, act=f"act {n}") for n in range(many)]
    again = [alerts(given, f"again {n}", Severity.CRITICAL, act=f"act {n}") for n in range(many)]

    assert all(first)
    assert not any(again)
    assert max(len(burst.acts) for burst in given.bursts.kept.values()) == MOST_ACTS
    given.clock.move(BURST_LENGTH)
    for reference, burst in given.reminders.sent:
        given.grouping.summarise(reference, burst.opened_at)
    assert sum(summary.count for summary in given.bus.summaries) == 2 * many


def test_resources_under_invented_names_alert_so_often_only_and_are_summed_up() -> None:
    given = Assessment()
    many = 2 * MOST_ACTS

    act = Act(event="first", name="rule", severity=Severity.CRITICAL, stands_out=True, kind="rule")
    first = [
        given.grouping.alerts(ROOT, replace(act, event=f"first {n}", name=f"rule {n}")) for n in range(many)
    ]

    assert first == (MOST_ACTS + 1) * [True] + (many - MOST_ACTS - 1) * [False]
    given.clock.move(BURST_LENGTH)
    for reference, burst in given.reminders.sent:
        given.grouping.summarise(reference, burst.opened_at)
    assert [summary.count for summary in given.bus.summaries] == [many - MOST_ACTS]


def caller(number: int) -> BurstReference:
    arn = f"arn:aws:iam::{MEMBER}:role/caller-{number}"
    return replace(ROOT, actor=Actor(kind=ActorKind.PRINCIPAL, arn=arn, access_key_id=None))


@pytest.mark.parametrize("severity", [Severity.MEDIUM, Severity.LOW])
def test_an_account_has_a_budget_for_cheap_alerts_and_one_summary_of_the_others(severity: Severity) -> None:
    given = Assessment()

    answers = [
        alerts(given, f"event {number} of {turn}", severity, whose=caller(number))
        for turn in range(2)
        for number in range(BUDGET + 5)
    ]

    assert answers.count(True) == BUDGET
    given.clock.move(BURST_LENGTH)
    for reference, burst in given.reminders.sent:
        given.grouping.summarise(reference, burst.opened_at)
    [overflow] = [summary for summary in given.bus.summaries if summary.actor is None]
    assert (overflow.count - overflow.alerted, overflow.highest) == (10, severity)
    assert len(given.bus.summaries) == BUDGET + 1


def test_what_is_bad_needs_no_budget_and_a_worse_severity_has_its_own() -> None:
    given = Assessment()
    for number in range(BUDGET + 1):
        alerts(given, f"event {number}", Severity.LOW, whose=caller(number))

    assert alerts(given, "medium", Severity.MEDIUM, whose=caller(100))
    assert alerts(given, "high", Severity.HIGH, whose=caller(101))
    assert alerts(given, "critical", Severity.CRITICAL, whose=caller(102))


def test_a_cheap_alert_replayed_alerts_again_and_is_paid_for_once() -> None:
    given = Assessment()
    for number in range(BUDGET):
        alerts(given, f"event {number}", Severity.MEDIUM, whose=caller(number))

    assert alerts(given, f"event {BUDGET - 1}", Severity.MEDIUM, whose=caller(BUDGET - 1))
    assert not alerts(given, "one more", Severity.MEDIUM, whose=caller(BUDGET))


def test_the_budget_is_there_again_after_a_bursts_length() -> None:
    given = Assessment()
    for number in range(BUDGET + 1):
        alerts(given, f"event {number}", Severity.MEDIUM, whose=caller(number))
    given.clock.move(BURST_LENGTH)

    assert alerts(given, "later", Severity.MEDIUM, whose=caller(0))


def test_an_incident_may_last_longer_than_a_burst_and_stays_apart_from_others() -> None:
    given, session = Assessment(), replace(ROOT, incident="aws login")
    day = timedelta(hours=12)
    assert alerts(given, "began", Severity.CRITICAL, session, "began a session", day)

    for refresh in range(40):
        given.clock.move(timedelta(minutes=15))
        assert not alerts(given, f"refresh {refresh}", Severity.CRITICAL, session, "began a session", day)

    assert alerts(given, "another", Severity.CRITICAL, act="began a session")
    assert given.bursts.kept[session.key].ends_at == NOON + day


def test_an_unlikely_text_makes_no_other_actors_key() -> None:
    assert len({ROOT.key, ELSEWHERE.key, replace(ROOT, actor=None).key, caller(1).key, caller(2).key}) == 5


def opened(given: Assessment, number: int, severity: Severity = Severity.HIGH, event: str = "") -> bool:
    account = AccountId(f"{number:012}")
    stands_out = severity.rank >= Severity.HIGH.rank
    event = event or f"{number}"
    act = Act(event=event, name="opened", severity=severity, stands_out=stands_out, account=account)
    return given.grouping.alerts(ROOT, act)


def summed_up(given: Assessment) -> ActivitySummary:
    given.clock.move(BURST_LENGTH)
    given.grouping.summarise(ROOT, NOON)
    [summary] = given.bus.summaries
    return summary


def test_a_burst_over_many_accounts_names_the_first_and_says_how_many() -> None:
    given = Assessment()

    answers = [opened(given, number) for number in range(30)]
    answers += [opened(given, number, event=f"again {number}") for number in range(5)]

    assert (answers[0], sum(answers)) == (True, 1)
    summary = summed_up(given)
    assert (summary.count, summary.account_count) == (35, 30)
    assert summary.accounts == tuple(f"{number:012}" for number in range(MOST_NAMED))


def test_the_accounts_that_a_burst_remembers_are_bounded_and_all_events_count() -> None:
    given = Assessment()

    for number in range(MOST_ACCOUNTS + 10):
        opened(given, number)

    assert len(given.bursts.kept[ROOT.key].accounts) == MOST_ACCOUNTS
    summary = summed_up(given)
    assert (summary.count, summary.account_count) == (MOST_ACCOUNTS + 10, MOST_ACCOUNTS)


def test_what_an_accounts_alerts_cost_names_no_accounts() -> None:
    given = Assessment()

    opened(given, 1, Severity.LOW)

    assert given.bursts.kept[ROOT.of_account(Severity.LOW).key].accounts == frozenset()
