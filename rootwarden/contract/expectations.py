"""Expectations: calls that are meant to happen, with a reason and an end. They alert more quietly."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from rootwarden.event_fields import Fields, MalformedEvent


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A principal by its ARN, and calls as `sts:AssumeRoot`; until: the last day, in UTC."""

    principal: str
    calls: tuple[str, ...]
    reason: str
    until: date

    def has_ended(self, today: date) -> bool:
        """Say whether its last day, in UTC, is over."""
        return today > self.until

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form, the one of the configuration."""
        return {
            "principal": self.principal,
            "calls": list(self.calls),
            "reason": self.reason,
            "until": self.until.isoformat(),
        }

    @classmethod
    def from_detail(cls, entry: Fields) -> Self:
        """Read the JSON form that functions are configured with; raises MalformedEvent and ValueError."""
        calls = entry.optional_texts("calls")
        if not calls:
            raise MalformedEvent("calls", "a list of calls", calls)
        return cls(
            principal=entry.text("principal"),
            calls=calls,
            reason=entry.text("reason"),
            until=date.fromisoformat(entry.text("until")),
        )
