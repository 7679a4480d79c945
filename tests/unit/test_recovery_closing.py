"""Recovery windows end: by schedule, by request, or by the sweep; each is said."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from rootwarden.events import Fields, MalformedEvent
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import iso
from rootwarden.recovery.opening import BUSY, LEASE
from rootwarden.recovery.outcome import Change
from rootwarden.recovery.requests import CloseRequest, persons_request, schedules_request
from rootwarden.recovery.windows import ClosedBy, ClosedHow
from rootwarden.refusals import CallRefused
from rootwarden.requests import RequestRefused
from tests.unit.fake_recovery import OVERDUE, Recovery
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT, MEMBER, UNIT
from tests.unit.interruptions import Died, die

ACCOUNT = {"id": MEMBER, "name": "payments-prod", "organizationalUnit": UNIT, "organizationalUnits": (UNIT,)}
WINDOW = {"until": "2026-06-01T16:00:00Z", "reason": "lost MFA device", "openedBy": "alice"}


CLOSED = {
    "severity": "info",
    "activity": "recovery_window_change",
    "change": "closed",
    "window": WINDOW,
    "mayBeOpen": False,
    "password": None,
    "closedBy": {"how": "schedule", "by": None},
    "approvedBy": ("carol",),
    "reason": None,
    "occurredAt": "2026-06-01T16:00:30Z",
}


def test_a_window_closes_at_its_end_and_the_account_is_not_left_alone_any_more() -> None:
    given = Recovery()
    given.open_approved_by("carol")

    answer = given.come_to_the_end()

    assert answer == {"result": "closed", "reason": None, "closed": [MEMBER]}
    assert given.last_word == CLOSED
    assert given.changes[-1].account.to_detail() == ACCOUNT


def test_somebody_closes_it_early_and_is_named_whatever_they_write_besides() -> None:
    given = Recovery()
    given.open()

    given.close(closedBy={"how": "schedule"}, overdue=True)

    assert given.changes[-1].closed_by == ClosedBy(ClosedHow.REQUEST, "bob")
    assert given.ends.kept == {}
    # Readers see it closed before it is said, and it is forgotten last.
    assert given.line.calls[-9:] == [
        "find window",
        "mark closing",
        "read history",
        "keep history",
        "publish",
        "delete end",
        "remove window",
        "remove from index",
        "claim finished",
    ]


def test_a_late_schedule_of_a_former_window_closes_no_other() -> None:
    given = Recovery()
    given.open()
    given.close()
    given.histories.hardened(MEMBER)
    given.clock.move(timedelta(minutes=10))
    given.open()

    answer = given.close_on_schedule(NOON + timedelta(hours=4))

    assert answer["result"] == "nothing_open"
    assert given.standing is not None


def test_closing_what_is_not_open_says_so() -> None:
    assert Recovery().close() == {
        "result": "nothing_open",
        "reason": {"code": "NoWindow", "text": f"no such window is open in {MEMBER}"},
        "closed": [],
    }


def test_a_person_may_say_which_window_is_meant() -> None:
    given = Recovery()
    given.open()

    assert given.close(until="2026-06-01T15:00:00Z")["result"] == "nothing_open"
    assert given.close(until="2026-06-01T16:00:00Z")["result"] == "closed"


@pytest.mark.parametrize(("held_for", "is_closed"), [(timedelta(seconds=10), True), (LEASE, False)])
def test_a_schedule_waits_a_little_for_whoever_works_on_its_window(
    held_for: timedelta, *, is_closed: bool
) -> None:
    given = Recovery()
    given.open()
    given.clock.move(timedelta(hours=4))
    given.claims.begin(MEMBER, lease=timedelta(seconds=30) + held_for)

    if is_closed:
        assert given.come_to_the_end()["result"] == "closed"
    else:
        with pytest.raises(RequestRefused, match=f"^WindowBusy: {re.escape(BUSY)}$"):
            given.come_to_the_end()


def test_a_failure_to_close_is_said_once_however_often_it_is_tried() -> None:
    given = Recovery()
    given.open_approved_by("carol")
    given.line.refusing = ["mark closing"] * 3
    for _ in range(3):
        with pytest.raises(CallRefused, match="mark closing did not work"):
            given.come_to_the_end()

    assert given.said == [Change.OPENED, Change.FAILED]
    assert given.last_word == CLOSED | {
        "severity": "high",
        "change": "failed",
        "mayBeOpen": True,
        "reason": {"code": "ServiceFailure", "text": "mark closing did not work"},
    }
    # The next window's failure is another one.
    given.come_to_the_end()
    given.histories.hardened(MEMBER)
    given.open()
    given.line.refusing = ["mark closing"]
    with pytest.raises(CallRefused):
        given.close()
    assert given.said[2:] == [Change.CLOSED, Change.OPENED, Change.FAILED]


def test_a_failure_to_close_that_cannot_be_said_is_in_the_error() -> None:
    given = Recovery()
    given.open()
    given.line.refusing = ["mark closing", "publish"]

    with pytest.raises(CallRefused) as refused:
        given.close()

    assert (refused.value.code, refused.value.message) == (
        "ServiceFailure",
        "mark closing did not work; no one could be notified (ServiceFailure: publish did not work)",
    )
    assert given.said == [Change.OPENED]


def test_a_sweep_closes_what_is_overdue_and_nothing_else() -> None:
    given = Recovery()
    given.open()

    assert given.close_overdue()["result"] == "nothing_open"
    given.clock.move(OVERDUE)
    assert given.close_overdue() == {"result": "closed", "reason": None, "closed": [MEMBER]}
    assert given.changes[-1].closed_by == ClosedBy(ClosedHow.SWEEP)


def test_a_schedule_that_comes_early_closes_nothing() -> None:
    given = Recovery()
    given.open()

    with pytest.raises(
        RequestRefused, match="the window's end, 2026-06-01 16:00 UTC, and not before"
    ) as refused:
        given.close_on_schedule(NOON + timedelta(hours=4))

    assert refused.value.code == "NotTheSchedule"
    assert given.said == [Change.OPENED]


def test_an_opening_that_was_announced_is_said_to_be_neither_failed_nor_unannounced() -> None:
    given = Recovery()
    given.line.refusing = ["mark open"]

    assert given.open()["result"] == "opened"
    assert given.close_overdue()["result"] == "nothing_open"

    assert given.said == [Change.OPENED]
    assert given.standing is not None
    assert given.standing.counts(given.clock())


def test_a_window_whose_opening_stopped_before_it_was_announced_is_said_by_the_next_sweep_once() -> None:
    given, undisturbed = Recovery(), Recovery()
    undisturbed.open()
    given.line.before[undisturbed.line.calls.index("publish") + 1] = die
    with pytest.raises(Died):
        given.open()
    assert (given.passwords.allowed, given.said) == ({MEMBER}, [])
    given.line.is_dead = False

    for later in (LEASE, timedelta(hours=3)):
        given.clock.move(later)
        assert given.close_overdue()["result"] == "nothing_open"

    [word] = given.changes
    assert (word.change, word.closed_by, word.may_be_open) == (Change.FAILED, None, True)
    assert word.reason == Reason(
        "NotAnnounced",
        "the opening of this window was not announced; the password may be recoverable",
    )
    # The same request still finishes it.
    assert given.open()["result"] == "opened"


@pytest.mark.parametrize("refusing", [["allow recovery"], ["enter", "remove window"]])
def test_a_failure_to_open_that_was_said_is_not_said_again_by_the_next_look(refusing: list[str]) -> None:
    given = Recovery()
    given.line.refusing = list(refusing)
    assert given.open()["result"] == "failed"

    assert given.close_overdue()["result"] == "nothing_open"
    given.clock.move(OVERDUE)
    assert given.close_overdue()["result"] == "closed"

    assert given.said == [Change.FAILED, Change.CLOSED]


@pytest.mark.parametrize("refusing", [["publish"], ["allow recovery", "publish"]])
def test_what_the_opening_could_not_announce_is_said_by_the_next_look(refusing: list[str]) -> None:
    given = Recovery()
    given.line.refusing = list(refusing)
    assert given.open()["result"] == "failed"

    for _ in range(2):
        assert given.close_overdue()["result"] == "nothing_open"

    assert [(word.change, word.reason and word.reason.code) for word in given.changes] == [
        (Change.FAILED, "NotAnnounced")
    ]


@pytest.mark.parametrize("trouble", ["publish", "claim"])
def test_a_late_word_that_cannot_be_said_keeps_no_window_from_closing(trouble: str) -> None:
    given, undisturbed = Recovery(), Recovery()
    undisturbed.open()
    given.line.before[undisturbed.line.calls.index("publish") + 1] = die
    with pytest.raises(Died):
        given.open()
    given.line.is_dead = False
    given.clock.move(OVERDUE)
    if trouble == "claim":
        # Somebody is saying it.
        given.claims.begin(f"SAID#{MEMBER}#{NOON + timedelta(hours=4)}", lease=LEASE)
    else:
        given.line.refusing = ["publish"]

    assert given.close_overdue()["result"] == "closed"
    assert given.said == [Change.CLOSED]


def _two_overdue() -> Recovery:
    given = Recovery()
    given.open()
    given.windows.index.add(MANAGEMENT)
    given.windows.kept[MANAGEMENT] = given.windows.kept[MEMBER]
    given.clock.move(OVERDUE)
    return given


def test_windows_that_cannot_be_closed_keep_no_other_back_and_are_all_named() -> None:
    one, both = _two_overdue(), _two_overdue()
    # The management account comes first in the index.
    one.line.refusing, both.line.refusing = ["mark closing"], ["mark closing"] * 2

    first, second = (f"{account}: mark closing did not work" for account in (MANAGEMENT, MEMBER))
    assert one.close_overdue() == {
        "result": "failed",
        "reason": {"code": "ServiceFailure", "text": first},
        "closed": [MEMBER],
    }
    assert both.close_overdue() == {
        "result": "failed",
        "reason": {"code": "ServiceFailure", "text": f"{first}; {second}"},
        "closed": [],
    }


def test_a_claim_that_is_refused_keeps_no_other_window_back() -> None:
    given = _two_overdue()
    given.line.refusing = ["claim"]

    assert given.close_overdue() == {
        "result": "failed",
        "reason": {"code": "ServiceFailure", "text": f"{MANAGEMENT}: claim did not work"},
        "closed": [MEMBER],
    }


def test_a_window_that_somebody_works_on_keeps_no_other_back() -> None:
    given = _two_overdue()
    given.claims.begin(MANAGEMENT, lease=LEASE)

    assert given.close_overdue() == {"result": "closed", "reason": None, "closed": [MEMBER]}


def test_a_window_of_an_account_that_left_leaves_the_index_too() -> None:
    given = Recovery()
    given.open()
    given.windows.kept.clear()
    given.organization.accounts = {}

    given.come_to_the_end()

    assert given.windows.index == set()


def test_windows_are_listed_with_their_state() -> None:
    given = Recovery()
    given.open()

    assert given.closer.listed() == {
        "result": "listed",
        "reason": None,
        "windows": [{"account": ACCOUNT, **WINDOW, "openedAt": iso(NOON), "approvedBy": [], "state": "open"}],
    }


@pytest.mark.parametrize(
    ("read", "changes", "field"),
    [
        (persons_request, {"account": "4444"}, "account"),
        (persons_request, {"requestedBy": " "}, "requestedBy"),
        (persons_request, {"requestedBy": None}, "requestedBy"),
        (persons_request, {"until": "tomorrow"}, "until"),
        (schedules_request, {"account": "4444"}, "account"),
        (schedules_request, {"until": None}, "until"),
    ],
)
def test_a_malformed_request_to_close_names_the_field(
    read: Callable[[Fields], CloseRequest], changes: dict[str, object], field: str
) -> None:
    request = {"account": MEMBER, "requestedBy": "bob", "until": "2026-06-01T16:00:00Z", **changes}

    with pytest.raises(MalformedEvent) as refused:
        read(Fields(request))

    assert refused.value.field == field
