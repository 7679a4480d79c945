"""What unlock_bucket and unlock_queue do, made from each function's settings."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rootwarden.approval.automations import from_automation
from rootwarden.aws import clients
from rootwarden.aws.automation_approvals import approvals
from rootwarden.aws.errors import refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import logger
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.policy_evidence import PolicyEvidence
from rootwarden.aws.root_buckets import RootBuckets
from rootwarden.aws.root_queues import RootQueues
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import StateTable
from rootwarden.contract.settings import UnlockSettings
from rootwarden.outcomes import utc_now
from rootwarden.requests import Answer, answered
from rootwarden.unlocking.requests import ResourceKind
from rootwarden.unlocking.unlocker import PolicyHolders, Unlocker, UnlockFunction

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

PolicyHoldersFactory = Callable[["STSClient", SessionRegister], PolicyHolders]


def bucket_unlocking(environ: Mapping[str, str]) -> UnlockFunction:
    """Make what unlocks buckets; raises InvalidSetting."""
    return _unlocking(
        environ, ResourceKind.BUCKET, lambda sts, register: RootBuckets(sts, clients.s3_as, register)
    )


def queue_unlocking(environ: Mapping[str, str]) -> UnlockFunction:
    """Make what unlocks queues; raises InvalidSetting."""
    return _unlocking(
        environ,
        ResourceKind.QUEUE,
        lambda sts, register: RootQueues(sts, clients.sqs_as, register, clients.queue_regions),
    )


def _unlocking(
    environ: Mapping[str, str], kind: ResourceKind, holders: PolicyHoldersFactory
) -> UnlockFunction:
    settings = UnlockSettings.from_environment(environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    unlocker = Unlocker(
        holders=holders(clients.sts(), SessionRegister(table, utc_now)),
        evidence=PolicyEvidence(clients.s3(), settings.bucket_name),
        publish=OutcomeBus.of(settings).publish,
        clock=utc_now,
        sleep=time.sleep,
        organization_id=settings.organization_id,
    )
    return UnlockFunction(
        kind=kind,
        management_account_id=settings.management_account_id,
        directory=OrganizationsDirectory(clients.organizations()),
        approvals=approvals(settings.approval_document, table, utc_now),
        unlocker=unlocker,
    )


def answer_request(event: Mapping[str, object], function: UnlockFunction) -> Answer:
    """Answer a request, and log both."""

    def handle(event: Mapping[str, object]) -> Answer:
        with refusals():
            return function.handle(from_automation(event))

    given = answered(event, handle)
    logger.info("policy asked about", asked=event, answer=given)
    return given
