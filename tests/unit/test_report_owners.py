"""Whose the accounts in question are: asked a few in a second, remembered, and never guessed."""

from rootwarden.report.owners import AT_ONCE, LONGEST, NOT_ASKED_YET, PAUSE_SECONDS, Owner
from rootwarden.report.report import Report
from tests.unit.fakes import NOON
from tests.unit.report_given import DENIED, NONE, Given, account, exposed, row, unreachable
from tests.unit.test_report_documents import rows_of

_EXEMPTION = {"reason": "kept", "until": "2026-12-31"}


def owners(report: Report) -> list[tuple[str | None, bool, str | None] | None]:
    """Return of each account the name, whether it is known, and why not."""
    found = [entry.owner for entry in report.entries]
    return [(each.name, each.asked_at is not None, each.code) if each else None for each in found]


def test_only_accounts_in_question_are_asked_about() -> None:
    given = Given(owners={account(1): "team-1"})
    report = given.sweep(
        exposed(1),
        row(2, "partial", None),
        unreachable(3),
        row(4, exemption=_EXEMPTION),
        row(5, "hardened", NONE),
        *(row(number) for number in range(6, 300)),
    )

    assert given.asked_owners == [account(number) for number in range(1, 5)]
    assert owners(report)[:5] == [("team-1", True, None), *[(None, True, None)] * 3, None]
    assert [cells["owner"] for cells in rows_of(report)[:5]] == ["team-1", "(none)", "(none)", "(none)", ""]


def test_what_is_refused_is_not_known_and_keeps_what_was_known_before() -> None:
    given = Given(owners={account(1): "team-1", account(2): DENIED})
    first = given.sweep(exposed(1), exposed(2))
    given.owners[account(1)] = DENIED
    second = given.sweep(exposed(1), exposed(2))

    assert owners(first)[1] == owners(second)[1] == (None, False, DENIED.code)
    assert second.entries[0].owner == Owner(name="team-1", asked_at=NOON, code=DENIED.code)
    assert [cells["owner"] for cells in rows_of(second)] == ["team-1", "(not known)"]


def test_whoever_may_not_ask_stops_asking() -> None:
    given = Given(owners={account(number): DENIED for number in range(1, 100)})
    report = given.sweep(*(exposed(number) for number in range(1, 100)))

    assert len(given.asked_owners) == 3
    assert owners(report)[2:4] == [(None, False, DENIED.code), (None, False, NOT_ASKED_YET)]


def test_asking_ends_after_two_minutes_and_goes_on_where_it_stopped() -> None:
    most = AT_ONCE + int(LONGEST.total_seconds() / PAUSE_SECONDS) - 1
    given = Given()
    rows = [exposed(number) for number in range(1, most + 11)]
    report = given.sweep(*rows)

    assert given.asked_owners == [account(number) for number in range(1, most + 1)]
    assert owners(report)[-1] == (None, False, NOT_ASKED_YET)
    given.asked_owners.clear()
    assert None not in owners(given.sweep(*rows))
    assert given.asked_owners[:10] == [account(number) for number in range(most + 1, most + 11)]
