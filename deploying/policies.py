"""The IAM policies a deployment takes, derived from its templates: no action is written down here.

What an action may be done to is bounded by the names of the stack's resources, wherever AWS knows
resources for the action.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deploying.aws_catalogue import HANDLERS, handler_actions, resources_of, stack_actions
from deploying.own_resources import KINDS, WITHOUT_ACTIONS, asset_objects, optional_resources, tails_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Policy = dict[str, Any]
# Of a managed policy, without white space.
MOST_CHARACTERS = 6144
_QUALIFIER = "hnb659fds"
_GLOBAL = "*"
# Whose role a service makes for itself.
_LINKED = {"chatbot": "management.chatbot.amazonaws.com", "events": "apidestinations.events.amazonaws.com"}
# CloudFormation's types do not say it: with a connection goes the secret that EventBridge made for it.
_UNDECLARED = {"AWS::Events::Connection": frozenset({"secretsmanager:DeleteSecret"})}
_SECRET = re.compile(r"\{\{resolve:secretsmanager:(arn:[^{}]+):SecretString")
# A template that is sent along is no resource.
_WITHOUT_A_RESOURCE = frozenset({"cloudformation:GetTemplateSummary"})
# Actions CloudFormation needs for one property only, by type: left out while no template has it.
ONLY_FOR: Mapping[tuple[str, str], frozenset[str]] = {
    ("AWS::DynamoDB::Table", "ImportSourceSpecification"): frozenset(
        {
            *("dynamodb:ImportTable", "dynamodb:DescribeImport", "dynamodb:Scan", "dynamodb:Query"),
            *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
            *("dynamodb:BatchWriteItem", "dynamodb:CreateTableReplica", "dynamodb:AssociateTableReplica"),
            *("iam:CreateServiceLinkedRole", "kinesis:DescribeStream", "kinesis:PutRecords"),
            *("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        }
    ),
    ("AWS::Lambda::Alias", "ProvisionedConcurrencyConfig"): frozenset(
        f"lambda:{verb}ProvisionedConcurrencyConfig" for verb in ("Get", "Put", "Delete")
    ),
}


@dataclass(frozen=True)
class Stack:
    """A synthesized stack. region: `*` for stacks that are the same in many Regions."""

    name: str
    account: str
    region: str
    template: Mapping[str, Any]

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Its resources."""
        return list(self.template["Resources"].values())

    @property
    def is_bootstrapless(self) -> bool:
        """Say whether it is deployed with the credentials of the person, as CDK's templates are not."""
        return not any(
            parameter["Type"].startswith("AWS::SSM::Parameter::Value")
            for parameter in self.template.get("Parameters", {}).values()
        )


def execution_policies(stack: Stack) -> list[Policy]:
    """Return what CloudFormation needs to create, change and delete a stack's resources."""
    allowed: dict[str, set[str]] = defaultdict(set)
    for action, resource in (
        *_of_resources(stack),
        *_of_deleting(stack),
        *_of_cdk(stack),
        *_of_secrets(stack),
    ):
        allowed[action].add(resource)
    return _documents(allowed)


def deployer_policies(accounts: Sequence[str], without_bootstrapping: Sequence[Stack]) -> list[Policy]:
    """Return what `cdk deploy` takes: CDK's roles; for stacks without these, everything."""
    allowed: dict[str, set[str]] = defaultdict(set)
    for account in accounts:
        allowed["sts:AssumeRole"].add(f"arn:aws:iam::{account}:role/cdk-{_QUALIFIER}-*")
    for stack in without_bootstrapping:
        for action in stack_actions():
            allowed[action].add(f"arn:aws:cloudformation:*:{stack.account}:stack/{stack.name}/*")
        for action, resource in _of_resources(stack):
            allowed[action].add(resource)
    return _documents(allowed)


