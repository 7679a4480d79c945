"""AWS Sign-In's own `Sign-in Anomaly Alert`: no CloudTrail record, and little of its shape is documented."""

from dataclasses import replace

from lambdas.domain.activity.takeover_steps import ANOMALY
from lambdas.domain.cloudtrail import CloudTrailRecord, Identity
from lambdas.domain.envelope import Envelope


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
