"""Rules that hold for every template: the hub's, the organization's, the Regions' and the members'."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.region_info import RegionInfo

from stacks.constructs import grants
from tests.assemblies import synthesize
from tests.templates.synthesized import (
    CONFIGURATION,
    HUB,
    MANAGEMENT,
    Deployment,
    Template,
    get_arn,
    synthesized,
)

_TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}


def test_stacks_are_these(deployed: Deployment) -> None:
    assert sorted(deployed.templates) == [
        "RootWardenForwarding-eu-west-1",
        "RootWardenHub",
        "RootWardenOrganization",
    ]


@pytest.mark.long
def test_cfn_lint_finds_nothing(deployed: Deployment, tmp_path: Path) -> None:
    for number, body in enumerate(_distinct(deployed)):
        (tmp_path / f"{number}.json").write_text(body, encoding="utf-8")
    # cfn-lint's own entry point: the package cannot be run, and its API comes without types.
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from cfnlint.runner import main; sys.exit(main())",
            "--regions=us-east-1",
            "*.json",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_every_region_knows_the_types_as_the_one_that_is_linted_does(deployed: Deployment) -> None:
    # Linting each template for each Region takes minutes, and their schemas are the same.
    types = {resource["Type"] for template in deployed for resource in template.body["Resources"].values()}
    used = types - {"AWS::CDK::Metadata", "Custom::AWS"}
    providers = files("cfnlint") / "data/schemas/providers"
    schemas = {
        path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
        for path in providers.iterdir()
        if RegionInfo.get(path.name.removesuffix(".json")).partition == "aws"
    }
    assert len(schemas) > 30
    expected = {name: schemas["us-east-1"][name] for name in used}
    assert {
        region: differing
        for region, found in schemas.items()
        if (differing := {name for name in used if found.get(name) != expected[name]})
    } == {}


@pytest.mark.long
@pytest.mark.parametrize(
    ("hub", "region", "control_tower"),
    [(MANAGEMENT, "us-east-1", None), (HUB, "eu-west-1", "eu-central-1")],
    ids=["hub in the management account", "hub elsewhere, Control Tower elsewhere again"],
)
def test_topologies_synthesize_with_all_options(hub: str, region: str, control_tower: str | None) -> None:
    unit, other = "ou-ab12-11111111", "ou-ab12-22222222"
    slack = {
        **CONFIGURATION["slack"],
        "webhook_secret_arn": f"arn:aws:secretsmanager:{region}:{hub}:secret:slack-AbCdEf",
    }
    deployed = synthesized(
        hub_account_id=hub,
        hub_region=region,
        slack=slack,
        approval={"approvers": [f"arn:aws:iam::{hub}:role/Approvers"]},
        forward_read_only_calls=True,
        control_tower_home_region=control_tower,
        member_organizational_units=[unit, other],
        members={"canary_organizational_units": [unit], "failure_tolerance_count": 0},
        deny_root_organizational_units=[other],
        hardening={"keep_used_within_days": 0},
        sweep={"mode": "enforce", "object_lock": True, "security_hub": True},
    )

    assert [str(finding) for body in _distinct(deployed) for finding in _linted(body)] == []


def _distinct(deployed: Deployment) -> list[str]:
    """Return each template once: forwarding is the same in many Regions."""
    return list(dict.fromkeys(json.dumps(template.body) for template in deployed))


def _linted(template: str) -> list[object]:
    # cfn-lint's API comes without types.
    api = import_module("cfnlint.api")
    found: list[object] = api.lint(template, config=api.ManualArgs(regions=["us-east-1"]))
    return found


def test_no_action_is_a_wildcard(deployed: Deployment) -> None:
    for statement in _identity_statements(deployed):
        assert not [action for action in _listed(statement["Action"]) if "*" in action]


def test_no_role_uses_a_policy_managed_by_aws(deployed: Deployment) -> None:
    for template in deployed:
        for role in template.properties("AWS::IAM::Role"):
            assert "ManagedPolicyArns" not in role


def test_root_is_assumed_for_named_tasks_only(deployed: Deployment) -> None:
    found = [s for s in _identity_statements(deployed) if "sts:AssumeRoot" in _listed(s["Action"])]
    assert len(found) == 5
    for statement in found:
        assert statement["Condition"]["StringEquals"]["sts:TaskPolicyArn"]


def test_queues_are_encrypted_and_take_tls_only(deployed: Deployment) -> None:
    for template in deployed:
        for queue_id, queue in template.of_type("AWS::SQS::Queue").items():
            properties = queue["Properties"]
            assert "KmsMasterKeyId" in properties or properties["SqsManagedSseEnabled"] is True
            denials = [s for s in _queue_statements(template, queue_id) if s["Effect"] == "Deny"]
            assert [(s["Action"], s["Condition"]) for s in denials] == [("sqs:*", _TLS_ONLY)]


def test_only_the_rules_that_aim_at_a_queue_may_send_to_it(deployed: Deployment) -> None:
    for template in deployed:
        for queue_id in template.of_type("AWS::SQS::Queue"):
            senders = [s for s in _queue_statements(template, queue_id) if s["Action"] == "sqs:SendMessage"]
            assert len(senders) == (1 if _rules_into(template, queue_id) else 0)
            sources = [arn for s in senders for arn in s["Condition"]["ArnEquals"]["aws:SourceArn"]]
            assert {s["Principal"]["Service"] for s in senders} <= {"events.amazonaws.com"}
            assert _keys(sources) == _keys(get_arn(r) for r in _rules_into(template, queue_id))


def test_every_target_and_every_work_queue_has_a_dead_letter_queue(deployed: Deployment) -> None:
    for template in deployed:
        queues = template.of_type("AWS::SQS::Queue")
        for rule in template.properties("AWS::Events::Rule"):
            [target] = rule["Targets"]
            assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] in queues
        for queue_id in set(queues) - _dead_letter_queues(template):
            assert "RedrivePolicy" in queues[queue_id]["Properties"]


def test_dead_letters_are_kept_for_14_days(deployed: Deployment) -> None:
    for template in deployed:
        for queue_id in _dead_letter_queues(template):
            queue = template.body["Resources"][queue_id]["Properties"]
            assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_dead_letter_queue_has_an_alarm_people_hear_of(deployed: Deployment) -> None:
    # In further Regions, as in members, nothing alarms: the queue is looked at from the hub.
    for template in (deployed.hub, deployed.organization):
        topics = template.of_type("AWS::SNS::Topic")
        watched = set()
        for alarm in template.properties("AWS::CloudWatch::Alarm"):
            if alarm.get("MetricName") != "ApproximateNumberOfMessagesVisible":
                continue
            [action] = alarm["AlarmActions"]
            assert action["Ref"] in topics
            assert alarm["Threshold"] == 1
            watched.add(alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0])
        assert watched == _dead_letter_queues(template)


def test_logs_are_kept_as_configured(deployed: Deployment) -> None:
    for template in deployed:
        groups = template.of_type("AWS::Logs::LogGroup")
        assert {g["Properties"]["RetentionInDays"] for g in groups.values()} <= {365}
        for function in template.properties("AWS::Lambda::Function"):
            assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups


def test_topics_take_tls_only(deployed: Deployment) -> None:
    for template in deployed:
        policies = template.properties("AWS::SNS::TopicPolicy")
        assert len(policies) == len(template.of_type("AWS::SNS::Topic"))
        for policy in policies:
            statements = policy["PolicyDocument"]["Statement"]
            assert _TLS_ONLY in [s.get("Condition") for s in statements if s["Effect"] == "Deny"]


def test_no_arn_names_a_partition(deployed: Deployment) -> None:
    # The secret's and the approvers' ARNs are the operator's own; everything else is the deployment's.
    own = ("arn:aws:secretsmanager", *CONFIGURATION["approval"]["approvers"])
    for template in deployed:
        body = json.dumps(template.body)
        for given in own:
            body = body.replace(given, "")
        assert "arn:aws" not in body


@pytest.mark.long
def test_cdk_nag_judges_every_synthesis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given the same deployment with findings that are no longer acknowledged
    monkeypatch.setattr(grants, "acknowledge", lambda *_: None)
    # Then it is not synthesized; the one of the session was, so nothing was found in it
    with pytest.raises(RuntimeError, match=re.escape("iam::*:root")):
        synthesize(CONFIGURATION, tmp_path)


def _identity_statements(deployed: Deployment) -> Iterator[dict[str, Any]]:
    for template in deployed:
        for role_id in template.of_type("AWS::IAM::Role"):
            yield from template.statements(role_id)


def _queue_statements(template: Template, queue_id: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in template.properties("AWS::SQS::QueuePolicy")
        if {"Ref": queue_id} in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _rules_into(template: Template, queue_id: str) -> list[str]:
    return [
        rule_id
        for rule_id, rule in template.of_type("AWS::Events::Rule").items()
        for target in rule["Properties"]["Targets"]
        if get_arn(queue_id) in (target["Arn"], target["DeadLetterConfig"]["Arn"])
    ]


def _dead_letter_queues(template: Template) -> set[str]:
    of_targets = {
        target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
        for rule in template.properties("AWS::Events::Rule")
        for target in rule["Targets"]
    }
    of_queues = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in template.properties("AWS::SQS::Queue")
        if "RedrivePolicy" in queue
    }
    of_schedules = {
        schedule["Target"]["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
        for schedule in template.properties("AWS::Scheduler::Schedule")
        # A look that is missed needs no dead letter: the next one is minutes away.
        if not schedule["ScheduleExpression"].startswith("rate(5 minutes)")
    }
    of_functions = {
        function["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0]
        for function in template.properties("AWS::Lambda::Function")
        if "DeadLetterConfig" in function
    }
    return of_targets | of_queues | of_schedules | of_functions


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _keys(values: Any) -> list[str]:
    return sorted(json.dumps(value) for value in values)
