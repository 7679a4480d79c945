"""What attempts at one account keep for each other, and which of them are said."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from rootwarden.accounts import AccountState
from rootwarden.claims import RetryLater
from rootwarden.contract.configured import Mode
from rootwarden.hardening.announcement import Announcement, Skip
from rootwarden.hardening.outcome import HARDENING_REQUEST, WINDOW_CLOSED, Progress, Result, SkipReason
from rootwarden.hardening.run import GaveUp
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, LastUse, Posture
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MEMBER, TRIGGER, WINDOW, Hardening, announcement, member

DENIED = CallRefused("AccessDenied", "explicit deny")
OLD = NOON - timedelta(days=400)
KEY, NEW_KEY = (
    Credential(CredentialKind.ACCESS_KEY, "AKIAKEY"),
    Credential(CredentialKind.ACCESS_KEY, "AKIANEW"),
)


def announced(event_name: str = TRIGGER.event_name, *, event_id: str = TRIGGER.event_id) -> Announcement:
    trigger = structs.replace(TRIGGER, event_name=event_name, event_id=event_id)
    mode = Mode.ENFORCE if event_name in {WINDOW_CLOSED, HARDENING_REQUEST} else None
    return replace(announcement(), trigger=trigger, mode=mode, ignores_recent_result=mode is not None)


def password_and_key(*, refused: str = "delete password") -> Hardening:
    given = Hardening(user=RootUser(password=True, keys={"AKIAKEY": OLD}))
    given.sessions.refusals[refused] = DENIED
    return given


def fail(given: Hardening, event: Announcement | None = None, attempt: int = 1) -> None:
    with pytest.raises(RetryLater):
        given.run.run(event or announced(), attempt=attempt, is_last=False)


def run(given: Hardening) -> None:
    given.run.run(announced(), attempt=1, is_last=False)


def test_whatever_event_finishes_an_account_names_what_failed_attempts_found_and_removed() -> None:
    given = password_and_key()
    fail(given)
    given.sessions.refusals.clear()

    given.run.run(announced(event_id="another"), attempt=3, is_last=False)

    final = given.bus.results[-1]
    assert (final.result, final.attempt) == (Result.HARDENED, 3)
    assert final.removed == {PASSWORD, KEY}
    assert final.before == Posture.of({CredentialKind.PASSWORD, CredentialKind.ACCESS_KEY})
    assert final.last_used == {LastUse(PASSWORD.kind, "password"), LastUse(KEY.kind, "AKIAKEY", OLD)}


def test_a_password_that_a_window_s_end_tried_to_remove_is_named_though_its_use_is_not_known() -> None:
    given = password_and_key(refused="last used password")
    given.sessions.refusals["delete password"] = DENIED
    given.memory.windowed.add(MEMBER)
    closed = announced(WINDOW_CLOSED)
    fail(given, closed)
    # It had worked, and only the answer was lost.
    given.user.password = False

    final = given.run.run(closed, attempt=2, is_last=False)

    assert final.result is Result.HARDENED
    assert final.removed == {PASSWORD, KEY}


@pytest.mark.parametrize(
    ("event_name", "refused", "is_last", "waits_no_longer"),
    [
        (WINDOW_CLOSED, "nothing", False, True),
        (WINDOW_CLOSED, "delete password", False, False),
        (WINDOW_CLOSED, "delete password", True, True),
        (HARDENING_REQUEST, "nothing", True, True),
        (TRIGGER.event_name, "nothing", False, False),
        (TRIGGER.event_name, "delete password", True, False),
    ],
)
def test_the_next_window_waits_for_the_hardening_after_the_last_one_alone(
    event_name: str,
    refused: str,
    is_last: bool,  # noqa: FBT001 - a table
    waits_no_longer: bool,  # noqa: FBT001
) -> None:
    given = password_and_key(refused=refused)
    given.memory.windowed.add(MEMBER)

    try:
        given.run.run(announced(event_name), attempt=1, is_last=is_last)
    except (RetryLater, GaveUp):
        assert refused != "nothing"

    assert given.memory.hardened == ([MEMBER] if waits_no_longer else [])


def test_a_clean_account_has_nothing_taken_off_the_record() -> None:
    given = Hardening(user=RootUser())

    run(given)

    assert [call for call in given.line.calls if call.startswith("memory")] == [
        "memory unreported",
        "memory window",
        "memory posture",
    ]


def test_an_event_that_names_no_account_touches_none() -> None:
    given = Hardening()
    failed = announcement(None, Skip(SkipReason.CREATION_FAILED, "EMAIL_ALREADY_EXISTS"))

    given.run.run(failed, attempt=1, is_last=False)

    # The event's own claim, and the one on what is said of it.
    assert given.line.calls == ["claim", "claim", "publish", "claim finished", "claim finished"]


def test_giving_up_is_said_each_time_and_names_what_stays() -> None:
    given = Hardening(user=RootUser(password=True, keys={"AKIAKEY": OLD}, devices={"arn:mfa"}))
    given.sessions.refusals |= {"delete password": DENIED, "list access_key": DENIED}

    for _ in range(2):
        with pytest.raises(GaveUp) as gave_up:
            given.run.run(announced(), attempt=8, is_last=True)
        assert str(gave_up.value) == (
            "payments-prod (444455556666) is partial after 8 attempts:"
            " access_key: AccessDenied; password: AccessDenied; mfa_device arn:mfa: AccessDenied"
        )

    assert [said.result for said in given.bus.results] == [Result.PARTIAL, Result.PARTIAL]


@pytest.mark.parametrize("refused", ["audit session", "delete password"])
def test_a_failure_for_another_reason_is_said(refused: str) -> None:
    given = Hardening()
    for code in ("Throttling", "Throttling", "AccessDenied"):
        given.sessions.refusals[refused] = CallRefused(code, "")
        fail(given)

    codes = [(said.reason or said.failures[0]).code for said in given.bus.results]
    assert codes == ["Throttling", "AccessDenied"]


def test_attempts_that_fail_alike_are_said_once_whatever_they_removed() -> None:
    given = password_and_key()
    fail(given)
    given.user.keys["AKIANEW"] = None
    fail(given, attempt=2)

    assert [said.removed for said in given.bus.results] == [{KEY}]


def test_another_reason_to_leave_an_account_is_said() -> None:
    given = Hardening()
    given.memory.windows[MEMBER] = WINDOW
    run(given)
    given.organization.accounts = {MEMBER: member(AccountState.SUSPENDED)}
    run(given)

    codes = [said.reason.code for said in given.bus.results if said.reason]
    assert codes == [SkipReason.RECOVERY_WINDOW_OPEN, SkipReason.NOT_ACTIVE]


@pytest.mark.parametrize(
    "earlier",
    [Progress(removed=frozenset({KEY})), Progress(tried=frozenset({KEY}))],
    ids=["removed", "tried"],
)
def test_a_second_skip_is_said_where_it_names_what_is_gone(earlier: Progress) -> None:
    given = Hardening()
    given.memory.windows[MEMBER] = WINDOW
    run(given)
    given.memory.remember(MEMBER, earlier)
    run(given)

    named = [said.removed | said.may_have_been_removed for said in given.bus.results]
    assert named == [frozenset(), {KEY}]
