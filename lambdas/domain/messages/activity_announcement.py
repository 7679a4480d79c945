"""The words for `Root Activity Alert` and `Root Activity Summary`."""

from lambdas.domain.activity.outcomes import ActivityAlert, ActivitySummary, Actor
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.messages.announcement import Announcement, Facts
from lambdas.domain.messages.console_links import cloudtrail_event, organizations_account
from lambdas.domain.messages.overflow_announcement import alerted_in_words, announce_overflow

_HEADLINES = {
    Activity.SIGN_IN_SUCCEEDED: "root signed in",
    Activity.SIGN_IN_FAILED: "root sign-in failed",
    Activity.PASSWORD_RECOVERY_REQUESTED: "root password recovery requested",
    Activity.PASSWORD_RECOVERY_COMPLETED: "root password recovered",
    Activity.PASSWORD_CHANGED: "root password set",
    Activity.SIGN_IN_STEP: "root sign-in begun",
    Activity.CREDENTIAL_CREATED: "root credential created",
    Activity.API_CALL: "root called an API",
    Activity.ROOT_SESSION_OPENED: "root session opened by somebody else",
    Activity.ROOT_SESSION_REFUSED: "root session refused to somebody else",
    Activity.PROTECTION_WEAKENED: "root protection weakened",
    Activity.PROTECTION_CHANGED: "root protection changed",
}
_ACTORS = {
    ActorKind.LONG_TERM_KEY: "with a root access key",
    ActorKind.CONSOLE_SESSION: "in a root console session",
    ActorKind.ROOT_SESSION: "in somebody else's root session",
    ActorKind.SIGN_IN: "on the root sign-in page",
    ActorKind.PRINCIPAL: "by an IAM principal",
    ActorKind.UNKNOWN: "with root credentials of an unknown kind",
}
_WITH_MFA = {True: "with MFA", False: "without MFA", None: "(MFA not recorded)"}
_ASK = "Ask the account's owners now whether they did this, by a channel other than e-mail."
_END_SESSION = (
    "If nobody did: remove the password and access keys, and read in CloudTrail what else was done."
)
_REVOKE = "If nobody knows: revoke the principal's sessions and its sts:AssumeRoot permission."
_ROOT_SESSION_STEPS = (
    "Find who opened the session: the AssumeRoot event in CloudTrail that gave out this access key id.",
    "Ask the principal's owner what the session was for.",
    _REVOKE,
)
_STEPS = {
    Activity.SIGN_IN_FAILED: (
        "One failure may be a typing error; many, or a success afterwards, are an attack.",
        "Check that the account has no root password: it should have none to try.",
    ),
    Activity.PASSWORD_RECOVERY_REQUESTED: (
        "Find out who reads the root user's mailbox, and ask them.",
        "If nobody asked for it: secure the mailbox first, the link goes there.",
    ),
    Activity.ROOT_SESSION_OPENED: (
        "Ask the principal's owner what the session was for.",
        _REVOKE,
    ),
    Activity.ROOT_SESSION_REFUSED: ("Ask the principal's owner what the session would have been for.",),
    Activity.PROTECTION_WEAKENED: (
        "Ask the principal's owner. Nobody should do this while rootwarden is deployed.",
        "Undo it in the management account: IAM, Root access management.",
    ),
    Activity.PROTECTION_CHANGED: ("Nothing, if this was a deployment or a known change.",),
}


def announce_alert(alert: ActivityAlert) -> Announcement:
    """Compose the announcement of one activity."""
    event, window, reason = alert.event, alert.recovery_window, alert.assessment.reason
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
        happened=f"{reason[:1].upper()}{reason[1:]}: {event.name} {_ACTORS[alert.actor.kind]}.",
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
    if summary.actor is None:
        return announce_overflow(summary, region)
    since, until = f"{summary.first_at:%H:%M:%S}", f"{summary.last_at:%H:%M:%S}"
    return Announcement(
        severity=summary.highest,
        account=summary.account,
        headline=f"{summary.count} root activities in one burst",
        happened=(
            f"After the first alert it went on {_ACTORS[summary.actor.kind]}: "
            f"{summary.count} events in all between {since} and {until} UTC."
        ),
        done=alerted_in_words(summary),
        facts=(
            *_actor_facts(summary.actor),
            ("Source address", summary.source_ip or "not recorded, or several"),
        ),
        next_steps=(_ASK, "Read the account's CloudTrail events of these minutes."),
        links=_account_link(summary.account.account_id, region),
    )


def _headline(alert: ActivityAlert) -> str:
    headline = _HEADLINES[alert.activity]
    if alert.activity is Activity.SIGN_IN_SUCCEEDED:
        return f"{headline} {_WITH_MFA[alert.event.mfa_used]}"
    if alert.activity in {Activity.API_CALL, Activity.CREDENTIAL_CREATED}:
        return f"{headline}: {alert.event.name}"
    return headline


def _next_steps(alert: ActivityAlert) -> tuple[str, ...]:
    if alert.actor.kind is ActorKind.ROOT_SESSION:
        return _ROOT_SESSION_STEPS
    return _STEPS.get(alert.activity, (_ASK, _END_SESSION))


def _facts(alert: ActivityAlert) -> Facts:
    event = alert.event
    mfa = {None: "not recorded", True: "yes", False: "no"}[event.mfa_used]
    facts = [
        ("When", f"{event.time:%Y-%m-%d %H:%M:%S} UTC"),
        ("Event", f"{event.source} {event.name} in {event.region}, logged in {event.account_id}"),
        ("Source address", event.source_ip or "not recorded"),
        ("User agent", event.user_agent or "not recorded"),
        *_actor_facts(alert.actor),
        ("MFA", mfa),
    ]
    if event.error_code:
        facts.append(("Refused by AWS", event.error_code))
    if alert.account.organizational_unit:
        facts.append(("Organizational unit", alert.account.organizational_unit))
    return tuple(facts)


def _actor_facts(actor: Actor) -> Facts:
    key = (("Access key id", actor.access_key_id),) if actor.access_key_id else ()
    return (("Who", actor.arn or "not recorded"), *key)


def _account_link(account_id: str | None, region: str) -> Facts:
    if account_id is None:
        return ()
    return (("The account in Organizations", organizations_account(region, account_id)),)
