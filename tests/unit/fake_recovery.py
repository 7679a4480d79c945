"""Recovery windows' collaborators in memory, and open_recovery's and close_recovery's parts around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from rootwarden.accounts import Account
from rootwarden.events import AccountId, Fields
from rootwarden.recovery.closing import RecoveryCloser
from rootwarden.recovery.history import WindowHistory
from rootwarden.recovery.opening import RecoveryOpener
from rootwarden.recovery.outcome import Change, PasswordRecovery, WindowChanged
from rootwarden.recovery.requests import persons_request, schedules_request
from rootwarden.recovery.windows import ClosedBy, ClosedHow, RecordedWindow, WindowState
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, read_request
from tests.unit.fake_state import FakeClaims
from tests.unit.fakes import FakeBus, FakeClock, FakeOrganization
from tests.unit.given import MANAGEMENT, MEMBER, member
from tests.unit.interruptions import Line

# After the beginning of a window of four hours: its own schedule had its turn.
OVERDUE = timedelta(hours=4, minutes=2)
REQUEST = {"account": MEMBER, "hours": 4, "reason": "lost MFA device", "requestedBy": "alice"}


@dataclass
class RefusingLine(Line):
    """A line on which AWS refuses calls by their name, each as often as it is in `refusing`."""

    refusing: list[str] = field(default_factory=list)

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        if name in self.refusing:
            self.refusing.remove(name)
            raise CallRefused("ServiceFailure", f"{name} did not work")
        with super().call(name):
            yield


@dataclass
class FakeWindows:
    """Windows as the state table keeps them."""

    line: Line
    kept: dict[AccountId, RecordedWindow] = field(default_factory=dict)
    index: set[AccountId] = field(default_factory=set)

    def find(self, account_id: AccountId) -> RecordedWindow | None:
        with self.line.call("find window"):
            return self.kept.get(account_id)

    def begin(self, standing: RecordedWindow) -> None:
        with self.line.call("index window"):
            self.index.add(standing.account_id)
        with self.line.call("begin window"):
            if standing.account_id in self.kept:
                raise CallRefused("ConditionalCheckFailedException", "there is one")
            self.kept[standing.account_id] = standing

    def mark(self, standing: RecordedWindow, state: WindowState, closed_by: ClosedBy | None = None) -> None:
        with self.line.call(f"mark {state}"):
            kept = self.kept.get(standing.account_id)
            if kept is None or kept.window.until != standing.window.until:
                raise CallRefused("ConditionalCheckFailedException", "it is gone")
            self.kept[standing.account_id] = replace(kept, state=state, closed_by=closed_by)

    def remove(self, account_id: AccountId) -> None:
        with self.line.call("remove window"):
            self.kept.pop(account_id, None)
        with self.line.call("remove from index"):
            self.index.discard(account_id)

    def accounts(self) -> tuple[AccountId, ...]:
        with self.line.call("read index"):
            return tuple(sorted(self.index))


@dataclass
class FakeHistories:
    """What the state table keeps of recent windows."""

    line: Line
    kept: dict[AccountId, WindowHistory] = field(default_factory=dict)

    def of(self, account_id: AccountId) -> WindowHistory:
        with self.line.call("read history"):
            return self.kept.get(account_id, WindowHistory())

    def keep(self, account_id: AccountId, history: WindowHistory) -> None:
        with self.line.call("keep history"):
            self.kept[account_id] = history

    def hardened(self, account_id: AccountId) -> None:
        self.kept[account_id] = replace(self.kept[account_id], closed_at=None)


@dataclass
class FakeEnds:
    """One-time schedules: when which account's window ends."""

    line: Line
    kept: dict[AccountId, datetime] = field(default_factory=dict)
    opened_at: dict[AccountId, datetime] = field(default_factory=dict)

    def set(self, standing: RecordedWindow) -> None:
        with self.line.call("set end"):
            self.opened_at[standing.account_id] = standing.opened_at
            self.kept[standing.account_id] = standing.window.until

    def delete(self, account_id: AccountId) -> None:
        with self.line.call("delete end"):
            self.kept.pop(account_id, None)


