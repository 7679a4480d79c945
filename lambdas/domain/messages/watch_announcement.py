"""The words of an alert that is not about an act of root: takeover steps, ways out, the watch touched."""

from collections.abc import Mapping
from dataclasses import replace

from lambdas.domain.activity.outcomes import ActivityAlert
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.messages.announcement import Announcement, on_one_line

_DONE = "Nothing was done: rootwarden reports this, it does not block it."
_RUNBOOK = "docs/runbook.md, "
_ASK = "Ask the principal's owner now whether they did this, by a channel other than e-mail."
_HEADLINES: Mapping[Activity, str] = {
    Activity.ROOT_EMAIL_UPDATE_STARTED: "change of root's e-mail address begun",
    Activity.ROOT_EMAIL_UPDATE_ACCEPTED: "root's e-mail address changed",
    Activity.ROOT_EMAIL_UPDATE_REFUSED: "change of root's e-mail address tried",
    Activity.SIGN_IN_ANOMALY: "AWS finds a sign-in unusual",
    Activity.SIGN_IN_GUARD_CHANGED: "sign-in guard changed",
    Activity.SIGN_IN_GUARD_REFUSED: "change of the sign-in guard tried",
    Activity.ACCOUNT_LEAVING: "way out of the organization taken",
    Activity.ACCOUNT_LEAVING_REFUSED: "way out of the organization tried",
    Activity.WATCH_TAKEN_DOWN: "the watch was taken down",
    Activity.WATCH_CHANGED: "the watch was changed",
    Activity.WATCH_CHANGE_REFUSED: "change of the watch tried",
}
# Where a call says by its name which way out it is.
_WAYS_OUT = {
    "LeaveOrganization": "leaving the organization",
    "RemoveAccountFromOrganization": "removal from the organization",
    "CloseAccount": "closing of the account",
}
_EMAIL = (
    _ASK,
    "If not: see in the management account, under AWS accounts, whose address it is now; change it back.",
    f"See {_RUNBOOK}Root's e-mail address is being changed.",
)
_LOOK_FOR_OTHERS = f"Read in CloudTrail what the same principal did besides. See {_RUNBOOK}"
_STEPS: Mapping[Activity, tuple[str, ...]] = {
    Activity.ROOT_EMAIL_UPDATE_STARTED: _EMAIL,
    Activity.ROOT_EMAIL_UPDATE_ACCEPTED: _EMAIL,
    Activity.ROOT_EMAIL_UPDATE_REFUSED: _EMAIL,
    Activity.SIGN_IN_ANOMALY: (
        "Ask the account's owners now whether they signed in as root, by a channel other than e-mail.",
        "If not: rootctl harden the account, which removes its root password.",
        f"See {_RUNBOOK}AWS finds a sign-in unusual.",
    ),
    Activity.SIGN_IN_GUARD_CHANGED: (_ASK, f"{_LOOK_FOR_OTHERS}The sign-in guard was changed."),
    Activity.SIGN_IN_GUARD_REFUSED: (_ASK, f"{_LOOK_FOR_OTHERS}The sign-in guard was changed."),
    Activity.ACCOUNT_LEAVING: (
        _ASK,
        "If not: invite the account again, or have AWS Support reopen it within 90 days if it was closed.",
        f"See {_RUNBOOK}An account leaves the organization.",
    ),
    Activity.ACCOUNT_LEAVING_REFUSED: (_ASK, f"{_LOOK_FOR_OTHERS}An account leaves the organization."),
    Activity.WATCH_TAKEN_DOWN: (_ASK, f"{_LOOK_FOR_OTHERS}The watch was taken down."),
    Activity.WATCH_CHANGED: (
        "Nothing, if this was a deployment of rootwarden. Otherwise ask the principal's owner.",
        f"See {_RUNBOOK}The watch was taken down.",
    ),
    Activity.WATCH_CHANGE_REFUSED: (_ASK, f"{_LOOK_FOR_OTHERS}The watch was taken down."),
}
_TRIED = {
    Activity.ROOT_EMAIL_UPDATE_REFUSED,
    Activity.SIGN_IN_GUARD_REFUSED,
    Activity.ACCOUNT_LEAVING_REFUSED,
    Activity.WATCH_CHANGE_REFUSED,
}


def in_words_of_the_watch(alert: ActivityAlert, announcement: Announcement) -> Announcement:
    """Return an alert's announcement in these words where they are for it, else as it is."""
    headline = _HEADLINES.get(alert.activity)
    if headline is None:
        return announcement
    target = (("Acted on", alert.target),) if alert.target else ()
    return replace(
        announcement,
        headline=_headline(alert, headline),
        happened=_happened(alert),
        done=announcement.done if alert.recovery_window else _DONE,
        facts=(*target, *announcement.facts),
        next_steps=_next_steps(alert),
        # CloudTrail knows no event of Sign-In's own alerts.
        links=announcement.links[1:] if alert.activity is Activity.SIGN_IN_ANOMALY else announcement.links,
    )


def _headline(alert: ActivityAlert, headline: str) -> str:
    way_out = _WAYS_OUT.get(alert.event.name)
    if way_out is None:
        return headline
    if alert.activity is Activity.ACCOUNT_LEAVING_REFUSED:
        return f"{way_out} tried"
    return headline if alert.activity is not Activity.ACCOUNT_LEAVING else way_out


def _happened(alert: ActivityAlert) -> str:
    event, reason = alert.event, alert.assessment.reason
    said = f"{reason[:1].upper()}{reason[1:]}"
    if alert.activity is Activity.SIGN_IN_ANOMALY:
        return f"{said}: {event.name}, as AWS Sign-In says itself."
    by_root = alert.actor.kind is not ActorKind.PRINCIPAL
    who = " by root" if by_root else ""
    return f"{said}: {event.name}{who}, {'not carried out' if alert.activity in _TRIED else 'carried out'}."


def _next_steps(alert: ActivityAlert) -> tuple[str, ...]:
    steps = _STEPS[alert.activity]
    # What takes the watch down is put back first: as long as it is down, nothing else is seen.
    if alert.put_back:
        where = f"Put it back, with credentials of {_place(alert)}: {on_one_line(alert.put_back)}"
        return (where, _ASK, *steps[1:])
    return steps


def _place(alert: ActivityAlert) -> str:
    command = alert.put_back or ""
    if command.startswith("aws events") or "RootWardenHub" in command:
        return f"account {alert.event.account_id}"
    return "the management account"
