"""What the operator's own credentials do here: root sessions, and a hub's answers without the hub."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from rootctl.aws import AwsSession
from rootctl.requests import Answerer
from rootwarden.aws.clients import PATIENT, RootSessionKeys, refusals
from rootwarden.aws.root_session_pool import (
    RateLimiter,
    RegionalStsClients,
    RootSessionPool,
    limited_sts_client,
    shared_iam_client,
)
from rootwarden.aws.root_sessions import AwsRootSessions
from rootwarden.claims import Claim, ClaimState
from rootwarden.events import AccountId, Fields
from rootwarden.hardening.outcome import PostureRecord, Progress, Trigger
from rootwarden.outcomes import Outcome
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.requests import Answer, answered
from rootwarden.sweep.batch import Attempts

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

THREADS = 16
# STS takes 600 requests a second from an account and Region; sweeps and others need them as well.
_REQUESTS_PER_SECOND = 50.0
_PATIENCE = 60.0


def patient_attempts() -> Attempts:
    """Return attempts that go on for a minute from now while AWS only asks to slow down."""
    until = time.monotonic() + _PATIENCE
    return Attempts(
        sleep=time.sleep, time_left=lambda: until - time.monotonic(), unforeseen=_shown_in_the_result
    )


def _shown_in_the_result(_error: Exception) -> None:
    """Say nothing: the result shows the error beside the account."""


@dataclass(frozen=True)
class RootAccess:
    """Opens root sessions, and makes clients that sign with their keys."""

    session: AwsSession
    _turn: Lock = field(default_factory=Lock, repr=False)

    def pool(self) -> RootSessionPool:
        """Return root sessions for very many accounts; raises CallRefused."""
        with refusals():
            iam = shared_iam_client(THREADS, region=self.session.region)
        return RootSessionPool(
            sts=self.sts(), iam=iam, register=KeepsNothing(), sts_in=RegionalStsClients(THREADS)
        )

    def sessions(self) -> AwsRootSessions:
        """Return root sessions for one account after the other; raises CallRefused."""
        return AwsRootSessions(self.sts(), partial(self.signed, "iam"), KeepsNothing())

    def sts(self) -> "STSClient":
        """Return an STS client that leaves requests for others; raises CallRefused."""
        limiter = RateLimiter(_REQUESTS_PER_SECOND, clock=time.monotonic, sleep=time.sleep, burst=THREADS)
        with refusals():
            self.session.need_region()
            return limited_sts_client(THREADS, limiter, session=self.session.boto3)

    def signed(self, service: str, keys: RootSessionKeys, region: str | None = None) -> Any:
        """Return a client that signs with a root session's keys. region: None for the operator's."""
        session: Any = self.session.boto3
        # Using clients is thread-safe, making them is not.
        with self._turn:
            return session.client(
                service,
                region_name=region,
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key,
                aws_session_token=keys.session_token,
                config=PATIENT.merge(Config(user_agent="rootwarden")),
            )


def by_this_machine(handle: Callable[[Mapping[str, object]], Answer]) -> Answerer:
    """Let this machine answer as a function does."""

    def handle_and_catch(request: Mapping[str, object]) -> Answer:
        with refusals():
            return handle(request)

    return lambda request: Fields(answered(request, handle_and_catch))


class KeepsNothing:
    """The memory of a machine without a hub: no claims, postures, recovery windows or session register.

    A hub takes the root sessions for a stranger's and alerts: that is meant so.
    """

    def remember(self, *_: object) -> None:
        """Keep neither a session nor progress: what is removed is said when it is."""

    def remember_all(self, access_key_ids: Iterable[str], opener: str) -> None:
        """Keep no sessions."""

    def give_up(self, access_key_ids: Mapping[AccountId, str]) -> None:
        """Give no session up: all are kept alike."""

    def begin(self, _key: str, *, lease: timedelta) -> Claim:  # noqa: ARG002 - the protocol's name
        """Give a claim to every command: no other works here."""
        return Claim(ClaimState.OURS)

    def noted(self, key: str) -> str | None:  # noqa: ARG002 - the protocol's order
        """Nothing is kept."""
        return None

    def keep_note(self, key: str, note: str, *, keep: timedelta) -> None:
        """Nothing is kept."""

    def note(self, key: str, note: str) -> None:
        """Keep no note."""

    def release(self, key: str) -> None:
        """Keep no claim."""

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Keep no claim."""

    def save(self, record: PostureRecord) -> None:
        """Keep no posture."""

    def last(self, _account_id: AccountId) -> PostureRecord | None:
        """Know no posture."""
        return None

    def recovery_window(self, _account_id: AccountId) -> RecoveryWindow | None:
        """Know no recovery window: only the hub does."""
        return None

    def had_window(self, _account_id: AccountId) -> bool:
        """Know no recovery window."""
        return False

    def window_is_hardened(self, account_id: AccountId) -> None:
        """Keep no history of windows."""

    def unreported(self, _account_id: AccountId, _trigger: Trigger) -> Progress:
        """Know of no earlier attempt."""
        return Progress()

    def reported(
        self, account_id: AccountId, trigger: Trigger, progress: Progress, *, may_repeat: bool
    ) -> None:
        """Keep no progress."""


def publish_nothing(outcome: Outcome) -> None:
    """Publish nothing: there is no bus."""
