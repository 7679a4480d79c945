"""What a stack creates: which resources actions may be bounded to, by the names these have."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deploying.policies import Stack


@dataclass(frozen=True)
class Kind:
    """How resources of a type are named in ARNs.

    service: the prefix of its actions. named_by: the property with a name of our own. tails: what
    follows an ARN's fixed beginning, by AWS's word for the kind of resource, and by another service's
    prefix where that keeps a part of it.
    """

    service: str
    named_by: str | None
    tails: Mapping[str, str]


class UnknownType(Exception):
    """When a template has a resource of a type that is not known here, so that policies would lack it."""


_ANY = "*"
# Where a name has 64 characters at most, CloudFormation cuts the stack's at some 24.
_CUT = 23
_SHORT_NAMES = frozenset({"events", "iam", "lambda"})
KINDS: Mapping[str, Kind] = {
    "AWS::Chatbot::SlackChannelConfiguration": Kind("chatbot", None, {"chatbotconfiguration": _ANY}),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": Kind("chatbot", None, {"chatbotconfiguration": _ANY}),
    "AWS::CloudFormation::StackSet": Kind(
        "cloudformation",
        "StackSetName",
        {"stackset": "stackset/{name}:*", "stackset-target": _ANY, "type": _ANY},
    ),
    # DescribeAlarms is judged on all alarms at once.
    "AWS::CloudWatch::Alarm": Kind("cloudwatch", None, {"alarm": _ANY}),
    "AWS::CloudWatch::Dashboard": Kind("cloudwatch", "DashboardName", {"dashboard": "{name}"}),
    "AWS::DynamoDB::Table": Kind("dynamodb", "TableName", {"table": "{name}"}),
    "AWS::Events::ApiDestination": Kind("events", "Name", {"api-destination": "{name}"}),
    # EventBridge keeps the key of a connection in a secret of its own making.
    "AWS::Events::Connection": Kind(
        "events", "Name", {"connection": "{name}", "secretsmanager:secret": "events!connection/*"}
    ),
    "AWS::Events::EventBus": Kind("events", "Name", {"event-bus": "{name}"}),
    "AWS::Events::Rule": Kind(
        "events",
        "Name",
        {"rule-on-custom-event-bus": "{bus}/{name}", "rule-on-default-event-bus": "{name}"},
    ),
    "AWS::IAM::Role": Kind("iam", "RoleName", {"role": "{name}"}),
    "AWS::KMS::Key": Kind("kms", None, {"key": _ANY}),
    "AWS::Lambda::Alias": Kind("lambda", None, {"function": "{name}"}),
    "AWS::Lambda::EventSourceMapping": Kind("lambda", None, {"eventsourcemapping": _ANY}),
    "AWS::Lambda::Function": Kind("lambda", "FunctionName", {"function": "{name}"}),
    # A layer is named after its logical id, not after its stack.
    "AWS::Lambda::LayerVersion": Kind("lambda", None, {"layer": _ANY, "layerversion": _ANY}),
    "AWS::Logs::LogGroup": Kind("logs", "LogGroupName", {"log-group": "{name}*"}),
    "AWS::Organizations::Policy": Kind(
        "organizations", None, {"policy": _ANY, "organizationalunit": _ANY, "account": _ANY, "root": _ANY}
    ),
    "AWS::S3::Bucket": Kind("s3", "BucketName", {"bucket": "{lower}", "object": "{lower}/*"}),
    "AWS::SNS::Topic": Kind("sns", "TopicName", {"topic": "{name}"}),
    "AWS::SQS::Queue": Kind("sqs", "QueueName", {"queue": "{name}"}),
    # Their names end in a digest of what stands in them.
    "AWS::SSM::Document": Kind("ssm", "Name", {"document": "{prefix}rootwarden-*"}),
    "AWS::Scheduler::Schedule": Kind("scheduler", "Name", {"schedule": "default/{name}"}),
    "AWS::Scheduler::ScheduleGroup": Kind(
        "scheduler", "Name", {"schedule-group": "{name}", "schedule": "{name}/*"}
    ),
    "AWS::StepFunctions::StateMachine": Kind("states", "StateMachineName", {"statemachine": "{name}"}),
}
# What a configuration may add to a stack, by the stack's name, with the names of those that have one.
_OPTIONAL: Mapping[str, Mapping[str, str | None]] = {
    "RootWardenHub": {
        "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": None,
        "AWS::Chatbot::SlackChannelConfiguration": None,
        "AWS::Events::ApiDestination": None,
        "AWS::Events::Connection": None,
        "AWS::KMS::Key": None,
        "AWS::SNS::Subscription": None,
        "AWS::SNS::Topic": "AutomationApprovals-{prefix}rootwarden",
        "AWS::SNS::TopicPolicy": None,
        "AWS::SSM::Document": None,
    },
    "RootWardenOrganization": {
        "AWS::CloudFormation::StackSet": "{prefix}rootwarden-forwarding-canary",
        "AWS::Organizations::Policy": None,
    },
}
# Parts of other resources, which their actions are done to.
_PARTS = frozenset(
    {
        *("AWS::IAM::Policy", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy"),
        *("AWS::SQS::QueuePolicy", "Custom::AWS"),
    }
)
# What exists in the template alone.
WITHOUT_ACTIONS = frozenset({"AWS::CDK::Metadata"})


def tails_of(stack: Stack) -> dict[tuple[str, str], set[str]]:
    """Return what ARNs of the stack's resources end in, by service and kind of resource.

    Raises UnknownType.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    # Rules on a bus stand with the bus, in one stack.
    buses = [
        each["Properties"]["Name"] for each in stack.resources if each["Type"] == "AWS::Events::EventBus"
    ]
    for resource in stack.resources:
        if (resource_type := resource["Type"]) in _PARTS | WITHOUT_ACTIONS:
            continue
        if (kind := KINDS.get(resource_type)) is None:
            raise UnknownType(f"{stack.name} has {resource_type}: add it to deploying/own_resources.py")
        own = _name(resource, kind.named_by) or _made_up(stack.name, kind.service)
        names = {"name": own, "lower": own.lower(), "bus": "".join(buses), "prefix": _prefix(stack.name)}
        for key, tail in kind.tails.items():
            service, _, name = key.rpartition(":")
            ending = (_path(resource) + tail.format(**names)).replace("**", "*")
            found[service or kind.service, name].add(ending)
    return found


