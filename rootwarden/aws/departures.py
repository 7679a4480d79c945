"""What forgets accounts that left, with all that is kept of them; made from forget_account's settings."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Self

from rootwarden.aws import clients
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.clients import logger
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.function import QueueMessage
from rootwarden.aws.hardening_records import HardeningRecords, PosturesTable
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.state_table import ConditionFailed, KeyKind, StateTable, epoch
from rootwarden.claims import AlreadyDone, claimed
from rootwarden.contract.functions import lease
from rootwarden.contract.settings import ForgetAccountSettings
from rootwarden.events import AccountId, Envelope
from rootwarden.hardening.announcement import ALONE, SAID, WITH_GOV_CLOUD
from rootwarden.hardening.outcome import PostureRecord, Progress
from rootwarden.leaving import (
    AccountForgetter,
    AccountIsBack,
    AccountLeft,
    Departure,
    Leaving,
    cleaning_of,
    is_another,
    read_departure,
    said_of,
)
from rootwarden.outcomes import iso, utc_now

_LEASE = lease("forget_account")
# Leaving and being closed may come in several events.
_REMEMBERED = timedelta(hours=1)
# Longer than an event may wait in an account's own queue: brought in twice, it is said once.
_EVENT_REMEMBERED = timedelta(days=15)
# AWS cleans a closed account up after 90 days; that is late now and then.
_CLEANED_WITHIN = timedelta(days=120)


_OF_AN_ACCOUNT = (
    KeyKind.ACCOUNT,
    KeyKind.WINDOWED,
    KeyKind.POSTURE,
    KeyKind.SEEN,
    KeyKind.ROOTEVENT,
    KeyKind.COVERAGE,
)


@dataclass(frozen=True)
class AccountRecordsTable:
    """See rootwarden.leaving.AccountRecords."""

    table: StateTable
    postures: PosturesTable
    hardening: HardeningRecords

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, None where none is."""
        return self.postures.last(account_id)

    def unreported(self, account_id: AccountId) -> Progress:
        """Return what hardenings removed, or tried to, and no final outcome has named yet."""
        return self.hardening.unreported(account_id)

    def forget(self, account_id: AccountId, left_at: datetime) -> None:
        """Delete what is kept of the account, but no recovery window that is newer than its leaving."""
        self._forget_window(account_id, left_at)
        self.hardening.forget(account_id)
        keys = [kind.key(account_id) for kind in _OF_AN_ACCOUNT]
        besides = (WITH_GOV_CLOUD, ALONE, SAID)
        keys += [KeyKind.ACCOUNT.key(account_id, each) for each in besides]
        for key in keys:
            self.table.delete(key)

    def _forget_window(self, account_id: AccountId, left_at: datetime) -> None:
        with suppress(ConditionFailed):
            self.table.delete(
                KeyKind.WINDOW.key(account_id),
                condition="attribute_not_exists(opened_at) OR opened_at <= :left",
                values={":left": epoch(left_at)},
            )


@dataclass(frozen=True)
class Departures:
    """What becomes of the function's messages."""

    settings: ForgetAccountSettings
    claims: ClaimsTable
    forgetter: AccountForgetter

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Make it as the function is configured; raises InvalidSetting."""
        settings = ForgetAccountSettings.from_environment(environ)
        table = StateTable(clients.dynamodb(), settings.state_table_name)
        forgetter = AccountForgetter(
            records=AccountRecordsTable(
                table,
                PosturesTable(table),
                HardeningRecords(table),
            ),
            directory=OrganizationsDirectory(clients.organizations()),
            exemptions=settings.exemptions,
            publish=OutcomeBus.of(settings).publish,
            clock=utc_now,
        )
        return cls(settings, ClaimsTable(table, KeyKind.LEFT), forgetter)

    def handle(self, message: QueueMessage) -> None:
        """Forget the account that a message says left; raises RetryLater where Organizations still has it."""
        envelope = Envelope.from_json(message.body)
        departure = read_departure(envelope, self.settings.management_account_id)
        if departure is None:
            logger.info("message skipped", reason="not_closed", event_id=envelope.event_id)
            return
        of_event = departure.work_of(envelope.event_id)
        with claimed(self.claims, of_event, lease=_LEASE, remember=_EVENT_REMEMBERED):
            self._forget(departure)

    def _forget(self, departure: Departure) -> None:
        try:
            outcome = self._say_once(departure)
        except AlreadyDone as duplicate:
            logger.info("message skipped", reason="duplicate", why=str(duplicate))
            return
        except AccountIsBack as back:
            logger.info("message skipped", reason="account_is_back", why=str(back))
            return
        logger.info("account forgotten", account=str(outcome.account), how=outcome.how)

    def _say_once(self, departure: Departure) -> AccountLeft:
        work = departure.work
        if is_another(departure, self.claims.noted(work)):
            work = departure.work_of(iso(departure.happened_at))
        with claimed(self.claims, work, lease=_LEASE, remember=_REMEMBERED) as held:
            outcome = self.forgetter.forget(departure, partial(self.claims.note, work), held.note)
            if departure.how is Leaving.CLOSED:
                self.claims.finish(cleaning_of(departure.account_id), remember=_CLEANED_WITHIN)
        # Kept as long as the claim, so that another departure within the hour is known as one.
        self.claims.finish(departure.work, remember=_REMEMBERED)
        self.claims.note(departure.work, said_of(departure, outcome))
        return outcome
