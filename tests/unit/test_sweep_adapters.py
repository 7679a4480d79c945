"""A sweep's way to AWS: shared clients, sessions on record in batches, the list and the results."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from rootwarden.accounts import Account
from rootwarden.aws import clients
from rootwarden.aws.clients import RootSessionKeys
from rootwarden.aws.organizations import list_accounts
from rootwarden.aws.root_session_pool import (
    RateLimiter,
    RegionalStsClients,
    RootSessionPool,
    limited_sts_client,
    shared_iam_client,
    signed_with,
    sweep_sessions,
)
from rootwarden.aws.root_sessions import AnnouncingRegister, assume_root
from rootwarden.aws.state_table import NotWritten, StateTable
from rootwarden.aws.sweep_records import SweepStore, attempt_name
from rootwarden.contract.functions import AUDIT
from rootwarden.contract.names import NEVER_USED, OURS
from rootwarden.events import AccountId
from rootwarden.outcomes import SessionsNotRecorded
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult, Sweep
from tests.unit.fakes import NOON, FakeBus, FakeClock
from tests.unit.given import MEMBER, UNIT
from tests.unit.log_lines import LogLines
from tests.unit.sweep_aws import ENDPOINTS, WireAws, summary

SWEEP = Sweep(sweep_id="nightly-1", started_at=NOON, mode=None)
MEMBERS = [AccountId(f"{number:012d}") for number in range(40)]


@pytest.fixture
def aws_on_the_wire() -> WireAws:
    return WireAws(exposed={MEMBER: ("AccountPasswordPresent",)})


@pytest.fixture
def turns() -> list[float]:
    """What the rate limiter slept."""
    return []


@pytest.fixture
def pool(
    aws_on_the_wire: WireAws, turns: list[float], table: StateTable, monkeypatch: pytest.MonkeyPatch
) -> RootSessionPool:
    for name, value in ENDPOINTS.items():
        monkeypatch.setenv(name, value)
    limiter = RateLimiter(10, clock=lambda: 0.0, sleep=turns.append)
    pool = RootSessionPool(
        sts=limited_sts_client(8, limiter),
        iam=shared_iam_client(8),
        register=AnnouncingRegister(table, FakeBus()),
        sts_in=RegionalStsClients(8),
    )
    for client in (pool.sts, pool.iam):
        aws_on_the_wire.answer_for(client)
    return pool


def test_the_posture_is_seen_with_the_accounts_own_keys(
    pool: RootSessionPool, aws_on_the_wire: WireAws
) -> None:
    posture = pool.audit(MEMBER).posture()

    assert posture == Posture.of(frozenset({CredentialKind.PASSWORD}))
    assert aws_on_the_wire.requests == [f"AssumeRoot {MEMBER}", f"GetAccountSummary {MEMBER}"]


def test_one_client_signs_many_accounts_calls_at_once_each_with_its_own_keys(
    pool: RootSessionPool, aws_on_the_wire: WireAws
) -> None:
    with ThreadPoolExecutor(8) as threads:
        sessions = list(threads.map(pool.open, MEMBERS))
        aws_on_the_wire.requests.clear()
        list(threads.map(lambda session: session.posture(), sessions))

    assert sorted(aws_on_the_wire.requests) == [f"GetAccountSummary {account}" for account in MEMBERS]


def test_a_call_that_no_root_session_signs_is_not_made(
    pool: RootSessionPool, aws_on_the_wire: WireAws
) -> None:
    with signed_with(RootSessionKeys("ASIA1", "secret", "token")):
        pass
    with pytest.raises(LookupError):
        pool.iam.get_account_summary()

    assert aws_on_the_wire.requests == []


def test_every_request_takes_its_turn_also_one_tried_again(
    pool: RootSessionPool, aws_on_the_wire: WireAws, turns: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws_on_the_wire.refused[MEMBER] = ["Throttling"] * 3

    pool.open(MEMBER)

    assert len(aws_on_the_wire.requests) == 4
    assert turns == pytest.approx([0.1, 0.2, 0.3])


def test_callers_that_try_again_themselves_get_the_first_refusal(
    aws_on_the_wire: WireAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENDPOINTS.items():
        monkeypatch.setenv(name, value)
    limiter = RateLimiter(10, clock=lambda: 0.0, sleep=lambda _: None)
    sts = limited_sts_client(8, limiter, config=clients.ONCE)
    aws_on_the_wire.answer_for(sts)
    aws_on_the_wire.refused[MEMBER] = ["Throttling"] * 2

    with pytest.raises(CallRefused, match="Throttling"):
        assume_root(sts, MEMBER, AUDIT)

    assert aws_on_the_wire.requests == [f"AssumeRoot {MEMBER}"]


def test_a_worker_that_begins_takes_little_more_than_its_share(
    pool: RootSessionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    standing = SimpleNamespace(monotonic=lambda: 128.0, sleep=slept.append)
    monkeypatch.setattr("rootwarden.aws.root_session_pool.time", standing)
    sessions = sweep_sessions(8, 64, pool.register)
    for client in (sessions.audits.sts, sessions.hardening.sts):
        WireAws().answer_for(client)

    for account in MEMBERS[:10]:
        sessions.audits.open(account)
    sessions.hardening.delete(MEMBER)

    # Of eleven requests three were at once; both kinds take their turns together.
    assert slept == pytest.approx([number / 64 for number in range(1, 9)])


@pytest.mark.parametrize(
    ("answer", "posture"),
    [
        (summary("AccountAccessKeysPresent", others=26), Posture.of(frozenset({CredentialKind.ACCESS_KEY}))),
        (summary(others=26).replace("><", ">\n  <"), Posture.of(frozenset())),
        # Not as the four entries are recognised: then botocore reads them all.
        (
            summary("AccountMFAEnabled").replace("<value>", "<value> "),
            Posture.of(frozenset({CredentialKind.MFA_DEVICE})),
        ),
    ],
)
def test_the_flags_are_read_however_the_summary_is_written(
    pool: RootSessionPool, aws_on_the_wire: WireAws, answer: str, posture: Posture
) -> None:
    aws_on_the_wire.summaries[MEMBER] = answer

    assert pool.audit(MEMBER).posture() == posture


def test_a_summary_that_lacks_a_flag_proves_nothing(pool: RootSessionPool, aws_on_the_wire: WireAws) -> None:
    entry = "<entry><key>AccountPasswordPresent</key><value>0</value></entry>"
    aws_on_the_wire.summaries[MEMBER] = summary(others=26).replace(entry, "")

    with pytest.raises(CallRefused, match=r"IncompleteSummary: .* lacks AccountPasswordPresent$"):
        pool.audit(MEMBER).posture()


def test_a_refused_session_keeps_awss_words(pool: RootSessionPool, aws_on_the_wire: WireAws) -> None:
    aws_on_the_wire.refused[MEMBER] = ["AccessDenied"]

    with pytest.raises(CallRefused, match="AccessDenied: refused"):
        pool.open(MEMBER)


def test_sessions_are_on_record_and_no_secret_is_in_the_log(pool: RootSessionPool, log: LogLines) -> None:
    sessions = [pool.open(account) for account in MEMBERS]

    pool.put_on_record(sessions)
    pool.delete(MEMBER)

    assert isinstance(pool.register, AnnouncingRegister)
    for account in (*MEMBERS, MEMBER):
        assert pool.register.opener(f"ASIA{account}") == "rootwarden"
    assert "verysecret" not in repr(sessions)
    assert not any("verysecret" in str(record.__dict__) for record in log.records)


class Table:
    """DynamoDB that leaves the last item unwritten, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.refused: set[str] = set()
        self.kept: list[str] = []
        self.writes: list[list[Any]] = []

    def batch_write_item(self, *, RequestItems: dict[str, list[Any]]) -> dict[str, object]:  # noqa: N803 - AWS's name
        requests = RequestItems["state"]
        self.writes.append(requests)
        self.times -= 1
        return {"UnprocessedItems": {"state": requests[-1:]} if self.times >= 0 else {}}

    def put_item(self, *, TableName: str, Item: dict[str, Any]) -> None:  # noqa: N803, ARG002 - AWS's names
        if Item["pk"]["S"] in self.refused:
            refusal: Any = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
            raise ClientError(refusal, "PutItem")
        self.kept.append(Item["pk"]["S"])


