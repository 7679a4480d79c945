"""A row of the table of activities: which records show it, how severe it is, why, and what to do."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from rootwarden.contract.activities import Activity, Severity

SIGN_IN = "signin.amazonaws.com"

ASK = "Ask the account's owners now whether they did this, by a channel other than e-mail."
LOOK_AT_TRAILS = "Look at the account's trails: are they logging, with all management events and all Regions?"
END_SESSION = "If they did not, remove its root credentials: {harden}"
OPEN_SESSION = "The session may last 12 hours all the same. To end it: attach the deny-root policy."
DENY_LEAVING = "Deny organizations:LeaveOrganization and AcceptHandshake by a service control policy."


class Condition(Enum):
    """What must hold of a record besides its service and name; classification.py says how it is judged."""

    DENIED_BY_POLICY = auto()
    OF_ROOT = auto()
    OF_IAM_USER = auto()
    NOT_BY_ROOT = auto()
    NOT_BY_ITS_OWN_ROOT = auto()
    CONSOLE_ACTION = auto()
    ABOUT_PAYMENT = auto()


@dataclass(frozen=True)
class EventMatch:
    """Which records show an activity. source: as in eventSource, None: any. names: of events, empty: any.

    A name may end with the status that the call sets: UpdateAccessKey=Active.
    """

    source: str | None = None
    names: tuple[str, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True)
class AlertText:
    """What an alert says. A reason may hold {user}, an IAM user in words, and {ending}, how a try ended."""

    severity: Severity
    headline: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """One activity. done and tried: the text for a deed and for a try; None: the row has no such.

    shown_by None: code finds it (classification.py, watch.py), as more than the record counts.
    steps: may hold {account}, {harden}, {audit}, {undo} and {revoke}, to be filled in for the case; one that
    holds what a case has not is left out. steps_tried: after a try, where that takes others.
    by_anyone: also callers that are not root. names_event: the headline ends with the event's name.
    grouped_for: how long further events of a burst do not alert, where that is another time than usual.
    """

    activity: Activity
    shown_by: EventMatch | None = None
    done: AlertText | None = None
    tried: AlertText | None = None
    steps: tuple[str, ...] = (ASK, END_SESSION)
    steps_tried: tuple[str, ...] | None = None
    by_anyone: bool = False
    names_event: bool = False
    grouped_for: timedelta | None = None
