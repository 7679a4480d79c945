"""What the reader of an event hands back, and what every reader needs."""

from dataclasses import dataclass
from enum import StrEnum

from lambdas.domain.accounts import AccountId, parse_account_id
from lambdas.domain.event_fields import Fields
from lambdas.domain.hardening.skip_reasons import Skip, SkipReason


class Mode(StrEnum):
    """What becomes of root credentials in an announced account: removed, or only reported."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


@dataclass(frozen=True)
class Ours:
    """The organization events must be about."""

    management_account_id: AccountId
    organization_id: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The account an event names, or why nothing follows from it; see Announcement."""

    account_id: AccountId | None = None
    skip: Skip | None = None
    mode: Mode = Mode.ENFORCE
    gov_cloud_account_id: str | None = None


def skipped(reason: SkipReason, text: str) -> Reading:
    """Say that nothing follows from the event."""
    return Reading(skip=Skip(reason, text))


def account_id_at(fields: Fields, *names: str) -> AccountId:
    """Return the account id at a path; raises MalformedEvent."""
    return parse_account_id(fields.text(*names), ".".join([fields.path, *names]))


def finished(status: Fields, *account_at: str) -> Reading:
    """Read the status of an account's creation, which carries the account only where that succeeded."""
    state = status.text("state")
    if state == "FAILED":
        why = status.optional_text("failureReason") or status.optional_text("message") or "no reason"
        return skipped(SkipReason.CREATION_FAILED, f"no account came to be: {why}")
    if state != "SUCCEEDED":
        return skipped(SkipReason.NOT_FINISHED, f"the account is not ready yet: {state}")
    return Reading(
        account_id=account_id_at(status, *account_at),
        gov_cloud_account_id=status.optional_text("govCloudAccountId"),
    )