def test_items_left_over_are_written_again() -> None:
    client: Any = Table(times=2)
    slept: list[float] = []

    StateTable(client, "state", sleep=slept.append).put_all({"SEEN#a": {}, "SEEN#b": {}})

    assert [len(write) for write in client.writes] == [2, 1, 1]
    assert slept == sorted(slept)


def test_items_left_over_for_good_are_a_refusal() -> None:
    client: Any = Table(times=99)
    table = StateTable(client, "state", FakeClock(), sleep=lambda _: None)

    with pytest.raises(NotWritten, match="left 1 of 1 items unwritten"):
        table.put_all({"SEEN#a": {}})


def announcing(client: Any, bus: FakeBus) -> AnnouncingRegister:
    """Return the register over a table of this client."""
    return AnnouncingRegister(StateTable(client, "state", FakeClock(), sleep=lambda _: None), bus)


def test_a_refused_batch_of_sessions_is_put_on_record_one_by_one(pool: RootSessionPool) -> None:
    client: Any = Table(times=99)
    bus = FakeBus()
    pool = replace(pool, register=announcing(client, bus))

    pool.put_on_record([pool.open(account) for account in MEMBERS[:25]])
    pool.settle()

    assert client.kept == [f"SESSION#ASIA{account}" for account in MEMBERS[:25]]
    assert not bus.published


