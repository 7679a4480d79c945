"""What a batch finds in an account that it can look into, and what is known where a part of that fails."""

from dataclasses import dataclass, field, replace
from threading import Event

import pytest

from rootwarden.coverage.probes import Probe
from rootwarden.events import AccountId
from rootwarden.hardening.removal import Preview
from rootwarden.root_credentials import PASSWORD, Posture
from rootwarden.sweep.batch import RECORDED_TOGETHER
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON
from tests.unit.test_sweep_batch import CLEAN, DENIED, EXPOSED, Pool, Session, Worker, listed

FIRST, SECOND = listed(1, 2)
SEEN = Preview(goes=frozenset({PASSWORD}))
PROBE = Probe(region="eu-west-1", at=NOON)


def test_a_judgement_that_fails_keeps_the_posture() -> None:
    worker = Worker(Pool(postures={FIRST.account_id: EXPOSED}))

    def judge(_row: AccountRow) -> AccountRow:
        raise DENIED

    row = worker.audit([FIRST], judge=judge)[FIRST.account_id]

    assert (row.result, row.posture) == (RowResult.EXPOSED, EXPOSED)
    assert (row.code, row.message) == ("AccessDenied", "not authorized")


def test_an_exposed_account_is_looked_into_closer_and_any_account_is_probed() -> None:
    worker = Worker(Pool(postures={FIRST.account_id: EXPOSED}))
    looked: list[tuple[AccountId, Posture]] = []
    probed: list[tuple[AccountId, AccountId]] = []

    def look_closer(session: Session, posture: Posture) -> Preview:
        looked.append((session.account_id, posture))
        return SEEN

    def probe(account_id: AccountId, session: Session) -> tuple[Probe, ...]:
        probed.append((account_id, session.account_id))
        return (PROBE,)

    rows = worker.audit([FIRST, SECOND], look_closer=look_closer, probe=probe)

    clean = AccountRow(
        account=SECOND, result=RowResult.CLEAN, audited_at=NOON, posture=CLEAN, probes=(PROBE,)
    )
    exposed = replace(clean, account=FIRST, result=RowResult.EXPOSED, posture=EXPOSED, preview=SEEN)
    assert rows == {FIRST.account_id: exposed, SECOND.account_id: clean}
    assert looked == [(FIRST.account_id, EXPOSED)]
    assert sorted(probed) == [(account.account_id, account.account_id) for account in (FIRST, SECOND)]


@dataclass
class SlowPool(Pool):
    """Root sessions, of which one opens only after another was used."""

    slow: AccountId = SECOND.account_id
    is_used: Event = field(default_factory=Event)
    opened_after_use: bool = False

    def open(self, account_id: AccountId) -> Session:
        if account_id == self.slow:
            self.opened_after_use = self.is_used.wait(5)
        return super().open(account_id)


@pytest.mark.parametrize(
    ("others", "left"),
    [(1, 0.01), (RECORDED_TOGETHER, 60.0)],
    ids=["no time for patience", "enough to record"],
)
def test_sessions_are_used_though_another_is_slow_to_open(others: int, left: float) -> None:
    accounts = listed(*range(others + 1))
    pool = SlowPool(slow=accounts[-1].account_id)

    def judge(row: AccountRow) -> AccountRow:
        pool.is_used.set()
        return row

    rows = Worker(pool, left=left).audit(accounts, judge=judge)

    assert pool.opened_after_use
    assert set(rows) == {account.account_id for account in accounts}


def test_a_closer_look_that_fails_costs_nothing_else() -> None:
    worker = Worker(Pool(postures={FIRST.account_id: EXPOSED}))

    def look_closer(_session: Session, _posture: Posture) -> None:
        raise DENIED

    row = worker.audit([FIRST], look_closer=look_closer)[FIRST.account_id]

    assert (row.result, row.preview, row.code) == (RowResult.EXPOSED, None, None)
