"""What belongs to one burst, and which acts in it are alike."""

from collections.abc import Callable
from hashlib import sha256

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.burst_grouping import BurstReference
from lambdas.domain.activity.bursts import Act
from lambdas.domain.activity.outcomes import Actor
from lambdas.domain.activity.root_activity import Activity
from lambdas.domain.activity.severity import Severity
from lambdas.domain.cloudtrail import CloudTrailRecord
from lambdas.domain.outcomes import AccountReference

_LONGEST_NAME = 100


def burst_of(
    record: CloudTrailRecord,
    activity: Activity,
    actor: Actor,
    affected: AccountId,
    named: Callable[[AccountId], AccountReference],
) -> BurstReference:
    """Say whose burst a record belongs to: account, actor and address, but for what is cheap to repeat.

    Refused root sessions belong to who asked, whatever account, address and session name they choose. Failed
    sign-ins belong to the account, wherever they come from.
    """
    if activity is Activity.ROOT_SESSION_REFUSED:
        caller = Actor(kind=actor.kind, arn=record.identity.role_arn or actor.arn, access_key_id=None)
        return BurstReference(account=named(record.account_id), actor=caller, source_ip=None)
    address = None if activity is Activity.SIGN_IN_FAILED else record.source_ip
    return BurstReference(account=named(affected), actor=actor, source_ip=address)


def act_of(record: CloudTrailRecord, activity: Activity, severity: Severity) -> Act:
    """Say what a record shows: critical acts differ by activity and event, high ones by activity alone."""
    names = {
        Severity.CRITICAL: f"{activity.value}#{record.event_name}"[:_LONGEST_NAME],
        Severity.HIGH: activity.value,
    }
    return Act(
        event=sha256(record.deduplication_key.encode()).hexdigest()[:32],
        name=names.get(severity, severity.value),
        severity=severity,
        stands_out=severity in names,
    )
