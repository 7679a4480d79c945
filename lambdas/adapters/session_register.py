"""Who opened which root session, by access key id: how our own sessions are told from a stranger's.

Written before a session's first call, so the record is there before CloudTrail tells of the session.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.adapters.state_table import NotWritten, StateTable, text, text_in
from lambdas.domain.accounts import AccountId
from lambdas.observability import logger, record

# Longer than a record can wait in its account's own queue until a sweep brings it in.
_KEPT = timedelta(days=15)
# The one service of this metric, whichever function writes it.
_METRIC, _SERVICE = "SessionsNotOnRecord", "session_register"


def say_not_on_record(access_key_ids: Mapping[AccountId, str]) -> None:
    """Log sessions of ours that could not be put on record, and ring the alarm that says so, once for all.

    When CloudTrail reports them, each is alerted on as opened by our role in other hands: falsely.
    """
    logger.error("root sessions not on record", access_key_ids=access_key_ids)
    record(_METRIC, len(access_key_ids), service=_SERVICE)


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
        """Put on record who opened many root sessions, with as few requests as possible.

        Where a whole batch is refused, one after the other; raises the first refusal after trying all.
        """
        keys = list(access_key_ids)
        items = {_pk(key): {"opener": text(opener)} for key in keys}
        try:
            self.table.put_all(items, expires_at=self.clock() + _KEPT)
        except (NotWritten, ClientError, BotoCoreError):
            self._remember_each(keys, opener)

    def _remember_each(self, access_key_ids: Iterable[str], opener: str) -> None:
        refused: Exception | None = None
        for key in access_key_ids:
            try:
                self.remember(key, opener)
            except (ClientError, BotoCoreError) as error:
                refused = refused or error
                if isinstance(error, BotoCoreError):
                    # No answer, so that the others would only wait as long.
                    break
        if refused:
            raise refused


def _pk(access_key_id: str) -> str:
    return f"SESSION#{access_key_id}"
