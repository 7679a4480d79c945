"""The words of an alert, and of a burst of them that has ended."""

from datetime import datetime, timedelta

from rootwarden.activity.classification import ROW_OF, text_of
from rootwarden.activity.judgement import LATE, age
from rootwarden.activity.outcomes import MOST_ACCOUNTS, ActivityAlert, ActivitySummary, Actor, ObservedEvent
from rootwarden.activity.root_activity import ActorKind
from rootwarden.activity.rows import ASK
from rootwarden.activity.takeover_rows import ASK_OWNER
from rootwarden.contract.activities import Activity
from rootwarden.messages.alert_steps import next_steps
from rootwarden.messages.message import (
    ENTRY_OF,
    FIRST,
    STRANGERS_SESSION,
    WATCH,
    Facts,
    Message,
    account_link,
    cloudtrail_event,
)
from rootwarden.recovery.windows import RecoveryWindow

_ACTORS = {
    ActorKind.LONG_TERM_KEY: "with a root access key",
    ActorKind.FEDERATED_SESSION: "in a session that a root access key handed out",
    ActorKind.TEMPORARY_SESSION: "in a temporary session of root, perhaps of a root access key",
    ActorKind.CONSOLE_SESSION: "in a session of a root sign-in, by the console or `aws login`",
    ActorKind.ROOT_SESSION: "in somebody else's root session",
    ActorKind.SIGN_IN: "on the root sign-in page",
    ActorKind.CLI_LOGIN: "by `aws login`",
    ActorKind.PRINCIPAL: "by an IAM principal",
    ActorKind.UNKNOWN: "with root credentials of an unknown kind",
}
_WITH_MFA = {True: "with MFA", False: "without MFA", None: "(MFA not recorded)"}
_LOOK_AT_ALL = "Look at all that the watch rests on, not at what alerted alone: rootctl doctor"
_PUT_BACK = "Put back all that is missing: the alerts have the commands, and so has rootctl doctor."
_PUT_BACK_BY_COMMAND = frozenset({Activity.WATCH_TAKEN_DOWN, Activity.WATCH_CHANGED})
# CloudTrail usually delivers within minutes.
_NOTABLE = timedelta(hours=1)
_NOT_IN_CLOUDTRAIL = "but AWS Sign-In's own alerts "
# What a recovery window is opened for.
_OF_A_RECOVERY = frozenset(
    {
        Activity.PASSWORD_RECOVERY_REQUESTED,
        Activity.PASSWORD_RECOVERY_COMPLETED,
        Activity.PASSWORD_CHANGED,
        Activity.SIGN_IN_STEP,
        Activity.SIGN_IN_FAILED,
        Activity.SIGN_IN_SUCCEEDED,
    }
)


def alerted_in_words(summary: ActivitySummary) -> str:
    """Say how many events of a burst alerted, and which."""
    if not summary.alerted:
        return _in_cloudtrail(summary)
    if summary.alerted == 1:
        return f"Only the first alerted on its own. {_in_cloudtrail(summary)}"
    return (
        f"{summary.alerted} of them alerted on their own: the first, and each that was worse or a "
        f"different grave act. {_in_cloudtrail(summary)}"
    )


def _in_cloudtrail(summary: ActivitySummary) -> str:
    if not summary.collected:
        is_other = Activity.SIGN_IN_ANOMALY in summary.activities
        return f"All {_NOT_IN_CLOUDTRAIL if is_other else ''}are in CloudTrail."
    return (
        "They were brought in from the account's own queue of undelivered events, which its administrators"
        " can write to: those that are not in CloudTrail are forged."
    )


