"""What is kept in the state table, and that all of it expires."""

import json
from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest
from msgspec import structs

from rootwarden.activity.bursts import BURST_LENGTH, AlertedEvent, Burst, BurstMemory
from rootwarden.activity.judgement import SignIn
from rootwarden.aws.activity_records import ActivityRecords, SignInsTable
from rootwarden.aws.bursts_table import BurstsTable
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.departures import AccountRecordsTable
from rootwarden.aws.hardening_records import HardeningRecords, PosturesTable
from rootwarden.aws.recovery_windows import RecoveryWindows, WindowHistoriesTable
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import (
    KeyKind,
    NotRead,
    StateTable,
    epoch,
    primary_key,
)
from rootwarden.claims import ClaimState
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord, Progress
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.history import Span, WindowHistory
from rootwarden.recovery.windows import RecordedWindow, RecoveryWindow, WindowState
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from tests.unit.fake_state import FakeBursts
from tests.unit.fakes import NOON, FakeClock
from tests.unit.given import MEMBER, TRIGGER, WINDOW

BURST = Burst(
    opened_at=NOON,
    ends_at=NOON + BURST_LENGTH,
    last_at=NOON,
    count=3,
    acts={
        "api_call": AlertedEvent("a", Severity.HIGH),
        "password_changed#Set": AlertedEvent("b", Severity.CRITICAL),
    },
)
RECORD = PostureRecord(
    account_id=MEMBER,
    name="payments-prod",
    posture=Posture.of(frozenset({CredentialKind.PASSWORD, CredentialKind.MFA_DEVICE})),
    result="partial",
    seen_at=NOON,
)


@pytest.fixture(params=["memory", "table"])
def bursts(request: pytest.FixtureRequest) -> BurstMemory:
    if request.param == "memory":
        return FakeBursts()
    return BurstsTable(request.getfixturevalue("table"))


def test_a_burst_is_kept_whole(bursts: BurstMemory) -> None:
    assert bursts.load("key") is None
    assert bursts.open("key", BURST, instead_of=None)
    assert bursts.load("key") == BURST


def test_a_burst_is_opened_once(bursts: BurstMemory) -> None:
    later = replace(BURST, opened_at=BURST.ends_at, ends_at=BURST.ends_at + BURST_LENGTH)
    bursts.open("key", BURST, instead_of=None)

    assert not bursts.open("key", BURST, instead_of=None)
    assert bursts.open("key", later, instead_of=BURST)
    assert not bursts.open("key", later, instead_of=BURST)
    assert bursts.load("key") == later


def test_events_at_the_same_moment_are_all_counted(bursts: BurstMemory) -> None:
    bursts.open("key", BURST, instead_of=None)
    grown = replace(BURST, count=4, last_at=NOON + timedelta(minutes=1))

    assert bursts.count("key", grown)
    assert bursts.count("key", grown)
    assert bursts.load("key") == replace(grown, count=5)


def test_accounts_reached_for_at_the_same_moment_are_all_kept(bursts: BurstMemory) -> None:
    """A burst that was kept without accounts takes some."""
    bursts.open("key", BURST, instead_of=None)
    first, second, third = (AccountId(f"{number:012}") for number in range(3))
    act = {**BURST.acts, "worse": AlertedEvent("c", Severity.CRITICAL)}

    assert bursts.count("key", replace(BURST, accounts=frozenset({first})))
    assert bursts.count("key", replace(BURST, accounts=frozenset({first, second})))
    assert bursts.remember("key", replace(BURST, acts=act, accounts=frozenset({first, third})), "worse")
    assert bursts.count("key", BURST)

    kept = bursts.load("key")
    assert kept is not None
    assert (kept.count, kept.accounts) == (BURST.count + 4, frozenset({first, second, third}))
    later = replace(kept, opened_at=BURST.ends_at)
    assert bursts.open("key", later, instead_of=kept)
    assert bursts.load("key") == later


def test_one_of_two_like_acts_at_the_same_moment_alerts(bursts: BurstMemory) -> None:
    bursts.open("key", BURST, instead_of=None)
    act = AlertedEvent("c", Severity.CRITICAL)
    grown = replace(BURST, count=4, acts={**BURST.acts, "credential_created#CreateAccessKey": act})

    assert bursts.remember("key", grown, "credential_created#CreateAccessKey")
    assert not bursts.remember("key", grown, "credential_created#CreateAccessKey")
    assert bursts.load("key") == grown


