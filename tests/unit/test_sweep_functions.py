"""The sweep's functions as Lambda calls them: from the state machine's payload to what is in the bucket."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from lambdas import audit_accounts, list_accounts
from rootwarden.aws import clients, sweep_records
from rootwarden.aws import root_session_pool as sweep_sessions
from rootwarden.aws.hardening_records import HardeningRecords
from rootwarden.aws.root_session_pool import limited_sts_client, shared_iam_client
from rootwarden.aws.state_table import NotWritten, StateTable
from rootwarden.aws.sweep_records import SweepStore
from rootwarden.contract.functions import Caller
from rootwarden.events import AccountId, MalformedEvent
from rootwarden.hardening.outcome import Progress
from rootwarden.refusals import CallRefused
from rootwarden.report.gathering import gather
from rootwarden.root_credentials import PASSWORD, Posture
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER
from tests.unit.invocations import ARN, AnyOrganization, Context, context
from tests.unit.log_lines import captured_log
from tests.unit.state_table import StateTables
from tests.unit.sweep_aws import ENDPOINTS, WireAws
from tests.unit.test_envelope import JSON
from tests.unit.test_settings import ENVIRONMENT

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

BUCKET = "rootwarden-sweeps"
SWEEP = {"sweepId": "nightly-1", "startedAt": "2026-06-01T12:00:00.000Z", "mode": None}
CLOSED = "555566667777"


@dataclass
class SweepContext(Context):
    """The context of a function with so many milliseconds left."""

    left: int = 300_000
    invoked_function_arn: str = f"{ARN}:{Caller.SWEEP}"

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@pytest.fixture(scope="module")
def wire() -> WireAws:
    return WireAws(exposed={MEMBER: ("AccountAccessKeysPresent",)})


@pytest.fixture(scope="module", autouse=True)
def functions(state_tables: StateTables, wire: WireAws) -> Iterator[None]:
    """The functions in an account of moto's; STS and IAM answer on the wire."""
    table = state_tables.create()
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    boto3.client("events").create_event_bus(Name="rootwarden-sweeps")
    environment = {
        **ENVIRONMENT,
        **ENDPOINTS,
        "BUCKET_NAME": BUCKET,
        "STATE_TABLE_NAME": table.name,
        "EVENT_BUS_NAME": "rootwarden-sweeps",
        "REQUESTS_PER_SECOND": "10000",
    }

    def on_the_wire(create: Any) -> Any:
        def created(*given: Any, **named: Any) -> Any:
            client = create(*given, **named)
            wire.answer_for(client)
            return client

        return created

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(clients, "organizations", AnyOrganization)
        patch.setattr(sweep_sessions, "limited_sts_client", on_the_wire(limited_sts_client))
        patch.setattr(sweep_sessions, "shared_iam_client", on_the_wire(shared_iam_client))
        yield
    for function in (audit_accounts, list_accounts):
        function._function.cache_clear()  # noqa: SLF001 - it was made in this environment


def item(account: str, state: str = "ACTIVE") -> dict[str, Any]:
    return {"id": account, "name": None, "state": state, "organizationalUnits": []}


def audit(*items: object, left: int = 300_000, **sweep: object) -> dict[str, object]:
    event = {"BatchInput": SWEEP | sweep, "Items": list(items)}
    return audit_accounts.handler(event, cast("LambdaContext", SweepContext(left=left)))


def files(batch: str) -> list[str]:
    """Return what the attempts at a batch left, the latest one last."""
    s3, prefix = boto3.client("s3"), f"sweeps/nightly-1/results/{batch}-"
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]
    return [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys]


def rows(batch: str) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in files(batch)[-1].splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
    return {line["id"]: line for line in lines}


def test_a_batch_ends_as_a_row_an_account(wire: WireAws) -> None:
    wire.refused["000000000009"] = ["AccessDenied"]
    batch = [item(MANAGEMENT), item(MEMBER), item("000000000009"), item(CLOSED, "CLOSED"), item(MEMBER)]

    answer = audit(*batch, item("000000000008"))

    assert answer == {"audited": 5}
    found = rows(MANAGEMENT)
    assert {account: row["result"] for account, row in found.items()} == {
        MANAGEMENT: "management",
        MEMBER: "exposed",
        "000000000009": "unreachable",
        CLOSED: "not_active",
        "000000000008": "clean",
    }
    assert found["000000000009"]["code"] == "AccessDenied"
    assert not any(account in request for request in wire.requests for account in (MANAGEMENT, CLOSED))


