"""What is remembered across root activity."""

from dataclasses import dataclass

from lambdas.adapters.recovery_windows import RecoveryWindows
from lambdas.adapters.reported_events import ReportedEvents
from lambdas.adapters.session_register import SessionRegister
from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.severity import Severity
from lambdas.domain.recovery.windows import RecoveryWindow


@dataclass(frozen=True)
class ActivityRecords:
    """See lambdas.domain.activity.assessment.ActivityMemory."""

    sessions: SessionRegister
    windows: RecoveryWindows
    reports: ReportedEvents

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key."""
        return self.sessions.opener(access_key_id)

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""
        self.sessions.remember(access_key_id, opener)

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""
        return self.windows.open_window(account_id)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None where it is not on record."""
        return self.reports.severity(account_id, event_id)

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported."""
        self.reports.remember(account_id, event_id, severity)
