"""Changes of policies from before they are made until they are announced, and who announces them then."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec import structs

from rootwarden.contract.functions import lease
from rootwarden.events import Fields, MalformedEvent, parse_account_id
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import Outcome
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, RequestRefused
from rootwarden.unlocking.outcome import (
    EvidenceStore,
    PolicyChange,
    PolicyHolders,
    PolicyUnlocked,
    is_changed,
)

# Until then its own function may still be at it.
_LEFT_ALONE = lease("unlock_bucket")
_STOPPED = "the function that changed this policy stopped before it could say so"


class BegunChanges(Protocol):
    """Changes not announced yet, each a text; see in_text. Every method raises CallRefused."""

    def add(self, text: str) -> None:
        """Put a change on record."""

    def remove(self, text: str) -> None:
        """Take a change off the record; again does no harm."""

    def all(self) -> tuple[str, ...]:
        """Return what is on record."""


def in_text(change: PolicyUnlocked) -> str:
    """Return how a change is put on record: as its outcome is meant to be, with the time it was begun."""
    return json.dumps(change.to_detail(), sort_keys=True)


def _read(text: str) -> PolicyUnlocked:
    try:
        return PolicyUnlocked.from_detail(Fields(json.loads(text)))
    except (ValueError, RecursionError, MalformedEvent) as error:
        raise MalformedEvent("changes", "what was put on record by unlocking", text) from error


@dataclass(frozen=True, kw_only=True)
class BegunAnnouncer:
    """Announces what the functions that began it did not. publish raises CallRefused."""

    begun: BegunChanges
    holders: PolicyHolders
    evidence: EvidenceStore
    publish: Callable[[Outcome], None]
    clock: Callable[[], datetime]

    def announce(self) -> Answer:
        """Announce every change begun that long ago that nobody works on it.

        Each is said as it is now: done only where the policy shows it, and otherwise failed. Raises
        MalformedEvent and CallRefused, both only when all that can be announced was.
        """
        announced, failures = 0, list[Exception]()
        for text in self.begun.all():
            try:
                announced += self._announce(text)
            except (MalformedEvent, CallRefused) as error:
                failures.append(error)
        if failures:
            # What cannot be read is for a person; what was refused comes again.
            raise next((each for each in failures if isinstance(each, MalformedEvent)), failures[0])
        return {"result": "announced" if announced else "nothing_begun", "announced": announced}

    def _announce(self, text: str) -> bool:
        change = _read(text)
        if change.occurred_at + _LEFT_ALONE > self.clock():
            return False
        self.publish(self._as_it_is(change))
        self.begun.remove(text)
        return True

    def _as_it_is(self, change: PolicyUnlocked) -> PolicyUnlocked:
        resource = change.resource
        try:
            account_id = parse_account_id(change.account.account_id or "", "account")
            before = self.evidence.load(change.evidence.key).policy if change.evidence else None
            found = self.holders.find(account_id, resource.name, resource.region)
            is_done = is_changed(found.holder.read(), before, to_none=change.result is PolicyChange.DELETED)
            text = (
                _STOPPED if is_done else f"{_STOPPED}; the change cannot be seen in the policy that is there"
            )
        except (CallRefused, RequestRefused, MalformedEvent) as error:
            is_done, text = False, f"{_STOPPED}; the policy that is there could not be read: {error}"
        return structs.replace(
            change,
            result=change.result if is_done else PolicyChange.FAILED,
            reason=Reason("NotAnnounced", text),
            occurred_at=self.clock(),
        )
