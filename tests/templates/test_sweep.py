"""The sweep as deployed: its bucket, its state machine, its schedule, and the roles of the last two."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from embedded_aws.clock import VirtualClock
from embedded_aws.stepfunctions.state_data import StateFailedError
from embedded_aws.stepfunctions.state_language import Interpreter
from tests.templates.synthesized import (
    HUB,
    MANAGEMENT,
    Deployment,
    Template,
    arn,
    definition,
    synthesized,
)


def _only(template: Template, kind: str) -> tuple[str, dict[str, Any]]:
    [(logical_id, resource)] = template.of_type(kind).items()
    return logical_id, resource


def _bucket(template: Template) -> tuple[str, dict[str, Any]]:
    logical_id, bucket = _only(template, "AWS::S3::Bucket")
    return logical_id, bucket["Properties"]


def test_evidence_is_versioned_encrypted_and_private(deployed: Deployment) -> None:
    bucket_id, bucket = _bucket(deployed.hub)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "ObjectLockEnabled" not in bucket
    [policy] = deployed.hub.properties("AWS::S3::BucketPolicy")
    [denial] = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == {"Ref": bucket_id}
    assert (denial["Effect"], denial["Action"], denial["Principal"]) == ("Deny", "s3:*", {"AWS": "*"})
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_evidence_outlives_the_stack(deployed: Deployment) -> None:
    _, bucket = _only(deployed.hub, "AWS::S3::Bucket")
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.long
def test_retention_and_object_lock_are_as_configured() -> None:
    locked = synthesized(sweep={"report_retention_days": 730, "object_lock": True})
    _, bucket = _bucket(locked.hub)
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert kept == {"reports/": 730, "unlocks/": 730, "sweeps/": 30}
    assert bucket["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Days": 730, "Mode": "GOVERNANCE"}},
    }


def test_the_state_machine_lists_then_audits_in_batches_then_reports(deployed: Deployment) -> None:
    states = definition(deployed.hub)["States"]
    assert states["IsModeGiven"]["Choices"][0]["Next"] == "ListAccounts"
    assert states["ModeAsConfigured"]["Result"] == "observe"
    assert states["ListAccounts"]["Parameters"]["Payload"] == {
        "sweepId.$": "$$.Execution.Name",
        "startedAt.$": "$$.Execution.StartTime",
        "mode.$": "$.mode",
    }
    assert states["ListAccounts"]["Next"] == "IsOrganizationThere"
    [not_yet] = states["IsOrganizationThere"]["Choices"]
    assert (not_yet["Variable"], states[not_yet["Next"]]["End"]) == ("$.notYet", True)
    assert states["IsOrganizationThere"]["Default"] == "AuditAccounts"
    audit = states["AuditAccounts"]
    assert audit["ItemReader"]["Parameters"]["Key.$"] == "$.accountsKey"
    assert audit["ItemBatcher"] == {
        "MaxItemsPerBatch": 50,
        "BatchInput": {"sweepId.$": "$.sweepId", "startedAt.$": "$.startedAt", "mode.$": "$.mode"},
    }
    assert (audit["MaxConcurrency"], audit["ToleratedFailurePercentage"]) == (10, 100)
    assert audit["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    # Its results are in S3; a hundred thousand rows would not fit into the state.
    assert (audit["ResultPath"], audit["Next"]) == (None, "WriteReport")
    assert states["WriteReport"]["End"] is True


def test_every_step_waits_out_throttling_and_is_tried_again(deployed: Deployment) -> None:
    states = definition(deployed.hub)["States"]
    batch = states["AuditAccounts"]["ItemProcessor"]["States"]["AuditBatch"]
    for task in (states["ListAccounts"], batch, states["WriteReport"]):
        passing, everything = task["Retry"]
        assert "Lambda.TooManyRequestsException" in passing["ErrorEquals"]
        assert (passing["MaxAttempts"], passing["BackoffRate"]) == (6, 2)
        assert (everything["ErrorEquals"], everything["MaxAttempts"]) == (["States.ALL"], 1)


def test_collecting_comes_first_and_keeps_no_audit(deployed: Deployment) -> None:
    processor = definition(deployed.hub)["States"]["AuditAccounts"]["ItemProcessor"]
    collecting = processor["States"][processor["StartAt"]]
    assert processor["StartAt"] == "CollectUndelivered"
    assert (collecting["ResultPath"], collecting["Next"]) == (None, "AuditBatch")
    [caught] = collecting["Catch"]
    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "AuditBatch")


def test_no_number_of_failing_batches_fails_a_sweep(deployed: Deployment) -> None:
    """60 batches of 50 that all fail, the size of the state counted as AWS counts it."""
    services = _EveryBatchFails(json.dumps(account) for account in range(111111111111, 111111114111))
    with VirtualClock(datetime(2026, 6, 1, tzinfo=UTC)) as clock:
        machine = definition(deployed.hub)
        interpreter = Interpreter(services, clock, services.context, lambda _: None)

        assert interpreter.run(machine, {"mode": "observe"}) == {"report": "written"}

    # Of each batch both steps: collecting and the audit.
    assert len(interpreter.tolerated) == 2 * 60
    assert {failure.error for failure in interpreter.tolerated} == {"Lambda.Unknown"}


class _EveryBatchFails:
    """Answers for the functions of a sweep in which no batch ends well."""

    context: Mapping[str, Any] = {"Execution": {"Name": "sweep-1", "StartTime": "2026-06-01T00:00:00Z"}}

    def __init__(self, accounts: Iterable[str]) -> None:
        self._accounts = [{"id": each, "name": "x" * 50, "email": "y" * 64} for each in accounts]

    def invoke(self, function: str, payload: Any) -> dict[str, Any]:
        if "AuditAccounts" in function or "CollectUndelivered" in function:
            raise StateFailedError("Lambda.Unknown", "it crashed")
        if "WriteReport" in function:
            return {"Payload": {"report": "written"}}
        return {"Payload": {**payload, "accountsKey": "accounts.json"}}

    def items(self, bucket: str, key: str) -> list[Any]:
        assert bucket, key
        return self._accounts

    def may_start_batches(self) -> bool:
        return True


@pytest.mark.long
def test_pace_and_size_are_as_configured() -> None:
    pace = {"batch_size": 20, "max_concurrency": 4, "requests_per_second": 30}
    hub = synthesized(sweep=pace).hub
    audit = definition(hub)["States"]["AuditAccounts"]
    variables = hub.function("lambdas.audit_accounts.handler")["Environment"]["Variables"]
    assert (audit["ItemBatcher"]["MaxItemsPerBatch"], audit["MaxConcurrency"]) == (20, 4)
    # Four workers at 7.5 make 30.
    assert variables["REQUESTS_PER_SECOND"] == "7.5"


def test_only_the_own_state_machine_takes_its_role(deployed: Deployment) -> None:
    hub = deployed.hub
    _, machine = _only(hub, "AWS::StepFunctions::StateMachine")
    role = hub.body["Resources"][machine["Properties"]["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": HUB},
        "ArnLike": {"aws:SourceArn": arn(f"states:us-east-1:{HUB}:stateMachine:OrganizationSweep*")},
    }


def test_the_state_machine_writes_its_log_and_traces(deployed: Deployment) -> None:
    _, machine = _only(deployed.hub, "AWS::StepFunctions::StateMachine")
    properties = machine["Properties"]
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["TracingConfiguration"] == {"Enabled": True}
    # It is refused where its role has no permissions yet.
    assert machine["DependsOn"] == [
        policy_id
        for policy_id, policy in deployed.hub.of_type("AWS::IAM::Policy").items()
        if policy["Properties"]["Roles"] == [{"Ref": properties["RoleArn"]["Fn::GetAtt"][0]}]
    ]


def test_the_schedule_starts_it_as_a_role_that_schedules_alone_take(deployed: Deployment) -> None:
    hub = deployed.hub
    machine_id, _ = _only(hub, "AWS::StepFunctions::StateMachine")
    [schedule] = [
        each
        for each in hub.properties("AWS::Scheduler::Schedule")
        if each["ScheduleExpression"] == "rate(1 day)"
    ]
    target = schedule["Target"]
    assert (target["Arn"], target["Input"]) == ({"Ref": machine_id}, "{}")
    role_id = target["RoleArn"]["Fn::GetAtt"][0]
    [trust] = hub.body["Resources"][role_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": HUB}


def test_the_organizations_stack_starts_it_too_and_nothing_else_does(deployed: Deployment) -> None:
    hub = deployed.hub
    machine_id, _ = _only(hub, "AWS::StepFunctions::StateMachine")
    [rule] = [
        rule
        for rule in hub.properties("AWS::Events::Rule")
        if rule["Targets"][0]["Arn"] == {"Ref": machine_id}
    ]
    assert rule["EventPattern"]["account"] == [MANAGEMENT]
    assert rule["EventPattern"]["detail"]["status-details"] == {
        "status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]
    }
    role_id = rule["Targets"][0]["RoleArn"]["Fn::GetAtt"][0]
    [trust] = hub.body["Resources"][role_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"]["ArnLike"]["aws:SourceArn"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("schedule", "hours"),
    [("rate(1 day)", 36), ("cron(30 5 * * ? *)", 36), ("rate(1 hour)", 2), ("rate(4 days)", 144)],
)
def test_a_sweep_is_missed_after_one_and_a_half_times_its_schedule(schedule: str, hours: int) -> None:
    hub = synthesized(sweep={"schedule": schedule}).hub
    [alarm] = [
        alarm
        for alarm in hub.properties("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "SweepCompleted"
    ]
    assert (alarm["EvaluationPeriods"], alarm["Period"], alarm["DatapointsToAlarm"]) == (hours, 3600, hours)
    # It begins without data: only once there was a sweep can one be missing.
    assert alarm["TreatMissingData"] == "missing"
    assert alarm["InsufficientDataActions"] == alarm["AlarmActions"] != []
    # CloudWatch looks back no further than seven days.
    assert alarm["EvaluationPeriods"] * alarm["Period"] <= 7 * 24 * 3600
