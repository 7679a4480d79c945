"""Accounts as Organizations described them within the last hour: asked once, not for each event."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lambdas.domain.accounts import Account, AccountId
from lambdas.domain.hardening.account_hardening import Organization

_LIFE = timedelta(hours=1)
# Enough for a large organization; a stranger's random ids push out the oldest, never more than these.
_MOST = 5000


@dataclass(frozen=True)
class RememberedAccounts:
    """An organization's directory with a memory: for names, not for decisions on an account's state."""

    organization: Organization
    clock: Callable[[], datetime]
    most: int = _MOST
    _known: OrderedDict[AccountId, tuple[datetime, Account | None]] = field(default_factory=OrderedDict)

    def describe(self, account_id: AccountId) -> Account | None:
        """Return the account, or None when it is not in the organization; raises CallRefused, each time."""
        now = self.clock()
        if known := self._known.get(account_id):
            asked_at, account = known
            if now < asked_at + _LIFE:
                return account
        account = self.organization.describe(account_id)
        self._known[account_id] = now, account
        self._known.move_to_end(account_id)
        if len(self._known) > self.most:
            self._known.popitem(last=False)
        return account
