"""What the state table keeps, in memory: the same answers, as tests hold (test_claims, test_state_table)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lambdas.domain.accounts import AccountId
from lambdas.domain.activity.bursts import Burst
from lambdas.domain.activity.severity import Severity
from lambdas.domain.claims import Claim, ClaimState
from lambdas.domain.hardening.progress import Progress
from lambdas.domain.posture_record import PostureRecord
from lambdas.domain.recovery.windows import RecoveryWindow
from tests.unit.interruptions import Line


@dataclass
class _Work:
    lease_until: datetime | None = None
    done_until: datetime | None = None
    note: str | None = None


@dataclass
class FakeClaims:
    """Claims as the state table keeps them."""

    clock: Callable[[], datetime]
    line: Line = field(default_factory=Line)
    work: dict[str, _Work] = field(default_factory=dict)

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        with self.line.call("claim"):
            work, now = self.work.setdefault(key, _Work()), self.clock()
            if work.done_until and work.done_until > now:
                return Claim(ClaimState.DONE)
            if work.lease_until and work.lease_until > now:
                return Claim(ClaimState.BUSY)
            work.lease_until, work.done_until = now + lease, None
            return Claim(ClaimState.OURS, work.note)

    def note(self, key: str, note: str) -> None:
        with self.line.call("claim noted"):
            self.work.setdefault(key, _Work()).note = note

    def release(self, key: str) -> None:
        with self.line.call("claim released"):
            self.work.setdefault(key, _Work()).lease_until = None

    def finish(self, key: str, *, remember: timedelta) -> None:
        with self.line.call("claim finished"):
            self.work[key] = _Work(done_until=self.clock() + remember)


@dataclass
class FakeHardeningMemory:
    """Progress stays with the claim, as in the state table."""

    claims: FakeClaims
    windows: dict[AccountId, RecoveryWindow] = field(default_factory=dict)

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        with self.claims.line.call("memory window"):
            return self.windows.get(account_id)

    def remember(self, work: str, progress: Progress) -> None:
        self.claims.note(work, progress.to_json())


@dataclass
class FakePostures:
    """The last posture known of each account."""

    line: Line = field(default_factory=Line)
    kept: dict[AccountId, PostureRecord] = field(default_factory=dict)

    def save(self, record: PostureRecord) -> None:
        with self.line.call("memory posture"):
            self.kept[record.account_id] = record

    def last(self, account_id: AccountId) -> PostureRecord | None:
        return self.kept.get(account_id)


@dataclass
class FakeActivityMemory:
    """Who opened which root session, and which recovery windows are open."""

    openers: dict[str, str] = field(default_factory=dict)
    windows: dict[AccountId, RecoveryWindow] = field(default_factory=dict)
    reports: dict[tuple[AccountId, str], Severity] = field(default_factory=dict)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        return self.reports.get((account_id, event_id))

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        self.reports[account_id, event_id] = severity

    def session_opener(self, access_key_id: str) -> str | None:
        return self.openers.get(access_key_id)

    def remember_session(self, access_key_id: str, opener: str) -> None:
        self.openers[access_key_id] = opener

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        return self.windows.get(account_id)


@dataclass
class FakeBursts:
    """Bursts with versions. faster: how often somebody else is faster from now on."""

    kept: dict[str, tuple[Burst, int]] = field(default_factory=dict)
    faster: int = 0

    def load(self, key: str) -> tuple[Burst | None, int]:
        return self.kept.get(key, (None, 0))

    def save(self, key: str, burst: Burst, version: int) -> bool:
        if self.faster:
            self.faster -= 1
            return False
        if version != self.load(key)[1]:
            return False
        self.kept[key] = burst, version + 1
        return True
