"""What is deployed, as policies see it: roles with their statements, and the policies of resources."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded_aws.cloudformation.resource import Created, Resource
from embedded_aws.iam.policy_evaluation import Statement
from embedded_aws.iam.roles import statements_of

_SUFFIX = re.compile(r"[0-9A-F]{8}$")
# One template each, deployed many times: where it is deployed is not what it may.
_FAMILIES = ("RootWardenForwarding", "StackSet")
Policy = Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Role:
    """One role: its name as people know it, the stack it is of, what it may do and who may take it."""

    arn: str
    name: str
    stack: str
    statements: Sequence[Statement]
    trust: Policy


class Deployed:
    """Every resource of every stack, and what is looked up in them."""

    def __init__(self, resources: Sequence[tuple[Resource, Created]]) -> None:
        """Take what the embedded AWS deployed."""
        self._resources = resources
        self.policies: dict[str, Policy] = {}
        self.keys: dict[str, str] = {}
        self._note_policies()
        self.roles = {role.arn: role for role in map(self._role, self.of_type("AWS::IAM::Role"))}

    def of_type(self, kind: str) -> list[tuple[Resource, Created]]:
        """Return the resources of one type."""
        return [(resource, created) for resource, created in self._resources if resource.type == kind]

    def role(self, name: str) -> Role:
        """Return a role by its name; raises LookupError."""
        found = next((role for role in self.roles.values() if role.name == name), None)
        if found is None:
            raise LookupError(f"no role {name} is deployed")
        return found

    def _note_policies(self) -> None:
        addresses = {created.reference: arn_of(created) for resource, created in self._resources}
        for resource, created in self._resources:
            properties, arn = resource.properties, arn_of(created)
            for owners in ("Queues", "Topics"):
                for owner in properties.get(owners, ()):
                    self.policies[addresses.get(owner, owner)] = properties["PolicyDocument"]
            match resource.type:
                case "AWS::KMS::Key":
                    self.policies[arn] = properties["KeyPolicy"]
                case "AWS::Events::EventBus":
                    self.policies[arn] = properties.get("Policy")
                case "AWS::S3::BucketPolicy":
                    self.policies[addresses[properties["Bucket"]]] = properties["PolicyDocument"]
                case _ if key := properties.get("KmsMasterKeyId"):
                    self.keys[arn] = addresses.get(key, key)

    def _role(self, found: tuple[Resource, Created]) -> Role:
        resource, created = found
        arn = arn_of(created)
        return Role(
            arn=arn,
            name=self._name_of(arn, resource),
            stack=stack_of(resource),
            statements=statements_of(arn),
            trust=resource.properties["AssumeRolePolicyDocument"],
        )

    def _name_of(self, arn: str, resource: Resource) -> str:
        """Return the function's name for a function's role, else what the template calls it."""
        for function, _ in self.of_type("AWS::Lambda::Function"):
            handler = str(function.properties["Handler"])
            if function.properties["Role"] == arn and handler.startswith("lambdas."):
                return handler.split(".")[1]
        return plain(resource.logical_id)


def plain(logical_id: str) -> str:
    """Return a logical id as its author wrote it."""
    return _SUFFIX.sub("", logical_id)


def stack_of(resource: Resource) -> str:
    """Return the name of a resource's stack; of a family of stacks, the family's."""
    name = resource.stack.name
    return next((family for family in _FAMILIES if name.startswith(family)), name)


def arn_of(created: Created) -> str:
    """Return a resource's ARN, or its reference where it has none."""
    attributes = created.attributes
    return str(attributes.get("Arn") or attributes.get("TopicArn") or created.reference)
