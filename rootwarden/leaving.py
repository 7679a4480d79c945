"""An account left: which one, its outcome event, and forgetting it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Protocol

from msgspec import Meta

from rootwarden.accounts import Account, AccountState, Directory
from rootwarden.claims import RetryLater
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Exemption
from rootwarden.contract.detail_types import ACCOUNT_LEFT_ORGANIZATION
from rootwarden.events import AccountId, Envelope, Fields, MalformedEvent, parse_account_id
from rootwarden.hardening.announcement import only_account_id
from rootwarden.hardening.outcome import PostureRecord, Progress
from rootwarden.outcomes import AccountReference, Outcome, Time, iso
from rootwarden.root_credentials import Credential

# AWS's word for the departure of an account that was closed 90 days before.
CLEANED = "CLEANED"
_ONE_DEPARTURE = timedelta(minutes=5)
_CLOSED: frozenset[str] = frozenset(
    {AccountState.SUSPENDED, AccountState.PENDING_CLOSURE, AccountState.CLOSED}
)


class AccountIsBack(Exception):
    """When the account has joined again since the event: what is kept of it is newer, and stays."""


class Leaving(StrEnum):
    """How an account went."""

    DEPARTED = "departed"
    CLOSED = "closed"


class AccountLeft(Outcome, frozen=True, kw_only=True):
    """An account that is out of reach from now on.

    removed, may_have_been_removed: by hardenings whose end no outcome has named; see HardeningOutcome.
    """

    detail_type: ClassVar[str] = ACCOUNT_LEFT_ORGANIZATION

    account: AccountReference
    how: Leaving
    method: Annotated[str | None, Meta(description="AWS's own word, where it gives one")]
    last_result: str | None
    last_seen_at: Time | None
    exemption_until: Annotated[str | None, Meta(description="the day, where one is still configured")]
    removed: frozenset[Credential] = frozenset()
    may_have_been_removed: frozenset[Credential] = frozenset()
    occurred_at: Time

    @property
    def is_cleaned_up(self) -> bool:
        """Whether AWS took an account out that was closed 90 days ago."""
        return self.method == CLEANED

    def weighed(self) -> Severity:
        """Return medium where an account went away that was not closed."""
        left = self.how is Leaving.DEPARTED and not self.is_cleaned_up
        return Severity.MEDIUM if left else Severity.INFO


@dataclass(frozen=True, kw_only=True)
class Departure:
    """What an event says. method: AWS's own word (REMOVED, LEFT …) where it gives one."""

    account_id: AccountId
    how: Leaving
    method: str | None
    happened_at: datetime

    def is_true_of(self, account: Account | None) -> bool:
        """Say whether the account is gone, as Organizations describes it now; None: it does not know it."""
        return account is None or (self.how is Leaving.CLOSED and account.state in _CLOSED)

    @property
    def work(self) -> str:
        """The key of what is to be said once; that AWS cleaned a closed account up, its closing said."""
        return cleaning_of(self.account_id) if self.method == CLEANED else f"{self.account_id}#{self.how}"

    def work_of(self, event_id: str) -> str:
        """Return the key of what this event says, however often and late it comes."""
        return f"{self.work}#{event_id}"


def cleaning_of(account_id: AccountId) -> str:
    """Return the key of the departure that ends a closed account, 90 days after it was closed."""
    return f"{account_id}#cleaned"


def read_departure(envelope: Envelope, management_account_id: AccountId) -> Departure | None:
    """Say which account left, None when the closing failed; raises MalformedEvent."""
    if envelope.account_id != management_account_id:
        raise MalformedEvent("account", "the management account", envelope.account_id)
    detail = envelope.detail
    match detail.text("eventName"):
        case "CloseAccountResult":
            status = detail.object("serviceEventDetails", "closeAccountStatus")
            if status.text("state") != "SUCCEEDED":
                return None
            account_id = parse_account_id(status.text("accountId"), f"{status.path}.accountId")
            return Departure(
                account_id=account_id, how=Leaving.CLOSED, method=None, happened_at=envelope.time
            )
        case "AccountDepartedOrganization":
            return Departure(
                account_id=_departed(detail, management_account_id),
                how=Leaving.DEPARTED,
                method=_method(detail),
                happened_at=envelope.time,
            )
        case name:
            takes = "CloseAccountResult or AccountDepartedOrganization"
            raise MalformedEvent("detail.eventName", takes, name)


