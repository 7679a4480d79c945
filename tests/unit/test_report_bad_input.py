"""Whatever is wrong with a sweep's files, the report is made, validates, and says what it lacks."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootwarden.messages.sweep_message import sweep_message
from rootwarden.outcomes import iso
from rootwarden.report.csv_document import write_csv
from rootwarden.report.findings import FindingsProduct, findings_of
from rootwarden.report.gathering import Source
from rootwarden.report.html_page import write_html
from rootwarden.report.previous import Changes
from rootwarden.report.report import Report
from rootwarden.sweep.outcome import ReportLocation, SweepCompleted
from rootwarden.sweep.sweep import BATCH_FAILED
from tests.report_schema import strict_validator
from tests.unit.fakes import NOON
from tests.unit.given import HUB
from tests.unit.report_given import (
    DENIED,
    KEY,
    NONE,
    PASSWORD,
    Given,
    account,
    exposed,
    lines,
    listed,
    row,
    unreachable,
)
from tests.unit.test_envelope import JSON

WHERE = ReportLocation(bucket="b", json="report.json", csv="report.csv", html="report.html")
PLACE = FindingsProduct(partition="aws", region="eu-west-1", hub=HUB)


def check(report: Report) -> dict[str, Any]:
    """Write every form of a report, check the JSON against its schema, and return that."""
    document: dict[str, Any] = json.loads(json.dumps(report.to_detail()))
    found = strict_validator().iter_errors(document)
    assert [f"{error.json_path}: {error.message}" for error in found] == []
    rows = list(csv.reader(io.StringIO(write_csv(report), newline="")))
    assert len(rows) == len(report.entries) + 1
    assert {len(found) for found in rows} == {len(rows[0])}
    assert write_html(report).endswith("</html>\n")
    for finding in findings_of(report):
        json.dumps(finding.to_asff(PLACE))
    return document


def results(report: Report) -> dict[str, str]:
    return {entry.row.account_id: entry.row.result.value for entry in report.entries}


def test_a_good_sweep_lacks_nothing() -> None:
    report = Given().sweep(row(1), exposed(2), unreachable(3))

    assert check(report)["missing"] == []


def test_an_account_listed_twice_is_reported_once() -> None:
    report = Given().sweep(row(1), row(1))

    assert check(report)["totals"]["accounts"] == 1
    assert report.missing == (f"account {account(1)} has more than one result: the latest counts",)


def test_of_two_attempts_at_a_batch_the_later_counts_and_what_the_earlier_removed_is_named() -> None:
    password = [{"kind": "password", "id": "password"}]
    first = lines(row(1, "hardened", removed=password), row(2), unreachable(3))
    later = iso(NOON + timedelta(minutes=2))
    again = lines(row(1, auditedAt=later), exposed(2, auditedAt=later), row(3, auditedAt=later))

    report = Given().read(listed(row(1), row(2), row(3)), {"r/4-1-x.jsonl": first, "r/4-2-y.jsonl": again})

    assert results(report) == {account(1): "hardened", account(2): "exposed", account(3): "clean"}
    assert check(report)["accounts"][0]["removed"] == password
    assert report.missing == ()
    # Before the attempt was in the name.
    named = {"r/4.jsonl": lines(row(1)), "r/4-2-y.jsonl": lines(row(1, auditedAt=later))}
    assert Given().read(listed(row(1)), named).missing == ()
    # One attempt has each account once, and no two batches have the same.
    twice = {"r/4-1-x.jsonl": lines(row(1), row(1)), "r/5-1-z.jsonl": lines(row(1))}
    said = f"account {account(1)} has more than one result: the latest counts"
    assert Given().read(listed(row(1)), twice).missing == (said, said)


def test_a_later_attempt_that_could_not_look_hides_no_credentials_that_an_earlier_one_saw() -> None:
    later = iso(NOON + timedelta(minutes=2))
    first = lines(exposed(1), row(2), exposed(3), exposed(4))
    gone = [{"kind": "password", "id": "password"}]
    again = lines(
        unreachable(1, auditedAt=later),
        unreachable(2, auditedAt=later),
        row(3, auditedAt=later),
        unreachable(4, auditedAt=later, removed=gone),
    )

    report = Given().read(
        listed(*(row(number) for number in range(1, 5))), {"r/4-1-x.jsonl": first, "r/4-2-y.jsonl": again}
    )

    assert list(results(report).values()) == ["exposed", "unreachable", "clean", "unreachable"]
    [found, *_] = check(report)["accounts"]
    assert (found["code"], found["posture"]) == ("AccessDenied", PASSWORD.to_detail())
    assert "explicit deny" in found["message"]


def test_of_two_results_at_the_same_time_the_one_that_claims_less_counts() -> None:
    for pair in ((row(1), exposed(1)), (exposed(1), row(1))):
        assert results(Given().sweep(*pair)) == {account(1): "exposed"}


def test_an_account_closed_during_the_sweep_is_told_as_it_was_found() -> None:
    closed = row(1, "not_active", None, state="SUSPENDED")
    report = Given().read(listed(row(1)), {"1.jsonl": lines(closed)})

    assert check(report)["accounts"][0]["state"] == "SUSPENDED"
    assert report.missing == ()


def test_a_missing_batch_is_unreachable_accounts_never_clean_ones() -> None:
    report = Given().read(listed(row(1), row(2), row(3)), {"1.jsonl": lines(row(1))})

    assert results(report) == {account(1): "clean", account(2): "unreachable", account(3): "unreachable"}
    assert {found["code"] for found in check(report)["accounts"]} == {None, BATCH_FAILED}
    assert len(report.missing) == 2


def test_a_half_written_line_costs_only_its_account() -> None:
    whole = lines(row(1), exposed(2))
    report = Given().read(listed(row(1), row(2)), {"results/1.jsonl": whole[:-40]})

    assert results(report) == {account(1): "clean", account(2): "unreachable"}
    assert report.missing[0].startswith("results/1.jsonl, line 2, cannot be read: the text takes JSON")
    check(report)


def test_a_results_file_that_cannot_be_had_is_named() -> None:
    report = Given().read(listed(row(1)), {"results/1.jsonl": DENIED})

    assert report.missing[0] == f"results/1.jsonl cannot be read: {DENIED}"
    assert results(report) == {account(1): "unreachable"}
    check(report)


@pytest.mark.parametrize("source", [DENIED, "", "{", "{}", "null", '[{"id": "1"}, 7]'])
def test_without_the_list_the_results_still_count(source: Source) -> None:
    report = Given().read(source, {"1.jsonl": lines(row(1))})

    assert results(report) == {account(1): "clean"}
    assert report.missing
    check(report)


@pytest.mark.parametrize("accounts", [DENIED, json.dumps([*json.loads(listed(row(1))), {}])])
def test_without_the_whole_list_no_account_is_gone_nor_is_its_history(accounts: Source) -> None:
    given = Given(opted_in={account(2): {"me-south-1"}})
    first = given.sweep(row(1), exposed(2)).entries[1]

    report = given.read(accounts, {"1.jsonl": lines(row(1))})

    entry = report.entries[1]
    failed = [one for one in check(report)["accounts"] if one["code"] == BATCH_FAILED]
    assert [(one["id"], one["name"], one["state"], one["organizationalUnit"]) for one in failed] == [
        (account(2), "account-2", "ACTIVE", "ou-ab12-11111111")
    ]
    assert report.missing[-1] == f"account {account(2)} has no result: its row says unreachable"
    assert report.changes.removed == ()
    assert report.changes.now_unreachable == (account(2),)
    assert entry.exposed_since == first.exposed_since
    assert entry.last_proven_at == first.last_proven_at
    assert report.opted_in[account(2)].regions == ("me-south-1",)
    assert given.sweep(row(1)).changes.removed == (account(2),)


def test_a_result_for_an_account_that_was_not_listed_is_kept_and_said() -> None:
    report = Given().read(listed(row(1)), {"1.jsonl": lines(row(1), exposed(2))})

    assert results(report)[account(2)] == "exposed"
    assert report.missing == (f"account {account(2)} has a result but is not in the list",)


@pytest.mark.parametrize(
    "claim",
    [row(1, "clean", None), row(1, "clean", KEY), row(1, "hardened", None), row(1, "exposed", NONE)],
    ids=["clean unseen", "clean with a key", "hardened unseen", "exposed without credentials"],
)
def test_a_result_that_the_posture_does_not_show_is_not_believed(claim: dict[str, object]) -> None:
    report = Given().sweep(claim)

    assert results(report) == {account(1): "unreachable"}
    assert set(check(report)["accounts"][0]["controls"].values()) == {"unknown"}


@pytest.mark.parametrize("previous", [DENIED, "", "{", "[]", "{}", '{"sweepId": "x"}', "[" * 100_000])
def test_an_unreadable_previous_report_is_said_and_compared_with_nothing(previous: Source) -> None:
    report = Given(previous=previous).sweep(exposed(1))

    assert report.missing[0].startswith("the previous report cannot be read")
    assert check(report)["changes"]["nowExposed"] == []
    assert report.previous.sweep_id is None


def test_what_can_be_read_of_a_damaged_previous_report_is_used() -> None:
    given = Given()
    document = given.sweep(exposed(1), row(2)).to_detail()
    accounts, history = document["accounts"], document["history"]
    assert isinstance(accounts, list)
    assert isinstance(history, list)
    accounts[1] = {"id": account(2)}
    history.insert(0, {"sweepId": "older"})
    given.previous = json.dumps(document)

    report = given.sweep(row(1), row(2))

    assert report.changes.now_clean == (account(1),)
    assert [entry.sweep_id for entry in report.history] == ["sweep-1", "sweep-2"]
    assert len(report.missing) == 2
    check(report)


def test_an_account_that_the_previous_report_garbles_is_neither_new_nor_gone() -> None:
    given = Given()
    document = given.sweep(row(1), row(2), row(3)).to_detail()
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    accounts[1:] = [{"id": account(2)}, {"id": account(3)}, {"id": account(1)}]
    given.previous = json.dumps(document)

    report = given.read(listed(row(1), exposed(2), row(4)), {"1.jsonl": lines(row(1), exposed(2), row(4))})

    assert report.changes == Changes(added=(account(4),))
    # Where the list cannot be read, it is known all the same.
    given.previous = json.dumps(document)
    assert set(results(given.read(DENIED, {}))) == {account(number) for number in (1, 2, 3)}


@pytest.mark.parametrize("garbled", [{}, {"id": "1"}, None, 7])
def test_where_an_account_of_the_previous_report_has_no_name_none_is_called_new(garbled: object) -> None:
    given = Given()
    document = given.sweep(row(1), row(2)).to_detail()
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    accounts[1] = garbled
    given.previous = json.dumps(document)

    report = given.sweep(exposed(1), row(2), row(3))

    assert report.changes == Changes(now_exposed=(account(1),))
    assert "1 accounts of the previous report cannot be read" in report.missing


def test_a_state_table_that_cannot_be_read_is_said() -> None:
    report = Given(refused=DENIED).sweep(row(1))

    assert report.missing[0].startswith("the state table cannot be read")
    check(report)


def test_of_very_many_gaps_the_first_are_told_and_the_rest_counted() -> None:
    report = Given().read(listed(*(row(number) for number in range(500))), {})

    missing = check(report)["missing"]
    assert (len(report.missing), len(missing), missing[-1]) == (500, 101, "and 400 more")
    assert len([concern for concern in report.concerns if "has no result" in concern]) == 100
    outcome = SweepCompleted.of(report, WHERE)
    assert outcome.missing == 500
    announcement = sweep_message(outcome, "us-east-1")
    assert announcement is not None
    assert dict(announcement.facts)["Missing from the report"] == "500 things, the first 100 named in it"


ROWS = st.dictionaries(st.sampled_from(sorted(row())), JSON, max_size=4).map(
    lambda change: exposed(1) | change
)
TEXTS = st.one_of(
    st.text(max_size=200),
    JSON.map(json.dumps),
    st.lists(ROWS, max_size=4).map(lambda rows: lines(*rows)),
    st.lists(ROWS, max_size=4).map(json.dumps),
)
SOURCES = TEXTS | st.just(DENIED)


@given(
    accounts=SOURCES,
    files=st.dictionaries(st.text(max_size=5), SOURCES, max_size=3),
    previous=st.none() | SOURCES,
)
def test_nothing_keeps_the_report_from_being_made(
    accounts: Source, files: dict[str, Source], previous: Source | None
) -> None:
    check(Given(previous=previous).read(accounts, files))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A report of which some values were replaced or taken away."""
    given = Given()
    given.sweep(exposed(1), row(2))
    document = given.sweep(row(1), unreachable(2)).to_detail()
    for _ in range(draw(st.integers(1, 4))):
        place: Any = document
        while True:
            places = list(range(len(place))) if isinstance(place, list) else sorted(place)
            name = draw(st.sampled_from(places))
            if not (isinstance(place[name], dict | list) and place[name] and draw(st.booleans())):
                break
            place = place[name]
        place[name] = draw(JSON)
    return json.dumps(document)


@given(previous=damaged() | damaged().map(lambda text: text[: len(text) // 2]))
def test_no_previous_report_keeps_this_one_from_being_made(previous: str) -> None:
    check(Given(previous=previous).sweep(row(1), exposed(2), unreachable(3)))
