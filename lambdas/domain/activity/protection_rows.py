"""What callers of any kind do to root sessions and to what keeps root credentials away, row by row."""

from lambdas.domain.activity.activity_row import ActivityRow, Wording
from lambdas.domain.activity.evidence import events
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Severity

REVOKE = "If no one can say what for: revoke the principal's sessions and its sts:AssumeRoot permission."
ROOT_SESSION_STEPS = (
    "Find who opened the session: the AssumeRoot event in CloudTrail that gave out this access key id.",
    "Ask the principal's owner what the session was for.",
    REVOKE,
)

PROTECTION_ROWS = (
    ActivityRow(
        activity=Activity.ROOT_SESSION_OPENED,
        shown_by=events("AssumeRoot"),
        by_anyone=True,
        done=Wording(
            severity=Severity.HIGH,
            headline="root session opened by somebody else",
            reason="a principal other than rootwarden opened a root session",
        ),
        steps=("Ask the principal's owner what the session was for.", REVOKE),
    ),
    ActivityRow(
        activity=Activity.ROOT_SESSION_REFUSED,
        shown_by=events("AssumeRoot"),
        by_anyone=True,
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="root session refused to somebody else",
            reason="a principal other than rootwarden tried to open a root session",
        ),
        steps=("Ask the principal's owner what the session would have been for.",),
    ),
    ActivityRow(
        activity=Activity.PROTECTION_WEAKENED,
        by_anyone=True,
        done=Wording(
            severity=Severity.CRITICAL,
            headline="root protection weakened",
            reason="what keeps root credentials away was switched off or given away",
        ),
        steps=(
            "Ask the principal's owner. This must not happen while rootwarden is deployed.",
            "Undo it in the management account: IAM, Root access management.",
        ),
    ),
    ActivityRow(
        activity=Activity.PROTECTION_CHANGED,
        by_anyone=True,
        done=Wording(
            severity=Severity.LOW,
            headline="root protection changed",
            reason="the settings that keep root credentials away were touched",
        ),
        tried=Wording(
            severity=Severity.MEDIUM,
            headline="root protection change refused",
            reason="somebody tried to change what keeps root credentials away, and {ending}",
        ),
        steps=("Nothing, if this was a deployment or a known change.",),
    ),
)