def _of_deleting(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield what it takes to delete what another configuration added to the stack.

    CloudFormation passes over what it may not delete, and says that the update is complete.
    """
    added = dict(enumerate(optional_resources(stack.name)))
    yield from _of_resources(replace(stack, template={"Resources": added}), ("delete",))


def _of_resources(stack: Stack, handlers: tuple[str, ...] = HANDLERS) -> Iterator[tuple[str, str]]:
    """Yield each action the stack's types declare, with each resource it may be done to."""
    tails = tails_of(stack)
    services = {service for service, _ in tails}
    types = {resource["Type"] for resource in stack.resources} - WITHOUT_ACTIONS
    for resource_type in sorted(types):
        if resource_type.startswith("Custom::"):
            yield from _bounded("lambda:InvokeFunction", stack, tails, services)
            continue
        declared = handler_actions(resource_type, handlers) | _UNDECLARED.get(resource_type, frozenset())
        for action in sorted(declared - _left_out(resource_type, stack)):
            if action == "iam:CreateServiceLinkedRole":
                linked = _LINKED[KINDS[resource_type].service]
                yield action, f"arn:aws:iam::{stack.account}:role/aws-service-role/{linked}/*"
            else:
                yield from _bounded(action, stack, tails, services)


def _bounded(
    action: str, stack: Stack, tails: Mapping[tuple[str, str], set[str]], services: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield an action with its resources; nothing where the stack has none it could be done to."""
    service, formats = action.partition(":")[0], resources_of(action)
    # Schemas also name what is no action, and services that the properties used here do not touch.
    if formats is None or service not in services:
        return
    if not formats or action in _WITHOUT_A_RESOURCE:
        yield action, _GLOBAL
        return
    for kind, arn_format in formats.items():
        for tail in tails.get((service, kind), ()):
            beginning = arn_format.removesuffix(".*").replace("${Partition}", "aws")
            account = beginning.replace("${Account}", stack.account)
            yield action, account.replace("${Region}", stack.region) + tail


def _left_out(resource_type: str, stack: Stack) -> frozenset[str]:
    used = {
        name
        for resource in stack.resources
        if resource["Type"] == resource_type
        for name in resource.get("Properties", {})
    }
    left_out: frozenset[str] = frozenset()
    for (of_type, needed_by), actions in ONLY_FOR.items():
        if of_type == resource_type and needed_by not in used:
            left_out |= actions
    return left_out


def _of_cdk(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield what CDK's templates take beside their resources: their code, and the bootstrapping's version."""
    for objects in asset_objects(stack):
        yield "s3:GetObject", objects
        yield "s3:GetObjectVersion", objects
    for parameter in stack.template.get("Parameters", {}).values():
        if parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
            name = parameter["Default"].lstrip("/")
            yield "ssm:GetParameters", f"arn:aws:ssm:{stack.region}:{stack.account}:parameter/{name}"


def _of_secrets(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield what it takes to read the secrets that CloudFormation puts into resources."""
    for secret in _SECRET.findall(json.dumps(stack.template)):
        yield "secretsmanager:GetSecretValue", secret


def _documents(allowed: Mapping[str, set[str]]) -> list[Policy]:
    """Return policies of which each is short enough to be a managed one."""
    by_resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, resources in allowed.items():
        by_resources[(_GLOBAL,) if _GLOBAL in resources else tuple(sorted(resources))].append(action)
    policies: list[Policy] = []
    statements: list[dict[str, Any]] = []
    for named, actions in sorted(by_resources.items()):
        statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(named)}
        if statements and len(compact(_policy([*statements, statement]))) > MOST_CHARACTERS:
            policies.append(_policy(statements))
            statements = []
        statements.append(statement)
    return [*policies, _policy(statements)]


def _policy(statements: list[dict[str, Any]]) -> Policy:
    return {"Version": "2012-10-17", "Statement": statements}


def compact(policy: Policy) -> str:
    """Return a policy as IAM counts it."""
    return json.dumps(policy, separators=(",", ":"))
