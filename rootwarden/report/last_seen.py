"""What an account had when it was last looked at: what is said of it while nobody can look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rootwarden.events import Fields
from rootwarden.root_credentials import Posture


@dataclass(frozen=True, kw_only=True)
class LastSeen:
    """posture: what was there. exemption_until: a date as text; None: the account was not exempt."""

    posture: Posture
    exemption_reason: str | None = None
    exemption_until: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether it was seen that no root credential exists."""
        return self.posture.is_clean

    def is_exempt_at(self, at: datetime) -> bool:
        """Whether the exemption of then still holds."""
        return self.exemption_until is not None and at.date().isoformat() <= self.exemption_until

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        exemption = {"reason": self.exemption_reason, "until": self.exemption_until}
        return {
            "posture": self.posture.to_detail(),
            "exemption": exemption if self.exemption_until is not None else None,
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        exemption = fields.optional_object("exemption")
        return cls(
            posture=Posture.from_detail(fields.object("posture")),
            exemption_reason=exemption.optional_text("reason") if exemption else None,
            exemption_until=exemption.text("until") if exemption else None,
        )
