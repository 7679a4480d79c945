"""close_recovery: a recovery window's end has come, somebody closes it, or a sweep finds it overdue.

{"account", "closedBy"} closes one window, {"overdue": true} all whose time is over, {"list": true} none.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.aws import clients
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.errors import refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import logger
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.aws.window_histories import WindowHistoriesTable
from rootwarden.aws.window_schedules import WindowSchedules, scheduler_client
from rootwarden.contract.settings import CloseRecoverySettings
from rootwarden.event_fields import Fields
from rootwarden.outcomes import utc_now
from rootwarden.recovery.closing import RecoveryCloser
from rootwarden.recovery.requests import is_from_schedule, read_close_request
from rootwarden.requests import Answer, answered, flag


class NotClosed(Exception):
    """When a schedule's window was not closed, so that Lambda tries again and an alarm follows at last."""


@dataclass(frozen=True)
class _Function:
    closer: RecoveryCloser

    def handle(self, event: object) -> Answer:
        fields = Fields(event)
        with refusals():
            if flag(fields, "list"):
                return self.closer.listed()
            if flag(fields, "overdue"):
                return self.closer.close_overdue()
            return self.closer.close(read_close_request(fields))


@cache
def _function() -> _Function:
    settings = CloseRecoverySettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    closer = RecoveryCloser(
        windows=RecoveryWindows(table, utc_now),
        histories=WindowHistoriesTable(table, utc_now),
        ends=WindowSchedules(scheduler_client(), settings.schedule_group_name),
        claims=ClaimsTable(table, KeyKind.RECOVERY, utc_now),
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
        clock=utc_now,
    )
    return _Function(closer)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Close recovery windows, or list them; raises NotClosed where nobody would read the answer."""
    DEADLINE.begin(context)
    answer = answered(event, _function().handle)
    logger.info("recovery windows closed or listed", asked=event, answer=answer)
    if is_from_schedule(event) and answer["result"] in {"refused", "failed"}:
        raise NotClosed(str(answer["reason"]))
    return answer
