"""Who owns an account, and what its units are called: AWS Organizations' answers, where they come at once."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from msgspec import structs

from rootwarden.accounts import AccountId, Directory
from rootwarden.aws import clients
from rootwarden.aws.organizations import (
    OrganizationsDirectory,
    OrganizationTags,
    Remembered,
    RememberedAccounts,
)
from rootwarden.hardening.removal import CallRefused
from rootwarden.outcomes import AccountReference, Outcome, utc_now
from rootwarden.sweep.outcome import SweepCompleted
from rootwarden.unrecorded_sessions import SessionsNotRecorded

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

# After so many seconds nothing more is asked for an outcome: it is worth more without than late.
_SECONDS = 2.0
_ROOT = "Root"


@dataclass(frozen=True)
class AccountParticulars:
    """Adds to outcomes what people need to find an account's owner.

    owner_of: raises CallRefused, and returns None where no tag names one. unit_name: raises CallRefused.
    """

    organization: Directory
    owner_of: Callable[[AccountId], str | None]
    unit_name: Callable[[str], str]
    seconds: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, client: "OrganizationsClient", organization: Directory, owner_tag: str) -> Self:
        """Ask Organizations by this client, each thing once an hour."""
        tags = OrganizationTags(client, owner_tag)
        return cls(organization, Remembered(tags.owner_of, utc_now), Remembered(tags.unit_name, utc_now))

    def added_to(self, outcome: Outcome) -> Outcome:
        """Return the outcome with what is known of its accounts; as it is where nobody is told of it."""
        if outcome.severity is None or isinstance(outcome, SessionsNotRecorded):
            return outcome
        until = self.seconds() + _SECONDS
        if isinstance(outcome, SweepCompleted):
            named = [
                structs.replace(each, account=self._of(each.account, until)) for each in outcome.in_question
            ]
            return structs.replace(outcome, in_question=tuple(named))
        account: AccountReference = outcome.account  # type: ignore[attr-defined] # every other one has it
        return structs.replace(outcome, account=self._of(account, until))

    def _of(self, account: AccountReference, until: float) -> AccountReference:
        # Without a name it is no account of the organization, or Organizations did not answer a moment ago.
        if account.name is None:
            return account
        # What is refused is in the log; it is left out, and the message says that it is not known.
        with suppress(CallRefused):
            for step in (self._placed, self._owned, self._named_units):
                if self.seconds() > until:
                    break
                account = step(account)
        return account

    def _placed(self, account: AccountReference) -> AccountReference:
        if account.account_id is None or account.organizational_units is not None:
            return account
        found = self.organization.describe(account.account_id)
        return AccountReference.of(found) if found else account

    def _owned(self, account: AccountReference) -> AccountReference:
        if account.account_id is None:
            return account
        return structs.replace(account, owner=self.owner_of(account.account_id))

    def _named_units(self, account: AccountReference) -> AccountReference:
        if account.organizational_units is None:
            return account
        names = (_ROOT, *map(self.unit_name, account.organizational_units))
        return structs.replace(account, unit_path=" / ".join(names))


def particulars(owner_tag: str) -> AccountParticulars:
    """Return what a function adds to its outcomes."""
    client = clients.organizations_in_brief()
    known = RememberedAccounts(OrganizationsDirectory(client), utc_now)
    return AccountParticulars.of(client, known, owner_tag)
