"""Service-managed stack sets: one template into every member account, also into later ones.

And what CloudFormation says of them, and of the stacks deployed here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded_aws.calls import Call, CallRefusedError
from embedded_aws.cloudformation.resource import (
    Created,
    Creator,
    Resource,
    StackArtifact,
    TemplateError,
    expect,
)
from embedded_aws.organizations.state import OrganizationState

_NO_DELEGATE = (
    "You must be the management account or delegated admin account of an organization"
    " before operating a SERVICE_MANAGED stack set"
)


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
                        name=f"StackSet-{stack_set.name}",
                        account=place.account,
                        region=place.region,
                        template=stack_set.template,
                        parameters=stack_set.parameters,
                    )
                    self._deploy(instance)


class StackAnswers:
    """Answers for what the deployment made; other stacks are moto's."""

    def __init__(
        self, stacks: Sequence[tuple[StackArtifact, Mapping[str, Any]]], stack_sets: StackSets
    ) -> None:
        """Tell of these, each with what describes it, as they are when a client asks."""
        self._stacks = stacks
        self._stack_sets = stack_sets

    def answer(self, call: Call) -> dict[str, Any] | None:
        """Answer or refuse a call; None when it is moto's to answer."""
        answerer = self._OPERATIONS.get(call.operation)
        return answerer(self, call) if answerer else None

    def _describe_stacks(self, call: Call) -> dict[str, Any] | None:
        name, place = call.parameters.get("StackName"), (call.account, call.region)
        here = [
            described
            for stack, described in self._stacks
            if (stack.account, stack.region) == place and name in (None, stack.name, stack.stack_id)
        ]
        return {"Stacks": here} if here else None

    def _describe_stack_set(self, call: Call) -> dict[str, Any]:
        found = self._stack_set(call)
        return {
            "StackSet": {
                "StackSetName": found.name,
                "StackSetId": found.name,
                "Status": "ACTIVE",
                "PermissionModel": "SERVICE_MANAGED",
                "Parameters": found.parameters,
                "Tags": {},
                "AutoDeployment": {"Enabled": found.automatic},
                "OrganizationalUnitIds": _once(u for t in found.targets for u in t.organizational_units),
                # Not those of its targets: AWS names the Regions in which there are instances.
                "Regions": _once(instance.region for instance in self._stack_sets.instances(found)),
            }
        }

    def _list_stack_instances(self, call: Call) -> dict[str, Any]:
        found = self._stack_set(call)
        wanted = (call.parameters.get("StackInstanceAccount"), call.parameters.get("StackInstanceRegion"))
        return {
            "Summaries": [
                {
                    "StackSetId": found.name,
                    "Account": instance.account,
                    "Region": instance.region,
                    "OrganizationalUnitId": instance.organizational_unit,
                    "Status": "CURRENT",
                    "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
                }
                for instance in self._stack_sets.instances(found)
                if wanted[0] in (None, instance.account) and wanted[1] in (None, instance.region)
            ]
        }

    def _stack_set(self, call: Call) -> StackSet:
        name = call.parameters["StackSetName"]
        if call.parameters.get("CallAs") == "DELEGATED_ADMIN":
            # Nobody registers a delegated administrator of stack sets here.
            raise CallRefusedError("ValidationError", _NO_DELEGATE)
        for stack_set in self._stack_sets.of(call.account, call.region):
            if stack_set.name == name:
                return stack_set
        raise CallRefusedError("StackSetNotFoundException", f"StackSet {name} not found", 404)

    _OPERATIONS: Mapping[str, Callable[..., dict[str, Any] | None]] = {
        "DescribeStacks": _describe_stacks,
        "DescribeStackSet": _describe_stack_set,
        "ListStackInstances": _list_stack_instances,
    }


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


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
