"""Hardening one account: what each answer of AWS leads to."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.hardening.outcome import WINDOW_CLOSED, Reason, Result, Trigger
from rootwarden.hardening.removal import RECENTLY_USED
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, CredentialKind
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import (
    MEMBER,
    UNIT,
    Hardening,
    announcement,
)

WITHIN = timedelta(days=30)
OBSERVE = HardeningModes(created=Mode.OBSERVE, invited=Mode.OBSERVE, existing=Mode.OBSERVE)
DENIED = CallRefused("AccessDenied", "Root credentials management feature is not enabled")
DEVICE = f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device"


@pytest.mark.parametrize("modes", [HardeningModes(), OBSERVE])
def test_a_clean_account_costs_one_session_and_one_call(modes: HardeningModes) -> None:
    given = Hardening(user=RootUser(), modes=modes)

    outcome = given.harden()

    assert outcome.result is Result.CLEAN
    assert outcome.before == outcome.after
    assert not outcome.removed
    assert not outcome.will_retry
    assert given.line.calls == ["describe", "memory window", "audit session", "posture"]


def test_every_credential_is_removed_and_the_read_back_proves_it() -> None:
    given = Hardening()
    before = given.user.credentials

    outcome = given.harden()

    assert outcome.result is Result.HARDENED
    assert outcome.removed == before
    assert outcome.before is not None
    assert outcome.before.present == frozenset(CredentialKind)
    assert outcome.after is not None
    assert outcome.after.is_clean
    assert not given.user.credentials
    assert given.sessions.entered == [MEMBER, MEMBER]
    assert given.line.calls == [
        "describe",
        "memory window",
        "audit session",
        "posture",
        "delete session",
        "list access_key",
        "list signing_certificate",
        "list mfa_device",
        "last used password",
        "last used AKIALONGAGO000000002",
        "last used AKIANEVERUSED0000001",
        "memory noted",
        "delete password",
        "delete AKIALONGAGO000000002",
        "delete AKIANEVERUSED0000001",
        "delete CERTIFICATE1",
        f"delete {DEVICE}",
        "read back",
    ]
    assert str(outcome.account) == f"payments-prod ({MEMBER})"
    assert outcome.account.organizational_unit == UNIT


def test_an_account_with_a_password_and_an_mfa_device_costs_eight_calls() -> None:
    given = Hardening(user=RootUser(password=True, devices={DEVICE}))

    given.harden()

    assert [call for call in given.line.calls if not call.startswith(("memory", "claim", "describe"))] == [
        "audit session",
        "posture",
        "delete session",
        f"list {CredentialKind.MFA_DEVICE}",
        "last used password",
        "delete password",
        f"delete {DEVICE}",
        "read back",
    ]


@pytest.mark.parametrize(
    "refused",
    [
        "list access_key",
        "list signing_certificate",
        "list mfa_device",
        "last used AKIANEVERUSED0000001",
        "delete AKIANEVERUSED0000001",
        "delete CERTIFICATE1",
        f"delete {DEVICE}",
    ],
)
def test_one_failure_never_stops_the_rest(refused: str) -> None:
    given = Hardening()
    before = given.user.credentials
    given.sessions.refusals[refused] = DENIED

    outcome = given.harden()

    left = given.user.credentials
    assert outcome.result is Result.PARTIAL
    assert outcome.will_retry
    assert len({credential.kind for credential in left}) == 1
    assert outcome.removed == before - left
    assert [failure.code for failure in outcome.failures] == ["AccessDenied"]
    assert outcome.failures[0].kind in {credential.kind for credential in left}


def test_a_refused_delete_session_is_partial_with_awss_reason() -> None:
    given = Hardening()
    before = given.user.credentials
    given.sessions.refusals["delete session"] = DENIED

    outcome = given.harden()

    assert outcome.result is Result.PARTIAL
    assert outcome.reason == Reason(DENIED.code, DENIED.message)
    assert outcome.after == outcome.before
    assert not outcome.removed
    assert given.user.credentials == before


def test_without_a_read_back_nothing_is_proven() -> None:
    given = Hardening()
    given.sessions.refusals["read back"] = CallRefused("Throttling", "Rate exceeded")

    outcome = given.harden()

    assert not given.user.credentials
    assert outcome.result is Result.PARTIAL
    assert outcome.after is None
    assert outcome.reason is not None
    assert outcome.reason.code == "Throttling"
    assert outcome.will_retry


@pytest.mark.parametrize("refused", ["audit session", "posture"])
def test_an_account_that_cannot_be_looked_at_is_unreachable(refused: str) -> None:
    given = Hardening()
    given.sessions.refusals[refused] = DENIED

    outcome = given.harden()

    assert outcome.result is Result.UNREACHABLE
    assert outcome.reason is not None
    assert outcome.reason.text == DENIED.message
    assert outcome.before is None
    assert outcome.after is None
    assert outcome.will_retry


def test_a_refused_look_up_is_unreachable_and_opens_no_session() -> None:
    given = Hardening()
    given.organization.refusal = CallRefused("TooManyRequestsException", "slow down")

    outcome = given.harden()

    assert outcome.result is Result.UNREACHABLE
    assert given.line.calls == ["describe"]


def test_the_last_attempt_promises_no_other() -> None:
    given = Hardening()
    given.sessions.refusals["audit session"] = DENIED

    assert not given.harden(is_last=True).will_retry


@pytest.mark.parametrize(
    ("used", "days", "is_kept"),
    [
        (None, 30, False),
        (NOON - WITHIN, 30, False),
        (NOON - WITHIN + timedelta(seconds=1), 30, True),
        (NOON - timedelta(days=1), 30, True),
        (NOON - timedelta(hours=1), 1, True),
        (NOON - timedelta(hours=1), 0, False),
    ],
)
def test_a_key_used_lately_is_left_for_a_person(used: datetime | None, days: int, *, is_kept: bool) -> None:
    user = RootUser(password=True, keys={"AKIAINUSE": used})
    given = Hardening(user=user, keep_used_within_days=days)

    outcome = given.harden()

    assert (outcome.result is Result.PARTIAL) is is_kept
    assert bool(given.user.keys) is is_kept
    assert [each.identifier for each in outcome.in_use] == (["AKIAINUSE"] if is_kept else [])
    assert PASSWORD in outcome.removed
    assert not outcome.will_retry


def test_what_nobody_can_say_the_use_of_goes_where_use_decides_nothing() -> None:
    given = Hardening(user=RootUser(keys={"AKIAUNKNOWN": None}), keep_used_within_days=0)
    given.sessions.refusals["last used AKIAUNKNOWN"] = DENIED

    outcome = given.harden()

    assert (given.user.keys, outcome.last_used) == ({}, frozenset())


def test_a_password_that_a_closed_window_let_be_used_goes() -> None:
    given = Hardening(user=RootUser(password=True, password_used=NOON, keys={"AKIAINUSE": NOON}))
    trigger = Trigger(event_id="closed-1", event_name=WINDOW_CLOSED, source="rootwarden")
    given.memory.windowed.add(MEMBER)

    outcome = given.harden(replace(announcement(), trigger=trigger, mode=Mode.ENFORCE))

    assert (given.user.password, list(given.user.keys)) == (False, ["AKIAINUSE"])
    assert PASSWORD in outcome.removed


def test_a_kept_key_beside_another_failure_is_still_tried_again() -> None:
    given = Hardening(user=RootUser(password=True, keys={"AKIAINUSE": NOON}))
    given.sessions.refusals["delete password"] = DENIED

    outcome = given.harden()

    assert {failure.code for failure in outcome.failures} == {RECENTLY_USED, "AccessDenied"}
    assert outcome.will_retry


def test_credentials_made_meanwhile_show_in_the_read_back() -> None:
    given = Hardening(user=RootUser(password=True))
    given.line.before[given_call(given, "read back")] = lambda _: given.user.keys.update(AKIANEW=None)

    outcome = given.harden()

    assert outcome.result is Result.PARTIAL
    assert outcome.after is not None
    assert outcome.after.present == {CredentialKind.ACCESS_KEY}
    assert outcome.will_retry


def given_call(given: Hardening, name: str) -> int:
    """Return which call of an undisturbed run has that name."""
    rehearsal = Hardening(user=RootUser(password=given.user.password, keys=dict(given.user.keys)))
    rehearsal.harden()
    return rehearsal.line.calls.index(name) + 1
