"""What hardens accounts, made from a function's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from rootwarden.aws import clients
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import logger, refusals
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import MetricUnit, QueueMessage, put_metric
from rootwarden.aws.hardening_records import HardeningRecords, PosturesTable
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.root_sessions import AnnouncingRegister, AwsRootSessions
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.contract.configured import HardeningModes
from rootwarden.contract.settings import AuditAccountsSettings, HardenAccountSettings
from rootwarden.events import Envelope
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.announcement import read_announcement
from rootwarden.hardening.outcome import Result
from rootwarden.hardening.removal import RootSessions
from rootwarden.hardening.request import HardeningRequests
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import utc_now
from rootwarden.requests import Answer, read_request


def hardening_run(
    settings: HardenAccountSettings | AuditAccountsSettings,
    table: StateTable,
    sessions: RootSessions,
    records: HardeningRecords,
    modes: HardeningModes,
) -> HardeningRun:
    """Return what hardens accounts in these sessions, as the settings say."""
    hardener = AccountHardener(
        organization=OrganizationsDirectory(clients.organizations()),
        sessions=sessions,
        memory=records,
        clock=utc_now,
        exemptions=settings.exemptions,
        modes=modes,
        keep_used_within_days=settings.keep_used_within_days,
    )
    return HardeningRun(
        claims=ClaimsTable(table, KeyKind.ACCOUNT),
        hardener=hardener,
        publish=OutcomeBus.of(settings).publish,
        postures=PosturesTable(table),
    )


@dataclass(frozen=True)
class AccountHardening:
    """What becomes of the function's messages and of people's requests."""

    settings: HardenAccountSettings
    run: HardeningRun
    requests: HardeningRequests

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make it as the function is configured; raises InvalidSetting."""
        settings = HardenAccountSettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        publish = OutcomeBus.of(settings).publish
        register = AnnouncingRegister(table, publish)
        sessions = AwsRootSessions(clients.sts(), partial(clients.signed, "iam"), register)
        records = HardeningRecords(table)
        run = hardening_run(settings, table, sessions, records, settings.hardening_modes)
        requests = HardeningRequests(
            directory=run.hardener.organization,
            management_account_id=settings.management_account_id,
            run=run,
            clock=utc_now,
        )
        return cls(settings, run, requests)

    def handle(self, message: QueueMessage) -> None:
        """Harden the account that a message announces."""
        envelope = Envelope.from_json(message.body)
        announcement = read_announcement(
            envelope, self.settings.management_account_id, self.settings.organization_id
        )
        outcome = self.run.run(announcement, attempt=message.attempt, is_last=message.is_last)
        reason = outcome.reason.text if outcome.reason else None
        logger.info("account handled", account=str(outcome.account), result=outcome.result, reason=reason)
        if outcome.result is Result.HARDENED:
            put_metric("AccountsHardened")
            seconds = (utc_now() - envelope.time).total_seconds()
            put_metric("SecondsFromEventToHardened", seconds, unit=MetricUnit.Seconds)

    def answer(self, event: object, request_id: str) -> Answer:
        """Answer a person's request; raises MalformedEvent, RequestRefused and CallRefused."""
        with refusals():
            return self.requests.answer(read_request(event), request_id)
