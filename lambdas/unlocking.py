"""What unlock_bucket and unlock_queue have in common: everything but the kind of resource."""

import os
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
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import StateTable
from rootwarden.contract.settings import UnlockSettings
from rootwarden.outcomes import utc_now
from rootwarden.requests import Answer, answered
from rootwarden.unlocking.requests import ResourceKind
from rootwarden.unlocking.unlocker import PolicyHolders, Unlocker, UnlockFunction

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

HoldersFactory = Callable[["STSClient", SessionRegister], PolicyHolders]


def compose(kind: ResourceKind, holders: HoldersFactory) -> UnlockFunction:
    """Put a function together from its environment."""
    settings = UnlockSettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    unlocker = Unlocker(
        holders=holders(clients.sts(), SessionRegister(table, utc_now)),
        evidence=PolicyEvidence(clients.s3(), settings.bucket_name),
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
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


def answer(event: Mapping[str, object], function: UnlockFunction) -> Answer:
    """Answer a request, and log both."""

    def handle(event: Mapping[str, object]) -> Answer:
        with refusals():
            return function.handle(from_automation(event))

    given = answered(event, handle)
    logger.info("policy asked about", asked=event, answer=given)
    return given
