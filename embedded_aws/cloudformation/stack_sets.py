"""Service-managed stack sets: one template into every member account, also into later ones."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded_aws.cloudformation.resource import (
    Created,
    Creator,
    Resource,
    StackArtifact,
    TemplateError,
    expect,
)
from embedded_aws.organizations.state import OrganizationState


@dataclass(frozen=True, kw_only=True)
class Target:
    """Organizational units (or the root) and the Regions to deploy to there."""

    organizational_units: tuple[str, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StackSet:
    """One template and where it goes."""

    name: str
    template: Mapping[str, Any]
    targets: tuple[Target, ...]
    parameters: Mapping[str, str]
    automatic: bool

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> "StackSet":
        """Read the resource's properties; only the service-managed kind is known."""
        if properties.get("PermissionModel") != "SERVICE_MANAGED":
            raise TemplateError("only stack sets with PermissionModel SERVICE_MANAGED are known")
        return cls(
            name=properties["StackSetName"],
            template=json.loads(properties["TemplateBody"]),
            targets=tuple(_target(group) for group in properties.get("StackInstancesGroup", [])),
            parameters={
                parameter["ParameterKey"]: parameter["ParameterValue"]
                for parameter in properties.get("Parameters", [])
            },
            automatic=properties.get("AutoDeployment", {}).get("Enabled", False),
        )

    @property
    def instance_name(self) -> str:
        """The name of each stack that is made of the template."""
        return f"StackSet-{self.name}"

    def places(self, account: str, path: Sequence[str]) -> Iterator["StackInstance"]:
        """Each Region a member account gets the template in, and the unit it is reached by."""
        for target in self.targets:
            reached_by = [unit for unit in target.organizational_units if unit in path]
            if reached_by:
                for region in target.regions:
                    yield StackInstance(account=account, region=region, organizational_unit=reached_by[0])


@dataclass(frozen=True, kw_only=True)
class StackInstance:
    """A stack set's template in one account and Region."""

    account: str
    region: str
    organizational_unit: str


class StackSets:
    """Every stack set, and which accounts already have its template."""

    def __init__(self, state: OrganizationState, deploy: Callable[[StackArtifact], None]) -> None:
        """Deploy to the organization's accounts, but never to its management account."""
        self._state = state
        self._deploy = deploy
        self._sets: list[tuple[StackSet, StackArtifact]] = []
        self._done: dict[tuple[str, str, str], StackInstance] = {}
        self._is_activated = False

    def activate(self) -> None:
        """Let stack sets reach the organization's accounts."""
        self._is_activated = True

    def add(self, stack_set: StackSet, stack: StackArtifact) -> None:
        """Deploy a stack set of `stack` to the accounts there are."""
        if not self._is_activated:
            raise TemplateError("You must enable organizations access to operate a service managed stack set")
        self._sets.append((stack_set, stack))
        self._deploy_to_missing(stack_set)

    def of(self, account: str, region: str) -> list[StackSet]:
        """Return the stack sets created in an account and Region."""
        return [each for each, stack in self._sets if (stack.account, stack.region) == (account, region)]

    def instances(self, stack_set: StackSet) -> list[StackInstance]:
        """Return where a stack set has been deployed to."""
        return [instance for (name, *_), instance in list(self._done.items()) if name == stack_set.name]

    def catch_up(self) -> None:
        """Deploy to accounts that joined since; only automatic stack sets do."""
        for stack_set, _ in self._sets:
            if stack_set.automatic:
                self._deploy_to_missing(stack_set)

    def _deploy_to_missing(self, stack_set: StackSet) -> None:
        for member in list(self._state.records.accounts):
            # AWS cannot deploy into a suspended account.
            if member.id == self._state.management_account_id or member.state != "ACTIVE":
                continue
            for place in stack_set.places(member.id, self._state.path(member).split("/")[1:-2]):
                key = (stack_set.name, place.account, place.region)
                if key not in self._done:
                    self._done[key] = place
                    instance = StackArtifact(
                        name=stack_set.instance_name,
                        account=place.account,
                        region=place.region,
                        template=stack_set.template,
                        parameters=stack_set.parameters,
                    )
                    self._deploy(instance)


def _target(group: Mapping[str, Any]) -> Target:
    where = group["DeploymentTargets"]
    expect("DeploymentTargets", where, {"OrganizationalUnitIds"})
    return Target(organizational_units=tuple(where["OrganizationalUnitIds"]), regions=tuple(group["Regions"]))


def _stack_set(resource: Resource) -> Created:
    resource.expect(
        *("AutoDeployment", "CallAs", "Capabilities", "Description", "ManagedExecution", "Parameters"),
        *("OperationPreferences", "PermissionModel", "StackInstancesGroup", "StackSetName", "TemplateBody"),
    )
    stack_set = StackSet.from_properties(resource.properties)
    resource.deployment.stack_sets.add(stack_set, resource.stack)
    return Created(reference=stack_set.name, attributes={"StackSetId": stack_set.name})


CREATORS: dict[str, Creator] = {"AWS::CloudFormation::StackSet": _stack_set}
