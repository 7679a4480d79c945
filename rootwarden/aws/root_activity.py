"""What judges root activity, made from the function's settings; what it remembers is in the state table."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootwarden.activity.assessment import ActivityAssessor
from rootwarden.activity.bursts import BurstGrouping
from rootwarden.activity.judgement import SignInHistory
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.activity.watch import read_record
from rootwarden.aws import clients
from rootwarden.aws.activity_records import ActivityRecords, SignInsTable
from rootwarden.aws.bursts_table import BurstsTable
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import logger, record
from rootwarden.aws.organizations import OrganizationsDirectory, RememberedAccounts
from rootwarden.aws.sqs import BurstReminders, read_reminder
from rootwarden.aws.state_table import StateTable
from rootwarden.contract.detail_types import ROOT_ACTIVITY_BURST_ENDED
from rootwarden.contract.settings import AssessRootActivitySettings
from rootwarden.events import Envelope
from rootwarden.outcomes import SOURCE, Outcome, utc_now


@dataclass(frozen=True)
class RootActivity:
    """What becomes of the function's messages."""

    settings: AssessRootActivitySettings
    assessor: ActivityAssessor

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "RootActivity":
        """Put everything together; raises InvalidSetting."""
        settings = AssessRootActivitySettings.from_environment(environ)
        return cls(settings, _assessor(settings))

    def handle(self, body: str, attempt: int, *, is_collected: bool = False) -> None:
        """Judge the CloudTrail record in a message, or sum up the burst that a reminder names."""
        envelope = Envelope.from_json(body)
        if (envelope.source, envelope.detail_type) == (SOURCE, ROOT_ACTIVITY_BURST_ENDED):
            reference, opened_at = read_reminder(envelope.detail)
            published = self.assessor.bursts.summarise(reference, opened_at)
            logger.info("burst ended", account=str(reference.account), summary_published=published)
            return
        found = read_record(envelope)
        verdict = self.assessor.assess(found, attempt=attempt, is_collected=is_collected)
        logger.info(
            "root activity assessed", account=found.account_id, event_name=found.event_name, verdict=verdict
        )


def _assessor(settings: AssessRootActivitySettings) -> ActivityAssessor:
    table = StateTable(clients.dynamodb(), settings.state_table_name)
    bus = OutcomeBus(clients.events(), settings.event_bus_name)
    records = ActivityRecords(table, utc_now)
    reminders = BurstReminders(clients.sqs(), settings.queue_url, settings.hub_account_id, utc_now)

    def publish(outcome: Outcome) -> None:
        bus.publish(outcome)
        if isinstance(outcome, ActivityAlert):
            record("Alerts", severity=outcome.severity.value)

    return ActivityAssessor(
        memory=records,
        claims=records,
        organization=RememberedAccounts(OrganizationsDirectory(clients.organizations_in_brief()), utc_now),
        bursts=BurstGrouping(
            memory=BurstsTable(table), publish=publish, remind=reminders.remind, clock=utc_now
        ),
        sign_ins=SignInHistory(SignInsTable(table, utc_now)),
        publish=publish,
        own_roles=settings.own_roles,
        name_prefix=settings.name_prefix,
        hub_account_id=settings.hub_account_id,
        management_account_id=settings.management_account_id,
        clock=utc_now,
    )
