"""One row of the table of activities: what shows it, how bad it is, what is said and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from lambdas.domain.activity.bursts import BURST_LENGTH
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Severity
from lambdas.domain.cloudtrail import CloudTrailRecord

ShownBy = Callable[[CloudTrailRecord], bool]

ASK = "Ask the account's owners now whether they did this, by a channel other than e-mail."
END_SESSION = (
    "If they did not: remove the password and access keys, and read in CloudTrail what else was done."
)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is said of an activity.

    A reason may name {user}, the IAM user it is about, and {ending}, how a try ended.
    """

    severity: Severity
    headline: str
    reason: str


def elsewhere(_record: CloudTrailRecord) -> bool:
    """Say no: rows with this are chosen by classification.py, which needs more than the record."""
    return False


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    """One activity. done and tried: the wording for a deed and for a try; None: the row has no such.

    by_anyone: also callers that are not root. names_event: the headline ends with the event's name.
    grouped_for: how long further events of the same burst do not alert.
    """

    activity: Activity
    shown_by: ShownBy = elsewhere
    done: Wording | None = None
    tried: Wording | None = None
    steps: tuple[str, ...] = (ASK, END_SESSION)
    by_anyone: bool = False
    names_event: bool = False
    grouped_for: timedelta = BURST_LENGTH

    def wording(self, *, attempted: bool) -> Wording:
        """Return the wording for a try or for a deed."""
        wording = (self.tried if attempted else self.done) or self.done or self.tried
        if wording is None:
            raise ValueError(f"the row of {self.activity} says nothing")
        return wording