def test_what_comes_too_late_for_a_burst_is_not_counted_in_the_next(bursts: BurstMemory) -> None:
    later = replace(BURST, opened_at=BURST.ends_at, ends_at=BURST.ends_at + BURST_LENGTH)
    bursts.open("key", later, instead_of=None)

    assert not bursts.count("key", BURST)
    assert not bursts.remember("key", replace(BURST, acts={"new": BURST.acts["api_call"]}), "new")
    bursts.summarised("key", BURST)
    assert bursts.load("key") == later


def test_a_summary_that_was_sent_is_put_down(bursts: BurstMemory) -> None:
    bursts.open("key", BURST, instead_of=None)

    bursts.summarised("key", BURST)

    assert bursts.load("key") == replace(BURST, summarised=True)


LONG_TEXT = "arn:aws:iam::444455556666:user/" + "x" * 5000


def test_a_key_of_any_length_is_kept_and_found(table: StateTable) -> None:
    """DynamoDB refuses keys over 2,048 bytes; all kinds of keys with a text of others in them are tried."""
    bursts, claims = BurstsTable(table), ClaimsTable(table, KeyKind.EVENT)
    register = SessionRegister(table)
    for text_of_others in (LONG_TEXT, LONG_TEXT + "y", "\N{PILE OF POO}" * 1000):
        claims.begin(text_of_others, lease=timedelta(minutes=1))
        claims.note(text_of_others, "a note")
        claims.release(text_of_others)
        assert claims.begin(text_of_others, lease=timedelta(minutes=1)).note == "a note"
        claims.finish(text_of_others, remember=timedelta(hours=1))
        assert claims.is_done(text_of_others)
        assert bursts.open(text_of_others, BURST, instead_of=None)
        assert bursts.count(text_of_others, BURST)
        assert bursts.load(text_of_others) == replace(BURST, count=4)
        register.remember(text_of_others, "one")
        register.remember_all([text_of_others], text_of_others[-1])
        assert register.opener(text_of_others) == text_of_others[-1]

    keys = [item["pk"]["S"] for item in table.client.scan(TableName=table.name)["Items"]]
    assert len(keys) == 9
    assert all(len(key.encode()) <= 2048 for key in keys)


def test_the_keys_we_usually_have_stay_readable() -> None:
    assert primary_key(f"POSTURE#{MEMBER}") == f"POSTURE#{MEMBER}"


def test_a_session_is_known_by_its_key(table: StateTable) -> None:
    register = SessionRegister(table)
    register.remember("ASIA1", "rootwarden")

    assert register.opener("ASIA1") == "rootwarden"
    assert register.opener("ASIA2") is None


def open_window(table: StateTable, **item: str) -> None:
    table.put(f"WINDOW#{MEMBER}", {**item, "until": epoch(WINDOW.until)})


def test_a_recovery_window_is_open_until_its_end(table: StateTable, clock: FakeClock) -> None:
    windows = RecoveryWindows(table)
    assert windows.open_window(MEMBER) is None
    open_window(table, reason=WINDOW.reason, opened_by=WINDOW.opened_by)

    assert windows.open_window(MEMBER) == WINDOW
    clock.now = WINDOW.until - timedelta(seconds=1)
    assert windows.open_window(MEMBER) == WINDOW
    clock.now = WINDOW.until
    assert windows.open_window(MEMBER) is None


def test_a_window_that_tells_nothing_is_a_window_all_the_same(table: StateTable) -> None:
    open_window(table)

    found = RecoveryWindows(table).open_window(MEMBER)

    assert found == RecoveryWindow(until=WINDOW.until, reason="no reason on record", opened_by="unknown")


