"""Which report a sweep's is compared with, whatever became of the one before: overtaken, broken off, gone."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError, ResponseStreamingError

from rootwarden.aws import clients
from rootwarden.aws.earlier_reports import EarlierReport, EarlierReports
from rootwarden.aws.evidence_objects import EvidenceObjects
from rootwarden.aws.reports_bucket import ReportStore
from rootwarden.aws.sweep_records import UnheardProbes
from rootwarden.refusals import CallRefused
from rootwarden.report.report import make_report
from rootwarden.sweep.sweep import Sweep
from tests.unit.fakes import NOON
from tests.unit.report_function import STARTED, Deployed, metrics, report_function
from tests.unit.report_given import account, exposed, row, unreachable
from tests.unit.state_table import StateTables

EARLIER, LATER = "2026-06-01T08:00:00Z", "2026-06-02T11:55:00Z"
LATEST = "reports/latest.json"
GONE = "there is no reports/latest.json: the report of the sweep sweep-1 was taken in its place"


@pytest.fixture
def deployed(state_tables: StateTables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    yield from report_function(state_tables, monkeypatch)


def delete(deployed: Deployed, key: str) -> None:
    boto3.client("s3").delete_object(Bucket=deployed.bucket, Key=key)


def break_off(monkeypatch: pytest.MonkeyPatch, key: str, times: int) -> None:
    """Have answers with an object break off while they are read, the first so many."""
    client, left = clients.s3(), [times]
    get = client.get_object

    def broken(*_: object) -> bytes:
        raise ResponseStreamingError(error="Connection reset by peer")

    def get_object(**asked: Any) -> Any:
        found: Any = get(**asked)
        if asked["Key"] == key and left[0]:
            left[0] -= 1
            monkeypatch.setattr(found["Body"], "read", broken)
        return found

    monkeypatch.setattr(client, "get_object", get_object)


class TestAnOlderSweepThatReportsLater:
    def test_it_is_written_and_changes_nothing_that_the_newer_one_said(
        self,
        deployed: Deployed,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("SECURITY_HUB", "true")
        deployed.look(row(1))
        deployed.sweep(exposed(1))
        newer = deployed.latest()
        capsys.readouterr()

        deployed.write(1, started_at=EARLIER)

        assert metrics(capsys) == {"SweepCompleted": 1}

        older = deployed.report(1)
        assert deployed.latest() == newer
        assert older["accounts"][0]["result"] == "clean"
        [said] = older["missing"]
        assert said.startswith("the sweep sweep-2 began later and has reported already: its report stays the")
        assert list(deployed.hub.states().values()) == [("FAILED", "ACTIVE")]

    def test_it_compares_with_the_sweep_before_it(self, deployed: Deployed) -> None:
        deployed.sweep(exposed(1), started_at=EARLIER)
        deployed.look(row(1))
        deployed.sweep(exposed(1), started_at=LATER)

        deployed.write(2)

        assert deployed.report(2)["previousSweepId"] == "sweep-1"
        assert deployed.report(2)["changes"]["nowClean"] == [account(1)]
        assert deployed.latest()["sweepId"] == "sweep-3"

    def test_what_the_newer_one_would_probe_again_stays(self, deployed: Deployed) -> None:
        probes = UnheardProbes(deployed.table)
        deployed.look(row(1))
        deployed.sweep(row(1))
        probes.write({account(1): ("us-east-1",)})

        deployed.write(1, started_at=EARLIER)

        assert probes.read() == {account(1): ("us-east-1",)}

    @pytest.mark.parametrize("times", [0, 99], ids=["", "also where that cannot be read any more"])
    def test_a_newer_one_that_reports_meanwhile_stays_the_latest(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, times: int
    ) -> None:
        deployed.look(row(1))
        write = ReportStore.write

        def meanwhile(store: ReportStore, report: Any) -> Any:
            monkeypatch.setattr(ReportStore, "write", write)
            deployed.sweep(exposed(1))
            break_off(monkeypatch, LATEST, times)
            return write(store, report)

        monkeypatch.setattr(ReportStore, "write", meanwhile)

        deployed.write(1, started_at=EARLIER)

        assert deployed.latest()["sweepId"] == "sweep-2"

    def test_a_newer_one_that_reports_while_this_one_asks_keeps_its_findings_and_numbers(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("SECURITY_HUB", "true")
        deployed.look(exposed(1))
        make = "rootwarden.aws.report_writing.make_report"

        def meanwhile(*given: Any, **times: Any) -> Any:
            monkeypatch.setattr(make, make_report)
            deployed.sweep(row(1))
            capsys.readouterr()
            return make_report(*given, **times)

        monkeypatch.setattr(make, meanwhile)

        deployed.write(1, started_at=EARLIER)

        assert metrics(capsys) == {"SweepCompleted": 1}
        assert deployed.latest()["sweepId"] == "sweep-2"
        [said] = deployed.report(1)["missing"]
        assert said.startswith("the sweep sweep-2 began later and has reported already")
        assert deployed.hub.states() == {}

    def test_after_ever_so_many_sweeps_nothing_is_compared(self, deployed: Deployed) -> None:
        for number in range(2, 40):
            one = {"sweepId": f"sweep-{number}", "startedAt": LATER, "accounts": []}
            deployed.put(
                f"reports/sweep-{number}/report.json",
                json.dumps(one | {"previousSweepId": f"sweep-{number - 1}"}),
            )
        deployed.put(LATEST, deployed.read("reports/sweep-39/report.json"))
        deployed.sweep(row(1))

        assert deployed.report(1)["missing"][0].startswith(
            "the sweep sweep-39 began later and has reported already"
        )
        assert "TooManyLater" in deployed.report(1)["missing"][1]


class TestAReportThatCannotBeRead:
    def test_what_botocore_tried_in_vain_is_not_tried_once_more(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []

        def get_object(**given: str) -> Any:
            asked.append(given["Key"])
            raise ReadTimeoutError(endpoint_url="https://s3")

        monkeypatch.setattr(clients.s3(), "get_object", get_object)
        found = EvidenceObjects(clients.s3(), deployed.bucket).read(LATEST)

        assert isinstance(found, CallRefused)
        assert asked == [LATEST]

    def test_an_answer_that_breaks_off_is_asked_for_again(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deployed.sweep(exposed(1))
        break_off(monkeypatch, LATEST, 2)
        deployed.sweep(exposed(1), started_at=LATER)

        assert deployed.latest()["previousSweepId"] == "sweep-1"
        assert deployed.latest()["missing"] == []

    def test_so_is_one_with_a_batch_s_results(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        break_off(monkeypatch, f"sweeps/sweep-1/results/{account(1)}.jsonl", 2)
        deployed.sweep(row(1))

        assert deployed.latest()["accounts"][0]["result"] == "clean"

    def test_the_newest_other_that_can_be_read_takes_its_place(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deployed.sweep(unreachable(1), exposed(2, auditedAt=EARLIER), started_at=EARLIER)
        deployed.put("reports/sweep-0/report.json", "{")
        break_off(monkeypatch, LATEST, 99)

        deployed.sweep(unreachable(1), exposed(2))

        found = deployed.report(2)
        assert found["previousSweepId"] == "sweep-1"
        assert [each["sweepId"] for each in found["history"]] == ["sweep-1", "sweep-2"]
        assert found["accounts"][0]["sweepsWithoutPosture"] == 2
        assert found["accounts"][1]["exposedSince"] == EARLIER
        [said] = found["missing"]
        assert said.startswith("reports/latest.json cannot be read (ResponseStreamingError")
        assert said.endswith("the report of the sweep sweep-1 was taken in its place")

    def test_of_several_others_it_is_that_of_the_newest_sweep(self, deployed: Deployed) -> None:
        deployed.look(row(1))
        deployed.sweep(exposed(1))
        deployed.write(1, started_at=EARLIER)
        delete(deployed, LATEST)

        deployed.sweep(exposed(1), started_at=LATER)

        assert deployed.latest()["previousSweepId"] == "sweep-2"

    def test_without_any_other_it_is_not_the_first(self, deployed: Deployed) -> None:
        deployed.put(LATEST, "{")
        deployed.sweep(exposed(1))
        deployed.sweep(exposed(1), started_at=LATER)

        first, second = deployed.report(1), deployed.report(2)
        assert first["missing"][0].startswith("the previous report cannot be read")
        assert first["accounts"][0]["exposedSince"] is None
        assert second["accounts"][0]["exposedSince"] is None

    def test_one_written_again_whose_previous_is_gone_is_not_the_first(self, deployed: Deployed) -> None:
        deployed.sweep(row(1), started_at=EARLIER)
        deployed.sweep(row(1))
        delete(deployed, "reports/sweep-1/report.json")
        deployed.write()

        assert "the report of the sweep sweep-1 is gone" in deployed.latest()["missing"][0]


class TestALatestReportThatIsGone:
    def test_it_is_not_the_first_sweep(self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECURITY_HUB", "true")
        deployed.sweep(exposed(1), started_at=EARLIER)
        delete(deployed, LATEST)
        deployed.sweep(row(1))

        found = deployed.latest()
        assert found["previousSweepId"] == "sweep-1"
        assert found["missing"] == [GONE]
        assert list(deployed.hub.states().values()) == [("PASSED", "ARCHIVED")]

    def test_a_report_still_shows_that_there_was_a_sweep(self, deployed: Deployed) -> None:
        store = ReportStore(clients.s3(), deployed.bucket)
        assert not store.has_any()

        deployed.sweep(row(1))
        delete(deployed, LATEST)

        assert store.has_any()

    @pytest.mark.parametrize("is_listed", [False, True])
    def test_where_no_other_can_be_read_it_is_not_the_first_either(
        self, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, *, is_listed: bool
    ) -> None:
        deployed.put("reports/sweep-0/report.json", "{")
        sweep = Sweep(sweep_id="sweep-1", started_at=NOON, mode=None)
        reports = EarlierReports(EvidenceObjects(clients.s3(), deployed.bucket))

        def refuse(*_: object) -> list[Any]:
            raise CallRefused("AccessDenied", "no")

        if not is_listed:
            monkeypatch.setattr(EvidenceObjects, "below", refuse)

        found = reports.before(sweep)

        assert isinstance(found, EarlierReport)
        assert isinstance(found.source, CallRefused)


def test_the_first_report_of_all_compares_with_none(deployed: Deployed) -> None:
    deployed.bus.refuses = True
    with pytest.raises(Exception, match="refused the outcome"):
        deployed.sweep(exposed(1))
    deployed.bus.refuses = False

    deployed.write(started_at=STARTED)

    assert deployed.latest()["previousSweepId"] is None
    assert deployed.latest()["missing"] == []
