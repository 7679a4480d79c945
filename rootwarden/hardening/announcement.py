"""What announces an account, in AWS's events and our own words, and what each says of it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rootwarden.contract.configured import Mode
from rootwarden.contract.detail_types import RECOVERY_WINDOW_CHANGE, SOURCE
from rootwarden.events import AccountId, Envelope, Fields, MalformedEvent, parse_account_id
from rootwarden.hardening.outcome import WINDOW_CLOSED, SkipReason, Trigger
from rootwarden.outcomes import iso

# What keeps apart the claims on one account.
WITH_GOV_CLOUD, ALONE = "govcloud", "alone"
# What the last sweep said of an account.
SAID = "said"

_ORGANIZATIONS = "aws.organizations"
_PLACES = ("serviceEventDetails", "requestParameters", "responseElements", "additionalEventData")
# Organizations also writes arn:aws:organizations::111122223333:account/o-aa111bb222/444455556666.
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:organizations::[0-9]{12}:account/o-[a-z0-9]+/)?([0-9]{12})")
# An account in GovCloud that came with it: in another partition, and never in this organization.
_GOV_CLOUD = "govCloudAccountId"


def alone_with(account_id: AccountId) -> str:
    """Return the key held by whoever hardens an account or opens its recovery window: never both at once."""
    return f"{account_id}#{ALONE}"


@dataclass(frozen=True)
class Skip:
    """A decision to leave an account alone. text: one sentence for people, with the particulars."""

    reason: SkipReason
    text: str


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
    if (envelope.source, name) not in _READERS:
        known = ", ".join(name for _, name in _READERS)
        raise MalformedEvent("detail.eventName", f"one of {known}", f"{envelope.source} {name}")
    read, *place = _READERS[envelope.source, name]
    status = detail.object(*place)
    found = read(status, management_account_id, organization_id)
    if isinstance(found, Skip):
        return Announcement(trigger=trigger, account_id=None, skip=found)
    skip = Skip(SkipReason.MANAGEMENT_ACCOUNT, "root sessions never reach the management account")
    return Announcement(
        trigger=trigger,
        account_id=found,
        skip=skip if found == management_account_id else None,
        gov_cloud_account_id=_gov_cloud_account(status),
        joined_by_event_at=envelope.time if envelope.source == _ORGANIZATIONS else None,
    )


def _window_closed(envelope: Envelope) -> Announcement:
    change = envelope.detail.text("change")
    if change != "closed":
        raise MalformedEvent("detail.change", "closed", change)
    return Announcement(
        trigger=Trigger(event_id=envelope.event_id, event_name=WINDOW_CLOSED, source=SOURCE),
        account_id=_account_id_at(envelope.detail, "account", "id"),
        # What the window let in goes, whatever the account is.
        mode=Mode.ENFORCE,
        ignores_recent_result=True,
    )


def _account_id_at(fields: Fields, *names: str) -> AccountId:
    return parse_account_id(fields.text(*names), ".".join([fields.path, *names]))


def _gov_cloud_account(status: Fields) -> AccountId | None:
    """Return the account in GovCloud; what is no account's id keeps no account from being hardened."""
    try:
        return _account_id_at(status, _GOV_CLOUD) if status.has(_GOV_CLOUD) else None
    except MalformedEvent:
        return None


def _finished(status: Fields, *account_at: str) -> AccountId | Skip:
    """Read the status of an account's creation, which carries the account only where that succeeded."""
    state = status.text("state")
    if state == "FAILED":
        why = status.optional_text("failureReason") or status.optional_text("message") or "no reason"
        return Skip(SkipReason.CREATION_FAILED, f"no account came to be: {why}")
    if state != "SUCCEEDED":
        return Skip(SkipReason.NOT_FINISHED, f"the account is not ready yet: {state}")
    return _account_id_at(status, *account_at)


def _created(status: Fields, _management: AccountId, _organization_id: str) -> AccountId | Skip:
    return _finished(status, "accountId")


def _managed(status: Fields, _management: AccountId, _organization_id: str) -> AccountId | Skip:
    return _finished(status, "account", "accountId")


def _joined(detail: Fields, management: AccountId, _organization_id: str) -> AccountId | Skip:
    return only_account_id(detail, management)


