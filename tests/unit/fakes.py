"""The domain's collaborators in memory: with state, with a clock passed in, and open to interruption."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rootwarden.accounts import Account
from rootwarden.activity.acts import BurstReference
from rootwarden.activity.bursts import Burst
from rootwarden.activity.outcomes import ActivityAlert, ActivitySummary
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import HardeningOutcome
from rootwarden.outcomes import Outcome
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from tests.unit.interruptions import Line

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, step: timedelta) -> None:
        self.now += step


@dataclass
class FakeOrganization:
    """Knows the accounts it is given; refuses to answer when told so."""

    accounts: Mapping[AccountId, Account]
    line: Line = field(default_factory=Line)
    refusal: CallRefused | None = None

    def describe(self, account_id: AccountId) -> Account | None:
        with self.line.call("describe"):
            if self.refusal:
                raise self.refusal
            return self.accounts.get(account_id)


@dataclass
class RootUser:
    """A member account's root credentials. keys: access key id and when it was last used."""

    password: bool = False
    password_used: datetime | None = None
    keys: dict[str, datetime | None] = field(default_factory=dict)
    certificates: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)

    @property
    def credentials(self) -> frozenset[Credential]:
        found = {PASSWORD} if self.password else set()
        found |= {Credential(CredentialKind.ACCESS_KEY, key) for key in self.keys}
        found |= {Credential(CredentialKind.SIGNING_CERTIFICATE, name) for name in self.certificates}
        found |= {Credential(CredentialKind.MFA_DEVICE, serial) for serial in self.devices}
        return frozenset(found)

    def delete(self, credential: Credential) -> None:
        match credential.kind:
            case CredentialKind.PASSWORD:
                self.password = False
            case CredentialKind.ACCESS_KEY:
                self.keys.pop(credential.identifier, None)
            case CredentialKind.SIGNING_CERTIFICATE:
                self.certificates.discard(credential.identifier)
            case CredentialKind.MFA_DEVICE:
                self.devices.discard(credential.identifier)


@dataclass
class FakeRootSessions:
    """Root sessions in one account. refusals: AWS's answer by the name of the call it refuses.

    entered: the account of each session that was opened.
    """

    user: RootUser
    line: Line = field(default_factory=Line)
    refusals: dict[str, CallRefused] = field(default_factory=dict)
    entered: list[AccountId] = field(default_factory=list)

    def audit(self, account_id: AccountId) -> "FakeRootSessions":
        with self.call("audit session"):
            self.entered.append(account_id)
            return self

    def delete(self, account_id: AccountId) -> "FakeDeleteSession":
        with self.call("delete session"):
            self.entered.append(account_id)
            return FakeDeleteSession(self)

    def posture(self) -> Posture:
        with self.call("read back" if "posture" in self.line.calls else "posture"):
            return Posture.of(frozenset(credential.kind for credential in self.user.credentials))

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        with self.call(f"list {kind}"):
            found = sorted(self.user.credentials)
            return tuple(credential.identifier for credential in found if credential.kind is kind)

    def last_used(self, credential: Credential) -> datetime | None:
        with self.call(f"last used {credential.identifier}"):
            if credential == PASSWORD:
                return self.user.password_used
            return self.user.keys.get(credential.identifier)

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Carry one call, unless it is refused."""
        with self.line.call(name):
            if name in self.refusals:
                raise self.refusals[name]
            yield


@dataclass
class FakeDeleteSession:
    """A session that may list and delete."""

    sessions: FakeRootSessions

    def identifiers(self, kind: CredentialKind) -> tuple[str, ...]:
        return self.sessions.identifiers(kind)

    def last_used(self, credential: Credential) -> datetime | None:
        return self.sessions.last_used(credential)

    def delete(self, credential: Credential) -> None:
        with self.sessions.call(f"delete {credential.identifier}"):
            self.sessions.user.delete(credential)


@dataclass
class FakeReminders:
    """Reminders asked for, each with its burst."""

    sent: list[tuple[BurstReference, Burst]] = field(default_factory=list)

    def __call__(self, reference: BurstReference, burst: Burst) -> None:
        self.sent.append((reference, burst))


@dataclass
class FakeBus:
    """Outcomes as they are published. failures: how many of the next are not taken."""

    line: Line = field(default_factory=Line)
    published: list[Outcome] = field(default_factory=list)
    failures: int = 0

    def __call__(self, outcome: Outcome) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the bus does not answer")
        with self.line.call("publish"):
            self.published.append(outcome)

    @property
    def results(self) -> list[HardeningOutcome]:
        return [outcome for outcome in self.published if isinstance(outcome, HardeningOutcome)]

    @property
    def alerts(self) -> list[ActivityAlert]:
        return [outcome for outcome in self.published if isinstance(outcome, ActivityAlert)]

    @property
    def summaries(self) -> list[ActivitySummary]:
        return [outcome for outcome in self.published if isinstance(outcome, ActivitySummary)]
