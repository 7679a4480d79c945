"""Failed root sign-ins add up: by the events' own times, from any address, each event once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.judgement import AT_LEAST, SignIn
from rootwarden.aws.activity_records import SignInsTable
from rootwarden.aws.state_table import StateTable, epoch
from rootwarden.claims import AlreadyDone
from rootwarden.contract.activities import Severity
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, Assessment
from tests.unit.sample_events import record, sample

MINUTE = timedelta(minutes=1)
FAILURE, SUCCESS = "root_console_login_failure", "root_console_login_success_mfa"
TRIED = "somebody tried the root user's password, or knew it and failed at the MFA code"


def sign_in(
    given: Assessment, name: str, number: int, at: datetime, address: str | None = None
) -> ActivityVerdict:
    """Let the event of a sign-in arrive that happened at that time."""
    event = sample(name, eventID=f"{name}-{number}", sourceIPAddress=address or f"198.51.100.{number}")
    event["time"] = event["detail"]["eventTime"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return given.assessor.assess(record(event), attempt=1)


def failures(given: Assessment, times: Iterable[datetime]) -> None:
    for number, time in enumerate(times):
        sign_in(given, FAILURE, number, time)


def said(given: Assessment) -> list[tuple[Severity, str]]:
    return [(alert.assessment.severity, alert.assessment.reason) for alert in given.bus.alerts]


FIVE = [NOON + n * 2 * MINUTE for n in range(5)]


def test_a_fifth_within_ten_minutes_is_high_from_whatever_address() -> None:
    given = Assessment()

    failures(given, FIVE)

    assert said(given) == [
        (Severity.MEDIUM, TRIED),
        (Severity.HIGH, "5 sign-ins as root failed within 10 minutes"),
    ]


def test_a_flood_of_failures_from_everywhere_is_two_alerts_and_one_summary() -> None:
    given = Assessment()

    failures(given, [NOON + timedelta(seconds=n) for n in range(200)])

    assert [severity for severity, _ in said(given)] == [Severity.MEDIUM, Severity.HIGH]
    given.clock.move(timedelta(minutes=15))
    for reference, burst in given.reminders.sent:
        given.grouping.summarise(reference, burst.opened_at)
    assert [summary.count for summary in given.bus.summaries] == [200]


@pytest.mark.parametrize(
    ("times", "worse"),
    [
        (5 * [NOON], [Severity.HIGH]),
        ([*FIVE[:4], NOON + 10 * MINUTE], [Severity.HIGH]),
        ([NOON + 10 * MINUTE, *FIVE[:4]], [Severity.HIGH]),
        ([*FIVE[:4], NOON + 11 * MINUTE], []),
    ],
    ids=["in one second", "the end of the tenth minute", "that arriving first", "in the eleventh"],
)
def test_five_are_a_series_up_to_its_last_second(times: list[datetime], worse: list[Severity]) -> None:
    given = Assessment()

    failures(given, times)

    assert [severity for severity, _ in said(given)] == [Severity.MEDIUM, *worse]


def test_another_accounts_failures_do_not_add_up() -> None:
    given = Assessment()
    failures(given, FIVE[:4])
    event = sample(FAILURE, eventID="elsewhere", eventTime=f"{FIVE[4]:%Y-%m-%dT%H:%M:%SZ}")
    event["account"] = "555566667777"

    given.assessor.assess(record(event), attempt=1)

    assert {severity for severity, _ in said(given)} == {Severity.MEDIUM}


def test_events_that_arrive_late_count_where_they_belong() -> None:
    given = Assessment()

    failures(given, [NOON + 60 * MINUTE, *reversed(FIVE)])

    assert said(given)[-1] == (Severity.HIGH, "5 sign-ins as root failed within 10 minutes")


def test_the_same_event_again_adds_nothing() -> None:
    given = Assessment()
    failures(given, FIVE[:4])

    for _ in range(5):
        with pytest.raises(AlreadyDone):
            sign_in(given, FAILURE, 0, NOON)

    assert [severity for severity, _ in said(given)] == [Severity.MEDIUM]


def test_an_event_tried_again_after_a_crash_adds_nothing() -> None:
    given = Assessment()
    given.bus.failures = 4
    for _ in range(4):
        with pytest.raises(ConnectionError):
            sign_in(given, FAILURE, 0, NOON)

    sign_in(given, FAILURE, 0, NOON)

    assert said(given) == [(Severity.MEDIUM, TRIED)]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("count", "attempts"),
    [
        (1, "1 failed attempt"),
        (5, "5 failed attempts"),
        (AT_LEAST - 1, "79 failed attempts"),
        # There may have been more than are remembered.
        (AT_LEAST, "at least 80 failed attempts"),
    ],
)
def test_a_success_after_failures_is_critical_and_says_how_many(count: int, attempts: str) -> None:
    given = Assessment()
    failures(given, [NOON + timedelta(seconds=number) for number in range(count)])

    sign_in(given, SUCCESS, 0, NOON + HOUR, "203.0.113.9")

    signed_in = "the root user signed in to the console"
    assert said(given)[-1] == (Severity.CRITICAL, f"{signed_in}, after {attempts} within the hour before")


@pytest.mark.parametrize("after", [timedelta(), HOUR], ids=["in the same second", "an hour later"])
@pytest.mark.parametrize("arrives_first", [False, True], ids=["failure first", "success first"])
def test_a_success_up_to_an_hour_after_a_failure_is_critical_in_whatever_order_they_arrive(
    after: timedelta,
    arrives_first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    given = Assessment()
    arrivals = [(FAILURE, NOON), (SUCCESS, NOON + after)]

    for name, at in reversed(arrivals) if arrives_first else arrivals:
        sign_in(given, name, 0, at)

    assert said(given)[-1][0] is Severity.CRITICAL


def test_a_success_alone_or_long_after_or_before_a_failure_is_what_it_was() -> None:
    given = Assessment()
    failures(given, [NOON])

    sign_in(given, SUCCESS, 0, NOON + timedelta(hours=2))
    sign_in(given, SUCCESS, 1, NOON - MINUTE)

    assert [severity for severity, _ in said(given)[1:]] == [Severity.HIGH, Severity.HIGH]
    assert not any("failed attempt" in reason for _, reason in said(given))


def test_a_failure_that_arrives_after_the_success_it_led_to_is_critical() -> None:
    given = Assessment()
    sign_in(given, SUCCESS, 0, NOON + MINUTE)

    failures(given, [NOON])

    severity, reason = said(given)[-1]
    assert severity is Severity.CRITICAL
    assert reason == "1 failed attempt came before a sign-in as root that succeeded; this event arrived late"


def test_a_correction_of_a_failed_sign_in_is_no_second_one() -> None:
    given = Assessment()
    failures(given, FIVE[:4])
    worse = sample(FAILURE, eventID="correction", additionalEventData=None)
    worse["detail"]["addendum"] = {"reason": "UPDATED_DATA", "originalEventID": f"{FAILURE}-3"}
    worse["time"] = worse["detail"]["eventTime"] = f"{FIVE[3]:%Y-%m-%dT%H:%M:%SZ}"

    assert given.assessor.assess(record(worse), attempt=1) is ActivityVerdict.CORRECTION
    assert [severity for severity, _ in said(given)] == [Severity.MEDIUM]


def test_what_a_policy_stopped_counts_as_failed() -> None:
    given = Assessment()

    for number, time in enumerate(FIVE):
        sign_in(given, "root_console_login_denied_by_policy", number, time)
    sign_in(given, SUCCESS, 0, FIVE[4] + MINUTE)

    assert [severity for severity, _ in said(given)] == [Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]


def test_failures_against_the_management_root_are_one_step_worse_and_add_up() -> None:
    given = Assessment()
    for number, time in enumerate(FIVE):
        event = sample(FAILURE, eventID=f"{FAILURE}-{number}")
        event["account"] = MANAGEMENT
        event["time"] = event["detail"]["eventTime"] = f"{time:%Y-%m-%dT%H:%M:%SZ}"
        given.assessor.assess(record(event), attempt=1)

    assert said(given) == [
        (Severity.HIGH, TRIED),
        (Severity.CRITICAL, "5 sign-ins as root failed within 10 minutes"),
    ]
    assert all("management account's root" in one.assessment.in_full for one in given.bus.alerts)


@pytest.mark.parametrize("year", [1, 9999])
def test_times_at_the_ends_of_the_calendar_are_times(year: int) -> None:
    given = Assessment()
    event = sample(FAILURE)
    event["time"] = event["detail"]["eventTime"] = f"{year:04}-01-01T00:00:00Z"

    assert given.assessor.assess(record(event), attempt=1) is ActivityVerdict.ALERTED
    detail = given.bus.alerts[0].to_detail()
    assert detail["event"]["time"] == f"{year:04}-01-01T00:00:00Z"  # type: ignore[index]  # a JSON object


def failed(number: int, at: datetime = NOON) -> SignIn:
    return SignIn(at=epoch(at) + number, event=f"event-{number}", succeeded=False)


def test_the_table_returns_what_it_remembers(table: StateTable) -> None:
    sign_ins = SignInsTable(table)
    success = SignIn(at=epoch(NOON), event="success", succeeded=True)

    assert sign_ins.add(MEMBER, failed(1)) == {failed(1)}
    assert sign_ins.add(MEMBER, failed(1)) == {failed(1)}
    assert sign_ins.add(MEMBER, success) == {failed(1), success}
    assert sign_ins.remembered(MEMBER) == {failed(1), success}


@pytest.mark.long
def test_the_table_stays_small_whatever_comes(table: StateTable) -> None:
    sign_ins = SignInsTable(table)

    for number in range(150):
        known = sign_ins.add(MEMBER, failed(number))
        assert failed(number) in known
        assert min(number + 1, AT_LEAST) <= len(known) <= AT_LEAST + 21

    [item] = table.client.scan(TableName=table.name)["Items"]
    assert len(item) <= AT_LEAST + 23
