"""close_recovery: a recovery window's end has come, somebody closes it, or a sweep finds it overdue.

{"account", "closedBy"} closes one window, {"overdue": true} all whose time is over, {"list": true} none.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.deadline import DEADLINE
from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.adapters.recovery_windows import RecoveryWindows
from lambdas.adapters.refusals import refusals
from lambdas.adapters.state_table import StateTable
from lambdas.adapters.window_schedules import WindowSchedules, scheduler_client
from lambdas.domain.clock import utc_now
from lambdas.domain.event_fields import Fields
from lambdas.domain.recovery.closing import RecoveryCloser
from lambdas.domain.recovery.requests import is_from_schedule, read_close_request
from lambdas.domain.requests import Answer, answered, flag
from lambdas.observability import logger
from lambdas.settings import CloseRecoverySettings


class NotClosed(Exception):
    """When a schedule's window was not closed, so that Lambda tries again and at last tells people."""


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
        ends=WindowSchedules(scheduler_client(), settings.schedule_group_name),
        claims=ClaimsTable(table, "RECOVERY", utc_now),
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