def _accepted(detail: Fields, _management: AccountId, organization_id: str) -> AccountId | Skip:
    """Read that a handshake was accepted, which may be about something else than joining."""
    error = detail.optional_text("errorCode")
    if error:
        return Skip(SkipReason.CREATION_FAILED, f"the invitation was not accepted: {error}")
    handshake = detail.object("responseElements", "handshake")
    action = handshake.optional_text("action")
    if action not in {"INVITE", None}:
        return Skip(SkipReason.NOT_A_JOIN, f"the handshake was about {action}")
    if handshake.text("state") != "ACCEPTED":
        return Skip(SkipReason.NOT_FINISHED, f"the handshake is {handshake.text('state')}")
    arn = handshake.optional_text("arn") or ""
    if arn and f"/{organization_id}/" not in arn:
        text = f"the handshake {arn} belongs to another organization than {organization_id}"
        return Skip(SkipReason.FOREIGN_ORGANIZATION, text)
    for party in handshake.objects("parties"):
        if party.optional_text("type") == "ACCOUNT":
            return _account_id_at(party, "id")
    raise MalformedEvent(f"{handshake.path}.parties", "a party of type ACCOUNT", None)


def _enabled(status: Fields, _management: AccountId, organization_id: str) -> AccountId | Skip:
    baseline = status.object("enabledBaselineDetails")
    ended = baseline.text("statusSummary", "status")
    if ended == "FAILED":
        text = "Control Tower could not enable its baseline: look there for what to do"
        return Skip(SkipReason.ENROLMENT_FAILED, text)
    if ended != "SUCCEEDED":
        return Skip(SkipReason.NOT_FINISHED, f"the baseline is not enabled yet: {ended}")
    return _target(baseline, organization_id)


def _target(baseline: Fields, organization_id: str) -> AccountId | Skip:
    """Read what the baseline was enabled for: `arn:…:organizations::…:account/o-…/444455556666`."""
    field = f"{baseline.path}.targetIdentifier"
    arn = baseline.text("targetIdentifier")
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    organization, _, target = rest.partition("/")
    if kind not in {"account", "ou", "root"}:
        raise MalformedEvent(field, "the ARN of an account or an organizational unit", arn)
    if organization != organization_id:
        text = f"{arn} belongs to another organization than {organization_id}"
        return Skip(SkipReason.FOREIGN_ORGANIZATION, text)
    if kind != "account":
        text = f"the baseline was enabled for {target}: the next sweep looks at its accounts"
        return Skip(SkipReason.NOT_AN_ACCOUNT, text)
    return parse_account_id(target, field)


def only_account_id(detail: Fields, management: AccountId) -> AccountId:
    """Return the one account an event names, under any key and at any depth; raises MalformedEvent.

    The management account counts only where it alone is named, as `accountId`: it also joins the
    organization that it creates. Numbers do not count: they would have lost their leading zeros.
    """
    for place in _PLACES:
        fields = detail.optional_object(place)
        named = set(_named_in(fields.value)) if fields else set()
        found = {account for _, account in named} - {management}
        if len(found) == 1:
            return AccountId(found.pop())
        if found:
            raise MalformedEvent(f"detail.{place}", "one account id", ", ".join(sorted(found)))
        if ("accountId", management) in named:
            return management
    raise MalformedEvent(f"detail.{_PLACES[0]}.accountId", "an account id", None)


def _named_in(value: object) -> Iterator[tuple[str, str]]:
    left: list[tuple[str, object]] = [("", value)]
    while left:
        key, found = left.pop()
        if isinstance(found, Mapping):
            left += [(name, inner) for name, inner in found.items() if name != _GOV_CLOUD]
        elif isinstance(found, list):
            left += [(key, inner) for inner in found]
        elif isinstance(found, str) and (match := _ACCOUNT.fullmatch(found)):
            yield key, match[1]


_Reader = Callable[[Fields, AccountId, str], AccountId | Skip]
_SERVICE = "serviceEventDetails"
# How an event is read, and which part of its detail.
_READERS: dict[tuple[str, str], tuple[_Reader, *tuple[str, ...]]] = {
    (_ORGANIZATIONS, "CreateAccountResult"): (_created, _SERVICE, "createAccountStatus"),
    (_ORGANIZATIONS, "AccountJoinedOrganization"): (_joined,),
    (_ORGANIZATIONS, "AcceptHandshake"): (_accepted,),
    ("aws.controltower", "CreateManagedAccount"): (_managed, _SERVICE, "createManagedAccountStatus"),
    ("aws.controltower", "UpdateManagedAccount"): (_managed, _SERVICE, "updateManagedAccountStatus"),
    ("aws.controltower", "EnableBaseline"): (_enabled, _SERVICE, "enableBaselineStatus"),
    ("aws.controltower", "UpdateEnabledBaseline"): (_enabled, _SERVICE, "updateEnabledBaselineStatus"),
}
