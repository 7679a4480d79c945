"""Recovery windows as the hub lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rootctl.requests import Answerer, accepted
from rootwarden.events import Fields
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecoveryWindow, WindowState


@dataclass(frozen=True, kw_only=True)
class ListedWindow:
    """One window; detail is all of it, as it came."""

    account: AccountReference
    window: RecoveryWindow
    state: WindowState
    approved_by: tuple[str, ...]
    detail: Mapping[str, object]

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read one of a list; raises MalformedEvent."""
        return cls(
            account=AccountReference.from_detail(fields.object("account")),
            window=RecoveryWindow.from_detail(fields),
            state=fields.choice(WindowState, "state"),
            approved_by=fields.optional_texts("approvedBy") or (),
            detail=dict(fields.value) if isinstance(fields.value, Mapping) else {},
        )


def listed(close_recovery: Answerer) -> list[ListedWindow]:
    """Return every open window; raises as the request does, and MalformedEvent."""
    return [ListedWindow.read(each) for each in accepted(close_recovery({"list": True})).objects("windows")]
