"""A bucket in memory, and what unlocks it."""

import json
from dataclasses import dataclass, field
from typing import Any

from rootwarden.accounts import Account
from rootwarden.approval.approvals import NotApproved
from rootwarden.events import AccountId, Fields
from rootwarden.outcomes import Outcome
from rootwarden.refusals import CallRefused
from rootwarden.requests import Answer, Approvals, Approved, NoApprovals, answered
from rootwarden.unlocking.outcome import Evidence, EvidenceReference, Found, PolicyUnlocked
from rootwarden.unlocking.requests import Resource, ResourceKind
from rootwarden.unlocking.unlocker import Unlocker, UnlockFunction
from tests.unit.fakes import FakeClock, FakeOrganization
from tests.unit.given import MANAGEMENT, MEMBER, ORGANIZATION_ID, member

LEDGER = Resource(kind=ResourceKind.BUCKET, name="ledger", arn="arn:aws:s3:::ledger", region="eu-west-1")
EVIDENCE = "unlocks/444455556666/bucket/ledger/2026-06-01T120000Z-00000001.json"


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deny(**elements: Any) -> dict[str, Any]:
    """Return a statement that denies everybody everything, but for what is said otherwise."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": LEDGER.arn, **elements}
    return {name: value for name, value in statement.items() if value is not None}


LOCKING = policy(deny(Sid="OnlyFromTheOffice"))
HARMLESS = policy(deny(Condition={"Bool": {"aws:SecureTransport": "false"}}))
DOUBTFUL = policy(deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))


@dataclass
class FakeBucket:
    """A bucket's policy. stale: how often it is still read as before; refusals: by the method's name."""

    policy: str | None = LOCKING
    resource: Resource = LEDGER
    stale: int = 0
    refusals: dict[str, CallRefused] = field(default_factory=dict)
    writes: list[str | None] = field(default_factory=list)
    _before: str | None = None

    def read(self) -> str | None:
        self._refuse("read again" if self.writes else "read")
        if self.writes and self.stale:
            self.stale -= 1
            return self._before
        return self.policy

    def write(self, policy: str | None) -> None:
        self._refuse("write")
        self.writes.append(policy)
        self._before, self.policy = self.policy, policy

    def _refuse(self, call: str) -> None:
        if call in self.refusals:
            raise self.refusals[call]


@dataclass
class FakeEvidence:
    """Evidence kept in memory."""

    kept: dict[str, Evidence] = field(default_factory=dict)
    refusal: CallRefused | None = None

    def save(self, evidence: Evidence) -> EvidenceReference:
        if self.refusal:
            raise self.refusal
        key = f"unlocks/{evidence.name(f'{len(self.kept) + 1:08}')}"
        self.kept[key] = evidence
        return EvidenceReference("evidence", key)

    def load(self, key: str) -> Evidence:
        if key not in self.kept:
            raise CallRefused("AccessDenied", "Access Denied")
        return self.kept[key]


@dataclass
class FakeBegun:
    """Begun changes in memory."""

    kept: list[str] = field(default_factory=list)
    refusal: CallRefused | None = None

    def add(self, text: str) -> None:
        self._refuse()
        self.kept.append(text)

    def remove(self, text: str) -> None:
        self._refuse()
        self.kept.remove(text)

    def all(self) -> tuple[str, ...]:
        self._refuse()
        return tuple(self.kept)

    def _refuse(self) -> None:
        if self.refusal:
            raise self.refusal


@dataclass
class FakeApprovals:
    """Says who approved, or why nobody did."""

    judgement: Approved | NotApproved

    def check(self, request: Fields) -> Approved:
        assert request.has("account")
        if isinstance(self.judgement, NotApproved):
            raise self.judgement
        return self.judgement


@dataclass
class Unlocking:
    """unlock_bucket's parts around one bucket."""

    bucket: FakeBucket = field(default_factory=FakeBucket)
    account: Account | None = field(default_factory=member)
    approvals: Approvals = field(default_factory=NoApprovals)
    evidence: FakeEvidence = field(default_factory=FakeEvidence)
    begun: FakeBegun = field(default_factory=FakeBegun)
    clock: FakeClock = field(default_factory=FakeClock)
    bus_refusal: CallRefused | None = None
    published: list[PolicyUnlocked] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    regions: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        accounts = {self.account.account_id: self.account} if self.account else {}
        self.function = UnlockFunction(
            kind=ResourceKind.BUCKET,
            management_account_id=MANAGEMENT,
            directory=FakeOrganization(accounts),
            approvals=self.approvals,
            unlocker=Unlocker(
                holders=self,
                evidence=self.evidence,
                begun=self.begun,
                publish=self._publish,
                clock=self.clock,
                sleep=self.slept.append,
                organization_id=ORGANIZATION_ID,
            ),
        )

    def find(self, _account_id: AccountId, wanted: str, region: str | None) -> Found:
        self.sessions.append(wanted)
        self.regions.append(region)
        return Found(self.bucket, {})

    def ask(self, action: str = "show", **more: object) -> Answer:
        """Return the function's answer to a request."""
        told = {"account": MEMBER, "bucket": "ledger", "reason": "locked out", "requestedBy": "anna"}
        return answered({**told, "action": action, **more}, self.function.handle)

    def _publish(self, outcome: Outcome) -> None:
        if self.bus_refusal:
            raise self.bus_refusal
        assert isinstance(outcome, PolicyUnlocked)
        self.published.append(outcome)


def reason_of(answer: Answer) -> Fields:
    """Return an answer's reason."""
    return Fields(answer).object("reason")
