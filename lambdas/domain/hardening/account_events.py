"""The events that announce an account to be hardened, read defensively: several shapes, one meaning.

Besides our own word that a recovery window was closed, shapes: Organizations' and Control Tower's
service events and the AcceptHandshake API call as CloudTrail records them in the management account.
Where a shape is not confirmed by AWS's documentation (AccountJoinedOrganization), the account id is
searched for rather than expected.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from lambdas.domain.accounts import AccountId, parse_account_id
from lambdas.domain.envelope import Envelope
from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.hardening.account_ids import only_account_id
from lambdas.domain.hardening.skip_reasons import Skip, SkipReason
from lambdas.domain.outcomes import SOURCE
from lambdas.domain.recovery.windows import WINDOW_CHANGE

# What sets a hardening off besides AWS's own events.
WINDOW_CLOSED = "RecoveryWindowClosed"
HARDENING_REQUEST = "HardeningRequest"


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What set a hardening off. requested_by and request_reason: a person's word, where one asked."""

    event_id: str
    event_name: str
    source: str
    requested_by: str | None = None
    request_reason: str | None = None

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "eventId": self.event_id,
            "eventName": self.event_name,
            "source": self.source,
            "requestedBy": self.requested_by,
            "requestReason": self.request_reason,
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            event_id=fields.text("eventId"),
            event_name=fields.text("eventName"),
            source=fields.text("source"),
            requested_by=fields.optional_text("requestedBy"),
            request_reason=fields.optional_text("requestReason"),
        )


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What an event says of an account: to be hardened (skip is None), or why nothing follows from it.

    asks_anew: the account is to be looked at though it was proven a moment ago.
    """

    trigger: Trigger
    account_id: AccountId | None
    skip: Skip | None = None
    asks_anew: bool = False

    @property
    def work(self) -> str:
        """The key of what is to be done once, by however many events it is announced."""
        if self.account_id is None:
            return self.trigger.event_id
        return f"{self.account_id}#{self.trigger.event_id}" if self.asks_anew else self.account_id


_Reading = tuple[AccountId | None, Skip | None]


def announces(envelope: Envelope) -> bool:
    """Say whether an event is of a kind that announces accounts, whatever it says of them."""
    if (envelope.source, envelope.detail_type) == (SOURCE, WINDOW_CHANGE):
        return envelope.detail.optional_text("change") == "closed"
    return (envelope.source, envelope.detail.optional_text("eventName")) in _READERS


def read_announcement(
    envelope: Envelope, management_account_id: AccountId, organization_id: str
) -> Announcement:
    """Say what the event announces; raises MalformedEvent for unknown or unreadable events."""
    detail = envelope.detail
    if (envelope.source, envelope.detail_type) == (SOURCE, WINDOW_CHANGE):
        return _window_closed(envelope)
    name = detail.text("eventName")
    trigger = Trigger(event_id=envelope.event_id, event_name=name, source=envelope.source)
    if envelope.account_id != management_account_id:
        text = f"{name} came from {envelope.account_id}; only the management account announces accounts"
        return Announcement(trigger=trigger, account_id=None, skip=Skip(SkipReason.FOREIGN_ACCOUNT, text))
    read = _READERS.get((envelope.source, name))
    if read is None:
        raise MalformedEvent("detail.eventName", f"one of {_known()}", f"{envelope.source} {name}")
    account_id, skip = read(detail, organization_id)
    if skip is None and account_id == management_account_id:
        skip = Skip(SkipReason.MANAGEMENT_ACCOUNT, "root sessions never reach the management account")
    return Announcement(trigger=trigger, account_id=account_id, skip=skip)


def _window_closed(envelope: Envelope) -> Announcement:
    change = envelope.detail.text("change")
    if change != "closed":
        raise MalformedEvent("detail.change", "closed", change)
    return Announcement(
        trigger=Trigger(event_id=envelope.event_id, event_name=WINDOW_CLOSED, source=SOURCE),
        account_id=_account_id(envelope.detail, "account", "id"),
        asks_anew=True,
    )


def _known() -> str:
    return ", ".join(name for _, name in _READERS)


def _create_account_result(detail: Fields, _organization_id: str) -> _Reading:
    return _finished(detail.object("serviceEventDetails", "createAccountStatus"), "accountId")


def _create_managed_account(detail: Fields, _organization_id: str) -> _Reading:
    status = detail.object("serviceEventDetails", "createManagedAccountStatus")
    return _finished(status, "account", "accountId")


def _update_managed_account(detail: Fields, _organization_id: str) -> _Reading:
    status = detail.object("serviceEventDetails", "updateManagedAccountStatus")
    return _finished(status, "account", "accountId")


def _finished(status: Fields, *account_id_at: str) -> _Reading:
    state = status.text("state")
    if state == "FAILED":
        why = status.optional_text("failureReason") or status.optional_text("message") or "no reason"
        return None, Skip(SkipReason.CREATION_FAILED, f"no account came to be: {why}")
    if state != "SUCCEEDED":
        return None, Skip(SkipReason.NOT_FINISHED, f"the account is not ready yet: {state}")
    return _account_id(status, *account_id_at), None


def _account_id(fields: Fields, *names: str) -> AccountId:
    return parse_account_id(fields.text(*names), ".".join([fields.path, *names]))


def _accept_handshake(detail: Fields, organization_id: str) -> _Reading:
    error = detail.optional_text("errorCode")
    if error:
        return None, Skip(SkipReason.CREATION_FAILED, f"the invitation was not accepted: {error}")
    handshake = detail.object("responseElements", "handshake")
    action = handshake.optional_text("action")
    if action not in {"INVITE", None}:
        return None, Skip(SkipReason.NOT_A_JOIN, f"the handshake was about {action}")
    if handshake.text("state") != "ACCEPTED":
        text = f"the handshake is {handshake.text('state')}"
        return None, Skip(SkipReason.NOT_FINISHED, text)
    arn = handshake.optional_text("arn") or ""
    if arn and f"/{organization_id}/" not in arn:
        text = f"the handshake {arn} belongs to another organization than {organization_id}"
        return None, Skip(SkipReason.FOREIGN_ORGANIZATION, text)
    for party in handshake.objects("parties"):
        if party.optional_text("type") == "ACCOUNT":
            return _account_id(party, "id"), None
    raise MalformedEvent(f"{handshake.path}.parties", "a party of type ACCOUNT", None)


def _account_joined(detail: Fields, _organization_id: str) -> _Reading:
    return only_account_id(detail, "serviceEventDetails", "requestParameters"), None


_READERS: dict[tuple[str, str], Callable[[Fields, str], _Reading]] = {
    ("aws.organizations", "CreateAccountResult"): _create_account_result,
    ("aws.organizations", "AccountJoinedOrganization"): _account_joined,
    ("aws.organizations", "AcceptHandshake"): _accept_handshake,
    ("aws.controltower", "CreateManagedAccount"): _create_managed_account,
    ("aws.controltower", "UpdateManagedAccount"): _update_managed_account,
}
