"""forget_account: an account left or was closed → an outcome event → nothing is kept of it."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.account_records import AccountRecordsTable
from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.message_queue import process_messages
from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.adapters.postures_table import PosturesTable
from lambdas.adapters.state_table import StateTable
from lambdas.domain.claims import claimed
from lambdas.domain.clock import utc_now
from lambdas.domain.envelope import Envelope
from lambdas.domain.leaving.leaving import AccountForgetter, read_departure
from lambdas.observability import logger
from lambdas.settings import ForgetAccountSettings

_LEASE = timedelta(seconds=60)
# Leaving and being closed may be told by several events.
_REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True)
class _Function:
    settings: ForgetAccountSettings
    claims: ClaimsTable
    forgetter: AccountForgetter

    def handle(self, body: str, _attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - the queue's order
        envelope = Envelope.from_json(body)
        departure = read_departure(envelope, self.settings.management_account_id)
        if departure is None:
            logger.info("message skipped", reason="not_closed", event_id=envelope.event_id)
            return
        work = f"{departure.account_id}#{departure.how}"
        with claimed(self.claims, work, lease=_LEASE, remember=_REMEMBERED):
            outcome = self.forgetter.forget(departure)
        logger.info("account forgotten", account=str(outcome.account), how=outcome.how)


@cache
def _function() -> _Function:
    settings = ForgetAccountSettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    forgetter = AccountForgetter(
        records=AccountRecordsTable(table, PosturesTable(table, utc_now)),
        exemptions=settings.exemptions,
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
        clock=utc_now,
    )
    return _Function(settings, ClaimsTable(table, "LEFT", utc_now), forgetter)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Forget the accounts that the messages say left; report the messages to try again."""
    function = _function()
    return process_messages(
        event, context, handle=function.handle, sqs=clients.sqs_putting_off(), settings=function.settings
    )