@dataclass
class FakePasswords:
    """Root sessions that allow password recovery, and the accounts where it is allowed."""

    line: Line
    allowed: set[AccountId] = field(default_factory=set)

    def enter(self, account_id: AccountId) -> "FakePasswordSession":
        with self.line.call("enter"):
            return FakePasswordSession(self, account_id)


@dataclass
class FakePasswordSession:
    """A session in one account."""

    passwords: FakePasswords
    account_id: AccountId

    def allow_recovery(self) -> PasswordRecovery:
        with self.passwords.line.call("allow recovery"):
            existed = self.account_id in self.passwords.allowed
            self.passwords.allowed.add(self.account_id)
        return PasswordRecovery.EXISTED if existed else PasswordRecovery.CREATED


@dataclass
class Recovery:
    """Both functions' parts around one member account."""

    account: Account | None = field(default_factory=member)
    line: RefusingLine = field(default_factory=RefusingLine)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        accounts = {self.account.account_id: self.account} if self.account else {}
        self.organization = FakeOrganization(accounts, self.line)
        self.windows, self.ends = FakeWindows(self.line), FakeEnds(self.line)
        self.passwords, self.bus = FakePasswords(self.line), FakeBus(self.line)
        self.claims, self.accounts = FakeClaims(self.clock, self.line), FakeClaims(self.clock, self.line)
        self.histories = FakeHistories(self.line)
        self.opener = RecoveryOpener(
            directory=self.organization,
            management_account_id=MANAGEMENT,
            windows=self.windows,
            histories=self.histories,
            ends=self.ends,
            enter=self.passwords.enter,
            claims=self.claims,
            accounts=self.accounts,
            publish=self.bus,
            clock=self.clock,
            longest_hours=12,
            hours_a_week=24,
        )
        self.closer = RecoveryCloser(
            directory=self.organization,
            windows=self.windows,
            histories=self.histories,
            ends=self.ends,
            claims=self.claims,
            publish=self.bus,
            clock=self.clock,
            sleep=lambda seconds: self.clock.move(timedelta(seconds=seconds)),
        )

    def open(self, **changes: object) -> Answer:
        """Ask for a window."""
        return self.opener.open(read_request({**REQUEST, **changes}))

    def open_approved_by(self, *approvers: str) -> Answer:
        """Ask for a window that others approved."""
        return self.opener.open(read_request(REQUEST), approved_by=approvers)

    def close(self, **changes: object) -> Answer:
        """Ask for a window's end as a person."""
        return self.closer.close(
            persons_request(Fields({"account": MEMBER, "requestedBy": "bob", **changes}))
        )

    def close_refused(self) -> str:
        """Ask for a window's end as a person, which AWS refuses; return its code."""
        with pytest.raises(CallRefused) as refused:
            self.close()
        return refused.value.code

    def close_on_schedule(self, until: datetime, opened_at: datetime | None = None) -> Answer:
        """Ask as the schedule of the window that ends then."""
        opened = {"openedAt": opened_at.isoformat()} if opened_at else {}
        asked = {"account": MEMBER, "until": until.isoformat(), **opened}
        return self.closer.close(schedules_request(Fields(asked)))

    def close_overdue(self, how: ClosedHow = ClosedHow.SWEEP) -> Answer:
        """Look for windows whose time is over."""
        return self.closer.close_overdue(ClosedBy(how))

    def come_to_the_end(self) -> Answer:
        """Let the schedule call, some seconds late as it does."""
        until = self.ends.kept[MEMBER]
        self.clock.now = max(self.clock.now, until) + timedelta(seconds=30)
        return self.close_on_schedule(until, self.ends.opened_at[MEMBER])

    @property
    def standing(self) -> RecordedWindow | None:
        """The account's window on record."""
        return self.windows.kept.get(MEMBER)

    @property
    def changes(self) -> list[WindowChanged]:
        """What was said."""
        return [outcome for outcome in self.bus.published if isinstance(outcome, WindowChanged)]

    @property
    def last_word(self) -> dict[str, object]:
        """All of what was said last, but for the account and the versions."""
        detail = self.changes[-1].to_detail()
        return {
            name: detail[name] for name in detail if name not in {"account", "version", "rootwardenVersion"}
        }

    @property
    def said(self) -> list[Change]:
        """What was said, in a word each."""
        return [outcome.change for outcome in self.changes]
