"""harden_account: an event that announces an account, or a person's request → hardened → an outcome event."""

import os
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.errors import refusals
from rootwarden.aws.function import MetricUnit, logger, record
from rootwarden.aws.hardening import hardening_run
from rootwarden.aws.hardening_records import HardeningRecords
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import AwsRootSessions, SessionRegister
from rootwarden.aws.sqs import process_messages
from rootwarden.aws.state_table import StateTable
from rootwarden.contract.settings import HardenAccountSettings
from rootwarden.events import Envelope
from rootwarden.hardening.announcement import read_announcement
from rootwarden.hardening.outcome import Result
from rootwarden.hardening.request import HardeningRequests
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import utc_now
from rootwarden.requests import Answer, answered, read_request


@dataclass(frozen=True)
class _Function:
    settings: HardenAccountSettings
    run: HardeningRun
    requests: HardeningRequests

    def handle(self, body: str, attempt: int, is_last: bool) -> None:  # noqa: FBT001 - the queue's order
        envelope = Envelope.from_json(body)
        announcement = read_announcement(
            envelope, self.settings.management_account_id, self.settings.organization_id
        )
        outcome = self.run.run(announcement, attempt=attempt, is_last=is_last)
        reason = outcome.reason.text if outcome.reason else None
        logger.info("account handled", account=str(outcome.account), result=outcome.result, reason=reason)
        if outcome.result is Result.HARDENED:
            record("AccountsHardened")
            seconds = (utc_now() - envelope.time).total_seconds()
            record("SecondsFromEventToHardened", seconds, unit=MetricUnit.Seconds)

    def answer(self, event: object, request_id: str) -> Answer:
        with refusals():
            return self.requests.answer(read_request(event), request_id)


@cache
def _function() -> _Function:
    settings = HardenAccountSettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    sessions = AwsRootSessions(clients.sts(), clients.iam, SessionRegister(table, utc_now))
    records = HardeningRecords(RecoveryWindows(table, utc_now))
    run = hardening_run(settings, table, sessions, records)
    requests = HardeningRequests(
        directory=run.hardener.organization,
        management_account_id=settings.management_account_id,
        run=run,
        look=sessions.audit,
        clock=utc_now,
    )
    return _Function(settings, run, requests)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse | Answer:
    """Harden the accounts that messages announce and report those to try again; or answer a request."""
    function = _function()
    if "Records" not in event:
        DEADLINE.begin(context)
        answer = answered(event, partial(function.answer, request_id=context.aws_request_id))
        logger.info("hardening asked for", asked=event, answer=answer)
        return answer
    return process_messages(
        event, context, handle=function.handle, sqs=clients.sqs_putting_off(), settings=function.settings
    )
