"""What is remembered from record to record, and the names of accounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import structs

from rootwarden.accounts import Directory
from rootwarden.activity.bursts import Burst
from rootwarden.activity.outcomes import ActivitySummary
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference, Outcome
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused


class NameMemory(Protocol):
    """What functions remember of accounts for an hour, together."""

    def account(self, account_id: AccountId) -> AccountReference | None:
        """Return what is remembered of an account, None where nothing is."""

    def remember_account(self, account_id: AccountId, account: AccountReference) -> None:
        """Remember an account, also one that has no name because Organizations does not know it."""


@dataclass(frozen=True)
class AccountNames:
    """Names from memory, or else from Organizations."""

    memory: NameMemory
    organization: Directory

    def of(self, account_id: AccountId) -> AccountReference:
        """Return the account with its name, by its id alone where Organizations does not answer."""
        return self.memory.account(account_id) or self.asked(account_id)

    def asked(self, account_id: AccountId) -> AccountReference:
        """Return what Organizations says, and remember it; by its id alone where it does not answer."""
        try:
            account = self.organization.describe(account_id)
        except CallRefused:
            # An alert without the account's name is worth more than no alert.
            return AccountReference(account_id=account_id)
        reference = AccountReference.of(account) if account else AccountReference(account_id=account_id)
        self.memory.remember_account(account_id, reference)
        return reference

    def named(self, outcome: Outcome) -> Outcome:
        """Return an outcome of grouping with its account's name: a burst knows the id alone."""
        if isinstance(outcome, ActivitySummary) and outcome.account.account_id:
            return structs.replace(outcome, account=self.of(outcome.account.account_id))
        return outcome


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What was on record at one moment. bursts: by their keys; None: there is none.

    account: with its name, None where nobody asked within the hour.
    """

    window: RecoveryWindow | None
    account: AccountReference | None
    bursts: Mapping[str, Burst | None]


class ActivityMemory(NameMemory, Protocol):
    """What is remembered across records."""

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key: OURS, NEVER_USED, an ARN, or None when unknown."""

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def recall(self, account_id: AccountId, bursts: Collection[str]) -> Recalled:
        """Return in one look what an alert on an account depends on: window, name, bursts by their keys."""

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None when it was not reported, or long ago."""

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported, and how bad it was said to be."""

    def root_event_arrived(self, account_id: AccountId, at: datetime) -> None:
        """Put on record that an event of root arrived by the account's own alarm path, and when."""

    def path_worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Put on record that a session of ours, at that time, shows the alarm path to work."""