def test_what_a_sweep_saw_is_known_when_the_account_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = audit_accounts._function().postures  # noqa: SLF001 - what the function keeps
    unseen, clean = AccountId("000000000071"), AccountId("000000000072")

    audit(item(MEMBER) | {"name": "payments-prod"}, item(unseen, "CLOSED"), item(clean))

    last = {account: kept.last(account) for account in (AccountId(MEMBER), unseen, clean)}
    assert {each: found and (found.name, found.result) for each, found in last.items()} == {
        MEMBER: ("payments-prod", "exposed"),
        unseen: None,
        clean: (None, "clean"),
    }

    def left_over(*_: object, **__: object) -> None:
        raise NotWritten("left over")

    monkeypatch.setattr(StateTable, "put_all", left_over)
    with captured_log() as log:
        answer = audit(item("000000000073", "CLOSED"))
    assert (answer, log.whys("what was seen is not kept")) == ({"audited": 1}, ["left over"])


def removals() -> HardeningRecords:
    return audit_accounts._function().records  # noqa: SLF001 - what the function keeps


PASSWORD_GONE = [{"kind": "password", "id": "password"}]


def test_a_worker_that_died_after_deleting_leaves_no_clean_row_to_the_next() -> None:
    account = "000000000041"
    removals().remember(
        AccountId(account),
        Progress(before=Posture.of(frozenset({PASSWORD.kind})), tried=frozenset({PASSWORD})),
    )
    # An audit names it and leaves the word to who may publish.
    audit(item(account))
    assert (rows(account)[account]["result"], rows(account)[account]["removed"]) == (
        "hardened",
        PASSWORD_GONE,
    )

    audit(item(account), mode="enforce")
    assert (rows(account)[account]["result"], rows(account)[account]["removed"]) == (
        "hardened",
        PASSWORD_GONE,
    )

    audit(item(account), mode="enforce")
    assert (rows(account)[account]["result"], rows(account)[account]["removed"]) == ("clean", [])
    assert AccountId(account) not in removals().accounts()


def test_a_worker_that_died_after_its_word_leaves_the_row_to_the_next(
    wire: WireAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "000000000042"
    wire.exposed[account] = ("AccountPasswordPresent",)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(SweepStore, "write_rows", die)
        with pytest.raises(SystemExit):
            audit(item(account), mode="enforce")
    del wire.exposed[account]
    audit(item(account), mode="enforce")

    assert (rows(account)[account]["result"], rows(account)[account]["removed"]) == (
        "hardened",
        PASSWORD_GONE,
    )
    assert AccountId(account) not in removals().accounts()


def test_what_cannot_be_forgotten_is_no_reason_to_audit_a_batch_again(
    wire: WireAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = ["000000000043", "000000000044"]
    wire.exposed |= dict.fromkeys(accounts, ("AccountPasswordPresent",))
    forget, asked = HardeningRecords.forget, []

    def fail_at_the_second(records: HardeningRecords, account_id: AccountId) -> None:
        asked.append(account_id)
        if len(asked) == 2:
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "no"}}, "UpdateItem")
        forget(records, account_id)

    with monkeypatch.context() as patch, captured_log() as log:
        patch.setattr(HardeningRecords, "forget", fail_at_the_second)
        answer = audit(*map(item, accounts), mode="enforce")
    assert (answer, len(asked)) == ({"audited": 2}, 2)
    assert log.whys("what was named stays on record") == ["InternalServerError: no"]

    # The answer got lost: the batch is audited once more, and what was removed is still said.
    audit(*map(item, accounts), mode="enforce")
    names = (f"results/{accounts[0]}-{number}-x.jsonl" for number in (1, 2))
    results = dict(zip(names, files(accounts[0]), strict=True))
    gathered = gather(json.dumps([item(account) for account in accounts]), results, at=NOON)
    assert [(row.result.value, [str(each) for each in row.removed]) for row in gathered.rows] == [
        ("hardened", ["password"])
    ] * 2
    assert gathered.missing == ()


def test_enforcing_removes_through_the_same_clients(wire: WireAws) -> None:
    account = "000000000040"
    wire.exposed[account] = ("AccountPasswordPresent",)
    wire.requests.clear()

    audit(item(account), mode="enforce")

    row = rows(account)[account]
    assert (row["result"], row["removed"]) == ("hardened", [{"kind": "password", "id": "password"}])
    assert [request.removesuffix(f" {account}") for request in wire.requests] == [
        *("AssumeRoot", "GetAccountSummary", "GetUser"),
        *("AssumeRoot", "GetAccountSummary"),
        *("AssumeRoot", "GetUser", "DeleteLoginProfile", "GetAccountSummary"),
    ]


def test_an_item_that_nobody_can_read_is_logged_and_the_batch_goes_on() -> None:
    with captured_log() as log:
        answer = audit({"name": "no id"}, 7, item("000000000020"))

    assert answer == {"audited": 1}
    assert set(rows("000000000020")) == {"000000000020"}
    assert log.whys("item skipped") == [
        "id takes a text, found nothing",
        "the event takes an object, found 7",
    ]


