"""The outcome event `Root Sessions Not Recorded`."""

from typing import Annotated, ClassVar

from msgspec import Meta

from rootwarden.accounts import TwelveDigits
from rootwarden.activity.root_activity import Severity
from rootwarden.contract.detail_types import ROOT_SESSIONS_NOT_RECORDED
from rootwarden.event_fields import Record
from rootwarden.outcomes import Outcome, Time


class UnrecordedSession(Record, frozen=True, kw_only=True):
    """A root session of ours, by the account it is in."""

    account_id: TwelveDigits
    access_key_id: str


class SessionsNotRecorded(Outcome, frozen=True, kw_only=True):
    """Root sessions that a function opened, could not put on record, and therefore never used."""

    detail_type: ClassVar[str] = ROOT_SESSIONS_NOT_RECORDED

    sessions: Annotated[tuple[UnrecordedSession, ...], Meta(min_length=1)]
    occurred_at: Time

    def weighed(self) -> Severity | None:
        """Return how bad it is: they were never used, and what they were for is tried again."""
        return Severity.MEDIUM
