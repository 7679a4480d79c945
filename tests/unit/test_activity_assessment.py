"""From a record to an alert, to one more in a burst, or to nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from rootwarden.activity.acts import Act, BurstReference
from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.bursts import BUDGET, BURST_LENGTH
from rootwarden.activity.root_activity import ActorKind
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.configured import Expectation
from rootwarden.contract.names import NEVER_USED, OURS
from rootwarden.events import MalformedEvent
from rootwarden.messages.activity_message import alert_message, summary_message
from rootwarden.outcomes import AccountReference
from rootwarden.refusals import CallRefused
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, WINDOW, Assessment
from tests.unit.sample_events import record, sample
from tests.unit.test_root_activity import TABLE
from tests.unit.test_watch import TABLE as OF_THE_WATCH

SESSION_KEY = "ASIAIOSFODNN7EXAMPLE"
STRANGER = "arn:aws:sts::222233334444:assumed-role/SecurityOperator/example-session"
EXPECTATION = Expectation(
    principal=STRANGER, calls=("sts:AssumeRoot",), reason="weekly test", until=NOON.date()
)


def assess(given: Assessment, event: str | dict[str, Any], attempt: int = 1) -> ActivityVerdict:
    return given.assessor.assess(record(event), attempt=attempt)


@pytest.mark.parametrize(
    "name",
    ["root_session_api_call", "root_session_api_call_without_flag", "root_session_create_login_profile"],
)
def test_our_own_session_never_alerts(name: str) -> None:
    given = Assessment()
    given.memory.openers[SESSION_KEY] = OURS

    assert assess(given, name) is ActivityVerdict.OURS
    assert given.bus.published == []


def test_our_own_opening_never_alerts_once_it_is_on_record() -> None:
    given = Assessment()
    with pytest.raises(RetryLater, match=r"^our role opened this root session; its record may still arrive$"):
        assess(given, "assume_root_call_own_role")
    given.memory.remember_session(SESSION_KEY, OURS)

    assert assess(given, "assume_root_call_own_role", attempt=2) is ActivityVerdict.OURS
    assert given.bus.published == []


def test_our_role_in_other_hands_is_critical() -> None:
    given = Assessment()
    with pytest.raises(RetryLater):
        assess(given, "assume_root_call_own_role")

    assert assess(given, "assume_root_call_own_role", attempt=2) is ActivityVerdict.ALERTED

    alert = given.bus.alerts[0]
    assert alert.assessment.severity is Severity.CRITICAL
    assert "other hands" in alert.assessment.reason
    assert alert.account.account_id == MEMBER


def test_the_opening_of_a_session_that_was_never_put_to_use_is_no_theft() -> None:
    given = Assessment()
    given.memory.openers[SESSION_KEY] = NEVER_USED

    assert assess(given, "assume_root_call_own_role") is ActivityVerdict.OURS
    assert given.bus.published == []


@pytest.mark.parametrize("name", ["root_session_api_call", "root_session_api_call_without_flag"])
def test_a_session_said_to_be_never_used_hides_no_use_of_it(name: str) -> None:
    given = Assessment()
    given.memory.openers[SESSION_KEY] = NEVER_USED
    assess(given, "assume_root_call_own_role")

    assert assess(given, name) is ActivityVerdict.ALERTED

    [alert] = given.bus.alerts
    assert alert.assessment.severity is Severity.CRITICAL
    assert "other hands" in alert.assessment.reason


def test_what_a_stolen_role_then_does_alerts_too() -> None:
    given = Assessment()
    assess(given, "assume_root_call_own_role", attempt=2)

    assert assess(given, "root_session_api_call_without_flag") is ActivityVerdict.ALERTED
    assert given.bus.alerts[1].actor.kind is ActorKind.ROOT_SESSION


def test_a_strangers_opening_alerts_at_once_for_the_account_it_reached_for() -> None:
    given = Assessment()

    assert assess(given, "assume_root_call") is ActivityVerdict.ALERTED

    alert = given.bus.alerts[0]
    assert alert.activity is Activity.ROOT_SESSION_OPENED
    assert alert.account.account_id == MEMBER
    assert alert.event.account_id == "222233334444"
    assert alert.actor.arn == STRANGER
    assert given.memory.openers == {SESSION_KEY: STRANGER}
    nameless = Assessment()
    assess(nameless, sample("assume_root_call", userIdentity={"type": "AWSService"}))
    assert nameless.memory.openers == {SESSION_KEY: "an unknown principal"}


def test_a_strangers_session_is_one_though_its_events_lack_the_flag() -> None:
    given = Assessment()
    assess(given, "assume_root_call")

    assess(given, "root_session_api_call_without_flag")

    assert given.bus.alerts[1].actor.kind is ActorKind.ROOT_SESSION
    assert "did not open" in given.bus.alerts[1].assessment.in_full


def test_a_session_seen_before_its_opening_is_reported_by_its_flag() -> None:
    given = Assessment()

    assess(given, "root_session_api_call")
    assess(given, "assume_root_call")

    assert [alert.activity for alert in given.bus.alerts] == [
        Activity.CREDENTIAL_REMOVED,
        Activity.ROOT_SESSION_OPENED,
    ]


def test_a_target_written_as_an_arn_is_the_same_account() -> None:
    given = Assessment()

    assess(given, "assume_root_call_create_password")

    assert given.bus.alerts[0].account.account_id == MEMBER


@pytest.mark.parametrize("target", ["arn:aws:iam::44:root", "everyone", "", None, 444455556666])
def test_a_target_that_is_no_account_leaves_the_callers(target: object) -> None:
    given = Assessment()

    assess(given, sample("assume_root_call", requestParameters={"targetPrincipal": target}))

    assert given.bus.alerts[0].account.account_id == "222233334444"


def test_our_own_refused_opening_is_no_news() -> None:
    given = Assessment()
    event = sample("assume_root_call_own_role", responseElements=None, errorCode="AccessDenied")

    assert assess(given, event) is ActivityVerdict.OURS


def test_a_strangers_refused_opening_alerts() -> None:
    given = Assessment()

    assert assess(given, "assume_root_call_refused") is ActivityVerdict.ALERTED
    assert given.bus.alerts[0].event.error_code == "AccessDenied"


def test_a_recovery_window_is_told_and_silences_nothing() -> None:
    given = Assessment()
    given.memory.windows[MEMBER] = WINDOW

    assert assess(given, "root_password_recovery_requested") is ActivityVerdict.ALERTED
    assert given.bus.alerts[0].recovery_window == WINDOW


def test_an_alert_without_the_name_is_better_than_none() -> None:
    given = Assessment()
    given.organization.refusal = CallRefused("TooManyRequestsException", "slow down")

    assert assess(given, "root_api_long_term_key") is ActivityVerdict.ALERTED
    assert given.bus.alerts[0].account.name is None


def test_an_account_that_organizations_does_not_know_alerts_by_its_id() -> None:
    given = Assessment()

    assess(given, "disable_trusted_access")

    assert str(given.bus.alerts[0].account) == MANAGEMENT


def test_what_shows_no_root_activity_is_malformed() -> None:
    with pytest.raises(MalformedEvent, match=r"detail\.userIdentity\.type"):
        assess(Assessment(), "iam_user_console_login")


def test_an_alert_that_was_not_taken_is_published_by_the_next_attempt() -> None:
    given = Assessment()
    given.bus.failures = 1
    with pytest.raises(ConnectionError):
        assess(given, "root_api_long_term_key")

    assert assess(given, "root_api_long_term_key", attempt=2) is ActivityVerdict.ALERTED
    assert len(given.bus.alerts) == 1


def test_our_role_asking_for_a_task_that_is_none_of_ours_alerts_although_aws_refuses() -> None:
    given = Assessment()
    event = sample("assume_root_call_own_role", errorCode="AccessDenied", responseElements=None)
    event["detail"]["requestParameters"]["taskPolicyArn"]["arn"] = (
        "arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword"
    )

    assert assess(given, event) is ActivityVerdict.ALERTED
    assert given.bus.alerts[0].activity is Activity.ROOT_SESSION_REFUSED


def test_the_same_record_is_assessed_once() -> None:
    given = Assessment()
    assess(given, "root_api_long_term_key")

    with pytest.raises(AlreadyDone):
        assess(given, "root_api_long_term_key")


def test_half_a_character_does_not_keep_an_alert_back() -> None:
    given = Assessment()

    assert (
        assess(given, sample("root_console_login_failure", userAgent="Mozilla \ud800"))
        is ActivityVerdict.ALERTED
    )

    assert given.bus.alerts[0].event.user_agent == "Mozilla ?"


def test_a_sign_in_that_does_not_say_whether_with_mfa_is_said_to_be_so() -> None:
    given = Assessment()
    assess(given, sample("root_console_login_success_no_mfa", additionalEventData=None))

    announcement = alert_message(given.bus.alerts[0], "us-east-1")
    assert announcement.headline == "root signed in (MFA not recorded)"
    assert announcement.severity is Severity.CRITICAL


def refusal(number: int, **identity: object) -> dict[str, Any]:
    """One of many refused attempts, each on another account, from another address, under another name."""
    event = sample(
        "assume_root_call_refused",
        eventID=f"refusal-{number}",
        sourceIPAddress=f"198.51.100.{number % 250}",
        requestParameters={"targetPrincipal": f"{number:012}"},
    )
    event["detail"]["userIdentity"]["arn"] = f"{STRANGER}-{number}"
    event["detail"]["userIdentity"].update(identity)
    return event


def test_refusals_on_random_accounts_are_one_alert_and_one_summary_of_who_asked() -> None:
    given = Assessment()

    verdicts = [assess(given, refusal(number)) for number in range(600)]

    assert verdicts.count(ActivityVerdict.ALERTED) == 1
    assert given.bus.alerts[0].account.account_id == "000000000000"
    given.clock.move(BURST_LENGTH)
    for reference, burst in given.reminders.sent:
        given.grouping.summarise(reference, burst.opened_at)
    [summary] = given.bus.summaries
    assert (summary.count, summary.account.account_id) == (600, "222233334444")


def test_refusals_under_many_roles_are_ten_alerts_and_one_summary() -> None:
    given = Assessment()
    for number in range(600):
        role = {"sessionIssuer": {"arn": f"arn:aws:iam::222233334444:role/caller-{number}"}}
        assess(given, refusal(number, sessionContext=role))

    assert len(given.bus.alerts) == BUDGET
    given.clock.move(BURST_LENGTH)
    for reference, burst in given.reminders.sent:
        given.grouping.summarise(reference, burst.opened_at)
    [overflow] = given.bus.summaries
    assert (overflow.count - overflow.alerted, overflow.actor) == (590, None)
    announcement = summary_message(overflow, "us-east-1")
    assert announcement.headline == "and 590 more events of severity medium"
    assert announcement.happened.endswith("10 alerts of severity medium, and 590 more events as severe.")


def test_a_flood_of_refusals_hides_nothing_that_is_worse() -> None:
    given = Assessment()
    for number in range(100):
        assess(given, refusal(number))

    assert assess(given, "assume_root_call") is ActivityVerdict.ALERTED
    assert assess(given, "disable_root_sessions") is ActivityVerdict.ALERTED


def test_a_different_critical_act_of_the_same_caller_alerts() -> None:
    given = Assessment()
    call = sample("root_api_long_term_key", eventName="CreateUser", eventID="1")
    another = sample("root_api_long_term_key", eventName="StopLogging", eventID="2")
    again = sample("root_api_long_term_key", eventName="CreateUser", eventID="3")

    assert [assess(given, event) for event in (call, another, again)] == [
        ActivityVerdict.ALERTED,
        ActivityVerdict.ALERTED,
        ActivityVerdict.COUNTED,
    ]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("external_directory_login_failed", ActivityVerdict.NO_ROOT_USER),
        ("root_api_invoked_by_service", ActivityVerdict.SERVICE),
        ("root_service_in_console_session", ActivityVerdict.SERVICE),
        ("root_internal_call_without_session", ActivityVerdict.SERVICE),
    ],
)
def test_what_no_person_did_as_root_is_logged_and_no_more(name: str, verdict: ActivityVerdict) -> None:
    given = Assessment()

    assert assess(given, name) is verdict
    assert given.bus.published == []
    assert given.memory.reports == {}


@pytest.mark.parametrize("event", ["root_password_recovery_requested", "root_password_recovery_completed"])
def test_a_recovery_in_its_window_is_medium_and_says_whose_window_it_is(event: str) -> None:
    given = Assessment()
    given.memory.windows[MEMBER] = structs.replace(WINDOW, opened_at=NOON, approved_by=("ben",))
    assess(given, event)

    [alert] = given.bus.alerts
    assert alert.severity is Severity.MEDIUM
    assert "alice opened, approved by ben, until 2026-06-01 16:00 UTC (lost MFA device)" in (
        alert_message(alert, "us-east-1").happened
    )


@pytest.mark.parametrize(
    ("event", "severity", "expected"),
    [
        ("root_password_recovery_completed", Severity.MEDIUM, ()),
        ("assume_root_call", Severity.LOW, (EXPECTATION,)),
    ],
    ids=["by a window", "by an expectation"],
)
def test_what_is_grave_and_was_lowered_is_not_pushed_out_by_noise(
    event: str, severity: Severity, expected: tuple[Expectation, ...]
) -> None:
    given = Assessment(expected=expected)
    given.memory.windows[MEMBER] = structs.replace(WINDOW, opened_at=NOON)
    noise = Act(event="", name=severity, severity=severity)
    account = AccountReference(account_id=record(event).account_id)
    for number in range(BUDGET + 1):
        whose = BurstReference(account=account, actor=None, source_ip=f"192.0.2.{number}")
        given.grouping.alerts(whose, replace(noise, event=str(number)))

    assert assess(given, event) is ActivityVerdict.ALERTED

    assert given.bus.alerts[-1].severity is severity


def test_a_recovery_from_before_the_window_is_as_bad_as_ever() -> None:
    given = Assessment()
    given.memory.windows[MEMBER] = structs.replace(WINDOW, opened_at=NOON + timedelta(minutes=30))
    assess(given, "root_password_recovery_completed")

    assert [alert.severity for alert in given.bus.alerts] == [Severity.CRITICAL]


def test_an_event_delivered_late_says_when_it_happened_when_it_came_and_how_old_it_is() -> None:
    given = Assessment()
    assess(given, "root_console_login_late")

    alert = given.bus.alerts[0]
    announcement = alert_message(alert, "us-east-1")
    assert alert.event.time.year == 2025
    assert announcement.headline == "381 days ago: root signed in with MFA"
    assert (
        "It happened at 2025-05-16 03:12:00 UTC, and AWS delivered the event at 2026-06-01 13:19:05 UTC,"
        " 381 days later (DELIVERY_DELAY)." in announcement.happened
    )
    assert ("Delivered", "2026-06-01 13:19:05 UTC, 381 days later") in announcement.where


def test_an_event_that_waited_for_us_says_so_too() -> None:
    given = Assessment()
    given.clock.move(timedelta(days=3))
    assess(given, "root_console_login_failure")

    announcement = alert_message(given.bus.alerts[0], "us-east-1")
    assert announcement.headline.startswith("2 days ago: root sign-in failed")
    assert "it is reported at 2026-06-04" in announcement.happened


def test_a_correction_of_a_reported_event_is_silent() -> None:
    given = Assessment()
    assess(given, "root_console_login_success_mfa")

    assert assess(given, "root_console_login_corrected") is ActivityVerdict.CORRECTION
    assert len(given.bus.alerts) == 1


def test_a_correction_that_makes_it_worse_alerts() -> None:
    given = Assessment()
    assess(given, "root_console_login_success_mfa")
    worse = sample("root_console_login_corrected", additionalEventData={"MFAUsed": "No"})

    assert assess(given, worse) is ActivityVerdict.ALERTED
    assert "AWS corrects by this a record that was reported as high" in given.bus.alerts[1].assessment.in_full


def test_a_correction_that_a_crash_kept_from_being_put_on_record_alerts_rather_than_being_lost() -> None:
    given = Assessment()
    given.bus.failures = 1
    with pytest.raises(ConnectionError):
        assess(given, "root_console_login_success_mfa")

    assert assess(given, "root_console_login_corrected") is ActivityVerdict.ALERTED


def test_root_of_the_management_account_is_named_as_that() -> None:
    given = Assessment()
    assess(given, "root_console_login_management_account")

    alert = given.bus.alerts[0]
    announcement = alert_message(alert, "us-east-1")
    assert (alert.management_root, announcement.severity) == (True, Severity.CRITICAL)
    assert announcement.headline == "management account's root signed in with MFA"
    assert "cannot remove" in announcement.happened
    assert "yours to secure" in announcement.next_steps[-1]


def test_a_command_line_session_of_twelve_hours_alerts_once() -> None:
    given = Assessment()
    answers = [assess(given, "root_cli_login_authorized")]
    for number in range(48):
        given.clock.move(timedelta(minutes=15))
        answers.append(assess(given, sample("root_cli_login_refreshed", eventID=f"refresh-{number}")))

    assert answers == [ActivityVerdict.ALERTED] + 48 * [ActivityVerdict.COUNTED]


def test_what_else_root_does_during_a_command_line_session_alerts() -> None:
    given = Assessment()
    assess(given, "root_cli_login_authorized")
    given.clock.move(timedelta(hours=1))

    assert assess(given, "root_password_updated") is ActivityVerdict.ALERTED
    assert assess(given, "root_creates_own_key") is ActivityVerdict.ALERTED


def test_a_second_command_line_session_from_another_sign_in_alerts() -> None:
    given = Assessment()
    first = sample("root_cli_login_authorized")
    second = sample("root_cli_login_authorized", eventID="second")
    second["detail"]["userIdentity"]["sessionContext"]["signInSessionArn"] += "-another"

    assert [assess(given, event) for event in (first, second)] == 2 * [ActivityVerdict.ALERTED]


def test_a_command_line_session_that_goes_on_from_another_address_alerts_again() -> None:
    given = Assessment()
    refreshed = [
        sample("root_cli_login_refreshed", eventID=f"refresh-{number}", sourceIPAddress=address)
        for number, address in enumerate(("198.51.100.23", "192.0.2.77", "192.0.2.77"))
    ]

    answers = [assess(given, event) for event in (sample("root_cli_login_authorized"), *refreshed)]

    alerted, counted = ActivityVerdict.ALERTED, ActivityVerdict.COUNTED
    assert answers == [alerted, counted, alerted, counted]


@pytest.mark.parametrize("account", [MEMBER, MANAGEMENT])
@pytest.mark.parametrize("name", ["root_trail_stopped", "root_cli_login_authorized", "root_creates_own_key"])
def test_a_deed_after_its_try_alerts_in_the_same_burst(name: str, account: str) -> None:
    given = Assessment()
    tried = {**sample(name, eventID="tried", errorCode="AccessDenied"), "account": account}
    done = {**sample(name, eventID="done"), "account": account}
    again = {**sample(name, eventID="again"), "account": account}

    answers = [assess(given, event) for event in (tried, done, again)]

    assert answers == [ActivityVerdict.ALERTED, ActivityVerdict.ALERTED, ActivityVerdict.COUNTED]


@pytest.mark.parametrize(
    ("name", "changed"), [*((row[0], {}) for row in TABLE), *((row[0], row[1]) for row in OF_THE_WATCH)]
)
def test_the_announcement_of_a_try_never_reads_as_a_deed(name: str, changed: dict[str, Any]) -> None:
    given = Assessment()
    if assess(given, sample(name, **changed), attempt=2) is not ActivityVerdict.ALERTED:
        return
    alert = given.bus.alerts[0]

    headline = alert_message(alert, "us-east-1").headline

    assert alert.attempted is any(
        word in headline for word in ("tried", "failed", "refused", "attempt", "stopped")
    )


def root_of(account: str, *, key: str = "ASIAIOSFODNN7EXAMPLE") -> dict[str, Any]:
    """userIdentity of an account's root user."""
    return {"type": "Root", "arn": f"arn:aws:iam::{account}:root", "accessKeyId": key}


