"""docs/security.md lists what each role of the templates may do, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

from tests.docs.page import Page, in_code, is_described
from tests.templates.synthesized import Deployment, Template

PAGE = Page("docs/security.md")
# What a statement's resource is called, by what stands in it.
_RESOURCES = {
    '"State': "the state table",
    '"Key': "the key",
    '"Bus': "the bus",
    "event-bus/rootwarden": "the bus",
    "SweepEvidence": "the evidence bucket",
    "SweepNotStarted": "its queue",
    ":stateMachine:": "the state machine",
    ":automation-execution/": "automations",
    '"ApprovalsTopic': "the approvers' topic",
    '"RecoveryOpenRecoveryByPerson': "its one function",
    '"RecoveryCloseRecoveryBySchedule': "close_recovery",
    '"TaskSessionsUnlockBucketBySchedule': "unlock_bucket",
    '"TaskSessionsUnlockQueueBySchedule': "unlock_queue",
    '"TaskSessionsUnlockBucketLog': "its log group",
    '"TaskSessionsUnlockQueueLog': "its log group",
    '"TaskSessionsUnlockBucket': "its one function",
    '"TaskSessionsUnlockQueue': "its one function",
    ":schedule/": "windows' schedules",
    ":rule/": "rules",
    '"RecoveryScheduler': "the closing schedules' role",
    '"RecoveryNotClosed': "its queue",
    ":execution:": "its executions",
    "rootwarden-undelivered": "accounts' own queues",
    "Queue": "its queue",
    "Log": "its log group",
    "SweepMachine": "the state machine",
    "SweepFunctions": "the sweep's functions",
    ":ou/": "units of the organization",
    ":account/": "accounts of the organization",
    ":iam::*:root": "root of any account",
    "secretsmanager": "the configured secret",
    "aws-service-role": "the service-linked role",
    '"Alerts': "the topics",
}
# Roles of no function, by the beginning of their ids.
_OTHER_ROLES = {
    "Approvals": "automation",
    "Forwarding": "forwarding",
    "OrganizationSweepMachine": "OrganizationSweep",
    "OrganizationSweepScheduler": "schedule",
    "OrganizationSweepDeployed": "first sweep",
    "RecoveryScheduler": "closing schedule",
    "RecoveryOverdue": "look",
    "TaskSessionsUnlockBucketBegun": "look",
    "TaskSessionsUnlockQueueBegun": "look",
}


def test_permissions_are_those_of_the_templates(deployed: Deployment) -> None:
    assert sorted(_documented()) == sorted(set(_granted(deployed)))


def test_every_permission_says_what_it_is_for() -> None:
    assert all(row["what for"] for row in PAGE.table("Permissions"))


def _documented() -> Iterator[tuple[str, str, str, str]]:
    for row in PAGE.table("Permissions"):
        for action in in_code(row["actions"]):
            yield row["role"].strip("`"), action, row["on"], " ".join(in_code(row["only if"]))


def _granted(deployed: Deployment) -> Iterator[tuple[str, str, str, str]]:
    for template in deployed:
        for role_id in filter(is_described, template.of_type("AWS::IAM::Role")):
            for statement in template.statements(role_id):
                assert statement["Effect"] == "Allow"
                keys = sorted({key for test in statement.get("Condition", {}).values() for key in test})
                for action in _listed(statement["Action"]):
                    yield _role(template, role_id), action, _resource(statement), " ".join(keys)


def _role(template: Template, role_id: str) -> str:
    for function in template.properties("AWS::Lambda::Function"):
        if function["Role"] == {"Fn::GetAtt": [role_id, "Arn"]} and "lambdas" in function["Handler"]:
            return str(function["Handler"].split(".")[-2])
    named = ((part, name) for part, name in _OTHER_ROLES.items() if role_id.startswith(part))
    return next((name for _, name in named), "enabling")


def _resource(statement: dict[str, Any]) -> str:
    text = json.dumps(statement["Resource"])
    if text == '"*"':
        return "anything"
    return next(words for part, words in _RESOURCES.items() if part in text)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
