"""What roles may do, as moto's IAM holds them and SimulatePrincipalPolicy says it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from moto.iam import policy_validation
from moto.iam.models import ManagedPolicy, Role, iam_backends

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.iam.policy_evaluation import ALLOW_ALL, AccessRequest, Decision, Statement, Values, evaluate
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
    """Say whether a role's own policies allow a call."""
    request = AccessRequest(action=action, resource=resource, context=context or {})
    return evaluate(statements_of(role_arn), request) is Decision.ALLOWED


def trusts(role_arn: str, service: str, context: Mapping[str, str]) -> bool:
    """Say whether there is a role that a service may assume."""
    question = Question(Caller(service=service), "sts:AssumeRole", role_arn, context)
    try:
        return permits(_role(role_arn).assume_role_policy_document, question)
    except NoSuchRoleError:
        return False


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


def _create_role(resource: Resource) -> Created:
    resource.expect("RoleName", "Path", "AssumeRolePolicyDocument", "Policies")
    properties, client, name = resource.properties, resource.client("iam"), resource.name("RoleName")
    role = client.create_role(
        RoleName=name,
        Path=properties.get("Path", "/"),
        AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
    )["Role"]
    for policy in properties.get("Policies", []):
        _put(client, name, policy)
    return Created(reference=name, attributes={"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _policy(resource: Resource) -> Created:
    resource.expect("PolicyName", "PolicyDocument", "Roles")
    for role in resource.properties.get("Roles", []):
        _put(resource.client("iam"), role, resource.properties)
    return Created(reference=resource.properties["PolicyName"])


def _put(client: Any, role: str, policy: dict[str, Any]) -> None:
    client.put_role_policy(
        RoleName=role,
        PolicyName=policy["PolicyName"],
        PolicyDocument=json.dumps(policy["PolicyDocument"]),
    )


CREATORS: dict[str, Creator] = {
    "AWS::IAM::Role": _create_role,
    "AWS::IAM::Policy": _policy,
}


# Whoever administers an account here has no role in moto's IAM, and may do everything.
_ADMINISTRATOR = ":role/OrganizationAccountAccessRole"


def answer(call: Call) -> dict[str, Any] | None:
    """Answer SimulatePrincipalPolicy for roles; None for other calls."""
    if call.operation != "SimulatePrincipalPolicy":
        return None
    statements = _identity_statements(call.parameters["PolicySourceArn"])
    context = {
        entry["ContextKeyName"]: entry["ContextKeyValues"][0]
        for entry in call.parameters.get("ContextEntries", ())
    }
    results = []
    for action in call.parameters["ActionNames"]:
        resources = call.parameters.get("ResourceArns") or ("*",)
        requests = [AccessRequest(action, resource, context) for resource in resources]
        results.append(_result(action, {each.resource: evaluate(statements, each) for each in requests}))
    return {"EvaluationResults": results, "IsTruncated": False}


def _result(action: str, found: Mapping[str, Decision]) -> dict[str, Any]:
    """Return an action's result; AWS does not say what the whole is of several: here allowed, if one is."""
    decisions = {resource: decision.value for resource, decision in found.items()}
    first = next(iter(decisions.values()))
    return {
        "EvalActionName": action,
        # AWS has the type's ARN format here.
        "EvalResourceName": "*",
        "EvalDecision": "allowed" if "allowed" in decisions.values() else first,
        "ResourceSpecificResults": [
            {"EvalResourceName": resource, "EvalResourceDecision": decision}
            for resource, decision in decisions.items()
        ],
    }


def _identity_statements(arn: str) -> list[Statement]:
    if arn.endswith(_ADMINISTRATOR):
        return [ALLOW_ALL]
    try:
        return [*statements_of(arn)]
    except NoSuchRoleError as error:
        raise CallRefusedError("NoSuchEntity", f"The role with arn {arn} cannot be found.", 404) from error
