"""What the state table keeps, in memory: the same answers, as tests hold (test_claims, test_state_table)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rootwarden.activity.bursts import AlertedEvent, Burst
from rootwarden.activity.judgement import SignIn
from rootwarden.activity.memory import Recalled
from rootwarden.claims import Claim, ClaimState
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord, Progress, Trigger
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecoveryWindow
from tests.unit.interruptions import Line


@dataclass
class _Work:
    lease_until: datetime | None = None
    done_until: datetime | None = None
    note: str | None = None
    noted_until: datetime | None = None


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
                return Claim(ClaimState.DONE, done_until=work.done_until)
            if work.lease_until and work.lease_until > now:
                return Claim(ClaimState.BUSY)
            work.lease_until, work.done_until = now + lease, None
            return Claim(ClaimState.OURS, work.note)

    def note(self, key: str, note: str) -> None:
        with self.line.call("claim noted"):
            self.work.setdefault(key, _Work()).note = note

    def keep_note(self, key: str, note: str, *, keep: timedelta) -> None:
        self.note(key, note)
        self.work[key].noted_until = self.clock() + keep

    def noted(self, key: str) -> str | None:
        work = self.work.get(key, _Work())
        return None if work.noted_until and work.noted_until <= self.clock() else work.note

    def release(self, key: str) -> None:
        with self.line.call("claim released"):
            self.work.setdefault(key, _Work()).lease_until = None

    def finish(self, key: str, *, remember: timedelta) -> None:
        with self.line.call("claim finished"):
            self.work[key] = _Work(done_until=self.clock() + remember if remember else None)


@dataclass
class FakeHardeningMemory:
    """Windows, and what was removed until people know, by account as in the state table."""

    line: Line = field(default_factory=Line)
    windows: dict[AccountId, RecoveryWindow] = field(default_factory=dict)
    removals: dict[AccountId, str] = field(default_factory=dict)
    named: dict[tuple[AccountId, str], str] = field(default_factory=dict)
    hardened: list[AccountId] = field(default_factory=list)
    windowed: set[AccountId] = field(default_factory=set)

    def had_window(self, account_id: AccountId) -> bool:
        with self.line.call("memory window before"):
            return account_id in self.windowed

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        with self.line.call("memory window"):
            return self.windows.get(account_id)

    def window_is_hardened(self, account_id: AccountId) -> None:
        with self.line.call("memory window hardened"):
            self.hardened.append(account_id)

    def unreported(self, account_id: AccountId, trigger: Trigger) -> Progress:
        with self.line.call("memory unreported"):
            named = self.named.get((account_id, trigger.event_id))
            return Progress.from_json(self.removals.get(account_id, named))

    def remember(self, account_id: AccountId, progress: Progress) -> None:
        with self.line.call("memory noted"):
            self.removals[account_id] = progress.to_json()
            self.named.clear()

    def reported(
        self, account_id: AccountId, trigger: Trigger, progress: Progress, *, may_repeat: bool
    ) -> None:
        with self.line.call("memory reported"):
            self.removals.pop(account_id, None)
            self.named = {(account_id, trigger.event_id): progress.to_json()} if may_repeat else {}


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
class FakeBursts:
    """Bursts as the state table keeps them. faster: how often another event is faster from now on."""

    kept: dict[str, Burst] = field(default_factory=dict)
    faster: int = 0

    def load(self, key: str) -> Burst | None:
        return self.kept.get(key)

    def open(self, key: str, burst: Burst, *, instead_of: Burst | None) -> bool:
        current = self.kept.get(key)
        expected = instead_of.opened_at if instead_of else None
        if self._is_late() or (current.opened_at if current else None) != expected:
            return False
        self.kept[key] = burst
        return True

    def count(self, key: str, burst: Burst) -> bool:
        return self._grow(key, burst, {})

    def remember(self, key: str, burst: Burst, act: str) -> bool:
        taken = key in self.kept and act in self.kept[key].acts
        return not taken and self._grow(key, burst, {act: burst.acts[act]})

    def summarised(self, key: str, burst: Burst) -> None:
        current = self.kept.get(key)
        if current and current.opened_at == burst.opened_at:
            self.kept[key] = replace(current, summarised=True)

    def _grow(self, key: str, burst: Burst, acts: dict[str, AlertedEvent]) -> bool:
        current = self.kept.get(key)
        if self._is_late() or current is None or current.opened_at != burst.opened_at:
            return False
        grown = {**current.acts, **acts}
        accounts = current.accounts | burst.accounts
        count = current.count + 1
        self.kept[key] = replace(current, last_at=burst.last_at, count=count, acts=grown, accounts=accounts)
        return True

    def _is_late(self) -> bool:
        self.faster, late = max(self.faster - 1, 0), self.faster > 0
        return late


@dataclass
class FakeActivityMemory:
    """Who opened which root session, and which recovery windows are open."""

    openers: dict[str, str] = field(default_factory=dict)
    windows: dict[AccountId, RecoveryWindow] = field(default_factory=dict)
    reports: dict[tuple[AccountId, str], Severity] = field(default_factory=dict)
    bursts: FakeBursts = field(default_factory=FakeBursts)
    root_events: dict[AccountId, datetime] = field(default_factory=dict)
    paths: dict[tuple[AccountId, str], datetime] = field(default_factory=dict)
    names: dict[AccountId, AccountReference] = field(default_factory=dict)

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        return self.reports.get((account_id, event_id))

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        self.reports[account_id, event_id] = severity

    def session_opener(self, access_key_id: str) -> str | None:
        return self.openers.get(access_key_id)

    def remember_session(self, access_key_id: str, opener: str) -> None:
        self.openers[access_key_id] = opener

    def recall(self, account_id: AccountId, bursts: Collection[str]) -> Recalled:
        found = {key: self.bursts.load(key) for key in bursts}
        return Recalled(window=self.windows.get(account_id), account=self.account(account_id), bursts=found)

    def account(self, account_id: AccountId) -> AccountReference | None:
        return self.names.get(account_id)

    def remember_account(self, account_id: AccountId, account: AccountReference) -> None:
        self.names[account_id] = account

    def root_event_arrived(self, account_id: AccountId, at: datetime) -> None:
        self.root_events[account_id] = at

    def path_worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        self.paths[account_id, region] = at


@dataclass
class FakeSignIns:
    """Sign-ins as the state table keeps them, without its bounds."""

    kept: dict[AccountId, frozenset[SignIn]] = field(default_factory=dict)

    def add(self, account_id: AccountId, sign_in: SignIn) -> frozenset[SignIn]:
        self.kept[account_id] = self.kept.get(account_id, frozenset()) | {sign_in}
        return self.kept[account_id]
