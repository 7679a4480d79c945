"""What is said of the watch itself touched, row by row.

What was touched and by whom decides the severity and the exact reason: watch_changes.py and
watch_protection.py give both. Here stand the gravest of each, and a reason for all of them.
"""

from lambdas.domain.activity.activity_row import ActivityRow, Wording
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Severity
from lambdas.domain.activity.takeover_rows import ASK_OWNER, LOOK_FOR_OTHERS

IF_DEPLOYED = "Nothing, if this was a deployment of rootwarden. Otherwise ask the principal's owner."

_TAKEN_DOWN = (ASK_OWNER, f"{LOOK_FOR_OTHERS}The watch was taken down.")

WATCH_ROWS = (
    ActivityRow(
        activity=Activity.WATCH_TAKEN_DOWN,
        by_anyone=True,
        done=Wording(
            severity=Severity.CRITICAL,
            headline="the watch was taken down",
            reason="what rootwarden sees by, or a policy that protects root, was deleted or switched off",
        ),
        steps=_TAKEN_DOWN,
    ),
    ActivityRow(
        activity=Activity.WATCH_CHANGED,
        by_anyone=True,
        done=Wording(
            severity=Severity.CRITICAL,
            headline="the watch was changed",
            reason="what rootwarden sees by was changed",
        ),
        steps=(IF_DEPLOYED, "See docs/runbook.md, The watch was taken down."),
    ),
    ActivityRow(
        activity=Activity.WATCH_CHANGE_REFUSED,
        by_anyone=True,
        tried=Wording(
            severity=Severity.HIGH,
            headline="change of the watch tried",
            reason="somebody tried to change what rootwarden sees by, and {ending}",
        ),
        steps=_TAKEN_DOWN,
    ),
)
