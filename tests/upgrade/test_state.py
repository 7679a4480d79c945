"""What 0.1 left in queues, the state table and the bucket means the same to this version."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from embedded_aws.organizations.organization import RootCredentials
from local.aws import LocalAws
from local.scenarios.asking import ask
from local.scenarios.sweeping import Sweeping
from rootwarden.contract.functions import Caller
from tests.accounts import HUB, MEMBER
from tests.upgrade.earlier import recorded
from tests.wiring.queues import put_in_queue
from tests.wiring.sample_events import sample

pytestmark = pytest.mark.long

A_TIME = 10**9
HOUR = 3600


def kind_of(item: Mapping[str, Any]) -> str:
    """Return the kind of an item, by how its key begins."""
    return str(item["pk"]["S"].partition("#")[0])


def in_table(aws: LocalAws) -> list[dict[str, Any]]:
    """Return every item of the state table."""
    dynamodb = aws.client("dynamodb", account=HUB)
    [table] = dynamodb.list_tables()["TableNames"]
    found: list[dict[str, Any]] = dynamodb.scan(TableName=table)["Items"]
    return found


def remembered(aws: LocalAws, *kinds: str) -> int:
    """Put recorded items, of all kinds or of some, into the table; their times move from then to now."""
    dynamodb = aws.client("dynamodb", account=HUB)
    [table] = dynamodb.list_tables()["TableNames"]
    chosen = [each for each in recorded("items") if not kinds or kind_of(each[1]) in kinds]
    for then, item in chosen:
        later = int((aws.clock.now() - datetime.fromisoformat(then)).total_seconds())
        dynamodb.put_item(TableName=table, Item={name: _moved(value, later) for name, value in item.items()})
    return len(chosen)


def _moved(value: Mapping[str, Any], later: int) -> Mapping[str, Any]:
    number = int(value.get("N", 0))
    return {"N": str(number + later)} if number > A_TIME else value


def bucket(aws: LocalAws) -> str:
    """Return the evidence bucket, with what was recorded in it."""
    s3 = aws.client("s3", account=HUB)
    [name] = [each["Name"] for each in s3.list_buckets()["Buckets"] if "evidence" in each["Name"]]
    for key, body in recorded("objects"):
        s3.put_object(Bucket=name, Key=key, Body=body.encode())
    return str(name)


def subjects(aws: LocalAws) -> list[str]:
    """Return the subjects of the e-mails people got."""
    return [message.subject for message in aws.messages if message.subject]


def test_outcomes_that_wait_for_notify_become_messages(aws: LocalAws) -> None:
    outcomes = recorded("outcomes")
    for outcome in outcomes:
        put_in_queue(aws, "Notify", json.dumps(outcome))

    aws.run_until_idle()

    alerts = [each["detail"] for each in outcomes if each["detail-type"] == "Root Activity Alert"]
    assert len(alerts) > 15
    assert aws.dead_letters == []
    told = subjects(aws)
    for alert in alerts:
        assert any(f"{alert['severity'].upper()} " in subject for subject in told), alert
    assert {each["detail-type"] for each in outcomes} >= {"Sweep Completed", "Recovery Window Change"}
    assert len(told) > len(alerts)


def test_after_a_burst_of_before_the_next_act_alerts(aws: LocalAws) -> None:
    remembered(aws, "BURST")
    [ended] = [event for function, event in recorded("queued") if function == "assess_root_activity"]
    put_in_queue(aws, "AssessRootActivity", json.dumps(ended))

    aws.deliver(sample("root_console_login_success_no_mfa"))
    aws.run_until_idle()

    [alert] = aws.outcomes
    assert (alert["detail-type"], alert["detail"]["severity"]) == ("Root Activity Alert", "critical")
    assert aws.dead_letters == []


def test_a_root_session_of_before_is_still_ours(aws: LocalAws) -> None:
    remembered(aws, "SESSION")
    [key] = [item["pk"]["S"].split("#")[1] for _, item in recorded("items") if "opener" in item]
    call = sample("root_session_account_summary")
    stranger = json.dumps(call)
    call["detail"]["userIdentity"]["accessKeyId"] = key

    aws.deliver(call)
    aws.run_until_idle()
    assert aws.outcomes == []

    aws.deliver(json.loads(stranger))
    aws.run_until_idle()
    assert len(aws.outcomes) == 1


def test_a_window_of_before_is_open_and_is_closed_at_its_end(aws: LocalAws) -> None:
    aws.state.root_user(MEMBER).give(RootCredentials(password=True), aws.clock.now())
    remembered(aws, "WINDOW", "WINDOWS", "RECOVERY")
    [window] = ask(aws, "close_recovery", list=True)["windows"]
    assert (window["account"]["id"], window["openedBy"]) == (MEMBER, "alice")
    aws.deliver(sample("create_account_result_succeeded"))
    aws.run_until_idle()
    assert aws.posture(MEMBER)["password"], "the window is open"

    aws.clock.advance(4 * HOUR + 5 * 60)
    [scheduled] = recorded("schedule")
    # A schedule of 0.1 comes by no alias, and is refused; the look every five minutes closes the window.
    answer = ask(aws, "close_recovery", None, **{**scheduled, "until": window["until"]})
    assert answer["reason"]["code"] == "NotByAlias"
    ask(aws, "close_recovery", Caller.SCHEDULE, overdue=True)
    aws.run_until_idle()

    assert not any(aws.posture(MEMBER).values())
    assert ask(aws, "close_recovery", list=True)["windows"] == []
    assert aws.dead_letters == []


def test_a_closed_window_that_waits_for_hardening_leads_to_it(aws: LocalAws) -> None:
    [closed] = [event for function, event in recorded("queued") if function == "harden_account"]
    put_in_queue(aws, "HardenAccount", json.dumps(closed))

    aws.run_until_idle()

    assert [each["detail"]["result"] for each in aws.outcomes] == ["hardened"]
    assert not any(aws.posture(MEMBER).values())


def test_an_account_proven_just_before_is_not_hardened_once_more(aws: LocalAws) -> None:
    remembered(aws, "ACCOUNT")

    aws.deliver(sample("create_account_result_succeeded"))
    aws.run_until_idle()

    assert aws.outcomes == []


def test_the_earlier_rootctl_hears_by_which_alias_functions_answer(aws: LocalAws) -> None:
    answers = [(name, request, ask(aws, name, None, **request)) for name, request in recorded("requests")]

    assert {name for name, _, _ in answers} >= {
        "harden_account",
        "open_recovery",
        "unlock_bucket",
        "unlock_queue",
    }
    for name, request, answer in answers:
        assert (answer["result"], answer["reason"]["code"]) == ("refused", "NotByAlias"), (name, request)


def test_with_everything_remembered_the_work_goes_on(aws: LocalAws) -> None:
    assert remembered(aws) == len(recorded("items"))
    aws.clock.advance(24 * HOUR)

    for name in ("root_console_login_success_no_mfa", "create_account_result_succeeded"):
        aws.deliver(sample(name))
    aws.run_until_idle()
    swept = Sweeping(aws).by_hand()
    aws.deliver(sample("account_departed_organization"))
    aws.run_until_idle()

    assert (swept.status, swept.error) == ("SUCCEEDED", None)
    said = {each["detail-type"] for each in aws.outcomes}
    assert said >= {"Root Activity Alert", "Account Hardening Result", "Sweep Completed"}
    assert aws.dead_letters == []


def test_what_is_remembered_now_0_1_can_read(aws: LocalAws) -> None:
    """Given a return to 0.1: of a kind that it knows, an item has what it looks for."""
    ask(aws, "open_recovery", account=MEMBER, reason="lost MFA device", requestedBy="alice", hours=1)
    for name in ("root_console_login_success_no_mfa", "create_account_result_succeeded"):
        aws.deliver(sample(name))
    aws.run_until_idle()
    aws.clock.advance(2 * HOUR)
    aws.run_until_idle()
    # A claim that was given back, and an index that names nobody, lack these in 0.1 as well.
    may_lack = {"done_until", "lease_until", "accounts"}
    kinds = {kind_of(item): item.keys() - may_lack for _, item in recorded("items")}

    found = [item for item in in_table(aws) if kind_of(item) in kinds]

    assert {kind_of(item) for item in found} >= {"ACCOUNT", "MESSAGE", "POSTURE", "SESSION"}
    assert not [item for item in found if not kinds[kind_of(item)] <= item.keys()]


def test_a_sweep_that_was_under_way_ends_with_its_report(aws: LocalAws) -> None:
    [asked] = recorded("sweep")
    name = bucket(aws)

    answer = ask(aws, "write_report", None, **{**asked, "bucket": name})
    aws.run_until_idle()

    assert "errorMessage" not in answer
    [completed] = [each for each in aws.outcomes if each["detail-type"] == "Sweep Completed"]
    assert completed["detail"]["sweepId"] == asked["sweepId"]
    assert completed["detail"]["totals"]["accounts"] == asked["count"]


def test_a_report_of_before_is_what_the_next_one_is_compared_with(aws: LocalAws) -> None:
    [asked] = recorded("sweep")
    name = bucket(aws)
    s3 = aws.client("s3", account=HUB)
    source = f"{name}/reports/{asked['sweepId']}/report.json"
    s3.copy_object(Bucket=name, Key="reports/latest.json", CopySource=source)

    swept = Sweeping(aws).by_hand()

    assert swept.report is not None
    assert swept.report["previousSweepId"] == asked["sweepId"]
    assert not [text for text in swept.report["missing"] if "previous report" in text]
    assert len(swept.report["history"]) > 1
