"""A finding that was imported is closed one day, whatever became of the report that says it is open."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rootwarden.aws import clients
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.refusals import CallRefused
from tests.unit.report_function import Deployed, report_function
from tests.unit.report_given import account, exposed, row, unreachable
from tests.unit.state_table import StateTables
from tests.unit.test_report_findings import GONE, OPEN, PASSED

FIRST, SECOND, THIRD, FOURTH = (f"2026-06-0{day}T11:55:00Z" for day in (1, 2, 3, 4))
RECORD = "reports/findings.json"


@pytest.fixture
def deployed(state_tables: StateTables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    for found in report_function(state_tables, monkeypatch):
        monkeypatch.setenv("SECURITY_HUB", "true")
        yield found


def cannot_be_read(deployed: Deployed, _monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.sweep(exposed(1), row(2), started_at=SECOND)
    deployed.put("reports/latest.json", "{")
    deployed.put("reports/sweep-2/report.json", "{")


def was_not_announced(deployed: Deployed, _monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.bus.refuses = True
    with pytest.raises(Exception, match="refused the outcome"):
        deployed.sweep(exposed(1), row(2), started_at=SECOND)
    deployed.bus.refuses = False


def was_not_written(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise CallRefused("SlowDown", "no")

    with monkeypatch.context() as patch:
        patch.setattr(ReportStore, "write", refuse)
        with pytest.raises(CallRefused):
            deployed.sweep(exposed(1), row(2), started_at=SECOND)


@pytest.mark.parametrize("report", [cannot_be_read, was_not_announced, was_not_written])
def test_what_a_report_opened_that_nobody_reads_is_closed_by_the_next(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    report: Callable[[Deployed, pytest.MonkeyPatch], None],
) -> None:
    deployed.sweep(row(1), row(2), started_at=FIRST)
    report(deployed, monkeypatch)
    assert deployed.hub.states() == {account(1): OPEN}

    deployed.sweep(row(1), row(2), started_at=THIRD)

    assert deployed.latest()["previousSweepId"] == "sweep-1"
    assert deployed.hub.states() == {account(1): PASSED}
    assert deployed.latest()["openFindings"] == []


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"sweepId": "another", "openFindings": ["1"]}', '{"openFindings": []}']
)
def test_where_the_record_cannot_be_read_every_clean_account_is_closed(deployed: Deployed, text: str) -> None:
    deployed.sweep(row(1), started_at=FIRST)
    deployed.put(RECORD, text)

    deployed.sweep(row(1), started_at=SECOND)

    assert deployed.hub.states() == {account(1): PASSED}


def test_of_an_account_that_left_before_the_next_sweep_it_is_archived(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.sweep(row(1), row(2), started_at=FIRST)
    was_not_written(deployed, monkeypatch)

    deployed.sweep(row(2), started_at=THIRD)

    assert deployed.hub.states() == {account(1): GONE}


def test_where_the_list_cannot_be_read_no_account_on_record_counts_as_gone(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.sweep(row(2), started_at=FIRST)
    was_not_written(deployed, monkeypatch)
    deployed.look(row(2))
    deployed.put("sweeps/sweep-3/accounts.json", "{")
    deployed.write(started_at=THIRD)

    assert deployed.hub.states() == {account(1): OPEN}
    assert deployed.latest()["openFindings"] == [account(1)]


def test_it_is_remembered_through_a_second_report_that_nobody_reads(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.sweep(row(1), row(2), started_at=FIRST)
    was_not_written(deployed, monkeypatch)
    deployed.bus.refuses = True
    with pytest.raises(Exception, match="refused the outcome"):
        deployed.sweep(unreachable(1), row(2), started_at=THIRD)
    deployed.bus.refuses = False

    deployed.write(started_at=THIRD)
    assert deployed.latest()["openFindings"] == [account(1)]
    deployed.sweep(row(1), row(2), started_at=FOURTH)

    assert deployed.hub.states() == {account(1): PASSED}


def test_as_long_as_each_report_is_read_clean_accounts_cost_nothing(deployed: Deployed) -> None:
    for started_at in (FIRST, SECOND, THIRD):
        deployed.sweep(row(1), started_at=started_at)

    assert deployed.hub.sizes == []


def test_what_is_on_record_is_no_report(deployed: Deployed) -> None:
    deployed.put(RECORD, "{}")
    store = ReportStore(clients.s3(), deployed.bucket)
    assert not store.has_any()

    deployed.put("reports/sweep-1/report.json", "{")

    assert store.has_any()
