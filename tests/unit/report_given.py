"""What reports are made from, in tests: sweeps of small organizations, and all that goes wrong with them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.outcomes import iso
from lambdas.domain.report.alert_subscriptions import Recipients, Subscription
from lambdas.domain.report.checks import SERVICE, Answers
from lambdas.domain.report.entries import AccountMemory
from lambdas.domain.report.gathering import Source
from lambdas.domain.report.member_stacks import Instance
from lambdas.domain.report.report import Report, Setting, Sources, make_report
from lambdas.domain.root_credentials import CredentialKind, Posture
from lambdas.domain.sweep import Sweep, SweepMode
from lambdas.domain.undelivered.findings import Findings
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT

ORGANIZATION = "o-aa111bb222"
EMAIL = "security@example.com"
NONE = Posture(frozenset())
PASSWORD = Posture(frozenset({CredentialKind.PASSWORD}))
KEY = Posture(frozenset({CredentialKind.ACCESS_KEY}))
EVERYTHING = Posture(frozenset(CredentialKind))
ALL_WELL = Answers(
    features=frozenset({"RootCredentialsManagement", "RootSessions"}),
    trusted_services=frozenset({SERVICE}),
    delegated_administrators=frozenset({HUB}),
    management_root=None,
)
DENIED = CallRefused("AccessDeniedException", "You don't have permissions to access this resource.")
NOTHING_WAITS = Findings(accounts_asked=10_000, looked=3)
REACHED = Recipients(configured=(EMAIL,), found={EMAIL: Subscription.CONFIRMED})
Row = dict[str, object]


def account(number: int) -> AccountId:
    """Return a made-up account's id."""
    return AccountId(f"{444400000000 + number}")


def row(number: int = 1, result: str = "clean", posture: Posture | None = NONE, **more: object) -> Row:
    """Return a line of the results."""
    return {
        "id": account(number),
        "name": f"account-{number}",
        "state": "ACTIVE",
        "organizationalUnit": "ou-ab12-11111111",
        "result": result,
        "posture": posture.to_detail() if posture else None,
        "removed": [],
        "exemption": None,
        "recoveryWindow": None,
        "code": None,
        "message": None,
        "auditedAt": iso(NOON),
        **more,
    }


def exposed(number: int = 1, posture: Posture = PASSWORD, **more: object) -> Row:
    """Return the line of an account with root credentials."""
    return row(number, "exposed", posture, **more)


def unreachable(number: int = 1, posture: Posture | None = None, **more: object) -> Row:
    """Return the line of an account that nobody could look into."""
    refused: Row = {"code": "AccessDenied", "message": "explicit deny in a service control policy"}
    return row(number, "unreachable", posture) | refused | more


def lines(*rows: Row) -> str:
    """Return rows as a batch writes them."""
    return "".join(f"{json.dumps(one)}\n" for one in rows)


def listed(*rows: Row) -> str:
    """Return the list of the accounts that have these rows."""
    return json.dumps([{"id": one["id"], "name": one["name"], "state": "ACTIVE"} for one in rows])


@dataclass
class Given:
    """A sweep of an organization with a hub of its own, day after day."""

    at: datetime = NOON
    answers: Answers = ALL_WELL
    hub: AccountId = HUB
    memory: AccountMemory = field(default_factory=AccountMemory)
    refused: CallRefused | None = None
    mode: SweepMode | None = SweepMode.AUDIT
    recipients: Recipients = REACHED
    members: Sequence[Instance] | CallRefused | None = None
    previous: Source | None = None
    sweeps: int = 0
    undelivered: Findings = field(default_factory=lambda: NOTHING_WAITS)

    def sweep(self, *rows: Row) -> Report:
        """Report on a sweep that left these rows; the next one is a day later and compares with it."""
        return self.read(listed(*rows), {"results/1.jsonl": lines(*rows)})

    def read(self, accounts: Source, results: Mapping[str, Source]) -> Report:
        """Report on a sweep that left these files."""
        self.sweeps += 1
        sweep = Sweep(
            sweep_id=f"sweep-{self.sweeps}", started_at=self.at - timedelta(minutes=5), mode=self.mode
        )
        sources = Sources(
            accounts=accounts,
            results=results,
            previous=self.previous,
            answers=self.answers,
            recall=self._recall,
            undelivered={"undelivered/1.json": json.dumps(self.undelivered.to_detail())},
            recipients=self.recipients,
            members=self.members,
        )
        setting = Setting(organization_id=ORGANIZATION, hub=self.hub, management=MANAGEMENT)
        report = make_report(sweep, sources, setting, at=self.at)
        self.at += timedelta(days=1)
        self.previous = json.dumps(report.to_detail())
        return report

    def _recall(self, _account_ids: Collection[AccountId]) -> AccountMemory:
        if self.refused:
            raise self.refused
        return self.memory
