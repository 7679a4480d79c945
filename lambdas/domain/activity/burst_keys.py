"""What belongs to one burst, and which acts in it are alike."""

from collections.abc import Callable
from hashlib import sha256

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.burst_grouping import BurstReference
from lambdas.domain.activity.bursts import Act
from lambdas.domain.activity.failed_sign_ins import FAILED_SIGN_INS
from lambdas.domain.activity.outcomes import Actor
from lambdas.domain.activity.root_activity import Activity, ActorKind
from lambdas.domain.activity.severity import Severity
from lambdas.domain.activity.tries import failed
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
    sign-ins belong to the account, wherever they come from. A command line session is an incident of its own.
    """
    if activity is Activity.ROOT_SESSION_REFUSED:
        caller = Actor(kind=actor.kind, arn=record.identity.role_arn or actor.arn, access_key_id=None)
        return BurstReference(account=named(record.account_id), actor=caller, source_ip=None)
    return BurstReference(
        account=named(affected),
        actor=actor,
        source_ip=None if activity in FAILED_SIGN_INS else record.source_ip,
        incident=_command_line_session(record) if actor.kind is ActorKind.CLI_LOGIN else None,
    )


def _command_line_session(record: CloudTrailRecord) -> str:
    # Another sign-in is another session, though account, actor and address are the same.
    return "#".join(filter(None, ("aws login", record.identity.sign_in_session)))


def act_of(record: CloudTrailRecord, activity: Activity, severity: Severity) -> Act:
    """Say what a record shows: critical acts differ by activity and event, high ones by activity alone.

    A deed differs from its try. A command line session is one act, however many events it takes.
    """
    ending = "tried" if failed(record) else "done"
    event = "" if activity is Activity.CLI_SESSION else record.event_name
    names = {
        Severity.CRITICAL: f"{activity.value}#{ending}#{event}"[:_LONGEST_NAME],
        Severity.HIGH: f"{activity.value}#{ending}",
    }
    return Act(
        event=sha256(record.deduplication_key.encode()).hexdigest()[:32],
        name=names.get(severity, severity.value),
        severity=severity,
        stands_out=severity in names,
    )
