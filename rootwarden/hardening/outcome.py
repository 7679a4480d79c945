"""The outcome event `Account Hardening Result`: the answer an account vending pipeline waits for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, Self

from rootwarden.accounts import AccountId
from rootwarden.event_fields import Fields
from rootwarden.hardening.announcement import Trigger
from rootwarden.hardening.removal import RECENTLY_USED, Failure
from rootwarden.outcomes import VERSION, AccountReference, iso
from rootwarden.policies.service_control_policies import advice
from rootwarden.root_credentials import (
    Credential,
    CredentialKind,
    Posture,
    credentials_in,
    credentials_to_detail,
)

# The reason of the result observed.
ONLY_OBSERVED = "only_observed"


class Result(StrEnum):
    """How a hardening ended. Only clean and hardened were proven by reading back.

    observed: credentials are there, and were left because the account is only looked at.
    """

    CLEAN = "clean"
    HARDENED = "hardened"
    OBSERVED = "observed"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Reason:
    """Why a result is what it is: a SkipReason or AWS's error code, and a sentence."""

    code: str
    text: str

    def to_detail(self) -> dict[str, str]:
        """Return the JSON form; `advice` is there only where a policy of the organization refused."""
        found = advice(self.text)
        return {"code": self.code, "text": self.text, **({"advice": found} if found else {})}


@dataclass(frozen=True, kw_only=True)
class HardeningOutcome:
    """What hardening one account came to. attempt counts from 1; before and after are None when not known.

    removed: by this and every earlier attempt. may_have_been_removed: what an attempt that stopped was about
    to remove, where no proof says whether it did.
    gov_cloud_account_id: an account in GovCloud that was made with this one, and is out of reach.
    """

    detail_type: ClassVar[str] = "Account Hardening Result"

    account: AccountReference
    result: Result
    trigger: Trigger
    attempt: int
    will_retry: bool
    occurred_at: datetime
    reason: Reason | None = None
    before: Posture | None = None
    after: Posture | None = None
    removed: frozenset[Credential] = frozenset()
    may_have_been_removed: frozenset[Credential] = frozenset()
    failures: tuple[Failure, ...] = ()
    gov_cloud_account_id: str | None = None

    @property
    def is_proven(self) -> bool:
        """Whether a read-back showed that no root credential is left."""
        return self.result in {Result.CLEAN, Result.HARDENED}

    @property
    def recently_used_keys(self) -> tuple[str, ...]:
        """The access keys left because somebody used them lately."""
        return tuple(f.identifier or "" for f in self.failures if f.code == RECENTLY_USED)

    @property
    def needs_a_person(self) -> bool:
        """Whether all that is left was left on purpose, so that trying again changes nothing."""
        kept = bool(self.failures) and len(self.recently_used_keys) == len(self.failures)
        return kept and self.result is Result.PARTIAL and self.reason is None

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "result": self.result.value,
            "reason": self.reason.to_detail() if self.reason else None,
            "trigger": self.trigger.to_detail(),
            "before": self.before.to_detail() if self.before else None,
            "after": self.after.to_detail() if self.after else None,
            "removed": credentials_to_detail(self.removed),
            "mayHaveBeenRemoved": credentials_to_detail(self.may_have_been_removed),
            "failures": [
                {"kind": f.kind.value, "id": f.identifier, "code": f.code, "message": f.message}
                for f in self.failures
            ],
            "govCloudAccountId": self.gov_cloud_account_id,
            "attempt": self.attempt,
            "willRetry": self.will_retry,
            "occurredAt": iso(self.occurred_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        reason = fields.optional_object("reason")
        before, after = fields.optional_object("before"), fields.optional_object("after")
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            result=fields.choice(Result, "result"),
            trigger=Trigger.from_detail(fields.object("trigger")),
            attempt=fields.number("attempt"),
            will_retry=fields.boolean("willRetry"),
            occurred_at=fields.time("occurredAt"),
            reason=Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None,
            before=Posture.from_detail(before) if before else None,
            after=Posture.from_detail(after) if after else None,
            removed=credentials_in(fields, "removed"),
            may_have_been_removed=credentials_in(fields, "mayHaveBeenRemoved"),
            failures=tuple(_read_failure(item) for item in fields.objects("failures")),
            gov_cloud_account_id=fields.optional_text("govCloudAccountId"),
        )


def _read_failure(fields: Fields) -> Failure:
    return Failure(
        kind=fields.choice(CredentialKind, "kind"),
        identifier=fields.optional_text("id"),
        code=fields.text("code"),
        message=fields.optional_text("message") or "",
    )


@dataclass(frozen=True, kw_only=True)
class PostureRecord:
    """What was seen, when, and what the account was called then."""

    account_id: AccountId
    name: str | None
    posture: Posture
    result: str
    seen_at: datetime


class PostureMemory(Protocol):
    """Where postures are kept."""

    def save(self, record: PostureRecord) -> None:
        """Keep an account's posture in place of the one before."""

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, None where none is."""


def record_of(outcome: HardeningOutcome) -> PostureRecord | None:
    """Return what an outcome tells of an account's posture; None where it tells nothing."""
    account_id, posture = outcome.account.account_id, outcome.after
    if account_id is None or posture is None:
        return None
    return PostureRecord(
        account_id=account_id,
        name=outcome.account.name,
        posture=posture,
        result=outcome.result.value,
        seen_at=outcome.occurred_at,
    )