def test_what_was_removed_is_on_record_until_people_know(table: StateTable) -> None:
    removals = HardeningRecords(table)
    progress = Progress(
        before=RECORD.posture,
        tried=frozenset({PASSWORD}),
        removed=frozenset({Credential(CredentialKind.MFA_DEVICE, "arn:…")}),
    )
    assert (removals.unreported(MEMBER), removals.accounts()) == (Progress(), frozenset())

    removals.remember(MEMBER, progress)
    assert (removals.unreported(MEMBER), removals.accounts()) == (progress, frozenset({MEMBER}))

    in_sweep = HardeningRecords(table, in_sweep=True)
    in_sweep.reported(MEMBER, structs.replace(TRIGGER, event_id="sweep-1"), progress, may_repeat=False)
    assert (removals.unreported(MEMBER), removals.accounts()) == (Progress(), frozenset({MEMBER}))
    assert removals.named_by("sweep-1", MEMBER) == progress
    assert removals.named_by("sweep-2", MEMBER) == Progress()

    for _ in range(2):
        removals.reported(MEMBER, TRIGGER, progress, may_repeat=True)
        assert (removals.unreported(MEMBER), removals.accounts()) == (Progress(), frozenset())
        # Whoever repeats the trigger's work after a crash says the same again.
        assert removals.unreported(MEMBER, TRIGGER) == progress

    for _ in range(2):
        removals.reported(MEMBER, TRIGGER, progress, may_repeat=False)
        assert (removals.unreported(MEMBER, TRIGGER), removals.accounts()) == (Progress(), frozenset())


def test_a_window_history_is_kept_and_stops_waiting(table: StateTable) -> None:
    histories = WindowHistoriesTable(table)
    span = Span(NOON - timedelta(hours=4), NOON)
    history = WindowHistory((span,), closed_at=NOON)
    histories.keep(MEMBER, history)
    assert histories.of(MEMBER) == history

    HardeningRecords(table).window_is_hardened(MEMBER)

    assert histories.of(MEMBER) == WindowHistory((span,))


def test_a_window_is_remembered_for_15_days_also_after_an_opening_that_was_undone(
    table: StateTable, clock: FakeClock
) -> None:
    histories, records = WindowHistoriesTable(table), HardeningRecords(table)
    span = Span(NOON - timedelta(hours=4), NOON)
    histories.keep(MEMBER, WindowHistory((span,)))

    clock.move(timedelta(days=9))
    histories.keep(MEMBER, histories.of(MEMBER))

    assert table.get(KeyKind.WINDOWED.key(MEMBER))["expires_at"] == epoch(NOON + timedelta(days=15))
    assert records.had_window(MEMBER)
    # DynamoDB deletes late.
    clock.move(timedelta(days=6))
    assert not records.had_window(MEMBER)


def test_a_window_that_an_earlier_version_kept_by_its_planned_end_is_read(table: StateTable) -> None:
    opened, ended, until = (epoch(NOON - timedelta(hours=hours)) for hours in (4, 3, 1))
    kept = {"spans": json.dumps({until: [opened, ended]})}
    table.put(KeyKind.WINDOWED.key(MEMBER), kept)

    [span] = WindowHistoriesTable(table).of(MEMBER).spans

    assert span == Span(NOON - timedelta(hours=4), NOON - timedelta(hours=3))


def test_what_a_sweep_saw_is_told_unless_a_hardening_is_newer(table: StateTable) -> None:
    postures = PosturesTable(table)
    seen = replace(RECORD, result="exposed", seen_at=NOON + timedelta(days=1))
    postures.save(RECORD)
    postures.save_seen([seen])
    assert postures.last(MEMBER) == seen
    newer = replace(RECORD, result="hardened", seen_at=NOON + timedelta(days=2))
    postures.save(newer)
    assert postures.last(MEMBER) == newer
    AccountRecordsTable(table, postures, HardeningRecords(table)).forget(MEMBER, NOON)
    assert postures.last(MEMBER) is None


def test_a_posture_is_kept_until_the_account_leaves(table: StateTable) -> None:
    postures = PosturesTable(table)
    postures.save(RECORD)
    clean = PostureRecord(
        account_id=MEMBER, name=None, posture=Posture.of(frozenset()), result="clean", seen_at=NOON
    )

    assert postures.last(MEMBER) == RECORD
    postures.save(clean)
    assert postures.last(MEMBER) == clean


def test_an_account_is_forgotten_whole(table: StateTable) -> None:
    postures, claims = PosturesTable(table), ClaimsTable(table, KeyKind.ACCOUNT)
    records = AccountRecordsTable(table, postures, HardeningRecords(table))
    postures.save(RECORD)
    open_window(table)
    claims.begin(MEMBER, lease=timedelta(minutes=2))
    assert records.last(MEMBER) == RECORD

    records.forget(MEMBER, NOON)
    records.forget(MEMBER, NOON)

    assert records.last(MEMBER) is None
    assert RecoveryWindows(table).open_window(MEMBER) is None
    assert claims.begin(MEMBER, lease=timedelta(minutes=2)).state is ClaimState.OURS