def test_a_person_gets_the_rows_and_no_results_are_written_and_nothing_is_removed(wire: WireAws) -> None:
    wire.exposed["000000000071"] = ("AccountPasswordPresent",)
    items = [item("000000000070"), item(CLOSED, "CLOSED"), item("000000000071")]
    event = {"BatchInput": SWEEP | {"mode": "enforce"}, "Items": items}

    answer = cast("dict[str, Any]", audit_accounts.handler(event, context(caller=Caller.PERSON)))

    assert {row["id"]: row["result"] for row in answer["rows"]} == {
        "000000000070": "clean",
        CLOSED: "not_active",
        "000000000071": "exposed",
    }
    assert files("000000000070") == []


def test_nothing_readable_writes_nothing() -> None:
    assert audit({}) == {"audited": 0}


def test_without_time_left_the_rows_that_need_no_call_are_written_and_no_session_is_opened(
    wire: WireAws,
) -> None:
    wire.requests.clear()

    audit(item(MANAGEMENT), item("000000000030"), left=9_000)

    assert MANAGEMENT in rows(MANAGEMENT)
    assert wire.requests == []


@pytest.mark.parametrize(
    "event", [{}, {"BatchInput": SWEEP}, {"BatchInput": SWEEP | {"mode": "all"}, "Items": []}, {"Items": []}]
)
def test_a_payload_that_is_no_batch_fails(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvent):
        audit_accounts.handler(event, cast("LambdaContext", SweepContext()))


@given(
    st.lists(JSON | st.builds(item, st.sampled_from([MANAGEMENT, CLOSED]), st.text(max_size=8)), max_size=4)
)
def test_whatever_the_items_the_batch_ends(items: list[object]) -> None:
    assert set(audit(*items)) == {"audited"}


class TestListing:
    @pytest.fixture
    def organizations(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
        client = boto3.client("organizations")
        monkeypatch.setattr(clients, "organizations", lambda: client)
        on = frozenset({"RootCredentialsManagement", "RootSessions"})
        monkeypatch.setattr(sweep_records, "enabled_features", lambda _: on)
        with Stubber(client) as stub:
            yield stub

    def test_every_account_is_listed_once(self, organizations: Stubber) -> None:
        pages: list[list[str]] = [[MEMBER, CLOSED], [MEMBER]]
        for number, page in enumerate(pages):
            found = [{"Id": account, "State": "ACTIVE"} for account in page]
            more: dict[str, Any] = {"NextToken": "next"} if number + 1 < len(pages) else {}
            organizations.add_response("list_accounts", {"Accounts": found, **more})

        answer = list_accounts.handler(SWEEP | {"mode": "enforce"}, context())

        assert answer == {
            "sweepId": "nightly-1",
            "startedAt": "2026-06-01T12:00:00Z",
            "mode": "enforce",
            "bucket": BUCKET,
            "accountsKey": "sweeps/nightly-1/accounts.json",
            "count": 2,
        }
        kept = boto3.client("s3").get_object(Bucket=BUCKET, Key="sweeps/nightly-1/accounts.json")
        assert [account["id"] for account in json.loads(kept["Body"].read())] == [MEMBER, CLOSED]

    def test_a_sweep_that_was_not_told_its_mode_takes_the_configured_one(
        self, organizations: Stubber
    ) -> None:
        organizations.add_response("list_accounts", {"Accounts": []})

        assert list_accounts.handler(SWEEP, context())["mode"] == "observe"

    def test_nothing_is_listed_before_the_organizations_stack_is_there(
        self, organizations: Stubber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = CallRefused("ServiceAccessNotEnabledException", "off")
        monkeypatch.setattr(sweep_records, "enabled_features", lambda _: refused)

        answer = list_accounts.handler(SWEEP, context())

        assert "IAM has no trusted access yet" in str(answer["notYet"])
        assert "accountsKey" not in answer
        organizations.assert_no_pending_responses()

    def test_once_there_is_a_report_a_feature_that_is_off_is_for_the_report(
        self, organizations: Stubber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweep_records, "enabled_features", lambda _: frozenset())
        boto3.client("s3").put_object(Bucket=BUCKET, Key="reports/latest.json", Body=b"{}")
        organizations.add_response("list_accounts", {"Accounts": []})

        answer = list_accounts.handler(SWEEP, context())

        boto3.client("s3").delete_object(Bucket=BUCKET, Key="reports/latest.json")
        assert answer["count"] == 0

    def test_a_mode_that_does_not_exist_fails_before_anything_is_listed(self) -> None:
        with pytest.raises(MalformedEvent, match="mode takes one of observe, enforce"):
            list_accounts.handler(SWEEP | {"mode": "enforced"}, context())
