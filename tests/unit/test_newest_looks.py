"""An account that others looked into after the sweep had: nothing older is believed against them."""

from datetime import datetime, timedelta

import pytest

from rootwarden.hardening.outcome import PostureRecord
from rootwarden.outcomes import iso
from rootwarden.report.csv_document import write_csv
from rootwarden.report.entries import AccountMemory
from rootwarden.report.html_page import write_html
from rootwarden.report.report import Report
from rootwarden.root_credentials import Posture
from tests.unit.fakes import NOON
from tests.unit.report_given import KEY, NONE, PASSWORD, Given, account, exposed, row, unreachable
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
    assert found["message"] == "seen after this sweep had looked, by a hardening"
    assert report.totals.needs_attention == 1


def test_a_look_before_the_sweep_s_own_changes_nothing() -> None:
    found = account_in(Given(memory=seen(PASSWORD, "partial", NOON)).sweep(row()))

    assert (found["result"], found["lastProvenAt"]) == ("clean", iso(NOON))


def test_more_credentials_than_the_sweep_saw_count_and_fewer_do_not() -> None:
    more = account_in(Given(memory=seen(KEY, "observed")).sweep(exposed(message="why")))
    fewer = account_in(Given(memory=seen(NONE, "hardened")).sweep(exposed()))

    assert (more["posture"], more["result"]) == (KEY.to_detail(), "exposed")
    assert more["message"] == "why; seen after this sweep had looked, by a hardening"
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
    assert found["message"] == "seen after this sweep had looked, by the sweep before"


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
