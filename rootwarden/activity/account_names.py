"""Accounts' names for people: Organizations is asked once an account and hour, whichever function asks."""

from dataclasses import dataclass
from typing import Protocol

from msgspec import structs

from rootwarden.accounts import AccountId, Directory
from rootwarden.activity.outcomes import ActivitySummary
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import AccountReference, Outcome


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