def test_what_cannot_be_put_on_record_is_said_once_and_is_not_used(
    pool: RootSessionPool, log: LogLines
) -> None:
    client: Any = Table(times=99)
    client.refused = {f"SESSION#ASIA{account}" for account in MEMBERS[:2]}
    bus = FakeBus()
    pool = replace(pool, register=announcing(client, bus))
    sessions = [pool.open(account) for account in MEMBERS[:25]]
    for _ in range(2):
        with pytest.raises(CallRefused, match="ThrottlingException"):
            pool.put_on_record(sessions)
    assert not bus.published

    pool.settle()
    pool.settle()

    [line] = log.of("root sessions not on record")
    assert set(MEMBERS[:2]) <= set(line.__dict__["access_key_ids"])
    [outcome] = bus.published
    assert isinstance(outcome, SessionsNotRecorded)
    assert {each.account_id for each in outcome.sessions} >= set(MEMBERS[:2])


def test_a_record_that_comes_late_is_no_news(pool: RootSessionPool) -> None:
    client: Any = Table(times=99)
    client.refused = {f"SESSION#ASIA{MEMBERS[0]}"}
    bus = FakeBus()
    pool = replace(pool, register=announcing(client, bus))
    with pytest.raises(CallRefused):
        pool.put_on_record([pool.open(MEMBERS[0])])
    client.refused.clear()

    pool.settle()

    assert f"SESSION#ASIA{MEMBERS[0]}" in client.kept
    assert not bus.published


def test_a_session_that_there_was_no_time_for_is_put_on_record_as_never_used(pool: RootSessionPool) -> None:
    pool.open(MEMBERS[0])
    pool.put_on_record([pool.open(MEMBERS[1])])

    pool.settle()

    assert isinstance(pool.register, AnnouncingRegister)
    openers = [pool.register.opener(f"ASIA{account}") for account in MEMBERS[:2]]
    assert openers == [NEVER_USED, OURS]


def test_no_session_is_opened_too_late_to_be_put_on_record(
    pool: RootSessionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients.DEADLINE, "_left", lambda: 27.0)
    sessions = sweep_sessions(8, 64, pool.register)

    for open_session in (sessions.audits.open, sessions.hardening.open):
        with pytest.raises(CallRefused, match="OutOfTime"):
            open_session(MEMBER)


def test_every_page_of_the_organization_is_listed() -> None:
    client = boto3.client("organizations")
    first: dict[str, Any] = {
        "Id": MEMBER,
        "Name": "payments-prod",
        "State": "ACTIVE",
        "Status": "SUSPENDED",
        "Paths": [f"o-aa111bb222/r-ab12/{UNIT}/{MEMBER}/"],
    }
    with Stubber(client) as stub:
        stub.add_response("list_accounts", {"Accounts": [first], "NextToken": "next"}, {})
        second = {"Id": MEMBERS[1], "Status": "SUSPENDED"}
        stub.add_response("list_accounts", {"Accounts": [second]}, {"NextToken": "next"})
        accounts = list(list_accounts(client))

    assert accounts == [
        Account(account_id=MEMBER, name="payments-prod", state="ACTIVE", organizational_units=(UNIT,)),
        Account(account_id=MEMBERS[1], name=None, state="SUSPENDED"),
    ]


def test_rows_are_lines_and_each_attempt_at_a_batch_has_its_own(aws: None) -> None:  # noqa: ARG001 - moto
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="sweep-store")
    store = SweepStore(s3, "sweep-store")
    account = Account(account_id=MEMBER, name="käse\n", state="ACTIVE")
    row = AccountRow(account=account, result=RowResult.CLEAN, audited_at=NOON)

    for number in (2, 1):
        store.write_rows(SWEEP, [row] * number, batch=MEMBER, attempt=attempt_name())

    prefix = f"sweeps/nightly-1/results/{MEMBER}-"
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="sweep-store", Prefix=prefix)["Contents"]]
    texts = [s3.get_object(Bucket="sweep-store", Key=key)["Body"].read().decode() for key in keys]
    lines = [[json.loads(line) for line in text.splitlines()] for text in texts]
    assert lines == [[row.to_detail()] * 2, [row.to_detail()]]
