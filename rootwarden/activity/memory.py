"""What is remembered of an account's root activity from one record to the next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rootwarden.accounts import AccountId
from rootwarden.activity.account_names import NameMemory
from rootwarden.activity.bursts import Burst
from rootwarden.activity.root_activity import Severity
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecoveryWindow


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What was on record at one moment. bursts: by their keys; None: there is none.

    account: with its name, None where nobody asked within the hour.
    """

    window: RecoveryWindow | None
    account: AccountReference | None
    bursts: Mapping[str, Burst | None]


class ActivityMemory(NameMemory, Protocol):
    """What is remembered across records."""

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key: OURS, NEVER_USED, an ARN, or None when unknown."""

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def recall(self, account_id: AccountId, bursts: Collection[str]) -> Recalled:
        """Return in one look what an alert on an account depends on: window, name, bursts by their keys."""

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None when it was not reported, or long ago."""

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported, and how bad it was said to be."""

    def root_event_arrived(self, account_id: AccountId, at: datetime) -> None:
        """Put on record that an event of root arrived by the account's own alarm path, and when."""

    def path_worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Put on record that a session of ours, at that time, shows the alarm path to work."""
