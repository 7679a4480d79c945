"""rootctl report: the latest report, another one, all its forms, and what stands in the way."""

import csv
import io
import json
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from rootctl.errors import Exit
from rootwarden.aws.clients import refusals
from rootwarden.aws.reports_bucket import ReportArchive
from tests.accounts import CLEAN, EXPOSED, HUB, MFA_ONLY, REFUSING
from tests.rootctl.conftest import program, run
from tests.upgrade.earlier import recorded

DAY = 86400


def test_the_latest_report_is_summed_up(aws: LocalAws) -> None:
    Sweeping(aws).by_hand()
    aws.clock.advance(DAY)
    latest = Sweeping(aws).by_hand()

    result = run("report")

    assert latest.sweep_id in result.stdout
    assert latest.report is not None
    need = latest.report["totals"]["needsAttention"]
    assert f"{need} accounts need attention" in result.stdout
    assert "management root" in result.stdout
    for account in (EXPOSED, MFA_ONLY, REFUSING):
        assert account in result.stdout
    assert CLEAN not in result.stdout
    assert result.exit_code == Exit.FAILED


def test_programs_get_the_report_as_it_was_written(aws: LocalAws) -> None:
    swept = Sweeping(aws).by_hand()

    document, code = program("report")
    rows = list(csv.DictReader(io.StringIO(run("report", "--output", "csv").stdout)))

    assert (document, code) == (swept.report, Exit.FAILED)
    assert EXPOSED in {cell for row in rows for cell in row.values()}


def test_a_report_of_the_release_before_is_read_as_it_was_written(aws: LocalAws) -> None:
    s3 = aws.client("s3", account=HUB)
    [bucket] = [each["Name"] for each in s3.list_buckets()["Buckets"] if "evidence" in each["Name"]]
    [sweep] = [each["sweepId"] for each in recorded("sweep")]
    key = f"reports/{sweep}/report.json"
    s3.put_object(Bucket=bucket, Key=key, Body=dict(recorded("objects"))[key].encode())

    document, _ = program("report", "--sweep", sweep)
    result = run("report", "--sweep", sweep)

    assert document == json.loads(dict(recorded("objects"))[key])
    assert result.exit_code == Exit.FAILED
    assert f"Sweep {sweep} of 8 accounts" in result.stdout
    assert "2 accounts need attention" in result.stdout


def test_every_form_is_saved(aws: LocalAws, tmp_path: Path) -> None:
    swept = Sweeping(aws)
    files = dict(swept.files(swept.by_hand().sweep_id))

    result = run("report", "--save", str(tmp_path / "new" / "directory"))

    assert result.exit_code == Exit.FAILED
    for name, content in files.items():
        assert (tmp_path / "new" / "directory" / name).read_bytes() == content
        assert name in result.stderr


@pytest.mark.long
def test_another_report_by_day_or_by_sweep(aws: LocalAws) -> None:
    first = Sweeping(aws).by_hand()
    day = aws.clock.now().date().isoformat()
    aws.clock.advance(DAY)
    Sweeping(aws).by_hand()

    by_day, _ = program("report", "--date", day)
    by_sweep, _ = program("report", "--sweep", first.sweep_id)

    assert by_day == by_sweep == first.report


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), Exit.FAILED, "There is no report yet"),
        (("--sweep", "unheard-of"), Exit.FAILED, "no report.json of a sweep unheard-of"),
        (("--date", "2020-02-29"), Exit.FAILED, "No report was written on 2020-02-29"),
        (("--date", "2020-02-29", "--sweep", "x"), Exit.USAGE, "not both"),
        (("--date", "yesterday"), Exit.USAGE, "yesterday"),
        (("--region", "eu-west-1"), Exit.FAILED, "no stack RootWardenHub"),
    ],
)
@pytest.mark.usefixtures("aws")
def test_what_stands_in_the_way(arguments: tuple[str, ...], code: Exit, said: str) -> None:
    result = run("report", *arguments)

    assert result.exit_code == code
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


@pytest.mark.parametrize("text", ["half a rep", "[]", '{"sweepId": 7}', '{"sweepId": "a", "totals": {}}'])
def test_a_report_that_cannot_be_read(aws: LocalAws, text: str) -> None:
    s3 = aws.client("s3", account=HUB)
    for key in ("reports/latest.json", "reports/a/report.json"):
        s3.put_object(Bucket=Sweeping(aws).bucket, Key=key, Body=text.encode())

    result = run("report")

    assert result.exit_code == Exit.FAILED
    assert "cannot be read" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_directory_that_cannot_be_written(aws: LocalAws, tmp_path: Path) -> None:
    Sweeping(aws).by_hand()
    (tmp_path / "file").write_text("in the way")

    result = run("report", "--save", str(tmp_path / "file" / "below"))

    assert result.exit_code == Exit.FAILED
    assert "cannot be written" in result.stderr


def test_what_s3_refuses_is_no_missing_report(aws: LocalAws) -> None:
    archive = ReportArchive(aws.client("s3", account=HUB), "nobody-s-bucket")

    with pytest.raises(Exception, match="NoSuchBucket"), refusals():
        archive.latest()
