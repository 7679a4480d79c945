"""What reports are made from, in tests: sweeps of small organizations, and all that goes wrong with them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rootwarden.contract.configured import Expectation, Mode
from rootwarden.events import AccountId
from rootwarden.outcomes import iso
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.report.alarm_paths import Watched
from rootwarden.report.checks import SERVICE, Answers
from rootwarden.report.deployment_checks import Instances, Recipients, Subscription
from rootwarden.report.entries import AccountMemory
from rootwarden.report.gathering import Source
from rootwarden.report.opted_in_regions import RegionQuestions
from rootwarden.report.owners import OwnerQuestions
from rootwarden.report.report import Report, Setting, Sources, make_report
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import Sweep
from rootwarden.undelivered.findings import UndeliveredEvents
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT

ORGANIZATION = "o-aa111bb222"
FORWARDED = frozenset({"us-east-1", "eu-west-1", "me-south-1"})
EMAIL = "security@example.com"
NONE = Posture.of(frozenset())
PASSWORD = Posture.of(frozenset({CredentialKind.PASSWORD}))
KEY = Posture.of(frozenset({CredentialKind.ACCESS_KEY}))
EVERYTHING = Posture.of(frozenset(CredentialKind))
ALL_WELL = Answers(
    features=frozenset({"RootCredentialsManagement", "RootSessions"}),
    trusted_services=frozenset({SERVICE}),
    delegated_administrators=frozenset({HUB}),
    management_root=None,
)
DENIED = CallRefused("AccessDeniedException", "You don't have permissions to access this resource.")
NOTHING_WAITS = UndeliveredEvents(accounts_asked=10_000, looked=3)
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


def seen(*keys: datetime | str | None, **password: datetime | None) -> Row:
    """Return the preview of an account: when its keys and password were used; a text: AWS did not say."""
    uses: list[tuple[CredentialKind, str, datetime | str | None]]
    uses = [*((CredentialKind.PASSWORD, "password", at) for at in password.values())]
    uses += [(CredentialKind.ACCESS_KEY, f"AKIA{number}", at) for number, at in enumerate(keys)]
    known = [
        {"kind": kind.value, "id": name, "at": iso(at) if at else None}
        for kind, name, at in uses
        if not isinstance(at, str)
    ]
    goes = [{"kind": kind.value, "id": name} for kind, name, _ in uses]
    return {"goes": goes, "stays": [], "lastUsed": known}


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
    windows: Mapping[AccountId, RecoveryWindow] | CallRefused = field(default_factory=dict)
    asked_windows: list[AccountId] = field(default_factory=list)
    mode: Mode | None = Mode.OBSERVE
    opted_in: dict[AccountId, set[str]] = field(default_factory=dict)
    regions_refused: CallRefused | None = None
    # Of which accounts AWS refuses to say; None: of all.
    refused_accounts: Collection[AccountId] | None = None
    tried_regions: list[AccountId] = field(default_factory=list)
    owners: dict[AccountId, str | CallRefused] = field(default_factory=dict)
    asked_owners: list[AccountId] = field(default_factory=list)
    paused: timedelta = timedelta()
    seconds_to_ask: int = 0
    asked: list[AccountId] = field(default_factory=list)
    recipients: Recipients = REACHED
    members: Instances | CallRefused | None = None
    previous: Source | None = None
    sweeps: int = 0
    undelivered: UndeliveredEvents = field(default_factory=lambda: NOTHING_WAITS)
    watched: Watched = field(default_factory=Watched)
    expected: tuple[Expectation, ...] | None = ()
    # Whether root events arrive from everywhere; else memory says what arrived.
    arrives: bool = True

    def sweep(self, *rows: Row) -> Report:
        """Report on a sweep that left these rows; the next one is a day later and compares with it."""
        return self.read(listed(*rows), {"results/1.jsonl": lines(*rows)})

    def read(self, accounts: Source, results: Mapping[str, Source]) -> Report:
        """Report on a sweep that left these files."""
        self.sweeps += 1
        self.paused = timedelta()
        sweep = Sweep(
            sweep_id=f"sweep-{self.sweeps}", started_at=self.at - timedelta(minutes=5), mode=self.mode
        )
        sources = Sources(
            accounts=accounts,
            results=results,
            previous=self.previous,
            answers=self.answers,
            regions=RegionQuestions(
                forwarded=FORWARDED,
                never=frozenset({MANAGEMENT}),
                ask=self._regions,
                clock=lambda: self.at + self._asking,
            ),
            owners=OwnerQuestions(ask=self._owner, clock=lambda: self.at + self.paused, pause=self._pause),
            recall=self._recall,
            windows=self._windows,
            undelivered={"undelivered/1.json": json.dumps(self.undelivered.to_detail())},
            recipients=self.recipients,
            members=self.members,
        )
        setting = Setting(
            organization_id=ORGANIZATION,
            hub=self.hub,
            management=MANAGEMENT,
            watched=self.watched,
            expected=self.expected,
        )
        report = make_report(sweep, sources, setting, at=self.at)
        self.at += timedelta(days=1)
        self.previous = json.dumps(report.to_detail())
        return report

    @property
    def _asking(self) -> timedelta:
        return timedelta(seconds=self.seconds_to_ask * len(self.asked))

    def _owner(self, account_id: AccountId) -> str | None:
        self.asked_owners.append(account_id)
        owner = self.owners.get(account_id)
        if isinstance(owner, CallRefused):
            raise owner
        return owner

    def _pause(self, seconds: float) -> None:
        self.paused += timedelta(seconds=seconds)

    def _regions(self, account_id: AccountId) -> set[str]:
        self.tried_regions.append(account_id)
        refused = self.refused_accounts is None or account_id in self.refused_accounts
        if self.regions_refused and refused:
            raise self.regions_refused
        self.asked.append(account_id)
        return self.opted_in.get(account_id, set())

    def _windows(self, account_ids: Collection[AccountId]) -> Mapping[AccountId, RecoveryWindow]:
        self.asked_windows += account_ids
        if isinstance(self.windows, CallRefused):
            raise self.windows
        return self.windows

    def _recall(self, account_ids: Collection[AccountId]) -> AccountMemory:
        if self.refused:
            raise self.refused
        if self.arrives:
            heard = dict.fromkeys(self.watched.forwarding, self.at)
            return replace(self.memory, heard=dict.fromkeys(account_ids, heard))
        return self.memory
