"""Finding buckets and queues, and keeping evidence, on the embedded AWS."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws

from embedded_aws.clock import VirtualClock
from embedded_aws.extensions import Extensions, installed_extensions
from embedded_aws.organizations.state import OrganizationState
from embedded_aws.s3 import buckets as listing
from local.organization import organization_from
from rootwarden.aws import clients
from rootwarden.aws.policy_evidence import PolicyEvidence
from rootwarden.aws.root_buckets import RootBuckets
from rootwarden.aws.root_queues import RootQueues
from rootwarden.events import MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.requests import RequestRefused
from rootwarden.unlocking.outcome import Evidence
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT, MEMBER, ORGANIZATION_ID
from tests.unit.unlock_given import LEDGER, LOCKING

REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
ORGANIZATION = organization_from(
    {
        "organization_id": ORGANIZATION_ID,
        "management_account": {"id": MANAGEMENT, "name": "management"},
        "hub": {"account": HUB},
        "accounts": [{"id": MEMBER, "name": "payments"}],
    }
)


@dataclass
class Register:
    """Root sessions on record, and how many calls had been made by then."""

    extensions: Extensions
    sessions: dict[str, int] = field(default_factory=dict)

    def remember(self, access_key_id: str, _opener: str) -> None:
        self.sessions[access_key_id] = len(self.extensions.calls)

    def remember_all(self, access_key_ids: object, opener: str) -> None:
        raise NotImplementedError

    def give_up(self, access_key_ids: object) -> None:
        raise NotImplementedError


@dataclass
class Aws:
    """The embedded AWS as the hub's functions see it."""

    extensions: Extensions

    def __post_init__(self) -> None:
        self.register = Register(self.extensions)
        sts = self.client("sts", MANAGEMENT, "us-east-1")
        self.buckets = RootBuckets(sts, partial(clients.signed, "s3"), self.register)
        self.queues = RootQueues(sts, partial(clients.signed, "sqs"), self.register, lambda _: REGIONS)

    def client(self, service: str, account: str = MEMBER, region: str = "eu-west-1") -> Any:
        keys = self.extensions.administrator(account).for_boto3()
        return boto3.client(service, region_name=region, **keys)  # type: ignore[call-overload] # service by name

    def bucket(self, name: str = "ledger", region: str = "eu-west-1") -> None:
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3 = self.client("s3", region=region)
        s3.create_bucket(Bucket=name, **place)
        s3.put_bucket_policy(Bucket=name, Policy=LOCKING)

    def queue(self, region: str = "eu-west-1") -> None:
        self.client("sqs", region=region).create_queue(QueueName="orders", Attributes={"Policy": LOCKING})

    @property
    def as_root(self) -> list[tuple[str, str]]:
        """The calls made in root sessions, each with its Region."""
        return [(call.operation, call.region) for call in self.extensions.calls if call.principal.is_root]


@pytest.fixture
def aws() -> Iterator[Aws]:
    with (
        mock_aws(),
        VirtualClock(NOON) as clock,
        installed_extensions(OrganizationState(ORGANIZATION, clock)) as extensions,
    ):
        yield Aws(extensions)


@pytest.mark.parametrize("region", REGIONS)
def test_a_bucket_is_read_and_changed_where_it_is(aws: Aws, region: str) -> None:
    aws.bucket(region=region)
    aws.bucket("ledger-archive")

    found = aws.buckets.find(MEMBER, "ledger", None)
    assert found.holder.resource.region == region
    assert found.holder.read() == LOCKING
    assert [operation for operation, _ in aws.as_root] == ["ListBuckets", "GetBucketPolicy"]
    found.holder.write(None)
    assert found.holder.read() is None
    found.holder.write(LOCKING)
    assert found.holder.read() == LOCKING
    assert {where for operation, where in aws.as_root if operation != "ListBuckets"} == {region}


