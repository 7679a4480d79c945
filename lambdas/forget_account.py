"""forget_account: an account left or was closed → an outcome event → nothing is kept of it."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws import clients
from rootwarden.aws.account_records import AccountRecordsTable, PosturesTable
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import logger
from rootwarden.aws.hardening_records import HardeningRecords
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.sqs import process_messages
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.claims import claimed
from rootwarden.contract.settings import ForgetAccountSettings
from rootwarden.contract.time_limits import lease
from rootwarden.events import Envelope
from rootwarden.leaving import AccountForgetter, AccountIsBack, Leaving, cleaning_of, read_departure
from rootwarden.outcomes import utc_now

_LEASE = lease("forget_account")
# Leaving and being closed may come in several events.
_REMEMBERED = timedelta(hours=1)
# AWS cleans a closed account up after 90 days; that is late now and then.
_CLEANED_WITHIN = timedelta(days=120)


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
        try:
            with claimed(self.claims, departure.work, lease=_LEASE, remember=_REMEMBERED):
                outcome = self.forgetter.forget(departure)
                if departure.how is Leaving.CLOSED:
                    self.claims.finish(cleaning_of(departure.account_id), remember=_CLEANED_WITHIN)
        except AccountIsBack as back:
            logger.info("message skipped", reason="account_is_back", why=str(back))
            return
        logger.info("account forgotten", account=str(outcome.account), how=outcome.how)


@cache
def _function() -> _Function:
    settings = ForgetAccountSettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    forgetter = AccountForgetter(
        records=AccountRecordsTable(
            table,
            PosturesTable(table, utc_now),
            HardeningRecords(RecoveryWindows(table, utc_now)),
        ),
        directory=OrganizationsDirectory(clients.organizations()),
        exemptions=settings.exemptions,
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
        clock=utc_now,
    )
    return _Function(settings, ClaimsTable(table, KeyKind.LEFT, utc_now), forgetter)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Forget the accounts that the messages say left; report the messages to try again."""
    function = _function()
    return process_messages(
        event, context, handle=function.handle, sqs=clients.sqs_putting_off(), settings=function.settings
    )