def test_a_window_newer_than_the_leaving_stays(table: StateTable) -> None:
    windows = RecoveryWindows(table)
    records = AccountRecordsTable(table, PosturesTable(table), HardeningRecords(table))
    windows.begin(
        RecordedWindow(
            account_id=MEMBER,
            account=AccountReference(account_id=MEMBER),
            window=WINDOW,
            state=WindowState.OPEN,
            opened_at=NOON,
        )
    )

    records.forget(MEMBER, NOON - timedelta(seconds=1))
    assert windows.open_window(MEMBER)
    records.forget(MEMBER, NOON)
    assert not windows.open_window(MEMBER)


def test_everything_expires(table: StateTable) -> None:
    BurstsTable(table).open("key", BURST, instead_of=None)
    SignInsTable(table).add(MEMBER, SignIn(at=epoch(NOON), event="a", succeeded=False))
    SessionRegister(table).remember("ASIA1", "rootwarden")
    PosturesTable(table).save(RECORD)
    claims = ClaimsTable(table, KeyKind.EVENT)
    claims.begin("held", lease=timedelta(minutes=1))
    claims.begin("done", lease=timedelta(minutes=1))
    claims.finish("done", remember=timedelta(hours=1))

    items = table.client.scan(TableName=table.name)["Items"]

    assert len(items) == 6
    assert all(int(item["expires_at"]["N"]) > epoch(NOON) for item in items)


def test_what_is_found_of_an_event_is_written_with_the_end_of_its_claim(table: StateTable) -> None:
    records = ActivityRecords(table)
    assert records.begin("event", lease=timedelta(seconds=60)).state is ClaimState.OURS
    records.remember_report(MEMBER, "id", Severity.HIGH)
    records.root_event_arrived(MEMBER, NOON)
    assert records.reported(MEMBER, "id") is None

    records.finish("event", remember=timedelta(days=1))

    assert records.reported(MEMBER, "id") is Severity.HIGH
    assert table.get(f"ROOTEVENT#{MEMBER}")["seen_at"] == epoch(NOON)
    assert records.begin("event", lease=timedelta(seconds=60)).state is ClaimState.DONE


def test_nothing_found_of_an_event_stands_where_it_is_to_be_judged_again(table: StateTable) -> None:
    records = ActivityRecords(table)
    records.begin("event", lease=timedelta(seconds=60))
    records.remember_report(MEMBER, "id", Severity.HIGH)
    records.release("event")

    records.begin("other", lease=timedelta(seconds=60))
    records.finish("other", remember=timedelta(days=1))

    assert records.reported(MEMBER, "id") is None
    assert records.begin("event", lease=timedelta(seconds=60)).state is ClaimState.OURS


def test_what_arrives_without_a_claim_is_written_at_once(table: StateTable) -> None:
    ActivityRecords(table).root_event_arrived(MEMBER, NOON)

    assert table.get(f"ROOTEVENT#{MEMBER}")["seen_at"] == epoch(NOON)


def test_an_alert_learns_of_bursts_and_the_window_in_one_look(table: StateTable) -> None:
    BurstsTable(table).open("key", BURST, instead_of=None)
    long = "k" * 5000
    BurstsTable(table).open(long, BURST, instead_of=None)

    recalled = ActivityRecords(table).recall(MEMBER, ["key", long, "other"])

    assert recalled.window is None
    assert recalled.bursts == {"key": BURST, long: BURST, "other": None}


def test_items_that_dynamodb_leaves_unread_are_asked_for_again() -> None:
    client, left = Mock(), {"state": {"Keys": [{"pk": {"S": "b"}}]}}
    client.batch_get_item.side_effect = [
        {"Responses": {"state": [{"pk": {"S": "a"}}]}, "UnprocessedKeys": left},
        {"Responses": {"state": [{"pk": {"S": "b"}}]}},
    ]

    assert set(StateTable(client, "state", sleep=Mock()).get_all(["a", "b", "c"])) == {"a", "b"}
    assert client.batch_get_item.call_args.kwargs["RequestItems"]["state"]["Keys"] == [{"pk": {"S": "b"}}]

    client.batch_get_item.side_effect = None
    client.batch_get_item.return_value = {"Responses": {}, "UnprocessedKeys": left}
    with pytest.raises(NotRead, match="left 1 of 3 items unread"):
        StateTable(client, "state", sleep=Mock()).get_all(["a", "b", "c"])
