"""What stopped attempts removed is in the next sweep's rows, and on record until it is written there."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from rootwarden.events import AccountId
from rootwarden.hardening.outcome import Progress
from rootwarden.hardening.removal import Failure, Preview
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from rootwarden.sweep.row_judge import EarlierRemovals, with_removed
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, member

KEY = Credential(CredentialKind.ACCESS_KEY, "AKIAIOSFODNN7EXAMPLE")
DEVICE = Credential(CredentialKind.MFA_DEVICE, f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device")
CLEAN = AccountRow(account=member(), result=RowResult.CLEAN, audited_at=NOON, posture=Posture.of(frozenset()))
EXPOSED = replace(CLEAN, result=RowResult.EXPOSED, posture=Posture.of({CredentialKind.ACCESS_KEY}))
REFUSED = Failure(KEY.kind, KEY.identifier, "AccessDenied", "no")
SEEN_AGAIN = replace(EXPOSED, preview=Preview(stays=(REFUSED,)))
UNREACHABLE = replace(CLEAN, result=RowResult.UNREACHABLE, posture=None, code="AccessDenied", message="no")
PERHAPS = "an attempt that was stopped may have removed"


def _removed(row: AccountRow, *removed: Credential, **more: str) -> AccountRow:
    return replace(row, removed=removed, **more)  # type: ignore[arg-type]  # texts of the fields' names


@pytest.mark.parametrize(
    ("row", "removed", "tried", "said"),
    [
        (CLEAN, set(), set(), CLEAN),
        (CLEAN, {KEY}, set(), _removed(replace(CLEAN, result=RowResult.HARDENED), KEY)),
        (CLEAN, set(), {KEY}, _removed(replace(CLEAN, result=RowResult.HARDENED), KEY)),
        (CLEAN, {PASSWORD}, {KEY}, _removed(replace(CLEAN, result=RowResult.HARDENED), KEY, PASSWORD)),
        (EXPOSED, {PASSWORD}, {PASSWORD}, _removed(EXPOSED, PASSWORD)),
        (_removed(EXPOSED, DEVICE), {PASSWORD}, set(), _removed(EXPOSED, DEVICE, PASSWORD)),
        (
            EXPOSED,
            {PASSWORD},
            {PASSWORD, KEY, DEVICE},
            _removed(EXPOSED, PASSWORD, code="MayHaveBeenRemoved", message=f"{PERHAPS} {KEY}, {DEVICE}"),
        ),
        (SEEN_AGAIN, set(), {KEY}, SEEN_AGAIN),
        (UNREACHABLE, set(), {PASSWORD}, replace(UNREACHABLE, message=f"no; {PERHAPS} password")),
    ],
    ids=[
        "nothing",
        "removed from a clean account",
        "tried in an account that is clean now",
        "removed and tried in an account that is clean now",
        "tried and removed",
        "removed by this sweep and before",
        "tried, and nobody knows",
        "tried, and still there",
        "tried, and nobody could look",
    ],
)
def test_what_was_removed_is_named_and_what_may_have_been_is_said(
    row: AccountRow, removed: set[Credential], tried: set[Credential], said: AccountRow
) -> None:
    assert with_removed(row, frozenset(removed), frozenset(tried)) == said


SWEEP = "nightly-2"
KEPT = Progress(removed=frozenset({PASSWORD}), tried=frozenset({KEY}))
NAMED = _removed(EXPOSED, PASSWORD, code="MayHaveBeenRemoved", message=f"{PERHAPS} {KEY}")


@dataclass
class Record:
    """What was removed, as the state table keeps it for one account. said: by the outcome of which sweep."""

    kept: Progress = KEPT
    said: str | None = None
    asked: list[AccountId] = field(default_factory=list)

    def accounts(self) -> frozenset[AccountId]:
        return frozenset({MEMBER})

    def unreported(self, account_id: AccountId) -> Progress:
        self.asked.append(account_id)
        return Progress() if self.said else self.kept

    def named_by(self, event_id: str, account_id: AccountId) -> Progress:
        self.asked.append(account_id)
        return self.kept if event_id == self.said else Progress()

    def forget(self, account_id: AccountId) -> None:
        assert account_id == MEMBER
        self.kept = Progress()


def _named_in(
    record: Record, row: AccountRow = EXPOSED, settle: Callable[[AccountRow], AccountRow] | None = None
) -> AccountRow:
    [completed] = EarlierRemovals(removals=record, sweep_id=SWEEP, settle=settle).named_in([row])
    return completed


def _never(_row: AccountRow) -> AccountRow:
    raise AssertionError


def test_an_account_without_a_record_costs_no_question() -> None:
    record, other = Record(), replace(EXPOSED, account=replace(member(), account_id=MANAGEMENT))

    assert _named_in(record, other, _never) == other
    assert record.asked == []


def test_what_this_sweep_s_outcome_named_is_in_its_row_too() -> None:
    assert _named_in(Record(said=SWEEP), settle=_never) == NAMED


@pytest.mark.parametrize("record", [Record(said="nightly-1"), Record(kept=Progress())])
def test_what_another_outcome_named_or_nobody_removed_is_in_no_row(record: Record) -> None:
    assert _named_in(record, settle=_never) == EXPOSED


def test_a_sweep_that_only_looks_names_what_is_on_record_and_leaves_it_there() -> None:
    record = Record()

    assert _named_in(record) == NAMED
    assert record.kept == KEPT


def test_what_a_final_outcome_says_while_the_sweep_settles_is_its_row() -> None:
    record = Record()
    settled = replace(EXPOSED, code="Settled")

    def settle(row: AccountRow) -> AccountRow:
        assert row == EXPOSED
        record.said = SWEEP
        return settled

    assert _named_in(record, settle=settle) == settled


def test_where_no_final_outcome_could_be_said_the_row_names_it() -> None:
    assert _named_in(Record(), settle=lambda row: replace(row, code="Busy")) == replace(NAMED, code="Busy")


@pytest.mark.parametrize(
    ("said", "settle", "row", "kept"),
    [
        (SWEEP, _never, EXPOSED, Progress()),
        (SWEEP, None, EXPOSED, KEPT),
        ("nightly-1", _never, EXPOSED, KEPT),
        (None, _never, EXPOSED, KEPT),
        (SWEEP, _never, replace(EXPOSED, account=replace(member(), account_id=MANAGEMENT)), KEPT),
    ],
    ids=["named", "only looked", "named by another", "not named", "in no row"],
)
def test_only_what_is_named_and_written_is_forgotten(
    said: str | None,
    settle: Callable[[AccountRow], AccountRow] | None,
    row: AccountRow,
    kept: Progress,
) -> None:
    record = Record(said=said)

    EarlierRemovals(removals=record, sweep_id=SWEEP, settle=settle).forget_named([row])

    assert record.kept == kept
