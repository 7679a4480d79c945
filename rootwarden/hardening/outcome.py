"""The outcome event `Account Hardening Result`, which account vending pipelines wait for.

Progress is what attempts did that no final outcome has named yet.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Protocol, Self

from msgspec import UNSET, Meta, UnsetType, convert, structs, to_builtins

from rootwarden.accounts import Account
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Mode
from rootwarden.contract.detail_types import ACCOUNT_HARDENING_RESULT
from rootwarden.events import AccountId, Record, TwelveDigits
from rootwarden.hardening.removal import RECENTLY_USED, Failure, Preview
from rootwarden.outcomes import AccountReference, Outcome, Time
from rootwarden.policies.service_control_policies import advice
from rootwarden.root_credentials import Credential, CredentialKind, LastUse, Posture, latest

# What sets a hardening off besides AWS's own events.
WINDOW_CLOSED = "RecoveryWindowClosed"
HARDENING_REQUEST = "HardeningRequest"
SWEEP = "OrganizationSweep"
# The reason of the result observed.
ONLY_OBSERVED = "only_observed"


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


class Result(StrEnum):
    """How a hardening ended. Only clean and hardened were proven by reading back.

    observed: credentials are there, and were left because the account is only looked at. It proves nothing.
    """

    CLEAN = "clean"
    HARDENED = "hardened"
    OBSERVED = "observed"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    UNREACHABLE = "unreachable"


class Reason(Record, frozen=True):
    """Why a result is what it is: a SkipReason or AWS's error code, and a sentence."""

    code: str
    text: str = ""
    advice: Annotated[
        str | UnsetType, Meta(description="What to do; only where a policy of the organization refused.")
    ] = UNSET

    def __post_init__(self) -> None:
        structs.force_setattr(self, "advice", advice(self.text) or UNSET)


_SEVERITY_OF_SKIP = {
    SkipReason.EXEMPT.value: Severity.LOW,
    SkipReason.EXEMPT_AFTER_WINDOW.value: Severity.MEDIUM,
    SkipReason.RECOVERY_WINDOW_OPEN.value: Severity.LOW,
    SkipReason.NOT_ACTIVE.value: Severity.LOW,
    SkipReason.NOT_IN_ORGANIZATION.value: Severity.MEDIUM,
    SkipReason.FOREIGN_ACCOUNT.value: Severity.MEDIUM,
    SkipReason.FOREIGN_ORGANIZATION.value: Severity.MEDIUM,
}
_SEVERITIES = {
    Result.CLEAN: None,
    Result.HARDENED: Severity.INFO,
    Result.OBSERVED: Severity.MEDIUM,
    Result.PARTIAL: Severity.HIGH,
    Result.UNREACHABLE: Severity.HIGH,
}


