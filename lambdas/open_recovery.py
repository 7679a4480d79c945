"""open_recovery: a request to allow root password recovery for some hours → a window with a certain end."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.approval.approvals import Approvals, with_approval
from rootwarden.approval.automations import from_automation
from rootwarden.aws import clients
from rootwarden.aws.automation_approvals import approvals
from rootwarden.aws.clients import DEADLINE
from rootwarden.aws.errors import refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import logger
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import AwsRootSessions, SessionRegister
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.aws.window_histories import WindowHistoriesTable
from rootwarden.aws.window_schedules import ClosingSchedules, WindowSchedules, scheduler_client
from rootwarden.contract.settings import OpenRecoverySettings
from rootwarden.outcomes import utc_now
from rootwarden.recovery.opening import RecoveryOpener
from rootwarden.requests import Answer, answered, read_request


@dataclass(frozen=True)
class _Function:
    opener: RecoveryOpener
    approvals: Approvals

    def handle(self, event: object) -> Answer:
        request = read_request(from_automation(event))
        with refusals():
            request, approved_by = with_approval(self.approvals, request)
            return self.opener.open(request, approved_by=approved_by)


@cache
def _function() -> _Function:
    settings = OpenRecoverySettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    sessions = AwsRootSessions(clients.sts(), clients.iam, SessionRegister(table, utc_now))
    opener = RecoveryOpener(
        directory=OrganizationsDirectory(clients.organizations()),
        management_account_id=settings.management_account_id,
        windows=RecoveryWindows(table, utc_now),
        ends=ClosingSchedules(
            schedules=WindowSchedules(scheduler_client(), settings.schedule_group_name),
            function_arn=settings.close_function_arn,
            role_arn=settings.schedule_role_arn,
            dead_letters_arn=settings.schedule_dead_letters_arn,
        ),
        enter=sessions.password,
        histories=WindowHistoriesTable(table, utc_now),
        claims=ClaimsTable(table, KeyKind.RECOVERY, utc_now),
        accounts=ClaimsTable(table, KeyKind.ACCOUNT, utc_now),
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
        clock=utc_now,
        longest_hours=settings.recovery_max_hours,
        hours_a_week=settings.recovery_max_hours_per_week,
    )
    return _Function(opener, approvals(settings.approval_document, table, utc_now))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
    """Open a recovery window, or say why not."""
    DEADLINE.begin(context)
    answer = answered(event, _function().handle)
    logger.info("recovery window asked for", asked=event, answer=answer)
    return answer