def overflow_message(summary: ActivitySummary, region: str) -> Message:
    """Compose the message of alerts beyond those that an account may cause in a while."""
    more, severity = summary.count - summary.alerted, summary.highest
    since, until = f"{summary.first_at:%H:%M:%S}", f"{summary.last_at:%H:%M:%S}"
    return Message(
        severity=severity,
        account=summary.account,
        headline=f"and {more} more events of severity {severity}",
        happened=(
            f"Between {since} and {until} UTC this account caused {summary.alerted} alerts of severity "
            f"{severity}, and {more} more events as severe."
        ),
        done=f"These {more} events got no message of their own. Graver ones did. {_in_cloudtrail(summary)}",
        facts=(("Alerts sent", str(summary.alerted)), ("Events without a message", str(more))),
        next_steps=(
            "Find in the account's CloudTrail events who causes so many, and stop that.",
            "Look at what else happened in these minutes: many small alerts may hide a grave one.",
        ),
        links=account_link(region, summary.account.account_id),
        entry=FIRST,
    )


def alert_message(alert: ActivityAlert, region: str) -> Message:
    """Compose the message of one activity."""
    event, account_id = alert.event, alert.account.account_id
    # CloudTrail knows no event of Sign-In's own alerts.
    is_anomaly = alert.activity is Activity.SIGN_IN_ANOMALY
    in_cloudtrail = ("The event in CloudTrail", cloudtrail_event(event.region, event.event_id))
    return Message(
        severity=alert.assessment.severity,
        account=alert.account,
        headline=_headline(alert),
        happened=_happened(alert),
        where=(("When", f"{event.time:%Y-%m-%d %H:%M:%S} UTC"), *_delivery(event)),
        who=_who(alert),
        done=_done(alert),
        facts=_facts(alert),
        next_steps=next_steps(alert),
        links=(*(() if is_anomaly else (in_cloudtrail,)), *account_link(region, account_id)),
        entry=_entry(alert),
    )


def _entry(alert: ActivityAlert) -> str:
    is_strangers = (
        alert.actor.kind is ActorKind.ROOT_SESSION and alert.activity is not Activity.OWN_ROLE_STOLEN
    )
    return STRANGERS_SESSION if is_strangers else ENTRY_OF[alert.activity]


def _window_it_may_belong_to(alert: ActivityAlert) -> RecoveryWindow | None:
    window = alert.recovery_window
    if window is None or alert.activity not in _OF_A_RECOVERY or alert.actor.kind is not ActorKind.SIGN_IN:
        return None
    opened_at = window.opened_at
    return None if isinstance(opened_at, datetime) and alert.event.time < opened_at else window


def _done(alert: ActivityAlert) -> str:
    if window := _window_it_may_belong_to(alert):
        return f"Nothing. In the recovery window that {window.whose}, this may be expected."
    return "Nothing: rootwarden reports this and does not block it."


def summary_message(summary: ActivitySummary, region: str) -> Message:
    """Compose the message of a burst that has ended."""
    if summary.actor is None:
        return overflow_message(summary, region)
    if summary.accounts:
        return openings_message(summary, region)
    since, until = f"{summary.first_at:%H:%M:%S}", f"{summary.last_at:%H:%M:%S}"
    is_of_root = summary.actor.kind is not ActorKind.PRINCIPAL
    is_of_watch = any(ENTRY_OF[activity] == WATCH for activity in summary.activities)
    return Message(
        severity=summary.highest,
        account=summary.account,
        headline=f"{summary.count} {'root activities' if is_of_root else 'calls'} in one burst",
        happened=(
            f"After the first alert it went on {_ACTORS[summary.actor.kind]}: "
            f"{summary.count} events in all between {since} and {until} UTC."
        ),
        done=alerted_in_words(summary),
        who=(
            *_actor_facts(summary.actor),
            ("Source address", summary.source_ip or "not recorded, or several"),
        ),
        facts=(),
        next_steps=(
            *(_watch_steps(summary) if is_of_watch else ()),
            ASK if is_of_root else ASK_OWNER,
            "Read the account's CloudTrail events of these minutes.",
        ),
        links=account_link(region, summary.account.account_id),
        entry=WATCH if is_of_watch else FIRST,
    )


