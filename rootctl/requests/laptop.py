"""What the hub's functions have and a laptop has not: here nothing is remembered, and nobody is told."""

from collections.abc import Iterable
from datetime import timedelta

from lambdas.domain.accounts import AccountId
from lambdas.domain.claims import Claim, ClaimState
from lambdas.domain.hardening.progress import Progress
from lambdas.domain.outcomes import Outcome
from lambdas.domain.posture_record import PostureRecord
from lambdas.domain.recovery.windows import RecoveryWindow


class NoRegister:
    """Keeps no root session, so that a hub takes it for a stranger's and alerts: that is meant so."""

    def remember(self, access_key_id: str, opener: str) -> None:
        """Keep nothing."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Keep nothing."""


class NoClaims:
    """Gives every piece of work to whoever asks: one command works on an account once."""

    def begin(self, _key: str, *, lease: timedelta) -> Claim:  # noqa: ARG002 - nobody else is there
        """Give the work away."""
        return Claim(ClaimState.OURS)

    def note(self, key: str, note: str) -> None:
        """Keep nothing."""

    def release(self, key: str) -> None:
        """Keep nothing."""

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Keep nothing."""


class NoPostures:
    """Keeps no posture."""

    def save(self, record: PostureRecord) -> None:
        """Keep nothing."""

    def last(self, _account_id: AccountId) -> PostureRecord | None:
        """Know nothing."""
        return None


class NoMemory:
    """Knows no recovery windows: only the hub does."""

    def recovery_window(self, _account_id: AccountId) -> RecoveryWindow | None:
        """Know nothing."""
        return None

    def remember(self, work: str, progress: Progress) -> None:
        """Keep nothing: what is removed is told when it is."""


def tell_nobody(outcome: Outcome) -> None:
    """Publish nothing: there is no bus."""
