"""What the tests start from: one organization, and the functions' parts put together in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

from rootwarden.accounts import Account, AccountState
from rootwarden.activity.assessment import ActivityAssessor
from rootwarden.activity.bursts import BurstGrouping
from rootwarden.activity.judgement import SignInHistory
from rootwarden.activity.memory import AccountNames
from rootwarden.contract.configured import Exemption, Expectation, HardeningModes
from rootwarden.events import AccountId
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.announcement import Announcement, Skip
from rootwarden.hardening.outcome import HardeningOutcome, Progress, Trigger
from rootwarden.hardening.run import HardeningRun
from rootwarden.recovery.windows import RecoveryWindow
from tests.unit.fake_state import (
    FakeActivityMemory,
    FakeBursts,
    FakeClaims,
    FakeHardeningMemory,
    FakePostures,
    FakeSignIns,
)
from tests.unit.fakes import (
    NOON,
    FakeBus,
    FakeClock,
    FakeOrganization,
    FakeReminders,
    FakeRootSessions,
    RootUser,
)
from tests.unit.interruptions import Line

MANAGEMENT = AccountId("111122223333")
HUB = AccountId("222233334444")
MEMBER = AccountId("444455556666")
ORGANIZATION_ID = "o-aa111bb222"
UNIT = "ou-ab12-11111111"
OWN_ROLE = "arn:aws:iam::222233334444:role/HardenAccount"
OWN_TASKS = ("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")
TRIGGER = Trigger(event_id="68679d28", event_name="CreateAccountResult", source="aws.organizations")
WINDOW = RecoveryWindow(until=NOON + timedelta(hours=4), reason="lost MFA device", opened_by="alice")


def member(state: AccountState = AccountState.ACTIVE, units: tuple[str, ...] | None = (UNIT,)) -> Account:
    """A member that was created a moment ago."""
    return Account(
        account_id=MEMBER,
        name="payments-prod",
        state=state,
        organizational_units=units,
        joined_at=NOON,
        joined_method="CREATED",
    )


def announcement(account_id: AccountId | None = MEMBER, skip: Skip | None = None) -> Announcement:
    return Announcement(trigger=TRIGGER, account_id=account_id, skip=skip)


def exempt(**by: str) -> Exemption:
    account = MEMBER if "account" in by else None
    return Exemption(
        account=account, organizational_unit=by.get("unit"), reason="break glass", until=NOON.date()
    )


def fully_equipped_root() -> RootUser:
    """A root user with every kind of credential; the keys were never or long ago used."""
    return RootUser(
        password=True,
        keys={"AKIANEVERUSED0000001": None, "AKIALONGAGO000000002": NOON - timedelta(days=400)},
        certificates={"CERTIFICATE1"},
        devices={f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device"},
    )


@dataclass
class Hardening:
    """harden_account's parts around one member account."""

    user: RootUser = field(default_factory=fully_equipped_root)
    account: Account | None = field(default_factory=member)
    exemptions: tuple[Exemption, ...] = ()
    modes: HardeningModes = field(default_factory=HardeningModes)
    keep_used_within_days: int = 30
    line: Line = field(default_factory=Line)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        accounts = {self.account.account_id: self.account} if self.account else {}
        self.organization = FakeOrganization(accounts, self.line)
        self.sessions = FakeRootSessions(self.user, self.line)
        self.claims = FakeClaims(self.clock, self.line)
        self.memory = FakeHardeningMemory(self.line)
        self.bus = FakeBus(self.line)
        self.hardener = AccountHardener(
            organization=self.organization,
            sessions=self.sessions,
            memory=self.memory,
            clock=self.clock,
            exemptions=self.exemptions,
            modes=self.modes,
            keep_used_within_days=self.keep_used_within_days,
        )
        self.postures = FakePostures(self.line)
        self.run = HardeningRun(
            claims=self.claims, hardener=self.hardener, publish=self.bus, postures=self.postures
        )

    def harden(
        self,
        announced: Announcement | None = None,
        progress: Progress | None = None,
        *,
        is_last: bool = False,
    ) -> HardeningOutcome:
        """Harden once, without claims around it."""
        return self.hardener.harden(
            announced or announcement(), progress or Progress(), attempt=1, is_last=is_last
        )


@dataclass
class Assessment:
    """assess_root_activity's parts."""

    clock: FakeClock = field(default_factory=FakeClock)
    bus: FakeBus = field(default_factory=FakeBus)
    memory: FakeActivityMemory = field(default_factory=FakeActivityMemory)
    bursts: FakeBursts = field(default_factory=FakeBursts)
    reminders: FakeReminders = field(default_factory=FakeReminders)
    sign_ins: FakeSignIns = field(default_factory=FakeSignIns)
    expected: tuple[Expectation, ...] = ()

    def __post_init__(self) -> None:
        self.organization = FakeOrganization({MEMBER: member()})
        self.memory.bursts = self.bursts
        names = AccountNames(self.memory, self.organization)
        self.grouping = BurstGrouping(
            memory=self.bursts,
            publish=lambda outcome: self.bus(names.named(outcome)),
            remind=self.reminders,
            clock=self.clock,
        )
        self.assessor = ActivityAssessor(
            memory=self.memory,
            claims=FakeClaims(self.clock),
            names=names,
            bursts=self.grouping,
            sign_ins=SignInHistory(self.sign_ins),
            publish=self.bus,
            own_roles={OWN_ROLE: OWN_TASKS},
            hub_account_id=HUB,
            management_account_id=MANAGEMENT,
            clock=self.clock,
            expected=self.expected,
        )
