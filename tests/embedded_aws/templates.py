"""Hand-written cloud assemblies, for tests of the embedded AWS that need no CDK."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANAGEMENT = "111122223333"
HUB = "222233334444"
MEMBER = "444455556666"
ORGANIZATION_ID = "o-aa111bb222"


@dataclass(frozen=True, kw_only=True)
class Stack:
    resources: Mapping[str, Any]
    name: str = "Stack"
    account: str = HUB
    region: str = "us-east-1"
    depends_on: Sequence[str] = ()
    rest: Mapping[str, Any] | None = None


def write_assembly(directory: Path, *stacks: Stack) -> Path:
    directory.mkdir(exist_ok=True)
    artifacts = {}
    for stack in stacks:
        file = f"{stack.name}.template.json"
        template = {"Resources": stack.resources, **(stack.rest or {})}
        (directory / file).write_text(json.dumps(template))
        artifacts[stack.name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{stack.account}/{stack.region}",
            "properties": {"templateFile": file},
            "dependencies": list(stack.depends_on),
        }
    (directory / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return directory


def att(logical_id: str, name: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, name]}


def role(service: str, *statements: Mapping[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policy = {"PolicyName": "p", "PolicyDocument": document}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [trust]},
            "Policies": [policy] if statements else [],
        },
    }


def allow(action: str | list[str], resource: Any = "*", **conditions: Any) -> dict[str, Any]:
    condition = {"Condition": conditions} if conditions else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **condition}


def function(handler: str, role: str = "Role", **properties: Any) -> dict[str, Any]:
    given = {"Handler": handler, "Role": att(role), "Runtime": "python3.14", "Code": {"ZipFile": "-"}}
    return {"Type": "AWS::Lambda::Function", "Properties": given | properties}


def aws_call(statements: Sequence[Any], **create: Any) -> dict[str, Any]:
    """Return what CDK makes of a custom resource `Call` that makes an AWS call."""
    properties = {"ServiceToken": att("Provider"), "Create": json.dumps(create)}
    return {
        "Role": role("lambda.amazonaws.com", *statements),
        "Provider": function("index.handler", Runtime="nodejs24.x"),
        "Call": {"Type": "Custom::AWS", "Properties": properties},
    }


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def queue_policy(*queues: str, rule: Any = None) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Principal": {"Service": "events.amazonaws.com"},
        **({"Condition": {"ArnEquals": {"aws:SourceArn": rule}}} if rule else {}),
    }
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": name} for name in queues],
            "PolicyDocument": {"Statement": [statement]},
        },
    }


def rule(*targets: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    named = [{"Id": f"T{number}", **target} for number, target in enumerate(targets)]
    pattern = {"source": ["test", "aws.iam", "aws.sts"]}
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventPattern": pattern, "Targets": named, **properties},
    }


def event(account: str = HUB, region: str = "us-east-1", **fields: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "e-1",
        "source": "test",
        "detail-type": "Something Happened",
        "account": account,
        "region": region,
        "time": "2026-06-01T11:59:00Z",
        "resources": ["arn:aws:test:::thing"],
        "detail": {"n": 1},
        **fields,
    }