def _departed(detail: Fields, management_account_id: AccountId) -> AccountId:
    account_id = only_account_id(detail, management_account_id)
    if account_id == management_account_id:
        raise MalformedEvent("detail.serviceEventDetails.accountId", "a member account", account_id)
    return account_id


def _method(detail: Fields) -> str | None:
    # The documentation spells it both ways.
    for name in ("departureMethod", "departedMethod"):
        found = detail.optional_text("serviceEventDetails", name)
        if found:
            return CLEANED if found.upper() == CLEANED else found
    return None


class AccountRecords(Protocol):
    """Everything that is kept about an account."""

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, None where none is."""

    def unreported(self, account_id: AccountId) -> Progress:
        """Return what hardenings removed, or tried to, and no final outcome has named yet."""

    def forget(self, account_id: AccountId, left_at: datetime) -> None:
        """Delete all of it but a recovery window that was opened since; again does no harm."""


@dataclass(frozen=True, kw_only=True)
class AccountForgetter:
    """Announces a departure, then forgets the account, so that joining again starts afresh."""

    records: AccountRecords
    directory: Directory
    exemptions: tuple[Exemption, ...]
    publish: Callable[[Outcome], None]
    clock: Callable[[], datetime]

    def forget(
        self, departure: Departure, note: Callable[[str], None], noted: str | None = None
    ) -> AccountLeft:
        """Publish the outcome first: a crash in between repeats it, in the same words, rather than losing it.

        note: keeps what is about to be said. noted: what an attempt that stopped had noted.
        Raises AccountIsBack, RetryLater where Organizations still has the account, and CallRefused.
        """
        account = self.directory.describe(departure.account_id)
        if not departure.is_true_of(account):
            if account and account.joined_at and account.joined_at > departure.happened_at:
                raise AccountIsBack(f"{departure.account_id} joined again at {iso(account.joined_at)}")
            raise RetryLater(f"{departure.account_id} is {departure.how}, but Organizations says it is there")
        outcome = _noted(departure, noted)
        if outcome is None:
            outcome = self._outcome(departure)
            note(said_of(departure, outcome))
        self.publish(outcome)
        self.records.forget(departure.account_id, departure.happened_at)
        return outcome

    def _outcome(self, departure: Departure) -> AccountLeft:
        last = self.records.last(departure.account_id)
        unreported = self.records.unreported(departure.account_id)
        until = [e.until for e in self.exemptions if e.account == departure.account_id]
        return AccountLeft(
            account=AccountReference(account_id=departure.account_id, name=last.name if last else None),
            how=departure.how,
            method=departure.method,
            last_result=last.result if last else None,
            last_seen_at=last.seen_at if last else None,
            exemption_until=max(until).isoformat() if until else None,
            occurred_at=self.clock(),
            removed=unreported.removed,
            may_have_been_removed=unreported.tried - unreported.removed,
        )


def said_of(departure: Departure, outcome: AccountLeft) -> str:
    """Return a note of what is said of a departure."""
    return json.dumps({"of": iso(departure.happened_at), "said": outcome.to_detail()})


def is_another(departure: Departure, noted: str | None) -> bool:
    """Say whether the account left again since what was noted: it may join again within minutes.

    The events of one departure are seconds apart.
    """
    of = Fields(json.loads(noted)).time("of") if noted else None
    return of is not None and departure.happened_at - of > _ONE_DEPARTURE


def _noted(departure: Departure, noted: str | None) -> AccountLeft | None:
    """Return what was about to be said of this departure; None where it was of another, or nothing."""
    document = json.loads(noted) if noted else {}
    if document.get("of") != iso(departure.happened_at):
        return None
    return AccountLeft.from_detail(Fields(document["said"]))
