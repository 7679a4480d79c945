"""The outcome event `Recovery Window Change`."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from rootwarden.contract.activities import Severity
from rootwarden.contract.detail_types import RECOVERY_WINDOW_CHANGE
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import AccountReference, Outcome, Time
from rootwarden.recovery.windows import ClosedBy, ClosedHow, RecoveryWindow

# The reason where a schedule ends a window that is not on record, and that nobody is known to have closed.
NO_RECORD = "NoRecord"


class Change(StrEnum):
    """What became of a window. failed: to open, or to close where that was asked."""

    OPENED = "opened"
    CLOSED = "closed"
    FAILED = "failed"


class PasswordRecovery(StrEnum):
    """Whether allowing password recovery changed anything."""

    CREATED = "created"
    EXISTED = "existed"


class WindowChanged(Outcome, frozen=True, kw_only=True):
    """A window opened, closed, or not."""

    detail_type: ClassVar[str] = RECOVERY_WINDOW_CHANGE

    account: AccountReference
    change: Change
    window: RecoveryWindow
    may_be_open: Annotated[bool, Meta(description="whether the root password may be recoverable now")]
    password: PasswordRecovery | None = None
    closed_by: ClosedBy | None = None
    approved_by: tuple[str, ...] = ()
    reason: Reason | None = None
    occurred_at: Time

    def weighed(self) -> Severity:
        """Return high where a root password may be recoverable that should not be."""
        match self.change:
            case Change.OPENED:
                return Severity.MEDIUM
            case Change.CLOSED:
                late = self.closed_by is not None and self.closed_by.how in {ClosedHow.LOOK, ClosedHow.SWEEP}
                return Severity.MEDIUM if late else Severity.INFO
        return Severity.HIGH if self.closed_by or self.may_be_open else Severity.LOW