def _watch_steps(summary: ActivitySummary) -> tuple[str, ...]:
    is_missing = not summary.collected and not _PUT_BACK_BY_COMMAND.isdisjoint(summary.activities)
    return (_LOOK_AT_ALL, *((_PUT_BACK,) if is_missing else ()))


def openings_message(summary: ActivitySummary, region: str) -> Message:
    """Compose the message of root sessions that one principal opened, be it in many accounts."""
    accounts, more = summary.account_count, summary.account_count - len(summary.accounts)
    # More of them than that are not remembered.
    some = "at least " if accounts >= MOST_ACCOUNTS else ""
    where = f"{some}{accounts} account{'' if accounts == 1 else 's'}"
    since, until = f"{summary.first_at:%H:%M:%S}", f"{summary.last_at:%H:%M:%S}"
    return Message(
        severity=summary.highest,
        account=summary.account,
        headline=f"{summary.count} root sessions opened in {where} by one principal",
        happened=(
            f"After the first alert it went on: between {since} and {until} UTC the same principal opened "
            f"{summary.count} root sessions in {where}."
        ),
        done=f"{alerted_in_words(summary)} What these sessions do alerts for each account.",
        who=_actor_facts(summary.actor) if summary.actor else (),
        facts=(("Accounts", ", ".join(summary.accounts) + (f", and {some}{more} more" if more else "")),),
        next_steps=(
            "Ask the principal's owner what the sessions were for.",
            "If no one can say what for, end what the principal may do: the first alert says how.",
        ),
        links=account_link(region, summary.account.account_id),
        entry=STRANGERS_SESSION,
    )


def _headline(alert: ActivityAlert) -> str:
    headline = text_of(alert.activity, attempted=alert.attempted).headline
    if alert.activity is Activity.SIGN_IN_SUCCEEDED:
        headline = f"{headline} {_WITH_MFA[alert.event.mfa_used]}"
    if ROW_OF[alert.activity].names_event:
        headline = f"{headline}: {alert.event.name}"
    if alert.management_root and headline.startswith("root"):
        headline = f"management account's {headline}"
    # In front, where a subject that is cut short still has it.
    return f"{age(alert.age)} ago: {headline}" if alert.age >= LATE else headline


def _happened(alert: ActivityAlert) -> str:
    # Whose sign-in it was, Sign-In's own alert may not say.
    is_anomaly = alert.activity is Activity.SIGN_IN_ANOMALY
    how = ", as AWS Sign-In itself says" if is_anomaly else f" {_ACTORS[alert.actor.kind]}"
    done = f"{alert.assessment.reason}: {alert.event.name}{how}"
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in (done, *alert.assessment.circumstances))


def _who(alert: ActivityAlert) -> Facts:
    event = alert.event
    return (
        *_actor_facts(alert.actor),
        ("Source address", event.source_ip or "not recorded"),
        ("User agent", event.user_agent or "not recorded"),
        *(() if event.mfa_used is None else (("MFA", "yes" if event.mfa_used else "no"),)),
    )


def _facts(alert: ActivityAlert) -> Facts:
    event = alert.event
    facts = [
        *((("Acted on", alert.target),) if alert.target else ()),
        ("Event", f"{event.source} {event.name} in {event.region}, logged in {event.account_id}"),
    ]
    if event.error_code:
        facts.append(("Refused by AWS", event.error_code))
    if alert.recovery_window and not _window_it_may_belong_to(alert):
        facts.append(("Recovery window", alert.recovery_window.whose))
    return tuple(facts)


def _delivery(event: ObservedEvent) -> Facts:
    if event.delivered_at is None or event.delivered_at - event.time < _NOTABLE:
        return ()
    delay = age(event.delivered_at - event.time)
    return (("Delivered", f"{event.delivered_at:%Y-%m-%d %H:%M:%S} UTC, {delay} later"),)


def _actor_facts(actor: Actor) -> Facts:
    key = (("Access key id", actor.access_key_id),) if actor.access_key_id else ()
    return (("Who", actor.arn or "not recorded"), *key)
