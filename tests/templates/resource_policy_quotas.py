"""The resource policies of templates, counted as AWS counts them once every name is filled in."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.templates.synthesized import Template

_LONGEST_REGION = "ap-southeast-2"
_ACCOUNT = "1" * 12
# The longest name that a resource of a type may have, and what stands before it in its ARN.
_NAMES = {
    "AWS::DynamoDB::Table": ("dynamodb", "table/", 255),
    "AWS::Events::EventBus": ("events", "event-bus/", 256),
    "AWS::Events::Rule": ("events", "rule/rootwarden/", 64),
    "AWS::IAM::Role": ("iam", "role/", 64),
    "AWS::KMS::Key": ("kms", "key/", 36),
    "AWS::Lambda::Function": ("lambda", "function:", 64),
    "AWS::Logs::LogGroup": ("logs", "log-group:", 512),
    "AWS::S3::Bucket": ("s3", "", 63),
    "AWS::SNS::Topic": ("sns", "", 256),
    "AWS::SQS::Queue": ("sqs", "", 80),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:", 80),
}


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What a service takes in one resource's policy. None: no limit is documented."""

    size: int
    statements: int | None = None
    conditions: int | None = None
    actions: int | None = None
    principals: int | None = None


QUOTAS = {
    "queue": Quota(size=8_192, statements=20, conditions=10, actions=7, principals=50),
    "topic": Quota(size=30_720),
    "bus": Quota(size=10_240),
    "key": Quota(size=32_768),
    "bucket": Quota(size=20_480),
    "secret": Quota(size=20_480),
    "function": Quota(size=20_480),
    "role": Quota(size=2_048),
}


def over_quota(templates: Iterator[Template]) -> list[str]:
    """Say which resource policies AWS would refuse, and why."""
    return [
        f"{template.name}: {name} has {found} {what}, {limit} are allowed"
        for template in templates
        for kind, name, statements in _policies(template)
        for what, found, limit in _counted(kind, statements)
        if limit is not None and found > limit
    ]


def _counted(kind: str, statements: list[Any]) -> Iterator[tuple[str, int, int | None]]:
    quota, document = QUOTAS[kind], {"Version": "2012-10-17", "Statement": statements}
    yield "bytes", len(json.dumps(document, separators=(",", ":")).encode()), quota.size
    yield "statements", len(statements), quota.statements
    conditions = [key for s in statements for keys in s.get("Condition", {}).values() for key in keys]
    yield "conditions", len(conditions), quota.conditions
    yield "actions in a statement", max(len(_listed(s["Action"])) for s in statements), quota.actions
    principals = [name for s in statements for group in _groups(s["Principal"]) for name in _listed(group)]
    yield "principals", len(principals), quota.principals


def _policies(template: Template) -> Iterator[tuple[str, str, list[Any]]]:
    resources: Mapping[str, Any] = template.body["Resources"]
    permissions: dict[str, list[Any]] = {}
    for name, resource in resources.items():
        properties = _filled(resource.get("Properties", {}), resources)
        if resource["Type"] in _DOCUMENTS:
            kind, document = _DOCUMENTS[resource["Type"]]
            if statements := document(properties).get("Statement"):
                yield kind, name, statements
        elif resource["Type"] == "AWS::Lambda::Permission":
            permissions.setdefault(properties["FunctionName"], []).append(_of_permission(properties))
    for function, statements in permissions.items():
        yield "function", function, statements


_Document = Callable[[Mapping[str, Any]], Mapping[str, Any]]
_DOCUMENTS: Mapping[str, tuple[str, _Document]] = {
    "AWS::SQS::QueuePolicy": ("queue", lambda properties: properties["PolicyDocument"]),
    "AWS::SNS::TopicPolicy": ("topic", lambda properties: properties["PolicyDocument"]),
    "AWS::Events::EventBus": ("bus", lambda properties: properties.get("Policy", {})),
    "AWS::KMS::Key": ("key", lambda properties: properties["KeyPolicy"]),
    "AWS::S3::BucketPolicy": ("bucket", lambda properties: properties["PolicyDocument"]),
    "AWS::SecretsManager::ResourcePolicy": ("secret", lambda properties: properties["ResourcePolicy"]),
    "AWS::IAM::Role": ("role", lambda properties: properties["AssumeRolePolicyDocument"]),
}


def _of_permission(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement that Lambda makes of a permission."""
    return {
        "Sid": "x" * 100,
        "Effect": "Allow",
        "Principal": {"Service": properties["Principal"]},
        "Action": properties["Action"],
        "Resource": properties["FunctionName"],
        "Condition": {"ArnLike": {"AWS:SourceArn": properties.get("SourceArn", "")}},
    }


def _filled(value: Any, resources: Mapping[str, Any]) -> Any:
    """Return a part of a template with every reference as long as it can become."""
    if isinstance(value, list):
        return [_filled(item, resources) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": name, **rest} if not rest:
            # What is no resource is a parameter: a policy's id, at most this long.
            return _PSEUDO.get(name) or (_arn(resources[name]["Type"]) if name in resources else "p" * 130)
        case {"Fn::GetAtt": [name, _], **rest} if not rest:
            return _arn(resources[name]["Type"])
        case {"Fn::Join": [between, parts], **rest} if not rest:
            return between.join(_filled(parts, resources))
    return {key: _filled(item, resources) for key, item in value.items()}


_PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": _LONGEST_REGION,
    "AWS::AccountId": _ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "x" * 128,
    "AWS::StackId": f"arn:aws:cloudformation:{_LONGEST_REGION}:{_ACCOUNT}:stack/{'x' * 165}",
}


def _arn(kind: str) -> str:
    if kind not in _NAMES:
        return "x" * 256
    service, before, longest = _NAMES[kind]
    return f"arn:aws:{service}:{_LONGEST_REGION}:{_ACCOUNT}:{before}{'x' * longest}"


def _groups(principal: Any) -> list[Any]:
    return list(principal.values()) if isinstance(principal, dict) else [principal]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
