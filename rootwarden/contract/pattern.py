"""What an event pattern is: what it matches, why it is so, and what that rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

API_CALL = "AWS API Call via CloudTrail"
CONSOLE_ACTION = "AWS Console Action via CloudTrail"
SERVICE_EVENT = "AWS Service Event via CloudTrail"
# CloudTrail delivers the first spelling; the EventBridge guide documents the second.
SIGN_IN = ("AWS Console Sign In via CloudTrail", "AWS Console Signin via CloudTrail")


class EventAccount(Enum):
    """Where an event exists: the hub's rules take it from that account and from nowhere else."""

    ANY_ACCOUNT = "any account"
    MANAGEMENT_ACCOUNT = "management account"
    HUB_ACCOUNT = "hub account"


@dataclass(frozen=True)
class EventPattern:
    """A rule's pattern beside its reason; `name` becomes part of the rule's logical id."""

    name: str
    reason: str
    reference: str
    source: tuple[str, ...]
    detail_type: tuple[str, ...]
    detail: Mapping[str, Any] = field(default_factory=dict)
    origin: EventAccount = EventAccount.ANY_ACCOUNT
    # CloudTrail's read-only events reach a rule only when its state asks for all of them.
    read_only_calls: bool = False

    def document(self, *, account: str | None = None) -> dict[str, Any]:
        """Return the pattern as EventBridge takes it, pinned to `account` where one is given."""
        return {
            **({"account": [account]} if account else {}),
            "source": [_matcher(source) for source in self.source],
            "detail-type": list(self.detail_type),
            **({"detail": dict(self.detail)} if self.detail else {}),
        }


def _matcher(source: str) -> str | dict[str, str]:
    return {"prefix": source.removesuffix("*")} if source.endswith("*") else source