def test_a_session_is_on_record_before_its_first_call(aws: Aws) -> None:
    aws.bucket()
    aws.buckets.find(MEMBER, "ledger", None)

    [recorded] = aws.register.sessions.values()
    first = next(n for n, call in enumerate(aws.extensions.calls) if call.principal.is_root)
    assert recorded <= first


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_without_a_region_in_the_list_the_redirect_says_it(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setattr(listing, "_PARAMETERS", ())
    aws.bucket(region=region)

    found = aws.buckets.find(MEMBER, "ledger", None)

    assert (found.holder.resource.region, found.holder.read()) == (region, LOCKING)
    assert {operation for operation, _ in aws.as_root} == {"ListBuckets", "GetBucketPolicy"}


def test_a_bucket_is_not_taken_for_one_whose_name_goes_on(aws: Aws) -> None:
    aws.bucket("ledger-archive")

    with pytest.raises(RequestRefused, match=f"account {MEMBER} has no bucket ledger$"):
        aws.buckets.find(MEMBER, "ledger", None)


def test_what_another_account_has_is_not_found(aws: Aws) -> None:
    aws.client("s3", HUB, "us-east-1").create_bucket(Bucket="reports")
    aws.client("sqs", HUB).create_queue(QueueName="orders")

    for holders, name in ((aws.buckets, "reports"), (aws.queues, "orders")):
        with pytest.raises(RequestRefused, match=f"NotInThisAccount: account {MEMBER} has no"):
            holders.find(MEMBER, name, None)


def test_a_region_that_is_wrong_is_said(aws: Aws) -> None:
    aws.bucket()

    with pytest.raises(RequestRefused, match="is in eu-west-1, not in us-west-2"):
        aws.buckets.find(MEMBER, "ledger", "us-west-2")


@pytest.mark.parametrize("name", ["", "a/b", "../x", "s3://ledger", "x" * 256])
def test_what_is_no_bucket_name_opens_no_session(aws: Aws, name: str) -> None:
    with pytest.raises(MalformedEvent, match="bucket takes"):
        aws.buckets.find(MEMBER, name, None)
    assert not aws.register.sessions


def test_what_the_task_policy_denies_is_never_called(aws: Aws) -> None:
    aws.bucket(region="us-west-2")
    found = aws.buckets.find(MEMBER, "ledger", None)
    found.holder.write(None)
    found.holder.read()

    refused = [call.operation for call in aws.extensions.calls if call.error_code == "AccessDenied"]
    assert refused == []


def test_a_queue_is_found_in_whichever_region_and_changed_there(aws: Aws) -> None:
    aws.queue("us-west-2")

    found = aws.queues.find(MEMBER, "orders", None)

    assert found.holder.resource.arn == f"arn:aws:sqs:us-west-2:{MEMBER}:orders"
    assert (found.holder.read(), found.not_looked_at) == (LOCKING, {})
    found.holder.write(None)
    assert found.holder.read() is None
    assert sorted(where for operation, where in aws.as_root if operation == "GetQueueUrl") == REGIONS


def test_a_region_that_is_named_is_the_only_one_asked(aws: Aws) -> None:
    aws.queue()

    for named, region in (("orders", "eu-west-1"), (f"arn:aws:sqs:eu-west-1:{MEMBER}:orders", None)):
        aws.queues.find(MEMBER, named, region)

    assert [where for _, where in aws.as_root] == ["eu-west-1", "eu-west-1"]


def test_regions_nobody_can_look_in_are_said(aws: Aws) -> None:
    aws.queue()
    for region in REGIONS[1:]:
        aws.extensions.faults.fail("GetQueueUrl", "InvalidClientTokenId", http=403, region=region)

    found = aws.queues.find(MEMBER, "orders", None)

    assert found.not_looked_at == {"us-east-1": "InvalidClientTokenId", "us-west-2": "InvalidClientTokenId"}


def test_a_queue_may_still_be_where_nobody_could_look(aws: Aws) -> None:
    aws.extensions.faults.fail("GetQueueUrl", "InvalidClientTokenId", http=403, region="us-west-2")

    with pytest.raises(CallRefused, match="not possible in us-west-2"):
        aws.queues.find(MEMBER, "orders", None)


def test_a_refused_session_is_awss_answer(aws: Aws) -> None:
    aws.extensions.state.features.root_sessions = False

    for holders, name in ((aws.buckets, "ledger"), (aws.queues, "orders")):
        with pytest.raises(CallRefused, match="Root sessions feature is not enabled"):
            holders.find(MEMBER, name, None)


def _evidence(policy: str = LOCKING) -> Evidence:
    return Evidence(
        account_id=MEMBER,
        resource=LEDGER,
        policy=policy,
        requested_by="anna",
        request_reason="locked out",
        saved_at=NOON,
    )


@pytest.fixture
def evidence(aws: Aws) -> PolicyEvidence:
    """An evidence bucket in the hub."""
    s3 = aws.client("s3", HUB, "us-east-1")
    s3.create_bucket(Bucket="evidence")
    return PolicyEvidence(s3, "evidence")


@pytest.mark.parametrize("policy", [LOCKING, "{", '{"Sid":  "ünïcödé"}\n'])
def test_evidence_is_kept_letter_by_letter(evidence: PolicyEvidence, policy: str) -> None:
    reference = evidence.save(_evidence(policy))

    assert reference.key.startswith(f"unlocks/{MEMBER}/bucket/ledger/2026-06-01T120000Z-")
    assert evidence.load(reference.key) == _evidence(policy)
    assert evidence.save(_evidence(policy)).key != reference.key


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"account": "12"}'])
def test_what_is_no_evidence_is_not_taken_for_any(evidence: PolicyEvidence, body: str) -> None:
    evidence.client.put_object(Bucket="evidence", Key="unlocks/x.json", Body=body)

    with pytest.raises(MalformedEvent):
        evidence.load("unlocks/x.json")


def test_evidence_is_looked_for_nowhere_else(evidence: PolicyEvidence) -> None:
    with pytest.raises(MalformedEvent, match="begins with unlocks/"):
        evidence.load("reports/latest.json")
    with pytest.raises(CallRefused, match="NoSuchKey"):
        evidence.load("unlocks/nothing.json")
