"""What announces an account, in AWS's events and our own words, and how the account came in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from rootwarden.accounts import Account
from rootwarden.contract.configured import Mode, Origin
from rootwarden.contract.detail_types import RECOVERY_WINDOW_CHANGE, SOURCE
from rootwarden.events import AccountId, Envelope, Fields, MalformedEvent, Record
from rootwarden.hardening.account_events import (
    NamedAccount,
    OwnOrganization,
    Skip,
    SkipReason,
    accept_handshake,
    account_id_at,
    account_joined,
    create_account_result,
    create_managed_account,
    enable_baseline,
    update_enabled_baseline,
    update_managed_account,
)
from rootwarden.outcomes import iso

# What sets a hardening off besides AWS's own events.
WINDOW_CLOSED = "RecoveryWindowClosed"
HARDENING_REQUEST = "HardeningRequest"
SWEEP = "OrganizationSweep"
# What keeps apart the claims on one account.
WITH_GOV_CLOUD, ALONE = "govcloud", "alone"
# What the last sweep said of an account.
SAID = "said"


_ORGANIZATIONS = "aws.organizations"


def alone_with(account_id: AccountId) -> str:
    """Return the key held by whoever hardens an account or opens its recovery window: never both at once."""
    return f"{account_id}#{ALONE}"


class Trigger(Record, frozen=True, kw_only=True):
    """What set a hardening off."""

    event_id: str
    event_name: str
    source: str
    requested_by: Annotated[str | None, Meta(description="null: no person asked")] = None
    request_reason: str | None = None

    @property
    def is_window_end(self) -> bool:
        """Whether it is the word that a recovery window was closed."""
        return self.event_name == WINDOW_CLOSED

    @property
    def is_sweep(self) -> bool:
        """Whether a sweep found the account: no message waits, and the next sweep comes to it again."""
        return self.event_name == SWEEP


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What an event says of an account: to be looked at (skip is None), or why nothing follows from it.

    mode: whether what is found is removed; None: that depends on the account, not on the event.
    ignores_recent_result: the account is to be looked at though it was proven a moment ago.
    gov_cloud_account_id: an account in GovCloud that came with it, out of our reach. joined_by_event_at: when
    Organizations said that the account joined, where it did. rejoined_at: when it did after it was proven,
    filled in by whoever finds that out.
    """

    trigger: Trigger
    account_id: AccountId | None
    skip: Skip | None = None
    mode: Mode | None = None
    ignores_recent_result: bool = False
    gov_cloud_account_id: AccountId | None = None
    joined_by_event_at: datetime | None = None
    rejoined_at: datetime | None = None

    @property
    def work(self) -> str:
        """The key of what is to be done once, by however many events it is announced.

        Another event's hardening never names the account in GovCloud.
        """
        if self.account_id is None:
            return self.trigger.event_id
        if self.ignores_recent_result:
            return f"{self.account_id}#{self.trigger.event_id}"
        key = f"{self.account_id}#{WITH_GOV_CLOUD}" if self.gov_cloud_account_id else self.account_id
        return f"{key}#{iso(self.rejoined_at)}" if self.rejoined_at else key


def announces(envelope: Envelope) -> bool:
    """Say whether an event is of a kind that announces accounts, whatever it says of them."""
    if (envelope.source, envelope.detail_type) == (SOURCE, RECOVERY_WINDOW_CHANGE):
        return envelope.detail.optional_text("change") == "closed"
    return (envelope.source, envelope.detail.optional_text("eventName")) in _READERS


def read_announcement(
    envelope: Envelope, management_account_id: AccountId, organization_id: str
) -> Announcement:
    """Say what the event announces; raises MalformedEvent for unknown or unreadable events."""
    detail = envelope.detail
    if (envelope.source, envelope.detail_type) == (SOURCE, RECOVERY_WINDOW_CHANGE):
        return _window_closed(envelope)
    name = detail.text("eventName")
    trigger = Trigger(event_id=envelope.event_id, event_name=name, source=envelope.source)
    if envelope.account_id != management_account_id:
        text = f"{name} came from {envelope.account_id}; only the management account announces accounts"
        return Announcement(trigger=trigger, account_id=None, skip=Skip(SkipReason.FOREIGN_ACCOUNT, text))
    read = _READERS.get((envelope.source, name))
    if read is None:
        known = ", ".join(name for _, name in _READERS)
        raise MalformedEvent("detail.eventName", f"one of {known}", f"{envelope.source} {name}")
    reading = read(detail, OwnOrganization(management_account_id, organization_id))
    skip = reading.skip
    if skip is None and reading.account_id == management_account_id:
        skip = Skip(SkipReason.MANAGEMENT_ACCOUNT, "root sessions never reach the management account")
    return Announcement(
        trigger=trigger,
        account_id=reading.account_id,
        skip=skip,
        gov_cloud_account_id=reading.gov_cloud_account_id,
        joined_by_event_at=envelope.time if envelope.source == _ORGANIZATIONS else None,
    )


def _window_closed(envelope: Envelope) -> Announcement:
    change = envelope.detail.text("change")
    if change != "closed":
        raise MalformedEvent("detail.change", "closed", change)
    return Announcement(
        trigger=Trigger(event_id=envelope.event_id, event_name=WINDOW_CLOSED, source=SOURCE),
        account_id=account_id_at(envelope.detail, "account", "id"),
        # What the window let in goes, whatever the account is.
        mode=Mode.ENFORCE,
        ignores_recent_result=True,
    )


_READERS: dict[tuple[str, str], Callable[[Fields, OwnOrganization], NamedAccount]] = {
    (_ORGANIZATIONS, "CreateAccountResult"): create_account_result,
    (_ORGANIZATIONS, "AccountJoinedOrganization"): account_joined,
    (_ORGANIZATIONS, "AcceptHandshake"): accept_handshake,
    ("aws.controltower", "CreateManagedAccount"): create_managed_account,
    ("aws.controltower", "UpdateManagedAccount"): update_managed_account,
    ("aws.controltower", "EnableBaseline"): enable_baseline,
    ("aws.controltower", "UpdateEnabledBaseline"): update_enabled_baseline,
}


# So long after it joined an account is new. An event may wait 14 days in a queue, and an enrolment is
# retried within days: both are still about the account that joined. After that people work in it.
NEW_FOR = timedelta(days=15)


def origin_of(account: Account, now: datetime) -> Origin:
    """Say how the account came in.

    Without a time it counts as existing, and a new one without a method as invited: that may be in use.
    """
    if account.joined_at is None or now - account.joined_at > NEW_FOR:
        return Origin.EXISTING
    return Origin.CREATED if account.joined_method == "CREATED" else Origin.INVITED


def origin_in_words(account: Account, origin: Origin) -> str:
    """Say in a clause what the origin was told by."""
    if account.joined_at is None:
        return "Organizations did not say when the account joined"
    joined = f"the account joined on {account.joined_at:%Y-%m-%d}"
    if origin is Origin.EXISTING:
        return f"{joined}, more than {NEW_FOR.days} days ago"
    return f"{joined} ({account.joined_method or 'how is not said'})"
