"""What unlock_bucket and unlock_queue have in common: everything but the kind of resource."""

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lambdas.adapters import clients
from lambdas.adapters.automation_approvals import approvals
from lambdas.adapters.organizations import OrganizationsDirectory
from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.adapters.policy_evidence import PolicyEvidence
from lambdas.adapters.refusals import refusals
from lambdas.adapters.session_register import SessionRegister
from lambdas.adapters.state_table import StateTable
from lambdas.domain.approval.requests import from_automation
from lambdas.domain.clock import utc_now
from lambdas.domain.requests import Answer, answered
from lambdas.domain.unlocking.function import UnlockFunction
from lambdas.domain.unlocking.resource import ResourceKind
from lambdas.domain.unlocking.unlocker import PolicyHolders, Unlocker
from lambdas.observability import logger
from lambdas.settings import UnlockSettings

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