class HardeningOutcome(Outcome, frozen=True, kw_only=True):
    """What hardening one account came to. attempt counts from 1.

    removed: by this and every earlier attempt. may_have_been_removed: what an attempt that stopped was about
    to remove, where no proof says whether it did.
    """

    detail_type: ClassVar[str] = ACCOUNT_HARDENING_RESULT

    account: AccountReference
    result: Result
    reason: Annotated[
        Reason | None, Meta(description="Of skipped, the code is from the table above; otherwise AWS's own.")
    ] = None
    trigger: Trigger
    before: Annotated[Posture | None, Meta(description="null: not known")] = None
    after: Annotated[Posture | None, Meta(description="null: no one could look")] = None
    removed: frozenset[Credential] = frozenset()
    may_have_been_removed: frozenset[Credential] = frozenset()
    mode: Annotated[
        Mode | None, Meta(description="null: not decided, because the account was not looked at")
    ] = None
    would_remove: Annotated[
        frozenset[Credential], Meta(description="of observed only: what enforcing would remove")
    ] = frozenset()
    last_used: Annotated[
        frozenset[LastUse],
        Meta(description="of passwords and access keys that were found; what is left out, AWS did not say"),
    ] = frozenset()
    failures: Annotated[
        tuple[Failure, ...],
        Meta(description="what could not be removed; of observed, what would stay and why"),
    ] = ()
    gov_cloud_account_id: Annotated[TwelveDigits | None, Meta(description="null: the event named none")] = (
        None
    )
    attempt: Annotated[int, Meta(ge=1)]
    will_retry: bool
    occurred_at: Time

    def weighed(self) -> Severity | None:
        """Return how bad it is; None where nobody needs to be told, or another attempt follows."""
        if self.will_retry:
            return None
        return self.weighed_result() or (Severity.LOW if self.gov_cloud_account_id else None)

    def weighed_result(self) -> Severity | None:
        """Return how bad the result is by itself."""
        if self.result is not Result.SKIPPED:
            return _SEVERITIES[self.result]
        if self.reason is None:
            return None
        touched = self.removed or self.may_have_been_removed
        return Severity.MEDIUM if touched else _SEVERITY_OF_SKIP.get(self.reason.code)

    @property
    def is_proven(self) -> bool:
        """Whether a read-back showed that no root credential is left."""
        return self.result in {Result.CLEAN, Result.HARDENED}

    @property
    def in_use(self) -> tuple[Failure, ...]:
        """What was left because somebody used it lately, MFA devices of a password in use included."""
        return tuple(failure for failure in self.failures if failure.code == RECENTLY_USED)

    @property
    def needs_a_person(self) -> bool:
        """Whether all that is left was left on purpose, so that trying again changes nothing."""
        kept = bool(self.failures) and len(self.in_use) == len(self.failures)
        return kept and self.result is Result.PARTIAL and self.reason is None


@dataclass(frozen=True, kw_only=True)
class PostureRecord:
    """What was seen, when, and what the account was called then."""

    account_id: AccountId
    name: str | None
    posture: Posture
    result: str
    seen_at: datetime

    @classmethod
    def of(
        cls, account: AccountReference | Account, posture: Posture | None, result: StrEnum, seen_at: datetime
    ) -> Self | None:
        """Return what is kept of an account until it is seen again; None where no one could look."""
        if account.account_id is None or posture is None:
            return None
        return cls(
            account_id=account.account_id,
            name=account.name,
            posture=posture,
            result=result.value,
            seen_at=seen_at,
        )


class PostureMemory(Protocol):
    """Where postures are kept."""

    def save(self, record: PostureRecord) -> None:
        """Keep an account's posture in place of the one before."""

    def last(self, account_id: AccountId) -> PostureRecord | None:
        """Return the last posture known, a sweep's or a hardening's, None where none is."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Everything that attempts did and no final outcome has named yet.

    before: the posture of the first attempt. tried: what an attempt was about to remove, which is no
    proof that it did. removed: what AWS took the deletion of, or what was proven gone. last_used: when any
    of it was last used.
    """

    before: Posture | None = None
    tried: frozenset[Credential] = frozenset()
    removed: frozenset[Credential] = frozenset()
    last_used: frozenset[LastUse] = frozenset()

    def trying(self, seen: Preview) -> Self:
        """Return what is on record before what was seen is removed."""
        return replace(self, tried=self.tried | seen.goes, last_used=latest(self.last_used, seen.last_used))

    def __bool__(self) -> bool:
        """Say whether there is anything a final outcome must name."""
        return bool(self.tried or self.removed)

    def to_json(self) -> str:
        """Return the form kept in the state table."""
        kept = {
            "before": self.before.present if self.before else None,
            "tried": set(map(structs.astuple, self.tried)),
            "removed": set(map(structs.astuple, self.removed)),
            "lastUsed": self.last_used,
        }
        return json.dumps(to_builtins(kept, order="deterministic"))

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """Read the form kept in the state table; nothing kept is no progress."""
        if text is None:
            return cls()
        kept = json.loads(text)
        before = kept["before"]
        return cls(
            before=None if before is None else Posture.of(frozenset(map(CredentialKind, before))),
            tried=_from_json(kept["tried"]),
            removed=_from_json(kept["removed"]),
            # An earlier version kept none.
            last_used=convert(kept.get("lastUsed", []), frozenset[LastUse]),
        )


def _from_json(kept: list[list[str]]) -> frozenset[Credential]:
    return frozenset(Credential(CredentialKind(kind), name) for kind, name in kept)
