"""What judges root activity, made from the function's settings; what it remembers is in the state table."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootwarden.activity.assessment import ActivityAssessor
from rootwarden.activity.bursts import BurstGrouping
from rootwarden.activity.judgement import SignInHistory
from rootwarden.activity.memory import AccountNames
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.watch import read_record
from rootwarden.aws import clients
from rootwarden.aws.activity_records import ActivityRecords, SignInsTable
from rootwarden.aws.bursts_table import BurstReminders, BurstsTable, read_reminder
from rootwarden.aws.clients import logger
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import QueueMessage, put_metric
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import StateTable
from rootwarden.contract.detail_types import ROOT_ACTIVITY_BURST_ENDED, ROOT_SESSIONS_NOT_RECORDED, SOURCE
from rootwarden.contract.names import NEVER_USED
from rootwarden.contract.settings import AssessRootActivitySettings
from rootwarden.events import Envelope
from rootwarden.outcomes import Outcome, SessionsNotRecorded, utc_now


@dataclass(frozen=True)
class RootActivity:
    """What becomes of the function's messages."""

    settings: AssessRootActivitySettings
    assessor: ActivityAssessor
    register: SessionRegister

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "RootActivity":
        """Put everything together; raises InvalidSetting."""
        settings = AssessRootActivitySettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        return cls(settings, _assessor(settings, table), SessionRegister(table))

    @staticmethod
    def comes_first(body: str) -> bool:
        """Say whether a message puts sessions on record, which others of its batch may be about."""
        return f'"{ROOT_SESSIONS_NOT_RECORDED}"' in body

    def handle(self, message: QueueMessage) -> None:
        """Judge the CloudTrail record in a message, or do what one of our own asks for."""
        envelope = Envelope.from_json(message.body)
        if (envelope.source, envelope.detail_type) == (SOURCE, ROOT_ACTIVITY_BURST_ENDED):
            reference, opened_at = read_reminder(envelope.detail)
            published = self.assessor.bursts.summarise(reference, opened_at)
            logger.info("burst ended", account=str(reference.account), summary_published=published)
            return
        if (envelope.source, envelope.detail_type) == (SOURCE, ROOT_SESSIONS_NOT_RECORDED):
            given_up = SessionsNotRecorded.from_detail(envelope.detail)
            self.register.remember_all((each.access_key_id for each in given_up.sessions), NEVER_USED)
            logger.info("sessions never used put on record", sessions=len(given_up.sessions))
            return
        found = read_record(envelope)
        verdict = self.assessor.assess(found, attempt=message.attempt, is_collected=message.is_collected)
        logger.info(
            "root activity assessed", account=found.account_id, event_name=found.event_name, verdict=verdict
        )


def _assessor(settings: AssessRootActivitySettings, table: StateTable) -> ActivityAssessor:
    bus = OutcomeBus.of(settings)
    records = ActivityRecords(table)
    names = AccountNames(records, OrganizationsDirectory(clients.organizations_in_brief()))
    reminders = BurstReminders(clients.sqs(), settings.queue_url, settings.hub_account_id, utc_now)

    def publish(outcome: Outcome) -> None:
        bus.publish(outcome)
        if isinstance(outcome, ActivityAlert):
            put_metric("Alerts", severity=outcome.severity.value)

    return ActivityAssessor(
        memory=records,
        claims=records,
        names=names,
        bursts=BurstGrouping(
            memory=BurstsTable(table),
            publish=lambda outcome: publish(names.named(outcome)),
            remind=reminders.remind,
            clock=utc_now,
        ),
        sign_ins=SignInHistory(SignInsTable(table)),
        publish=publish,
        own_roles=settings.own_roles,
        name_prefix=settings.name_prefix,
        hub_account_id=settings.hub_account_id,
        management_account_id=settings.management_account_id,
        clock=utc_now,
        expected=settings.expected,
    )