def test_the_management_accounts_root_is_one_step_more_severe_in_what_the_watch_finds() -> None:
    given = Assessment()
    assess(given, sample("start_primary_email_update", userIdentity=root_of(MANAGEMENT)))

    alert = given.bus.alerts[0]
    assert alert.activity is Activity.ROOT_EMAIL_UPDATE_STARTED
    assert (alert.management_root, alert.assessment.severity) == (True, Severity.CRITICAL)
    assert "the management account's root user" in alert.assessment.in_full
    assert alert.account.account_id == MEMBER


def test_a_root_key_is_said_to_exist_in_what_the_watch_finds() -> None:
    given = Assessment()
    by_key = root_of(MEMBER, key="AKIAIOSFODNN7EXAMPLE")
    assess(given, sample("forwarding_rule_deleted", userIdentity=by_key, errorCode="AccessDenied"))

    alert = given.bus.alerts[0]
    assert (alert.activity, alert.attempted) == (Activity.WATCH_CHANGE_REFUSED, True)
    assert alert.assessment.severity is Severity.CRITICAL
    assert "a root access key exists" in alert.assessment.in_full


def test_root_that_leaves_the_organization_itself_is_one_alert_of_root() -> None:
    given = Assessment()

    assert assess(given, "leave_organization_by_root") is ActivityVerdict.ALERTED
    assert [alert.activity for alert in given.bus.alerts] == [Activity.LEFT_ORGANIZATION]


def test_a_service_that_takes_the_watch_down_for_root_alerts() -> None:
    given = Assessment()
    by_a_service = root_of(MEMBER) | {"invokedBy": "cloudformation.amazonaws.com"}

    assert (
        assess(given, sample("forwarding_rule_deleted", userIdentity=by_a_service)) is ActivityVerdict.ALERTED
    )
    assert given.bus.alerts[0].activity is Activity.WATCH_TAKEN_DOWN
