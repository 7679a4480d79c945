"""Observe or enforce: by how an account came in, and what an observation says."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rootwarden.contract.configured import HardeningModes, Mode
from rootwarden.hardening.account_hardening import NEW_FOR
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import WINDOW_CLOSED, HardeningOutcome, Reason, Result, Trigger
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, CredentialKind
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MEMBER, Hardening, announcement, exempt, member

ALL_OBSERVE = HardeningModes(created=Mode.OBSERVE, invited=Mode.OBSERVE, existing=Mode.OBSERVE)
JOINED_NOW = "the account joined on 2026-06-01"
CLOSED = replace(
    announcement(),
    trigger=Trigger(event_id="closed-1", event_name=WINDOW_CLOSED, source="rootwarden"),
    mode=Mode.ENFORCE,
)


def _harden(
    joined: datetime | None, method: str | None, modes: HardeningModes | None = None
) -> tuple[Hardening, HardeningOutcome]:
    account = replace(member(), joined_at=joined, joined_method=method)
    given = Hardening(account=account, modes=modes or HardeningModes())
    return given, given.harden()


@pytest.mark.parametrize(
    ("joined", "method", "mode"),
    [
        (NOON, "CREATED", Mode.ENFORCE),
        (NOON - NEW_FOR, "INVITED", Mode.ENFORCE),
        (NOON - NEW_FOR - timedelta(seconds=1), "CREATED", Mode.OBSERVE),
        (NOON - NEW_FOR - timedelta(seconds=1), "INVITED", Mode.OBSERVE),
        (None, "CREATED", Mode.OBSERVE),
    ],
)
def test_by_default_new_accounts_are_hardened_and_others_observed(
    joined: datetime | None, method: str, mode: Mode
) -> None:
    given, outcome = _harden(joined, method)

    assert outcome.mode is mode
    assert outcome.result is {Mode.ENFORCE: Result.HARDENED, Mode.OBSERVE: Result.OBSERVED}[mode]
    assert bool(given.user.credentials) is (mode is Mode.OBSERVE)


@pytest.mark.parametrize(
    ("modes", "joined", "method", "told_by", "origin"),
    [
        (HardeningModes(created=Mode.OBSERVE), NOON, "CREATED", JOINED_NOW + " (CREATED)", "created"),
        (HardeningModes(invited=Mode.OBSERVE), NOON, "INVITED", JOINED_NOW + " (INVITED)", "invited"),
        (HardeningModes(invited=Mode.OBSERVE), NOON, None, JOINED_NOW + " (how is not said)", "invited"),
        (
            HardeningModes(created=Mode.OBSERVE, invited=Mode.OBSERVE),
            NOON,
            "Created",
            JOINED_NOW + " (Created)",
            "invited",
        ),
        (
            ALL_OBSERVE,
            NOON - timedelta(days=400),
            "CREATED",
            "the account joined on 2025-04-27, more than 15 days ago",
            "existing",
        ),
        (ALL_OBSERVE, None, "CREATED", "Organizations did not say when the account joined", "existing"),
    ],
)
def test_each_origin_is_observed_where_it_is_configured(
    modes: HardeningModes, joined: datetime | None, method: str | None, told_by: str, origin: str
) -> None:
    given, outcome = _harden(joined, method, modes)

    assert outcome.result is Result.OBSERVED
    assert outcome.reason == Reason("only_observed", f"{told_by}, and hardening.{origin} is observe")
    assert not any(call.startswith("delete") for call in given.line.calls)


def test_existing_accounts_are_hardened_where_that_is_configured() -> None:
    old = NOON - timedelta(days=400)

    assert _harden(old, "INVITED", HardeningModes(existing=Mode.ENFORCE))[1].result is Result.HARDENED


def test_what_an_observation_cannot_list_would_stay_and_is_named() -> None:
    given = Hardening(modes=ALL_OBSERVE)
    given.sessions.refusals[f"list {CredentialKind.MFA_DEVICE}"] = CallRefused("Throttling", "Rate exceeded")

    outcome = given.harden()

    assert outcome.result is Result.OBSERVED
    assert [(each.kind, each.identifier, each.code) for each in outcome.failures] == [
        (CredentialKind.MFA_DEVICE, None, "Throttling")
    ]
    assert CredentialKind.MFA_DEVICE not in {each.kind for each in outcome.would_remove}


def test_an_account_that_is_only_looked_at_says_so() -> None:
    outcome = Hardening().harden(replace(announcement(), mode=Mode.OBSERVE))

    assert outcome.reason == Reason("only_observed", "only looked at the account, to say what became of it")


@pytest.mark.parametrize(("modes", "result"), [(None, Result.HARDENED), (ALL_OBSERVE, Result.OBSERVED)])
def test_a_closed_window_is_hardened_whatever_the_account_is_unless_nothing_may_be_deleted(
    modes: HardeningModes | None, result: Result
) -> None:
    old = replace(member(), joined_at=NOON - timedelta(days=400))
    given = Hardening(account=old, modes=modes or HardeningModes())
    given.memory.windowed.add(old.account_id)

    outcome = given.harden(CLOSED)

    assert outcome.result is result
    assert outcome.reason is None or "this hub only observes" in outcome.reason.text


@pytest.mark.parametrize("days", [1, 400])
def test_the_end_of_a_window_that_nobody_opened_decides_nothing(days: int) -> None:
    account = replace(member(), joined_at=NOON - timedelta(days=days), joined_method="CREATED")
    given = Hardening(user=RootUser(password=True, password_used=NOON), account=account)

    outcome = given.harden(CLOSED)

    assert outcome.mode is (Mode.ENFORCE if days == 1 else Mode.OBSERVE)
    assert given.user.credentials == {PASSWORD}, "it is in use, and no window let it be used"


@pytest.mark.parametrize(
    ("announced", "had_window", "code", "severity"),
    [
        (CLOSED, True, "exempt_after_window", "medium"),
        (CLOSED, False, "exempt", "low"),
        (announcement(), True, "exempt", "low"),
    ],
)
def test_a_window_s_end_in_an_account_that_became_exempt_says_that_the_password_stays(
    announced: Announcement, code: str, severity: str, *, had_window: bool
) -> None:
    given = Hardening(user=RootUser(password=True), exemptions=(exempt(account=MEMBER),))
    given.memory.windowed = {MEMBER} if had_window else set()

    outcome = given.harden(announced)

    assert outcome.reason is not None
    assert (outcome.result, outcome.reason.code, outcome.severity) == (Result.SKIPPED, code, severity)
    assert outcome.reason.text == "exempt until 2026-06-01: break glass"
    assert given.user.credentials == {PASSWORD}
