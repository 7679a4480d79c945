"""Accounts that are not hardened, and the reason each is left alone for."""

import pytest

from rootwarden.accounts import AccountState
from rootwarden.hardening.account_events import Skip, SkipReason
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.exemptions import Exemption
from rootwarden.hardening.outcome import Result
from tests.unit.fakes import NOON
from tests.unit.given import (
    MEMBER,
    UNIT,
    WINDOW,
    Hardening,
    announcement,
    member,
)


def exempt(**by: str) -> Exemption:
    account = MEMBER if "account" in by else None
    return Exemption(
        account=account, organizational_unit=by.get("unit"), reason="break glass", until=NOON.date()
    )


@pytest.mark.parametrize(
    ("given", "reason", "text"),
    [
        (Hardening(account=None), SkipReason.NOT_IN_ORGANIZATION, "does not know"),
        (Hardening(account=member(AccountState.SUSPENDED)), SkipReason.NOT_ACTIVE, "SUSPENDED"),
        (Hardening(account=member(AccountState.PENDING_CLOSURE)), SkipReason.NOT_ACTIVE, "PENDING_CLOSURE"),
        (Hardening(account=member(AccountState.CLOSED)), SkipReason.NOT_ACTIVE, "CLOSED"),
        (Hardening(exemptions=(exempt(account=MEMBER),)), SkipReason.EXEMPT, "2026-06-01: break glass"),
        (Hardening(exemptions=(exempt(unit=UNIT),)), SkipReason.EXEMPT, "2026-06-01: break glass"),
    ],
    ids=["unknown", "suspended", "closing", "closed", "exempt account", "exempt unit"],
)
def test_an_account_is_left_alone_for_a_reason(given: Hardening, reason: SkipReason, text: str) -> None:
    outcome = given.harden(is_last=reason is SkipReason.NOT_IN_ORGANIZATION)

    assert outcome.result is Result.SKIPPED
    assert outcome.reason is not None
    assert outcome.reason.code == reason
    assert text in outcome.reason.text
    assert not outcome.will_retry
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
        (announcement(None, Skip(SkipReason.CREATION_FAILED, "no account")), SkipReason.CREATION_FAILED),
        (
            announcement(MEMBER, Skip(SkipReason.MANAGEMENT_ACCOUNT, "never")),
            SkipReason.MANAGEMENT_ACCOUNT,
        ),
        (announcement(None), SkipReason.NOT_A_JOIN),
    ],
)
def test_an_event_that_announces_nothing_costs_no_call(announced: Announcement, reason: SkipReason) -> None:
    given = Hardening()

    outcome = given.harden(announced)

    assert outcome.reason is not None
    assert outcome.reason.code == reason
    assert given.line.calls == []


def test_an_account_still_being_activated_is_tried_again() -> None:
    given = Hardening(account=member(AccountState.PENDING_ACTIVATION))

    outcome = given.harden()

    assert outcome.result is Result.UNREACHABLE
    assert outcome.will_retry
    assert "audit session" not in given.line.calls


def test_an_exemption_by_unit_that_cannot_be_checked_never_counts_as_none() -> None:
    given = Hardening(account=member(units=None), exemptions=(exempt(unit=UNIT),))

    outcome = given.harden()

    assert outcome.result is Result.UNREACHABLE
    assert outcome.reason is not None
    assert outcome.reason.code == "UnknownOrganizationalUnit"
    assert given.user.credentials
