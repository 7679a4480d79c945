"""What CloudTrail shows besides root's own acts: steps before a takeover, ways out, the watch touched."""

import re
from dataclasses import dataclass, replace

from rootwarden.accounts import AccountId
from rootwarden.activity.judgement import by_row
from rootwarden.activity.root_activity import Activity, Assessment, Finding, Severity, nothing_to_alert
from rootwarden.activity.takeover_rows import TAKEOVER_ROWS
from rootwarden.activity.watch_changes import watch_change
from rootwarden.activity.watch_protection import protection_change
from rootwarden.events import CloudTrailRecord, Envelope, Identity

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


def read_record(envelope: Envelope) -> CloudTrailRecord:
    """Read a CloudTrail record, or what an anomaly alert says in its place; raises MalformedEvent."""
    if (envelope.source, envelope.detail_type) != ("aws.signin", ANOMALY):
        return CloudTrailRecord.read(envelope)
    detail = envelope.detail
    return CloudTrailRecord(
        event_id=detail.optional_text("eventID") or envelope.event_id,
        event_name=ANOMALY,
        event_source="signin.amazonaws.com",
        event_type=None,
        time=envelope.time,
        delivered_at=envelope.time,
        region=detail.optional_text("awsRegion") or envelope.region,
        account_id=envelope.account_id,
        identity=_identity(envelope),
        source_ip=detail.optional_text("sourceIPAddress"),
        user_agent=detail.optional_text("userAgent"),
        error_code=None,
        error_message=None,
        read_only=False,
        addendum_reason=None,
        corrects=None,
        detail=detail,
    )


def _identity(envelope: Envelope) -> Identity:
    identity = Identity.read(envelope.detail)
    arn = identity.arn or ""
    is_root = arn.endswith(":root") and ":iam:" in arn
    return (
        replace(identity, kind="Root", is_root=True) if is_root and identity.kind == "Unknown" else identity
    )


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Where rootwarden's own resources are."""

    management_account_id: AccountId
    hub_account_id: AccountId

    def finding(self, record: CloudTrailRecord) -> Finding | None:
        """Say what a record shows; None where it is to be judged as an act of root, or is none of ours."""
        step = takeover_step(record)
        if step:
            return step
        found = protection_change(record) or watch_change(
            record, self.management_account_id, self.hub_account_id
        )
        if found is None or not record.identity.is_root:
            return found
        # Whatever root does is reported: what says less than an act of root does not speak for it.
        return found if found.assessment.severity in {Severity.CRITICAL, Severity.HIGH} else None


def concerns_the_watch(record: CloudTrailRecord) -> bool:
    """Say whether a record is one that the rules about the watch take, of whichever account it is."""
    own = Watch(management_account_id=record.account_id, hub_account_id=record.account_id)
    return own.finding(record) is not None
