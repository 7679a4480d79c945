"""The words for `Root Activity Alert` and `Root Activity Summary`."""

from datetime import timedelta

from lambdas.domain.activity.activity_row import ASK, END_SESSION
from lambdas.domain.activity.activity_table import ROW_OF
from lambdas.domain.activity.lateness import LATE, age
from lambdas.domain.activity.outcomes import ActivityAlert, ActivitySummary, Actor, ObservedEvent
from lambdas.domain.activity.protection_rows import ROOT_SESSION_STEPS
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.messages.announcement import Announcement, Facts
from lambdas.domain.messages.console_links import cloudtrail_event, organizations_account

_ACTORS = {
    ActorKind.LONG_TERM_KEY: "with a root access key",
    ActorKind.FEDERATED_SESSION: "in a session that a root access key handed out",
    ActorKind.CONSOLE_SESSION: "in a root console session",
    ActorKind.ROOT_SESSION: "in somebody else's root session",
    ActorKind.SIGN_IN: "on the root sign-in page",
    ActorKind.CLI_LOGIN: "by `aws login`",
    ActorKind.PRINCIPAL: "by an IAM principal",
    ActorKind.UNKNOWN: "with root credentials of an unknown kind",
}
_WITH_MFA = {True: "with MFA", False: "without MFA", None: "(MFA not recorded)"}
# CloudTrail usually delivers within minutes.
_NOTABLE = timedelta(hours=1)
_KEYS = frozenset({ActorKind.LONG_TERM_KEY, ActorKind.FEDERATED_SESSION})
_MANAGEMENT_STEP = (
    "This root user is yours to secure: change its password, remove its access keys, check its MFA devices."
)


def announce_alert(alert: ActivityAlert) -> Announcement:
    """Compose the announcement of one activity."""
    event, window = alert.event, alert.recovery_window
    done = "Nothing was done: rootwarden reports root activity, it does not block it."
    if window:
        until = f"{window.until:%Y-%m-%d %H:%M} UTC"
        done = (
            f"A recovery window is open until {until} ({window.reason}; opened by "
            f"{window.opened_by}), so this may be expected. It is reported all the same."
        )
    return Announcement(
        severity=alert.assessment.severity,
        account=alert.account,
        headline=_headline(alert),
        happened=_happened(alert),
        done=done,
        facts=_facts(alert),
        next_steps=_next_steps(alert),
        links=(
            ("The event in CloudTrail", cloudtrail_event(event.region, event.event_id)),
            *_account_link(alert.account.account_id, event.region),
        ),
    )


def announce_summary(summary: ActivitySummary, region: str) -> Announcement:
    """Compose the announcement of a burst that has ended."""
    since, until = f"{summary.first_at:%H:%M:%S}", f"{summary.last_at:%H:%M:%S}"
    return Announcement(
        severity=summary.highest,
        account=summary.account,
        headline=f"{summary.count} root activities in one burst",
        happened=(
            f"After the first alert it went on {_ACTORS[summary.actor.kind]}: "
            f"{summary.count} events in all between {since} and {until} UTC."
        ),
        done="Only the first, and any that was worse, alerted on its own. All are in CloudTrail.",
        facts=(
            *_actor_facts(summary.actor),
            ("Source address", summary.source_ip or "not recorded"),
        ),
        next_steps=(ASK, "Read the account's CloudTrail events of these minutes."),
        links=_account_link(summary.account.account_id, region),
    )


def _headline(alert: ActivityAlert) -> str:
    row = ROW_OF[alert.activity]
    headline = row.wording(attempted=alert.attempted).headline
    if alert.activity is Activity.SIGN_IN_SUCCEEDED:
        headline = f"{headline} {_WITH_MFA[alert.event.mfa_used]}"
    if row.names_event:
        headline = f"{headline}: {alert.event.name}"
    if alert.management_root and headline.startswith("root"):
        headline = f"management account's {headline}"
    # In front, where a subject that is cut short still has it.
    return f"{age(alert.age)} ago: {headline}" if alert.age >= LATE else headline


def _happened(alert: ActivityAlert) -> str:
    done = f"{alert.assessment.reason}: {alert.event.name} {_ACTORS[alert.actor.kind]}"
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in (done, *alert.assessment.circumstances))


def _next_steps(alert: ActivityAlert) -> tuple[str, ...]:
    if alert.actor.kind is ActorKind.ROOT_SESSION:
        return ROOT_SESSION_STEPS
    steps = ROW_OF[alert.activity].steps
    if alert.management_root:
        return (*steps, _MANAGEMENT_STEP)
    if alert.actor.kind in _KEYS and END_SESSION not in steps:
        return (*steps, END_SESSION)
    return steps


def _facts(alert: ActivityAlert) -> Facts:
    event = alert.event
    mfa = {None: "not recorded", True: "yes", False: "no"}[event.mfa_used]
    facts = [
        ("When", f"{event.time:%Y-%m-%d %H:%M:%S} UTC"),
        *_delivery(event),
        ("Event", f"{event.source} {event.name} in {event.region}, logged in {event.account_id}"),
        ("Source address", event.source_ip or "not recorded"),
        ("User agent", event.user_agent or "not recorded"),
        *_actor_facts(alert.actor),
        ("MFA", mfa),
    ]
    if alert.account.name is None:
        facts.append(("Account name", "not known: AWS Organizations did not give it"))
    if event.error_code:
        facts.append(("Refused by AWS", event.error_code))
    if alert.account.organizational_unit:
        facts.append(("Organizational unit", alert.account.organizational_unit))
    return tuple(facts)


def _delivery(event: ObservedEvent) -> Facts:
    if event.delivered_at is None or event.delivered_at - event.time < _NOTABLE:
        return ()
    delay = age(event.delivered_at - event.time)
    return (("Delivered", f"{event.delivered_at:%Y-%m-%d %H:%M:%S} UTC, {delay} later"),)


def _actor_facts(actor: Actor) -> Facts:
    key = (("Access key id", actor.access_key_id),) if actor.access_key_id else ()
    return (("Who", actor.arn or "not recorded"), *key)


def _account_link(account_id: str | None, region: str) -> Facts:
    if account_id is None:
        return ()
    return (("The account in Organizations", organizations_account(region, account_id)),)
