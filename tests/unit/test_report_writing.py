"""write_report from end to end: a sweep's files and AWS's answers in, reports and an outcome out."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from botocore.stub import Stubber

from rootwarden.aws import clients
from rootwarden.aws.activity_records import ActivityRecords
from rootwarden.aws.hardening_records import PosturesTable
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import KeyKind, epoch
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecordedWindow, RecoveryWindow, WindowState
from tests.unit.fakes import NOON
from tests.unit.report_function import Deployed, metrics, report_function
from tests.unit.report_given import NONE, PASSWORD, account, exposed, lines, listed, row, unreachable
from tests.unit.state_table import StateTables


@pytest.fixture
def deployed(state_tables: StateTables, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    yield from report_function(state_tables, monkeypatch)


def test_the_first_report_is_written_in_every_form_and_announced(deployed: Deployed) -> None:
    answer = deployed.sweep(row(1), exposed(2), unreachable(3))

    assert answer["report"] == f"s3://{deployed.bucket}/reports/sweep-1/report.html"
    assert answer["totals"]["needsAttention"] == 2
    assert deployed.latest()["missing"] == []
    assert deployed.read("reports/sweep-1/report.json") == deployed.read("reports/latest.json")
    assert deployed.read("reports/sweep-1/report.csv").count("\r\n") == 4
    assert "account-2" in deployed.read("reports/sweep-1/report.html")
    assert deployed.bus.entries[0]["DetailType"] == "Sweep Completed"
    assert deployed.bus.details()[0]["report"]["bucket"] == deployed.bucket


def test_writing_a_report_again_compares_with_the_sweep_before_not_with_itself(deployed: Deployed) -> None:
    deployed.sweep(unreachable(1))
    deployed.sweep(unreachable(1))
    once = deployed.latest()
    deployed.write()
    twice = deployed.latest()

    assert twice | {"finishedAt": None, "history": None} == once | {"finishedAt": None, "history": None}
    assert [entry["sweepId"] for entry in twice["history"]] == ["sweep-1", "sweep-2"]
    assert twice["accounts"][0]["sweepsWithoutPosture"] == 2


def test_a_report_written_again_still_says_that_the_one_before_cannot_be_read(deployed: Deployed) -> None:
    deployed.put("reports/latest.json", "{")
    deployed.sweep(row(1))
    once = deployed.latest()
    deployed.write()
    twice = deployed.latest()

    said = "the previous report cannot be read, so nothing can be compared with it"
    assert [text.partition(": ")[0] for text in (*once["missing"], *twice["missing"])] == [said, said]
    assert "the previous report cannot be read" in deployed.read("reports/sweep-1/report.html")
    deployed.write()
    assert deployed.latest()["missing"] == twice["missing"]


def test_a_first_report_that_lacks_something_is_still_the_first_when_written_again(
    deployed: Deployed,
) -> None:
    deployed.put("sweeps/sweep-1/accounts.json", listed(row(1), row(2)))
    deployed.put("sweeps/sweep-1/results/1.jsonl", lines(row(1)))
    deployed.sweeps = 1
    deployed.write()
    once = deployed.latest()
    deployed.write()

    assert once["missing"]
    assert deployed.latest()["missing"] == once["missing"]


def test_a_refused_outcome_fails_the_step_after_the_report_is_written(deployed: Deployed) -> None:
    deployed.bus.refuses = True

    with pytest.raises(Exception, match="refused the outcome"):
        deployed.sweep(row(1))

    assert json.loads(deployed.read("reports/sweep-1/report.json"))["totals"]["clean"] == 1


def test_what_nobody_was_told_is_news_to_the_next_sweep(deployed: Deployed) -> None:
    deployed.bus.refuses = True
    with pytest.raises(Exception, match="refused the outcome"):
        deployed.sweep(exposed(1))
    deployed.bus.refuses = False

    deployed.sweep(exposed(1))

    assert deployed.bus.details()[0]["isNews"] is True


def test_nothing_at_all_in_the_bucket_is_a_report_that_says_so(deployed: Deployed) -> None:
    deployed.sweeps = 1
    deployed.write()

    latest = deployed.latest()
    assert latest["totals"]["accounts"] == 0
    assert latest["missing"][0].startswith("the list of accounts cannot be read")


def test_bytes_that_are_no_text_cost_only_their_lines(deployed: Deployed) -> None:
    deployed.sweeps = 1
    deployed.put("sweeps/sweep-1/accounts.json", listed(row(1), row(2)))
    broken = b"\xff\xfe\x00{\n" + lines(row(1)).encode()
    clients.s3().put_object(Bucket=deployed.bucket, Key="sweeps/sweep-1/results/1.jsonl", Body=broken)
    deployed.write()

    assert [found["result"] for found in deployed.latest()["accounts"]] == ["clean", "unreachable"]


def test_a_window_that_is_open_where_a_hardening_saw_a_password_later_is_named(deployed: Deployed) -> None:
    record = PostureRecord(
        account_id=account(1),
        name=None,
        posture=PASSWORD,
        result="observed",
        seen_at=NOON + timedelta(hours=1),
    )
    for number in (1, 2):
        seen = replace(record, account_id=account(number))
        PosturesTable(deployed.table).save(seen)
    window = RecoveryWindow(until=NOON + timedelta(hours=2), reason="lost", opened_by="ana")
    RecoveryWindows(deployed.table).begin(
        RecordedWindow(
            account_id=account(1),
            account=AccountReference(account_id=account(1)),
            window=window,
            state=WindowState.OPEN,
            opened_at=NOON,
        )
    )
    until = epoch(window.until)
    deployed.table.put(KeyKind.WINDOW.key(account(2)), {"state": "ajar", "until": until, "expires_at": until})

    deployed.sweep(row(1), row(2), row(3))

    windows = [found["recoveryWindow"] for found in deployed.latest()["accounts"]]
    assert windows == [window.to_detail(), None, None]
    assert deployed.latest()["totals"]["needsAttention"] == 1


@pytest.mark.long
def test_the_state_table_says_when_accounts_were_hardened_and_heard(deployed: Deployed) -> None:
    PosturesTable(deployed.table).save(
        PostureRecord(account_id=account(1), name=None, posture=NONE, result="hardened", seen_at=NOON)
    )
    ActivityRecords(deployed.table).root_event_arrived(account(1), NOON)
    deployed.sweep(*(row(number) for number in range(1, 130)))

    first, second = deployed.latest()["accounts"][:2]
    assert (first["lastHardenedAt"], first["lastRootEventAt"]) == (
        "2026-06-01T12:00:00Z",
        "2026-06-01T12:00:00Z",
    )
    assert (second["lastHardenedAt"], second["lastRootEventAt"]) == (None, None)


def test_checks_that_cannot_be_asked_are_unknown_and_told_and_no_metric(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.organizations.refuses = True
    deployed.sweep(row(1))

    detail = deployed.bus.details()[0]
    assert detail["unknownChecks"] == ["trusted_access", "delegated_administrator"]
    assert detail["failedChecks"] == []
    assert "FeaturesOff" not in metrics(capsys)


def test_the_metrics_are_the_report_s(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.sweep(row(1), row(2, "hardened"), exposed(3), row(4, "partial", None), unreachable(5))

    assert metrics(capsys) == {
        "AccountsClean": 2,
        "AccountsExposed": 2,
        "AccountsUnreachable": 1,
        "FeaturesOff": 0,
        "UndeliveredInMembers": 0,
        "PathsProven": 4,
        "PathsSilent": 0,
        "PathsLost": 0,
        "RecipientsUnreached": 0,
        "SweepCompleted": 1,
    }


def test_without_security_hub_nothing_is_imported(deployed: Deployed) -> None:
    deployed.sweep(exposed(1))

    assert deployed.hub.findings == {}


def test_who_was_unsubscribed_is_named_in_the_outcome_and_counted(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    client, topic = boto3.client("sns"), os.environ["ALERT_TOPIC_ARN"]
    [subscribed] = client.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    client.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])

    deployed.sweep(row())

    [outcome] = deployed.bus.details()
    assert outcome["failedChecks"] == ["alert_subscriptions"]
    assert outcome["unreached"] == ["security@example.com"]
    assert metrics(capsys)["RecipientsUnreached"] == 1


def test_not_being_able_to_ask_who_is_subscribed_counts_nobody_as_reached(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("sns").delete_topic(TopicArn=os.environ["ALERT_TOPIC_ARN"])

    deployed.sweep(row())

    [outcome] = deployed.bus.details()
    assert outcome["unknownChecks"] == ["alert_subscriptions"]
    assert "RecipientsUnreached" not in metrics(capsys)


def test_a_hub_in_the_management_account_looks_at_the_stack_sets(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_ACCOUNT_ID", os.environ["MANAGEMENT_ACCOUNT_ID"])
    client = boto3.client("cloudformation", region_name="us-east-1")
    monkeypatch.setattr(clients, "organization_cloudformation", lambda: client)
    deployed.organizations.delegates = ()
    with Stubber(client) as stub:
        stub.add_response("describe_stack_set", {"StackSet": {"Regions": ["us-east-1"]}})
        failed = {"Account": "444455556666", "Region": "us-east-1", "Status": "OUTDATED"}
        stub.add_response("list_stack_instances", {"Summaries": [failed]})
        stub.add_client_error("describe_stack_set", "StackSetNotFoundException")

        deployed.sweep(row())

    [outcome] = deployed.bus.details()
    assert "member_stacks" in outcome["failedChecks"]
