"""assess_root_activity: a CloudTrail record of root activity → an alert, or a reason for none."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from lambdas.adapters import clients
from lambdas.adapters.activity_memory import ActivityRecords
from lambdas.adapters.burst_reminders import DETAIL_TYPE, BurstReminders, read_reminder
from lambdas.adapters.bursts_table import BurstsTable
from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.message_queue import process_messages
from lambdas.adapters.organizations import OrganizationsDirectory
from lambdas.adapters.outcome_bus import OutcomeBus
from lambdas.adapters.recovery_windows import RecoveryWindows
from lambdas.adapters.reported_events import ReportedEvents
from lambdas.adapters.root_events import RootEvents
from lambdas.adapters.session_register import SessionRegister
from lambdas.adapters.state_table import StateTable
from lambdas.domain.activity.assessment import ActivityAssessor
from lambdas.domain.activity.burst_grouping import BurstGrouping
from lambdas.domain.activity.outcomes import ActivityAlert
from lambdas.domain.clock import utc_now
from lambdas.domain.cloudtrail import CloudTrailRecord
from lambdas.domain.envelope import Envelope
from lambdas.domain.outcomes import SOURCE, Outcome
from lambdas.observability import logger, record
from lambdas.settings import AssessRootActivitySettings


@dataclass(frozen=True)
class _CountedBus:
    bus: OutcomeBus

    def publish(self, outcome: Outcome) -> None:
        self.bus.publish(outcome)
        if isinstance(outcome, ActivityAlert):
            record("Alerts", severity=outcome.assessment.severity.value)


@dataclass(frozen=True)
class _Function:
    settings: AssessRootActivitySettings
    assessor: ActivityAssessor
    root_events: RootEvents

    def handle(self, body: str, attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - the queue's order
        record = self._assess(body, attempt)
        if record and record.identity.is_root:
            self.root_events.arrived(record.account_id, record.delivered_at)

    def handle_collected(self, body: str, attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - as above
        # An administrator of the account may have written it: it proves no forwarding.
        self._assess(body, attempt)

    def _assess(self, body: str, attempt: int) -> CloudTrailRecord | None:
        envelope = Envelope.from_json(body)
        if (envelope.source, envelope.detail_type) == (SOURCE, DETAIL_TYPE):
            self._summarise(envelope)
            return None
        record = CloudTrailRecord.read(envelope)
        verdict = self.assessor.assess(record, attempt=attempt)
        logger.info("root activity assessed", event_name=record.event_name, verdict=verdict)
        return record

    def _summarise(self, envelope: Envelope) -> None:
        reference, opened_at = read_reminder(envelope.detail)
        published = self.assessor.bursts.summarise(reference, opened_at)
        logger.info("burst ended", account=str(reference.account), summary_published=published)


@cache
def _function() -> _Function:
    settings = AssessRootActivitySettings.from_environment(os.environ)
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    bus = _CountedBus(OutcomeBus(clients.events(), settings.event_bus_name))
    reminders = BurstReminders(clients.sqs(), settings.queue_url, settings.hub_account_id, utc_now)
    assessor = ActivityAssessor(
        memory=ActivityRecords(
            SessionRegister(table, utc_now),
            RecoveryWindows(table, utc_now),
            ReportedEvents(table, utc_now),
        ),
        organization=OrganizationsDirectory(clients.organizations_in_brief()),
        claims=ClaimsTable(table, "EVENT", utc_now),
        bursts=BurstGrouping(
            memory=BurstsTable(table),
            publish=bus.publish,
            remind=reminders.remind,
            clock=utc_now,
        ),
        publish=bus.publish,
        own_roles=settings.own_roles,
        hub_account_id=settings.hub_account_id,
        management_account_id=settings.management_account_id,
        clock=utc_now,
    )
    return _Function(settings, assessor, RootEvents(table, utc_now))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Assess the records in the messages; report the messages to try again."""
    function = _function()
    return process_messages(
        event,
        context,
        handle=function.handle,
        handle_collected=function.handle_collected,
        sqs=clients.sqs_putting_off(),
        settings=function.settings,
    )
