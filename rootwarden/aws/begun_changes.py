"""Changes of policies that were begun and are not announced yet, in the state table: one item a kind."""

import json
from dataclasses import dataclass

from rootwarden.aws.errors import refusals
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.event_fields import Fields
from rootwarden.unlocking.outcome import PolicyUnlocked
from rootwarden.unlocking.requests import ResourceKind


@dataclass(frozen=True)
class BegunChangesTable:
    """See rootwarden.unlocking.begun.BegunChanges. kind: of resource, for each function has its own."""

    table: StateTable
    kind: ResourceKind

    def add(self, change: PolicyUnlocked) -> None:
        """Put a change on record."""
        self._update("ADD", change)

    def remove(self, change: PolicyUnlocked) -> None:
        """Take a change off the record; again does no harm."""
        self._update("DELETE", change)

    def all(self) -> tuple[PolicyUnlocked, ...]:
        """Return what is on record."""
        with refusals():
            item = self.table.get(KeyKind.BEGUN.key(self.kind))
        kept = sorted(item.get("changes", {}).get("SS", []))
        return tuple(PolicyUnlocked.from_detail(Fields(json.loads(text))) for text in kept)

    def _update(self, action: str, change: PolicyUnlocked) -> None:
        # The same change is the same text, so that a set knows it.
        text = json.dumps(change.to_detail(), sort_keys=True)
        with refusals():
            self.table.update(
                KeyKind.BEGUN.key(self.kind), f"{action} changes :changes", {":changes": {"SS": [text]}}
            )
