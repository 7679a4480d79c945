"""What becomes of an account that was audited: reported, left alone for a reason, or hardened."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from rootwarden.accounts import Account, AccountState
from rootwarden.contract.configured import Exemption, Mode
from rootwarden.hardening.announcement import alone_with
from rootwarden.hardening.outcome import PostureRecord, Result
from rootwarden.hardening.removal import Preview
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from rootwarden.sweep.batch import Attempts
from rootwarden.sweep.row_judge import Judge, row_without_a_call
from rootwarden.sweep.sweep import AccountRow, RowResult, Sweep
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MANAGEMENT, MEMBER, UNIT, WINDOW, Hardening, announcement, member

LISTED = Account(account_id=MEMBER, name="payments-prod", state="ACTIVE", organizational_units=(UNIT,))
EVERYTHING = Posture.of(frozenset(CredentialKind))
CLEAN = Posture.of(frozenset())
BREAK_GLASS = Exemption(
    account=MEMBER, organizational_unit=None, reason="break glass", until=date(2026, 6, 30)
)
SANDBOX = Exemption(account=None, organizational_unit=UNIT, reason="sandbox", until=date(2026, 6, 30))


@dataclass
class Sweeping:
    """A sweep that meets one account. left: the seconds that are left."""

    mode: Mode = Mode.ENFORCE
    exemptions: tuple[Exemption, ...] = ()
    window: RecoveryWindow | None = None
    left: float = 200.0
    hardening: Hardening = field(default_factory=Hardening)
    unforeseen: list[Exception] = field(default_factory=list)
    sweep_id: str = "nightly-1"

    @property
    def judging(self) -> Judge:
        return Judge(
            sweep=Sweep(sweep_id=self.sweep_id, started_at=NOON, mode=None),
            mode=self.mode,
            exemptions=self.exemptions,
            organization=self.hardening.organization,
            recovery_window=lambda _: self.window,
            harden=lambda announced: self.hardening.run.run(announced, attempt=1, is_last=True),
            attempts=Attempts(
                sleep=lambda _: None, time_left=lambda: self.left, unforeseen=self.unforeseen.append
            ),
        )

    def judge(
        self, posture: Posture = EVERYTHING, account: Account = LISTED, preview: Preview | None = None
    ) -> AccountRow:
        result = RowResult.CLEAN if posture.is_clean else RowResult.EXPOSED
        found = AccountRow(account=account, result=result, audited_at=NOON, posture=posture, preview=preview)
        return self.judging(found)

    def sweep(self) -> int:
        """Look at the account as it is, in a sweep of its own a day; return how many outcomes it said."""
        hardening = self.hardening
        before, now = len(hardening.bus.results), hardening.clock()
        self.sweep_id = f"nightly-{now.date()}"
        present = Posture.of({each.kind for each in hardening.user.credentials})
        result = RowResult.CLEAN if present.is_clean else RowResult.EXPOSED
        row = self.judging(AccountRow(account=LISTED, result=result, audited_at=now, posture=present))
        if seen := PostureRecord.of(row.account, row.posture, row.result, row.audited_at):
            hardening.postures.save(seen)
        hardening.clock.move(timedelta(days=1))
        return len(hardening.bus.results) - before


def left_alone(sweeping: Sweeping) -> bool:
    return bool(sweeping.hardening.user.credentials) and not sweeping.hardening.bus.published


@pytest.mark.parametrize("mode", Mode)
def test_a_clean_account_stays_clean_without_another_call(mode: Mode) -> None:
    sweeping = Sweeping(mode=mode)

    row = sweeping.judge(CLEAN)

    assert row.result is RowResult.CLEAN
    assert sweeping.hardening.line.calls == []


def test_a_clean_account_that_is_exempt_is_said_to_be() -> None:
    assert Sweeping(exemptions=(BREAK_GLASS,)).judge(CLEAN).exemption_reason == "break glass"


def test_an_audit_only_reports() -> None:
    sweeping = Sweeping(mode=Mode.OBSERVE)

    row = sweeping.judge()

    assert (row.result, row.posture, row.removed) == (RowResult.EXPOSED, EVERYTHING, ())
    assert left_alone(sweeping)


def test_enforcing_removes_what_is_there_and_proves_it() -> None:
    sweeping = Sweeping()
    before = sweeping.hardening.user.credentials

    row = sweeping.judge()

    assert (row.result, row.posture, row.removed) == (RowResult.HARDENED, CLEAN, tuple(sorted(before)))
    assert (row.code, row.message) == (None, None)
    trigger = sweeping.hardening.bus.results[0].trigger
    assert (trigger.event_id, trigger.event_name, trigger.source) == (
        "nightly-1",
        "OrganizationSweep",
        "rootwarden",
    )


def test_what_cannot_be_removed_is_partial_with_awss_code() -> None:
    sweeping = Sweeping()
    sweeping.hardening.sessions.refusals["delete password"] = CallRefused("AccessDenied", "explicit deny")

    row = sweeping.judge()

    assert row.result is RowResult.PARTIAL
    assert row.posture == Posture.of(frozenset({CredentialKind.PASSWORD, CredentialKind.MFA_DEVICE}))
    assert row.code == "AccessDenied"
    assert "password" in (row.message or "")
    assert not sweeping.hardening.bus.results[0].will_retry


def test_what_nobody_could_read_back_is_not_known() -> None:
    sweeping = Sweeping()
    sweeping.hardening.sessions.refusals["read back"] = CallRefused("ExpiredToken", "expired")

    row = sweeping.judge(preview=Preview(goes=frozenset({PASSWORD})))

    assert (row.result, row.posture, row.code) == (RowResult.PARTIAL, None, "ExpiredToken")
    # It went: what the audit saw would be there no more.
    assert row.preview
    assert not row.preview.goes


def test_an_account_that_hardening_cannot_reach_keeps_the_posture_the_audit_saw() -> None:
    sweeping = Sweeping()
    sweeping.hardening.sessions.refusals["audit session"] = CallRefused("AccessDenied", "not authorized")

    row = sweeping.judge()

    assert (row.result, row.posture, row.code) == (RowResult.UNREACHABLE, EVERYTHING, "AccessDenied")


def test_a_removal_that_nobody_could_be_told_of_is_not_taken_for_the_old_posture() -> None:
    sweeping = Sweeping()
    sweeping.hardening.bus.failures = 1

    row = sweeping.judge()

    assert (row.result, row.posture, row.code) == (RowResult.PARTIAL, None, "ConnectionError")
    [error] = sweeping.unforeseen
    assert (type(error), str(error)) == (ConnectionError, row.message)
    assert sweeping.judge().result is RowResult.HARDENED


def test_recently_used_keys_are_left_for_a_person() -> None:
    sweeping = Sweeping()
    sweeping.hardening.user.keys = {"AKIAUSEDLATELY000001": NOON - timedelta(days=1)}

    row = sweeping.judge()

    assert (row.result, row.code) == (RowResult.PARTIAL, "RecentlyUsed")


def test_an_account_that_is_just_being_hardened_is_reported() -> None:
    sweeping = Sweeping()
    sweeping.hardening.claims.begin(alone_with(MEMBER), lease=timedelta(minutes=2))

    row = sweeping.judge()

    found = (row.result, row.code, row.message)
    assert found == (RowResult.EXPOSED, "RetryLater", f"{alone_with(MEMBER)} is being worked on")
    assert left_alone(sweeping)


def test_what_came_back_after_a_proof_is_removed_though_the_proof_is_less_than_an_hour_old() -> None:
    sweeping = Sweeping()
    sweeping.hardening.run.run(announcement(), attempt=1, is_last=True)
    sweeping.hardening.clock.move(timedelta(minutes=30))
    sweeping.hardening.user.password = True

    row = sweeping.judge()

    assert (row.result, row.posture, row.removed) == (RowResult.HARDENED, CLEAN, (PASSWORD,))
    # The same sweep, tried again, does not.
    assert sweeping.judge().code == "AlreadyDone"


@pytest.mark.parametrize(
    "refused", ["delete session", "delete password", "audit session"], ids=["both", "one", "unreachable"]
)
def test_what_is_as_at_the_sweep_before_is_said_once_and_what_was_removed_always(refused: str) -> None:
    sweeping = Sweeping()
    sessions, bus = sweeping.hardening.sessions, sweeping.hardening.bus

    sessions.refusals[refused] = CallRefused("AccessDenied", "explicit deny")
    said = [sweeping.sweep() for _ in range(3)]
    is_removal = bool(bus.results[0].removed)
    # Where the first removed something, what is left is another outcome: it is said once as well.
    assert said == ([1, 1, 0] if is_removal else [1, 0, 0])
    sessions.refusals[refused] = CallRefused("Throttling", "slow down")
    assert [sweeping.sweep() for _ in range(2)] == [1, 0]
    sweeping.hardening.user.keys["AKIANEVERUSED0000009"] = None
    if refused == "delete password":
        assert [sweeping.sweep() for _ in range(2)] == [1, 1]
        assert bus.results[-2].removed
    del sessions.refusals[refused]
    assert sweeping.sweep() == 1
    assert bus.results[-1].result is Result.HARDENED
    # What comes back is other than what was removed.
    sweeping.hardening.user.password = True
    sessions.refusals[refused] = CallRefused("Throttling", "slow down")
    assert sweeping.sweep() == 1


def test_what_the_audit_saw_stays_in_the_row_where_no_session_could_delete() -> None:
    sweeping = Sweeping()
    sweeping.hardening.sessions.refusals["delete session"] = CallRefused("AccessDenied", "explicit deny")
    seen = Preview(goes=frozenset({Credential(CredentialKind.ACCESS_KEY, "AKIANEVERUSED0000009")}))

    row = sweeping.judge(preview=seen)

    assert (row.result, row.code, row.preview) == (RowResult.PARTIAL, "AccessDenied", seen)
    assert row.concern.endswith("AKIANEVERUSED0000009")


def _clean_for_a_day(sweeping: Sweeping) -> int:
    sweeping.hardening.user.password = False
    said = sweeping.sweep()
    sweeping.hardening.user.password = True
    return said


def _exempt_for_a_day(sweeping: Sweeping) -> int:
    sweeping.exemptions = (BREAK_GLASS,)
    said = sweeping.sweep()
    sweeping.exemptions = ()
    return said


def _hardened_by_a_person(sweeping: Sweeping) -> int:
    refusals = sweeping.hardening.sessions.refusals
    refused = refusals.pop("delete password")
    assert sweeping.hardening.run.run(announcement(), attempt=1, is_last=True).is_proven
    refusals["delete password"] = refused
    sweeping.hardening.user.password = True
    return 0


@pytest.mark.parametrize("meanwhile", [_clean_for_a_day, _exempt_for_a_day, _hardened_by_a_person])
def test_what_comes_back_is_said_though_it_was_said_before(meanwhile: Callable[[Sweeping], int]) -> None:
    sweeping = Sweeping(hardening=Hardening(user=RootUser(password=True)))
    sweeping.hardening.sessions.refusals["delete password"] = CallRefused("AccessDenied", "explicit deny")

    assert [sweeping.sweep() for _ in range(3)] == [1, 0, 0]
    assert meanwhile(sweeping) == 0
    assert [sweeping.sweep() for _ in range(3)] == [1, 0, 0]


def test_a_key_in_place_of_another_is_said_though_all_else_is_as_before() -> None:
    sweeping = Sweeping(hardening=Hardening(user=RootUser(keys={"AKIAOLD0000000000001": NOON})))
    assert [sweeping.sweep() for _ in range(2)] == [1, 0]

    sweeping.hardening.user.keys = {"AKIANEW0000000000002": sweeping.hardening.clock()}

    assert [sweeping.sweep() for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("exemption", [BREAK_GLASS, SANDBOX])
def test_an_exempt_account_is_audited_and_left_alone(exemption: Exemption) -> None:
    sweeping = Sweeping(exemptions=(exemption,))

    row = sweeping.judge()

    assert (row.result, row.exemption_reason) == (RowResult.EXPOSED, exemption.reason)
    assert left_alone(sweeping)


def test_an_exemption_that_ended_exempts_nobody() -> None:
    ended = structs.replace(BREAK_GLASS, until=date(2026, 5, 31))

    assert Sweeping(exemptions=(ended,)).judge().result is RowResult.HARDENED


def test_an_open_recovery_window_is_reported_and_left_alone() -> None:
    sweeping = Sweeping(window=WINDOW)

    row = sweeping.judge()

    assert (row.result, row.recovery_window) == (RowResult.EXPOSED, WINDOW)
    assert left_alone(sweeping)


def test_units_that_the_list_did_not_tell_are_asked_for() -> None:
    sweeping = Sweeping(exemptions=(SANDBOX,))

    row = sweeping.judge(account=replace(LISTED, organizational_units=None))

    assert (row.exemption_until, row.account.organizational_unit) == (str(SANDBOX.until), UNIT)


@pytest.mark.parametrize("described", [None, member(units=None)])
def test_units_that_nobody_tells_leave_the_account_alone(described: Account | None) -> None:
    sweeping = Sweeping(exemptions=(SANDBOX,), hardening=Hardening(account=described))

    with pytest.raises(CallRefused) as refused:
        sweeping.judge(account=replace(LISTED, organizational_units=None))

    assert str(refused.value) == (
        "UnknownOrganizationalUnit: which organizational units it stands in is not said,"
        " so its exemption is not known"
    )
    assert left_alone(sweeping)


@pytest.mark.parametrize("exemptions", [(), (BREAK_GLASS, SANDBOX)])
def test_units_that_decide_nothing_are_not_asked_for(exemptions: tuple[Exemption, ...]) -> None:
    sweeping = Sweeping(Mode.OBSERVE, exemptions)

    row = sweeping.judge(account=replace(LISTED, organizational_units=None))

    assert (row.result, row.is_exempt) == (RowResult.EXPOSED, bool(exemptions))
    assert sweeping.hardening.line.calls == []


def test_without_time_to_finish_nothing_is_begun() -> None:
    sweeping = Sweeping(left=5)

    row = sweeping.judge()

    assert (row.result, row.code, row.message) == (
        RowResult.EXPOSED,
        "OutOfTime",
        "no time was left to remove what is there",
    )
    assert left_alone(sweeping)


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.CLOSED])
def test_an_account_closed_during_the_sweep_is_left_alone_with_the_reason(state: AccountState) -> None:
    sweeping = Sweeping(hardening=Hardening(account=member(state=state)))

    row = sweeping.judge()

    assert (row.result, row.code) == (RowResult.EXPOSED, "not_active")
    assert sweeping.hardening.user.credentials


def test_an_active_member_is_worth_a_call() -> None:
    assert row_without_a_call(MANAGEMENT, LISTED, NOON) is None


@pytest.mark.parametrize(
    ("parts", "result", "code", "message"),
    [
        (
            {"account_id": MANAGEMENT},
            RowResult.MANAGEMENT,
            None,
            "root sessions never reach the management account",
        ),
        *(
            ({"state": state.value}, RowResult.NOT_ACTIVE, None, f"the account is {state}")
            for state in sorted(set(AccountState) - {AccountState.ACTIVE})
        ),
        (
            {"state": "FROZEN"},
            RowResult.UNREACHABLE,
            "UnknownAccountState",
            "Organizations says that its state is 'FROZEN'",
        ),
    ],
)
def test_an_account_that_no_session_reaches_is_not_asked_and_its_row_says_why(
    parts: dict[str, object], result: RowResult, code: str | None, message: str
) -> None:
    account = replace(LISTED, **parts)  # type: ignore[arg-type]  # the parts are the fields'

    row = row_without_a_call(MANAGEMENT, account, NOON)

    assert row == AccountRow(account=account, result=result, audited_at=NOON, code=code, message=message)
