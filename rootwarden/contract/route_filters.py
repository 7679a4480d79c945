"""What routes match by and may name: the words of outcomes, and where they stand in an outcome's event."""

from rootwarden.contract.activities import Activity, Severity
from rootwarden.contract.detail_types import OUTCOMES, ROOT_ACTIVITY_ALERT

SEVERITIES = tuple(severity.value for severity in Severity)
# An alert's activity, and of every other outcome its detail-type in one word.
ACTIVITIES = (
    *(activity.value for activity in Activity),
    *(name.lower().replace(" ", "_") for name in OUTCOMES if name != ROOT_ACTIVITY_ALERT),
)
# All of it is our own words, ids and numbers: texts of others would have to be escaped, which an input
# transformer cannot. `detail` is an object.
PLACEHOLDERS = {
    "id": "$.id",
    "time": "$.time",
    "severity": "$.detail.severity",
    "activity": "$.detail.activity",
    "account": "$.detail.account.id",
    "detail": "$.detail",
}
