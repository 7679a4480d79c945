"""Recovery windows: who may open one, what is said of it, and how it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rootwarden.accounts import AccountState
from rootwarden.events import MalformedEvent
from rootwarden.hardening.outcome import Reason
from rootwarden.recovery.history import LONGEST_HARDENING, Span
from rootwarden.recovery.outcome import Change, PasswordRecovery
from rootwarden.refusals import CallRefused
from rootwarden.requests import RequestRefused
from tests.unit.fake_recovery import Recovery
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, UNIT, exempt, member

ACCOUNT = {"id": MEMBER, "name": "payments-prod", "organizationalUnit": UNIT, "organizationalUnits": (UNIT,)}
WINDOW = {"until": "2026-06-01T16:00:00Z", "reason": "lost MFA device", "openedBy": "alice"}


@pytest.mark.parametrize("password", PasswordRecovery)
def test_a_window_opens_for_as_long_as_was_asked_and_people_are_told(password: PasswordRecovery) -> None:
    given = Recovery()
    given.passwords.allowed = {MEMBER} if password is PasswordRecovery.EXISTED else set()

    answer = given.open()

    assert answer == {
        "result": "opened",
        "reason": None,
        "window": WINDOW,
        "password": password,
        "account": ACCOUNT,
    }
    assert given.passwords.allowed == {MEMBER}
    assert given.ends.kept == {MEMBER: NOON + timedelta(hours=4)}
    [said] = given.changes
    assert (said.change, said.may_be_open, said.password) == (Change.OPENED, True, password)
    assert (said.window.reason, said.window.opened_by) == ("lost MFA device", "alice")
    # The end is certain before anything is opened.
    calls = [call for call in given.line.calls if "claim" not in call]
    assert calls == [
        "describe",
        "find window",
        "read history",
        "index window",
        "begin window",
        "keep history",
        "set end",
        "enter",
        "allow recovery",
        "publish",
        "mark open",
    ]


def _opened_and_closed(given: Recovery, hours: int, *, hardened: bool = True) -> None:
    given.open(hours=hours)
    given.come_to_the_end()
    if hardened:
        given.histories.hardened(MEMBER)


@pytest.mark.parametrize("dry_run", [False, True])
def test_no_window_opens_before_the_account_is_hardened_after_the_last(*, dry_run: bool) -> None:
    given = Recovery()
    _opened_and_closed(given, 1, hardened=False)

    with pytest.raises(
        RequestRefused, match=r"closed at 2026-06-01 13:00 UTC .*, or after 2026-06-01 14:30"
    ) as no:
        given.open(dryRun=dry_run)
    assert no.value.code == "AccountNotHardened"

    given.clock.move(LONGEST_HARDENING)
    assert given.open(dryRun=dry_run)["result"] in {"opened", "would_open"}


@pytest.mark.parametrize("dry_run", [False, True])
def test_no_window_opens_where_nothing_could_close_it(*, dry_run: bool) -> None:
    given = Recovery()
    given.opener = replace(given.opener, observes_only=True)

    with pytest.raises(RequestRefused, match="only observes") as no:
        given.open(dryRun=dry_run)

    assert (no.value.code, given.line.calls) == ("ObservesOnly", ["describe"])


@pytest.mark.parametrize("dry_run", [False, True])
def test_no_window_opens_in_an_exempt_account_whose_password_would_stay(*, dry_run: bool) -> None:
    given = Recovery()
    given.opener = replace(given.opener, exemptions=(exempt(unit=UNIT),))

    with pytest.raises(
        RequestRefused,
        match=r"^AccountExempt: the account payments-prod \(444455556666\) is exempt until 2026-06-01:"
        " break glass; its password would stay after a window. End the exemption first: take it out of the"
        " configuration and deploy$",
    ) as no:
        given.open(dryRun=dry_run)

    assert (no.value.code, given.line.calls) == ("AccountExempt", ["describe"])
    given.clock.move(timedelta(days=1))
    assert given.open(dryRun=dry_run)["result"] in {"opened", "would_open"}


def test_no_window_opens_where_an_exemption_by_unit_cannot_be_checked() -> None:
    given = Recovery(account=member(units=None))
    given.opener = replace(given.opener, exemptions=(exempt(unit=UNIT),))

    with pytest.raises(CallRefused, match="exemption could not be checked"):
        given.open()

    assert given.line.calls == ["describe"]


def test_an_account_s_windows_are_open_for_so_many_hours_a_week_only() -> None:
    given = Recovery()
    _opened_and_closed(given, 12)
    _opened_and_closed(given, 8)

    with pytest.raises(RequestRefused, match="24 hours within 7 days") as refused:
        given.open(hours=6)
    assert refused.value.code == "HoursOfTheWeek"
    # Two hours of the first window must be more than a week before the end of the new one.
    assert "6 hours more are possible from 2026-06-08 08:01 UTC on" in refused.value.text

    given.clock.now = NOON + timedelta(days=6, hours=20, minutes=1)
    assert given.open(hours=6)["result"] == "opened"


def test_a_window_that_was_closed_early_counts_for_as_long_as_it_was_open() -> None:
    given = Recovery()
    for _ in range(4):
        given.open(hours=12)
        given.clock.move(timedelta(hours=3))
        given.close()
        given.histories.hardened(MEMBER)

    assert given.open(hours=12)["result"] == "opened"


def test_windows_with_the_same_planned_end_all_count() -> None:
    given = Recovery()
    given.open(hours=12)
    given.clock.move(timedelta(hours=11))
    given.close()
    given.histories.hardened(MEMBER)
    _opened_and_closed(given, 1)
    _opened_and_closed(given, 8)

    with pytest.raises(RequestRefused, match="24 hours within 7 days"):
        given.open(hours=5)
    assert given.open(hours=3)["result"] == "opened"


def test_a_window_that_was_not_opened_counts_nothing() -> None:
    given = Recovery()
    _opened_and_closed(given, 8)
    before = given.histories.kept[MEMBER]
    for _ in range(3):
        given.line.refusing = ["enter"]
        assert given.open(hours=12)["result"] == "failed"
        # What was open before still counts.
        assert given.histories.kept == {MEMBER: before}

    opened_at = given.clock.now
    assert given.open(hours=12)["result"] == "opened"
    ends_at = opened_at + timedelta(hours=12)
    assert given.histories.kept[MEMBER].spans == (*before.spans, Span(opened_at, ends_at))


def test_a_dry_run_only_says_what_would_be() -> None:
    given = Recovery()

    answer = given.open(dryRun=True)

    assert (answer["result"], answer["window"]) == ("would_open", WINDOW)
    assert given.line.calls == ["describe", "find window", "read history"]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, " from 1 to 12, found 0"),
        (13, " from 1 to 12, found 13"),
        (-1, " from 1 to 12, found -1"),
        ("4", ", found '4'"),
        (4.5, ", found 4.5"),
        (None, ", found nothing"),
        (True, ", found True"),
    ],
)
def test_a_length_that_is_not_allowed_is_named(hours: object, said: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        Recovery().open(hours=hours)

    assert str(refused.value) == f"hours takes a whole number{said}"


@pytest.mark.parametrize(
    ("given", "account", "code"),
    [
        (Recovery(), MANAGEMENT, "ManagementAccount"),
        (Recovery(), "999988887777", "NotInOrganization"),
        (Recovery(account=member(AccountState.SUSPENDED)), MEMBER, "AccountNotActive"),
        (Recovery(account=member(AccountState.PENDING_CLOSURE)), MEMBER, "AccountNotActive"),
    ],
    ids=["management", "unknown", "suspended", "closing"],
)
def test_accounts_that_cannot_be_opened_are_refused_by_name(given: Recovery, account: str, code: str) -> None:
    with pytest.raises(RequestRefused, match=account) as refused:
        given.open(account=account)

    assert refused.value.code == code
    assert given.bus.published == []
    assert given.windows.index == set()


@pytest.mark.parametrize("changes", [{}, {"hours": 2}, {"requestedBy": "bob"}, {"dryRun": True}])
def test_an_account_has_one_window_at_a_time(changes: dict[str, object]) -> None:
    given = Recovery()
    given.open()

    with pytest.raises(RequestRefused, match="until 2026-06-01 16:00 UTC by alice: lost MFA") as refused:
        given.open(**changes)

    assert refused.value.code == "WindowOpen"


def test_a_window_whose_end_did_not_come_is_closed_before_another_opens() -> None:
    given = Recovery()
    given.open()
    given.clock.move(timedelta(hours=5))

    opened = r"opened in payments-prod \(444455556666\) until"
    with pytest.raises(RequestRefused, match=rf"{opened} .* by alice has .*; close it first$") as refused:
        given.open()

    assert refused.value.code == "WindowNotClosed"


@pytest.mark.parametrize("call", ["set end", "enter"])
def test_what_fails_before_anything_is_opened_is_undone_and_said(call: str) -> None:
    given = Recovery()
    given.line.refusing = [call]

    answer = given.open_approved_by("carol")

    assert (answer["result"], answer["reason"]) == (
        "failed",
        {"code": "ServiceFailure", "text": f"{call} did not work"},
    )
    assert (given.standing, given.windows.index, given.ends.kept) == (None, set(), {})
    assert given.said == [Change.FAILED]
    assert given.changes[0].account.to_detail() == ACCOUNT
    assert given.last_word == {
        "severity": "low",
        "activity": "recovery_window_change",
        "change": "failed",
        "window": WINDOW,
        "mayBeOpen": False,
        "password": None,
        "closedBy": None,
        "approvedBy": ("carol",),
        "reason": {"code": "ServiceFailure", "text": f"{call} did not work"},
        "occurredAt": "2026-06-01T12:00:00Z",
    }


def test_a_failure_to_open_that_cannot_be_said_is_in_the_answer() -> None:
    given = Recovery()
    given.line.refusing = ["enter", "publish"]

    assert given.open()["reason"] == {
        "code": "ServiceFailure",
        "text": "enter did not work; no one could be notified (ServiceFailure: publish did not work)",
    }


def test_a_failure_that_cannot_be_undone_says_so() -> None:
    given = Recovery()
    given.line.refusing = ["enter", "remove window"]

    answer = given.open()

    text = (
        "enter did not work; what was begun could not be undone, so the window stays on record until its end"
        " (ServiceFailure: remove window did not work)"
    )
    assert answer["reason"] == {"code": "ServiceFailure", "text": text}
    assert given.standing is not None
    [said] = given.changes
    assert (said.may_be_open, said.reason) == (True, Reason("ServiceFailure", text))


def test_an_opening_that_cannot_be_announced_says_so_and_is_announced_by_asking_again() -> None:
    given = Recovery()
    given.line.refusing = ["publish"]

    answer = given.open()

    assert (answer["result"], answer["password"], answer["window"]) == ("failed", "created", WINDOW)
    reason = answer["reason"]
    assert isinstance(reason, dict)
    assert reason["code"] == "NotAnnounced"
    assert "ask for the same window again" in reason["text"]

    assert given.open()["result"] == "opened"
    assert given.said == [Change.OPENED]


@pytest.mark.parametrize("end", ["claim released", "claim finished"])
def test_a_window_that_is_open_is_answered_so_though_a_claim_is_not_given_back(end: str) -> None:
    given = Recovery()
    # The first that is finished is on saying it.
    given.line.refusing = [end, end]

    assert given.open()["result"] == "opened"
    assert given.said == [Change.OPENED]


def test_a_window_that_is_closed_is_answered_so_though_its_claim_is_not_given_back() -> None:
    given = Recovery()
    given.open()
    given.line.refusing = ["claim finished"]

    assert given.close()["result"] == "closed"
