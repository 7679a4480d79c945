"""The outcome event `Recovery Window Change`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from rootwarden.event_fields import Fields
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import VERSION, AccountReference, iso
from rootwarden.recovery.windows import WINDOW_CHANGE, RecoveryWindow


class Change(StrEnum):
    """What became of a window. failed: opening it, or, where closed_by is set, closing it."""

    OPENED = "opened"
    CLOSED = "closed"
    FAILED = "failed"


class PasswordRecovery(StrEnum):
    """Whether allowing password recovery changed anything."""

    CREATED = "created"
    EXISTED = "existed"


class ClosedHow(StrEnum):
    """What a window was closed by."""

    SCHEDULE = "schedule"
    REQUEST = "request"
    SWEEP = "sweep"


@dataclass(frozen=True)
class ClosedBy:
    """What a window was closed by, and by whose word where it was a person's."""

    how: ClosedHow
    by: str | None = None

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"how": self.how.value, "by": self.by}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(how=fields.choice(ClosedHow, "how"), by=fields.optional_text("by"))


@dataclass(frozen=True, kw_only=True)
class WindowChanged:
    """A window opened, closed, or not. may_be_open: whether the root password may be recoverable now."""

    detail_type: ClassVar[str] = WINDOW_CHANGE

    account: AccountReference
    change: Change
    window: RecoveryWindow
    may_be_open: bool
    occurred_at: datetime
    password: PasswordRecovery | None = None
    closed_by: ClosedBy | None = None
    approved_by: tuple[str, ...] = ()
    reason: Reason | None = None

    def to_detail(self) -> dict[str, object]:
        """Return the event's detail, as JSON values."""
        return {
            "version": VERSION,
            "account": self.account.to_detail(),
            "change": self.change.value,
            "window": self.window.to_detail(),
            "mayBeOpen": self.may_be_open,
            "password": self.password.value if self.password else None,
            "closedBy": self.closed_by.to_detail() if self.closed_by else None,
            "approvedBy": list(self.approved_by),
            "reason": self.reason.to_detail() if self.reason else None,
            "occurredAt": iso(self.occurred_at),
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the event's detail; raises MalformedEvent."""
        closed_by, reason = fields.optional_object("closedBy"), fields.optional_object("reason")
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            change=fields.choice(Change, "change"),
            window=RecoveryWindow.from_detail(fields.object("window")),
            may_be_open=fields.boolean("mayBeOpen"),
            occurred_at=fields.time("occurredAt"),
            password=fields.choice(PasswordRecovery, "password") if fields.has("password") else None,
            closed_by=ClosedBy.from_detail(closed_by) if closed_by else None,
            approved_by=fields.optional_texts("approvedBy") or (),
            reason=Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None,
        )
