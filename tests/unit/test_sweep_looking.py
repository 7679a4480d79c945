"""What a batch finds in an account that it can look into, and what is known where a part of that fails."""

from rootwarden.accounts import AccountId
from rootwarden.coverage.probes import Probe
from rootwarden.hardening.removal import Preview
from rootwarden.root_credentials import PASSWORD, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON
from tests.unit.test_sweep_batch import DENIED, EXPOSED, Pool, Session, Worker, listed

FIRST, SECOND = (account.account_id for account in listed(1, 2))


def test_a_judgement_that_fails_keeps_the_posture() -> None:
    worker = Worker(Pool(postures={FIRST: EXPOSED}))

    def judge(_row: AccountRow) -> AccountRow:
        raise DENIED

    row = worker.audit(listed(1), judge=judge)[FIRST]

    assert (row.result, row.posture) == (RowResult.EXPOSED, EXPOSED)
    assert (row.code, row.message) == ("AccessDenied", "not authorized")


def test_an_exposed_account_is_looked_into_closer_and_any_account_is_probed() -> None:
    worker = Worker(Pool(postures={FIRST: EXPOSED}))
    probed: list[tuple[AccountId, Session]] = []

    def probe(account_id: AccountId, session: Session) -> tuple[Probe, ...]:
        probed.append((account_id, session))
        return (Probe(region="eu-west-1", at=NOON),)

    seen = {FIRST: Preview(goes=frozenset({PASSWORD})), SECOND: None}
    rows = worker.audit(listed(1, 2), look_closer=lambda session, _: seen[session.account_id], probe=probe)

    assert {each: row.preview for each, row in rows.items()} == seen
    assert {row.probes for row in rows.values()} == {(Probe(region="eu-west-1", at=NOON),)}
    assert sorted((each, session.account_id) for each, session in probed) == [(each, each) for each in seen]


def test_a_closer_look_that_fails_costs_nothing_else() -> None:
    worker = Worker(Pool(postures={FIRST: EXPOSED}))

    def look_closer(_session: Session, _posture: Posture) -> None:
        raise DENIED

    row = worker.audit(listed(1), look_closer=look_closer)[FIRST]

    assert (row.result, row.preview, row.code) == (RowResult.EXPOSED, None, None)
