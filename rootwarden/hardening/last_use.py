"""When root credentials were last used, and the one rule on what is in use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, field

from rootwarden.outcomes import Record, Time
from rootwarden.root_credentials import Credential, CredentialKind

KEEP_USED_WITHIN_DAYS = 30
# AWS says of no other kind when it was used.
USE_IS_KNOWN = frozenset({CredentialKind.PASSWORD, CredentialKind.ACCESS_KEY})


class LastUse(Record, frozen=True, order=True):
    """When AWS says that a password or an access key was last used."""

    kind: CredentialKind
    identifier: str = field(name="id")
    at: Annotated[Time | None, Meta(description="null: never, as far as AWS knows")] = None

    @property
    def credential(self) -> Credential:
        """What was used."""
        return Credential(self.kind, self.identifier)


def latest(before: Iterable[LastUse], now: Iterable[LastUse]) -> frozenset[LastUse]:
    """Return what was said of each credential last."""
    return frozenset({use.credential: use for use in (*before, *now)}.values())


@dataclass(frozen=True, kw_only=True)
class KeepRule:
    """What stays for a person to decide about: credentials of these kinds, used within days. 0: nothing."""

    now: datetime
    days: int = KEEP_USED_WITHIN_DAYS
    kinds: frozenset[CredentialKind] = USE_IS_KNOWN

    def asks_about(self, credential: Credential) -> bool:
        """Say whether the credential's last use decides."""
        return self.days > 0 and credential.kind in self.kinds

    def keeps(self, use: LastUse) -> bool:
        """Say whether the credential stays."""
        if use.at is None or not self.asks_about(use.credential):
            return False
        return use.at > self.now - timedelta(days=self.days)
