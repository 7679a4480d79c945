"""Accounts that are not hardened, and the reason each is left alone for."""

import pytest

from rootwarden.accounts import Account, AccountState
from rootwarden.hardening.announcement import Announcement, Skip
from rootwarden.hardening.outcome import HardeningOutcome, Progress, Reason, Result, SkipReason
from rootwarden.outcomes import AccountReference
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, LastUse, Posture
from tests.unit.fakes import NOON
from tests.unit.given import (
    MEMBER,
    TRIGGER,
    UNIT,
    WINDOW,
    Hardening,
    announcement,
    exempt,
    member,
)

GONE = Credential(CredentialKind.ACCESS_KEY, "AKIAGONE")
# What earlier attempts did before the account had to be left alone.
EARLIER = Progress(
    before=Posture.of({CredentialKind.PASSWORD, CredentialKind.ACCESS_KEY}),
    tried=frozenset({PASSWORD, GONE}),
    removed=frozenset({GONE}),
    last_used=frozenset({LastUse(GONE.kind, GONE.identifier, NOON)}),
)


def left(account: Account | None, code: str, text: str, result: Result = Result.SKIPPED) -> HardeningOutcome:
    """Return the outcome of an account that was left as EARLIER had it."""
    return HardeningOutcome(
        account=AccountReference.of(account) if account else AccountReference(account_id=MEMBER),
        result=result,
        reason=Reason(code, text),
        trigger=TRIGGER,
        before=EARLIER.before,
        removed=EARLIER.removed,
        may_have_been_removed=frozenset({PASSWORD}),
        last_used=EARLIER.last_used,
        attempt=1,
        will_retry=result is not Result.SKIPPED,
        occurred_at=NOON,
    )


@pytest.mark.parametrize(
    ("given", "reason", "text"),
    [
        (
            Hardening(account=None),
            SkipReason.NOT_IN_ORGANIZATION,
            "Organizations does not know this account",
        ),
        (
            Hardening(account=member(AccountState.SUSPENDED)),
            SkipReason.NOT_ACTIVE,
            "the account is SUSPENDED",
        ),
        (
            Hardening(account=member(AccountState.PENDING_CLOSURE)),
            SkipReason.NOT_ACTIVE,
            "the account is PENDING_CLOSURE",
        ),
        (Hardening(account=member(AccountState.CLOSED)), SkipReason.NOT_ACTIVE, "the account is CLOSED"),
        (
            Hardening(exemptions=(exempt(account=MEMBER),)),
            SkipReason.EXEMPT,
            "exempt until 2026-06-01: break glass",
        ),
        (
            Hardening(exemptions=(exempt(unit=UNIT),)),
            SkipReason.EXEMPT,
            "exempt until 2026-06-01: break glass",
        ),
    ],
    ids=["unknown", "suspended", "closing", "closed", "exempt account", "exempt unit"],
)
def test_an_account_is_left_alone_for_a_reason_and_what_was_done_before_is_named(
    given: Hardening, reason: SkipReason, text: str
) -> None:
    outcome = given.harden(progress=EARLIER, is_last=reason is SkipReason.NOT_IN_ORGANIZATION)

    assert outcome == left(given.account, reason.value, text)
    assert given.user.credentials
    assert "audit session" not in given.line.calls


def test_an_open_recovery_window_leaves_the_account_alone() -> None:
    given = Hardening()
    given.memory.windows[MEMBER] = WINDOW

    outcome = given.harden()

    assert outcome.reason is not None
    assert outcome.reason.code == SkipReason.RECOVERY_WINDOW_OPEN
    assert outcome.reason.text == "a recovery window is open until 2026-06-01 16:00 UTC: lost MFA device"
    assert given.user.credentials


@pytest.mark.parametrize(
    ("announced", "reason"),
    [
        (
            announcement(None, Skip(SkipReason.CREATION_FAILED, "no account")),
            Reason("creation_failed", "no account"),
        ),
        (
            announcement(MEMBER, Skip(SkipReason.MANAGEMENT_ACCOUNT, "never")),
            Reason("management_account", "never"),
        ),
        (announcement(None), Reason("not_a_join", "the event names no account")),
    ],
)
def test_an_event_that_announces_nothing_costs_no_call(announced: Announcement, reason: Reason) -> None:
    given = Hardening()

    outcome = given.harden(announced)

    assert (outcome.account.account_id, outcome.reason) == (announced.account_id, reason)
    assert given.line.calls == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            Hardening(account=member(AccountState.PENDING_ACTIVATION)),
            Reason("PENDING_ACTIVATION", "the account is still being activated"),
        ),
        (
            Hardening(account=None),
            Reason("not_in_organization", "Organizations does not know this account yet"),
        ),
    ],
    ids=["being activated", "not known yet"],
)
def test_an_account_that_is_too_young_is_tried_again(given: Hardening, reason: Reason) -> None:
    outcome = given.harden(progress=EARLIER)

    assert outcome == left(given.account, reason.code, reason.text, Result.UNREACHABLE)
    assert given.user.credentials
    assert "audit session" not in given.line.calls


def test_an_exemption_by_unit_that_cannot_be_checked_never_counts_as_none() -> None:
    given = Hardening(account=member(units=None), exemptions=(exempt(unit=UNIT),))

    outcome = given.harden(progress=EARLIER)

    text = (
        "DescribeAccount did not say which organizational units the account stands in,"
        " so its exemption could not be checked"
    )
    assert outcome == left(given.account, "UnknownOrganizationalUnit", text, Result.UNREACHABLE)
    assert given.user.credentials
