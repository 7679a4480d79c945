"""An account that others looked into after the sweep had: nothing older is believed against them."""

from datetime import datetime, timedelta

import pytest

from rootwarden.hardening.outcome import PostureRecord
from rootwarden.outcomes import iso
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.report.csv_document import write_csv
from rootwarden.report.entries import AccountMemory
from rootwarden.report.html_page import write_html
from rootwarden.report.report import Report
from rootwarden.root_credentials import Posture
from tests.unit.fakes import NOON
from tests.unit.report_given import (
    DENIED,
    EVERYTHING,
    KEY,
    NONE,
    PASSWORD,
    Given,
    account,
    exposed,
    row,
    unreachable,
)
from tests.unit.test_report_bad_input import check

LATER = NOON + timedelta(minutes=30)


def seen(posture: Posture, result: str, at: datetime = LATER) -> AccountMemory:
    record = PostureRecord(account_id=account(1), name=None, posture=posture, result=result, seen_at=at)
    return AccountMemory(postures={account(1): record})


def account_in(report: Report) -> dict[str, object]:
    found: dict[str, object] = check(report)["accounts"][0]
    return found


@pytest.mark.parametrize(
    ("result", "becomes"), [("partial", "partial"), ("observed", "exposed"), ("unreachable", "exposed")]
)
def test_credentials_that_a_hardening_saw_after_a_clean_look_count(result: str, becomes: str) -> None:
    given = Given(memory=seen(PASSWORD, result))
    report = given.sweep(row())

    found = account_in(report)
    assert (found["result"], found["posture"]) == (becomes, PASSWORD.to_detail())
    assert found["auditedAt"] == found["lastProvenAt"] == found["exposedSince"] == iso(LATER)
    assert found["message"] == "seen by a later look"
    assert report.totals.needs_attention == 1


def test_a_look_before_the_sweep_s_own_changes_nothing() -> None:
    found = account_in(Given(memory=seen(PASSWORD, "partial", NOON)).sweep(row()))

    assert (found["result"], found["lastProvenAt"]) == ("clean", iso(NOON))


def test_more_credentials_than_the_sweep_saw_count_and_fewer_do_not() -> None:
    more = account_in(Given(memory=seen(KEY, "observed")).sweep(exposed(message="why")))
    fewer = account_in(Given(memory=seen(NONE, "hardened")).sweep(exposed()))

    assert (more["posture"], more["result"]) == (KEY.to_detail(), "exposed")
    assert more["message"] == "why; seen by a later look"
    assert (fewer["posture"], fewer["result"]) == (PASSWORD.to_detail(), "exposed")


def test_what_a_hardening_left_after_the_sweep_before_looked_stands_against_it() -> None:
    given = Given()
    given.sweep(exposed(auditedAt=iso(LATER)))
    given.memory = seen(NONE, "hardened", LATER + timedelta(minutes=5))

    assert account_in(given.sweep(row()))["result"] == "clean"


def test_the_time_of_a_look_that_saw_something_else_is_not_the_row_s() -> None:
    other = account_in(Given(memory=seen(NONE, "hardened")).sweep(exposed()))
    same = account_in(Given(memory=seen(NONE, "clean")).sweep(row()))
    unseen = account_in(Given(memory=seen(NONE, "clean")).sweep(unreachable()))

    assert [each["lastProvenAt"] for each in (other, same, unseen)] == [iso(NOON), iso(LATER), iso(LATER)]


def test_what_the_sweep_before_saw_later_than_this_one_counts_too() -> None:
    given = Given()
    given.sweep(exposed(auditedAt=iso(LATER)))
    found = account_in(given.sweep(row()))

    assert (found["result"], found["auditedAt"], found["exposedSince"]) == ("exposed", iso(LATER), iso(LATER))
    assert found["message"] == "seen by the sweep before, which looked later"


def test_what_it_saw_later_and_better_lends_no_time() -> None:
    given = Given()
    given.sweep(row(auditedAt=iso(LATER)))

    assert account_in(given.sweep(exposed()))["lastProvenAt"] == iso(NOON)


def test_since_when_is_not_known_where_no_report_tells_and_stays_so() -> None:
    given = Given(previous="{")
    reports = [given.sweep(exposed()), given.sweep(exposed())]
    clean, again = given.sweep(row()), given.sweep(exposed(auditedAt=iso(LATER)))

    assert [account_in(report)["exposedSince"] for report in reports] == [None, None]
    assert "unknown" in write_csv(reports[0])
    assert '"since":"not known"' in write_html(reports[0])
    assert account_in(clean)["exposedSince"] is None
    assert '"since":"' not in write_html(clean)
    assert account_in(again)["exposedSince"] == iso(LATER)


WINDOW = RecoveryWindow(until=NOON + timedelta(hours=4), reason="lost MFA device", opened_by="alice")


@pytest.mark.parametrize(
    ("posture", "needs_attention"), [(PASSWORD, 0), (KEY, 1)], ids=["what it is opened for", "a key"]
)
def test_a_recovery_window_that_is_open_counts_for_what_a_later_look_saw(
    posture: Posture, needs_attention: int
) -> None:
    given = Given(memory=seen(posture, "observed"), windows={account(1): WINDOW})

    report = given.sweep(row(), row(2))

    assert account_in(report)["recoveryWindow"] == WINDOW.to_detail()
    assert report.totals.needs_attention == needs_attention
    assert given.asked_windows == [account(1)]


def test_one_that_was_closed_since_the_sweep_looked_counts_no_more() -> None:
    given = Given(memory=seen(EVERYTHING, "observed"))

    assert account_in(given.sweep(exposed(recoveryWindow=WINDOW.to_detail())))["recoveryWindow"] is None


def test_where_nobody_can_say_it_is_said_and_the_account_needs_attention() -> None:
    given = Given(memory=seen(PASSWORD, "observed"), windows=DENIED)

    report = given.sweep(row())

    assert report.totals.needs_attention == 1
    assert report.missing == (f"which recovery windows are open cannot be read: {DENIED}",)


def test_the_unit_is_the_one_that_the_report_before_names() -> None:
    given = Given()
    given.sweep(exposed())
    given.memory = seen(PASSWORD, "observed", NOON + timedelta(days=1, minutes=5))
    clean = row(auditedAt=iso(NOON + timedelta(days=1)), organizationalUnit=None)

    assert account_in(given.sweep(clean))["organizationalUnit"] == "ou-ab12-11111111"


def test_what_the_sweep_before_saw_later_is_as_exempt_as_it_was_there() -> None:
    exemption = {"reason": "break glass", "until": "2026-12-31"}
    given = Given()
    given.sweep(exposed(auditedAt=iso(LATER), exemption=exemption))
    report = given.sweep(row())

    assert account_in(report)["exemption"] == exemption
    assert report.totals.needs_attention == 0
