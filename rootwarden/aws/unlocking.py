"""What unlock_bucket and unlock_queue do, made from each function's settings."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rootwarden.approval.automations import from_automation
from rootwarden.aws import clients
from rootwarden.aws.automation_approvals import approvals
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import Event, count_failed_look
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.policy_evidence import BegunChangesTable, PolicyEvidence
from rootwarden.aws.root_buckets import RootBuckets
from rootwarden.aws.root_queues import RootQueues
from rootwarden.aws.root_sessions import AnnouncingRegister
from rootwarden.aws.state_table import StateTable
from rootwarden.contract.functions import Caller
from rootwarden.contract.settings import UnlockSettings
from rootwarden.outcomes import utc_now
from rootwarden.requests import Answer, answered
from rootwarden.unlocking.outcome import PolicyHolders
from rootwarden.unlocking.requests import ResourceKind
from rootwarden.unlocking.unlocker import Unlocker, UnlockFunction

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

PolicyHoldersFactory = Callable[["STSClient", AnnouncingRegister], PolicyHolders]


class NotLookedAt(Exception):
    """When a schedule's look found what it cannot read: nobody reads its answer, but an alarm follows."""


@dataclass(frozen=True)
class Unlocking:
    """Answers a person's requests, and announces what was begun when a schedule asks."""

    requests: UnlockFunction

    def answer(self, event: Event, caller: Caller) -> Answer:
        """Answer, and log both; raises NotLookedAt."""
        given = answered(event, partial(self._handle, caller=caller))
        logger.info("policy asked about", asked=event, caller=caller, answer=given)
        if caller is Caller.SCHEDULE:
            count_failed_look(given)
            if given["result"] == "refused":
                raise NotLookedAt(str(given["reason"]))
        return given

    def _handle(self, event: Mapping[str, object], caller: Caller) -> Answer:
        with refusals():
            if caller is Caller.SCHEDULE:
                return self.requests.unlocker.announce_begun()
            return self.requests.handle(from_automation(event))


def bucket_unlocking(environ: Mapping[str, str]) -> "Unlocking":
    """Make what unlocks buckets; raises InvalidSetting."""
    return _unlocking(
        environ,
        ResourceKind.BUCKET,
        lambda sts, register: RootBuckets(sts, partial(clients.signed, "s3"), register),
    )


def queue_unlocking(environ: Mapping[str, str]) -> "Unlocking":
    """Make what unlocks queues; raises InvalidSetting."""
    return _unlocking(
        environ,
        ResourceKind.QUEUE,
        lambda sts, register: RootQueues(
            sts, partial(clients.signed, "sqs"), register, clients.queue_regions
        ),
    )


def _unlocking(environ: Mapping[str, str], kind: ResourceKind, holders: PolicyHoldersFactory) -> "Unlocking":
    settings = UnlockSettings.from_environment(environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    publish = OutcomeBus.of(settings).publish
    unlocker = Unlocker(
        holders=holders(clients.sts(), AnnouncingRegister(table, publish)),
        evidence=PolicyEvidence(clients.s3(), settings.bucket_name),
        begun=BegunChangesTable(table, kind),
        publish=publish,
        clock=utc_now,
        sleep=time.sleep,
        organization_id=settings.organization_id,
    )
    requests = UnlockFunction(
        kind=kind,
        management_account_id=settings.management_account_id,
        directory=OrganizationsDirectory(clients.organizations()),
        approvals=approvals(settings.approval_document, table),
        unlocker=unlocker,
    )
    return Unlocking(requests)
