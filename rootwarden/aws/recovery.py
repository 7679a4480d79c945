"""What opens and closes recovery windows, made from each function's settings."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from rootwarden.approval.automations import from_automation
from rootwarden.aws import clients
from rootwarden.aws.automation_approvals import approvals
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import count_failed_look
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.recovery_windows import RecoveryWindows, WindowHistoriesTable
from rootwarden.aws.root_sessions import AnnouncingRegister, AwsRootSessions
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.aws.window_schedules import ClosingSchedules, WindowSchedules, scheduler_client
from rootwarden.contract.functions import Caller
from rootwarden.contract.settings import CloseRecoverySettings, OpenRecoverySettings
from rootwarden.events import Fields
from rootwarden.outcomes import utc_now
from rootwarden.recovery.closing import RecoveryCloser
from rootwarden.recovery.opening import RecoveryOpener
from rootwarden.recovery.requests import persons_request, schedules_request
from rootwarden.recovery.windows import ClosedBy, ClosedHow
from rootwarden.requests import Answer, Approvals, flag, read_request, with_approval


@dataclass(frozen=True)
class RecoveryOpening:
    """Opens windows, where approval is needed with an approval."""

    opener: RecoveryOpener
    approvals: Approvals

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make it as the function is configured; raises InvalidSetting."""
        settings = OpenRecoverySettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        publish = OutcomeBus.of(settings).publish
        register = AnnouncingRegister(table, publish)
        sessions = AwsRootSessions(clients.sts(), partial(clients.signed, "iam"), register)
        opener = RecoveryOpener(
            directory=OrganizationsDirectory(clients.organizations()),
            management_account_id=settings.management_account_id,
            windows=RecoveryWindows(table),
            ends=ClosingSchedules(
                schedules=WindowSchedules(scheduler_client(), settings.schedule_group_name),
                function_arn=settings.close_function_arn,
                role_arn=settings.schedule_role_arn,
                dead_letters_arn=settings.schedule_dead_letters_arn,
            ),
            enter=sessions.password,
            histories=WindowHistoriesTable(table),
            claims=ClaimsTable(table, KeyKind.RECOVERY),
            accounts=ClaimsTable(table, KeyKind.ACCOUNT),
            publish=publish,
            clock=utc_now,
            exemptions=settings.exemptions,
            observes_only=not settings.hardening_modes.may_enforce,
            longest_hours=settings.recovery_max_hours,
            hours_a_week=settings.recovery_max_hours_per_week,
        )
        return cls(opener, approvals(settings.approval_document, table))

    def handle(self, event: object) -> Answer:
        """Open the window asked for; raises MalformedEvent, RequestRefused and CallRefused."""
        request = read_request(from_automation(event))
        with refusals():
            request, approved_by = with_approval(self.approvals, request)
            return self.opener.open(request, approved_by=approved_by)


class NotClosed(Exception):
    """When a schedule's window was not closed, so that Lambda tries again and an alarm follows at last."""


@dataclass(frozen=True)
class RecoveryClosing:
    """Closes windows, or lists them."""

    closer: RecoveryCloser

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make it as the function is configured; raises InvalidSetting."""
        settings = CloseRecoverySettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        closer = RecoveryCloser(
            directory=OrganizationsDirectory(clients.organizations()),
            windows=RecoveryWindows(table),
            histories=WindowHistoriesTable(table),
            ends=WindowSchedules(scheduler_client(), settings.schedule_group_name),
            claims=ClaimsTable(table, KeyKind.RECOVERY),
            publish=OutcomeBus.of(settings).publish,
            clock=utc_now,
            sleep=time.sleep,
        )
        return cls(closer)

    def handle(self, event: object, caller: Caller) -> Answer:
        """Close what is asked for; raises MalformedEvent, RequestRefused and CallRefused."""
        fields = Fields(event)
        with refusals():
            if caller is Caller.PERSON:
                wants_list = flag(fields, "list")
                return self.closer.listed() if wants_list else self.closer.close(persons_request(fields))
            if caller is Caller.SWEEP or flag(fields, "overdue"):
                how = ClosedHow.SWEEP if caller is Caller.SWEEP else ClosedHow.LOOK
                return self.closer.close_overdue(ClosedBy(how))
            return self.closer.close(schedules_request(fields))

    def heed(self, answer: Answer, event: Mapping[str, object], caller: Caller) -> None:
        """See to an answer that no person reads: count a look that failed; raises NotClosed for a window."""
        if caller is Caller.SWEEP or (caller is Caller.SCHEDULE and "overdue" in event):
            # It comes again within minutes, and what could not be closed is announced.
            count_failed_look(answer)
        elif caller is Caller.SCHEDULE and answer["result"] in {"refused", "failed"}:
            raise NotClosed(str(answer["reason"]))
