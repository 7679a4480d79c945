"""A batch of accounts: a row each, on record before use, and one account's failure is its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.accounts import Account
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.batch import RECORDED_TOGETHER, Attempts, BatchAudit
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON, FakeClock

CLEAN = Posture.of(frozenset())
EXPOSED = Posture.of(frozenset({CredentialKind.PASSWORD}))
THROTTLED = CallRefused("Throttling", "Rate exceeded")
DENIED = CallRefused("AccessDenied", "not authorized")
STUMBLED = CallRefused("ServiceUnavailable", "try again", is_transient=True)


@dataclass
class Session:
    account_id: AccountId
    pool: "Pool"

    def posture(self) -> Posture:
        assert self.account_id in self.pool.recorded, "used before it was on record"
        self.pool.call(f"look {self.account_id}")
        return self.pool.postures.get(self.account_id, CLEAN)


@dataclass
class Pool:
    """Root sessions. refusals: what a call is refused with, each time one of them."""

    postures: dict[AccountId, Posture] = field(default_factory=dict)
    refusals: dict[str, list[Exception]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    recorded: set[AccountId] = field(default_factory=set)
    writes: list[int] = field(default_factory=list)
    held: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.held.set()

    def call(self, name: str) -> None:
        self.held.wait(5)
        with self.lock:
            self.calls[name] += 1
            refusals = self.refusals.get(name)
            if refusals:
                raise refusals.pop(0)

    def open(self, account_id: AccountId) -> Session:
        self.call(f"open {account_id}")
        return Session(account_id, self)

    def put_on_record(self, sessions: Sequence[Session]) -> None:
        self.call("record")
        self.writes.append(len(sessions))
        self.recorded |= {session.account_id for session in sessions}


@dataclass
class Worker:
    """A worker with a pool. Sleeping takes from the time that is left, and nothing else does."""

    pool: Pool = field(default_factory=Pool)
    left: float = 60.0
    slept: list[float] = field(default_factory=list)
    unforeseen: list[Exception] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= seconds

    def audit(self, accounts: Sequence[Account], **parts: object) -> dict[str, AccountRow]:
        attempts = Attempts(
            sleep=self.sleep,
            time_left=lambda: self.left,
            unforeseen=self.unforeseen.append,
            chance=lambda: 1,
        )
        audit = BatchAudit(
            pool=self.pool,
            settled=lambda *_: None,
            judge=lambda row: row,
            attempts=attempts,
            clock=FakeClock(),
            threads=4,
        )
        rows = replace(audit, **parts).rows(accounts)  # type: ignore[arg-type]  # the parts are the fields'
        assert len({row.account.account_id for row in rows}) == len(rows)
        return {row.account.account_id: row for row in rows}


def listed(*numbers: int) -> list[Account]:
    return [Account(account_id=_id(number), name=f"a{number}", state="ACTIVE") for number in numbers]


def _id(number: int) -> AccountId:
    return AccountId(f"{number:012d}")


def test_a_clean_account_costs_two_calls_and_a_share_of_one_write_though_it_is_listed_twice() -> None:
    worker = Worker()

    rows = worker.audit(listed(*range(55), 1))

    assert {row.result for row in rows.values()} == {RowResult.CLEAN}
    assert set(rows) == {_id(number) for number in range(55)}
    assert worker.pool.calls.pop("record") == 3
    assert set(worker.pool.calls.values()) == {1}
    assert len(worker.pool.calls) == 110
    # As many together as the table takes.
    assert sorted(worker.pool.writes) == [5, RECORDED_TOGETHER, RECORDED_TOGETHER]


def test_nothing_to_audit_is_no_call() -> None:
    worker = Worker()

    assert worker.audit([]) == {}
    assert not worker.pool.calls


def test_an_account_that_is_settled_costs_no_call() -> None:
    worker = Worker()

    def settled(account: Account, now: object) -> AccountRow | None:
        assert now
        if account.account_id == _id(1):
            return AccountRow(account=account, result=RowResult.MANAGEMENT, audited_at=FakeClock()())
        return None

    rows = worker.audit(listed(1, 2), settled=settled)

    assert rows[_id(1)].result is RowResult.MANAGEMENT
    assert f"open {_id(1)}" not in worker.pool.calls


@pytest.mark.parametrize("call", ["open", "look"])
def test_a_refused_account_is_unreachable_with_awss_words_and_alone(call: str) -> None:
    worker = Worker(Pool(refusals={f"{call} {_id(1)}": [DENIED]}))

    rows = worker.audit(listed(0, 1, 2))

    assert [rows[_id(n)].result for n in range(3)] == [
        RowResult.CLEAN,
        RowResult.UNREACHABLE,
        RowResult.CLEAN,
    ]
    assert rows[_id(1)] == AccountRow(
        account=listed(1)[0],
        result=RowResult.UNREACHABLE,
        audited_at=NOON,
        code="AccessDenied",
        message="not authorized",
    )


@pytest.mark.parametrize("refusal", [THROTTLED, STUMBLED], ids=lambda refusal: refusal.code)
@pytest.mark.parametrize("call", [f"open {_id(1)}", f"look {_id(1)}", "record"])
def test_what_may_pass_slows_and_loses_nothing(call: str, refusal: CallRefused) -> None:
    worker = Worker(Pool(refusals={call: [refusal] * 4}))

    rows = worker.audit(listed(0, 1, 2))

    assert {row.result for row in rows.values()} == {RowResult.CLEAN}
    assert len(rows) == 3
    assert worker.slept == [0.1, 0.2, 0.4, 0.8]


def test_throttling_until_the_time_is_over_is_told() -> None:
    worker = Worker(Pool(refusals={f"open {_id(1)}": [THROTTLED] * 99}), left=20)

    rows = worker.audit(listed(1))

    assert rows[_id(1)].result is RowResult.UNREACHABLE
    assert rows[_id(1)].code == "Throttling"
    assert sum(worker.slept) < 20


def test_sessions_that_cannot_be_put_on_record_are_not_used() -> None:
    worker = Worker(Pool(refusals={"record": [CallRefused("AccessDenied", "the table")]}))

    rows = worker.audit(listed(0, 1))

    assert {row.result for row in rows.values()} == {RowResult.UNREACHABLE}
    assert not any(name.startswith("look") for name in worker.pool.calls)


def test_an_error_nobody_foresaw_is_a_row_and_told() -> None:
    worker = Worker(Pool(refusals={f"look {_id(1)}": [KeyError("SummaryMap")]}))

    rows = worker.audit(listed(0, 1))

    assert rows[_id(0)].result is RowResult.CLEAN
    assert (rows[_id(1)].result, rows[_id(1)].code) == (RowResult.UNREACHABLE, "KeyError")
    assert [type(error) for error in worker.unforeseen] == [KeyError]


def test_when_the_time_is_over_what_is_done_is_returned() -> None:
    worker = Worker(left=0)

    def settled(account: Account, _now: object) -> AccountRow | None:
        done = account.account_id == _id(1)
        return (
            AccountRow(account=account, result=RowResult.NOT_ACTIVE, audited_at=FakeClock()())
            if done
            else None
        )

    worker.pool.held.clear()
    rows = worker.audit(listed(1, 2, 3), settled=settled)
    worker.pool.held.set()

    assert set(rows) == {_id(1)}


@given(
    st.dictionaries(
        st.integers(0, 40),
        st.lists(st.sampled_from([THROTTLED, STUMBLED, DENIED, RuntimeError("broken")]), max_size=3),
        min_size=1,
    )
)
def test_whatever_fails_every_account_has_exactly_one_row(failures: dict[int, list[Exception]]) -> None:
    worker = Worker(
        Pool(refusals={f"open {_id(number)}": list(f) for number, f in failures.items()}), left=1e6
    )

    rows = worker.audit(listed(*failures))

    assert set(rows) == {_id(number) for number in failures}
    for number, refusals in failures.items():
        final = next((refusal for refusal in refusals if refusal not in {THROTTLED, STUMBLED}), None)
        expected = RowResult.UNREACHABLE if final else RowResult.CLEAN
        assert rows[_id(number)].result is expected
