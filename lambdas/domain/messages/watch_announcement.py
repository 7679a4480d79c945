"""The words of an alert that is not about an act of root: takeover steps, ways out, the watch touched."""

from dataclasses import replace

from lambdas.domain.activity.outcomes import ActivityAlert
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.takeover_rows import ASK_OWNER, TAKEOVER_ROWS
from lambdas.domain.activity.watch_rows import IF_DEPLOYED, WATCH_ROWS
from lambdas.domain.messages.announcement import Announcement

_DONE = "Nothing was done: rootwarden reports this, it does not block it."
_OF_THE_WATCH = frozenset(row.activity for row in (*TAKEOVER_ROWS, *WATCH_ROWS))


def in_words_of_the_watch(alert: ActivityAlert, announcement: Announcement) -> Announcement:
    """Return an alert's announcement in these words where they are for it, else as it is."""
    if alert.activity not in _OF_THE_WATCH:
        return announcement
    target = (("Acted on", alert.target),) if alert.target else ()
    return replace(
        announcement,
        done=announcement.done if alert.recovery_window else _DONE,
        facts=(*target, *announcement.facts),
        next_steps=_next_steps(alert, announcement.next_steps),
        # CloudTrail knows no event of Sign-In's own alerts.
        links=announcement.links[1:] if alert.activity is Activity.SIGN_IN_ANOMALY else announcement.links,
    )


def _next_steps(alert: ActivityAlert, steps: tuple[str, ...]) -> tuple[str, ...]:
    if not alert.put_back:
        return steps
    # What takes the watch down is put back first: as long as it is down, nothing else is seen.
    where = f"Put it back, with credentials of {_place(alert)}: {alert.put_back}"
    return (where, *(ASK_OWNER if step == IF_DEPLOYED else step for step in steps))


def _place(alert: ActivityAlert) -> str:
    command = alert.put_back or ""
    if command.startswith("aws events") or "RootWardenHub" in command:
        return f"account {alert.event.account_id}"
    return "the management account"
