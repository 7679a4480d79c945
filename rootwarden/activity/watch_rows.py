"""Rows of the activity table: the watch taken down, what protects root changed."""

from rootwarden.activity.rows import ActivityRow, AlertText, EventMatch
from rootwarden.activity.takeover_rows import ASK_OWNER, LOOK_FOR_OTHERS, REVOKE_PRINCIPAL
from rootwarden.contract.activities import Activity, Severity

IF_DEPLOYED = "Nothing, if this was a deployment of rootwarden. Otherwise ask the principal's owner."

_TAKEN_DOWN = (ASK_OWNER, REVOKE_PRINCIPAL, LOOK_FOR_OTHERS)

WATCH_ROWS = (
    ActivityRow(
        activity=Activity.WATCH_TAKEN_DOWN,
        by_anyone=True,
        done=AlertText(
            Severity.CRITICAL,
            "the watch was taken down",
            "somebody deleted or switched off what rootwarden sees by, or a policy that protects root",
        ),
        steps=_TAKEN_DOWN,
    ),
    ActivityRow(
        activity=Activity.WATCH_CHANGED,
        by_anyone=True,
        done=AlertText(
            Severity.CRITICAL, "the watch was changed", "somebody changed what rootwarden sees by"
        ),
        steps=(IF_DEPLOYED, REVOKE_PRINCIPAL),
    ),
    ActivityRow(
        activity=Activity.WATCH_CHANGE_REFUSED,
        by_anyone=True,
        tried=AlertText(
            Severity.HIGH,
            "change of the watch tried",
            "somebody tried to change what rootwarden sees by, and {ending}",
        ),
        steps=_TAKEN_DOWN,
    ),
)


REVOKE = "If no one can say what for, end what the principal may do: {revoke}"
ROOT_SESSION_STEPS = (
    "Find who opened the session: the AssumeRoot event in CloudTrail that gave out this access key id.",
    "Ask the principal's owner what the session was for. It ends by itself within 15 minutes.",
)
_HOW_IT_GOT_OUT = (
    "Find how its credentials got out: who changed the function or its layer, or read its settings?"
)
# Of a session that a function of ours opened and gave up: its record does not say which role opened it.
OWN_SESSION_STEPS = (
    "Find which role opened it: in the hub's CloudTrail, the AssumeRoot that gave out this access key id.",
    "End that role's sessions, with credentials of the hub's account: {end_sessions}",
    _HOW_IT_GOT_OUT,
    "Look what the root session did: the account's CloudTrail, by its access key id.",
)

PROTECTION_ROWS = (
    ActivityRow(
        activity=Activity.OWN_ROLE_STOLEN,
        by_anyone=True,
        done=AlertText(
            Severity.CRITICAL,
            "rootwarden's own role used by somebody else",
            "rootwarden's own role opened a root session outside its function; it may be in other hands",
        ),
        steps=(
            "End the role's sessions, {revoke}",
            _HOW_IT_GOT_OUT,
            "Look what the root session did: the account's CloudTrail, by the access key id it was given.",
        ),
    ),
    ActivityRow(
        activity=Activity.ROOT_SESSION_OPENED,
        shown_by=EventMatch(None, ("AssumeRoot",)),
        by_anyone=True,
        done=AlertText(
            Severity.HIGH,
            "root session opened by somebody else",
            "a principal other than rootwarden opened a root session",
        ),
        steps=("Ask the principal's owner what the session was for.", REVOKE),
    ),
    ActivityRow(
        activity=Activity.ROOT_SESSION_REFUSED,
        shown_by=EventMatch(None, ("AssumeRoot",)),
        by_anyone=True,
        tried=AlertText(
            Severity.MEDIUM,
            "root session refused to somebody else",
            "a principal other than rootwarden tried to open a root session",
        ),
        steps=("Ask the principal's owner what the session would have been for.",),
    ),
    ActivityRow(
        activity=Activity.PROTECTION_WEAKENED,
        by_anyone=True,
        done=AlertText(
            Severity.CRITICAL,
            "root protection weakened",
            "somebody switched off or gave away what keeps root credentials away",
        ),
        steps=(
            "Undo it, with credentials of the management account: {undo}",
            "Ask the principal's owner. This must not happen while rootwarden is deployed.",
            REVOKE_PRINCIPAL,
        ),
    ),
    ActivityRow(
        activity=Activity.PROTECTION_CHANGED,
        by_anyone=True,
        done=AlertText(
            Severity.LOW,
            "root protection changed",
            "somebody changed the settings that keep root credentials away",
        ),
        tried=AlertText(
            Severity.MEDIUM,
            "root protection change refused",
            "somebody tried to change what keeps root credentials away, and {ending}",
        ),
        steps=("Nothing, if this was a deployment or a known change.",),
    ),
)
