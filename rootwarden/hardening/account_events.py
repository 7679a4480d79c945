"""The events of Organizations and Control Tower that announce an account, and what each says of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from rootwarden.events import AccountId, Fields, MalformedEvent, parse_account_id


class SkipReason(StrEnum):
    """The reasons, as outcomes and logs name them."""

    CREATION_FAILED = "creation_failed"
    ENROLMENT_FAILED = "enrolment_failed"
    NOT_FINISHED = "not_finished"
    NOT_A_JOIN = "not_a_join"
    NOT_AN_ACCOUNT = "not_an_account"
    FOREIGN_ACCOUNT = "foreign_account"
    FOREIGN_ORGANIZATION = "foreign_organization"
    MANAGEMENT_ACCOUNT = "management_account"
    NOT_IN_ORGANIZATION = "not_in_organization"
    NOT_ACTIVE = "not_active"
    EXEMPT = "exempt"
    EXEMPT_AFTER_WINDOW = "exempt_after_window"
    RECOVERY_WINDOW_OPEN = "recovery_window_open"


@dataclass(frozen=True)
class Skip:
    """A decision to leave an account alone. text: one sentence for people, with the particulars."""

    reason: SkipReason
    text: str


@dataclass(frozen=True)
class OwnOrganization:
    """The organization events must be about."""

    management_account_id: AccountId
    organization_id: str


@dataclass(frozen=True, kw_only=True)
class NamedAccount:
    """The account an event names, or why nothing follows from it; see Announcement."""

    account_id: AccountId | None = None
    skip: Skip | None = None
    gov_cloud_account_id: AccountId | None = None


def skipped(reason: SkipReason, text: str) -> NamedAccount:
    """Say that nothing follows from the event."""
    return NamedAccount(skip=Skip(reason, text))


def account_id_at(fields: Fields, *names: str) -> AccountId:
    """Return the account id at a path; raises MalformedEvent."""
    return parse_account_id(fields.text(*names), ".".join([fields.path, *names]))


def finished(status: Fields, *account_at: str) -> NamedAccount:
    """Read the status of an account's creation, which carries the account only where that succeeded."""
    state = status.text("state")
    if state == "FAILED":
        why = status.optional_text("failureReason") or status.optional_text("message") or "no reason"
        return skipped(SkipReason.CREATION_FAILED, f"no account came to be: {why}")
    if state != "SUCCEEDED":
        return skipped(SkipReason.NOT_FINISHED, f"the account is not ready yet: {state}")
    return NamedAccount(
        account_id=account_id_at(status, *account_at), gov_cloud_account_id=_gov_cloud_account(status)
    )


def _gov_cloud_account(status: Fields) -> AccountId | None:
    """Return the account in GovCloud; what is no account's id keeps no account from being hardened."""
    try:
        return account_id_at(status, "govCloudAccountId") if status.has("govCloudAccountId") else None
    except MalformedEvent:
        return None


def create_account_result(detail: Fields, _ours: OwnOrganization) -> NamedAccount:
    """Read the end of an account's creation."""
    return finished(detail.object("serviceEventDetails", "createAccountStatus"), "accountId")


def account_joined(detail: Fields, ours: OwnOrganization) -> NamedAccount:
    """Read that an account joined, created or invited."""
    return NamedAccount(account_id=only_account_id(detail, ours.management_account_id))


def accept_handshake(detail: Fields, ours: OwnOrganization) -> NamedAccount:
    """Read that a handshake was accepted, which may be about something else than joining."""
    error = detail.optional_text("errorCode")
    if error:
        return skipped(SkipReason.CREATION_FAILED, f"the invitation was not accepted: {error}")
    handshake = detail.object("responseElements", "handshake")
    action = handshake.optional_text("action")
    if action not in {"INVITE", None}:
        return skipped(SkipReason.NOT_A_JOIN, f"the handshake was about {action}")
    if handshake.text("state") != "ACCEPTED":
        return skipped(SkipReason.NOT_FINISHED, f"the handshake is {handshake.text('state')}")
    arn = handshake.optional_text("arn") or ""
    if arn and f"/{ours.organization_id}/" not in arn:
        text = f"the handshake {arn} belongs to another organization than {ours.organization_id}"
        return skipped(SkipReason.FOREIGN_ORGANIZATION, text)
    for party in handshake.objects("parties"):
        if party.optional_text("type") == "ACCOUNT":
            return NamedAccount(account_id=account_id_at(party, "id"))
    raise MalformedEvent(f"{handshake.path}.parties", "a party of type ACCOUNT", None)


def _managed_account(detail: Fields, _ours: OwnOrganization, *, status: str) -> NamedAccount:
    return finished(detail.object("serviceEventDetails", status), "account", "accountId")


def _enabled_baseline(detail: Fields, ours: OwnOrganization, *, status: str) -> NamedAccount:
    baseline = detail.object("serviceEventDetails", status, "enabledBaselineDetails")
    ended = baseline.text("statusSummary", "status")
    if ended == "FAILED":
        text = "Control Tower could not enable its baseline: look there for what to do"
        return skipped(SkipReason.ENROLMENT_FAILED, text)
    if ended != "SUCCEEDED":
        return skipped(SkipReason.NOT_FINISHED, f"the baseline is not enabled yet: {ended}")
    return _target(baseline, ours)


def _target(baseline: Fields, ours: OwnOrganization) -> NamedAccount:
    """Read what the baseline was enabled for: `arn:…:organizations::…:account/o-…/444455556666`."""
    field = f"{baseline.path}.targetIdentifier"
    arn = baseline.text("targetIdentifier")
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    organization, _, target = rest.partition("/")
    if kind not in {"account", "ou", "root"}:
        raise MalformedEvent(field, "the ARN of an account or an organizational unit", arn)
    if organization != ours.organization_id:
        text = f"{arn} belongs to another organization than {ours.organization_id}"
        return skipped(SkipReason.FOREIGN_ORGANIZATION, text)
    if kind != "account":
        text = f"the baseline was enabled for {target}: the next sweep looks at its accounts"
        return skipped(SkipReason.NOT_AN_ACCOUNT, text)
    return NamedAccount(account_id=parse_account_id(target, field))


create_managed_account = partial(_managed_account, status="createManagedAccountStatus")
update_managed_account = partial(_managed_account, status="updateManagedAccountStatus")
enable_baseline = partial(_enabled_baseline, status="enableBaselineStatus")
update_enabled_baseline = partial(_enabled_baseline, status="updateEnabledBaselineStatus")


_PLACES = ("serviceEventDetails", "requestParameters", "responseElements", "additionalEventData")
# Organizations also writes arn:aws:organizations::111122223333:account/o-aa111bb222/444455556666.
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:organizations::[0-9]{12}:account/o-[a-z0-9]+/)?([0-9]{12})")
# A linked account in GovCloud is in another partition, and never in this organization.
_NOT_OURS = "govCloudAccountId"


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
            left += [(name, inner) for name, inner in found.items() if name != _NOT_OURS]
        elif isinstance(found, list):
            left += [(key, inner) for inner in found]
        elif isinstance(found, str) and (match := _ACCOUNT.fullmatch(found)):
            yield key, match[1]
