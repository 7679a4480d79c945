"""What a record shows that is no use of root: a step towards a takeover, a way out, the watch touched."""

from dataclasses import dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Assessment, Severity


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One such record. account_id: the account affected, where it is another than the record's.

    target: what was acted on, by its name. put_back: the command that undoes it. With activity None
    there is nothing to alert on, and the assessment's reason says why.
    """

    activity: Activity | None
    assessment: Assessment
    account_id: AccountId | None = None
    target: str | None = None
    put_back: str | None = None


def nothing_to_alert(reason: str) -> Finding:
    """Return the finding that a record concerns the watch, but no person."""
    return Finding(activity=None, assessment=Assessment(Severity.INFO, reason))
