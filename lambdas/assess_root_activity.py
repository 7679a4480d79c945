"""assess_root_activity: a CloudTrail record of root activity → an alert, or a reason for none."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from rootwarden.activity.assessment import ActivityAssessor, ActivityVerdict
from rootwarden.activity.bursts import BurstGrouping
from rootwarden.activity.judgement import SignInHistory
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.watch import ANOMALY, read_record
from rootwarden.aws import clients
from rootwarden.aws.accounts import OrganizationsDirectory, RememberedAccounts
from rootwarden.aws.activity_records import (
    ActivityRecords,
    BurstsTable,
    ReportedEvents,
    RootEvents,
    SignInsTable,
)
from rootwarden.aws.coverage_table import CoverageTable
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.observability import logger, record
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.sqs import DETAIL_TYPE, BurstReminders, process_messages, read_reminder
from rootwarden.aws.state_table import ClaimsTable, StateTable
from rootwarden.coverage.probes import is_signal
from rootwarden.events import CloudTrailRecord, Envelope
from rootwarden.outcomes import SOURCE, Outcome, utc_now
from rootwarden.settings import AssessRootActivitySettings


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
    paths: CoverageTable

    def handle(self, body: str, attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - the queue's order
        record, verdict = self._assess(body, attempt)
        if record is None:
            return
        if verdict is ActivityVerdict.OURS and is_signal(record):
            # When it happened: a record that comes late answers no later probe.
            self.paths.worked(record.account_id, record.region, record.time)
        # Sign-In's own alert needs no trail, so it shows nothing of one.
        elif record.identity.is_root and record.event_name != ANOMALY:
            self.root_events.arrived(record.account_id, record.delivered_at)

    def handle_collected(self, body: str, attempt: int, _is_last: bool) -> None:  # noqa: FBT001 - as above
        # An administrator of the account may have written it: it proves no forwarding.
        self._assess(body, attempt)

    def _assess(self, body: str, attempt: int) -> tuple[CloudTrailRecord | None, ActivityVerdict | None]:
        envelope = Envelope.from_json(body)
        if (envelope.source, envelope.detail_type) == (SOURCE, DETAIL_TYPE):
            self._summarise(envelope)
            return None, None
        record = read_record(envelope)
        verdict = self.assessor.assess(record, attempt=attempt)
        logger.info(
            "root activity assessed",
            account=record.account_id,
            event_name=record.event_name,
            verdict=verdict,
        )
        return record, verdict

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
        organization=RememberedAccounts(OrganizationsDirectory(clients.organizations_in_brief()), utc_now),
        claims=ClaimsTable(table, "EVENT", utc_now),
        bursts=BurstGrouping(
            memory=BurstsTable(table),
            publish=bus.publish,
            remind=reminders.remind,
            clock=utc_now,
        ),
        sign_ins=SignInHistory(SignInsTable(table, utc_now)),
        publish=bus.publish,
        own_roles=settings.own_roles,
        hub_account_id=settings.hub_account_id,
        management_account_id=settings.management_account_id,
        clock=utc_now,
    )
    return _Function(settings, assessor, RootEvents(table, utc_now), CoverageTable(table, utc_now))


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