def optional_resources(stack: str) -> Iterator[dict[str, Any]]:
    """Yield what a configuration may add to the stack of this name, as a template would have it."""
    prefix = _prefix(stack)
    for resource_type, name in _OPTIONAL.get(stack.removeprefix(prefix), {}).items():
        named = {KINDS[resource_type].named_by: name.format(prefix=prefix)} if name else {}
        yield {"Type": resource_type, "Properties": named}


def _prefix(stack: str) -> str:
    return stack.partition("RootWarden")[0]


def _made_up(stack: str, service: str) -> str:
    """Return how the names begin that CloudFormation makes of the stack's: cut where they are short."""
    beginning = f"{stack}-"
    return f"{beginning[:_CUT] if service in _SHORT_NAMES else beginning}*"


def _path(resource: Mapping[str, Any]) -> str:
    """Return the path of a role, as it stands in its ARN."""
    path = resource.get("Properties", {}).get("Path", "/") if resource["Type"] == "AWS::IAM::Role" else "/"
    return str(path).removeprefix("/")


def asset_objects(stack: Stack) -> Iterator[str]:
    """Yield the objects of the buckets that the stack's code comes from."""
    for resource in stack.resources:
        properties = resource.get("Properties", {})
        code = properties.get("Code") or properties.get("Content") or {}
        bucket = code.get("S3Bucket") if isinstance(code, dict) else None
        if isinstance(bucket, str):
            yield f"arn:aws:s3:::{bucket}/*"


def _name(resource: Mapping[str, Any], named_by: str | None) -> str | None:
    name = resource.get("Properties", {}).get(named_by) if named_by else None
    return name if isinstance(name, str) else None
