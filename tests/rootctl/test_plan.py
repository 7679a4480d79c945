"""rootctl plan: what enforcing would do, by a report or by looking now; as a table, a page and JSON."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from embedded_aws.iam.root_credentials import RootUser
from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from rootctl.aws import AwsSession
from rootctl.errors import Exit
from rootctl.hub import Hub
from tests.accounts import CLEAN, EXEMPT, EXPOSED, MFA_ONLY, REFUSING
from tests.rootctl.conftest import program, run


def _used(aws: LocalAws) -> RootUser:
    """Have the exposed account's password used long ago and one of its keys lately; and somebody own it."""
    user = aws.state.root_user(EXPOSED)
    user.password_last_used = aws.clock.now() - timedelta(days=90, minutes=1)
    user.access_keys[0].last_used = aws.clock.now() - timedelta(days=2)
    aws.state.records.get_account_by_id(EXPOSED).tags["owner"] = "team <b>pay</b>"
    return user


def _planned(*arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    answer, code = program("plan", *arguments)
    return {each["account"]["id"]: each for each in answer["accounts"]}, code


@pytest.mark.parametrize("way", ["report", "now"])
def test_every_account_with_credentials_is_planned_for(aws: LocalAws, way: str) -> None:
    user = _used(aws)
    if way == "report":
        Sweeping(aws).by_hand()

    found, code = _planned(*(["--now"] if way == "now" else []))

    assert {account: each["fate"] for account, each in found.items()} == {
        EXPOSED: "would_remove",
        EXEMPT: "left_alone",
        MFA_ONLY: "would_remove",
        REFUSING: "not_known",
    }
    assert code == Exit.FAILED
    exposed = found[EXPOSED]
    assert exposed["owner"] == "team <b>pay</b>"
    assert found[MFA_ONLY]["owner"] is None
    assert [each["id"] for each in exposed["wouldStay"]] == [user.access_keys[0].id]
    assert user.access_keys[1].id in [each["id"] for each in exposed["wouldRemove"]]
    assert len(exposed["lastUsed"]) == 3
    assert exposed["mayBreak"] == ["password was used 90 days ago"]
    assert "exempt until 2027-01-31" in found[EXEMPT]["why"]
    assert CLEAN not in found
    assert all(aws.posture(EXPOSED).values())


def test_a_tag_that_is_named_overrides_the_hub_s(aws: LocalAws) -> None:
    _used(aws)
    aws.state.records.get_account_by_id(EXPOSED).tags["team"] = "ledger"

    assert _planned("--now")[0][EXPOSED]["owner"] == "team <b>pay</b>"
    assert _planned("--now", "--owner-tag", "team")[0][EXPOSED]["owner"] == "ledger"


@pytest.mark.parametrize(("outputs", "tag"), [({"OwnerTag": "team"}, "team"), ({}, "owner")])
def test_owners_are_read_from_the_tag_the_hub_names_else_from_the_default_one(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str], tag: str
) -> None:
    find = Hub.find

    def found(session: AwsSession) -> Hub:
        hub = find(session)
        named = {name: value for name, value in hub.outputs.items() if name != "OwnerTag"}
        return replace(hub, outputs=named | outputs)

    monkeypatch.setattr(Hub, "find", found)
    _used(aws)
    aws.state.records.get_account_by_id(EXPOSED).tags["team"] = "ledger"

    owners = {"team": "ledger", "owner": "team <b>pay</b>"}
    assert _planned("--now")[0][EXPOSED]["owner"] == owners[tag]


def test_an_empty_tag_names_nobody(aws: LocalAws) -> None:
    aws.state.records.get_account_by_id(EXPOSED).tags["owner"] = ""

    assert _planned("--now")[0][EXPOSED]["owner"] is None


@pytest.fixture
def incomplete(aws: LocalAws) -> str:
    """A report that has none of its accounts; what it says is missing."""
    hub = aws.organization.hub
    Sweeping(aws).by_hand()
    [bucket] = [
        each["OutputValue"]
        for each in aws.client("cloudformation", account=hub.account, region=hub.region).describe_stacks(
            StackName="RootWardenHub"
        )["Stacks"][0]["Outputs"]
        if each["OutputKey"] == "EvidenceBucketName"
    ]
    s3 = aws.client("s3", account=hub.account, region=hub.region)
    said = "batch <1> cannot be read: NoSuchKey"
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    [key] = [each for each in keys if each.startswith("reports/") and each.endswith("/report.json")]
    report = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(report | {"accounts": [], "missing": [said]}))
    return said


def test_the_csv_of_an_incomplete_report_says_beside_it_what_is_missing(incomplete: str) -> None:
    result = run("report", "--output", "csv")

    assert (result.exit_code, result.stderr) == (Exit.FAILED, f"missing: {incomplete}\n")


def test_an_incomplete_report_is_not_taken_for_nothing_to_remove(incomplete: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.html"

    answer, code = program("plan")
    shown = run("plan", "--save", str(path))
    table = run("plan", "--output", "csv")

    assert (answer["missing"], answer["accounts"], code) == ([incomplete], [], Exit.FAILED)
    assert (shown.exit_code, table.exit_code) == (Exit.FAILED, Exit.FAILED)
    assert f"missing: {incomplete}" in shown.stdout
    assert f"missing: {incomplete}" in table.stderr
    assert "the report is incomplete" in " ".join(shown.stdout.split())
    page = path.read_text(encoding="utf-8")
    assert "batch &lt;1&gt; cannot be read: NoSuchKey" in page
    assert "<h2>This report is incomplete</h2>" in page


def test_without_a_report_the_hub_looks_and_says_so(aws: LocalAws) -> None:
    result = run("plan")

    first = result.stderr.splitlines()[0]
    assert first.startswith("There is no report yet")
    assert first.endswith("Looking into every account now.")
    assert EXPOSED in result.stdout
    assert "Enforcing would remove 6 root credentials" in " ".join(result.stdout.split()), result.stdout
    assert aws.dead_letters == []


def test_the_page_and_the_csv_say_the_same_and_run_nothing(aws: LocalAws, tmp_path: Path) -> None:
    _used(aws)
    path = tmp_path / "plan.html"

    result = run("plan", "--now", "--save", str(path), "--output", "csv")

    page = path.read_text(encoding="utf-8")
    assert EXPOSED in page
    assert "team &lt;b&gt;pay&lt;/b&gt;" in page
    assert "<b>pay" not in page
    assert "\x1b" not in page
    rows = {row["account_id"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert rows[EXPOSED]["owner"] == "team <b>pay</b>"
    assert rows[REFUSING]["fate"] == "not_known"
    key = rows[EXPOSED]["would_stay"].removeprefix("access_key:")
    assert re.fullmatch(f"access key {key}: .*used.*", rows[EXPOSED]["why_stay"])


@pytest.mark.usefixtures("aws")
def test_a_page_that_cannot_be_written_takes_nothing_away(tmp_path: Path) -> None:
    result = run("plan", "--now", "--save", str(tmp_path / "nowhere" / "plan.html"))

    assert result.exit_code == Exit.FAILED
    assert EXPOSED in result.stdout
    assert "plan.html cannot be written: No such file or directory. Name another file." in result.stderr
