"""AWS IAM resources."""

import json
from typing import Any

from local.deployment.intrinsics import TemplateError
from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created

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


def _role(resource: Resource) -> Created:
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
    "AWS::IAM::Role": _role,
    "AWS::IAM::Policy": _policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
}
