"""Outcomes as they come about: sample events, and answers of AWS, put through the domain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from rootwarden.contract.configured import Exemption, Mode
from rootwarden.contract.detail_types import SOURCE
from rootwarden.hardening.announcement import Announcement, read_announcement
from rootwarden.hardening.outcome import SWEEP, Progress, Trigger
from rootwarden.leaving import AccountForgetter, read_departure
from rootwarden.messages.compose import AlertTest
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.refusals import CallRefused
from rootwarden.report.deployment_checks import Recipients, Subscription
from rootwarden.report.report import Report
from rootwarden.requests import Approved
from rootwarden.root_credentials import Posture
from rootwarden.sweep.outcome import ReportLocation, SweepCompleted
from tests.unit.fakes import NOON, FakeBus, FakeClock, FakeOrganization, RootUser
from tests.unit.given import (
    HUB,
    MANAGEMENT,
    MEMBER,
    ORGANIZATION_ID,
    WINDOW,
    Assessment,
    Hardening,
    fully_equipped_root,
    member,
)
from tests.unit.recovery_stories import RECOVERY_STORIES
from tests.unit.report_given import (
    ALL_WELL,
    KEY,
    PASSWORD,
    Given,
    Row,
    exposed,
    lines,
    listed,
    row,
    unreachable,
)
from tests.unit.sample_events import envelope, record, sample
from tests.unit.test_leaving import Records
from tests.unit.unlock_given import DOUBTFUL, EVIDENCE, HARMLESS, FakeApprovals, FakeBucket, Unlocking

OFF = CallRefused(
    "AccessDenied", "Root credentials management feature is not enabled for your AWS Organization."
)
DENIED = CallRefused("AccessDenied", "with an explicit deny in a service control policy")
NOT_ALLOWED = CallRefused("AccessDeniedException", "You don't have permissions to access this resource.")
EXEMPTION = Exemption(
    account=MEMBER, organizational_unit=None, reason="break-glass account", until=date(2027, 1, 31)
)


def hardening(given: Hardening, event: str = "create_account_result_succeeded") -> Outcome:
    announced = read_announcement(envelope(event), MANAGEMENT, ORGANIZATION_ID)
    return given.hardener.harden(announced, Progress(), attempt=8, is_last=True)


def hardened() -> Outcome:
    return hardening(Hardening(keep_used_within_days=0))


def observed() -> Outcome:
    old = replace(member(), joined_at=NOON - timedelta(days=400))
    user = fully_equipped_root()
    user.keys["AKIAIOSFODNN7EXAMPLE"] = NOON - timedelta(days=2)
    return hardening(Hardening(account=old, user=user), "controltower_enable_baseline")


def clean_with_an_account_in_govcloud() -> Outcome:
    return hardening(Hardening(user=RootUser()), "create_account_result_govcloud")


def hardened_with_an_account_in_govcloud() -> Outcome:
    return hardening(Hardening(), "create_account_result_govcloud")


def partial() -> Outcome:
    given = Hardening()
    given.sessions.refusals["delete password"] = DENIED
    given.sessions.refusals["list mfa_device"] = CallRefused("Throttling", "Rate exceeded")
    return hardening(given)


def partial_in_a_sweep() -> Outcome:
    given = Hardening(user=RootUser(password=True))
    given.sessions.refusals["delete password"] = DENIED
    trigger = Trigger(event_id="nightly-1", event_name=SWEEP, source=SOURCE)
    announced = Announcement(
        trigger=trigger, account_id=MEMBER, mode=Mode.ENFORCE, ignores_recent_result=True
    )
    return given.harden(announced, is_last=True)


def partial_without_read_back() -> Outcome:
    given = Hardening(user=RootUser(password=True))
    given.sessions.refusals["read back"] = CallRefused("Throttling", "Rate exceeded")
    return hardening(given)


def recently_used_key_kept() -> Outcome:
    user = fully_equipped_root()
    user.keys["AKIAIOSFODNN7EXAMPLE"] = NOON - timedelta(days=2)
    return hardening(Hardening(user=user))


def password_in_use_kept() -> Outcome:
    user = fully_equipped_root()
    user.password_used = NOON - timedelta(days=9)
    return hardening(Hardening(user=user), "account_joined_organization_invited")


def unreachable_feature_off() -> Outcome:
    given = Hardening()
    given.sessions.refusals["audit session"] = OFF
    return hardening(given, "account_joined_organization_invited")


def skipped_exempt() -> Outcome:
    return hardening(Hardening(exemptions=(EXEMPTION,)))


def skipped_foreign_account() -> Outcome:
    return hardening(Hardening(), "create_account_result_from_member_account")


def _alert(*events: str, given: Assessment | None = None) -> Outcome:
    given = given or Assessment()
    for event in events:
        given.assessor.assess(record(event), attempt=2)
    return given.bus.alerts[-1]


def root_sign_in_without_mfa() -> Outcome:
    return _alert("root_console_login_success_no_mfa")


def root_sign_in_failed() -> Outcome:
    return _alert("root_console_login_failure")


def password_recovery_requested() -> Outcome:
    return _alert("root_password_recovery_requested")


def password_recovery_during_a_recovery_window() -> Outcome:
    given = Assessment()
    given.memory.windows[MEMBER] = WINDOW
    return _alert("root_password_recovery_completed", given=given)


def long_term_key_call() -> Outcome:
    return _alert("root_api_long_term_key")


def mfa_device_created() -> Outcome:
    return _alert("root_api_console_session_enable_mfa")


def trail_stop_refused_to_the_management_root_reported_late() -> Outcome:
    event = sample("root_trail_stop_refused", eventTime="2026-05-28T09:00:00Z")
    event["detail"]["userIdentity"]["arn"] = f"arn:aws:iam::{MANAGEMENT}:root"
    given = Assessment()
    given.assessor.assess(record({**event, "account": MANAGEMENT}), attempt=1)
    return given.bus.alerts[0]


def strangers_assume_root() -> Outcome:
    return _alert("assume_root_call")


def strangers_assume_root_refused() -> Outcome:
    return _alert("assume_root_call_refused")


def strangers_root_session_call() -> Outcome:
    return _alert("assume_root_call", "root_session_api_call")


def stolen_role() -> Outcome:
    return _alert("assume_root_call_own_role")


def protection_weakened() -> Outcome:
    return _alert("disable_root_credentials_management")


def protection_changed() -> Outcome:
    return _alert("enable_root_sessions")


def forwarding_rule_deleted() -> Outcome:
    return _alert("forwarding_rule_deleted")


def root_email_update_started() -> Outcome:
    return _alert("start_primary_email_update")


def leaving_refused() -> Outcome:
    return _alert("leave_organization_refused")


def sign_in_anomaly() -> Outcome:
    return _alert("sign_in_anomaly")


def burst_summary() -> Outcome:
    given = Assessment()
    for number in range(7):
        for name in ("root_api_long_term_key", "root_api_long_term_key_read_only"):
            call = sample(name, eventID=f"{name}-{number}")
            given.assessor.assess(record(call), attempt=1)
        given.clock.move(timedelta(minutes=1))
    given.clock.move(timedelta(minutes=15))
    reference, burst = given.reminders.sent[0]
    given.grouping.summarise(reference, burst.opened_at)
    return given.bus.summaries[0]


def root_sessions_in_many_accounts() -> Outcome:
    given = Assessment()
    for number in range(300):
        target = {"targetPrincipal": f"{444400000000 + number}"}
        call = sample("assume_root_call", eventID=f"opened-{number}", requestParameters=target)
        given.assessor.assess(record(call), attempt=1)
        given.clock.move(timedelta(seconds=1))
    given.clock.move(timedelta(minutes=15))
    [(reference, burst)] = given.reminders.sent
    given.grouping.summarise(reference, burst.opened_at)
    return given.bus.summaries[0]


def _departure(event: str, *exemptions: Exemption) -> Outcome:
    departure = read_departure(envelope(event), MANAGEMENT)
    assert departure is not None
    forgetter = AccountForgetter(
        records=Records(),
        directory=FakeOrganization({}),
        exemptions=exemptions,
        publish=FakeBus(),
        clock=FakeClock(),
    )
    return forgetter.forget(departure, lambda _said: None)


def account_departed() -> Outcome:
    return _departure("account_departed_organization", EXEMPTION)


def account_cleaned() -> Outcome:
    return _departure("account_departed_organization_cleaned")


def account_closed() -> Outcome:
    return _departure("close_account_result")


def completed(report: Report) -> Outcome:
    json, csv, html = (f"reports/sweep-2/report.{form}" for form in ("json", "csv", "html"))
    where = ReportLocation(bucket="rootwarden-evidence", json=json, csv=csv, html=html)
    return SweepCompleted.of(report, where)


def _sweep(given: Given, *rows: Row) -> Outcome:
    given.sweep(row(1), row(2), exposed(3))
    return completed(given.sweep(*rows))


def sweep_found_credentials() -> Outcome:
    return _sweep(Given(), row(1), exposed(2), exposed(3), unreachable(4))


def sweep_found_a_key_within_a_window() -> Outcome:
    window = {"until": "2026-06-02T16:00:00Z", "reason": "lost MFA device", "openedBy": "alice"}
    equipped = Posture.of(PASSWORD.present | KEY.present)
    return _sweep(Given(), row(1), row(2), exposed(3, equipped, recoveryWindow=window))


def sweep_left_credentials() -> Outcome:
    return _sweep(
        Given(mode=Mode.ENFORCE),
        row(1),
        row(2, "hardened", auditedAt="2026-06-02T11:58:00Z"),
        row(3, "partial", KEY, code="RecentlyUsed"),
    )


def sweep_with_a_feature_off_and_gaps() -> Outcome:
    answers = replace(ALL_WELL, features=frozenset(), trusted_services=NOT_ALLOWED)
    given = Given(answers=answers)
    given.sweep(row(1))
    return completed(given.read(listed(row(1), row(2)), {"results/1.jsonl": lines(row(1))}))


def sweep_with_lost_alarm_paths() -> Outcome:
    given = Given()
    given.sweep(row(1), row(2))
    given.arrives = False
    for day in (2, 3):
        given.sweep(*(row(number, auditedAt=f"2026-06-0{day}T11:58:00Z") for number in (1, 2)))
    return completed(given.sweep(row(1), row(2)))


def sweep_with_people_unsubscribed() -> Outcome:
    found = {"security@example.com": Subscription.NONE, "pager@example.com": Subscription.PENDING}
    return _sweep(Given(recipients=Recipients(configured=tuple(found), found=found)), row(1))


def a_sweep_where_all_is_well() -> Outcome:
    return _sweep(Given(), row(1), row(2), row(3))


def alert_test() -> Outcome:
    caller = f"arn:aws:sts::{HUB}:assumed-role/SecurityOperator/anna@example.com"
    return AlertTest(account=AccountReference(account_id=HUB), requested_by=caller, occurred_at=NOON)


def _unlocked(given: Unlocking, action: str, **more: object) -> Outcome:
    given.ask(action, **more)
    return given.published[-1]


def policy_deleted() -> Outcome:
    return _unlocked(Unlocking(), "delete")


def policy_replaced() -> Outcome:
    return _unlocked(Unlocking(FakeBucket(policy=DOUBTFUL)), "put", policy=HARMLESS)


def policy_restored_after_approval() -> Outcome:
    sessions = f"arn:aws:sts::{HUB}:assumed-role/AWSReservedSSO_Security_0123456789abcdef"
    approved = Approved(f"{sessions}/anna@example.com", (f"{sessions}/ben@example.com",))
    given = Unlocking(FakeBucket(policy=HARMLESS), approvals=FakeApprovals(approved))
    given.ask("delete")
    return _unlocked(given, "restore", evidence=EVIDENCE)


def policy_change_not_proven() -> Outcome:
    return _unlocked(Unlocking(FakeBucket(stale=99)), "delete")


STORIES: tuple[Callable[[], Outcome], ...] = (
    hardened,
    observed,
    clean_with_an_account_in_govcloud,
    hardened_with_an_account_in_govcloud,
    partial,
    partial_in_a_sweep,
    partial_without_read_back,
    recently_used_key_kept,
    password_in_use_kept,
    unreachable_feature_off,
    skipped_exempt,
    skipped_foreign_account,
    root_sign_in_without_mfa,
    root_sign_in_failed,
    password_recovery_requested,
    password_recovery_during_a_recovery_window,
    long_term_key_call,
    mfa_device_created,
    trail_stop_refused_to_the_management_root_reported_late,
    strangers_assume_root,
    strangers_assume_root_refused,
    strangers_root_session_call,
    stolen_role,
    protection_weakened,
    protection_changed,
    forwarding_rule_deleted,
    root_email_update_started,
    leaving_refused,
    sign_in_anomaly,
    burst_summary,
    root_sessions_in_many_accounts,
    account_departed,
    account_closed,
    account_cleaned,
    sweep_found_credentials,
    sweep_found_a_key_within_a_window,
    sweep_left_credentials,
    sweep_with_a_feature_off_and_gaps,
    sweep_with_lost_alarm_paths,
    sweep_with_people_unsubscribed,
    alert_test,
    policy_deleted,
    policy_replaced,
    policy_restored_after_approval,
    policy_change_not_proven,
    *RECOVERY_STORIES,
)
