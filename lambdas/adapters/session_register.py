"""Who opened which root session, by access key id: how our own sessions are told from a stranger's.

Written before a session's first call, so the record is there before CloudTrail tells of the session.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lambdas.adapters.state_table import StateTable, text, text_in

# A session ends after 15 minutes at most; EventBridge retries to deliver its events for a day.
_KEPT = timedelta(days=2)


class SessionRecords(Protocol):
    """Where whoever opens root sessions puts them on record."""

    def remember(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Put on record who opened many root sessions."""


@dataclass(frozen=True)
class SessionRegister:
    """The openers of root sessions, in the state table."""

    table: StateTable
    clock: Callable[[], datetime]

    def opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this access key; None when unknown."""
        return text_in(self.table.get(_pk(access_key_id)), "opener")

    def remember(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session."""
        item = {"opener": text(opener)}
        self.table.put(_pk(access_key_id), item, expires_at=self.clock() + _KEPT)

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Put on record who opened many root sessions, with as few requests as possible."""
        items = {_pk(key): {"opener": text(opener)} for key in access_key_ids}
        self.table.put_all(items, expires_at=self.clock() + _KEPT)


def _pk(access_key_id: str) -> str:
    return f"SESSION#{access_key_id}"
