"""Alarms that reach people, and one dashboard."""

import json
from itertools import chain
from typing import Any

import pytest

from tests.templates.synthesized import Deployment, get_arn

_QUEUES = {
    "HardenAccount": "HardeningHardenAccountQueueDB601475",
    "AssessRootActivity": "RootActivityAssessRootActivityQueue439AA522",
    "RefusedSessions": "RootActivityRefusedSessionsQueueF0FDD299",
    "ForgetAccount": "LeavingForgetAccountQueue11B20F9B",
    "Notify": "NotificationNotifyQueue6AF1637B",
}


def _alarms(deployed: Deployment) -> dict[str, dict[str, Any]]:
    """Return the hub's alarms by name."""
    alarms = deployed.hub.properties("AWS::CloudWatch::Alarm")
    return {alarm["AlarmName"].removeprefix("RootWardenHub/"): alarm for alarm in alarms}


def _measured(alarm: dict[str, Any]) -> list[str]:
    metrics = alarm.get("Metrics", [])
    return [m["MetricStat"]["Metric"]["MetricName"] for m in metrics if "MetricStat" in m]


def test_every_alarm_reaches_people_says_why_it_rings_and_when_it_is_over(deployed: Deployment) -> None:
    [topic] = [i for i in deployed.hub.of_type("AWS::SNS::Topic") if i.startswith("Alerts")]
    for name, alarm in _alarms(deployed).items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
        assert len(alarm["AlarmDescription"]) > len(name) + 40


def test_there_are_few_alarms_besides_those_of_dead_letters(deployed: Deployment) -> None:
    others = {
        name
        for name in _alarms(deployed)
        if not name.endswith(("Letters", "Undelivered", "Started", "Closed"))
    }
    assert others == {
        "Hardening/HardenAccount/OldMessages",
        "RootActivity/AssessRootActivity/OldMessages",
        "Leaving/ForgetAccount/OldMessages",
        "Notification/Notify/OldMessages",
        "Operations/FunctionErrors",
        "Operations/RequestErrors",
        "Operations/LooksFailed",
        "Operations/NotAnnounced",
        "RootActivity/RefusedSessions/OldMessages",
        "OrganizationSweep/Failed",
        "OrganizationSweep/Missing",
        "OrganizationSweep/FeaturesOff",
        "OrganizationSweep/UndeliveredInMembers",
        "OrganizationSweep/PathsLost",
        "OrganizationSweep/Unreached",
    }


@pytest.mark.parametrize("name", _QUEUES)
def test_messages_of_every_work_queue_must_not_grow_old(deployed: Deployment, name: str) -> None:
    [alarm] = [a for n, a in _alarms(deployed).items() if n.endswith(f"{name}/OldMessages")]
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] == _QUEUES[name]
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (3600, "notBreaching")


def _watched_functions(alarm: dict[str, Any]) -> list[str]:
    return [
        metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"]
        for metric in alarm["Metrics"]
        if "MetricStat" in metric
    ]


def test_errors_of_every_function_are_watched_by_one_alarm(deployed: Deployment) -> None:
    alarms = [_alarms(deployed)[f"Operations/{name}Errors"] for name in ("Function", "Request")]
    watched = [_watched_functions(alarm) for alarm in alarms]
    assert sorted(chain.from_iterable(watched)) == sorted(deployed.hub.of_type("AWS::Lambda::Function"))
    assert {measured for alarm in alarms for measured in _measured(alarm)} == {"Errors"}
    # CloudWatch takes ten metrics in one alarm.
    assert max(len(functions) for functions in watched) <= 10


def test_a_crash_that_only_the_caller_saw_rings_at_once(deployed: Deployment) -> None:
    alarm = _alarms(deployed)["Operations/RequestErrors"]
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"], alarm["Threshold"]) == (1, 1, 1)


def test_looks_that_keep_failing_ring(deployed: Deployment) -> None:
    alarm = _alarms(deployed)["Operations/LooksFailed"]
    assert (alarm["MetricName"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (
        "LooksFailed",
        3,
        2,
    )
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "regular_look"}]


def test_what_the_bus_cannot_say_rings(deployed: Deployment) -> None:
    alarm = _alarms(deployed)["Operations/NotAnnounced"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("OutcomesNotPublished", 1)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "outcome_bus"}]


def test_further_dead_letters_ring_although_the_first_still_do(deployed: Deployment) -> None:
    alarms = _alarms(deployed)
    again = [alarms[f"Operations/{name}"] for name in ("MoreDeadLetters", "MoreUndelivered")]
    watched = [
        [
            metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
            for metric in alarm["Metrics"]
            if "MetricStat" in metric
        ]
        for alarm in again
    ]
    first = [alarm for alarm in alarms.values() if alarm.get("MetricName", "").endswith("MessagesVisible")]

    assert sorted(chain.from_iterable(watched)) == sorted(
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in first
    )
    # CloudWatch takes ten metrics in one alarm.
    assert max(map(len, watched)) <= 10
    assert all("DIFF(FILL(queue0, 0)) > 0" in str(alarm["Metrics"]) for alarm in again)


def test_what_cloudwatch_counts_late_still_rings(deployed: Deployment) -> None:
    """Until a minute is counted FILL says 0 of it: who looks at that minute alone never sees more."""
    filled = [alarm for alarm in _alarms(deployed).values() if "FILL(" in str(alarm.get("Metrics"))]
    assert len(filled) > len(("MoreDeadLetters", "MoreUndelivered"))
    for alarm in filled:
        [period] = {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each}
        assert period * (alarm["EvaluationPeriods"] - alarm["DatapointsToAlarm"] + 1) >= 300


def test_a_sweep_may_neither_fail_nor_time_out_nor_be_stopped_unnoticed(deployed: Deployment) -> None:
    alarm = _alarms(deployed)["OrganizationSweep/Failed"]
    assert _measured(alarm) == ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")


def test_features_that_are_off_keep_ringing_until_a_sweep_finds_them_on(deployed: Deployment) -> None:
    alarm = _alarms(deployed)["OrganizationSweep/FeaturesOff"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "write_report"}]
    assert alarm["TreatMissingData"] == "ignore"


def test_the_dashboard_shows_posture_work_and_machinery(deployed: Deployment) -> None:
    [dashboard] = deployed.hub.properties("AWS::CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "reference" for part in parts))
    shown = json.dumps(body)
    for metric in (
        *("AccountsClean", "AccountsExposed", "AccountsUnreachable", "SweepCompleted", "FeaturesOff"),
        *("AccountsHardened", "SecondsFromEventToHardened", "Alerts"),
        *("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "Errors"),
    ):
        assert f'"{metric}"' in shown
    for severity in ("critical", "high", "medium", "low", "info"):
        assert f'"severity", "{severity}"' in shown
    assert dashboard["DashboardName"] == "rootwarden"


def test_every_dead_letter_queue_is_on_the_dashboard(deployed: Deployment) -> None:
    [dashboard] = deployed.hub.properties("AWS::CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    for queue_id in deployed.hub.of_type("AWS::SQS::Queue"):
        assert {"Fn::GetAtt": [queue_id, "QueueName"]} in parts
        assert get_arn(queue_id) not in parts
