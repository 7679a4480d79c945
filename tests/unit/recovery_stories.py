"""Changes of recovery windows as they come about, and the hardening that follows."""

from collections.abc import Callable
from datetime import timedelta

from rootwarden.contract.detail_types import SOURCE
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import HARDENING_REQUEST, WINDOW_CLOSED, Trigger
from rootwarden.outcomes import Outcome
from rootwarden.recovery.windows import ClosedHow
from rootwarden.requests import read_request
from tests.unit.fake_recovery import OVERDUE, REQUEST, Recovery
from tests.unit.fakes import RootUser
from tests.unit.given import MEMBER, Hardening, exempt


def _opened() -> Recovery:
    given = Recovery()
    given.open()
    return given


def window_opened() -> Outcome:
    return _opened().changes[-1]


def window_opened_after_approval() -> Outcome:
    given = Recovery()
    given.passwords.allowed.add(MEMBER)
    approvers = ("arn:aws:sts::222233334444:assumed-role/SecurityOperator/ben@example.com",)
    given.opener.open(read_request(REQUEST), approved_by=approvers)
    return given.changes[-1]


def window_not_opened() -> Outcome:
    given = Recovery()
    given.line.refusing = ["enter"]
    given.open()
    return given.changes[-1]


def window_perhaps_open() -> Outcome:
    given = Recovery()
    given.line.refusing = ["allow recovery"]
    given.open()
    return given.changes[-1]


def window_closed_by_its_schedule() -> Outcome:
    given = _opened()
    given.come_to_the_end()
    return given.changes[-1]


def window_closed_on_request() -> Outcome:
    given = _opened()
    given.close()
    return given.changes[-1]


def window_closed_by_a_sweep() -> Outcome:
    given = _opened()
    given.clock.move(timedelta(hours=20))
    given.close_overdue()
    return given.changes[-1]


def window_closed_by_a_look() -> Outcome:
    given = _opened()
    given.clock.move(OVERDUE)
    given.close_overdue(ClosedHow.LOOK)
    return given.changes[-1]


def window_not_closed() -> Outcome:
    given = _opened()
    given.line.refusing = ["mark closing"]
    given.clock.move(OVERDUE)
    given.close_overdue()
    return given.changes[-1]


def window_on_no_record() -> Outcome:
    given = _opened()
    given.windows.kept.clear()
    given.come_to_the_end()
    return given.changes[-1]


def _hardened(trigger: Trigger) -> Outcome:
    given = Hardening(user=RootUser(password=True))
    announced = Announcement(trigger=trigger, account_id=MEMBER, ignores_recent_result=True)
    return given.run.run(announced, attempt=1, is_last=True)


def hardened_after_a_window() -> Outcome:
    return _hardened(Trigger(event_id="7f0c8a52", event_name=WINDOW_CLOSED, source=SOURCE))


def exempt_after_a_window() -> Outcome:
    given = Hardening(user=RootUser(password=True), exemptions=(exempt(account=MEMBER),))
    given.memory.windowed.add(MEMBER)
    trigger = Trigger(event_id="7f0c8a52", event_name=WINDOW_CLOSED, source=SOURCE)
    announced = Announcement(trigger=trigger, account_id=MEMBER, ignores_recent_result=True)
    return given.run.run(announced, attempt=1, is_last=True)


def hardened_on_request() -> Outcome:
    return _hardened(
        Trigger(
            event_id="0d9f3c1e",
            event_name=HARDENING_REQUEST,
            source=SOURCE,
            requested_by="alice",
            request_reason="audit finding 42",
        )
    )


RECOVERY_STORIES: tuple[Callable[[], Outcome], ...] = (
    window_opened,
    window_opened_after_approval,
    window_not_opened,
    window_perhaps_open,
    window_closed_by_its_schedule,
    window_closed_on_request,
    window_closed_by_a_look,
    window_closed_by_a_sweep,
    window_not_closed,
    window_on_no_record,
    hardened_after_a_window,
    exempt_after_a_window,
    hardened_on_request,
)
