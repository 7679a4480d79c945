"""The last posture known of an account, kept until the account leaves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.outcome import HardeningOutcome
from lambdas.domain.root_credentials import Posture


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
