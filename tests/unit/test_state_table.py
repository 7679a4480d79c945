"""What is kept in the state table, and that all of it expires."""

from datetime import timedelta

import pytest

from lambdas.adapters.account_records import AccountRecordsTable
from lambdas.adapters.bursts_table import BurstsTable
from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.hardening_memory import HardeningRecords
from lambdas.adapters.postures_table import PosturesTable
from lambdas.adapters.recovery_windows import RecoveryWindows
from lambdas.adapters.session_register import SessionRegister
from lambdas.adapters.state_table import StateTable, epoch, number, text
from lambdas.domain.activity.burst_grouping import BurstMemory
from lambdas.domain.activity.bursts import Burst
from lambdas.domain.activity.severity import Severity
from lambdas.domain.claims import ClaimState
from lambdas.domain.hardening.progress import Progress
from lambdas.domain.posture_record import PostureRecord
from lambdas.domain.recovery.windows import RecoveryWindow
from lambdas.domain.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from tests.unit.fake_state import FakeBursts
from tests.unit.fakes import NOON, FakeClock
from tests.unit.given import MEMBER, WINDOW

BURST = Burst(opened_at=NOON, last_at=NOON, count=3, highest=Severity.HIGH, alerted=("a", "b"))
RECORD = PostureRecord(
    account_id=MEMBER,
    name="payments-prod",
    posture=Posture(frozenset({CredentialKind.PASSWORD, CredentialKind.MFA_DEVICE})),
    result="partial",
    seen_at=NOON,
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "table"])
def bursts(request: pytest.FixtureRequest) -> BurstMemory:
    if request.param == "memory":
        return FakeBursts()
    return BurstsTable(request.getfixturevalue("table"))


def test_no_burst_is_version_0(bursts: BurstMemory) -> None:
    assert bursts.load("key") == (None, 0)


def test_a_burst_is_kept_whole(bursts: BurstMemory) -> None:
    assert bursts.save("key", BURST, 0)
    assert bursts.load("key") == (BURST, 1)


def test_nobodys_count_is_overwritten(bursts: BurstMemory) -> None:
    bursts.save("key", BURST, 0)

    assert not bursts.save("key", BURST, 0)
    assert bursts.save("key", BURST, 1)
    assert not bursts.save("key", BURST, 1)


def test_a_session_is_known_by_its_key(table: StateTable, clock: FakeClock) -> None:
    register = SessionRegister(table, clock)
    register.remember("ASIA1", "rootwarden")

    assert register.opener("ASIA1") == "rootwarden"
    assert register.opener("ASIA2") is None


def open_window(table: StateTable, **item: str) -> None:
    found = {name: text(value) for name, value in item.items()}
    found["until"] = number(epoch(WINDOW.until))
    table.put(f"WINDOW#{MEMBER}", found, expires_at=WINDOW.until)


def test_a_recovery_window_is_open_until_its_end(table: StateTable, clock: FakeClock) -> None:
    windows = RecoveryWindows(table, clock)
    assert windows.open_window(MEMBER) is None
    open_window(table, reason=WINDOW.reason, opened_by=WINDOW.opened_by)

    assert windows.open_window(MEMBER) == WINDOW
    clock.now = WINDOW.until - timedelta(seconds=1)
    assert windows.open_window(MEMBER) == WINDOW
    clock.now = WINDOW.until
    assert windows.open_window(MEMBER) is None


def test_a_window_that_tells_nothing_is_a_window_all_the_same(table: StateTable, clock: FakeClock) -> None:
    open_window(table)

    found = RecoveryWindows(table, clock).open_window(MEMBER)

    assert found == RecoveryWindow(until=WINDOW.until, reason="no reason on record", opened_by="unknown")


def test_progress_stays_with_the_claim(table: StateTable, clock: FakeClock) -> None:
    claims = ClaimsTable(table, "ACCOUNT", clock)
    records = HardeningRecords(claims, RecoveryWindows(table, clock))
    progress = Progress(
        before=RECORD.posture, found=frozenset({PASSWORD, Credential(CredentialKind.MFA_DEVICE, "arn:…")})
    )
    claims.begin(MEMBER, lease=timedelta(minutes=2))
    records.remember(MEMBER, progress)
    claims.release(MEMBER)

    note = claims.begin(MEMBER, lease=timedelta(minutes=2)).note

    assert Progress.from_json(note) == progress
    assert Progress.from_json(None) == Progress()
    assert Progress.from_json(Progress().to_json()) == Progress()


def test_a_posture_is_kept_until_the_account_leaves(table: StateTable, clock: FakeClock) -> None:
    postures = PosturesTable(table, clock)
    postures.save(RECORD)
    clean = PostureRecord(
        account_id=MEMBER, name=None, posture=Posture(frozenset()), result="clean", seen_at=NOON
    )

    assert postures.last(MEMBER) == RECORD
    postures.save(clean)
    assert postures.last(MEMBER) == clean


def test_an_account_is_forgotten_whole(table: StateTable, clock: FakeClock) -> None:
    postures, claims = PosturesTable(table, clock), ClaimsTable(table, "ACCOUNT", clock)
    records = AccountRecordsTable(table, postures)
    postures.save(RECORD)
    open_window(table)
    claims.begin(MEMBER, lease=timedelta(minutes=2))
    assert records.last(MEMBER) == RECORD

    records.forget(MEMBER)
    records.forget(MEMBER)

    assert records.last(MEMBER) is None
    assert RecoveryWindows(table, clock).open_window(MEMBER) is None
    assert claims.begin(MEMBER, lease=timedelta(minutes=2)).state is ClaimState.OURS


def test_everything_expires(table: StateTable, clock: FakeClock) -> None:
    BurstsTable(table).save("key", BURST, 0)
    SessionRegister(table, clock).remember("ASIA1", "rootwarden")
    PosturesTable(table, clock).save(RECORD)
    claims = ClaimsTable(table, "EVENT", clock)
    claims.begin("held", lease=timedelta(minutes=1))
    claims.begin("done", lease=timedelta(minutes=1))
    claims.finish("done", remember=timedelta(hours=1))

    items = table.client.scan(TableName=table.name)["Items"]

    assert len(items) == 5
    assert all(int(item["expires_at"]["N"]) > epoch(NOON) for item in items)
