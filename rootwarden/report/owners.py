"""Whose the accounts in question are: a tag of each says so, asked of Organizations a few in a second.

Organizations takes ten such calls a second from all who ask, messages included. So a report asks half as
many, for two minutes at most, and begins with accounts that were never asked about, or longest ago.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from rootwarden.events import AccountId, Record
from rootwarden.outcomes import Time, iso
from rootwarden.refusals import CallRefused
from rootwarden.sweep.sweep import AccountRow, RowResult

LONGEST = timedelta(minutes=2)
PAUSE_SECONDS = 0.2
# Organizations takes 15 at once.
AT_ONCE = 10
NOT_ASKED_YET = "NotAskedYet"
# So many in a row, and whoever may not ask at all stops asking.
_MOST_REFUSED = 3


class Owner(Record, frozen=True, kw_only=True):
    """What the account's tag said at asked_at; None: it is not known. code: why there is no newer answer."""

    name: str | None = None
    asked_at: Time | None = None
    code: str | None = None

    @property
    def words(self) -> str:
        """What to call the owner."""
        if self.asked_at is None:
            return "(not known)"
        return self.name or "(none)"


@dataclass(frozen=True, kw_only=True)
class OwnerQuestions:
    """ask: the account's owner, None where no tag names one; raises CallRefused. pause: between two calls."""

    ask: Callable[[AccountId], str | None]
    clock: Callable[[], datetime]
    pause: Callable[[float], None]


def is_asked_about(row: AccountRow) -> bool:
    """Say whether an account is in question: with credentials, not looked at, or exempt."""
    return row.has_credentials or row.is_exempt or row.result is RowResult.UNREACHABLE


def ask_owners(
    rows: Iterable[AccountRow], before: Mapping[AccountId, Owner], questions: OwnerQuestions
) -> dict[AccountId, Owner]:
    """Return the owner of each account in question; where it is not known now, what was known before."""
    began, refused_in_a_row = questions.clock(), 0
    asked = [row.account_id for row in rows if is_asked_about(row)]
    owners = {account: replace(before.get(account, Owner()), code=NOT_ASKED_YET) for account in asked}
    for number, account in enumerate(sorted(asked, key=lambda account: _age(owners[account], account))):
        if number >= AT_ONCE:
            questions.pause(PAUSE_SECONDS)
        now = questions.clock()
        if now - began >= LONGEST or refused_in_a_row == _MOST_REFUSED:
            break
        try:
            owners[account] = Owner(name=questions.ask(account), asked_at=now)
            refused_in_a_row = 0
        except CallRefused as refused:
            owners[account] = replace(owners[account], code=refused.code)
            refused_in_a_row += 1
    return owners


def _age(owner: Owner, account: AccountId) -> tuple[str, AccountId]:
    return iso(owner.asked_at) if owner.asked_at else "", account
