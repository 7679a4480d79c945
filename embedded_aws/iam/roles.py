"""What roles may do, as moto's IAM holds them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from moto.iam import policy_validation
from moto.iam.models import ManagedPolicy, Role, iam_backends

from embedded_aws.cloudformation.intrinsics import TemplateError
from embedded_aws.cloudformation.resource import Creator, Resource
from embedded_aws.cloudformation.template import Created
from embedded_aws.iam.policy_evaluation import AccessRequest, Decision, Values, evaluate
from embedded_aws.iam.resource_policies import Caller, Question, permits
from embedded_aws.moto_patches import patched


class NoSuchRoleError(LookupError):
    """When a role ARN names no role."""


@contextmanager
def root_is_a_resource() -> Iterator[None]:
    """Let moto accept policies about `arn:aws:iam::*:root`, as AWS does."""
    known = policy_validation.VALID_RESOURCE_PATH_STARTING_VALUES
    iam = {**known["iam"], "values": [*known["iam"]["values"], "root"]}
    with patched(policy_validation, "VALID_RESOURCE_PATH_STARTING_VALUES", {**known, "iam": iam}):
        yield


def statements_of(role_arn: str) -> list[dict[str, Any]]:
    """Return every statement of a role's inline and attached policies."""
    role = _role(role_arn)
    attached = (_current(policy) for policy in role.managed_policies.values())
    documents = [*role.policies.values(), *attached]
    return [statement for document in documents for statement in _statements(document)]


def role_allows(
    role_arn: str, *, action: str, resource: str, context: Mapping[str, Values] | None = None
) -> bool:
    """Tell whether a role's own policies allow a call."""
    request = AccessRequest(action=action, resource=resource, context=context or {})
    return evaluate(statements_of(role_arn), request) is Decision.ALLOWED


def trusts(role_arn: str, service: str, context: Mapping[str, str]) -> bool:
    """Tell whether a service may assume a role."""
    question = Question(
        caller=Caller(service=service), action="sts:AssumeRole", resource=role_arn, context=context
    )
    return permits(_role(role_arn).assume_role_policy_document, question)


def _role(role_arn: str) -> Role:
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    for role in iam_backends[account][partition].roles.values():
        if role.arn == role_arn:
            return role
    raise NoSuchRoleError(f"there is no role {role_arn}")


def _current(policy: ManagedPolicy) -> Any:
    [document] = [
        version.document for version in policy.versions if version.version_id == policy.default_version_id
    ]
    return document


def _statements(document: str | Mapping[str, Any]) -> list[dict[str, Any]]:
    parsed = json.loads(unquote(document)) if isinstance(document, str) else document
    statements = parsed["Statement"]
    return [statements] if isinstance(statements, dict) else list(statements)


# moto has no AWS managed policies unless told to load all thousand of them.
_AWS_MANAGED = {
    "AWSLambdaBasicExecutionRole": [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "*",
        }
    ]
}


def _create_role(resource: Resource) -> Created:
    settings = ("Description", "MaxSessionDuration", "Path", "PermissionsBoundary")
    resource.expect("RoleName", "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns", *settings)
    properties, client, name = resource.properties, resource.client("iam"), resource.name("RoleName")
    role = client.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
        **resource.some(*settings),
    )["Role"]
    for policy in properties.get("Policies", []):
        _put(client, name, policy)
    for arn in properties.get("ManagedPolicyArns", []):
        _attach(client, name, arn)
    return Created(reference=name, attributes={"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _policy(resource: Resource) -> Created:
    resource.expect("PolicyName", "PolicyDocument", "Roles")
    for role in resource.properties.get("Roles", []):
        _put(resource.client("iam"), role, resource.properties)
    return Created(reference=resource.properties["PolicyName"])


def _managed_policy(resource: Resource) -> Created:
    resource.expect("ManagedPolicyName", "PolicyDocument", "Roles", "Description", "Path")
    client = resource.client("iam")
    arn = client.create_policy(
        PolicyName=resource.name("ManagedPolicyName", longest=128),
        PolicyDocument=json.dumps(resource.properties["PolicyDocument"]),
        **resource.some("Description", "Path"),
    )["Policy"]["Arn"]
    for role in resource.properties.get("Roles", []):
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    return Created(reference=arn, attributes={"PolicyArn": arn})


def _attach(client: Any, role: str, arn: str) -> None:
    name = arn.rpartition("/")[2]
    if ":iam::aws:policy/" not in arn:
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    elif name in _AWS_MANAGED:
        document = {"Version": "2012-10-17", "Statement": _AWS_MANAGED[name]}
        _put(client, role, {"PolicyName": name, "PolicyDocument": document})
    else:
        raise TemplateError(f"what the AWS managed policy {name} allows is not known here")


def _put(client: Any, role: str, policy: dict[str, Any]) -> None:
    client.put_role_policy(
        RoleName=role,
        PolicyName=policy["PolicyName"],
        PolicyDocument=json.dumps(policy["PolicyDocument"]),
    )


CREATORS: dict[str, Creator] = {
    "AWS::IAM::Role": _create_role,
    "AWS::IAM::Policy": _policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
}
