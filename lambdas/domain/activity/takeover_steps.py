"""Steps towards an account's root, and ways out of the organization: what a record shows of them."""

import re

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.finding import Finding, nothing_to_alert
from lambdas.domain.activity.judgement import by_row
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Assessment, Severity
from lambdas.domain.activity.takeover_rows import TAKEOVER_ROWS
from lambdas.domain.cloudtrail import CloudTrailRecord

ANOMALY = "Sign-in Anomaly Alert"
_ACCOUNT = re.compile(r"[0-9]{12}")


def takeover_step(record: CloudTrailRecord) -> Finding | None:
    """Say what step a record shows; None where it shows none."""
    if record.event_name == ANOMALY:
        return _anomaly(record)
    shown = next((row.activity for row in TAKEOVER_ROWS if row.shown_by(record)), None)
    if shown is None:
        return None
    named = record.detail.optional_text("requestParameters", "accountId") or ""
    return Finding(
        activity=shown,
        assessment=by_row(record, shown),
        account_id=AccountId(named) if _ACCOUNT.fullmatch(named) else None,
        target=record.detail.optional_text("requestParameters", "targetId"),
    )


def _anomaly(record: CloudTrailRecord) -> Finding:
    found = by_row(record, Activity.SIGN_IN_ANOMALY)
    if record.identity.kind == "Unknown":
        reason = "AWS found a sign-in unusual and does not say whose; it may be root's"
        found = Assessment(Severity.HIGH, reason)
    elif not record.identity.is_root:
        return nothing_to_alert(f"the sign-in is one of type {record.identity.kind}, not of root")
    return Finding(activity=Activity.SIGN_IN_ANOMALY, assessment=found)
