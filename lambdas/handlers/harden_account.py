"""harden_account: an event that announces an account → the account hardened → an outcome event."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.hardening_memory import HardeningRecords
from lambdas.adapters.message_queue import process_messages
from lambdas.adapters.organizations import OrganizationsDirectory
from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.adapters.postures_table import PosturesTable
from lambdas.adapters.recovery_windows import RecoveryWindows
from lambdas.adapters.root_sessions import AwsRootSessions
from lambdas.adapters.session_register import SessionRegister
from lambdas.adapters.state_table import StateTable
from lambdas.domain.account_events import read_announcement
from lambdas.domain.account_hardening import AccountHardener
from lambdas.domain.clock import utc_now
from lambdas.domain.envelope import Envelope
from lambdas.domain.hardening_outcome import Result
from lambdas.domain.hardening_run import HardeningRun
from lambdas.observability import MetricUnit, logger, record
from lambdas.settings import HardenAccountSettings


@dataclass(frozen=True)
class _Function:
    settings: HardenAccountSettings
    run: HardeningRun

    def handle(self, body: str, attempt: int, is_last: bool) -> None:  # noqa: FBT001 - the queue's order
        envelope = Envelope.from_json(body)
        announcement = read_announcement(
            envelope, self.settings.management_account_id, self.settings.organization_id
        )
        outcome = self.run.run(announcement, attempt=attempt, is_last=is_last)
        logger.info("account handled", account=str(outcome.account), result=outcome.result)
        if outcome.result is Result.HARDENED:
            record("AccountsHardened")
            seconds = (utc_now() - envelope.time).total_seconds()
            record("SecondsFromEventToHardened", seconds, unit=MetricUnit.Seconds)


@cache
def _function() -> _Function:
    settings = HardenAccountSettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    claims = ClaimsTable(table, "ACCOUNT", utc_now)
    hardener = AccountHardener(
        organization=OrganizationsDirectory(clients.organizations()),
        sessions=AwsRootSessions(clients.sts(), clients.iam, SessionRegister(table, utc_now)),
        memory=HardeningRecords(claims, RecoveryWindows(table, utc_now)),
        clock=utc_now,
        exemptions=settings.exemptions,
        remove_recently_used_keys=settings.remove_recently_used_keys,
    )
    bus = OutcomeBus(clients.events(), settings.event_bus_name)
    run = HardeningRun(
        claims=claims,
        hardener=hardener,
        publish=bus.publish,
        postures=PosturesTable(table, utc_now),
    )
    return _Function(settings, run)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Harden the accounts that the messages announce; report the messages to try again."""
    function = _function()
    return process_messages(
        event, context, handle=function.handle, sqs=clients.sqs(), settings=function.settings
    )
